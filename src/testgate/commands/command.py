"""What a command declares about itself, and what it gets to work with."""

from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from typing import NamedTuple

from testgate.edges.step import Step
from testgate.gate.assembly import CommandResult
from testgate.gate.quarantine import Quarantine
from testgate.inputs.lookup import Lookup
from testgate.inputs.options import CommonOptions
from testgate.model import Target
from testgate.ports import Provider
from testgate.results import RunReport
from testgate.runs.attempts import EarlierAttempt
from testgate.runs.engine import Engine
from testgate.runs.progress import Progress
from testgate.runs.recording import Recorder
from testgate.wire import Request

MOST_REPORTS = 200  # to merge


class Needs(Enum):
    """The inputs that a command cannot work without, besides the platform's key."""

    SELECTION = "an input that selects what to run"
    RUN_IDS = "run-id"
    NOTHING = "nothing else"
    REPORTS = "the reports of other jobs, and no key of the platform"
    TEST_MANAGEMENT = "the inputs of test management, and no key of the platform"


class CommandContext(NamedTuple):
    """What a command works with. `mark` makes build numbers; `recorder` is None unless results are recorded.

    `recall` adds what earlier builds say to a report. `earlier` is what an earlier attempt of this job began.
    `expected` is how many seconds a target usually takes.
    """

    step: Step
    options: CommonOptions
    provider: Provider
    engine: Engine
    mark: Callable[[], str]
    quarantine: Quarantine = Quarantine()
    recorder: Recorder | None = None
    recall: Callable[[RunReport], RunReport] = lambda report: report
    earlier: Callable[[Target], EarlierAttempt | None] = lambda _target: None
    expected: Callable[[Target], float | None] = lambda _target: None

    def progress(self, *, several: bool) -> Progress:
        """A log of one run, or of several."""
        return Progress(self.step.console, self.step.world.monotonic, several=several)


class Command(NamedTuple):
    """One command.

    `run` carries it out. `requests` are the ones it would send before it knows any answer, for a dry
    run; its last argument makes build numbers. `needs` says which inputs are required. A command that
    `judges` runs reads the quarantine file, and can record results in test management.
    One that `remembers` compares them with earlier builds, one that `combines` repeats the verdicts of other jobs.
    One that `brings` looks at the builds that the inputs name.
    """

    run: Callable[[CommandContext], Awaitable[CommandResult]]
    requests: Callable[[Provider, CommonOptions, Callable[[], str]], Sequence[Request]]
    needs: Callable[[Lookup], Needs]
    judges: bool = False
    remembers: bool = False
    combines: bool = False
    brings: bool = False

    @property
    def has_verdict(self) -> bool:
        """Whether it ends with a verdict on tests, which is worth a comment."""
        return self.judges or self.combines


def first_reads(provider: Provider) -> list[Request]:
    """The first read of each run that the inputs name."""
    return [provider.poll([run]).request for run in provider.attached()]
