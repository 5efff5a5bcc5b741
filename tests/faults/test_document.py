"""`docs/reliability.md` says what the program does."""

from tests.faults.processes import COMBINATIONS
from tests.faults.table import DOCUMENT, SOCKETS, line_of, simulated


def test_the_document_is_what_is_measured() -> None:
    """Its simulated part is played anew, and is the same to the letter; if not, `make faults` writes it."""
    told, heading, _sockets = DOCUMENT.read_text(encoding="utf-8").partition(SOCKETS)
    assert heading
    assert told.splitlines() == list(simulated())


def test_the_document_tells_of_every_process() -> None:
    """Each combination that is played over sockets has its row."""
    rows = DOCUMENT.read_text(encoding="utf-8").partition(SOCKETS)[2].splitlines()
    assert sum(row.startswith(("| trigger |", "| poll |")) for row in rows) == len(COMBINATIONS)


def test_a_bar_does_not_end_a_cell() -> None:
    """Whatever the log says stays in its cell."""
    assert line_of("a|b", "<p>\nc") == "| a\\|b | &lt;p> c |"
