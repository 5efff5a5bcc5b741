"""What the simulated Testsigma Test Management plays, as data: a project, its test cases, limits, faults. No clock."""

import uuid
from typing import Literal, NamedTuple

from testgate.demo.faults import Fault as Fault

PROJECT_ID = "0d3c1f5e-8f0b-4a52-9a3e-5f2b7c6d1e90"
NAMES = ("Passed", "Failed", "Blocked", "Skipped", "UnTested", "In Progress")
UNTESTED = "UnTested"

_IDS = uuid.UUID("6f1de9b2-35f4-4f0e-8a39-2f6f4b1a7c55")


class Case(NamedTuple):
    """One test case of the project."""

    id: str
    human_id: str
    title: str


class Status(NamedTuple):
    """One status that a case can have in a test run. Ids that are numbers are accepted as text, too."""

    id: str | int
    name: str


class Limits(NamedTuple):
    """How much the system takes.

    More than `per_second` requests within a second, refused ones included, are answered with
    `rate_status`; a 429 carries `retry_after_seconds` where it is given. More than `cases_per_call`
    results in one call are answered with `call_status`. Pages of cases are `page_size` long unless
    the request says otherwise, and never longer than `largest_page`.
    """

    per_second: float = 10
    rate_status: Literal[500, 429] = 500
    retry_after_seconds: int | None = None
    cases_per_call: int | None = None
    call_status: Literal[400, 413] = 400
    page_size: int = 20
    largest_page: int = 100


class Shapes(NamedTuple):
    """Where answers have what; published nowhere, so that clients should take any.

    `statuses` is the key under `data`, or `data` for a list there, or `bare` for a list alone.
    `page_info` lies in `data` or beside it (`top`). A cursor is read from the query under any of
    `cursor_names`; under another name it is ignored, and the first page comes again.
    """

    statuses: Literal["statuses", "test_run_statuses", "data", "bare"] = "statuses"
    page_info: Literal["data", "top"] = "data"
    cursor_names: tuple[str, ...] = ("next", "cursor", "page_token", "after")


def made_id(what: str) -> str:
    """An id in the form of the platform's, always the same for the same thing."""
    return str(uuid.uuid5(_IDS, what))


STATUSES = tuple(Status(made_id(f"status {name}"), name) for name in NAMES)


class Scenario(NamedTuple):
    """Everything that one simulator plays.

    `strays` is what becomes of results of cases that the test run does not have: the call is
    `refused`, they are `skipped` and the others accepted, or the project's cases are `added` to the
    test run and all others refused. `prefix` begins human ids. `date_shift_seconds` is by how much
    the server's clock is ahead.
    """

    cases: tuple[Case, ...] = ()
    project: str = PROJECT_ID
    statuses: tuple[Status, ...] = STATUSES
    limits: Limits = Limits()
    shapes: Shapes = Shapes()
    strays: Literal["refused", "skipped", "added"] = "refused"
    faults: tuple[Fault, ...] = ()
    prefix: str = "DEMO"
    date_shift_seconds: float = 0.0


def cases_titled(*titles: str) -> tuple[Case, ...]:
    """Test cases with these titles, ids made up by their place."""
    return tuple(Case(made_id(f"case {place}"), f"DEMO-{place}", title) for place, title in enumerate(titles, 1))
