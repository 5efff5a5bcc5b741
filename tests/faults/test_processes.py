"""Part of the table over real sockets: CI's own process, and a platform that misbehaves byte by byte."""

from pathlib import Path

import pytest

from tests.faults.processes import COMBINATIONS, Combination, play

EVERY = [
    pytest.param(combination, id=str(combination), marks=() if combination.in_sample else pytest.mark.full)
    for combination in COMBINATIONS
]


@pytest.mark.parametrize("combination", EVERY)
def test_a_process_survives_a_fault(tmp_path: Path, combination: Combination) -> None:
    """Exit codes and promises are those of the simulated table."""
    measured = play(tmp_path, combination)
    assert measured.wrong == [], measured.left.log
