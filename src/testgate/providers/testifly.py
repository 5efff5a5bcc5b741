"""Testifly: tables of its words, shapes of its answers, its options, and what to ask it.

One page of documentation is public; where it is silent, what is read here is tolerant.
"""

import json
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import quote

from pydantic import Field, model_validator

from testgate.errors import BadAnswer, PlatformError, Refused
from testgate.inputs.lists import TextList
from testgate.inputs.reading import Options
from testgate.inputs.values import OptionalText
from testgate.model import Counts, Origin, Outcome, Page, Reported, Run, RunResult, Snapshot, Status, Target, TestResult
from testgate.shapes import seconds_of, text_of
from testgate.text import one_line
from testgate.wire import Call, Credential, Reply, Request

# How a job goes; a word that is not here means that it still goes on.
JOBS: Mapping[str, tuple[Status, RunResult | None]] = MappingProxyType(
    {
        "Pending": (Status.QUEUED, None),
        "PendingAgentConnection": (Status.QUEUED, None),
        "InProgress": (Status.RUNNING, None),
        "Success": (Status.ENDED, RunResult.PASSED),
        "Failed": (Status.ENDED, RunResult.FAILED),
    }
)
AGENT = "PendingAgentConnection"

# A test's word that is not here is an error, shown as it is.
OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "passed": Outcome.PASSED,
        "success": Outcome.PASSED,
        "failed": Outcome.FAILED,
        "skipped": Outcome.SKIPPED,
        "running": Outcome.NOT_RUN,
        "inprogress": Outcome.NOT_RUN,
        "scheduled": Outcome.NOT_RUN,
        "pending": Outcome.NOT_RUN,
    }
)
REPORT_STATES_AT_END = frozenset({"completed", "failed", "success", "passed", "stopped", "aborted", "cancelled"})
ALREADY = "AlreadyExists"
# Ids are joined by commas and stand in a log: what has other signs, or no end, is none.
_JOB_ID = re.compile(r"[\w.:~-]{1,100}", re.ASCII)
SELECTORS: Mapping[str, str] = MappingProxyType(
    {"feature_id": "featureId", "test_suite_id": "testSuiteId", "test_id": "testId"}
)


class TestiflyOptions(Options):
    """What is run on Testifly, and where."""

    project_id: OptionalText = Field(
        default=None,
        description="The project that the tests belong to. The id stands in the address of its pages.",
        examples=["67f8cb3fe236b8d41b7700ac"],
    )
    feature_id: TextList = Field(
        default=(),
        description="Run every test of these features: one id or several, a job each.",
        examples=["67f8cb3fe236b8d41b7700ac"],
    )
    test_suite_id: TextList = Field(
        default=(),
        description="Run every test of these test suites: one id or several, a job each.",
        examples=["67f8cb3fe236b8d41b7700ad"],
    )
    test_id: TextList = Field(
        default=(),
        description="Run these tests: one id or several, a job each.",
        examples=["67f8cb3fe236b8d41b7700ae"],
    )
    tests: TextList = Field(
        default=(),
        description="Run these tests together in one job.",
        examples=["67f8cb3fe236b8d41b7700ae, 67f8cb3fe236b8d41b7700af"],
    )
    agent_name: OptionalText = Field(
        default=None,
        description="The agent to run on. Without it the platform chooses.",
        examples=["my-agent"],
    )

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        """Kinds of selection exclude each other."""
        given = [name.replace("_", "-") for name in (*SELECTORS, "tests") if getattr(self, name)]
        if len(given) > 1:
            raise ValueError(f"`{'`, `'.join(given)}`: give exactly one of these. Example: feature-id")
        return self


class Testifly:
    """Says what to ask of Testifly; see `ports.Provider`."""

    poll_batch = 100

    def __init__(self, base_url: str, key: str, options: TestiflyOptions, run_ids: Sequence[str] = ()) -> None:
        """Take the API's address, the key, the options, and the jobs that the user names."""
        self._base = base_url.removesuffix("/api")
        self._credential = Credential("x-api-key", key)
        self._options = options
        self._run_ids = run_ids

    def targets(self) -> Sequence[Target]:
        """One job for each feature, suite or test; one for a list of tests. `ref` is the selection as it is sent."""
        options = self._options
        found = [_target(name, {field: each}) for name, field in SELECTORS.items() for each in getattr(options, name)]
        return [*found, _target("tests", {"tests": list(options.tests)})] if options.tests else found

    def attached(self) -> Sequence[Run]:
        """The jobs of `run-id`."""
        return [Run(each, Target(f"job {each}", f"Job {each}"), origin=Origin.ATTACHED) for each in self._run_ids]

    def trigger(self, target: Target, mark: str) -> Call[Run]:
        """`POST /api/testExecution/{projId}`; a mark has no place in it."""
        del mark
        body = {"action": "executeTests", **json.loads(target.ref)}
        if self._options.agent_name:
            body["agentName"] = self._options.agent_name
        request = self._request("POST", "testExecution", body=body)
        return Call(f"start {target.name}", request, lambda reply: started(reply, target), repeatable=False)

    def poll(self, runs: Sequence[Run]) -> Call[Sequence[Snapshot]]:
        """`POST /api/jobs/{projId}`, always by id: it only reads, so sending it again is safe."""
        request = self._request("POST", "jobs", body={"jobIds": [run.id for run in runs]})
        return Call(
            f"read {len(runs)} jobs", request, lambda reply: snapshots_of(reply, self._options.agent_name or "")
        )

    def live(self, run: Run) -> Call[Reported] | None:
        """The counters of the report that is being written."""
        call = self._report(run)
        if call is None:
            return None
        return Call(call.what, call.request, lambda reply: reported_of(_object(reply)), essential=False)

    def results(self, run: Run, cursor: str | None) -> Call[Page] | None:
        """The whole report at once; there is none before the job has a test run."""
        del cursor
        return self._report(run)

    def _report(self, run: Run) -> Call[Page] | None:
        """`GET /api/testRun/{projId}/{runId}`; `ref` of a run is the id of its report."""
        if not run.ref:
            return None
        request = self._request("GET", "testRun", f"/{quote(run.ref, safe='')}")
        return Call(f"read the report of job {run.id}", request, page_of)

    def find(self, target: Target, mark: str) -> None:
        """A job bears no mark: nobody can tell."""

    def rerun(self, run: Run, failed: Sequence[TestResult] | None) -> Target:
        """A job for the list of tests; whether the platform takes these ids shows when it is asked.

        Raises:
            PlatformError: there is no list; this platform cannot rerun a job as a whole.

        """
        if not failed:
            raise PlatformError(
                "this platform cannot rerun a job by itself", remedy="Start the tests again with `command: run`."
            )
        return run.target._replace(ref=json.dumps({"tests": [test.id for test in failed]}))

    def stop(self, run: Run) -> None:
        """There is no such endpoint."""

    def stop_all(self) -> None:
        """There is no such endpoint."""

    def diagnose(self, run: Run, test: TestResult) -> None:
        """The report holds all there is."""

    def checks(self) -> Sequence[tuple[str, Call[str]]]:
        """Asking for no job shows whether key, URL and project are right."""
        request = self._request("POST", "jobs", body={"jobIds": []})
        return [("key and project", Call("ask for no job", request, _accepted))]

    def _request(self, method: str, what: str, rest: str = "", body: Mapping[str, Any] | None = None) -> Request:
        """A request with the key."""
        project = quote(self._options.project_id or "", safe="")
        return Request(method, f"{self._base}/api/{what}/{project}{rest}", body=body, credential=self._credential)


def _target(name: str, selection: Mapping[str, Any]) -> Target:
    """A target by the input that selects it: `Feature 67f8…`."""
    (chosen,) = selection.values()
    label = f"{len(chosen)} tests" if isinstance(chosen, list) else str(chosen)
    kind = {"feature_id": "Feature", "test_suite_id": "Test suite", "test_id": "Test", "tests": "List of"}[name]
    key = ",".join(chosen) if isinstance(chosen, list) else str(chosen)
    return Target(f"{name} {key}", f"{kind} {label}", json.dumps(selection))


def started(reply: Reply, target: Target) -> Run:
    """The job of a start, or the one that was queued already.

    How that is told is not published: it is looked for in three places, under any success or 409.

    Raises:
        Refused: the platform said no, or gave no job to share.
        BadAnswer: there is no job in the answer.

    """
    data = _lenient(reply)
    already = any(ALREADY.lower() in text_of(data.get(key)).lower() for key in ("scheduleStatus", "error", "message"))
    if not already or reply.status not in {*range(200, 300), 409}:
        try:
            reply.check()
        except Refused as refusal:
            remedy = refusal.remedy or "Check `project-id` and what selects the tests, and `agent-name`."
            raise Refused(
                f"{target.name} was not started: {refusal}", status=refusal.status, remedy=remedy
            ) from refusal
    job = text_of(data.get("jobId"))
    if job and not _JOB_ID.fullmatch(job):
        raise BadAnswer(f"{reply.request.label} answered {reply.status} with a job that is no id: {reply.quoted}")
    if job:
        return Run(job, target, origin=Origin.ADOPTED if already else Origin.STARTED)
    if already:
        raise Refused(
            f"{target.name} is queued already, and the platform does not say as which job: {reply.quoted}",
            status=409,
            remedy="Wait until that job is over, then run this one again.",
        )
    if data.get("success") is False:
        raise Refused(
            f"{target.name} was not started: {reply.quoted}",
            status=reply.status,
            remedy="Check `project-id` and what selects the tests, and `agent-name`.",
        )
    raise BadAnswer(f"{reply.request.label} answered {reply.status} with no job in it: {reply.quoted}")


def snapshots_of(reply: Reply, agent: str) -> list[Snapshot]:
    """The jobs in an answer; those that the platform misses are left out."""
    jobs = _object(reply).get("jobs")
    if not isinstance(jobs, list):
        raise BadAnswer(f"{reply.request.label} answered {reply.status} with no list of jobs: {reply.quoted}")
    return [_snapshot(job, agent) for job in jobs if isinstance(job, dict) and text_of(job.get("jobId"))]


def _snapshot(job: Mapping[str, Any], agent: str) -> Snapshot:
    """One job."""
    word = text_of(job.get("status"))
    status, result = JOBS.get(word, (Status.RUNNING, None))
    named = f"the agent {one_line(agent, 100)}" if agent else "an agent"
    return Snapshot(
        run_id=text_of(job.get("jobId")),
        status=status,
        word=word,
        result=result,
        odd="" if word in JOBS else word or "no status",
        waits_for=f"{named} to connect" if word == AGENT else "",
        hint=f"start {named}, or see why it cannot reach the platform" if word == AGENT else "",
        ref=text_of(job.get("testRunId")),
    )


def page_of(reply: Reply) -> Page:
    """The report's tests and counters; it may still be filling when the job is over."""
    data = _object(reply)
    rows = data.get("tests")
    if not isinstance(rows, list):
        raise BadAnswer(f"{reply.request.label} answered {reply.status} with no list of tests: {reply.quoted}")
    tests = [_test(row, number) for number, row in enumerate(rows) if isinstance(row, dict)]
    state = text_of(data.get("status")).replace(" ", "").lower()
    return Page(tests, reported=reported_of(data), filling=state not in REPORT_STATES_AT_END)


def reported_of(data: Mapping[str, Any]) -> Reported:
    """The counters by label; one that is not known counts as not run."""
    numbers = dict.fromkeys(Outcome, 0)
    rows = data.get("statuses")
    for row in rows if isinstance(rows, list) else []:
        count = row.get("count") if isinstance(row, dict) else None
        if isinstance(count, int) and not isinstance(count, bool) and count > 0:
            label = text_of(row.get("label")).replace(" ", "").lower()
            numbers[OUTCOMES.get(label, Outcome.NOT_RUN)] += count
    return Reported(
        Counts(
            passed=numbers[Outcome.PASSED],
            failed=numbers[Outcome.FAILED],
            skipped=numbers[Outcome.SKIPPED],
            not_run=numbers[Outcome.NOT_RUN],
        )
    )


def _test(row: Mapping[str, Any], number: int) -> TestResult:
    """One test; it is known by its title, as ids change with every run."""
    word = text_of(row.get("status"))
    video = text_of(row.get("videoLink")) if row.get("hasVideo") is not False else ""
    outcome = OUTCOMES.get(word.replace(" ", "").lower(), Outcome.ERROR) if word else Outcome.NOT_RUN
    return TestResult(
        id=text_of(row.get("_id")) or f"row {number}",
        name=text_of(row.get("title")),
        outcome=outcome,
        word=word,
        message=_said(row.get("error")),
        seconds=seconds_of(row.get("duration")),  # nobody says that it is milliseconds; the samples look so
        step=_last_step(row.get("timeline")) if outcome in {Outcome.FAILED, Outcome.ERROR} else "",
        video=video,
    )


def _last_step(timeline: object) -> str:
    """The step that failed, else the last one: nobody publishes what an item looks like."""
    items = timeline if isinstance(timeline, list) else []
    failed = [each for each in items if isinstance(each, dict) and text_of(each.get("status")).lower() == "failed"]
    chosen = (failed or items)[-1:]
    return one_line(_said(chosen[0]), 500) if chosen else ""


def _said(value: object) -> str:
    """The words of a text, or of an object that holds some."""
    if isinstance(value, dict):
        parts = [text_of(value.get(key)) for key in ("title", "name", "action", "step", "message", "error", "stack")]
        return "\n".join(dict.fromkeys(filter(None, parts))) or json.dumps(value, ensure_ascii=False)
    return text_of(value)


def _object(reply: Reply) -> Mapping[str, Any]:
    """The JSON object in a successful answer.

    Raises:
        BadAnswer: there is none; Refused: it says that it is no success; and the errors of `Reply.data`.

    """
    data = reply.data()
    if not isinstance(data, dict):
        raise BadAnswer(f"{reply.request.label} answered {reply.status} with no JSON object: {reply.quoted}")
    if data.get("success") is False:
        raise Refused(f"{reply.request.label} was refused: {reply.quoted}", status=reply.status)
    return data


def _lenient(reply: Reply) -> Mapping[str, Any]:
    """The JSON object in any answer, an empty one where there is none."""
    try:
        data = json.loads(reply.text, strict=False)
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def _accepted(reply: Reply) -> str:
    """The platform answers as it should."""
    _object(reply)
    return "the platform accepts them"
