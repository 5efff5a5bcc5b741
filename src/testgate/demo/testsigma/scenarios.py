"""What a simulator plays, as data: plans, their tests, and faults. No vendor's shapes, no clock."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from testgate.demo.exchange import RawReply as RawReply
from testgate.demo.faults import Fault as Fault

PLAN_ID = 274

ABSENT: Final = object()
"""As the value of an override: the field is left out of the answer."""


BUSY_PLAN: Final = (
    "The specified Test Plan is currently running. Please wait until the current Test Plan is complete. "
    "More details - https://testsigma.com/docs/"
)
BUSY_OTHER: Final = "Another test plan is already in progress"


class Iteration(NamedTuple):
    """One data set of a data-driven test, and the platform's word for its result.

    `later` are the words in the reruns, the last one for all that follow; without it, an iteration
    passes when its test does, and else ends as before.
    """

    name: str
    word: str = "SUCCESS"
    later: tuple[str, ...] = ()


class Test(NamedTuple):
    """One test of a plan. `word` is its result in the platform's words, at its end.

    `seconds` is the duration that is told; None tells none, and takes no time. `later` and
    `later_messages` are the words and messages in the first rerun, the second and so on, the last
    one for all that follow; empty means as before, without a message once it passes. `step` is what
    the failing step was to do; "" makes one of the message.
    """

    name: str
    word: str = "SUCCESS"
    message: str | None = None
    seconds: float | None = 1.0
    suite: str = "Suite"
    machine: str = "Machine"
    iterations: tuple[Iteration, ...] = ()
    case_id: int | None = None
    later: tuple[str, ...] = ()
    later_messages: tuple[str | None, ...] = ()
    step: str = ""


class Plan(NamedTuple):
    """What one test plan does when it is run.

    Times are simulated seconds: as `created`, as `queued`, then `running`; None makes it run as
    long as its tests need, one after another on each machine, machines side by side. With a
    number, tests end in proportion; infinity never ends. `result` None follows from the tests.

    `at_start`, `meanwhile` and `at_end` lay fields over the trigger's answer, over the run until
    it ends, and over the ended run. `consolidated` adds the fields of a plan that reruns by itself:
    they say completed so many seconds after the run's own end. `listed` cuts the lists of tests.

    `automatic_reruns` is how often the platform itself reruns what failed, each time `automatic_gap`
    after the end. In reruns of any kind all times hold, `rerun_running` in the place of
    `running` where it is given; `result`, `listed` and the fields laid over do not.

    A stop takes effect after `stop_takes`; infinity ignores it. The first `busy` triggers, those
    of the first `busy_seconds` since the first one, and with `exclusive` those during a run of this
    plan are answered with `busy_text` and start nothing.
    """

    name: str = "Web shop: nightly regression"
    tests: tuple[Test, ...] = ()
    created: float = 0.3
    queued: float = 0.7
    running: float | None = None
    result: str | None = None
    at_start: Mapping[str, object] = {}
    meanwhile: Mapping[str, object] = {}
    at_end: Mapping[str, object] = {}
    consolidated: float | None = None
    consolidated_result: str | None = None
    listed: int | None = None
    automatic_reruns: int = 0
    automatic_gap: float = 0.3
    rerun_running: float | None = None
    stop_takes: float = 0.2
    busy: int = 0
    busy_seconds: float = 0.0
    exclusive: bool = False
    busy_text: str = BUSY_PLAN


class Scenario(NamedTuple):
    """Everything that one simulator plays.

    `strangers` are results of other runs that the query for test case results answers too: a
    platform that ignores its filter. `others` is how many endless runs of other people there are
    from the start, all of the first plan. `environments` and `configs` are the names of what
    exists besides plans, by id. `date_shift_seconds` is by how much the server's clock, as every
    answer's `Date` tells it, is ahead.
    """

    plans: Mapping[int, Plan]
    faults: tuple[Fault, ...] = ()
    strangers: tuple[Test, ...] = ()
    others: int = 0
    environments: Mapping[int, str] = {12: "Staging"}
    configs: Mapping[int, str] = {2: "Smoke"}
    date_shift_seconds: float = 0.0


def one_plan(
    plan: Plan, *faults: Fault, plan_id: int = PLAN_ID, strangers: tuple[Test, ...] = (), others: int = 0
) -> Scenario:
    """A scenario with one plan."""
    return Scenario({plan_id: plan}, faults, strangers, others)
