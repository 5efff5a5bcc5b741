"""Builds in a few letters: `P` is passed, `K` flaky, `F` failed, `E` an error, `S` skipped, `N` not run."""

from collections.abc import Mapping

from testgate.history.comparing import Compared, Current, compare
from testgate.history.keeping import LineResult, added
from testgate.history.model import BuildRecord, History, Line, Part
from testgate.model import Earlier, Outcome, TestResult

LINE = Line("testsigma", "274")
_OUTCOMES = {
    "P": Outcome.PASSED,
    "K": Outcome.PASSED,
    "F": Outcome.FAILED,
    "E": Outcome.ERROR,
    "S": Outcome.SKIPPED,
    "N": Outcome.NOT_RUN,
}


def build(run: int, series: str = "main", *, attempt: int = 1, commit: str = "") -> BuildRecord:
    """A build."""
    return BuildRecord(
        "gate", str(run), attempt, str(run), f"https://ci/{run}", series, commit or f"c{run}", float(run)
    )


def results(letters: Mapping[str, str]) -> list[TestResult]:
    """Tests by name, with the letters of their results."""
    earlier = (Earlier(Outcome.FAILED),)
    return [
        TestResult(f"r{at}", name, _OUTCOMES[letter], case_id=name.lower(), earlier=earlier if letter == "K" else ())
        for at, (name, letter) in enumerate(letters.items())
    ]


def after(history: History, record: BuildRecord, whole: bool = True, line: Line = LINE, **letters: str) -> History:
    """The history after a build with these results."""
    return added(
        history,
        record,
        {line: LineResult(results(letters), Part(whole=whole, seconds=60.0, runs=[f"run-{record.run}"]))},
    )


def compared(
    history: History, record: BuildRecord, target: str = "", base: str = "", whole: bool = True, **letters: str
) -> Compared:
    """The comparison of a build with these results."""
    return compare(history, Current(record, target, base), LINE, results(letters), whole=whole)


def changes(found: Compared) -> list[str]:
    """What became of the tests, in words."""
    return [str(past.change) for past in found.pasts]
