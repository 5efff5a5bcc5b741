"""The failures in plain HTML, for readers without scripts, for places that block them, and for print."""

from collections.abc import Iterator, Sequence

from testgate.gate.causes import by_cause
from testgate.model import Outcome, TestResult
from testgate.reports.html.escaping import block, inline, link, web_address
from testgate.reports.naming import (
    case_name,
    counted,
    failed_attempts,
    failing_step,
    number,
    place,
    run_name,
    shown_duration,
)
from testgate.reports.since import changes, standing
from testgate.results import JudgedRun, failed_tests
from testgate.text import clean

_MESSAGE = 4_000  # characters of a test's message
_ALIKE = 3  # so many tests with one cause are one fold
_NAMES = 100  # of tests with one cause that are shown
_ROOM = 1_000_000  # characters for messages; names follow
_BY_NAME = 2_000  # tests without room for a message
_WORDS = {Outcome.FAILED: "failed", Outcome.ERROR: "errored", Outcome.NOT_RUN: "not run"}
_SIGNS = {Outcome.ERROR: "!", Outcome.NOT_RUN: "○"}
_Found = tuple[JudgedRun, TestResult]


def failures(runs: Sequence[JudgedRun]) -> Iterator[str]:
    """Yield the tests that didn't pass: those with one cause together, then the others, then what is excused."""
    found = failed_tests(runs)
    several = len(runs) > 1
    yield '<section id="failures" aria-labelledby="failures-title">\n'
    yield f'<h2 id="failures-title">{_heading(runs, found)}</h2>\n'
    groups = by_cause(found)
    alike = sorted((group for group in groups if len(group) >= _ALIKE), key=len, reverse=True)
    folds = [*alike, *([pair] for group in groups if len(group) < _ALIKE for pair in group)]
    room = _ROOM
    hidden: list[_Found] = []
    for group in folds:
        if room > 0:
            fold = _alike(group, several=several) if len(group) > 1 else _alone(*group[0], several=several)
            room -= len(fold)
            yield fold
        else:
            hidden += group
    yield from _by_name(hidden, "more failed test", several=several)
    excused = [(judged, test) for judged in runs for test in judged.report.tests if test.quarantined]
    yield from _by_name(excused, "quarantined test", several=several)
    known = [(judged, test) for judged in runs for test in judged.report.tests if test.tolerated and test.bad]
    yield from _by_name(known, "known failure", several=several)
    for title, names in changes(runs):
        items = "".join(f"<li>{inline(name)}</li>\n" for name in names[:_BY_NAME])
        yield f"<details><summary>{title}</summary>\n<ul>\n{items}</ul>\n</details>\n"
    yield "</section>\n"


def _heading(runs: Sequence[JudgedRun], found: Sequence[_Found]) -> str:
    """What the section shows, or that there is nothing to show."""
    if found:
        return counted(len(found), "test") + " didn't pass"
    return "No test failed" if any(judged.report.tests for judged in runs) else "There are no tests to show"


def _alike(group: Sequence[_Found], *, several: bool) -> str:
    """Tests with one cause: the message of the first, and all their names."""
    _judged, first = group[0]
    names = "".join(_item(judged, test, several=several) for judged, test in group[:_NAMES])
    more = f"<li>…and {counted(len(group) - _NAMES, 'more test')} with this cause</li>\n" if len(group) > _NAMES else ""
    title = f"✗ <b>{counted(len(group), 'test')}</b>: {_first_line(first)}"
    return (
        f"<details><summary>{title}</summary>\n{block(first.message, _MESSAGE)}\n<ul>\n{names}{more}</ul>\n</details>\n"
    )


def _alone(judged: JudgedRun, test: TestResult, *, several: bool) -> str:
    """One test: its message and failing step, earlier attempts, and a video."""
    step = inline(failing_step(test), 2_000)
    body = block(test.message, _MESSAGE) if clean(test.message).strip() else f"<p>{_no_message(test)}</p>"
    first = _first_line(test)
    second = f'<br><span class="first">{first}</span>' if first else ""
    title = f"<b>{inline(case_name(test))}</b>{_details(judged, test, several=several)}{second}"
    earlier = "".join(
        f"<h3>Attempt {nth}: {_WORDS.get(each.outcome, each.outcome.value)}</h3>\n{block(each.message, _MESSAGE)}\n"
        for nth, each in enumerate(test.earlier[:10], 1)
        if each.message.strip()
    )
    video = f"<p>{link('Video', test.video)}</p>\n" if web_address(test.video) else ""
    parts = f"{body}\n{f'<p>{step}</p>' if step else ''}{earlier}{video}"
    return f"<details><summary>{_SIGNS.get(test.outcome, '✗')} {title}</summary>\n{parts}</details>\n"


def _by_name(found: Sequence[_Found], noun: str, *, several: bool) -> Iterator[str]:
    """Tests by name only."""
    if not found:
        return
    yield f"<details><summary>{counted(len(found), noun)}, by name</summary>\n<ul>\n"
    yield from (_item(judged, test, several=several) for judged, test in found[:_BY_NAME])
    if len(found) > _BY_NAME:
        yield f"<li>…and {number(len(found) - _BY_NAME)} more</li>\n"
    yield "</ul>\n</details>\n"


def _item(judged: JudgedRun, test: TestResult, *, several: bool) -> str:
    """One test of a list."""
    return f"<li>{inline(case_name(test))}{_details(judged, test, several=several)}</li>\n"


def _details(judged: JudgedRun, test: TestResult, *, several: bool) -> str:
    """Where the test ran, how it ended, in how many attempts, how long it took, and why it is excused."""
    parts = [*place(test), *([run_name(judged)] if several else []), _WORDS.get(test.outcome, "")]
    parts += [failed_attempts(test), shown_duration(test.seconds), test.quarantine]
    parts.insert(len(place(test)), standing(test))
    shown = " · ".join(inline(part) for part in parts if part.strip())
    return f" <small>{shown}</small>" if shown else ""


def _first_line(test: TestResult) -> str:
    """The first line of the test's message."""
    return inline(clean(test.message).strip().partition("\n")[0], 160)


def _no_message(test: TestResult) -> str:
    """A stand-in for a missing message, with the platform's own word for the result if there is one."""
    word = inline(test.word, 80)
    return f"The platform reported {word} without a message." if word else "The platform gave no message."
