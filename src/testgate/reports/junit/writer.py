"""Writes `junit.xml` in the form that every known reader accepts.

It is written a slice of a suite at a time, so memory does not grow with the run.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from testgate.reports.junit.cases import Case
from testgate.reports.junit.elements import around, attribute, opening, with_children, with_text
from testgate.reports.junit.results import RED_TAGS, ResultElement
from testgate.reports.junit.suites import Suite, suites
from testgate.reports.naming import milliseconds
from testgate.results import Gate
from testgate.text import cut

_SLICE = 200  # cases written at one time,
_SLICE_TEXT = 1_000_000  # or fewer, when their texts have this many characters
_TEXT = 200_000  # characters of one text: readers refuse a node of 10 MB
_FIRST_LINE = 200  # characters of a message's first line


class JUnit:
    """One suite per plan, test suite and machine. `classname` and `name` are the same in every run."""

    def render(self, gate: Gate, *, limit: int | None = None) -> Iterator[str]:
        """Yield the file in pieces. The limit is ignored: a truncated XML file is useless."""
        del limit
        stamp = _timestamp(gate.started_at)
        yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
        for index, suite in enumerate(suites(gate)):
            yield from _suite(suite, str(index), stamp)
        yield "</testsuites>\n"


def _suite(suite: Suite, index: str, stamp: str) -> Iterator[str]:
    """The suite's text: its opening, slices of cases, its end."""
    facts = {"hostname": suite.hostname, "id": index, "package": suite.classname, "timestamp": stamp}
    properties = [with_text("property", {"name": name, "value": text}, "") for name, text in suite.properties.items()]
    yield f"  {opening('testsuite', {**_counters(suite), **facts})}>\n"
    yield with_children("properties", {}, properties, " " * 4)
    classname = attribute("classname", suite.classname)
    for cases in _slices(suite.cases()):
        yield "".join([_case(case, classname) for case in cases])
    yield f"    {with_text('system-out', {}, suite.output)}\n    {with_text('system-err', {}, '')}\n  </testsuite>\n"


def _counters(suite: Suite) -> dict[str, str]:
    """The suite's name, and the numbers of what it will hold."""
    tags = suite.counted_tags
    return {
        "errors": str(tags.count("error")),
        "failures": str(tags.count("failure")),
        "name": suite.name,
        "skipped": str(tags.count("skipped")),
        "tests": str(len(tags)),
        "time": _seconds(sum(milliseconds(test.seconds) for test in suite.tests)),
    }


def _slices(cases: Iterable[Case]) -> Iterator[list[Case]]:
    """The cases in slices that are limited in number and in text."""
    held: list[Case] = []
    room = _SLICE_TEXT
    for case in cases:
        held.append(case)
        if case.elements:
            room -= sum(len(element.text) for element in case.elements)
        if len(held) == _SLICE or room <= 0:
            yield held
            held, room = [], _SLICE_TEXT
    if held:
        yield held


def _case(case: Case, classname: str) -> str:
    """The case with its results. `classname` is the attribute, which is written once for all cases of a suite."""
    start = f'    <testcase{attribute("name", case.name)}{classname} time="{_seconds(case.milliseconds)}"'
    children = [_result(result) for result in case.elements]
    if case.output:
        children.append(with_text("system-out", {}, case.output))
    return around(start, "testcase", children, " " * 4)


def _result(result: ResultElement) -> str:
    """A result. Attempts that readers don't count have their text in an element of its own."""
    first_line, text = _message(result.text)
    if result.tag == "skipped":  # without a type: the stricter schema does not allow it
        return with_text(result.tag, {"message": first_line}, text)
    if result.tag in RED_TAGS:
        return with_text(result.tag, {"type": result.type, "message": first_line}, text)
    trace = with_text("stackTrace", {}, text)
    return with_children(result.tag, {"message": first_line, "type": result.type}, [trace], " " * 6).strip()


def _message(message: str) -> tuple[str, str]:
    """The message's first line, and the whole text, which repeats it because some readers show only one of them."""
    text = cut(message, _TEXT)
    first = text.partition("\n")[0]
    shown = cut(" ".join(first.split()), _FIRST_LINE)
    return shown, text if first == shown else f"{shown}\n{text}"


def _seconds(whole: int) -> str:
    """Milliseconds as seconds with three decimals."""
    return f"{whole // 1000}.{whole % 1000:03d}"


def _timestamp(epoch: float) -> str:
    """The UTC time to the second, without a zone; the start of the epoch if the number is not a valid time."""
    try:
        moment = datetime.fromtimestamp(epoch, tz=UTC)
    except (ValueError, OverflowError, OSError):
        moment = datetime.fromtimestamp(0, tz=UTC)
    return moment.replace(microsecond=0, tzinfo=None).isoformat()
