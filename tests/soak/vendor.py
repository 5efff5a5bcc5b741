"""A small, pure model of the vendor: plans, runs, reruns, stops and lists. It knows the truth."""

import random
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from testgate.wire import Reply, Request
from tests.support.simulated import answer

BUSY = "The specified Test Plan is currently running. Run it later."
GOOD = frozenset({"SUCCESS", "SKIPPED"})
COUNTERS = {
    "SUCCESS": "passedCount",
    "FAILURE": "failedCount",
    "ABORTED": "abortedCount",
    "NOT_EXECUTED": "notExecutedCount",
    "STOPPED": "stoppedCount",
    "QUEUED": "queuedCount",
}


class PlanFacts(NamedTuple):
    """The facts about a plan: cases and results of its tests, how long a run takes, and whether it reruns.

    The vendor gives up the first runs, as many as `gives_up`: none of their tests is executed.
    """

    id: int
    words: tuple[tuple[str, str], ...]
    queued: float
    running: float
    busy_until: float = 0.0
    reruns_itself: bool = False
    gives_up: int = 0


class Habits(NamedTuple):
    """How this account of the vendor behaves; times in seconds."""

    consolidates: bool = True
    tells_details: bool = True
    tells_runs: bool = True
    shows_after: float = 0.0
    fills_after: float = 0.0
    stops_after: float = 0.5
    mends: float = 0.5  # the chance that a test passes when it is rerun


class Row(NamedTuple):
    """A test of a run: its id, its case, and its final result."""

    id: int
    case: str
    word: str


@dataclass
class SimulatedRun:
    """A run on the vendor's side. `asked` names the trigger that started it; empty if it isn't ours."""

    id: int
    plan: PlanFacts
    mark: str
    began: float
    rows: list[Row]
    asked: str = ""
    root: int = 0
    given_up: bool = False
    stopped: float | None = None
    child: "SimulatedRun | None" = None
    rewritten: list[float] = field(default_factory=list)

    @property
    def natural_end(self) -> float:
        """The time of its end if nobody stops it."""
        return self.began + self.plan.queued + self.plan.running

    @property
    def cut_short(self) -> bool:
        """Whether a stop came before its end."""
        return self.stopped is not None and self.stopped < self.natural_end

    @property
    def end(self) -> float:
        """The time of its end."""
        return min(self.natural_end, self.stopped if self.stopped is not None else self.natural_end)

    @property
    def whole_end(self) -> float:
        """The time at which it and its automatic rerun have ended."""
        return max(self.end, self.child.end) if self.child is not None else self.end

    def word_at(self, place: int, now: float) -> str:
        """The result of a test at a time; tests run one after another."""
        share = (place + 1) / len(self.rows)
        done = self.began + self.plan.queued + self.plan.running * share
        if done <= min(now, self.end):
            return self.rows[place].word
        return "QUEUED" if now < self.end else "STOPPED"

    def result(self) -> str:
        """The result of the whole run after its end."""
        if self.cut_short or self.rewritten:
            return "STOPPED"
        if self.given_up:
            return "ABORTED"
        return "SUCCESS" if {row.word for row in self.rows} <= GOOD else "FAILURE"


class Vendor:
    """Answers requests, and remembers what really happened. Times of plans are relative to `began`."""

    def __init__(self, seed: int, plans: list[PlanFacts], habits: Habits, began: float) -> None:
        self._seed = seed
        self._plans = {plan.id: plan for plan in plans}
        self._habits = habits
        self._began = began
        self._next = 1000
        self.runs: dict[int, SimulatedRun] = {}
        self.wrongs: list[str] = []
        for plan in plans:
            self.begin(plan, "somebody-else", began - 5.0)

    def begin(
        self,
        plan: PlanFacts,
        mark: str,
        now: float,
        words: list[tuple[str, str]] | None = None,
        asked: str = "",
        root: int = 0,
        *,
        given_up: bool = False,
    ) -> SimulatedRun:
        """Start a run, whoever asked for it. One that the vendor gives up isn't rerun by itself."""
        self._next += 1
        words = list(plan.words) if words is None else words
        rows = [Row(self._next * 100 + place, case, word) for place, (case, word) in enumerate(words)]
        run = SimulatedRun(self._next, plan, mark, now, rows, asked, root, given_up=given_up)
        run.root = run.root or run.id
        self.runs[run.id] = run
        if plan.reruns_itself and self._habits.consolidates and run.result() == "FAILURE" and not root:
            # Its automatic rerun is decided here, and begins at its end.
            again = self._again([row for row in rows if row.word not in GOOD], f"child {run.id}")
            run.child = self.begin(plan, mark, run.natural_end, again, root=run.root, asked=run.asked and "itself")
        return run

    def _again(self, rows: list[Row], name: str) -> list[tuple[str, str]]:
        """The results of tests that are run once more."""
        chance = random.Random(f"{self._seed} {name}")  # noqa: S311  # a play, not a secret
        return [(row.case, "SUCCESS" if chance.random() < self._habits.mends else "FAILURE") for row in rows]

    def ours(self) -> list[SimulatedRun]:
        """The runs that our triggers started."""
        return [run for run in self.runs.values() if run.asked and run.asked != "itself"]

    def truly_passed(self, root: int) -> bool:
        """Whether the run was complete, and each of its tests passed in the last complete run of that test."""
        first = self.runs[root]
        if first.cut_short or not any(row.word == "SUCCESS" for row in self._newest(root)):
            return False
        return all(row.word in GOOD for row in self._newest(root))

    def _newest(self, root: int) -> list[Row]:
        """The tests of a run, each from its last complete run; equal cases are kept apart."""
        found = list(self.runs[root].rows)
        family = [run for run in self.runs.values() if run.root == root and run.id != root and not run.cut_short]
        for run in sorted(family, key=lambda each: each.began):
            open_places = list(range(len(found)))
            for row in run.rows:
                same = [place for place in open_places if found[place].case == row.case]
                # Of equal cases, the one that failed was rerun.
                place = next((each for each in same if found[each].word not in GOOD), same[0])
                open_places.remove(place)
                found[place] = row
        return found

    def __call__(self, request: Request, now: float) -> Reply:  # noqa: PLR0911  # a row an endpoint
        """Answer one request, and let it take effect."""
        parts = urlsplit(request.url).path.split("/")[2:]
        match request.method, parts:
            case "POST", ["v1", "execution_results"]:
                return self._trigger(request, now)
            case "PUT", ["v1", "execution_results", run_id]:
                return self._stop(request, now, run_id)
            case "GET", ["v1", "execution_results", run_id]:
                run = self._seen(run_id, now)
                return answer(request, self._told(run, now)) if run else _no(request, 404)
            case "GET", ["v1", "execution_results", run_id, "test_case_results"]:
                run = self._seen(run_id, now)
                return answer(request, {"testCases": self._names(run, now)}) if run else _no(request, 404)
            case "GET", ["v1", "test_case_results"]:
                return self._details(request, now)
            case "GET", ["v1", "executions", plan, "test_plan_results"]:
                return self._runs_of(request, now, plan)
            case "GET", ["v2", "test_runs", _run, "test_case_results", _test, "step_results"]:
                return answer(request, {"content": [{"result": "FAILURE", "action": "Click", "message": "no button"}]})
        self.wrongs.append(f"an unexpected request: {request.label}")
        return _no(request, 404)

    def _trigger(self, request: Request, now: float) -> Reply:
        """Start or rerun a plan."""
        body = request.body or {}
        plan = self._plans[body["executionId"]]
        if now < self._began + plan.busy_until:
            return answer(request, {"error": BUSY}, 500)
        if not body.get("isReRun"):
            before = sum(run.plan.id == plan.id and run.root == run.id for run in self.ours())
            words = [(case, "NOT_EXECUTED") for case, _word in plan.words] if before < plan.gives_up else None
            asked = f"plan {plan.id}, {before} before"
            run = self.begin(plan, body["buildNo"], now, words, asked=asked, given_up=words is not None)
            return answer(request, self._told(run, now))
        parent = self.runs[body["executionResultId"]]
        wanted = [each["id"] for each in body["testCaseResultRequests"]]
        rows = [row for row in parent.rows if row.id in wanted]
        if now < parent.end or len(rows) != len(wanted):
            self.wrongs.append(f"a rerun of what is not there or not over: {body}")
        again = self._again(rows, f"rerun {parent.id}")
        run = self.begin(plan, "", now, again, asked=f"rerun of {parent.id}", root=parent.root)
        return answer(request, self._told(run, now))

    def _stop(self, request: Request, now: float, run_id: str) -> Reply:
        """Stop one run; the result of a finished run is overwritten."""
        run = self.runs[int(run_id)]
        if (request.body or {}) != {"canStopAll": False, "result": "STOPPED"} or not run.asked:
            self.wrongs.append(f"a stop of what is not ours: {request.label} {request.body}")
        if now >= run.whole_end:
            run.rewritten.append(now - run.whole_end)
        for each in (run, run.child):
            if each is not None and each.stopped is None:
                each.stopped = max(each.began, now + self._habits.stops_after)
        if run.child is not None and run.cut_short:
            run.child = None
        return answer(request, self._told(run, now))

    def _seen(self, run_id: str, now: float) -> SimulatedRun | None:
        """The run, once it is visible."""
        run = self.runs.get(int(run_id))
        return run if run is not None and run.began + self._habits.shows_after <= now else None

    def _told(self, run: SimulatedRun, now: float) -> dict[str, Any]:
        """A run as the API describes it."""
        over = now >= run.end
        begun = now >= run.began + run.plan.queued
        status = "STATUS_COMPLETED" if over else "STATUS_IN_PROGRESS" if begun else "STATUS_CREATED"
        told: dict[str, Any] = {
            "id": run.id,
            "executionId": run.plan.id,
            "execution": {"name": f"Plan {run.plan.id}"},
            "status": status,
            "result": run.result() if over else "QUEUED",
            "totalCount": len(run.rows),
            "duration": int((run.end - run.began) * 1000) if over else None,
            "childResult": {"id": run.child.id} if run.child is not None and over else None,
        }
        for place in range(len(run.rows)):
            counter = COUNTERS.get(run.word_at(place, now))
            if counter:
                told[counter] = told.get(counter, 0) + 1
        if self._habits.consolidates:
            whole = now >= run.whole_end
            last = run.child if run.child is not None else run
            told["consolidatedStatus"] = status if whole or not over else "STATUS_IN_PROGRESS"
            told["consolidatedResult"] = last.result() if whole else "QUEUED"
        return told

    def _names(self, run: SimulatedRun, now: float) -> list[dict[str, Any]]:
        """The list of tests; the last ones appear late."""
        whole = now >= run.end + self._habits.fills_after
        shown = len(run.rows) if whole else len(run.rows) // 2
        return [
            {
                "testCaseResultId": row.id,
                "testCaseId": row.case,
                "testCaseName": f"Test {row.case}",
                "result": run.word_at(place, now),
            }
            for place, row in enumerate(run.rows[:shown])
        ]

    def _details(self, request: Request, now: float) -> Reply:
        """Messages and durations, if this account provides them."""
        run = self._seen(request.query["query"].partition(",")[0].rpartition(":")[2], now)
        if run is None or not self._habits.tells_details:
            return _no(request, 403)
        rows = [
            {
                "id": row.id,
                "executionResultId": run.id,
                "result": run.word_at(place, now),
                "message": "m" * 20,
                "duration": 1500,
            }
            for place, row in enumerate(run.rows)
        ]
        return answer(request, {"content": rows, "totalPages": 1})

    def _runs_of(self, request: Request, now: float, plan: str) -> Reply:
        """All runs of a plan, no matter who started them."""
        if not self._habits.tells_runs:
            return _no(request, 403)
        runs = [run for run in self.runs.values() if str(run.plan.id) == plan and self._seen(str(run.id), now)]
        rows = [{"id": run.id, "buildNo": run.mark} for run in reversed(runs)]
        return answer(request, {"content": rows[:20]})


def _no(request: Request, status: int) -> Reply:
    """A refusal."""
    return answer(request, {"error": "no"}, status)
