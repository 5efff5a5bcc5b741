"""Reads a JUnit report that a platform gives instead of a list of tests. Pure, and safe on any XML."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from testgate.model import Outcome, Page, TestResult
from testgate.wire import Reply

_OUTCOMES = (("error", Outcome.ERROR), ("failure", Outcome.FAILED), ("skipped", Outcome.SKIPPED))


class _Doctype(Exception):  # it never leaves this module
    """The report declares a document type, which could make a small file a huge one."""


def page_of(reply: Reply) -> Page:
    """Return the tests of a report.

    Raises:
        BadAnswer: it is no JUnit report, or declares a document type; also the errors of `Reply.check`.

    """
    reply.check()
    try:
        root = _parsed(reply.body)
    except _Doctype:
        raise reply.bad_answer("XML that declares a document type, which is not read") from None
    except (ParseError, ValueError, LookupError) as error:
        raise reply.bad_answer("something that is not XML") from error
    if _name(root) not in {"testsuites", "testsuite"}:
        raise reply.bad_answer("XML that is not a JUnit report")
    tests = [*_tests(root)]
    return Page([test._replace(id=f"case {number}") for number, test in enumerate(tests)])


def _parsed(body: bytes) -> Element:
    """The root element."""
    parser = XMLParser(target=_Builder())  # noqa: S314  # what can be dangerous needs a document type
    parser.feed(body)
    root: Element = parser.close()
    return root


class _Builder(TreeBuilder):
    """Builds the tree, and refuses a document type before anything that it declares is used."""

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> None:
        """Refuse it."""
        raise _Doctype


def _tests(root: Element) -> Iterator[TestResult]:
    """Every test case, in order."""
    for case in root.iter():
        if _name(case) == "testcase":
            yield _test(case)


def _test(case: Element) -> TestResult:
    """One test case."""
    children = {_name(child): child for child in case}
    found = next(((children[name], outcome) for name, outcome in _OUTCOMES if name in children), None)
    element, outcome = found or (None, Outcome.PASSED)
    message = ""
    if element is not None and outcome is not Outcome.SKIPPED:
        parts = (element.get("message", ""), (element.text or "").strip())
        message = "\n".join(dict.fromkeys(filter(None, parts)))
    status = case.get("status", "")
    return TestResult(
        id="",
        name=case.get("name", ""),
        outcome=outcome,
        word=status,
        suite=case.get("classname", ""),
        message=message,
        seconds=_seconds(case.get("time", "")),
    )


def _seconds(text: str) -> float | None:
    """A duration; None if it is none."""
    try:
        seconds = float(text.replace(",", ""))
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _name(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]
