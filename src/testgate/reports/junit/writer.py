"""Writes `junit.xml` in the form that every known reader accepts.

The junit-xml package builds the elements, a slice of a suite at a time, so memory does not grow with the run.
This module completes what the package omits or gets wrong: times, order, attributes.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET  # only writes here; nothing from outside is parsed

from junit_xml import TestCase, TestSuite

from testgate.reports.junit.cases import Case
from testgate.reports.junit.results import ResultElement
from testgate.reports.junit.suites import Suite, suites
from testgate.reports.naming import milliseconds
from testgate.results import Gate
from testgate.text import cut

_SLICE = 200  # cases held as elements at one time,
_SLICE_TEXT = 1_000_000  # or fewer, when their texts have this many characters
_TEXT = 200_000  # characters of one text: readers refuse a node of 10 MB
_FIRST_LINE = 200  # characters of a message's first line
_PACKAGE_TAGS = frozenset({"failure", "error", "skipped"})  # the elements that the package can build


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
    header = TestSuite(
        suite.name,
        hostname=suite.hostname,
        id=index,
        package=suite.classname,
        timestamp=stamp,
        properties=suite.properties or None,
    ).build_xml_doc()
    _set_counters(header, suite)
    if header.find("properties") is None:
        ET.SubElement(header, "properties")
    ET.indent(header, level=1)
    opening = ET.tostring(header, encoding="unicode").rstrip()
    yield f"  {opening.removesuffix('</testsuite>').rstrip()}\n"
    for cases in _slices(suite.cases()):
        yield _slice_text(cases, suite.classname)
    yield f"    {_text_element('system-out', suite.output)}\n    {_text_element('system-err', '')}\n  </testsuite>\n"


def _set_counters(header: ET.Element, suite: Suite) -> None:
    """Set the counters to what the suite will hold, and drop the attribute that no schema allows."""
    tags = suite.counted_tags
    header.attrib.pop("disabled", None)
    header.set("tests", str(len(tags)))
    header.set("failures", str(tags.count("failure")))
    header.set("errors", str(tags.count("error")))
    header.set("skipped", str(tags.count("skipped")))
    header.set("time", _seconds(sum(milliseconds(test.seconds) for test in suite.tests)))


def _slices(cases: Iterable[Case]) -> Iterator[list[Case]]:
    """The cases in slices that are limited in number and in text."""
    held: list[Case] = []
    room = _SLICE_TEXT
    for case in cases:
        held.append(case)
        room -= sum(len(element.text) for element in case.elements)
        if len(held) == _SLICE or room <= 0:
            yield held
            held, room = [], _SLICE_TEXT
    if held:
        yield held


def _slice_text(cases: Sequence[Case], classname: str) -> str:
    """The text of the cases, built by the package and completed."""
    built = TestSuite("", [_built(case, classname) for case in cases]).build_xml_doc()
    for element, case in zip(built.findall("testcase"), cases, strict=True):
        element.set("time", _seconds(case.milliseconds))  # the package drops 0 and writes six decimals
        for skipped in element.findall("skipped"):
            del skipped.attrib["type"]  # the stricter schema does not allow it
        for result in case.elements:
            if result.tag not in _PACKAGE_TAGS:
                _add(element, result)
        if case.output:
            ET.SubElement(element, "system-out").text = case.output
    ET.indent(built, level=1)
    text = ET.tostring(built, encoding="unicode")
    return text[text.index(">") + 1 : text.rindex("<")].strip("\n").rstrip(" ")


def _built(case: Case, classname: str) -> TestCase:
    """The case as the package's class, with the element that readers count."""
    built = TestCase(case.name, classname)
    if case.counted_tag in _PACKAGE_TAGS:
        counted = case.elements[0]
        first_line, text = _message(counted.text)
        if counted.tag == "failure":
            built.add_failure_info(first_line, text, counted.type)
        elif counted.tag == "error":
            built.add_error_info(first_line, text, counted.type)
        else:
            built.add_skipped_info(first_line, text)
    return built


def _add(element: ET.Element, result: ResultElement) -> None:
    """Add an element of an attempt that readers don't count: the package cannot build those."""
    first_line, text = _message(result.text)
    attempt = ET.SubElement(element, result.tag, {"message": first_line, "type": result.type})
    ET.SubElement(attempt, "stackTrace").text = text


def _message(message: str) -> tuple[str, str]:
    """The message's first line, and the whole text, which repeats it because some readers show only one of them."""
    text = cut(message, _TEXT)
    first = text.partition("\n")[0]
    shown = cut(" ".join(first.split()), _FIRST_LINE)
    return shown, text if first == shown else f"{shown}\n{text}"


def _text_element(tag: str, text: str) -> str:
    """One element that holds only text."""
    element = ET.Element(tag)
    element.text = text or None
    return ET.tostring(element, encoding="unicode")


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
