"""The summary's table of runs."""

from collections.abc import Iterator, Sequence

from testgate.model import Conclusion, Counts
from testgate.reports.budget import Section
from testgate.reports.markdown import inline, link
from testgate.reports.naming import counted, fault_text, number, run_name, shown_duration
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
)
_MARKS = {
    Conclusion.PASSED: "✅",
    Conclusion.CHECKED: "✅",
    Conclusion.STOP_CONFIRMED: "⏹️",
    Conclusion.DRY_RUN: "📝",
}
_ALWAYS = ("Passed", "Failed", "Total")
_MOST = 500  # rows: beyond that nobody reads, and the red ones are told first


def runs_table(runs: Sequence[JudgedRun]) -> Section:
    """One row a run; of very many, the red ones first. Columns of zeros are left out, without any test all of them."""
    counting = any(run.verdict.counts.total for run in runs)
    columns = [
        (title, field)
        for title, field in _COLUMNS
        if counting and (title in _ALWAYS or any(getattr(run.verdict.counts, field) for run in runs))
    ]
    titles = ["Run", "Result", *(title for title, _ in columns), *(["Pass rate"] if counting else []), "Duration"]
    head = _row([_unbroken(title) for title in titles]) + _row([":--", ":--", *("--:" for _ in titles[2:])])
    ordered = runs if len(runs) <= _MOST else sorted(runs, key=lambda run: run.verdict.conclusion.green)
    fields = [field for _, field in columns]
    return Section(
        head,
        _rows(ordered, fields),
        len(runs),
        lambda missing: f"…and {counted(missing, 'more run')}.\n\n",
        tail=_sum(runs, fields) + "\n" if len(runs) > 1 and counting else "\n",
    )


def _rows(runs: Sequence[JudgedRun], fields: Sequence[str]) -> Iterator[str]:
    """The rows, as far as they are of use to a reader."""
    for run in runs[:_MOST]:
        result = _unbroken(f"{mark(run.verdict.conclusion)} {run.verdict.conclusion.value}")
        if sentence := told(run, many=len(runs) > 1):
            result += f"<br>{inline(sentence, 400)}"
        name = link(run_name(run), run.url)
        numbers = _numbers(run.verdict.counts, fields) if fields else []
        yield _row([name, result, *numbers, _unbroken(shown_duration(run.seconds))])


def told(run: JudgedRun, *, many: bool) -> str:
    """What the row says of the run beside its numbers, where they do not say it themselves."""
    conclusion = run.verdict.conclusion
    if conclusion is Conclusion.STOP_CONFIRMED:
        return "; ".join(run.report.notes) or run.verdict.reason
    return fault_text(run) if not conclusion.green and (many or not run.verdict.counts.total) else ""


def _sum(runs: Sequence[JudgedRun], fields: Sequence[str]) -> str:
    """The last row: all runs together."""
    counts = sum((run.verdict.counts for run in runs), Counts())
    cells = (f"**{cell}**" if cell else "" for cell in _numbers(counts, fields))
    return _row([f"**All {counted(len(runs), 'run')}**", "", *cells, ""])


def _numbers(counts: Counts, fields: Sequence[str]) -> list[str]:
    """The counts and the pass rate; nothing where there are no tests."""
    if not counts.total:
        return [""] * (len(fields) + 1)
    return [*(number(getattr(counts, field)) for field in fields), _unbroken(pass_rate(counts))]


def pass_rate(counts: Counts) -> str:
    """Percent with two decimals, rounded down; empty where nothing is weighed."""
    if not counts.weighed:
        return ""
    whole, rest = divmod(counts.passed * 10_000 // counts.weighed, 100)
    return f"{whole}.{rest:02d} %" if rest else f"{whole} %"


def mark(conclusion: Conclusion) -> str:
    """One sign for a run."""
    return _MARKS.get(conclusion, "▶️" if conclusion.green else "❌")


def _row(cells: Sequence[str]) -> str:
    """One line of the table."""
    return f"| {' | '.join(cells)} |\n"


def _unbroken(text: str) -> str:
    """Our own words, kept on one line however narrow the column."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")
