"""What a simulator plays, as data: plans, their tests, and faults. No vendor's shapes, no clock."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from testgate.demo.exchange import RawReply as RawReply
from testgate.demo.faults import Fault as Fault

PLAN_ID = 274

ABSENT: Final = object()
"""As the value of an override: the field is left out of the answer."""


class Iteration(NamedTuple):
    """One data set of a data-driven test, and the platform's word for its result."""

    name: str
    word: str = "SUCCESS"


class Test(NamedTuple):
    """One test of a plan. `word` is its result in the platform's words, at its end.

    `seconds` is the duration that is told; None tells none, and takes no time.
    """

    name: str
    word: str = "SUCCESS"
    message: str | None = None
    seconds: float | None = 1.0
    suite: str = "Suite"
    machine: str = "Machine"
    iterations: tuple[Iteration, ...] = ()
    case_id: int | None = None


class Plan(NamedTuple):
    """What one test plan does when it is run.

    Times are simulated seconds: as `created`, as `queued`, then `running`; None makes it run as
    long as its tests need, one after another on each machine, machines side by side. With a
    number, tests end in proportion; infinity never ends. `result` None follows from the tests.

    `at_start`, `meanwhile` and `at_end` lay fields over the trigger's answer, over the run until
    it ends, and over the ended run. `consolidated` adds the fields of a plan that reruns by itself:
    they say completed so many seconds after the run's own end. `listed` cuts the lists of tests.
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


class Scenario(NamedTuple):
    """Everything that one simulator plays.

    `strangers` are results of other runs that the query for test case results answers too: a
    platform that ignores its filter.
    """

    plans: Mapping[int, Plan]
    faults: tuple[Fault, ...] = ()
    strangers: tuple[Test, ...] = ()


def one_plan(plan: Plan, *faults: Fault, plan_id: int = PLAN_ID, strangers: tuple[Test, ...] = ()) -> Scenario:
    """A scenario with one plan."""
    return Scenario({plan_id: plan}, faults, strangers)
