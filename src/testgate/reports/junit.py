"""`junit.xml`, in the form that every known reader takes.

The elements come from the junit-xml package, a slice of a suite at a time, so that memory does not
grow with the run. What the package leaves out or gets wrong is finished here: times, order, attributes.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree as ET  # it only writes here; nothing from outside is parsed

from junit_xml import TestCase, TestSuite

from testgate.reports.junit_attempts import Entry, element_of
from testgate.reports.junit_cases import Case, Suite, suite_cases, suites
from testgate.reports.naming import milliseconds
from testgate.results import Gate
from testgate.text import cut

_SLICE = 200  # cases held as elements at one time,
_SLICE_TEXT = 1_000_000  # or fewer, when their texts have this many characters
_TEXT = 200_000  # characters of one text: readers refuse a node of 10 MB
_GLANCE = 200  # characters of a message's first line
_OF_THE_PACKAGE = frozenset({"failure", "error", "skipped"})


class JUnit:
    """One suite for each plan, test suite and machine; `classname` and `name` stay from run to run."""

    filename = "junit.xml"

    def render(self, gate: Gate, *, limit: int | None = None) -> Iterator[str]:
        """The file in pieces; it is whole or useless, so that it is never cut to a limit."""
        del limit
        stamp = _timestamp(gate.started_at)
        yield '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n'
        for index, suite in enumerate(suites(gate)):
            yield from _written(suite, str(index), stamp)
        yield "</testsuites>\n"


def _written(suite: Suite, index: str, stamp: str) -> Iterator[str]:
    """The suite's text: opening, slices of cases, end."""
    header = TestSuite(
        suite.name,
        hostname=suite.hostname,
        id=index,
        package=suite.classname,
        timestamp=stamp,
        properties=suite.properties or None,
    ).build_xml_doc()
    _count(header, suite)
    if header.find("properties") is None:
        ET.SubElement(header, "properties")
    ET.indent(header, level=1)
    opening = ET.tostring(header, encoding="unicode").rstrip()
    yield f"  {opening.removesuffix('</testsuite>').rstrip()}\n"
    for part in _parts(suite_cases(suite)):
        yield _slice(part, suite.classname)
    yield f"    {_element('system-out', suite.output)}\n    {_element('system-err', '')}\n  </testsuite>\n"


def _parts(cases: Iterable[Case]) -> Iterator[list[Case]]:
    """The cases in parts that are small in number and in text."""
    part: list[Case] = []
    room = _SLICE_TEXT
    for case in cases:
        part.append(case)
        room -= sum(len(entry.text) for entry in case.entries)
        if len(part) == _SLICE or room <= 0:
            yield part
            part, room = [], _SLICE_TEXT
    if part:
        yield part


def _element(tag: str, text: str) -> str:
    """One element of text."""
    element = ET.Element(tag)
    element.text = text or None
    return ET.tostring(element, encoding="unicode")


def _count(header: ET.Element, suite: Suite) -> None:
    """Set the counters to what the suite will hold, and drop what no schema knows."""
    elements = [element_of(test) for test in suite.tests]
    if suite.told:
        elements.append(suite.told.element)
    spent = sum(milliseconds(test.seconds) for test in suite.tests)
    header.attrib.pop("disabled", None)
    header.set("tests", str(len(elements)))
    header.set("failures", str(elements.count("failure")))
    header.set("errors", str(elements.count("error")))
    header.set("skipped", str(elements.count("skipped")))
    header.set("time", _seconds(spent))


def _slice(cases: Sequence[Case], classname: str) -> str:
    """The text of some cases, built by the package and finished."""
    built = TestSuite("", [_built(case, classname) for case in cases]).build_xml_doc()
    for element, case in zip(built.findall("testcase"), cases, strict=True):
        element.set("time", _seconds(case.milliseconds))  # the package drops 0 and writes six decimals
        for skipped in element.findall("skipped"):
            del skipped.attrib["type"]  # unknown to the stricter of the two schemas
        for entry in case.entries:
            if entry.tag not in _OF_THE_PACKAGE:
                _add(element, entry)
        if case.output:
            ET.SubElement(element, "system-out").text = case.output
    ET.indent(built, level=1)
    text = ET.tostring(built, encoding="unicode")
    return text[text.index(">") + 1 : text.rindex("<")].strip("\n").rstrip(" ")


def _built(case: Case, classname: str) -> TestCase:
    """The package's value for the case."""
    built = TestCase(case.name, classname)
    if case.element in _OF_THE_PACKAGE:
        glance, text = _told(case.entries[0].text)
        if case.element == "failure":
            built.add_failure_info(glance, text, case.entries[0].type)
        elif case.element == "error":
            built.add_error_info(glance, text, case.entries[0].type)
        else:
            built.add_skipped_info(glance, text)
    return built


def _add(element: ET.Element, entry: Entry) -> None:
    """An attempt that is not the one which counts: the package knows no such element."""
    glance, text = _told(entry.text)
    attempt = ET.SubElement(element, entry.tag, {"message": glance, "type": entry.type})
    ET.SubElement(attempt, "stackTrace").text = text


def _told(message: str) -> tuple[str, str]:
    """The message's first line, and the whole beginning with just that line: readers drop the one or the other."""
    text = cut(message, _TEXT)
    first = text.partition("\n")[0]
    glance = cut(" ".join(first.split()), _GLANCE)
    return glance, text if first == glance else f"{glance}\n{text}"


def _seconds(whole: int) -> str:
    """Milliseconds as seconds with three decimals."""
    return f"{whole // 1000}.{whole % 1000:03d}"


def _timestamp(epoch: float) -> str:
    """UTC without a zone, to the second; the epoch's start for what is no time."""
    try:
        moment = datetime.fromtimestamp(epoch, tz=UTC)
    except (ValueError, OverflowError, OSError):
        moment = datetime.fromtimestamp(0, tz=UTC)
    return moment.replace(microsecond=0, tzinfo=None).isoformat()
