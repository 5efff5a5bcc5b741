"""The summary's table of runs."""

from collections.abc import Iterator, Sequence

from testgate.gate.evidence import pass_rate
from testgate.model import Conclusion, Counts
from testgate.reports.markdown import inline, link
from testgate.reports.naming import counted, full_reason, number, run_name, shown_duration
from testgate.reports.summary.budget import Section
from testgate.results import JudgedRun

_COLUMNS = (
    ("Passed", "passed"),
    ("Failed", "failed"),
    ("Errors", "errors"),
    ("Skipped", "skipped"),
    ("Not run", "not_run"),
    ("Total", "total"),
    ("Flaky", "flaky"),
    ("Quarantined", "quarantined"),
    ("Tolerated", "tolerated"),
)
_MARKS = {
    Conclusion.PASSED: "✅",
    Conclusion.CHECKED: "✅",
    Conclusion.STOP_CONFIRMED: "⏹️",
    Conclusion.DRY_RUN: "📝",
}
_ALWAYS = ("Passed", "Failed", "Total")
_NOTABLE = 0.2  # of the usual duration
_MOST = 500  # rows: nobody reads more, and red runs come first


def runs_table(runs: Sequence[JudgedRun], said: str = "") -> Section:
    """All runs together, then one row per run; red runs first if there are too many for the table.

    `said` is the reason of the whole, which isn't repeated.

    Columns that hold only zeros are left out. If there are no tests at all, so is every column of numbers.
    """
    counting = any(judged.verdict.counts.total for judged in runs)
    columns = [
        (title, field)
        for title, field in _COLUMNS
        if counting and (title in _ALWAYS or any(getattr(judged.verdict.counts, field) for judged in runs))
    ]
    titles = ["Run", "Result", *(title for title, _ in columns), *(["Pass rate"] if counting else []), "Duration"]
    head = _row([_unbroken(title) for title in titles]) + _row([":--", ":--", *("--:" for _ in titles[2:])])
    if len(runs) > 1 and counting:
        head += _total_row(runs, [field for _, field in columns])
    ordered = runs if len(runs) <= _MOST else sorted(runs, key=lambda judged: judged.verdict.conclusion.green)
    fields = [field for _, field in columns]
    return Section(
        head,
        _rows(ordered, fields, said),
        len(runs),
        lambda missing: f"…and {counted(missing, 'more run')}.\n\n",
    )


def mark(conclusion: Conclusion) -> str:
    """The sign for a conclusion."""
    return _MARKS.get(conclusion, "▶️" if conclusion.green else "❌")


def row_note(judged: JudgedRun, *, several: bool) -> str:
    """The sentence in the run's row, if its numbers and the page's head don't say it."""
    conclusion = judged.verdict.conclusion
    if conclusion is Conclusion.STOP_CONFIRMED:
        return "; ".join(judged.report.notes) or judged.verdict.reason
    return full_reason(judged) if not conclusion.green and (several or not judged.verdict.counts.total) else ""


def _rows(runs: Sequence[JudgedRun], fields: Sequence[str], said: str) -> Iterator[str]:
    """The rows of the runs, up to the limit."""
    for judged in runs[:_MOST]:
        result = _unbroken(f"{mark(judged.verdict.conclusion)} {judged.verdict.conclusion.value}")
        note = row_note(judged, several=len(runs) > 1)
        if note and note not in said:
            result += f"<br>{inline(note, 400)}"
        name = link(run_name(judged), judged.url)
        numbers = _numbers(judged.verdict.counts, fields) if fields else []
        yield _row([name, result, *numbers, _unbroken(_shown_seconds(judged))])


def _shown_seconds(judged: JudgedRun) -> str:
    """The run's duration, and the usual one if that is quite another."""
    baseline = judged.report.baseline
    usual = (baseline.expected if baseline else None) or judged.seconds
    unusual = abs(judged.seconds - usual) > usual * _NOTABLE
    return f"{shown_duration(judged.seconds)}{f' (usually {shown_duration(usual)})' if unusual else ''}"


def _total_row(runs: Sequence[JudgedRun], fields: Sequence[str]) -> str:
    """The first row: all runs together."""
    counts = sum((judged.verdict.counts for judged in runs), Counts())
    cells = (f"**{cell}**" if cell else "" for cell in _numbers(counts, fields))
    return _row([f"**All {counted(len(runs), 'run')}**", "", *cells, ""])


def _numbers(counts: Counts, fields: Sequence[str]) -> list[str]:
    """The counts and the pass rate; blank if there are no tests."""
    if not counts.total:
        return [""] * (len(fields) + 1)
    rate = pass_rate(counts).removesuffix(".00")
    return [*(number(getattr(counts, field)) for field in fields), _unbroken(f"{rate} %") if rate else ""]


def _row(cells: Sequence[str]) -> str:
    """One line of the table."""
    return f"| {' | '.join(cells)} |\n"


def _unbroken(text: str) -> str:
    """Our own words with no-break spaces, so that a narrow column does not break them."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")
