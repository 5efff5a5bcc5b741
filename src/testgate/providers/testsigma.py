"""Testsigma: tables of its words, shapes of its answers, its options, and what to ask it.

Facts come from the vendor's public API documentation, and where that is silent from its
open-source server; those are built tolerant.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self, get_args
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from testgate.errors import BadAnswer, Busy, PlatformError, Refused, Unavailable
from testgate.inputs.lists import IdList, SecretMap, StringMap, identifiers, write_list
from testgate.inputs.reading import Options
from testgate.inputs.values import Fault, Given, Kind, OptionalId, OptionalText, choice, one_of, positive_id
from testgate.model import Counts, Origin, Outcome, Page, Reported, Run, RunResult, Snapshot, Status, Target, TestResult
from testgate.shapes import seconds_of, text_of
from testgate.text import one_line
from testgate.wire import Call, Credential, Reply, Request

BASE_URL = "https://app.testsigma.com/api/v1"
PAGE_SIZE = 100

# Only the completed state is an end; a word that is not here means that the run still goes on.
STATUSES: Mapping[str, Status] = MappingProxyType(
    {
        "CREATED": Status.QUEUED,
        "QUEUED": Status.QUEUED,
        "PRE_FLIGHT": Status.QUEUED,
        "IN_PROGRESS": Status.RUNNING,
        "RUNNING": Status.RUNNING,
        "COMPLETED": Status.ENDED,
    }
)

# The reference speaks of PASSED and FAILED, the answers of SUCCESS and FAILURE.
RESULTS: Mapping[str, RunResult] = MappingProxyType(
    {
        "PASSED": RunResult.PASSED,
        "SUCCESS": RunResult.PASSED,
        "FAILED": RunResult.FAILED,
        "FAILURE": RunResult.FAILED,
        "PRE_REQUISITE_FAILURE": RunResult.FAILED,
        "PRE_REQUISITE_FAILED": RunResult.FAILED,
        "ABORTED": RunResult.STOPPED,
        "STOPPED": RunResult.STOPPED,
        "NOT_EXECUTED": RunResult.NOT_EXECUTED,
    }
)

# A test's word that is not here is an error, shown as it is.
OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "PASSED": Outcome.PASSED,
        "SUCCESS": Outcome.PASSED,
        "FAILED": Outcome.FAILED,
        "FAILURE": Outcome.FAILED,
        "ABORTED": Outcome.ERROR,
        "PRE_REQUISITE_FAILURE": Outcome.ERROR,
        "PRE_REQUISITE_FAILED": Outcome.ERROR,
        "SKIPPED": Outcome.SKIPPED,
        "NOT_EXECUTED": Outcome.NOT_RUN,
        "STOPPED": Outcome.NOT_RUN,
        "QUEUED": Outcome.NOT_RUN,
        "RUNNING": Outcome.NOT_RUN,
        "IN_PROGRESS": Outcome.NOT_RUN,
    }
)

_RUN_ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")

# The tags with which the platform formats its messages; others may be what the message is about.
_MARKUP = re.compile(r"</?(?:b|i|u|em|strong|font|span|code|p|br)(?:\s[^<>]{0,300})?/?>", re.IGNORECASE)


RerunType = Literal["ALL_TESTS", "ONLY_FAILED_TESTS", "ALL_ITERATIONS", "ONLY_FAILED_ITERATIONS", "USER_PICKED"]
ITERATIONS = ("ALL", "FAILED", "PASSED", "USER_PICKED")

# Exact texts of the open-source server: with one of these, and only then, it is certain that nothing was started.
BUSY_TEXTS = ("The specified Test Plan is currently running.", "Another test plan is already in progress")


def picked_results(given: Given) -> tuple[dict[str, Any], ...]:
    """Test case results to rerun: ids, or JSON objects as the API takes them."""
    if not given.text.startswith(("[", "{")):
        return tuple({"id": number} for number in identifiers(given))
    texts = given.text.split("\n") if given.numbered else [given.text]
    try:
        data = [json.loads(text) for text in texts if text]
    except (ValueError, RecursionError):
        raise Fault("is not valid JSON") from None
    rows = data[0] if len(data) == 1 and isinstance(data[0], list) else data
    return tuple(_picked(row, number) for number, row in enumerate(rows, 1))


def _picked(row: object, number: int) -> dict[str, Any]:
    """One of them, checked."""
    if not isinstance(row, dict):
        return {"id": positive_id(str(row))}
    unknown = sorted(row.keys() - {"id", "iterationReRunType", "iterationResultIds"})
    if unknown or "id" not in row:
        raise Fault(f"item {number} may hold `id`, `iterationReRunType` and `iterationResultIds`", shown="")
    picked: dict[str, Any] = {"id": positive_id(str(row["id"]))}
    if "iterationReRunType" in row:
        picked["iterationReRunType"] = choice(str(row["iterationReRunType"]), ITERATIONS)
    if "iterationResultIds" in row:
        ids = row["iterationResultIds"]
        if not isinstance(ids, list):
            raise Fault(f"item {number}: `iterationResultIds` must be a list", shown="")
        picked["iterationResultIds"] = [positive_id(str(each)) for each in ids]
    return picked


class TestsigmaOptions(Options):
    """What is run on Testsigma, and how."""

    test_plan_id: IdList = Field(
        default=(),
        description="The test plans to run: one id or several. The id stands in the address of the plan's page.",
        examples=["274"],
    )
    environment_id: OptionalId = Field(
        default=None,
        description="The environment to run all plans in. Without it, each plan's own.",
        examples=["12"],
    )
    runtime_data: SecretMap = Field(
        default_factory=dict,
        description="Values for the plans' runtime parameters, a `name=value` line each. The values are never printed;"
        " those of eight characters and more are hidden even where the platform echoes them.",
        examples=["username=ci-user"],
    )
    build_no: OptionalText = Field(
        default=None,
        description="The build number shown on the platform. Without it one is made of the CI's run, branch "
        "and commit, and a random part, by which a run can be told from every other.",
        examples=["1.4.2"],
    )
    execution_config: OptionalText = Field(
        default=None,
        description="A saved execution config, by name, to run a part of the plan.",
        examples=["smoke"],
    )
    execution_config_id: OptionalText = Field(
        default=None,
        description="A saved execution config, by id.",
        examples=["2"],
    )
    upload_versions: StringMap = Field(
        default_factory=dict,
        description="Which uploaded version of the app each device uses: a `device id=upload version id` line each.",
        examples=["31=482"],
    )
    rerun_type: Annotated[RerunType, one_of(*get_args(RerunType))] = Field(
        default="ONLY_FAILED_TESTS",
        description="For `command: rerun`: which tests to run again.",
        examples=["USER_PICKED"],
    )
    test_case_results: Annotated[tuple[dict[str, Any], ...], Kind(picked_results, write_list, several=True)] = Field(
        default=(),
        description="For `rerun-type: USER_PICKED`: ids of test case results, or JSON objects with `id`,"
        " `iterationReRunType` and `iterationResultIds`.",
        examples=["2880, 2874"],
    )

    @model_validator(mode="after")
    def _picked_together(self) -> Self:
        """USER_PICKED and what is picked belong together."""
        if (self.rerun_type == "USER_PICKED") != bool(self.test_case_results):
            raise ValueError("`rerun-type: USER_PICKED` and `test-case-results` are given together or not at all")
        return self


class Testsigma:
    """Says what to ask of Testsigma; see `ports.Provider`."""

    poll_batch = 1

    def __init__(self, base_url: str | None, key: str, options: TestsigmaOptions, run_ids: Sequence[str] = ()) -> None:
        """Take the API's address (None: the usual one), the key, the options, and the runs that the user names."""
        self._run_ids = run_ids
        self._base = base_url or BASE_URL
        self._credential = Credential("Authorization", f"Bearer {key}")
        self._options = options

    def targets(self) -> Sequence[Target]:
        """One target a plan."""
        return [Target(str(plan), f"Test plan {plan}", str(plan)) for plan in self._options.test_plan_id]

    def live(self, run: Run) -> None:
        """Polls tell the counters."""

    def attached(self) -> Sequence[Run]:
        """The runs of `run-id`; what they were made from is not known yet."""
        return [
            Run(each, Target(f"run {each}", f"Run {each}"), self._page(each), Origin.ATTACHED) for each in self._run_ids
        ]

    def trigger(self, target: Target, mark: str) -> Call[Run]:
        """`POST /execution_results`; keys that were not given are left out."""
        body = json.loads(target.ref) if target.ref.startswith("{") else self._first_body(int(target.ref), mark)
        request = self._request("POST", "/execution_results", body=body, private=frozenset({"runtimeData"}))
        return Call(f"start {target.name}", request, lambda reply: self._started(reply, target), repeatable=False)

    def _first_body(self, plan: int, mark: str) -> dict[str, Any]:
        """The body of a plan's run."""
        options = self._options
        config = {"name": options.execution_config, "id": options.execution_config_id}
        body = {
            "executionId": plan,
            "environmentId": options.environment_id,
            "executionConfig": {name: value for name, value in config.items() if value},
            "uploadVersions": dict(options.upload_versions),
            "buildNo": options.build_no or mark,
            "runtimeData": {name: value.get_secret_value() for name, value in options.runtime_data.items()},
        }
        return {name: value for name, value in body.items() if value}

    def rerun(self, run: Run, failed: Sequence[TestResult] | None) -> Target:
        """The same POST with `isReRun`; it has no documented place for a mark.

        Raises:
            PlatformError: nobody told which plan the run belongs to.

        """
        plan = run.ref or (run.target.ref if run.target.ref.isdigit() else "")
        if not plan.isdigit():
            raise PlatformError(f"the platform does not say which test plan run {run.id} belongs to")
        body: dict[str, Any] = {
            "executionId": int(plan),
            "executionResultId": int(run.id) if run.id.isdigit() else run.id,
            "isReRun": True,
            "reRunType": self._options.rerun_type if failed is None else "USER_PICKED",
        }
        picked = self._options.test_case_results if failed is None else [_request_of(test) for test in failed]
        if picked:
            body["testCaseResultRequests"] = list(picked)
        return Target(run.target.key, run.target.name, json.dumps(body))

    def find(self, target: Target, mark: str) -> Call[Sequence[Run]] | None:
        """The plan's latest runs, by their build number; known from a third party only.

        A user's own build number is no mark, and a rerun bears none.
        """
        if self._options.build_no or target.ref.startswith("{"):
            return None
        request = self._request(
            "GET",
            f"/executions/{target.ref}/test_plan_results",
            query={"page": "0", "size": "20", "sortBy": "id", "direction": "DESC"},
        )
        return Call(
            f"look for the run of {target.name}",
            request,
            lambda reply: self._marked(reply, target, mark),
            essential=False,
        )

    def _marked(self, reply: Reply, target: Target, mark: str) -> Sequence[Run]:
        """The runs with this build number."""
        rows = _rows(reply.data())
        if rows is None:
            raise BadAnswer(f"{reply.request.label} answered {reply.status} with no page of runs: {reply.quoted}")
        ids = [text_of(row.get("id")) for row in rows if row.get("buildNo") == mark]
        return [Run(each, target, self._page(each)) for each in dict.fromkeys(ids) if _RUN_ID.fullmatch(each)]

    def stop(self, run: Run) -> Call[None] | None:
        """`PUT /execution_results/{id}`: this run only."""
        body = {"canStopAll": False, "result": "STOPPED"}
        request = self._request("PUT", f"/execution_results/{quote(run.id, safe='')}", body=body)
        return Call(f"stop run {run.id}", request, lambda reply: reply.check(), repeatable=False)

    def stop_all(self) -> Call[None] | None:
        """The documented call without an id: it stops every run of the account."""
        body = {"canStopAll": True, "result": "STOPPED"}
        request = self._request("PUT", "/execution_results", body=body)
        return Call("stop every run", request, lambda reply: reply.check(), repeatable=False)

    def diagnose(self, run: Run, test: TestResult) -> Call[str] | None:
        """The failing step, from version 2 of the API."""
        if not test.id.isdigit() or not self._base.endswith("/api/v1"):
            return None
        path = f"/test_runs/{quote(run.id, safe='')}/test_case_results/{test.id}/step_results"
        request = Request("GET", self._base.removesuffix("/v1") + "/v2" + path, credential=self._credential)
        read = partial(failing_step, told=test.message)
        return Call(f"read the steps of {test.name}", request, read, essential=False)

    def checks(self) -> Sequence[tuple[str, Call[str]]]:
        """Key and URL; then whether plans and environment are known. Where a list is refused, nobody can tell."""
        environments = self._request("GET", "/environments", query={"page": "0", "size": str(PAGE_SIZE)})
        asked = [("key", Call("read the environments", environments, _accepted))]
        for plan in self._options.test_plan_id:
            request = self._request("GET", "/test_plans", query={"query": f"id:{plan}", "page": "0", "size": "1"})
            read = partial(_named_in_list, wanted=plan, name="test-plan-id")
            asked.append((f"test plan {plan}", Call(f"read test plan {plan}", request, read, essential=False)))
        if self._options.environment_id is not None:
            read = partial(_named_in_list, wanted=self._options.environment_id, name="environment-id")
            call = Call("read the environments", environments, read, essential=False)
            asked.append((f"environment {self._options.environment_id}", call))
        return asked

    def poll(self, runs: Sequence[Run]) -> Call[Sequence[Snapshot]]:
        """`GET /execution_results/{id}`."""
        (run,) = runs
        request = self._request("GET", f"/execution_results/{quote(run.id, safe='')}")
        return Call(f"read run {run.id}", request, lambda reply: [snapshot_of(run, reply)])

    def results(self, run: Run, cursor: str | None) -> Call[Page] | None:
        """First the names of all tests, then page by page their messages and durations.

        The second kind of page is documented by third parties only: it may be refused.
        """
        if cursor is None:
            request = self._request("GET", f"/execution_results/{quote(run.id, safe='')}/test_case_results")
            return Call(f"read the tests of run {run.id}", request, names_of)
        query = {
            "query": f"executionResultId:{run.id},iteration:null,isStepGroup:false",
            "page": cursor,
            "size": str(PAGE_SIZE),
        }
        request = self._request("GET", "/test_case_results", query=query)
        return Call(
            f"read messages and durations of run {run.id}",
            request,
            lambda reply: details_of(reply, run, int(cursor)),
            essential=False,
        )

    def _request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] = MappingProxyType({}),
        body: Mapping[str, Any] | None = None,
        private: frozenset[str] = frozenset(),
    ) -> Request:
        """A request with the key."""
        return Request(method, self._base + path, query, body, self._credential, private)

    def _started(self, reply: Reply, target: Target) -> Run:
        """The run that a trigger started."""
        try:
            answer = _run_answer(reply)
        except Unavailable as refusal:
            if reply.words.strip().startswith(BUSY_TEXTS):
                raise Busy(
                    str(reply.quoted), remedy="Run the job when the plan is over, or use `on-busy: wait`."
                ) from refusal
            raise
        except Refused as refusal:
            raise Refused(
                f"{target.name} was not started: {refusal}",
                status=refusal.status,
                remedy=refusal.remedy or _remedy(refusal, target.key),
            ) from refusal
        plan = _plan_of(target)
        if answer.executionId not in {"", plan}:
            raise BadAnswer(
                f"{reply.request.label} answered with a run of plan {answer.executionId}, and plan {plan} was started"
            )
        return Run(answer.id, target, self._page(answer.id), ref=answer.executionId)

    def _page(self, run_id: str) -> str:
        """The run's page for people."""
        parts = urlsplit(self._base)
        return f"{parts.scheme}://{parts.netloc}/ui/td/runs/{quote(run_id, safe='')}"


def _plan_of(target: Target) -> str:
    """The plan that a target runs, or runs again."""
    return str(json.loads(target.ref)["executionId"]) if target.ref.startswith("{") else target.ref


def _remedy(refusal: Refused, plan: str) -> str:
    """What to look at when a plan is not started."""
    if refusal.missing:
        return (
            f"Check `test-plan-id` ({plan}): there is no such plan for this key. Check `base-url` too: "
            "an account lives in one region only."
        )
    return "Check `test-plan-id`, `environment-id`, `execution-config` and `upload-versions` against the platform."


def _count(value: object) -> int | None:
    """A counter; None for null and what is no count."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:9])
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _plan_name(value: object) -> str:
    """The plan's name out of the nested object; it is null at first."""
    return text_of(value.get("name")) if isinstance(value, dict) else ""


Word = Annotated[str, BeforeValidator(text_of)]
Number = Annotated[int | None, BeforeValidator(_count)]


class RunAnswer(BaseModel):
    """A run as the API tells it; counters may be null or absent."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    id: Annotated[str, BeforeValidator(text_of), Field(pattern=_RUN_ID.pattern)]
    status: Word = ""
    result: Word = ""
    consolidatedStatus: Word = ""  # noqa: N815  # the API's names
    consolidatedResult: Word = ""  # noqa: N815
    executionId: Word = ""  # noqa: N815
    childResult: Any = None  # noqa: N815
    totalCount: Number = None  # noqa: N815
    passedCount: Number = None  # noqa: N815
    failedCount: Number = None  # noqa: N815
    abortedCount: Number = None  # noqa: N815
    preRequisiteFailedCount: Number = None  # noqa: N815
    notExecutedCount: Number = None  # noqa: N815
    stoppedCount: Number = None  # noqa: N815
    queuedCount: Number = None  # noqa: N815
    runningCount: Number = None  # noqa: N815
    duration: Annotated[float | None, BeforeValidator(seconds_of)] = None
    execution: Annotated[str, BeforeValidator(_plan_name)] = ""

    @property
    def reported(self) -> Reported:
        """The counters in our words."""
        return Reported(
            Counts(
                passed=self.passedCount or 0,
                failed=self.failedCount or 0,
                errors=(self.abortedCount or 0) + (self.preRequisiteFailedCount or 0),
                not_run=sum(
                    number or 0
                    for number in (self.notExecutedCount, self.stoppedCount, self.queuedCount, self.runningCount)
                ),
            ),
            self.totalCount,
        )


def _run_answer(reply: Reply) -> RunAnswer:
    """The run in an answer.

    Raises:
        BadAnswer: there is none in it; and the errors of `Reply.data`.

    """
    data = reply.data()
    try:
        return RunAnswer.model_validate(data)
    except ValidationError:
        message = f"{reply.request.label} answered {reply.status} with no run in it: {reply.quoted}"
        raise BadAnswer(message, remedy="Check `base-url`: is this the address of Testsigma's API?") from None


def snapshot_of(run: Run, reply: Reply) -> Snapshot:
    """The run's state. Where a consolidated status is present, it says when the run is over.

    A plan that reruns its failed tests by itself has completed only then; its rerun is
    `childResult`, whose shape nobody documents: an object with an id, or an id.
    """
    answer = _run_answer(reply)
    if answer.id != run.id:
        raise BadAnswer(f"{reply.request.label} answered with another run: {answer.id}")
    word = answer.consolidatedStatus or answer.status
    status = STATUSES.get(word.upper().removeprefix("STATUS_"))
    ended = status is Status.ENDED
    result = answer.consolidatedResult or answer.result
    child = answer.childResult.get("id") if isinstance(answer.childResult, dict) else answer.childResult
    child_id = text_of(child)
    return Snapshot(
        run_id=run.id,
        status=status or Status.RUNNING,
        word=result if ended else word,
        result=_result(result) if ended else None,
        reported=answer.reported,
        odd="" if status else word or "no status",
        name=answer.execution,
        seconds=answer.duration if ended else None,
        successor=_successor(run, child_id) if ended and _RUN_ID.fullmatch(child_id) else None,
        whole=_result(answer.consolidatedResult) if ended and answer.consolidatedResult else None,
        ref=answer.executionId,
    )


def _result(word: str) -> RunResult:
    """What a result word means."""
    return RESULTS.get(word.upper(), RunResult.UNKNOWN)


def _successor(run: Run, child_id: str) -> Run:
    """The run that the platform began by itself: of the same target, and as much ours as the first."""
    page = run.url.removesuffix(run.id) + child_id if run.url.endswith(run.id) else ""
    return Run(child_id, run.target, page, run.origin, run.ref)


def _request_of(test: TestResult) -> dict[str, Any]:
    """One picked test; of a data-driven one only the iterations that failed."""
    picked: dict[str, Any] = {"id": int(test.id) if test.id.isdigit() else test.id}
    return {**picked, "iterationReRunType": "FAILED"} if test.iterated else picked


def failing_step(reply: Reply, told: str = "") -> str:
    """Action, message and error code of the first step that failed; a message that was `told` is not repeated."""
    for row in _rows(reply.data()) or []:
        if _outcome(text_of(row.get("result"))) in {Outcome.FAILED, Outcome.ERROR}:
            parts = [text_of(row.get("action")), _readable(text_of(row.get("message"))), text_of(row.get("errorCode"))]
            action, message, code = (one_line(part, 500) for part in parts)
            new = "" if message in one_line(told, len(told)) else message
            return ": ".join(filter(None, (action, new))) + (f" [{code}]" if code else "")
    return ""


def _accepted(reply: Reply) -> str:
    """The platform knows the key."""
    reply.data()
    return "the platform accepts the key"


def _named_in_list(reply: Reply, *, wanted: int, name: str) -> str:
    """What the platform calls the thing with this id; a list that is whole and lacks it says that the id is wrong."""
    rows = _rows(reply.data())
    if rows is None:
        raise BadAnswer(f"{reply.request.label} answered {reply.status} with no list: {reply.quoted}")
    for row in rows:
        if text_of(row.get("id")) == str(wanted):
            return f"known as {one_line(text_of(row.get('name')) or 'nameless', 100)!r}"
    if len(rows) >= PAGE_SIZE:
        return f"not among the first {len(rows)} that the platform lists; there may be more"
    remedy = f"Check `{name}` ({wanted}), and that `base-url` is of the account's region."
    raise Refused(f"the platform does not know {wanted} for this key", status=404, remedy=remedy)


def names_of(reply: Reply) -> Page:
    """All tests of the run, by name; the messages are on further pages."""
    data = reply.data()
    cases = data.get("testCases") if isinstance(data, dict) else None
    if not isinstance(cases, list):
        raise BadAnswer(f"{reply.request.label} answered {reply.status} with no list of tests: {reply.quoted}")
    tests = [_named(case, number) for number, case in enumerate(cases) if isinstance(case, dict)]
    return Page(tests, next="0" if tests else None)


def _named(case: Mapping[str, Any], number: int) -> TestResult:
    """One test of the list; a data-driven one tells which of its sets failed."""
    word = text_of(case.get("result"))
    return TestResult(
        id=text_of(case.get("testCaseResultId")) or f"row {number}",
        name=text_of(case.get("testCaseName")),
        outcome=_outcome(word),
        word=word,
        case_id=text_of(case.get("testCaseId")),
        suite=text_of(case.get("testSuiteName")),
        machine=text_of(case.get("machineTitle")),
        message=_failed_sets(case.get("iterationResults")),
        iterated=case.get("isDataDrivenCase") is True,
    )


def _outcome(word: str) -> Outcome:
    """The outcome of a test; without a word it has not run."""
    return OUTCOMES.get(word.upper(), Outcome.ERROR) if word else Outcome.NOT_RUN


def _failed_sets(iterations: object) -> str:
    """`failed with the data sets: A, B`, "" where none did."""
    if not isinstance(iterations, list):
        return ""
    names = [
        one_line(text_of(each.get("setName")) or "unnamed", 100)
        for each in iterations
        if isinstance(each, dict) and _outcome(text_of(each.get("result"))) in {Outcome.FAILED, Outcome.ERROR}
    ]
    return f"Failed with the data sets: {', '.join(names)}" if names else ""


def details_of(reply: Reply, run: Run, page: int) -> Page:
    """A page of messages and durations. Rows of other runs are dropped: the filter may be ignored."""
    data = reply.data()
    rows = _rows(data)
    if rows is None:
        raise BadAnswer(f"{reply.request.label} answered {reply.status} with no page of results: {reply.quoted}")
    tests = [_detailed(row) for row in rows if text_of(row.get("executionResultId")) in {"", run.id}]
    total = _count(data.get("totalPages")) if isinstance(data, dict) else None
    more = page + 1 < total if total is not None else len(rows) >= PAGE_SIZE
    return Page(tests, next=str(page + 1) if more and rows else None, refines=True)


def _rows(data: object) -> list[dict[str, Any]] | None:
    """The rows of a page; they were seen under three names, and bare."""
    for key in ("content", "data", "content"):
        if isinstance(data, dict) and key in data:
            data = data[key]
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else None


def _detailed(row: Mapping[str, Any]) -> TestResult:
    """One row: only what the list of names lacks."""
    word = text_of(row.get("result"))
    return TestResult(
        id=text_of(row.get("id")),
        name="",
        outcome=_outcome(word),
        word=word,
        message=_readable(text_of(row.get("message"))),
        seconds=seconds_of(row.get("duration")),
    )


def _readable(message: str) -> str:
    """A message without its formatting: line breaks stay, tags that people do not read go."""
    if not _MARKUP.search(message):
        return message
    import html  # only where the platform formats

    broken = re.sub(r"(?i)<br\s*/?>|</p>", "\n", message)
    return html.unescape(_MARKUP.sub("", broken))
