"""The summary's lists of tests: failed, not run, slowest."""

from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest
from itertools import islice

from testgate.model import Outcome, TestResult
from testgate.reports.budget import Section
from testgate.reports.markdown import block, inline, link, web_address
from testgate.reports.naming import (
    attempts_of,
    case_name,
    counted,
    failing_step,
    milliseconds,
    place,
    run_name,
    shown_duration,
)
from testgate.results import JudgedRun
from testgate.text import clean

_MESSAGE = 4_000  # characters of a test's message
_GLANCE = 160  # characters of its first line, shown without unfolding
_NAMES = 8  # names of tests not run that are listed for one suite
_SLOWEST = 5
_ATTEMPTS = 10  # earlier attempts of a test that are told
_Found = tuple[JudgedRun, TestResult]


def failures(failed: Sequence[_Found], *, many: bool) -> Section:
    """The failed tests, each with its message folded. What does not fit is left to `remaining`."""
    items = (_failure(run, test, many=many) for run, test in failed)
    return Section(f"### {counted(len(failed), 'failed test')}\n\n", items, len(failed), lambda _: "", tail="")


def remaining(failed: Sequence[_Found], *, many: bool, first: bool) -> Section:
    """The failed tests for whose messages there was no room, by name."""
    more = "" if first else "more "
    title = f"{counted(len(failed), f'{more}failed test')}, by name; their messages are in junit.xml"
    return Section(
        f"<details><summary>{title}</summary>\n\n",
        (f"- {inline(case_name(test))}{where(run, test, many=many, also=attempts_of(test))}\n" for run, test in failed),
        len(failed),
        lambda missing: f"…and {counted(missing, 'more failed test')}; all are in junit.xml.\n\n",
        tail="\n</details>\n\n",
    )


def _failure(run: JudgedRun, test: TestResult, *, many: bool) -> str:
    """One failed test, folded; the message's first line and the failing step are seen without unfolding."""
    message, step = clean(test.message).strip(), failing_step(test)
    glances = [_glance(message), inline(step)]
    told = "\n\n".join(filter(None, (message, step)))
    body = block(told, _MESSAGE) if told else f"The platform gave no message{_word(test)}."
    name = f"❌ <b>{inline(case_name(test))}</b>{where(run, test, many=many, also=attempts_of(test))}"
    title = "<br>&emsp;".join(filter(None, (name, *glances)))
    video = f"{link('Video', test.video)}\n\n" if web_address(test.video) else ""
    return f"<details><summary>{title}</summary>\n\n{body}\n\n{_before(test)}{video}</details>\n\n"


def _before(test: TestResult) -> str:
    """What the earlier attempts said, where it was something else."""
    last = _glance(test.message)
    told = [(number, _glance(attempt.message)) for number, attempt in enumerate(test.earlier, 1)]
    lines = [f"- attempt {number}: {glance}\n" for number, glance in told[:_ATTEMPTS] if glance not in {"", last}]
    return f"Before:\n\n{''.join(lines)}\n" if lines else ""


def _glance(message: str) -> str:
    """The first line of a message."""
    return inline(clean(message).strip().partition("\n")[0], _GLANCE)


def _word(test: TestResult) -> str:
    """The platform's own word for the result, where it gave one."""
    return f", only the result {inline(test.word, 80)}" if test.word.strip() else ""


def where(run: JudgedRun, test: TestResult, *, many: bool, also: str = "") -> str:
    """Suite, machine, run where there are several, what else is to be said, and how long it took."""
    parts = [inline(part) for part in place(test)]
    if many:
        parts.append(inline(run_name(run)))
    if test.outcome is Outcome.ERROR:
        parts.append("error")
    if also:
        parts.append(also)
    if spent := shown_duration(test.seconds):
        parts.append(spent)
    return f" — {' · '.join(parts)}" if parts else ""


def not_run(idle: Sequence[_Found], *, many: bool) -> Section:
    """The tests that were to run and did not: a line for each suite, folded."""
    groups: dict[tuple[str, ...], list[TestResult]] = {}
    for run, test in idle:
        groups.setdefault((*place(test), *([run_name(run)] if many else [])), []).append(test)
    return Section(
        f"<details><summary>{counted(len(idle), 'test')} did not run</summary>\n\n",
        (_group(parts, tests) for parts, tests in groups.items()),
        len(groups),
        lambda missing: f"…and {counted(missing, 'more suite')} with tests that did not run; all are in junit.xml.\n\n",
        tail="\n</details>\n\n",
    )


def _group(parts: tuple[str, ...], tests: Sequence[TestResult]) -> str:
    """One suite's tests that did not run."""
    names = ", ".join(inline(case_name(test), 120) for test in tests[:_NAMES])
    more = f" and {counted(len(tests) - _NAMES, 'more test')}" if len(tests) > _NAMES else ""
    where = " · ".join(map(inline, parts))
    return f"- {f'<b>{where}</b>: ' if where else ''}{names}{more}\n"


def slowest(runs: Iterable[JudgedRun]) -> Section:
    """The tests that took longest, folded; only where there is something to compare."""
    timed = ((run, test) for run in runs for test in run.report.tests if milliseconds(test.seconds))
    top = nlargest(_SLOWEST, timed, key=lambda pair: milliseconds(pair[1].seconds))
    return Section(
        "<details><summary>Slowest tests</summary>\n\n| Test | Where | Duration |\n| :-- | :-- | --: |\n",
        islice(_slow_rows(top, many=len({id(run) for run, _ in top}) > 1), _SLOWEST),
        len(top) if len(top) > 1 else 0,
        lambda _: "",
        tail="\n</details>\n\n",
    )


def _slow_rows(tests: Sequence[_Found], *, many: bool) -> Iterator[str]:
    """A row for each."""
    for run, test in tests:
        where = " · ".join(map(inline, [*place(test), *([run_name(run)] if many else [])]))
        yield f"| {inline(case_name(test))} | {where} | {shown_duration(test.seconds)} |\n"
