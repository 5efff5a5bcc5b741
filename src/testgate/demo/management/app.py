"""The simulated Testsigma Test Management: routes, what they check, and the test runs that were created.

It is a system of its own, with its own address and key. Only the creation of a test run is documented; the
rest plays what others observed, and where nobody has said how it is, `Shapes` and `Scenario` say what to play.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from testgate.demo.exchange import RawReply, Recorded, Refusal, json_reply
from testgate.demo.management.bodies import check_creation, json_object, new_status
from testgate.demo.management.forms import form_texts
from testgate.demo.management.pages import cases_page
from testgate.demo.management.rate import Rate
from testgate.demo.management.replies import enveloped, not_found, refused
from testgate.demo.management.results import recorded, result_rows
from testgate.demo.management.runs import SimulatedTestRun, case_rows, new_run, run_answer
from testgate.demo.management.scenarios import Scenario

BASE = "/api/v1"
KEY = "demo-management-key"

_EPOCH_SECONDS = 1_776_680_130.0


class Management:
    """The system's behaviour. It is told the time in simulated seconds, and keeps the test runs.

    Calls come one at a time: the server sees to it.
    """

    base = BASE

    def __init__(self, scenario: Scenario, *, key: str = KEY, epoch_seconds: float = _EPOCH_SECONDS) -> None:
        """Take what to play, the key that opens it, and the wall clock's reading at time zero."""
        self.faults = scenario.faults
        self.date_shift_seconds = scenario.date_shift_seconds
        self._scenario = scenario
        self._key = key
        self._epoch = epoch_seconds
        self._rate = Rate(scenario.limits)
        self._created: dict[str, SimulatedTestRun] = {}

    @property
    def runs(self) -> tuple[SimulatedTestRun, ...]:
        """The test runs that were created, with what was recorded in them, the oldest first."""
        return tuple(self._created.values())

    def answer(self, request: Recorded, now: float) -> RawReply:
        """The answer to a request; the key is looked at first, then the number of requests."""
        if request.headers.get("authorization") != f"Bearer {self._key}":
            return refused(401, "Unauthorized")
        try:
            self._rate.count(now)
            return self._routed(request, now)
        except Refusal as refusal:
            return refusal.reply

    def create(self, request: Recorded, now: float, _: str) -> RawReply:
        """Create a test run."""
        body = json_object(request.body)
        check_creation(body, self._scenario.project)
        return self._kept(new_run(self._scenario, body, len(self._created) + 1, now, self._epoch))

    def state(self, _: Recorded, _now: float, run_id: str) -> RawReply:
        """A test run."""
        return self._told(self._find(run_id))

    def change(self, request: Recorded, now: float, run_id: str) -> RawReply:
        """Close a test run, or open it again."""
        run = self._find(run_id)
        status = new_status(json_object(request.body))
        return self._kept(run._replace(status=status, updated_at=self._seconds(now)))

    def cases(self, request: Recorded, _now: float, run_id: str) -> RawReply:
        """A page of a test run's cases."""
        run = self._find(run_id)
        rows = case_rows(run, self._scenario.statuses)
        return cases_page(rows, request.query, run.id, self._scenario.limits, self._scenario.shapes)

    def record(self, request: Recorded, now: float, run_id: str) -> RawReply:
        """Record results, and answer with the rows that they are of."""
        run = self._find(run_id)
        sent = result_rows(form_texts(request))
        changed = recorded(run, sent, self._scenario, self._seconds(now))
        self._created[run.id] = changed
        wanted = {row["test_case_id"] for row in sent}
        touched = changed._replace(cases=tuple(case for case in changed.cases if case.id in wanted))
        return enveloped({"test_run_cases": case_rows(touched, self._scenario.statuses)})

    def statuses(self, _: Recorded, _now: float, _run_id: str) -> RawReply:
        """The statuses that a case can have."""
        rows = [status._asdict() for status in self._scenario.statuses]
        shape = self._scenario.shapes.statuses
        if shape == "bare":
            return json_reply(rows)
        return enveloped(rows if shape == "data" else {shape: rows})

    def _routed(self, request: Recorded, now: float) -> RawReply:
        """What the route of a request answers."""
        fitting = [(route, match) for route in _ROUTES if (match := route.pattern.fullmatch(request.path))]
        for route, match in fitting:
            named = match.groupdict()
            if named.get("project", self._scenario.project) != self._scenario.project:
                raise not_found()
            if route.method == request.method:
                return route.answer(self, request, now, named.get("run", ""))
        raise Refusal(refused(405, "Method Not Allowed")) if fitting else not_found()

    def _find(self, run_id: str) -> SimulatedTestRun:
        """The test run with this id."""
        if run_id not in self._created:
            raise not_found()
        return self._created[run_id]

    def _kept(self, run: SimulatedTestRun) -> RawReply:
        """Keep a test run that is new or changed, and tell it."""
        self._created[run.id] = run
        return self._told(run)

    def _told(self, run: SimulatedTestRun) -> RawReply:
        """A test run as an answer."""
        return enveloped({"test_run": run_answer(run, self._scenario.project)})

    def _seconds(self, now: float) -> int:
        """The wall clock's seconds."""
        return int(self._epoch + now)


class _Route(NamedTuple):
    """A method, a pattern of the path, and what answers it."""

    method: str
    pattern: re.Pattern[str]
    answer: Callable[[Management, Recorded, float, str], RawReply]


_RUNS = f"{BASE}/projects/(?P<project>[^/]+)/test_runs"
_RUN = f"{_RUNS}/(?P<run>[^/]+)"
_ROUTES = tuple(
    _Route(method, re.compile(pattern), answer)
    for method, pattern, answer in (
        ("POST", _RUNS, Management.create),
        ("GET", _RUN, Management.state),
        ("PUT", _RUN, Management.change),
        ("GET", f"{_RUN}/test_cases", Management.cases),
        ("PUT", f"{_RUN}/test_cases", Management.record),
        ("GET", f"{BASE}/test_runs/statuses", Management.statuses),
    )
)
