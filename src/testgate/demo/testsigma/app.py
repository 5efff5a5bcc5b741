"""The simulated Testsigma: routes, what they check, and the runs that were started.

It plays what is documented: Bearer key, triggers, reruns and stops at `/execution_results`, the run, both
lists of its tests, their steps, a plan's latest runs, and what a check looks at. What a body says is in
`testsigma_answers` and its neighbours, when it says so in `timeline`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from testgate.demo.exchange import RawReply, Recorded, json_reply, page_reply
from testgate.demo.testsigma import answers, catalogue, reruns
from testgate.demo.testsigma.bodies import check_stop, json_object, wrong_field
from testgate.demo.testsigma.busy import Slots
from testgate.demo.testsigma.ledger import FIRST_OTHER_ID as FIRST_OTHER_ID
from testgate.demo.testsigma.ledger import FIRST_RUN_ID as FIRST_RUN_ID
from testgate.demo.testsigma.ledger import Ledger
from testgate.demo.testsigma.replies import Refusal, asked_page, filters, invalid, not_found, server_error
from testgate.demo.testsigma.runs import SimulatedRun, first_run, rerun, stopped, unfinished
from testgate.demo.testsigma.scenarios import Plan, Scenario
from testgate.demo.testsigma.steps import step_rows
from testgate.demo.testsigma.tests import detail_rows, stranger_rows, tests_answer

BASE = "/api/v1"
BASE_V2 = "/api/v2"
KEY = "demo-key"

_EPOCH_SECONDS = 1_700_000_000.0


class Testsigma:
    """The vendor's behaviour. It is told the time in simulated seconds, and keeps the runs.

    Calls come one at a time: the server sees to it. Reruns that the platform begins by itself are
    noticed with the next request, and begin when they were due.
    """

    base = BASE

    def __init__(self, scenario: Scenario, *, key: str = KEY, epoch_seconds: float = _EPOCH_SECONDS) -> None:
        """Take what to play, the key that opens it, and the wall clock's reading at time zero."""
        self.faults = scenario.faults
        self.date_shift_seconds = scenario.date_shift_seconds
        self._scenario = scenario
        self._key = key
        self._epoch = epoch_seconds
        self._ledger = Ledger(scenario, epoch_seconds)
        self._slots = Slots()

    @property
    def runs(self) -> tuple[SimulatedRun, ...]:
        """The runs that were started, the oldest first; those of other people are `others`."""
        return self._ledger.started

    @property
    def others(self) -> tuple[SimulatedRun, ...]:
        """The runs of other people, which are there from the start."""
        return self._ledger.others

    def answer(self, request: Recorded, now: float) -> RawReply:
        """The answer to a request; a trigger starts a run."""
        if not request.path.startswith((BASE + "/", BASE_V2 + "/")):
            return page_reply(404, "Page not found")
        if request.headers.get("authorization") != f"Bearer {self._key}":
            return RawReply(401, body=b"Full authentication is required to access this resource")
        self._ledger.advance(now)
        fitting = [(route, match) for route in _ROUTES if (match := route.pattern.fullmatch(request.path))]
        for route, match in fitting:
            if route.method == request.method:
                try:
                    return route.answer(self, request, now, match.groups())
                except Refusal as refusal:
                    return refusal.reply
        return json_reply({"error": "Method not allowed", "code": "0"}, 405) if fitting else not_found("Resource")

    def trigger(self, request: Recorded, now: float, _: Sequence[str]) -> RawReply:
        """Start a run, or the rerun of one."""
        body, millis = json_object(request.body, self._millis(now)), self._millis(now)
        if field := wrong_field(body):
            raise Refusal(invalid(f"{field} is missing or has a wrong type", field, millis, 422))
        plan_id = int(body["executionId"])
        if body.get("isReRun"):
            return self._rerun(plan_id, body, now)
        plan = self._plan(plan_id)
        self._slots.take(plan_id, plan, self._ledger.all, now)
        run = first_run(self._ledger.birth(body, now), plan_id, plan)
        return self._begun(run)

    def state(self, _: Recorded, now: float, ids: Sequence[str]) -> RawReply:
        """A run."""
        run = self._ledger.find(ids[0])
        return json_reply(answers.run_answer(run, now, self._ledger.chain(run)))

    def tests(self, _: Recorded, now: float, ids: Sequence[str]) -> RawReply:
        """A run's tests, with their names."""
        return json_reply(tests_answer(self._ledger.find(ids[0]), now))

    def details(self, request: Recorded, now: float, _: Sequence[str]) -> RawReply:
        """A page of tests' results, with messages and durations, filtered by run."""
        wanted = filters(request).get("executionResultId")
        rows = stranger_rows(self._scenario.strangers)
        for run in self._ledger.all:
            if wanted in {None, str(run.id)}:
                rows += detail_rows(run, now)
        return asked_page(request, rows, self._millis(now))

    def steps(self, request: Recorded, now: float, ids: Sequence[str]) -> RawReply:
        """A page of one test's steps."""
        run = self._ledger.find(ids[0])
        for position in range(len(run.places)):
            if str(run.result_id(position)) == ids[1]:
                return asked_page(request, step_rows(run, position, now), self._millis(now))
        raise Refusal(not_found("Test case result"))

    def stop(self, request: Recorded, now: float, ids: Sequence[str]) -> RawReply:
        """Stop one run; one that has ended is called stopped all the same."""
        check_stop(request.body, self._millis(now), everybody=False)
        run = self._ledger.find(ids[0])
        self._ledger.keep(stopped(run, now))
        return json_reply(answers.stop_answer(run, now, self._ledger.chain(run)))

    def stop_all(self, request: Recorded, now: float, _: Sequence[str]) -> RawReply:
        """Stop everybody's unfinished runs, and answer with the youngest of them."""
        check_stop(request.body, self._millis(now), everybody=True)
        going = [run for run in self._ledger.all if unfinished(run, now)]
        for run in going:
            self._ledger.keep(stopped(run, now))
        return json_reply(answers.stop_answer(going[-1], now, self._ledger.chain(going[-1])) if going else {})

    def latest(self, request: Recorded, now: float, ids: Sequence[str]) -> RawReply:
        """A page of a plan's runs."""
        plan_id = int(ids[0])
        self._plan(plan_id)
        order = request.query.get("direction", "ASC")
        if request.query.get("sortBy", "id") != "id" or order not in {"ASC", "DESC"}:
            raise Refusal(invalid("Only id can be sorted by", "sortBy", self._millis(now), 400))
        mine = sorted((run for run in self._ledger.all if run.plan_id == plan_id), key=lambda run: run.id)
        rows = [answers.run_answer(run, now, self._ledger.chain(run)) for run in mine]
        return asked_page(request, rows[::-1] if order == "DESC" else rows, self._millis(now))

    def plan(self, _: Recorded, _now: float, ids: Sequence[str]) -> RawReply:
        """A plan."""
        plan_id = int(ids[0])
        return json_reply(catalogue.plan_answer(plan_id, self._plan(plan_id)))

    def plans(self, request: Recorded, now: float, _: Sequence[str]) -> RawReply:
        """A page of plans."""
        return self._listed(request, catalogue.plan_rows(self._scenario), now)

    def environments(self, request: Recorded, now: float, _: Sequence[str]) -> RawReply:
        """A page of environments."""
        return self._listed(request, catalogue.named_rows(self._scenario.environments), now)

    def configs(self, request: Recorded, now: float, _: Sequence[str]) -> RawReply:
        """A page of saved execution configs."""
        return self._listed(request, catalogue.named_rows(self._scenario.configs), now)

    def _rerun(self, plan_id: int, body: Mapping[str, Any], now: float) -> RawReply:
        """Start the rerun that a body asks for."""
        millis = self._millis(now)
        parent = self._ledger.find(reruns.wanted_run(body, millis))
        if parent.plan_id != plan_id:
            raise Refusal(invalid("executionId is not the plan of this run", "executionId", millis, 422))
        if unfinished(parent, now):
            raise Refusal(invalid("The run has not completed yet", "executionResultId", millis, 400))
        places = reruns.selected(parent, body, millis)
        if self._ledger.chain(parent):
            raise Refusal(server_error(reruns.ALREADY_RERUN))
        self._slots.take(plan_id, parent.whole, self._ledger.all, now)
        return self._begun(rerun(self._ledger.birth(body, now), parent, places))

    def _begun(self, run: SimulatedRun) -> RawReply:
        """Keep a new run, and answer that it has been created."""
        self._ledger.keep(run)
        return json_reply(answers.trigger_answer(run))

    def _listed(self, request: Recorded, rows: Sequence[Mapping[str, object]], now: float) -> RawReply:
        """A page of rows, filtered by id where the request asks for it."""
        wanted = filters(request).get("id")
        return asked_page(request, [row for row in rows if wanted in {None, str(row["id"])}], self._millis(now))

    def _plan(self, plan_id: int) -> Plan:
        """The plan with this id."""
        if plan_id not in self._scenario.plans:
            raise Refusal(not_found(f"Test plan {plan_id}"))
        return self._scenario.plans[plan_id]

    def _millis(self, now: float) -> int:
        """The wall clock's milliseconds."""
        return int((self._epoch + now) * 1000)


class _Route(NamedTuple):
    """A method, a pattern of the path, and what answers it."""

    method: str
    pattern: re.Pattern[str]
    answer: Callable[[Testsigma, Recorded, float, Sequence[str]], RawReply]


_ROUTES = tuple(
    _Route(method, re.compile(pattern), answer)
    for method, pattern, answer in (
        ("POST", f"{BASE}/execution_results", Testsigma.trigger),
        ("PUT", f"{BASE}/execution_results", Testsigma.stop_all),
        ("PUT", f"{BASE}/execution_results/([^/]+)", Testsigma.stop),
        ("GET", f"{BASE}/execution_results/([^/]+)", Testsigma.state),
        ("GET", f"{BASE}/execution_results/([^/]+)/test_case_results", Testsigma.tests),
        ("GET", f"{BASE}/test_case_results", Testsigma.details),
        ("GET", f"{BASE}/executions/([0-9]{{1,18}})/test_plan_results", Testsigma.latest),
        ("GET", f"{BASE}/test_plans", Testsigma.plans),
        ("GET", f"{BASE}/test_plans/([0-9]{{1,18}})", Testsigma.plan),
        ("GET", f"{BASE}/environments", Testsigma.environments),
        ("GET", f"{BASE}/saved_execution_configs", Testsigma.configs),
        ("GET", f"{BASE_V2}/test_runs/([^/]+)/test_case_results/([^/]+)/step_results", Testsigma.steps),
    )
)
