"""What Testsigma answers: the shape of a run, and the readers of each reply."""

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from testgate.errors import BadAnswer
from testgate.model import Counts, Outcome, Page, Reported, Run, RunResult, Snapshot, Status, Target, TestResult
from testgate.providers.testsigma.words import LOST, OUTCOMES, RESULTS, STATUSES, Meanings, outcome_of
from testgate.providers.words import Ended, end_of
from testgate.shapes import (
    NOT_A_NUMBER,
    Shared,
    field_of,
    folded,
    id_of,
    is_odd,
    line_of,
    number_of,
    rows_doubt,
    rows_in,
    rows_of,
    seconds_of,
    text_of,
    unreadable,
    used_up,
)
from testgate.text import one_line
from testgate.wire import Reply

PAGE_SIZE = 100
LARGE_PAGE_SIZE = 500  # servers that give fewer rows at a time say so, and a server that refuses it is asked for less
_MANY = 1_000  # tests: fewer need no large pages

_FAILURES = frozenset({Outcome.FAILED, Outcome.ERROR})
_WORDS = ("status", "result", "consolidatedStatus", "consolidatedResult", "executionId", "reRunParentId")
_COUNTERS = (
    *("totalCount", "passedCount", "failedCount", "abortedCount", "preRequisiteFailedCount"),
    *("notExecutedCount", "stoppedCount", "queuedCount", "runningCount"),
)

RUN_ID = re.compile(r"^[A-Za-z0-9_-]{1,64}$")


class RunAnswer(NamedTuple):
    """A run, as triggers and polls return it. A counter is None if it is null or missing, NOT_A_NUMBER if it is odd.

    `child_result` and `execution`, an object with the plan's name, are as they came.
    """

    id: str
    status: str
    result: str
    consolidated_status: str
    consolidated_result: str
    execution_id: str
    re_run_parent_id: str
    counters: Mapping[str, int | None]
    duration: float | None
    child_result: Any
    execution: Any

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "RunAnswer":
        """Read an object; its id is "" if it has none."""

        def word(key: str) -> str:
            return text_of(data.get(key))

        return cls(
            id=word("id"),
            status=word("status"),
            result=word("result"),
            consolidated_status=word("consolidatedStatus"),
            consolidated_result=word("consolidatedResult"),
            execution_id=word("executionId"),
            re_run_parent_id=word("reRunParentId"),
            counters={key: number_of(data.get(key)) for key in _COUNTERS},
            duration=seconds_of(data.get("duration")),
            child_result=data.get("childResult"),
            execution=data.get("execution"),
        )

    @property
    def reported(self) -> Reported:
        """The counters of the run; one that cannot be read is a doubt."""
        total, passed, failed, aborted, prerequisite, *not_run = (max(0, each or 0) for each in self.counters.values())
        counts = Counts(passed=passed, failed=failed, errors=aborted + prerequisite, not_run=sum(not_run))
        return Reported(counts, total if self.counters["totalCount"] is not None else None)

    @property
    def doubts(self) -> tuple[str, ...]:
        """The counters that are there and cannot be read."""
        lost = bool(self.child_result) and not self.child_id  # a rerun that cannot be followed
        return (
            *(f"its {name} is not a number" for name, found in self.counters.items() if found == NOT_A_NUMBER),
            *(["its childResult cannot be read"] if lost else []),
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
    answer = RunAnswer.of(data if isinstance(data, dict) else {})
    if not RUN_ID.fullmatch(answer.id):
        remedy = "Check `base-url`: is this the address of Testsigma's API?"
        raise reply.bad_answer("no run in it", remedy=remedy)
    return answer


def runs_marked(reply: Reply, mark: str) -> list[str]:
    """Return the IDs of the runs whose build number is `mark`, each once."""
    rows = rows_in(reply, unwrapped(reply.data()), "page of runs")
    # A rerun that the platform added carries the same build number; it isn't what the trigger started.
    ids = [
        text_of(row.get("id")) for row in rows if row.get("buildNo") == mark and not text_of(row.get("reRunParentId"))
    ]
    return [each for each in dict.fromkeys(ids) if RUN_ID.fullmatch(each)]


def snapshot_of(run: Run, reply: Reply) -> Snapshot:
    """Return the state of a run. A consolidated status, if there is one, decides when the run has ended.

    A plan that reruns its own failed tests ends only with its last rerun, which is `childResult`.
    """
    answer = run_of(reply)
    if answer.id != run.id:
        raise BadAnswer(f"{reply.request.label} answered with another run: {answer.id}")
    plan = run.ref or plan_of(run.target)
    if not run.ancestors and plan and answer.execution_id not in {"", plan}:
        raise BadAnswer(f"{reply.request.label} answered with a run of another plan: {answer.execution_id}")
    word = answer.consolidated_status or answer.status
    status = STATUSES.get(folded(word).removeprefix("status"))
    end = end_of(word) if status is None else None
    ended = status is Status.ENDED or end is not None
    own = answer.result or answer.consolidated_result
    broken = _result(own) in {RunResult.STOPPED, RunResult.NOT_EXECUTED}  # no rerun mends that, so it's what counts
    result = own if broken else answer.consolidated_result or answer.result  # what people are shown
    return Snapshot(
        run_id=run.id,
        status=Status.ENDED if ended else status or Status.RUNNING,
        word=(result or (word if end else "")) if ended else word,
        result=_ended_as(own, end) if ended else None,
        reported=answer.reported,
        odd="" if status or end else word or "no status",
        name=text_of(field_of(answer.execution, "name")),
        seconds=answer.duration if ended else None,
        successor=_successor(run, answer) if ended and answer.child_id else None,
        whole=_result(answer.consolidated_result) if ended and answer.consolidated_result else None,
        doubts=(*answer.doubts, *unreadable(reply.data(), *_WORDS)) if ended else (),
        parent=answer.re_run_parent_id,
        ref=answer.execution_id,
        inferred=end is not None,
        aborted=ended and end is None and folded(own) in LOST,
    )


def _ended_as(word: str, end: Ended | None) -> RunResult:
    """Return the result of a run that has ended. Without one, a status that no table knows may be the result."""
    return end.result if end and end.result and not word else _result(word)


def plan_of(target: Target) -> str:
    """Return the ID of the plan that a target starts or reruns; "" if it isn't known."""
    if not target.ref.startswith("{"):
        return target.ref
    return text_of(json.loads(target.ref).get("executionId"))


def _result(word: str) -> RunResult:
    """Return the result that a word stands for."""
    return RESULTS.get(folded(word), RunResult.UNKNOWN)


def _successor(run: Run, answer: RunAnswer) -> Run:
    """Return the platform's own rerun of a run: it has the same target, and is ours only if the first one is."""
    page = run.url.removesuffix(run.id) + answer.child_id if run.url.endswith(run.id) else ""
    return Run(answer.child_id, run.target, page, run.origin, run.ref or answer.execution_id)


def cases_of(reply: Reply, run: Run) -> Page:
    """Return all tests of a run, by name. Their messages are on further pages.

    What the list says about itself is evidence too: its run, its plan and its result.
    """
    data = reply.data()
    cases = rows_in(reply, field_of(data, "testCases"), "list of tests")
    iterations = [row for case in cases for row in rows_doubt(case.get("iterationResults"), "iterationResults")]
    odd_rows = [*rows_doubt(data.pop("testCases"), "list of tests"), *iterations[:1]]
    meanings, shared = Meanings(), Shared()
    tests = [_listed(case, number, meanings, shared) for number, case in enumerate(used_up(cases))]
    named = (("run", "executionResultId", run.id), ("plan", "executionId", run.ref))
    doubts = [
        f"its list of tests is that of another {what}, {one_line(reply.redact(found), 100)}"
        for what, key, ours in named
        if ours and (found := text_of(field_of(data, key))) not in {"", ours}
    ]
    word = text_of(field_of(data, "result"))
    unfinished = OUTCOMES.get(folded(word)) is Outcome.NOT_RUN and folded(word) not in RESULTS
    return Page(
        tests,
        next=cursor_of(0, LARGE_PAGE_SIZE if len(tests) > _MANY else PAGE_SIZE) if tests else None,
        result=_result(word) if word and not unfinished else None,
        filling=unfinished,
        unsettled=any(meaning.unsettled for meaning in meanings.values()),
        doubts=(*doubts, *unreadable(data, "result", "executionResultId", "executionId"), *odd_rows),
    )


def _listed(case: Mapping[str, Any], number: int, meanings: Meanings, shared: Shared) -> TestResult:
    """Return one test of the list; a data-driven one includes its failed data sets, and fails if one failed."""
    word = shared[text_of(case.get("result"))]
    meaning = meanings[word]
    iterations = [_iteration(each.get("result")) for each in rows_of(case.get("iterationResults"))]
    failures = [each for each in iterations if each in _FAILURES]
    return TestResult(
        id=id_of(case.get("testCaseResultId")) or f"row {number}",
        name=text_of(case.get("testCaseName")),
        outcome=max([meaning.outcome, *failures], key=_gravity) if failures else meaning.outcome,
        word=word,
        case_id=text_of(case.get("testCaseId")),
        suite=shared[text_of(case.get("testSuiteName"))],
        machine=shared[text_of(case.get("machineTitle"))],
        message=_failed_sets(case.get("iterationResults")) if iterations else "",
        iterated=case.get("isDataDrivenCase") is True,
        lost=meaning.lost,
    )


def _gravity(outcome: Outcome) -> int:
    """Return how grave an outcome is."""
    return outcome.gravity


def _iteration(word: object) -> Outcome:
    """Return the outcome of an iteration; one that cannot be read is an error."""
    return Outcome.ERROR if is_odd(word) else outcome_of(text_of(word))


def failed_row(row: Mapping[str, Any]) -> bool:
    """Whether a step or an iteration failed."""
    return outcome_of(text_of(row.get("result"))) in _FAILURES


def _failed_sets(iterations: object) -> str:
    """Return a message like `Failed with the data sets: A, B`, or "" if none failed."""
    failed = (each for each in rows_of(iterations) if failed_row(each))
    names = [line_of(each.get("setName")) or "unnamed" for each in failed]
    return f"Failed with the data sets: {', '.join(names)}" if names else ""


def cursor_of(page: int, size: int) -> str:
    """Return the cursor of the page with this number, from 0, and so many rows."""
    return f"{page}" if size == PAGE_SIZE else f"{page}:{size}"


def page_of(cursor: str) -> tuple[int, int]:
    """Return the number of the page, from 0, and how many rows to ask for."""
    page, _colon, size = cursor.partition(":")
    return int(page), int(size or PAGE_SIZE)


def unwrapped(data: object) -> object:
    """Return the rows of a page, which third parties saw as `content`, `data`, `data.content`, and bare."""
    for key in ("content", "data", "content"):
        if isinstance(data, dict) and key in data:
            data = data[key]
    return data
