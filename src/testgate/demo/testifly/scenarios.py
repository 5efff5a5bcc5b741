"""What the simulated Testifly plays, as data: tests, features, suites, how jobs go, and faults. No clock."""

from collections.abc import Mapping
from math import inf
from typing import Literal, NamedTuple

from testgate.demo.faults import Fault as Fault
from testgate.demo.testsigma.scenarios import ABSENT as ABSENT

PROJECT_ID = "67f8cb3fe236b8d41b7700ac"
FEATURE_ID = "67f8cc02e236b8d41b7700b4"


class Test(NamedTuple):
    """One test. `status` is the platform's word at its end, `error` what went wrong: text or an object.

    `seconds` is the duration that is told; None is a test that never begins, and takes no time.
    `timeline` are its items as they are told at the end; None makes steps up. `fields` are laid over
    the ended test in the report. `later` and `later_errors` are the words and errors when it is
    started again by the id of a result: the first time, the second and so on, the last one for all
    that follow; empty means as before, without an error once it passes. Tests of one title are one
    test, unless they have an `own_id`.
    """

    title: str
    status: str = "Passed"
    error: object = None
    seconds: float | None = 1.0
    video: bool = True
    timeline: tuple[object, ...] | None = None
    fields: Mapping[str, object] = {}
    later: tuple[str, ...] = ()
    later_errors: tuple[object, ...] = ()
    own_id: str = ""


class How(NamedTuple):
    """How a job goes. Times are simulated seconds, and infinity never ends.

    First `pending`; then `agent` until the agent is connected, for jobs that name one and with
    `agent_always` for all; then `running`, None for as long as the tests need, one after another.
    With a number, tests end in proportion. `status` None follows from the tests.

    The id of the run is told `run_after` the job is in progress, infinity for never. The first
    `missing_polls` questions for a job by its id do not find it. The report is `report_lag` behind
    the job. At the end it lists the first `listed` tests, and `counts` are laid over its counts.
    `steps` is what timelines are made of. `meanwhile` and `at_end` lay fields over the report until
    it has completed, and then.
    """

    pending: float = 0.3
    agent: float = 0.5
    agent_always: bool = False
    running: float | None = None
    status: str | None = None
    run_after: float = 0.0
    missing_polls: int = 0
    report_lag: float = 0.0
    listed: int | None = None
    counts: Mapping[str, int] = {}
    steps: Literal["objects", "strings", "none"] = "objects"
    meanwhile: Mapping[str, object] = {}
    at_end: Mapping[str, object] = {}


class Group(NamedTuple):
    """A feature or a test suite. Without a `how` of its own, its jobs go like the scenario's."""

    title: str
    tests: tuple[Test, ...] = ()
    how: How | None = None


class Already(NamedTuple):
    """How it is told that the same selection is queued already: the field and its text, HTTP status, job id.

    With `while_running` this is so until the job has ended, and not only until it begins.
    """

    field: Literal["scheduleStatus", "error", "message"] = "scheduleStatus"
    text: str = "AlreadyExists"
    status: int = 200
    with_job: bool = True
    while_running: bool = False


class Other(NamedTuple):
    """A job of somebody else, there from the start: pending for `queued` seconds, then it runs.

    `selects` is what it runs: the id of a feature, suite or test. Starts of the ids in `covers` are
    told that this job exists already, too.
    """

    selects: str
    queued: float = inf
    covers: tuple[str, ...] = ()


class Scenario(NamedTuple):
    """Everything that one simulator plays: features and suites by id.

    `how` is for groups without one and for single tests, `again` for lists of tests. `results` says
    what becomes of starts by ids of results: they are `accepted`, `refused`, or `retitled`, where
    their report has other titles. `date_shift_seconds` is by how much the server's clock is ahead.
    """

    features: Mapping[str, Group] = {}
    suites: Mapping[str, Group] = {}
    how: How = How()
    again: How = How()
    already: Already = Already()
    others: tuple[Other, ...] = ()
    results: Literal["accepted", "refused", "retitled"] = "accepted"
    faults: tuple[Fault, ...] = ()
    project: str = PROJECT_ID
    date_shift_seconds: float = 0.0


def one_feature(*tests: Test, how: How | None = None, faults: tuple[Fault, ...] = ()) -> Scenario:
    """A scenario with one feature."""
    return Scenario({FEATURE_ID: Group("Checkout", tests)}, how=how or How(), faults=faults)
