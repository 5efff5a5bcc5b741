"""What a message to a chat says, before it is escaped: the verdict, what failed, and the ways to more."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from testgate.gate.evidence import pass_rate
from testgate.gate.since import since
from testgate.model import Conclusion, Outcome, TestResult
from testgate.reports.markdown import web_address
from testgate.reports.naming import case_name, counted, full_reason, number, place, run_name, shown_duration, visible
from testgate.reports.since import standing
from testgate.reports.summary.runs_table import mark
from testgate.results import Gate, JudgedRun, failed_tests
from testgate.text import clean, one_line

_LONGEST_TITLE = 100
_LONGEST_NAME = 120
_LONGEST_MESSAGE = 160
_LONGEST_SENTENCE = 600


class Entry(NamedTuple):
    """A line of a list: what it is about, and more; `address` is its page, or ""."""

    name: str
    more: str = ""
    address: str = ""


class Notice(NamedTuple):
    """The parts of a message, each on one line and of limited length; none of them is escaped.

    `mood` is good, warning or bad. `sentences` come with a label, which is ours, or "". `rest` says how many more
    failures there are. `ways` are names and web addresses.
    """

    heading: str
    mood: str
    sentences: Sequence[tuple[str, str]]
    runs: Sequence[Entry]
    failures: Sequence[Entry]
    rest: str
    facts: Sequence[tuple[str, str]]
    ways: Sequence[tuple[str, str]]


def notice(gate: Gate, most: int) -> Notice:
    """The message about a step, with at most so many runs and failures."""
    found = failed_tests(gate.runs)
    left = len(found) - most
    return Notice(
        heading=_heading(gate),
        mood=_mood(gate),
        sentences=[(label, one_line(text, _LONGEST_SENTENCE)) for label, text in _sentences(gate)],
        runs=[*_runs(gate, most)],
        failures=[_failure(run, test, several=len(gate.runs) > 1) for run, test in found[:most]],
        rest=f"…and {counted(left, 'more test')}" if left > 0 else "",
        facts=[*_facts(gate)],
        ways=[(name, url) for name, url in _ways(gate) if url],
    )


def address(text: str) -> str:
    """The web address as it is; "" unless it is a plain one without credentials."""
    return web_address(text).replace("&amp;", "&")


def _mood(gate: Gate) -> str:
    """How the step ended; a failure that `fail-on` tolerates only warns."""
    if gate.verdict.conclusion.green:
        return "good"
    return "bad" if gate.exit_code else "warning"


def _heading(gate: Gate) -> str:
    """The sign, what was tested, and the conclusion."""
    conclusion = gate.verdict.conclusion
    sign = mark(conclusion) if conclusion.green or gate.exit_code else "⚠️"
    named = " — ".join(filter(None, (visible(gate.title, limit=_LONGEST_TITLE), visible(gate.leg, limit=30))))
    return f"{sign} {f'{named}: ' if named else ''}{conclusion.value}"


def _sentences(gate: Gate) -> Iterator[tuple[str, str]]:
    """The reason, what changed, and what to do."""
    if gate.demo:
        yield "Demo", "this was the built-in simulator. Nothing real was tested."
    if gate.verdict.reason:
        yield "", gate.verdict.reason
    if found := since(gate.runs):
        yield f"Since {found.place}", f"{found.sentence}."
    if gate.left_running:
        yield "May still be running", ", ".join(gate.left_running)
    if gate.verdict.conclusion.green:
        return
    if not gate.exit_code:
        yield "", "The step still succeeds, because its fail-on doesn't include this conclusion."
    if gate.remedy and gate.verdict.conclusion is not Conclusion.FAILED:  # the failures say what to do
        yield "What to do", gate.remedy


def _runs(gate: Gate, most: int) -> Iterator[Entry]:
    """The runs, if there are several; red ones first."""
    if len(gate.runs) < 2:  # noqa: PLR2004  # the heading is about one
        return
    ordered = sorted(gate.runs, key=lambda judged: judged.verdict.conclusion.green)
    for judged in ordered[:most]:
        conclusion = judged.verdict.conclusion
        why = "" if conclusion.green else f": {one_line(full_reason(judged), _LONGEST_MESSAGE)}"
        name = one_line(run_name(judged), _LONGEST_NAME)
        yield Entry(name, f"{conclusion.value}{why}", address(judged.url))
    if len(ordered) > most:
        yield Entry(f"…and {counted(len(ordered) - most, 'more run')}")


def _failure(judged: JudgedRun, test: TestResult, *, several: bool) -> Entry:
    """A failed test: where it ran, what earlier builds make of it, and the first line of its message."""
    kind = {Outcome.NOT_RUN: "did not run", Outcome.ERROR: "error"}.get(test.outcome, "")
    where = [*place(test), *([run_name(judged)] if several else [])]
    parts = [*(one_line(each, _LONGEST_NAME) for each in where), kind, standing(test)]
    message = one_line(clean(test.message).strip().partition("\n")[0], _LONGEST_MESSAGE)
    told = " · ".join(filter(None, parts))
    return Entry(one_line(case_name(test), _LONGEST_NAME), ": ".join(filter(None, (told, message))))


def _facts(gate: Gate) -> Iterator[tuple[str, str]]:
    """The numbers; those that are zero say nothing."""
    counts = gate.verdict.counts
    if counts.total:
        for name, value in (
            ("Passed", counts.passed),
            ("Failed", counts.failed),
            ("Errors", counts.errors),
            ("Not run", counts.not_run),
            ("Skipped", counts.skipped),
            ("Flaky", counts.flaky),
            ("Quarantined", counts.quarantined),
        ):
            if value:
                yield name, number(value)
        if rate := pass_rate(counts):
            yield "Pass rate", f"{rate} %"
    if took := shown_duration(gate.seconds):
        yield "Duration", took


def _ways(gate: Gate) -> Iterator[tuple[str, str]]:
    """The pages of the run and of the build."""
    if len(gate.runs) == 1:
        yield f"Run {visible(gate.runs[0].id, limit=40)}".rstrip(), address(gate.runs[0].url)
    yield visible(gate.build_title, "Build", limit=60), address(gate.build_url)
