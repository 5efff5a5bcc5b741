"""An honest platform in the shape of Testsigma's API. Its habits differ from world to world; it knows the truth."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from testgate.wire import Reply, Request
from tests.support.simulated import answer, dropped
from tests.worlds.answers import Answers
from tests.worlds.facts import PlanFacts, WorldFacts
from tests.worlds.runs import Execution, SimulatedRun, executions_of
from tests.worlds.truth import BAD, PASSED, StepTruth, TestFacts

OTHERS_ID = 90
_FOREVER = 1e12
FIRST_ID = 337
Picked = tuple[TestFacts, Sequence[int]]


class World:
    """The platform with its runs.

    `wrongs` are requests that nobody should ever send, `nonsense` those that only a lie can lead to.
    """

    def __init__(self, facts: WorldFacts, began: float) -> None:
        self._facts = facts
        self._plans = {plan.id: plan for plan in facts.plans}
        self._began = began
        self._answers = Answers(facts)
        self._times: dict[SimulatedRun, dict[int, int]] = {}
        self._lost: list[str] = []
        self.runs: dict[int, SimulatedRun] = {}
        self.wrongs: list[str] = []
        self.nonsense: list[str] = []
        for plan in facts.plans:
            self._others_of(plan)
        attached = facts.plans if facts.attach else ()
        self.attached = [self._begin(plan, "somebody", began, _all_of(plan.tests)) for plan in attached]

    @property
    def roots(self) -> list[SimulatedRun]:
        """The first attempts that this step is about."""
        return [run for run in self.runs.values() if run.parent is None and run.id >= FIRST_ID]

    def truth(self) -> StepTruth:
        """The whole truth, once everything is over."""
        self._advance(_FOREVER)
        return StepTruth(
            tests=[root.plan.tests for root in self.roots],
            attempts=[[run.truth for run in root.family] for root in self.roots],
            quarantine=self._facts.quarantine,
            limits=self._facts.limits,
            lost_starts=self._lost.count("start") if self._hides_runs else 0,
            lost_reruns=self._lost.count("rerun"),
        )

    def __call__(self, request: Request, now: float) -> Reply | Exception:  # noqa: PLR0911  # one return per endpoint
        """Answer one request."""
        self._advance(now)
        parts = urlsplit(request.url).path.split("/")[2:]
        match request.method, parts:
            case "POST", ["v1", "execution_results"]:
                return self._trigger(request, now)
            case "PUT", ["v1", "execution_results", run_id]:
                return self._stop(request, now, run_id)
            case "GET", ["v1", "execution_results", run_id]:
                return self._of_run(request, run_id, lambda run: self._answers.run(run, now))
            case "GET", ["v1", "execution_results", run_id, "test_case_results"]:
                return self._of_run(request, run_id, lambda run: self._answers.tests(run, now))
            case "GET", ["v1", "test_case_results"]:
                return self._details(request, now)
            case "GET", ["v1", "executions", plan, "test_plan_results"]:
                return self._runs_of(request, plan)
            case "GET", ["v2", "test_runs", _run, "test_case_results", _test, "step_results"]:
                return answer(request, {"content": [{"result": "FAILURE", "action": "Click", "message": "no button"}]})
        self.wrongs.append(f"an unexpected request: {request.label}")
        return answer(request, {"error": "no"}, 404)

    @property
    def _hides_runs(self) -> bool:
        """Whether a run can't be found by its build number: it isn't shown, or its reruns carry it too."""
        return self._facts.habits.lists_runs != "true" or any(run.automatic for run in self.runs.values())

    def _others_of(self, plan: PlanFacts) -> None:
        """Somebody else's run of a plan; it passed."""
        run_id = OTHERS_ID + plan.id - 274
        tests = [test._replace(outcomes=(PASSED,)) for test in plan.tests]
        executions = executions_of(_all_of(tests), run_id, {}, "others")
        calm = plan._replace(accidents=(), reruns=0, queued=0.0, running=0.1)
        self.runs[run_id] = SimulatedRun(run_id, calm, "nightly", self._began - 1000.0, executions)

    def _advance(self, now: float) -> None:
        """Begin the automatic reruns that are due."""
        for run in list(self.runs.values()):
            latest = run
            while latest.automatic_at <= now:
                again = [(each.test, sorted(each.failed_sets) or each.sets) for each in self._to_rerun(latest)]
                latest = self._begin(
                    latest.plan, latest.mark, latest.automatic_at, again, parent=latest, automatic=True
                )

    @staticmethod
    def _to_rerun(run: SimulatedRun) -> list[Execution]:
        """The executions that the platform itself reruns."""
        pairs = zip(run.executions, run.outcomes, strict=True)
        return [execution for execution, outcome in pairs if outcome in BAD or run.plan.reruns_all]

    def _begin(
        self,
        plan: PlanFacts,
        mark: str,
        now: float,
        picked: Sequence[Picked],
        *,
        parent: SimulatedRun | None = None,
        automatic: bool = False,
    ) -> SimulatedRun:
        """Begin a run of these tests."""
        run_id = max([*self.runs, FIRST_ID - 1]) + 1
        number = 0 if parent is None else len(parent.root.family)
        run = SimulatedRun(run_id, plan, mark, now, (), number, parent, automatic)
        times = self._times.setdefault(run.root, {})
        run.executions = executions_of(picked, run_id, times, f"{self._facts.seed} {plan.id}")
        run.accident = next((each for each in plan.accidents if each.attempt == number), None)
        self.runs[run_id] = run
        if parent is not None:
            parent.children.append(run)
        return run

    def _trigger(self, request: Request, now: float) -> Reply | Exception:
        """Start or rerun; the answer may be lost."""
        body = request.body or {}
        plan = self._plans.get(body["executionId"])
        parent = self.runs.get(body["executionResultId"]) if body.get("isReRun") else None
        if plan is None or (parent is None and body.get("isReRun")):
            self.nonsense.append(f"a start of what does not exist: {body}")
            return answer(request, {"error": "no such plan or run"}, 404)
        kind = "rerun" if body.get("isReRun") else "start"
        if parent is None:
            run = self._begin(plan, body["buildNo"], now, _all_of(plan.tests))
        else:
            if self._facts.habits.refuses_reruns:
                return answer(request, {"error": "reruns are switched off"}, 422)
            picked = self._picked(parent, body["testCaseResultRequests"], now)
            run = self._begin(plan, parent.mark, now, picked, parent=parent)
        if self._facts.habits.loses == kind and not self._lost:
            self._lost.append(kind)
            return dropped(request)
        return answer(request, self._answers.run(run, now))

    def _picked(self, parent: SimulatedRun, wanted: Sequence[Mapping[str, Any]], now: float) -> list[Picked]:
        """The tests that a rerun asks for."""
        known = {each.id: each for each in parent.executions}
        if not parent.all_over(now) or not {each["id"] for each in wanted} <= known.keys():
            self.nonsense.append(f"a rerun of run {parent.id}, which is not over or does not contain {wanted}")
        found = []
        for each in wanted:
            execution = known.get(each["id"])
            if execution is None:
                continue
            only_failed = each.get("iterationReRunType") == "FAILED" and execution.failed_sets
            found.append((execution.test, sorted(execution.failed_sets) if only_failed else execution.sets))
        return found

    def _stop(self, request: Request, now: float, run_id: str) -> Reply:
        """Stop one run."""
        run = self.runs.get(int(run_id))
        if run is None or run.id < FIRST_ID or run.root in self.attached:
            self.wrongs.append(f"a stop of what is not ours: {request.label}")
            return answer(request, {"error": "no"}, 404)
        run.stopped = min(run.stopped, now)
        return answer(request, self._answers.run(run, now))

    def _of_run(self, request: Request, run_id: str, tell: Callable[[SimulatedRun], object]) -> Reply:
        """An answer about one run."""
        run = self.runs.get(int(run_id)) if run_id.isdigit() else None
        return answer(request, {"error": "no such run"}, 404) if run is None else answer(request, tell(run))

    def _details(self, request: Request, now: float) -> Reply:
        """Messages and durations, where this platform has them; at times with rows of other runs."""
        habits = self._facts.habits
        run = self.runs.get(int(request.query["query"].partition(",")[0].rpartition(":")[2]))
        if run is None or not habits.details:
            return answer(request, {"error": "no"}, 403)
        runs = [*self.runs.values()] if habits.mixes_details else [run]
        return answer(request, self._answers.details(runs, now))

    def _runs_of(self, request: Request, plan: str) -> Reply:
        """The latest runs of a plan, whoever started them."""
        if self._facts.habits.lists_runs == "refused":
            return answer(request, {"error": "no"}, 403)
        return answer(request, self._answers.runs([run for run in self.runs.values() if str(run.plan.id) == plan]))


def _all_of(tests: Sequence[TestFacts]) -> list[Picked]:
    """All tests, with all their data sets."""
    return [(test, tuple(range(test.sets))) for test in tests]
