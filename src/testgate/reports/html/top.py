"""The top of the page: verdict, counts, facts, runs and notes. It is plain HTML: it needs neither script nor style."""

import datetime as dt
import math
from collections.abc import Iterator, Sequence

from testgate.gate.evidence import pass_rate
from testgate.gate.since import since
from testgate.model import Attempt, Conclusion, Run
from testgate.reports.html.escaping import inline, link
from testgate.reports.naming import counted, full_reason, number, run_name, shown_duration, visible
from testgate.results import Gate, JudgedRun, Verdict

_SENTENCE = 2_000
_MOST_RUNS = 500
_MOST_RERUNS = 10
_MOST_NOTES = 200
_LATEST = 253_402_300_799.0  # the end of the year 9999, in epoch seconds
_FILLS = {  # as in the style, which some CIs block: without them, the bar would be black
    "failed": "#c0262d",
    "error": "#a63a00",
    "not-run": "#7a4fb5",
    "passed": "#1a7f37",
    "skipped": "#656d76",
}
_OUTCOMES = (
    ("failed", "failed", "failed"),
    ("errors", "error", "errored"),
    ("not_run", "not-run", "not run"),
    ("passed", "passed", "passed"),
    ("skipped", "skipped", "skipped"),
)


def top(gate: Gate) -> Iterator[str]:
    """Yield everything above the tests."""
    counts = _counts(gate.verdict)
    yield f'<header class="top {_look(gate)}">\n{_verdict(gate)}{counts}{_facts(gate)}</header>\n'
    yield "<main>\n"
    if len(gate.runs) > 1:
        yield from _runs(gate)
    yield from _notes(gate)


def _look(gate: Gate) -> str:
    """How the verdict looks: red, tolerated, or green."""
    if gate.verdict.conclusion.green:
        return "good"
    return "bad" if gate.exit_code else "tolerated"


def _verdict(gate: Gate) -> str:
    """Title, conclusion, reason, and what to do about it."""
    conclusion = gate.verdict.conclusion
    mark = {"good": "✓", "bad": "✗", "tolerated": "!"}[_look(gate)]
    word = f'<span class="verdict"><span aria-hidden="true">{mark}</span> {conclusion.value}</span>'
    parts = [f"<h1>{inline(gate.title, 200) or 'TestGate'}: {word}</h1>"]
    if gate.demo:
        parts.append('<p class="demo"><b>Demo:</b> this step used the built-in simulator. Nothing real was tested.</p>')
    if gate.verdict.reason:
        parts.append(f'<p class="reason">{inline(gate.verdict.reason, _SENTENCE)}</p>')
    parts += _since(gate)
    if not conclusion.green and not gate.exit_code:
        parts.append(
            "<p>The step still succeeds, because its <code>fail-on</code> doesn't include this conclusion.</p>"
        )
    if not conclusion.green and gate.remedy:
        parts.append(f'<p class="remedy"><b>What to do:</b> {inline(gate.remedy, _SENTENCE)}</p>')
    if gate.left_running:
        known = {run.id: run.url for judged in gate.runs for run in _all_runs(judged)}
        shown = ", ".join(link(each, known.get(each, "")) for each in dict.fromkeys(gate.left_running))
        parts.append(f'<p class="running"><b>May still be running on the platform:</b> {shown}</p>')
    return "\n".join(parts) + "\n"


def _since(gate: Gate) -> list[str]:
    """What changed since the baseline, and what was tolerated."""
    found = since(gate.runs)
    if found is None:
        return []
    place = link(found.place, found.build.url) if found.build else inline(found.place)
    said = [f'<p class="since"><b>Since {place}:</b> {inline(found.sentence)}.</p>']
    if found.excuse:
        said.append(f'<p class="tolerated"><b>{found.excuse}:</b> <code>tolerate-known-failures</code> is set.</p>')
    return said


def _counts(verdict: Verdict) -> str:
    """The counts as a bar, and in words. A pass rate that is said already isn't repeated; a part of a run has none."""
    counts = verdict.counts
    if not counts.total:
        return ""
    found = [(getattr(counts, field), kind, word) for field, kind, word in _OUTCOMES if getattr(counts, field) > 0]
    sentence = ", ".join(f"{number(count)} {word}" for count, _kind, word in found)
    legend = [_key(count, kind, word) for count, kind, word in found]
    extra = (
        (counts.flaky, "flaky", "flaky"),
        (counts.quarantined, "quarantined", "quarantined"),
        (counts.tolerated, "tolerated", "tolerated"),
    )
    legend += [_key(count, kind, f"of them {word}", look=' class="of"') for count, kind, word in extra if count > 0]
    whole = verdict.conclusion in {Conclusion.PASSED, Conclusion.FAILED} and "pass rate" not in verdict.reason
    rate = pass_rate(counts).removesuffix(".00") if whole else ""
    total = f'<p class="total"><b>{counted(counts.total, "test")}</b>{f", pass rate {rate} %" if rate else ""}</p>'
    return f'{total}\n{_bar(found, sentence)}<ul class="legend">{"".join(legend)}</ul>\n'


def _key(count: int, kind: str, word: str, look: str = "") -> str:
    """One entry of the legend; the script turns it into a filter."""
    key = f'<span class="key {kind}" aria-hidden="true"></span>'
    return f'<li{look} data-filter="{kind}">{key}<b>{number(count)}</b> {word}</li>'


def _bar(found: Sequence[tuple[int, str, str]], sentence: str) -> str:
    """The bar; something small is still visible in it."""
    total = sum(count for count, _kind, _word in found)
    widths = [max(6.0, 1000 * count / total) for count, _kind, _word in found]
    scale = 1000 / sum(widths)
    parts, left = [], 0.0
    for (_count, kind, _word), width in zip(found, widths, strict=True):
        parts.append(
            f'<rect class="{kind}" fill="{_FILLS[kind]}" x="{left:.1f}" width="{width * scale:.1f}" height="14"/>'
        )
        left += width * scale
    return (
        f'<svg class="bar" role="img" aria-label="{sentence}" viewBox="0 0 1000 14" width="100%" height="14" '
        f'preserveAspectRatio="none">{"".join(parts)}</svg>\n'
    )


def _facts(gate: Gate) -> str:
    """Times, attempts, and the way back to the build."""
    tests = [test for judged in gate.runs for test in judged.report.tests]
    spent = sum(test.seconds for test in tests if test.seconds is not None and 0 < test.seconds < math.inf)
    reruns = sum(max(0, len(judged.report.attempts) - 1) for judged in gate.runs)
    tried = sum(bool(test.earlier) for test in tests)
    facts = [("Wall-clock time", inline(shown_duration(gate.seconds)))]
    facts.append(("Test time, summed", inline(shown_duration(spent))))
    if len(gate.runs) == 1:
        (judged,) = gate.runs
        facts.append(("Run", f"{link(run_name(judged), judged.url)} {inline(judged.id)}"))
        facts.append(("Reruns", _reruns(judged.report.attempts)))
    elif reruns:
        facts.append(("Reruns", counted(reruns, "run")))
    facts.append(("Tests with several attempts", number(tried) if tried else ""))
    facts.append(("Finished", _moment(gate.started_at + gate.seconds)))
    if gate.build_title or gate.build_url:
        facts.append(("Build", link(visible(gate.build_title, "Open the build"), gate.build_url)))
    facts += [("Leg", inline(gate.leg)), ("Platform", inline(gate.provider)), ("Test run", inline(gate.test_run))]
    shown = "".join(f"<div><dt>{name}</dt><dd>{text}</dd></div>" for name, text in facts if text)
    return f'<dl class="facts">{shown}</dl>\n'


def _moment(seconds: float) -> str:
    """The time in UTC, which the script turns into the reader's own; "" if it is none."""
    if not 0 < seconds < _LATEST:
        return ""
    moment = dt.datetime.fromtimestamp(int(seconds), dt.UTC)
    return f'<time datetime="{moment:%Y-%m-%dT%H:%M:%SZ}">{moment:%Y-%m-%d %H:%M} UTC</time>'


def _runs(gate: Gate) -> Iterator[str]:
    """The table of runs; red ones first if there are too many for it."""
    runs = gate.runs
    chosen = runs if len(runs) <= _MOST_RUNS else sorted(runs, key=lambda judged: judged.verdict.conclusion.green)
    columns = [
        (field, word)
        for field, _kind, word in _OUTCOMES
        if any(getattr(judged.verdict.counts, field) for judged in runs)
    ]
    titles = ("Run", "Result", *(word.capitalize() for _field, word in columns), "Total", "Pass rate", "Duration")
    heads = "".join(f'<th scope="col">{title}</th>' for title in titles)
    title = "Runs" if len(runs) > 1 else "Run"
    yield f'<section class="runs" aria-labelledby="runs-title"><h2 id="runs-title">{title}</h2>\n'
    yield '<div class="scroll" tabindex="0" role="region" aria-label="Table of runs"><table>'
    yield f"<thead><tr>{heads}</tr></thead><tbody>\n"
    for judged in chosen[:_MOST_RUNS]:
        yield _run(judged, [field for field, _word in columns], gate.verdict.reason)
    yield "</tbody></table></div>\n"
    if len(runs) > _MOST_RUNS:
        yield f"<p>…and {counted(len(runs) - _MOST_RUNS, 'more run')}.</p>\n"
    yield "</section>\n"


def _run(judged: JudgedRun, fields: Sequence[str], said: str) -> str:
    """One run, with its reruns and a reason that isn't said already."""
    conclusion, counts = judged.verdict.conclusion, judged.verdict.counts
    reason = "" if conclusion.green else full_reason(judged)
    note = f"<br><small>{inline(reason, _SENTENCE)}</small>" if reason and reason not in said else ""
    run_id = visible(judged.id)
    name = link(run_name(judged), judged.url) + (f" <small>{inline(run_id)}</small>" if run_id else "")
    look = "good" if conclusion.green else "bad"
    mark = "✓" if conclusion is Conclusion.PASSED else "·" if conclusion.green else "✗"
    numbers = (
        [number(getattr(counts, field)) for field in (*fields, "total")] if counts.total else [""] * (len(fields) + 1)
    )
    rate = pass_rate(counts).removesuffix(".00") if counts.total else ""
    cells = "".join(
        f"<td>{cell}</td>" for cell in (*numbers, f"{rate} %" if rate else "", shown_duration(judged.seconds))
    )
    result = f'<td class="{look}"><span aria-hidden="true">{mark}</span> {conclusion.value}{note}</td>'
    reruns = _reruns(judged.report.attempts)
    again = f"<br><small>Reruns: {reruns}</small>" if reruns else ""
    return f'<tr><th scope="row">{name}{again}</th>{result}{cells}</tr>\n'


def _reruns(attempts: Sequence[Attempt]) -> str:
    """The reruns of a run, with their pages."""
    later = attempts[1:]
    if not later:
        return ""
    shown = ", ".join(
        link(visible(each.run.id, "(no id)"), each.run.url)
        + (" (started by the platform)" if each.automatic else "")
        + ("" if each.ended else " (not known to have finished)")
        for each in later[:_MOST_RERUNS]
    )
    more = f" and {number(len(later) - _MOST_RERUNS)} more" if len(later) > _MOST_RERUNS else ""
    return f"{shown}{more}"


def _notes(gate: Gate) -> Iterator[str]:
    """What else is to be said, each sentence once."""
    several = len(gate.runs) > 1
    lines = [inline(note, 1_000) for note in (*gate.lines, *gate.notes)]
    for judged in gate.runs:
        name = f"{inline(run_name(judged), 100)}: " if several else ""
        lines += [f"{name}{inline(note, 1_000)}" for note in judged.report.notes if note not in gate.verdict.reason]
    found = [line for line in dict.fromkeys(lines) if line.strip()]
    if not found:
        return
    yield '<section class="notes" aria-labelledby="notes-title"><h2 id="notes-title">Notes</h2><ul>\n'
    yield from (f"<li>{line}</li>\n" for line in found[:_MOST_NOTES])
    if len(found) > _MOST_NOTES:
        yield f"<li>…and {counted(len(found) - _MOST_NOTES, 'more note')}.</li>\n"
    yield "</ul></section>\n"


def _all_runs(judged: JudgedRun) -> Iterator[Run]:
    """The run, its reruns, and the runs it left behind."""
    if judged.report.run:
        yield judged.report.run
    yield from (attempt.run for attempt in judged.report.attempts)
    yield from judged.report.left_running
