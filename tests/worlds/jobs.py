"""A second honest platform, in the shape of Testifly's API: jobs, and reports with a status of their own."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from testgate.wire import Reply, Request
from tests.support.simulated import answer, dropped
from tests.worlds.facts import limits_of, quarantine_of, tests_of
from tests.worlds.runs import Execution, executions_of
from tests.worlds.truth import (
    COMPLETED,
    ERROR,
    FAILED,
    NOT_RUN,
    NOTHING,
    PASSED,
    SKIPPED,
    WHOLE,
    AttemptTruth,
    LimitFacts,
    QuarantineFacts,
    StepTruth,
    TestFacts,
)

_WORDS = {PASSED: "Passed", FAILED: "Failed", ERROR: "Failed", SKIPPED: "Skipped", NOT_RUN: "Scheduled"}


class JobHabits(NamedTuple):
    """What this platform tells, and how.

    `counters` is true, missing or zero. `report_status` is Completed, or the result of the tests.
    `lag` is the number of seconds after a job's end until its report is complete. `exists` says that
    somebody else had queued the same selection.
    """

    counters: str = "true"
    report_status: str = "Completed"
    lag: float = 0.0
    names_report_late: bool = False
    shuffles: bool = False
    refuses_reruns: bool = False
    exists: bool = False
    loses: str = ""


class JobFacts(NamedTuple):
    """One play: `breaks` is the attempt in which the job dies on its way, -1 for none."""

    seed: int
    features: Sequence[Sequence[TestFacts]]
    habits: JobHabits
    quarantine: Sequence[QuarantineFacts]
    limits: LimitFacts
    rerun_failed: int
    seconds: float
    breaks: int


def job_facts(seed: int) -> JobFacts:
    """The same for the same seed."""
    chance = random.Random(f"{seed} jobs")  # noqa: S311  # a play, not a secret
    features = [
        [
            test._replace(case="", suite="", machine="", sets=0)
            for test in tests_of(chance, chance.choice((0, 1, 2, 3, 5)))
        ]
        for _each in range(chance.choice((1, 1, 1, 2)))
    ]
    habits = JobHabits(
        counters=chance.choice(("true", "true", "missing", "zero")),
        report_status=chance.choice(("Completed", "Completed", "result")),
        lag=chance.choice((0.0, 0.0, 2.0, 9.0)),
        names_report_late=chance.random() < 0.2,
        shuffles=chance.random() < 0.4,
        refuses_reruns=chance.random() < 0.3,
        exists=chance.random() < 0.1,
        loses=chance.choice(("", "", "", "", "", "", "", "start", "rerun")),
    )
    return JobFacts(
        seed=seed,
        features=features,
        habits=habits,
        quarantine=quarantine_of(chance, [test for feature in features for test in feature]),
        limits=limits_of(chance),
        rerun_failed=chance.choice((0, 1, 2)),
        seconds=chance.choice((1.0, 6.0)),
        breaks=chance.choice((-1, -1, -1, -1, 0, 1)),
    )


def plain_jobs(seed: int) -> JobFacts:
    """A world whose platform tells everything, so that a lie about one field leaves other witnesses."""
    facts = job_facts(seed)
    return facts._replace(habits=facts.habits._replace(counters="true", report_status="result", loses=""))


@dataclass(eq=False)
class SimulatedJob:
    """A job. `number` counts the attempts of its feature from 0."""

    id: str
    feature: int
    began: float
    executions: Sequence[Execution]
    number: int
    broken: bool

    @property
    def report(self) -> str:
        """The ID of its report."""
        return f"r-{self.id}"

    @property
    def outcomes(self) -> list[str]:
        """How its tests end: those of a job that dies are scheduled for ever from the middle on."""
        alive = len(self.executions) // 2 if self.broken else len(self.executions)
        return [each.outcome if place < alive else NOT_RUN for place, each in enumerate(self.executions)]

    @property
    def truth(self) -> AttemptTruth:
        """What the oracle may know of it: everything."""
        ended = {each.test.uid: outcome for each, outcome in zip(self.executions, self.outcomes, strict=True)}
        nothing = NOT_RUN in self.outcomes and not COMPLETED & set(self.outcomes)
        return AttemptTruth(NOTHING if nothing else WHOLE, ended)

    @property
    def good(self) -> bool:
        """Whether the platform calls it a success."""
        return not self.broken and not {FAILED, ERROR, NOT_RUN} & set(self.outcomes)


class Jobs:
    """The platform with its jobs.

    `wrongs` are requests that nobody should ever send, `nonsense` those that only a lie can lead to.
    """

    attached: Sequence[Any] = ()

    def __init__(self, facts: JobFacts, began: float) -> None:
        self._facts = facts
        self._times: dict[int, dict[int, int]] = {}
        self._lost: list[str] = []
        self._reads = 0
        self.jobs: dict[str, SimulatedJob] = {}
        self.wrongs: list[str] = []
        self.nonsense: list[str] = []
        if facts.habits.exists:
            self._begin(0, began, facts.features[0])

    def truth(self) -> StepTruth:
        """The whole truth, once everything is over."""
        features = range(len(self._facts.features))
        attempts = [[job.truth for job in self.jobs.values() if job.feature == feature] for feature in features]
        kept = [feature for feature in features if attempts[feature]]
        return StepTruth(
            tests=[self._facts.features[feature] for feature in kept],
            attempts=[attempts[feature] for feature in kept],
            quarantine=self._facts.quarantine,
            limits=self._facts.limits,
            lost_starts=self._lost.count("start"),
            lost_reruns=self._lost.count("rerun"),
        )

    def __call__(self, request: Request, now: float) -> Reply | Exception:
        """Answer one request."""
        parts = urlsplit(request.url).path.split("/")[2:]
        match request.method, parts:
            case "POST", ["testExecution", "p"]:
                return self._start(request, now)
            case "POST", ["jobs", "p"]:
                wanted = (request.body or {}).get("jobIds", [])
                rows = [self._told(self.jobs[each], now) for each in wanted if each in self.jobs]
                return answer(request, {"success": True, "jobs": rows, "missingJobIds": []})
            case "GET", ["testRun", "p", report]:
                job = next((each for each in self.jobs.values() if each.report == report), None)
                return answer(request, {}, 404) if job is None else answer(request, self._report(job, now))
        self.wrongs.append(f"an unexpected request: {request.label}")
        return answer(request, {"success": False}, 404)

    def _begin(self, feature: int, now: float, tests: Sequence[TestFacts]) -> SimulatedJob:
        """Begin a job of these tests."""
        number = sum(job.feature == feature for job in self.jobs.values())
        times = self._times.setdefault(feature, {})
        run = 500 + len(self.jobs)
        executions = executions_of([(test, ()) for test in tests], run, times, f"{self._facts.seed} {feature}")
        broken = self._facts.breaks == number and len(tests) > 0
        job = SimulatedJob(f"j{run}", feature, now, executions, number, broken)
        self.jobs[job.id] = job
        return job

    def _start(self, request: Request, now: float) -> Reply | Exception:
        """Start a feature, or tests of an earlier job by the IDs of their results."""
        body = request.body or {}
        habits = self._facts.habits
        kind = "rerun" if "tests" in body else "start"
        if kind == "start":
            feature = int(body["featureId"])
            queued = next((job for job in self.jobs.values() if job.feature == feature), None)
            if queued is not None:
                return answer(request, {"success": True, "scheduleStatus": "AlreadyExists", "jobId": queued.id})
            job = self._begin(feature, now, self._facts.features[feature])
        else:
            known = {f"x{each.id}": (job.feature, each.test) for job in self.jobs.values() for each in job.executions}
            unknown = sorted(set(body["tests"]) - known.keys())
            self.nonsense += [f"a start of {each}, which is the ID of no result" for each in unknown]
            if habits.refuses_reruns or unknown:
                return answer(request, {"success": False, "message": "Test not found"}, 400)
            found = [known[each] for each in body["tests"]]
            job = self._begin(found[0][0], now, [test for _feature, test in found])
        if habits.loses == kind and not self._lost:
            self._lost.append(kind)
            return dropped(request)
        return answer(request, {"success": True, "scheduleStatus": "Success", "jobId": job.id})

    def _told(self, job: SimulatedJob, now: float) -> dict[str, object]:
        """A job's row in the list of jobs."""
        elapsed = now - job.began
        over = elapsed >= self._facts.seconds
        status = ("Success" if job.good else "Failed") if over else "InProgress" if elapsed > 1 else "Pending"
        row: dict[str, object] = {"jobId": job.id, "status": status}
        known = 1.0 + (self._facts.seconds + 1.5 if self._facts.habits.names_report_late else 0.0)
        return {**row, "testRunId": job.report} if elapsed >= known or (over and known < self._facts.seconds) else row

    def _report(self, job: SimulatedJob, now: float) -> dict[str, object]:
        """The report of a job."""
        habits = self._facts.habits
        over = now - job.began >= self._facts.seconds + habits.lag
        final = ("Passed" if job.good else "Failed") if habits.report_status == "result" else "Completed"
        words = [_WORDS[outcome] if over else "Scheduled" for outcome in job.outcomes]
        rows = [
            {
                "_id": f"x{execution.id}",
                "title": execution.test.name,
                "status": word,
                "duration": 1200,
                **({"error": "expected 1, got 2"} if word == "Failed" else {}),
            }
            for execution, word in zip(job.executions, words, strict=True)
        ]
        if habits.shuffles:
            self._reads += 1
            random.Random(f"{self._facts.seed} {self._reads}").shuffle(rows)  # noqa: S311  # a play, not a secret
        told: dict[str, object] = {"runId": job.report, "projectId": "p", "status": final if over else "InProgress"}
        if habits.counters != "missing":
            counts = Counter(words) if habits.counters == "true" else dict.fromkeys(("Passed", "Failed"), 0)
            told["statuses"] = [{"label": label, "count": count} for label, count in counts.items()]
        return {**told, "tests": rows}
