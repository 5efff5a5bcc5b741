"""`docs/reliability.md` as a document; `test_table.py` compares its rows with what the program does."""

from tests.faults.processes import COMBINATIONS
from tests.faults.table import DOCUMENT, SOCKETS, line_of


def test_the_document_has_a_row_for_every_process() -> None:
    """Each combination that is played over sockets has its row."""
    rows = DOCUMENT.read_text(encoding="utf-8").partition(SOCKETS)[2].splitlines()
    assert sum(row.startswith(("| trigger |", "| poll |")) for row in rows) == len(COMBINATIONS)


def test_a_bar_does_not_end_a_cell() -> None:
    """Whatever the log says stays in its cell."""
    assert line_of("a|b", "<p>\nc") == "| a\\|b | &lt;p> c |"
