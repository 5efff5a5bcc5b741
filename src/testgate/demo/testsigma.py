"""The simulated Testsigma: routes, what they check, and the runs that were started.

It plays what is documented: Bearer key, `POST /execution_results`, the run, and both lists of its
tests. What a body says is in `testsigma_answers`, when it says so in `timeline`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from testgate.demo import testsigma_answers as answers
from testgate.demo import timeline
from testgate.demo.exchange import RawReply, Recorded, json_reply, page_reply
from testgate.demo.scenarios import Scenario
from testgate.demo.testsigma_answers import SimulatedRun

BASE = "/api/v1"
KEY = "demo-key"
FIRST_RUN_ID = 337

_EPOCH_SECONDS = 1_700_000_000.0
_PAGE_SIZE = 20
_LARGEST_PAGE = 1000
_FIELDS: Mapping[str, tuple[type, ...]] = {
    "executionId": (int,),
    "environmentId": (int, str),
    "executionConfig": (dict,),
    "uploadVersions": (dict,),
    "buildNo": (str,),
    "runtimeData": (dict,),
}


class _Route(NamedTuple):
    """A method, a pattern of the path below the base, and what answers it."""

    method: str
    pattern: re.Pattern[str]
    answer: Callable[["Testsigma", Recorded, float, Sequence[str]], RawReply]


class Testsigma:
    """The vendor's behaviour. It is told the time in simulated seconds, and keeps the runs.

    Calls come one at a time: the server sees to it.
    """

    base = BASE

    def __init__(self, scenario: Scenario, *, key: str = KEY, epoch_seconds: float = _EPOCH_SECONDS) -> None:
        """Take what to play, the key that opens it, and the wall clock's reading at time zero."""
        self.faults = scenario.faults
        self._scenario = scenario
        self._key = key
        self._epoch = epoch_seconds
        self._runs: list[SimulatedRun] = []

    @property
    def runs(self) -> tuple[SimulatedRun, ...]:
        """The runs that were started, the oldest first."""
        return tuple(self._runs)

    def answer(self, request: Recorded, now: float) -> RawReply:
        """The answer to a request; a trigger starts a run."""
        if not request.path.startswith(BASE + "/"):
            return page_reply(404, "Page not found")
        if request.headers.get("authorization") != f"Bearer {self._key}":
            return RawReply(401, body=b"Full authentication is required to access this resource")
        path = request.path.removeprefix(BASE)
        fitting = [(route, match) for route in _ROUTES if (match := route.pattern.fullmatch(path))]
        for route, match in fitting:
            if route.method == request.method:
                return route.answer(self, request, now, match.groups())
        if fitting:
            return json_reply({"error": "Method not allowed", "code": "0"}, 405)
        return answers.not_found("Resource")

    def trigger(self, request: Recorded, now: float, _: Sequence[str]) -> RawReply:
        """Start a run."""
        millis = int((self._epoch + now) * 1000)
        if not isinstance(request.body, dict):
            return answers.invalid("Malformed JSON request", "", millis, 400)
        if field := wrong_field(request.body):
            return answers.invalid(f"{field} is missing or has a wrong type", field, millis, 422)
        plan_id = int(request.body["executionId"])
        plan = self._scenario.plans.get(plan_id)
        if plan is None:
            return answers.not_found(f"Test plan {plan_id}")
        run_id = FIRST_RUN_ID + len(self._runs)
        run = SimulatedRun(run_id, plan_id, plan, request.body, now, self._epoch, timeline.lay_out(plan))
        self._runs.append(run)
        return json_reply(answers.trigger_answer(run))

    def state(self, _: Recorded, now: float, ids: Sequence[str]) -> RawReply:
        """A run."""
        run = self._find(ids[0])
        return json_reply(answers.run_answer(run, now)) if run else answers.not_found("Test plan result")

    def tests(self, _: Recorded, now: float, ids: Sequence[str]) -> RawReply:
        """A run's tests, with their names."""
        run = self._find(ids[0])
        return json_reply(answers.tests_answer(run, now)) if run else answers.not_found("Test plan result")

    def details(self, request: Recorded, now: float, _: Sequence[str]) -> RawReply:
        """A page of tests' results, with messages and durations, filtered by run."""
        filters = dict(part.partition(":")[::2] for part in request.query.get("query", "").split(","))
        wanted = filters.get("executionResultId")
        rows = answers.stranger_rows(self._scenario.strangers)
        for run in self._runs:
            if wanted in {None, str(run.id)}:
                rows += answers.detail_rows(run, now)
        page, size = (request.query.get(name, default) for name, default in (("page", "0"), ("size", str(_PAGE_SIZE))))
        if not (page.isdecimal() and size.isdecimal() and int(size)):
            return answers.invalid("page and size are numbers", "page", int((self._epoch + now) * 1000), 400)
        return answers.page_answer(rows, int(page), min(int(size), _LARGEST_PAGE))

    def _find(self, run_id: str) -> SimulatedRun | None:
        """The run with this id."""
        return next((run for run in self._runs if str(run.id) == run_id), None)


def wrong_field(body: Mapping[str, object]) -> str:
    """The name of the first field of a trigger's body that is missing or wrong; "" where all are well."""
    plan = body.get("executionId")
    if isinstance(plan, str) and plan.isdecimal():
        body = {**body, "executionId": int(plan)}
    elif plan is None or isinstance(plan, bool):
        return "executionId"
    for name, types in _FIELDS.items():
        if body.get(name) is not None and not isinstance(body[name], types):
            return name
    config = body.get("executionConfig")
    return "executionConfig" if isinstance(config, dict) and not config.keys() & {"name", "id"} else ""


_ROUTES = (
    _Route("POST", re.compile(r"/execution_results"), Testsigma.trigger),
    _Route("GET", re.compile(r"/execution_results/([^/]+)"), Testsigma.state),
    _Route("GET", re.compile(r"/execution_results/([^/]+)/test_case_results"), Testsigma.tests),
    _Route("GET", re.compile(r"/test_case_results"), Testsigma.details),
)
