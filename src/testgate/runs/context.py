"""What every workflow of a step shares: the user's options and the parts to work with."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from testgate.edges.journal import Journal
from testgate.model import Conclusion, Run, Target, TestResult
from testgate.ports import Provider
from testgate.results import Policy, RunReport
from testgate.runs.attempts import EarlierAttempt, OnRetry
from testgate.runs.diagnosing import Diagnosis
from testgate.runs.engine import Engine
from testgate.runs.failing import FailFast
from testgate.runs.polling import Poller
from testgate.runs.progress import Progress


class RunOptions(NamedTuple):
    """What the user wants done with each target.

    `stop_at` says whether to stop a run when the step ends with that conclusion. `mark` makes a
    build number that no other run has. `earlier` is what an earlier attempt of the same job began, and `on_retry`
    what to do with it. `expected` says how many seconds a run of a target should take, as far as anybody knows;
    polls come when its end is near. `fail_fast` ends all targets once the step can only be red.
    """

    wait: bool = True
    rerun_failed: int = 0
    retry_aborted: int = 0
    wait_busy: bool = True
    policy: Policy = Policy()
    stop_at: Callable[[Run, Conclusion], bool] = lambda _run, _why: False
    mark: Callable[[], str] = lambda: "testgate"
    on_retry: OnRetry = OnRetry.RUN
    fail_fast: bool = False
    earlier: Callable[[Target], EarlierAttempt | None] = lambda _target: None
    expected: Callable[[Target], float | None] = lambda _target: None


@dataclass(eq=False, repr=False)
class RunContext:
    """What a workflow works with.

    `redact` sees every text from the platform first. `label` adds the quarantine to a test.
    `finished` holds the runs of this step that have ended so far: some limits apply to all runs
    together. `owners` says which target got which run: no run is the answer to two triggers. `sources`
    says which run got its results from where: no results are those of two runs. `recall` adds what
    earlier builds say to a report. `fail_fast` ends the targets early once the step can only be red. `also` takes care
    of a run that a trigger started beside its first.
    """

    provider: Provider
    engine: Engine
    poller: Poller
    journal: Journal
    progress: Progress
    diagnosis: Diagnosis
    redact: Callable[[str], str] = str
    label: Callable[[TestResult], TestResult] = lambda test: test
    finished: dict[Target, RunReport] = field(default_factory=dict)
    owners: dict[str, Target] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    recall: Callable[[RunReport], RunReport] = lambda report: report
    fail_fast: FailFast = field(default_factory=FailFast)
    also: Callable[[Run], None] = lambda _run: None
