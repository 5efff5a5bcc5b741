"""Reads the tests of a run from the answers of a described platform. Pure."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from testgate.model import Counts, Earlier, Outcome, Page, Reported, Run, RunResult, Status, TestResult
from testgate.providers.described.amounts import lasted, moment_of, reported_of
from testgate.providers.described.answers import (
    content_of,
    first_text,
    lenient,
    look_up,
    missing,
    rule_for,
    said,
    url_of,
    word_of,
)
from testgate.providers.described.document import Document
from testgate.providers.described.paging import next_of
from testgate.providers.described.polling import snapshots_of
from testgate.providers.described.refs import kept_of
from testgate.providers.described.results import Results, Step, Test
from testgate.providers.described.rows import Row, Rows, join
from testgate.providers.described.templates import filled_text
from testgate.shapes import id_of, line_of, text_of
from testgate.text import one_line
from testgate.wire import Reply

_BAD = frozenset({Outcome.FAILED, Outcome.ERROR})


class _Read(NamedTuple):
    """A test, what supersedes it, and where its platform puts it in time."""

    test: TestResult
    superseded: bool


def page_of(
    reply: Reply, document: Document, run: Run, cursor: str | None, values: Mapping[str, Any] = MappingProxyType({})
) -> Page:
    """Return one page of tests.

    Raises:
        BadAnswer: there is no list of tests in it; also the errors of `Reply.data`.

    """
    results = document.results
    if (page := without_list(reply, results)) is not None:
        return page
    data = content_of(reply, document, empty=results.rows[0].text == "@")
    rows = Rows(results.rows, data)
    if rows.outer is None:
        raise missing(reply, "list of tests")
    told = told_in(reply, results, run, data, values)
    tests = tests_in(joined_rows(rows.rows, results), results, cursor)
    following = next_of(results.page, data, rows.outer, cursor, reply)
    return told._replace(
        tests=tests,
        next=following,
        doubts=(*told.doubts, *(["its list of tests cannot be read"] if rows.odd else [])),
        certain=not tests and following is not None,  # of a list that is filtered, any page can be empty
    )


def told_in(reply: Reply, results: Results, run: Run, data: object, values: Mapping[str, Any]) -> Page:
    """What an answer says about its list as a whole: counters, whether it is complete, and whose it is."""
    reported, doubts = reported_of(results.counts, data, _outcomes(results))
    filling, result = _state_of(results, data)
    strangers = _strangers(reply, results, run, data, values)
    return Page([], reported=reported, filling=filling, result=result, doubts=(*strangers, *doubts))


def joined_rows(rows: Sequence[Row], results: Results) -> Sequence[Row]:
    """The rows, each with the row of the list beside them, if the file names one."""
    beside = results.join
    return rows if beside is None else join(rows, beside.list_, beside.on, beside.with_)


def counters_of(reply: Reply, document: Document) -> Reported:
    """The counters of a list, complete or not."""
    results = document.results
    reported, _doubts = reported_of(results.counts, content_of(reply, document), _outcomes(results))
    return reported or Reported(Counts())


def run_as_test(reply: Reply, document: Document, run: Run, values: Mapping[str, Any]) -> Page:
    """The run itself as its only test, for platforms that tell of no others."""
    found = snapshots_of(reply, document, [run], values)
    snapshot = next((each for each in found if each.run_id == run.id), None)
    if snapshot is None:
        raise missing(reply, "state of the run")
    if snapshot.status is not Status.ENDED:
        return Page([], filling=True)
    outcome = {RunResult.PASSED: Outcome.PASSED, RunResult.FAILED: Outcome.FAILED}.get(
        snapshot.result or RunResult.UNKNOWN, Outcome.ERROR
    )
    message = first_text(document.results.message, lenient(reply)) if outcome in _BAD else ""
    name = snapshot.name or run.target.name
    return Page([TestResult(run.id, name, outcome, snapshot.word, message=message, seconds=snapshot.seconds)])


def _outcomes(results: Results) -> Mapping[str, tuple[Outcome, bool]]:
    """The table of the tests' words."""
    return results.outcomes.table() if results.outcomes is not None else {}


def without_list(reply: Reply, results: Results) -> Page | None:
    """The page of an answer that has no list, because a rule says that there is none, or none yet."""
    rule = rule_for(results.when, reply, lenient(reply)) if results.when else None
    return None if rule is None else Page([], filling=rule.means != "none")


def _state_of(results: Results, data: object) -> tuple[bool, RunResult | None]:
    """Whether the list is still being written, and what it says about the run."""
    if results.state is None or results.states is None:
        return False, None
    status, result, _aborted = look_up(results.states.table(), word_of(results.state(data))) or (None, None, False)
    return status is not Status.ENDED, None if result is RunResult.UNKNOWN else result


def _strangers(reply: Reply, results: Results, run: Run, data: object, values: Mapping[str, Any]) -> list[str]:
    """A doubt for each value that should name our run, and names another."""
    names = {**values, "run.id": run.id, **{f"run.{name}": value for name, value in kept_of(run.ref).items()}}
    doubts = []
    for each in results.same:
        found = text_of(each.path(data))
        if found and found != filled_text(each.is_, names):
            doubts.append(f"its list of tests is that of another {each.what}, {one_line(reply.redact(found), 100)}")
    return doubts


def tests_in(rows: Sequence[Row], results: Results, cursor: str | None) -> list[TestResult]:
    """The tests in rows, attempts joined."""
    test, table = results.test, _outcomes(results)
    if test is None:
        return []
    read = [_test(row, test, table, f"? {cursor or 'row'} {number}") for number, row in enumerate(rows)]
    if test.superseded is None and not results.attempts:
        return [each.test for each in read]
    return _joined(read, by_time=bool(results.attempts))


def _test(row: Row, place: Test, table: Mapping[str, tuple[Outcome, bool]], otherwise: str) -> _Read:
    """One test. `otherwise`, which is no id of a platform, stands for its id if the row has none."""
    value = place.status(row)
    word = word_of(value)
    known = look_up(table, word)
    outcome, lost = known or ((Outcome.NOT_RUN if word in {"", "null"} else Outcome.ERROR), False)
    bad = outcome in _BAD
    test = TestResult(
        id=(id_of(place.id(row)) if place.id is not None else "") or otherwise,
        name=text_of(place.name(row)) or (text_of(place.case(row)) if place.case is not None else ""),
        outcome=outcome,
        word="" if word == "null" else word,
        case_id=id_of(place.case(row)) if place.case is not None else "",
        suite=text_of(place.suite(row)) if place.suite is not None else "",
        machine=text_of(place.machine(row)) if place.machine is not None else "",
        message=first_text(place.message, row) if bad else "",
        seconds=lasted(place.seconds, place.began, place.ended, row),
        step=_step(place.step, row) if bad else "",
        video=url_of(place.video(row)) if place.video is not None else "",
        started=moment_of(place.began, row),
        lost=lost,
    )
    return _Read(test, place.superseded is not None and place.superseded.holds(row))


def _step(step: Step | None, row: Row) -> str:
    """The step that failed, or else the last one."""
    rows = step.rows(row) if step is not None else None
    if step is None or not isinstance(rows, list):
        return ""
    failed = [each for each in rows if step.where is not None and step.where.holds(each)]
    chosen = (failed or rows)[-1:]
    return line_of(said(step.text(chosen[0])) or said(chosen[0])) if chosen else ""


def _joined(read: Sequence[_Read], *, by_time: bool) -> list[TestResult]:
    """One test for the attempts of each: the last counts, the others are its history.

    Attempts are joined only if it is certain which is the last: exactly one isn't superseded, or each has a time of
    its own. Otherwise all of them count.
    """
    groups: dict[object, list[_Read]] = {}
    for number, each in enumerate(read):
        groups.setdefault(each.test.key if each.test.case_id else number, []).append(each)
    return [test for group in groups.values() for test in _last_of(group, by_time=by_time)]


def _last_of(group: Sequence[_Read], *, by_time: bool) -> list[TestResult]:
    """The last attempt with its history, or all of them if nothing tells which is the last."""
    final = [each.test for each in group if not each.superseded]
    earlier = [each.test for each in group if each.superseded]
    times = [each.test.started for each in group]
    if by_time and None not in times and len(set(times)) == len(times):
        *earlier, last = sorted((each.test for each in group), key=lambda test: test.started or 0.0)
        final = [last]
    if len(final) != 1:
        return [*earlier, *final]
    history = tuple(Earlier(each.outcome, each.message, each.seconds, lost=each.lost) for each in earlier)
    return [final[0]._replace(earlier=history)]


def junit_page(reply: Reply, document: Document) -> Page:
    """The tests of a JUnit report."""
    from testgate.providers.described import junit  # for those who have one

    if (page := without_list(reply, document.results)) is not None:
        return page
    return junit.page_of(reply)
