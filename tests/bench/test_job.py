"""A build without anything of an earlier one: each stage of the Dockerfile gets the round's label, and no other."""

from pathlib import Path

import pytest
from bench.job import Bench, marked
from bench.startup import ROOT


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A bench with the Dockerfile of the checkout."""
    (tmp_path / "testgate").mkdir()
    (tmp_path / "testgate/Dockerfile").write_bytes((ROOT / "Dockerfile").read_bytes())
    return Bench(tmp_path, "127.0.0.1:5000", "job", 1)


def test_each_stage_gets_the_label_of_the_round_alone(bench: Bench) -> None:
    """Otherwise a build would be measured that takes its layers from the cache."""
    marked(bench, "0")
    marked(bench, "1")
    lines = (bench.root / "testgate/Dockerfile").read_text(encoding="utf-8").splitlines()
    stages = [number for number, text in enumerate(lines) if text.startswith("FROM ")]
    labels = [number for number, text in enumerate(lines) if text.startswith("LABEL testgate-bench=")]
    assert len(stages) == 3
    assert labels == [number + 1 for number in stages]
    assert {lines[number] for number in labels} == {f"LABEL testgate-bench={bench.root.name}-1"}
