"""The history file: what is written is read, what is foreign is told, and it stays small."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.history.file import MOST_BUILDS, MOST_SERIES, ForeignFileError, NewerFormatError, read, written
from testgate.history.keeping import LineResult, added
from testgate.history.model import History, Line, Part
from tests.history.builds import LINE, after, build, results

LETTERS = st.dictionaries(st.sampled_from("ABCDEFGH"), st.sampled_from("PKFESN"), max_size=8)
BUILDS = st.lists(
    st.tuples(
        st.integers(1, 9), st.sampled_from(["main", "change 7", "basket"]), st.integers(1, 3), st.booleans(), LETTERS
    ),
    max_size=40,
)


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({})
)


def text(history: History) -> str:
    """The file."""
    return "".join(written(history))


def shape(history: History) -> object:
    """Everything in a history, to compare."""
    return history.builds, {line: (list(known.tests), known.parts) for line, known in history.lines.items()}


@given(BUILDS)
def test_what_is_written_is_read(builds: list[tuple[int, str, int, bool, dict[str, str]]]) -> None:
    """In any order of builds and with any tests."""
    history = History()
    for run, series, attempt, whole, letters in builds:
        history = after(history, build(run, series, attempt=attempt), whole, LINE, **letters)
    assert shape(read(text(history))) == shape(history)


def test_jobs_of_one_build_write_one_build() -> None:
    """Each adds its own lines, and overwrites nothing of the others."""
    history = after(History(), build(1), A="P")
    history = after(history, build(1), line=LINE._replace(leg="chrome"), A="F")
    assert (history.builds, len(history.lines)) == ([build(1)], 2)


def test_old_builds_are_dropped() -> None:
    """Of each series the last twenty; tests that none of them names are dropped too."""
    history = after(History(), build(1), Old="P", A="F")
    for run in range(2, MOST_BUILDS + 2):
        history = after(history, build(run), A="P", New="P")
    assert [each.number for each in history.builds] == [str(run) for run in range(2, MOST_BUILDS + 2)]
    assert [key.test for key in history.lines[LINE].tests] == ["a", "new"]
    assert {part.letters for part in history.lines[LINE].parts.values()} == {"PP"}


def test_old_series_are_dropped() -> None:
    """Those that were built last stay."""
    history = after(History(), build(1), A="P")
    for run in range(2, MOST_SERIES + 5):
        history = after(history, build(run, f"change {run}"), A="P")
    assert len({each.series for each in history.builds}) == MOST_SERIES
    assert history.builds[-1].series == f"change {MOST_SERIES + 4}"
    assert "main" not in {each.series for each in history.builds}


def test_the_target_branch_is_never_dropped() -> None:
    """Pull requests are compared with it, however many there are."""
    history = after(History(), build(1), A="P")
    for run in range(2, MOST_SERIES + 5):
        history = added(history, build(run, f"change {run}"), {LINE: LineResult(results({"A": "P"}), Part())}, "main")
    assert "main" in {each.series for each in history.builds}


def test_a_huge_plan_does_not_push_out_the_others() -> None:
    """A line with more tests than there is room for is not kept."""
    history = after(History(), build(1), A="P")
    many = LineResult(results({f"T{number}": "P" for number in range(200_001)}), Part())
    history = added(history, build(2), {Line("testsigma", "275"): many})
    assert list(history.lines) == [LINE]


@pytest.mark.parametrize("foreign", ["", "null", "[]", "{}", "<html>", '{"kind": "x"}', "[" * 100_000, "\ufeff{}"])
def test_a_foreign_file_is_no_history(foreign: str) -> None:
    """Nothing is taken from it."""
    with pytest.raises(ForeignFileError):
        read(foreign)


def test_a_newer_format_is_refused() -> None:
    """It is not damaged, and must not be overwritten."""
    with pytest.raises(NewerFormatError, match="format 2"):
        read('{"kind": "testgate-history", "format": 2}')


@given(st.data())
def test_a_damaged_file_is_a_history_or_none(data: st.DataObject) -> None:
    """One value of a file is replaced by anything: it is read or refused, and what is read can be written."""
    found = json.loads(text(after(after(History(), build(1), A="P", B="K"), build(2), A="F", C="E")))
    places = list(_places(found))
    holder, name = data.draw(st.sampled_from(places))
    scalar = st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({})
    )
    holder[name] = data.draw(scalar)
    try:
        history = read(json.dumps(found))
    except (ForeignFileError, NewerFormatError):
        return
    after(read(text(history)), build(3), A="P")


def _places(found: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401  # JSON of any shape
    """Every value in it, by its holder and name."""
    for name, value in found.items() if isinstance(found, dict) else enumerate(found):
        yield found, name
        if isinstance(value, dict | list):
            yield from _places(value)
