"""What Testsigma answers: tables of its words, the shape of a run, and the readers of each reply.

Source of the words: the vendor's documentation, and its open-source server where noted.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from testgate.errors import BadAnswer, Refused
from testgate.model import Counts, Outcome, Page, Reported, Run, RunResult, Snapshot, Status, TestResult
from testgate.shapes import count_of, field_of, rows_in, rows_of, seconds_of, text_of
from testgate.text import one_line
from testgate.wire import Reply

PAGE_SIZE = 100

# Only the completed state is final; a run with an unknown status counts as running.
# QUEUED and PRE_FLIGHT come from the open-source server; an optional STATUS_ prefix is ignored.
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

# The reference documents PASSED and FAILED; samples and the open-source server say SUCCESS and FAILURE.
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

# An unknown result of a test is an error, and reports show the word unchanged.
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
_FAILURES = frozenset({Outcome.FAILED, Outcome.ERROR})

RUN_ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")

# The tags that the platform formats its messages with. Any other tag may be what the message is about.
_MARKUP = re.compile(r"</?(?:b|i|u|em|strong|font|span|code|p|br)(?:\s[^<>]{0,300})?/?>", re.IGNORECASE)


def _counter(value: object) -> int | None:
    """Return a counter, which may be a numeric string; None if it is null or not a count."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:9])
    return count_of(value)


Word = Annotated[str, BeforeValidator(text_of)]
Counter = Annotated[int | None, BeforeValidator(_counter)]


class RunAnswer(BaseModel):
    """A run, as triggers and polls return it. Counters may be null or missing."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, alias_generator=to_camel)

    id: Annotated[str, BeforeValidator(text_of), Field(pattern=RUN_ID.pattern)]
    status: Word = ""
    result: Word = ""
    consolidated_status: Word = ""
    consolidated_result: Word = ""
    execution_id: Word = ""
    child_result: Any = None
    total_count: Counter = None
    passed_count: Counter = None
    failed_count: Counter = None
    aborted_count: Counter = None
    pre_requisite_failed_count: Counter = None
    not_executed_count: Counter = None
    stopped_count: Counter = None
    queued_count: Counter = None
    running_count: Counter = None
    duration: Annotated[float | None, BeforeValidator(seconds_of)] = None
    execution: Any = None  # an object with the plan's name; null at first

    @property
    def reported(self) -> Reported:
        """The counters of the run."""
        return Reported(
            Counts(
                passed=self.passed_count or 0,
                failed=self.failed_count or 0,
                errors=(self.aborted_count or 0) + (self.pre_requisite_failed_count or 0),
                not_run=sum(
                    number or 0
                    for number in (self.not_executed_count, self.stopped_count, self.queued_count, self.running_count)
                ),
            ),
            self.total_count,
        )

    @property
    def child_id(self) -> str:
        """ID of the run that reruns this one's failed tests; "" if there is none.

        Nobody documents the shape of `childResult`: an object with an ID and a bare ID are accepted.
        """
        child = self.child_result
        found = text_of(child.get("id") if isinstance(child, dict) else child)
        return found if RUN_ID.fullmatch(found) else ""


def run_of(reply: Reply) -> RunAnswer:
    """Return the run in a reply.

    Raises:
        BadAnswer: the reply contains no run; also the errors of `Reply.data`.

    """
    data = reply.data()
    try:
        return RunAnswer.model_validate(data)
    except ValidationError:
        remedy = "Check `base-url`: is this the address of Testsigma's API?"
        raise reply.bad_answer("no run in it", remedy=remedy) from None


def runs_marked(reply: Reply, mark: str) -> list[str]:
    """Return the IDs of the runs whose build number is `mark`, each once."""
    rows = rows_in(reply, _unwrapped(reply.data()), "page of runs")
    ids = [text_of(row.get("id")) for row in rows if row.get("buildNo") == mark]
    return [each for each in dict.fromkeys(ids) if RUN_ID.fullmatch(each)]


def snapshot_of(run: Run, reply: Reply) -> Snapshot:
    """Return the state of a run. A consolidated status, if there is one, decides when the run has ended.

    A plan that reruns its own failed tests ends only with its last rerun, which is `childResult`.
    """
    answer = run_of(reply)
    if answer.id != run.id:
        raise BadAnswer(f"{reply.request.label} answered with another run: {answer.id}")
    word = answer.consolidated_status or answer.status
    status = STATUSES.get(word.upper().removeprefix("STATUS_"))
    ended = status is Status.ENDED
    result = answer.consolidated_result or answer.result
    return Snapshot(
        run_id=run.id,
        status=status or Status.RUNNING,
        word=result if ended else word,
        result=_result(result) if ended else None,
        reported=answer.reported,
        odd="" if status else word or "no status",
        name=text_of(field_of(answer.execution, "name")),
        seconds=answer.duration if ended else None,
        successor=_successor(run, answer.child_id) if ended and answer.child_id else None,
        whole=_result(answer.consolidated_result) if ended and answer.consolidated_result else None,
        ref=answer.execution_id,
    )


def _result(word: str) -> RunResult:
    """Return the result that a word stands for."""
    return RESULTS.get(word.upper(), RunResult.UNKNOWN)


def _successor(run: Run, child_id: str) -> Run:
    """Return the platform's own rerun of a run: it has the same target, and is ours only if the first one is."""
    page = run.url.removesuffix(run.id) + child_id if run.url.endswith(run.id) else ""
    return Run(child_id, run.target, page, run.origin, run.ref)


def cases_of(reply: Reply) -> Page:
    """Return all tests of a run, by name. Their messages are on further pages."""
    cases = rows_in(reply, field_of(reply.data(), "testCases"), "list of tests")
    tests = [_listed(case, number) for number, case in enumerate(cases)]
    return Page(tests, next="0" if tests else None)


def _listed(case: Mapping[str, Any], number: int) -> TestResult:
    """Return one test of the list; a data-driven one includes its failed data sets."""
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
    """Return the outcome of a test; one without a result has not run."""
    return OUTCOMES.get(word.upper(), Outcome.ERROR) if word else Outcome.NOT_RUN


def _failed(row: Mapping[str, Any]) -> bool:
    """Whether a step or an iteration failed."""
    return _outcome(text_of(row.get("result"))) in _FAILURES


def _failed_sets(iterations: object) -> str:
    """Return a message like `Failed with the data sets: A, B`, or "" if none failed."""
    failed = (each for each in rows_of(iterations) if _failed(each))
    names = [one_line(text_of(each.get("setName")) or "unnamed", 100) for each in failed]
    return f"Failed with the data sets: {', '.join(names)}" if names else ""


def details_of(reply: Reply, run: Run, page: int) -> Page:
    """Return a page of messages and durations.

    Rows of other runs are dropped, because the platform is said to ignore the filter at times.
    """
    data = reply.data()
    rows = rows_in(reply, _unwrapped(data), "page of results")
    tests = [_detailed(row) for row in rows if text_of(row.get("executionResultId")) in {"", run.id}]
    total = _counter(field_of(data, "totalPages"))
    more = page + 1 < total if total is not None else len(rows) >= PAGE_SIZE
    return Page(tests, next=str(page + 1) if more and rows else None, refines=True)


def _detailed(row: Mapping[str, Any]) -> TestResult:
    """Return what one row adds to the list of tests."""
    word = text_of(row.get("result"))
    return TestResult(
        id=text_of(row.get("id")),
        name="",
        outcome=_outcome(word),
        word=word,
        message=_readable(text_of(row.get("message"))),
        seconds=seconds_of(row.get("duration")),
    )


def failing_step(reply: Reply, known: str = "") -> str:
    """Return action, message and error code of the first failed step, without a message that is `known` already."""
    for row in filter(_failed, rows_of(_unwrapped(reply.data()))):
        parts = [text_of(row.get("action")), _readable(text_of(row.get("message"))), text_of(row.get("errorCode"))]
        action, message, code = (one_line(part, 500) for part in parts)
        new = "" if message in one_line(known, len(known)) else message
        return ": ".join(filter(None, (action, new))) + (f" [{code}]" if code else "")
    return ""


def named_in_list(reply: Reply, *, wanted: int, name: str) -> str:
    """Report the name of the item with the ID `wanted`, which the input `name` contains.

    Raises:
        Refused: the list is complete and has no such item.
        BadAnswer: the reply contains no list; also the errors of `Reply.data`.

    """
    rows = rows_in(reply, _unwrapped(reply.data()), "list")
    for row in rows:
        if text_of(row.get("id")) == str(wanted):
            return f"known as {one_line(text_of(row.get('name')) or 'nameless', 100)!r}"
    if len(rows) >= PAGE_SIZE:
        return f"not among the first {len(rows)} that the platform lists; there may be more"
    remedy = f"Check `{name}` ({wanted}), and that `base-url` is the address of your account's region."
    raise Refused(f"the platform does not know {wanted} for this key", status=404, remedy=remedy)


def accepted(reply: Reply) -> str:
    """Report that the platform accepts the key; raises the errors of `Reply.data`."""
    reply.data()
    return "the platform accepts the key"


def _unwrapped(data: object) -> object:
    """Return the rows of a page, which third parties saw as `content`, `data`, `data.content`, and bare."""
    for key in ("content", "data", "content"):
        if isinstance(data, dict) and key in data:
            data = data[key]
    return data


def _readable(message: str) -> str:
    """Return a message without its HTML formatting; line breaks stay."""
    if not _MARKUP.search(message):
        return message
    import html  # needed only where the platform formats

    broken = re.sub(r"(?i)<br\s*/?>|</p>", "\n", message)
    return html.unescape(_MARKUP.sub("", broken))
