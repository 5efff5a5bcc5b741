"""The cases of a suite: one for each test, and one for a verdict that the tests alone don't show."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from testgate.errors import GateError
from testgate.model import Conclusion, Outcome, TestResult
from testgate.reports.junit.results import RED_TAGS, ResultElement, counted_tag, result_elements
from testgate.reports.junit.room import Caps
from testgate.reports.junit.unique import UniqueNames
from testgate.reports.naming import full_reason, milliseconds
from testgate.results import Gate, JudgedRun
from testgate.text import clean, one_line


class Case(NamedTuple):
    """One case of the file. Readers count the first of its elements.

    `output` is its `system-out`, "" for none: the stricter schema allows that element in suites only.
    """

    name: str
    elements: Sequence[ResultElement] = ()
    milliseconds: int = 0
    output: str = ""

    @property
    def counted_tag(self) -> str:
        """The tag of the element that readers count; "" for a plain pass."""
        return self.elements[0].tag if self.elements else ""


def cases_of(tests: Sequence[TestResult], named: Sequence[str], names: UniqueNames, caps: Caps) -> Iterator[Case]:
    """A case for each test, made one at a time; `named` are their own names."""
    for test, name in zip(tests, _unique_names(tests, named, names), strict=True):
        yield Case(name, result_elements(test, caps), milliseconds(test.seconds), _video(test) if test.video else "")


def _video(test: TestResult) -> str:
    """The line about the recording of a test; "" if its address is none of the web."""
    video = one_line(test.video, 2_000)
    return f"Video: {video}" if video.startswith(("https://", "http://")) else ""


def _unique_names(tests: Sequence[TestResult], named: Sequence[str], names: UniqueNames) -> list[str]:
    """A name for each test. Of equal names the oldest test case keeps the plain one, whatever the order in this run."""
    oldest_first = sorted(range(len(tests)), key=lambda index: (len(tests[index].case_id), tests[index].case_id))
    given = [""] * len(tests)
    for index in oldest_first:
        given[index] = names.give(named[index])
    return given


def run_case(judged: JudgedRun, gate: Gate) -> Case | None:
    """A case for the run's verdict; None if its tests show it already."""
    if not _tests_say_too_little(judged):
        return None
    fault = judged.report.fault
    remedy = fault.remedy if isinstance(fault, GateError) else ""
    reason = full_reason(judged)
    notes = [note for note in judged.report.notes if note not in reason]
    return _verdict_case(gate, judged.verdict.conclusion, [reason, remedy, *notes])


def _tests_say_too_little(judged: JudgedRun) -> bool:
    """Whether the list of tests is empty, or looks better than the verdict."""
    verdict = judged.verdict
    if verdict.conclusion.green:
        return not judged.report.tests
    red = sum(counted_tag(test) in RED_TAGS for test in judged.report.tests if test.outcome is not Outcome.PASSED)
    return verdict.conclusion is not Conclusion.FAILED or not red or red < verdict.counts.unsuccessful


def step_case(gate: Gate) -> Case:
    """A case for the verdict of the whole step."""
    return _verdict_case(gate, gate.verdict.conclusion, [gate.verdict.reason, *gate.notes, gate.remedy])


def _verdict_case(gate: Gate, conclusion: Conclusion, sentences: Sequence[str]) -> Case:
    """A case for a verdict: an error if the step is red, skipped if it isn't, a pass for `passed`."""
    text = clean("\n".join(filter(None, sentences))).strip() or conclusion.value
    name = f"Gate: {conclusion.value}"
    if conclusion is Conclusion.PASSED:
        return Case(name)
    if conclusion.green or not gate.exit_code:
        return Case(name, [ResultElement("skipped", "", text)])
    kind = "".join(word.capitalize() for word in conclusion.value.split("-"))
    return Case(name, [ResultElement("error", kind, text)])
