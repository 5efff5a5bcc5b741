"""The simulated Testsigma: its routes, and the runs that were started.

It simulates what the vendor documents: the bearer key; triggers, reruns and stops at
`/execution_results`; runs, both lists of their tests, and steps; the latest runs of a plan; the
lists of plans, environments and saved configurations; and uploads.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from testgate.demo.exchange import RawReply, Recorded, Refusal, first_of, json_reply, page_reply
from testgate.demo.testsigma import answers, validation
from testgate.demo.testsigma.ledger import Ledger, Slots
from testgate.demo.testsigma.replies import Invalid, filters, not_found, requested_page, server_error
from testgate.demo.testsigma.results import detail_rows, step_rows, stranger_rows, tests_answer
from testgate.demo.testsigma.runs import SimulatedRun, first_run, rerun, stopped, unfinished
from testgate.demo.testsigma.scenarios import Plan, Scenario
from testgate.demo.testsigma.uploads import Uploads
from testgate.demo.vendor import EPOCH_SECONDS, Call, Router, VendorApp

BASE = "/api/v1"
BASE_V2 = "/api/v2"
KEY = "demo-key"

_ALREADY_RERUN = "ReRun Parent Id Already Exists"


class Testsigma(VendorApp[Scenario]):
    """The simulated vendor, with the runs that it has started.

    The reruns that the platform starts by itself are created at the next request, as of when they
    were due.
    """

    base = BASE

    def __init__(self, scenario: Scenario, *, key: str = KEY, epoch_seconds: float = EPOCH_SECONDS) -> None:
        super().__init__(scenario, key=key, epoch_seconds=epoch_seconds)
        self._ledger = Ledger(scenario, epoch_seconds)
        self._slots = Slots()
        self.uploads = Uploads(scenario.habits)

    @property
    def runs(self) -> tuple[SimulatedRun, ...]:
        """The runs that were started, oldest first, without other people's."""
        return self._ledger.started

    @property
    def others(self) -> tuple[SimulatedRun, ...]:
        """Other people's runs, which exist from the start."""
        return self._ledger.others

    def handle(self, request: Recorded, now: float) -> RawReply:
        """The reply to a request; outside of the API there is only a web page."""
        if not request.path.startswith((BASE + "/", BASE_V2 + "/")):
            return page_reply(404, "Page not found")
        self.check_key(request, Refusal(RawReply(401, body=b"Full authentication is required to access this resource")))
        self._ledger.advance(now)
        handler, call = _ROUTER.find(request, now)
        try:
            return handler(self, call)
        except Invalid as invalid:
            return invalid.reply(int((self._epoch + now) * 1000))

    def trigger(self, call: Call) -> RawReply:
        """Start a run, or the rerun of one."""
        body = validation.trigger_body(call.request.body)
        plan_id = int(body["executionId"])
        if body.get("isReRun"):
            return self._rerun(plan_id, body, call.now)
        plan = self._plan(plan_id)
        self._slots.take(plan_id, plan, self._ledger, call.now)
        before = [run for run in self.runs if run.plan_id == plan_id and run.parent_id is None]
        if len(before) < plan.aborted:
            tests = tuple(test._replace(word="NOT_EXECUTED", message=None) for test in plan.tests)
            plan = plan._replace(tests=tests, result=plan.aborted_word)
        return self._keep(first_run(self._ledger.start(body, call.now), plan_id, plan))

    def run(self, call: Call) -> RawReply:
        """One run."""
        return json_reply(self._run_answer(self._run(call), call.now))

    def tests(self, call: Call) -> RawReply:
        """A run's tests, with their names."""
        return json_reply(tests_answer(self._run(call), call.now))

    def details(self, call: Call) -> RawReply:
        """A page of test results with messages and durations, filtered by run."""
        wanted = filters(call.request).get("executionResultId")
        rows = stranger_rows(self._scenario.strangers)
        for run in self._ledger.all:
            if wanted in {None, str(run.id)}:
                rows += detail_rows(run, call.now)
        return requested_page(call.request, rows)

    def steps(self, call: Call) -> RawReply:
        """A page of one test's steps."""
        run, wanted = self._run(call), call.parameters["result"]
        found = (number for number in range(len(run.selected)) if str(run.result_id(number)) == wanted)
        position = first_of(found, not_found("Test case result"))
        return requested_page(call.request, step_rows(run, position, call.now))

    def stop(self, call: Call) -> RawReply:
        """Stop one run. One that has ended is marked as stopped too."""
        validation.check_stop(call.request.body, everybody=False)
        return self._stop([self._run(call)], call.now)

    def stop_all(self, call: Call) -> RawReply:
        """Stop everybody's unfinished runs; the reply is the youngest of them."""
        validation.check_stop(call.request.body, everybody=True)
        return self._stop([run for run in self._ledger.all if unfinished(run, call.now)], call.now)

    def latest(self, call: Call) -> RawReply:
        """A page of a plan's runs."""
        plan_id = int(call.parameters["plan"])
        self._plan(plan_id)
        order = call.request.query.get("direction", "ASC")
        if call.request.query.get("sortBy", "id") != "id" or order not in {"ASC", "DESC"}:
            raise Invalid("Runs can be sorted by id only", "sortBy")
        runs = [run for run in self._ledger.all if run.plan_id == plan_id]
        runs.sort(key=lambda run: run.id, reverse=order == "DESC")
        return requested_page(call.request, [self._run_answer(run, call.now) for run in runs])

    def plan(self, call: Call) -> RawReply:
        """One plan."""
        plan_id = int(call.parameters["plan"])
        return json_reply(answers.plan_answer(plan_id, self._plan(plan_id)))

    def plans(self, call: Call) -> RawReply:
        """A page of plans."""
        return _filtered_page(call, answers.plan_rows(self._scenario))

    def environments(self, call: Call) -> RawReply:
        """A page of environments."""
        return _filtered_page(call, answers.named_rows(self._scenario.environments))

    def upload(self, call: Call) -> RawReply:
        """Upload a file."""
        return json_reply(self.uploads.answer(self.uploads.add(call.request, call.now), call.now))

    def uploaded(self, call: Call) -> RawReply:
        """One upload."""
        found = (each for each in self.uploads.all if str(each.id) == call.parameters["upload"])
        return json_reply(self.uploads.answer(first_of(found, not_found("Upload")), call.now))

    def all_uploads(self, call: Call) -> RawReply:
        """A page of uploads."""
        return _filtered_page(call, [self.uploads.answer(each, call.now) for each in self.uploads.all])

    def upload_versions(self, call: Call) -> RawReply:
        """The versions of an upload, as a bare list."""
        return json_reply(self.uploads.versions(filters(call.request).get("uploadId", ""), call.now))

    def configs(self, call: Call) -> RawReply:
        """A page of saved execution configurations."""
        return _filtered_page(call, answers.named_rows(self._scenario.configs))

    def _rerun(self, plan_id: int, body: Mapping[str, Any], now: float) -> RawReply:
        """Start the rerun that a body asks for."""
        parent = self._ledger.find(validation.rerun_target(body))
        if parent.plan_id != plan_id:
            raise Invalid("executionId is not the plan of this run", "executionId", 422)
        if unfinished(parent, now):
            raise Invalid("The run has not completed yet", "executionResultId")
        selected = validation.rerun_selection(parent, body)
        if self._ledger.reruns(parent):
            raise server_error(_ALREADY_RERUN)
        self._slots.take(plan_id, parent.whole_plan, self._ledger, now)
        return self._keep(rerun(self._ledger.start(body, now), parent, selected))

    def _keep(self, run: SimulatedRun) -> RawReply:
        """Add a new run; the reply to its trigger."""
        self._ledger.keep(run)
        return json_reply(answers.trigger_answer(run))

    def _stop(self, runs: Sequence[SimulatedRun], now: float) -> RawReply:
        """Stop runs; the reply is about the last of them."""
        for run in runs:
            self._ledger.keep(stopped(run, now))
        return json_reply(answers.stop_answer(runs[-1], now, self._ledger.reruns(runs[-1])) if runs else {})

    def _run(self, call: Call) -> SimulatedRun:
        """The run that the path names."""
        return self._ledger.find(call.parameters["run"])

    def _run_answer(self, run: SimulatedRun, now: float) -> dict[str, object]:
        """A run together with its reruns."""
        return answers.run_answer(run, now, self._ledger.reruns(run))

    def _plan(self, plan_id: int) -> Plan:
        """The plan with an id."""
        if plan_id not in self._scenario.plans:
            raise not_found(f"Test plan {plan_id}")
        return self._scenario.plans[plan_id]


def _filtered_page(call: Call, rows: Sequence[Mapping[str, object]]) -> RawReply:
    """A page of rows, filtered by id or name if the request asks for it."""
    wanted = {name: value for name, value in filters(call.request).items() if name in {"id", "name"}}
    found = [row for row in rows if all(str(row[name]) == value for name, value in wanted.items())]
    return requested_page(call.request, found)


_RUNS = f"{BASE}/execution_results"
_RUN = f"{_RUNS}/(?P<run>[^/]+)"
_PLAN = "(?P<plan>[0-9]{1,18})"
_ROUTER: Router[Testsigma] = Router(
    (
        ("POST", _RUNS, Testsigma.trigger),
        ("PUT", _RUNS, Testsigma.stop_all),
        ("PUT", _RUN, Testsigma.stop),
        ("GET", _RUN, Testsigma.run),
        ("GET", f"{_RUN}/test_case_results", Testsigma.tests),
        ("GET", f"{BASE}/test_case_results", Testsigma.details),
        ("GET", f"{BASE}/executions/{_PLAN}/test_plan_results", Testsigma.latest),
        ("GET", f"{BASE}/test_plans", Testsigma.plans),
        ("GET", f"{BASE}/test_plans/{_PLAN}", Testsigma.plan),
        ("GET", f"{BASE}/environments", Testsigma.environments),
        ("GET", f"{BASE}/saved_execution_configs", Testsigma.configs),
        ("POST", f"{BASE}/uploads", Testsigma.upload),
        ("GET", f"{BASE}/uploads", Testsigma.all_uploads),
        ("GET", f"{BASE}/uploads/(?P<upload>[^/]+)", Testsigma.uploaded),
        ("GET", f"{BASE}/upload_versions", Testsigma.upload_versions),
        (
            "GET",
            f"{BASE_V2}/test_runs/(?P<run>[^/]+)/test_case_results/(?P<result>[^/]+)/step_results",
            Testsigma.steps,
        ),
    ),
    not_found=not_found("Resource").reply,
    not_allowed=json_reply({"error": "Method not allowed", "code": "0"}, 405),
)
