"""Testsigma: tables of its words, shapes of its answers, its options, and what to ask it.

Facts come from the vendor's public API documentation, and where that is silent from its
open-source server; those are built tolerant.
"""

import math
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from testgate.errors import BadAnswer, Refused
from testgate.inputs import Options
from testgate.inputs.lists import IdList, SecretMap, StringMap
from testgate.inputs.values import OptionalId, OptionalText
from testgate.model import Counts, Ending, Outcome, Page, Reported, Run, Snapshot, Status, Target, TestResult
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
ENDINGS: Mapping[str, Ending] = MappingProxyType(
    {
        "PASSED": Ending.PASSED,
        "SUCCESS": Ending.PASSED,
        "FAILED": Ending.FAILED,
        "FAILURE": Ending.FAILED,
        "PRE_REQUISITE_FAILURE": Ending.FAILED,
        "PRE_REQUISITE_FAILED": Ending.FAILED,
        "ABORTED": Ending.STOPPED,
        "STOPPED": Ending.STOPPED,
        "NOT_EXECUTED": Ending.NOT_EXECUTED,
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

# The tags with which the platform formats its messages; others may be what the message is about.
_MARKUP = re.compile(r"</?(?:b|i|u|em|strong|font|span|code|p|br)(?:\s[^<>]{0,300})?/?>", re.IGNORECASE)


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
        description="Values for the plans' runtime parameters, a `name=value` line each. The values are never printed.",
        examples=["username=ci-user"],
    )
    build_no: OptionalText = Field(
        default=None,
        description="The build number shown on the platform. Without it a unique one is made, by which a run can be "
        "told from every other.",
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


class Testsigma:
    """Says what to ask of Testsigma; see `ports.Provider`."""

    poll_batch = 1

    def __init__(self, base_url: str | None, key: str, options: TestsigmaOptions) -> None:
        """Take the API's address (None: the usual one), the key and the options."""
        self._base = base_url or BASE_URL
        self._credential = Credential("Authorization", f"Bearer {key}")
        self._options = options

    def targets(self) -> Sequence[Target]:
        """One target a plan."""
        return [Target(str(plan), f"Test plan {plan}", str(plan)) for plan in self._options.test_plan_id]

    def trigger(self, target: Target, mark: str) -> Call[Run]:
        """`POST /execution_results`; keys that were not given are left out."""
        options = self._options
        config = {"name": options.execution_config, "id": options.execution_config_id}
        body = {
            "executionId": int(target.ref),
            "environmentId": options.environment_id,
            "executionConfig": {name: value for name, value in config.items() if value},
            "uploadVersions": dict(options.upload_versions),
            "buildNo": options.build_no or mark,
            "runtimeData": {name: value.get_secret_value() for name, value in options.runtime_data.items()},
        }
        request = self._request(
            "POST", "/execution_results", body={name: value for name, value in body.items() if value}
        )
        return Call(
            f"start test plan {target.ref}", request, lambda reply: self._started(reply, target), repeatable=False
        )

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
    ) -> Request:
        """A request with the key."""
        return Request(method, self._base + path, query, body, self._credential)

    def _started(self, reply: Reply, target: Target) -> Run:
        """The run that a trigger started."""
        try:
            answer = _run_answer(reply)
        except Refused as refusal:
            raise Refused(
                f"test plan {target.ref} was not started: {refusal}",
                status=refusal.status,
                remedy=refusal.remedy or _remedy(refusal, target.ref),
            ) from refusal
        return Run(answer.id, target, url=self._page(answer.id))

    def _page(self, run_id: str) -> str:
        """The run's page for people."""
        parts = urlsplit(self._base)
        return f"{parts.scheme}://{parts.netloc}/ui/td/runs/{quote(run_id, safe='')}"


def _remedy(refusal: Refused, plan: str) -> str:
    """What to look at when a plan is not started."""
    if refusal.missing:
        return (
            f"Check `test-plan-id` ({plan}): there is no such plan for this key. Check `base-url` too: "
            "an account lives in one region only."
        )
    return "Check `test-plan-id`, `environment-id`, `execution-config` and `upload-versions` against the platform."


def _text(value: object) -> str:
    """A word as text; "" for null and what is no word."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _count(value: object) -> int | None:
    """A counter; None for null and what is no count."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:9])
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _seconds(value: object) -> float | None:
    """Milliseconds as seconds; None for null and what is no duration."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value) / 1000
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _plan_name(value: object) -> str:
    """The plan's name out of the nested object; it is null at first."""
    return _text(value.get("name")) if isinstance(value, dict) else ""


Word = Annotated[str, BeforeValidator(_text)]
Number = Annotated[int | None, BeforeValidator(_count)]


class RunAnswer(BaseModel):
    """A run as the API tells it; counters may be null or absent."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    id: Annotated[str, BeforeValidator(_text), Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
    status: Word = ""
    result: Word = ""
    consolidatedStatus: Word = ""  # noqa: N815  # the API's names
    consolidatedResult: Word = ""  # noqa: N815
    totalCount: Number = None  # noqa: N815
    passedCount: Number = None  # noqa: N815
    failedCount: Number = None  # noqa: N815
    abortedCount: Number = None  # noqa: N815
    preRequisiteFailedCount: Number = None  # noqa: N815
    notExecutedCount: Number = None  # noqa: N815
    stoppedCount: Number = None  # noqa: N815
    queuedCount: Number = None  # noqa: N815
    runningCount: Number = None  # noqa: N815
    duration: Annotated[float | None, BeforeValidator(_seconds)] = None
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

    A plan that reruns its failed tests by itself has completed only then.
    """
    answer = _run_answer(reply)
    if answer.id != run.id:
        raise BadAnswer(f"{reply.request.label} answered with another run: {answer.id}")
    word = answer.consolidatedStatus or answer.status
    status = STATUSES.get(word.upper().removeprefix("STATUS_"))
    result = answer.consolidatedResult or answer.result
    ended = status is Status.ENDED
    return Snapshot(
        run_id=run.id,
        status=status or Status.RUNNING,
        word=result if ended else word,
        ending=ENDINGS.get(result.upper(), Ending.UNKNOWN) if ended else None,
        reported=answer.reported,
        odd="" if status else word or "no status",
        name=answer.execution,
        seconds=answer.duration if ended else None,
    )


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
    word = _text(case.get("result"))
    return TestResult(
        id=_text(case.get("testCaseResultId")) or f"row {number}",
        name=_text(case.get("testCaseName")),
        outcome=_outcome(word),
        word=word,
        case_id=_text(case.get("testCaseId")),
        suite=_text(case.get("testSuiteName")),
        machine=_text(case.get("machineTitle")),
        message=_failed_sets(case.get("iterationResults")),
    )


def _outcome(word: str) -> Outcome:
    """The outcome of a test; without a word it has not run."""
    return OUTCOMES.get(word.upper(), Outcome.ERROR) if word else Outcome.NOT_RUN


def _failed_sets(iterations: object) -> str:
    """`failed with the data sets: A, B`, "" where none did."""
    if not isinstance(iterations, list):
        return ""
    names = [
        one_line(_text(each.get("setName")) or "unnamed", 100)
        for each in iterations
        if isinstance(each, dict) and _outcome(_text(each.get("result"))) in {Outcome.FAILED, Outcome.ERROR}
    ]
    return f"Failed with the data sets: {', '.join(names)}" if names else ""


def details_of(reply: Reply, run: Run, page: int) -> Page:
    """A page of messages and durations. Rows of other runs are dropped: the filter may be ignored."""
    data = reply.data()
    rows = _rows(data)
    if rows is None:
        raise BadAnswer(f"{reply.request.label} answered {reply.status} with no page of results: {reply.quoted}")
    tests = [_detailed(row) for row in rows if _text(row.get("executionResultId")) in {"", run.id}]
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
    word = _text(row.get("result"))
    return TestResult(
        id=_text(row.get("id")),
        name="",
        outcome=_outcome(word),
        word=word,
        message=_readable(_text(row.get("message"))),
        seconds=_seconds(row.get("duration")),
    )


def _readable(message: str) -> str:
    """A message without its formatting: line breaks stay, tags that people do not read go."""
    if not _MARKUP.search(message):
        return message
    import html  # noqa: PLC0415  # only where the platform formats

    broken = re.sub(r"(?i)<br\s*/?>|</p>", "\n", message)
    return html.unescape(_MARKUP.sub("", broken))
