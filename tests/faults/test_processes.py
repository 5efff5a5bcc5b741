"""A part of the table over real sockets: the process is started as CI does, the platform misbehaves byte by byte."""

from pathlib import Path

import pytest

from tests.faults.processes import COMBINATIONS, Combination, play


@pytest.mark.parametrize("combination", COMBINATIONS, ids=str)
def test_a_process_stands_a_fault(tmp_path: Path, combination: Combination) -> None:
    """The same exit codes and the same promises as in the table that is simulated."""
    measured = play(tmp_path, combination)
    assert not measured.wrong, measured.left.log
    assert measured.seconds < 20
