"""Scenarios of the simulated Testsigma Test Management, as data: a project, its cases, limits, and faults."""

import uuid
from typing import Literal, NamedTuple

from testgate.demo.faults import Fault

PROJECT_ID = "0d3c1f5e-8f0b-4a52-9a3e-5f2b7c6d1e90"
NAMES = ("Passed", "Failed", "Blocked", "Skipped", "UnTested", "In Progress")
UNTESTED = "UnTested"

_IDS = uuid.UUID("6f1de9b2-35f4-4f0e-8a39-2f6f4b1a7c55")


class Case(NamedTuple):
    """A test case of the project."""

    id: str
    human_id: str
    title: str


class Status(NamedTuple):
    """A status that a case can have in a test run. A numeric id is also accepted as text."""

    id: str | int
    name: str


class Limits(NamedTuple):
    """How much the system accepts.

    More than `per_second` requests within a second, refused ones included, are refused with
    `rate_status`; a 429 carries `retry_after_seconds` if that is given. More than `cases_per_call`
    results in one call are refused with `call_status`. Pages have `page_size` rows unless the
    request says otherwise, and never more than `largest_page`.
    """

    per_second: float = 10
    rate_status: Literal[500, 429] = 500
    retry_after_seconds: int | None = None
    cases_per_call: int | None = None
    call_status: Literal[400, 413] = 400
    page_size: int = 20
    largest_page: int = 100


class Shapes(NamedTuple):
    """The shape of replies. None of it is published, so clients should accept every variant.

    `statuses` is the key of the list under `data`, or `data` if the list is there itself, or `bare`
    for a list without an envelope. `page_info` is in `data` or at the `top`, beside it. A cursor is
    read from any of the query parameters in `cursor_names`; under another name it is ignored, and
    the reply is the first page again.
    """

    statuses: Literal["statuses", "test_run_statuses", "data", "bare"] = "statuses"
    page_info: Literal["data", "top"] = "data"
    cursor_names: tuple[str, ...] = ("next", "cursor", "page_token", "after")


def made_id(what: str) -> str:
    """An id in the platform's format, always the same for the same thing."""
    return str(uuid.uuid5(_IDS, what))


STATUSES = tuple(Status(made_id(f"status {name}"), name) for name in NAMES)


class Scenario(NamedTuple):
    """The data behind one simulator.

    `strays` decides about results of cases that aren't in the test run. `refused`: the whole call
    is refused. `skipped`: they are ignored and the others recorded. `added`: cases of the project
    join the test run, and the call is refused if any others are left. `prefix` starts human ids.
    `date_shift_seconds` is how far the `Date` header of every reply is ahead.
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
    """Test cases with these titles; their ids follow from their positions."""
    return tuple(Case(made_id(f"case {place}"), f"DEMO-{place}", title) for place, title in enumerate(titles, 1))
