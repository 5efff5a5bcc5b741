"""The same run in every CI: a whole process, hostile names, and each CI's own reader."""

import json
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from testgate.acts import Print
from testgate.demo.testsigma.scenarios import Plan, Scenario, Test
from testgate.platforms import choose
from testgate.text import clean
from tests.grammars import CIS, dialect_of
from tests.grammars.dialect import Finished
from tests.support.hostile_text import FRAGMENTS
from tests.support.marks import full
from tests.support.step import KEY, run
from tests.support.surroundings import load, recorded
from tests.support.vendor import simulator

TESTS = (
    Test("Login", suite="Sign-in"),
    *(Test(f"{mark} a", "FAILURE", f"{mark} b\n{mark} c", suite=mark) for mark in FRAGMENTS if clean(mark).strip()),
)
# They hold a list or words, which CIs may shorten, or depend on the time.
NOT_EXACT = ("REASON", "FAILED_TESTS", "RUNS", "DURATION_SECONDS")


def environment(ci: str, folder: Path) -> dict[str, str]:
    """The CI's environment, with its files and programs in the folder."""
    dialect = dialect_of(ci)
    environ = dialect.placed(recorded(ci), folder)
    if dialect.programs:
        environ["PATH"] = f"{recorders(folder, dialect.programs)}:{os.environ['PATH']}"
    return environ


def recorders(folder: Path, programs: Sequence[str]) -> Path:
    """A folder of programs that only record their calls."""
    place = folder / "bin"
    place.mkdir()
    for name in programs:
        program = place / name
        program.write_text(
            f"#!{sys.executable} -IS\nimport json, sys\n"
            f"call = json.dumps([sys.argv[1:], sys.stdin.buffer.read().decode()]) + '\\n'\n"
            f"open({str(folder / f'{name}.calls')!r}, 'a').write(call)\n",
            encoding="utf-8",
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return place


def exact(values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The values that every CI must hand on unchanged."""
    return ((name, value) for name, value in values.items() if not name.endswith(NOT_EXACT))


def letters(text: str) -> str:
    """The letters and digits of the text."""
    return "".join(character for character in text if character.isalnum())


# The others have readers of the same kinds.
SAMPLE = {"azure", "bitbucket", "buildkite", "github", "gitlab", "plain", "teamcity"}


@pytest.mark.parametrize("ci", [ci if ci in SAMPLE else full(ci) for ci in CIS])
def test_a_hostile_run_reads_back_in_every_ci(tmp_path: Path, ci: str) -> None:
    """The CI's own reader finds every output unchanged, and only masking commands contain the key."""
    environ = environment(ci, tmp_path)
    with simulator(Scenario(plans={274: Plan(tests=TESTS, running=0.5)})) as server:
        given = {"TESTGATE_API_KEY": KEY, "TESTGATE_BASE_URL": server.url, "TESTGATE_TEST_PLAN_ID": "274"}
        left = run(tmp_path, {}, github=False, extra={**environ, **given})
    assert left.code == 1, left.log
    written = json.loads(left.report("outputs.json"))
    assert written["TESTGATE_OUT_CONCLUSION"] == "failed"
    assert written["TESTGATE_OUT_TOTAL"] == str(len(TESTS))

    found = dialect_of(ci).outputs(Finished(left, environ))
    assert len(found) >= 19
    assert dict(exact(found)) == {name: value for name, value in exact(written) if name in found}
    assert letters(found["TESTGATE_OUT_REASON"]).replace("percent", "") == letters(written["TESTGATE_OUT_REASON"])
    for name in {"TESTGATE_OUT_FAILED_TESTS", "TESTGATE_OUT_RUNS"} & found.keys():
        assert isinstance(json.loads(found[name]), list)

    adapter = load(choose(environ), environ)
    masking = {act.line for act in adapter.mask(KEY) if isinstance(act, Print)}
    assert not [line for line in left.log.splitlines() if KEY in line and line not in masking]
