"""The simulated Testsigma Test Management: its routes, and the test runs that were created.

It is a separate system with its own address and key. The vendor documents only the creation of a
test run. The rest follows what others have observed; `Shapes` and `Scenario` select among the
variants where nobody knows.
"""

import re
from collections import deque

from testgate.demo.exchange import RawReply, Recorded, Refusal, first_of, json_reply
from testgate.demo.management.forms import form_fields
from testgate.demo.management.replies import cases_page, enveloped, not_found, refused
from testgate.demo.management.runs import SimulatedTestRun, case_rows, new_run, run_answer, with_results
from testgate.demo.management.scenarios import Limits, Scenario
from testgate.demo.management.validation import creation_body, new_status, result_rows
from testgate.demo.vendor import EPOCH_SECONDS, Call, Router, VendorApp

BASE = "/api/v1"
KEY = "demo-management-key"

_TOO_MANY = 429
_RATE_EXCEEDED = "rate limit exceeded"


class Management(VendorApp[Scenario]):
    """The simulated system, with the test runs that it has created."""

    base = BASE

    def __init__(self, scenario: Scenario, *, key: str = KEY, epoch_seconds: float = EPOCH_SECONDS) -> None:
        super().__init__(scenario, key=key, epoch_seconds=epoch_seconds)
        self._router = _router(scenario.project)
        self._rate = _Rate(scenario.limits)
        self._created: dict[str, SimulatedTestRun] = {}

    @property
    def runs(self) -> tuple[SimulatedTestRun, ...]:
        """The test runs that were created, oldest first, with the results recorded in them."""
        return tuple(self._created.values())

    def handle(self, request: Recorded, now: float) -> RawReply:
        """The reply to a request; the key is checked first, then the rate of requests."""
        self.check_key(request, refused(401, "Unauthorized"))
        self._rate.count(now)
        handler, call = self._router.find(request, now)
        return handler(self, call)

    def create(self, call: Call) -> RawReply:
        """Create a test run."""
        body = creation_body(call.request.body, self._scenario.project)
        return self._keep(new_run(self._scenario, body, len(self._created) + 1, call.now, self._epoch))

    def run(self, call: Call) -> RawReply:
        """One test run."""
        return self._run_reply(self._run(call))

    def change(self, call: Call) -> RawReply:
        """Close a test run, or open it again."""
        run = self._run(call)
        return self._keep(run._replace(status=new_status(call.request.body), updated_at=self._seconds(call)))

    def cases(self, call: Call) -> RawReply:
        """A page of a test run's cases."""
        run = self._run(call)
        rows = case_rows(run, self._scenario.statuses)
        return cases_page(rows, call.request.query, run.id, self._scenario.limits, self._scenario.shapes)

    def record(self, call: Call) -> RawReply:
        """Record results; the reply lists the cases they belong to."""
        run = self._run(call)
        rows = result_rows(form_fields(call.request))
        changed = with_results(run, rows, self._scenario, self._seconds(call))
        self._created[run.id] = changed
        wanted = {row["test_case_id"] for row in rows}
        touched = changed._replace(cases=tuple(case for case in changed.cases if case.id in wanted))
        return enveloped({"test_run_cases": case_rows(touched, self._scenario.statuses)})

    def statuses(self, _: Call) -> RawReply:
        """The statuses that a case can have."""
        rows = [status._asdict() for status in self._scenario.statuses]
        shape = self._scenario.shapes.statuses
        if shape == "bare":
            return json_reply(rows)
        return enveloped(rows if shape == "data" else {shape: rows})

    def _run(self, call: Call) -> SimulatedTestRun:
        """The test run that the path names."""
        return first_of((run for run in self.runs if run.id == call.parameters["run"]), not_found())

    def _keep(self, run: SimulatedTestRun) -> RawReply:
        """Add a test run, or replace it with its new state."""
        self._created[run.id] = run
        return self._run_reply(run)

    def _run_reply(self, run: SimulatedTestRun) -> RawReply:
        """The reply with a test run."""
        return enveloped({"test_run": run_answer(run, self._scenario.project)})

    def _seconds(self, call: Call) -> int:
        """The wall clock at a call, in seconds."""
        return int(self._epoch + call.now)


class _Rate:
    """Counts the requests of the last second."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._times: deque[float] = deque()

    def count(self, now: float) -> None:
        """Count a request.

        Raises:
            Refusal: there were too many; this one is counted nevertheless.

        """
        self._times.append(now)
        while self._times[0] <= now - 1:
            self._times.popleft()
        if len(self._times) > self._limits.per_second:
            raise self._refusal()

    def _refusal(self) -> Refusal:
        """The refusal of one request too many."""
        if self._limits.rate_status != _TOO_MANY:
            return Refusal(json_reply({"message": _RATE_EXCEEDED}, self._limits.rate_status))
        after = self._limits.retry_after_seconds
        headers = {} if after is None else {"Retry-After": str(after)}
        return Refusal(refused(_TOO_MANY, _RATE_EXCEEDED).reply._replace(headers=headers))


def _router(project: str) -> Router[Management]:
    """The routes for one project; other projects don't exist."""
    runs = f"{BASE}/projects/{re.escape(project)}/test_runs"
    run = f"{runs}/(?P<run>[^/]+)"
    return Router(
        (
            ("POST", runs, Management.create),
            ("GET", run, Management.run),
            ("PUT", run, Management.change),
            ("GET", f"{run}/test_cases", Management.cases),
            ("PUT", f"{run}/test_cases", Management.record),
            ("GET", f"{BASE}/test_runs/statuses", Management.statuses),
        ),
        not_found=not_found().reply,
        not_allowed=refused(405, "Method Not Allowed").reply,
    )
