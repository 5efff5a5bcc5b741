"""Scenarios of the simulated Testsigma, as data: plans, their tests, and faults."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from testgate.demo.exchange import RawReply as RawReply
from testgate.demo.faults import Fault as Fault
from testgate.demo.scenarios import ABSENT as ABSENT

PLAN_ID = 274

BUSY_PLAN: Final = (
    "The specified Test Plan is currently running. Please wait until the current Test Plan is complete. "
    "More details - https://testsigma.com/docs/"
)
BUSY_OTHER: Final = "Another test plan is already in progress"


class Iteration(NamedTuple):
    """One data set of a data-driven test. `word` is its result, in the vendor's words.

    `later` holds the results in reruns; the last one repeats. Without it, the iteration passes when
    its test passes, and otherwise ends as before.
    """

    name: str
    word: str = "SUCCESS"
    later: tuple[str, ...] = ()


class Test(NamedTuple):
    """One test of a plan. `word` is its result, in the vendor's words.

    `seconds` is the reported duration; None reports none, and the test takes no time. `later` and
    `later_messages` hold the results and messages in the first rerun, the second and so on; the
    last one repeats. If empty, the test ends as before, without a message once it passes. `step` is
    the action of the failing step; "" derives it from the message.
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
    """A test plan, and how its runs go.

    Times are in simulated seconds. A run is `created`, then `queued`, then `running`. By default it
    runs as long as its tests need: one after another on each machine, machines in parallel. With a
    number, the tests are stretched in proportion; with infinity, the run never ends. By default
    `result` follows from the tests.

    `at_start`, `meanwhile` and `at_end` override fields of the reply to the trigger, of an
    unfinished run, and of a finished run. `consolidated` adds the fields of a plan that reruns by
    itself: they report the end that many seconds after the run's own, with `consolidated_result`.
    `listed` truncates the lists of tests.

    `automatic_reruns` is how often the platform reruns failed tests by itself, each time
    `automatic_gap` after the end of the last attempt. Reruns of any kind take as long as the first
    run, or `rerun_running` instead of `running`; `result`, `listed` and overrides don't apply.

    A stop takes effect after `stop_takes`; infinity ignores stops. Triggers are rejected with
    `busy_text` if they are among the first `busy`, within `busy_seconds` of the first one, or, with
    `exclusive`, while the plan has an unfinished run.

    The platform gives up the first `aborted` runs: they end with `aborted_word`, and none of their tests is executed.
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
    aborted: int = 0
    aborted_word: str = "ABORTED"


class Habits(NamedTuple):
    """What the platform does with uploads; times in simulated seconds.

    An upload is taken in after `upload_takes`, with `upload_word`, and its version is listed after
    `versions_listed_after`. The list's ids are off by `versions_shifted`, and its files lack `bytes_lost`.
    """

    upload_takes: float = 0.0
    upload_word: str = "SUCCESS"
    versions_listed_after: float = 0.0
    versions_shifted: int = 0
    bytes_lost: int = 0


class Scenario(NamedTuple):
    """The data behind one simulator; `plans` by id.

    `strangers` are results of other runs that the query for test case results returns too, as a
    platform does that ignores its filter. `others` is the number of other people's runs: they exist
    from the start, never end, and belong to the first plan. `environments` and `configs` are names
    by id. `date_shift_seconds` is how far the `Date` header of every reply is ahead. `habits` are about uploads.
    """

    plans: Mapping[int, Plan]
    faults: tuple[Fault, ...] = ()
    strangers: tuple[Test, ...] = ()
    others: int = 0
    environments: Mapping[int, str] = {12: "Staging"}
    configs: Mapping[int, str] = {2: "Smoke"}
    date_shift_seconds: float = 0.0
    habits: Habits = Habits()


def one_plan(
    plan: Plan, *faults: Fault, plan_id: int = PLAN_ID, strangers: tuple[Test, ...] = (), others: int = 0
) -> Scenario:
    """A scenario with one plan."""
    return Scenario({plan_id: plan}, faults, strangers, others)
