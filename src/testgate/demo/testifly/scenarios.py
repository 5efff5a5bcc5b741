"""Scenarios of the simulated Testifly, as data: tests, features, suites, how jobs go, and faults."""

from collections.abc import Mapping
from math import inf
from typing import Literal, NamedTuple

from testgate.demo.faults import Fault as Fault
from testgate.demo.scenarios import ABSENT as ABSENT

PROJECT_ID = "67f8cb3fe236b8d41b7700ac"
FEATURE_ID = "67f8cc02e236b8d41b7700b4"


class Test(NamedTuple):
    """One test. `status` is its result, in the vendor's words; `error` is a text or an object.

    `seconds` is the reported duration; None is a test that never begins, and takes no time.
    `timeline` holds the items reported at the end; None makes steps up. `fields` override those of
    the finished test in the report. `later` and `later_errors` hold the results and errors when the
    test is started again by the id of a result: the first time, the second and so on; the last one
    repeats. If empty, the test ends as before, without an error once it passes. Tests with the same
    title are the same test, unless they have an `own_id`.
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
    """How a job goes. Times are in simulated seconds.

    A job is `pending`, then waits `agent` for its agent if it names one or if `agent_always` is
    set, then runs for `running`. By default it runs as long as its tests need, one after another.
    With a number, the tests are stretched in proportion; with infinity, the job never ends. By
    default `status` follows from the tests.

    The id of the run is reported `run_after` the job starts to run; infinity means never. The first
    `missing_polls` requests for a job by its id don't find it. The report is `report_lag` behind the
    job. At the end it lists the first `listed` tests, and `counts` override its counts. `steps` is
    the form of the items in timelines. `meanwhile` and `at_end` override fields of the unfinished
    and of the completed report.
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
    """A feature or a test suite. Without its own `how`, its jobs use the scenario's."""

    title: str
    tests: tuple[Test, ...] = ()
    how: How | None = None


class Already(NamedTuple):
    """The reply to a start whose selection is already queued: field and text, HTTP status, job id.

    With `while_running`, a job blocks its selection until it has ended, not just until it runs.
    """

    field: Literal["scheduleStatus", "error", "message"] = "scheduleStatus"
    text: str = "AlreadyExists"
    status: int = 200
    with_job: bool = True
    while_running: bool = False


class Other(NamedTuple):
    """Somebody else's job, which exists from the start: pending for `queued` seconds, then running.

    `selects` is the id of the feature, suite or test that it runs. The job also blocks the
    selection of the ids in `covers`.
    """

    selects: str
    queued: float = inf
    covers: tuple[str, ...] = ()


class Scenario(NamedTuple):
    """The data behind one simulator; features and suites by id.

    `how` applies to groups without one and to single tests, `again` to lists of tests. Starts by
    the ids of results are `accepted`, `refused`, or `retitled`: accepted, but reported under other
    titles. `date_shift_seconds` is how far the `Date` header of every reply is ahead.
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
