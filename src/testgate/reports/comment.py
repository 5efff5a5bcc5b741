"""The comment on a pull request: the verdict, what failed, grouped by cause, and the ways to more. Short on purpose."""

from collections.abc import Iterator, Sequence

from testgate.gate.causes import by_cause
from testgate.gate.since import since
from testgate.model import Outcome
from testgate.reports.naming import case_name, counted, full_reason, place, run_name
from testgate.reports.quiet import Markdown, markdown
from testgate.reports.since import standing
from testgate.reports.summary.budget import Section, fill, size
from testgate.reports.summary.runs_table import mark
from testgate.reports.summary.wording import FoundTest
from testgate.results import Gate, JudgedRun, failed_tests
from testgate.text import clean

_MOST_RUNS = 20
_MOST_CAUSES = 25
_MOST_NAMES = 10  # of tests with one cause
_LONGEST_NAME = 150
_LONGEST_MESSAGE = 200
_LONGEST_SENTENCE = 1_000


def render(gate: Gate, *, html: bool, room: int) -> str:
    """The text in at most `room` bytes, if its first line fits. `html`: the forge's Markdown can contain HTML."""
    say = markdown(html=html)
    heading = f"### {_sign(gate)} {_title(gate, say)}\n"
    left = room - size(heading)
    parts = [heading]
    for section in _sections(gate, say):
        filled = fill(section, left - 1)
        if filled.text:
            parts.append(f"\n{filled.text}")
            left -= size(filled.text) + 1
    return "".join(parts)


def _sections(gate: Gate, say: Markdown) -> Iterator[Section]:
    """Everything below the heading. The last lines come last, and are short."""
    head = [*_head(gate, say)]
    yield Section(
        "",
        (f"{between}{line}\n" for between, line in zip(["", *"\n" * len(head)], head, strict=False)),
        len(head),
        lambda _missing: "",
        tail="",
    )
    if len(gate.runs) > 1:
        runs = sorted(gate.runs, key=lambda judged: judged.verdict.conclusion.green)[:_MOST_RUNS]
        lines = (_run(judged, say) for judged in runs)
        yield Section("", lines, len(gate.runs), lambda missing: f"- …and {counted(missing, 'more run')}\n", tail="")
    yield _failed(gate.runs, say)
    last = [*_ways(gate, say)]
    yield Section("", [" · ".join(last) + "\n"] if last else [], 1 if last else 0, lambda _missing: "", tail="")


def _sign(gate: Gate) -> str:
    """The sign for the conclusion; a failure that `fail-on` tolerates only warns."""
    conclusion = gate.verdict.conclusion
    return mark(conclusion) if conclusion.green or gate.exit_code else "⚠️"


def _title(gate: Gate, say: Markdown) -> str:
    """What was tested, in which leg, and the conclusion."""
    named = " — ".join(filter(None, (say.inline(gate.title, 200), say.inline(gate.leg, 100))))
    word = gate.verdict.conclusion.value
    return f"{named}: {word}" if named else word.capitalize()


def _head(gate: Gate, say: Markdown) -> Iterator[str]:
    """The reason, what changed, and what to do."""
    if gate.demo:
        yield "**Demo:** this was the built-in simulator. Nothing real was tested."
    if gate.verdict.reason:
        yield f"Result: {say.inline(gate.verdict.reason, _LONGEST_SENTENCE)}"
    if found := since(gate.runs):
        label = say.link(found.place, found.build.url) if found.build else say.inline(found.place)
        yield f"**Since {label}:** {found.sentence}."
    if gate.verdict.conclusion.green:
        return
    if not gate.exit_code:
        yield "The step still succeeds, because its `fail-on` doesn't include this conclusion."
    if gate.remedy:
        yield f"**What to do:** {say.inline(gate.remedy, _LONGEST_SENTENCE)}"


def _run(judged: JudgedRun, say: Markdown) -> str:
    """One of several runs, with a link to its page."""
    conclusion = judged.verdict.conclusion
    why = "" if conclusion.green else f": {say.inline(full_reason(judged), _LONGEST_MESSAGE)}"
    return f"- {mark(conclusion)} {say.link(run_name(judged), judged.url)} {conclusion.value}{why}\n"


def _failed(runs: Sequence[JudgedRun], say: Markdown) -> Section:
    """The failed tests: those with one cause are one entry."""
    groups = by_cause(failed_tests(runs))
    groups.sort(key=len, reverse=True)
    several = len(runs) > 1
    return Section(
        "**What failed**\n\n",
        (_group(group, say, several=several) for group in groups[:_MOST_CAUSES]),
        len(groups),
        lambda missing: f"- …and {counted(missing, 'more failure')} with other causes\n",
        tail="",
    )


def _group(group: Sequence[FoundTest], say: Markdown, *, several: bool) -> str:
    """Tests that failed alike: the first line of their message, and their names."""
    message = say.inline(clean(group[0][1].message).strip().partition("\n")[0], _LONGEST_MESSAGE)
    if len(group) == 1:
        said = f": {message}" if message else ""
        return f"- {_test(group[0], say, several=several)}{said}\n"
    names = "".join(f"  - {_test(pair, say, several=several)}\n" for pair in group[:_MOST_NAMES])
    more = f"  - …and {counted(len(group) - _MOST_NAMES, 'more test')}\n" if len(group) > _MOST_NAMES else ""
    return f"- **{counted(len(group), 'test')}**: {message}\n{names}{more}"


def _test(found: FoundTest, say: Markdown, *, several: bool) -> str:
    """A test, where it ran, and what earlier builds make of it."""
    judged, test = found
    where = [*place(test), *([run_name(judged)] if several else [])]
    kind = {Outcome.NOT_RUN: "did not run", Outcome.ERROR: "error"}.get(test.outcome, "")
    details = [*(say.inline(each, _LONGEST_NAME) for each in where), kind, say.inline(standing(test), 100)]
    told = " · ".join(filter(None, details))
    return f"**{say.inline(case_name(test), _LONGEST_NAME)}**{f' — {told}' if told else ''}"


def _ways(gate: Gate, say: Markdown) -> Iterator[str]:
    """Links to the run and to the build."""
    if len(gate.runs) == 1 and gate.runs[0].url:
        yield say.link(f"Run {gate.runs[0].id}", gate.runs[0].url)
    if gate.build_url:
        yield say.link(gate.build_title or "Build", gate.build_url)
    elif gate.build_title:
        yield f"Build {say.inline(gate.build_title)}"
