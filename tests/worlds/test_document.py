"""The section on worlds in `docs/reliability.md`."""

import re

import pytest

from tests.worlds.__main__ import PLAYS
from tests.worlds.document import DOCUMENT, HEADING, TITLES, Tally, kept, section
from tests.worlds.oracle import EXCUSES

TEXT = kept(DOCUMENT.read_text(encoding="utf-8"))


def row(first: str) -> list[str]:
    """The cells of the row that begins with this one."""
    (line,) = [line for line in TEXT.splitlines() if line.startswith(f"| {first} |")]
    return [cell.strip() for cell in line.strip("|").split("|")]


@pytest.mark.parametrize("kind", EXCUSES)
def test_every_kind_of_false_red_is_explained(kind: str) -> None:
    """It has its row, and its example is red for this reason."""
    _kind, number, example, why = row(kind)
    assert why == EXCUSES[kind]
    found = re.fullmatch(r"`(\S+)` (\d+)", example)
    assert int(number) > 0
    assert found is not None
    assert PLAYS[found[1]](int(found[2])).false_red == kind


@pytest.mark.parametrize("play", PLAYS)
def test_no_seed_was_a_false_green(play: str) -> None:
    """The page has the numbers of every play, and the last one is zero."""
    _title, seeds, _lied, truly_green, _red, truly_red, green = row(TITLES[play])
    assert int(green) == 0
    assert int(truly_green) + int(truly_red) == int(seeds) >= 2000


def test_other_parts_of_the_page_are_kept() -> None:
    """The section is found and written without the rest of the page."""
    tally = Tally("worlds", 5, 0, 3, 2, 0, {"equal tests": 1}, {"equal tests": 4})
    text = section([tally])
    assert kept(f"# Page\n\n{text}") == text
    assert "| Testsigma, honest | 5 | 0 | 3 | 1 | 2 | 0 |" in text
    assert "| equal tests | 1 | `worlds` 4 |" in text
    assert kept("# Page without it") == ""
    assert text.startswith(HEADING)
