"""A server that echoes secrets everywhere, and a step that logs as much as it can."""

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from testgate.demo.testsigma.scenarios import Plan, Scenario, Test
from tests.support.step import ENTRYPOINT, HANG_SECONDS, KEY, Left, environment, run
from tests.support.vendor import inputs, simulator

ODD = "k/e+y=0123 456789&äö<>"
SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "plain": lambda key: key,
    "in the URL's encoding": lambda key: quote(key, safe=""),
    "in base64": lambda key: base64.b64encode(key.encode()).decode(),
    "in base64 for URLs": lambda key: base64.urlsafe_b64encode(key.encode()).decode().rstrip("="),
    "in JSON": lambda key: json.dumps(key)[1:-1],
}

# A process starts with the peak of the one that forked it, so a small process of its own starts the step.
MEASURE = """
import pathlib, resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
pathlib.Path("peak").write_text(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""


def run_measured(folder: Path, given: Mapping[str, str]) -> Left:
    """Run a step to its end, and write its peak of memory to the file `peak`, as `getrusage` counts it."""
    ended = subprocess.run(  # noqa: S603  # the program under test
        [sys.executable, "-I", "-c", MEASURE, sys.executable, "-I", str(ENTRYPOINT)],
        cwd=folder,
        env=environment(folder, given),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=HANG_SECONDS,
        check=False,
    )
    return Left(ended.returncode, ended.stdout, folder)


def test_no_encoding_of_a_secret_survives(tmp_path: Path) -> None:
    """Neither the log nor any file contains the key or a runtime value."""
    echoes = [spell(secret) for secret in (KEY, ODD) for spell in SPELLINGS.values()]
    rows = [(f"before {echo} after", word) for echo in echoes for word in ("FAILURE", echo)]
    tests = tuple(
        Test(f"{number} {text}", word, text, suite=text, machine=text) for number, (text, word) in enumerate(rows)
    )
    scenario = Scenario(plans={274: Plan(tests=tests, running=1.0)})
    with simulator(scenario) as server:
        left = run(tmp_path, inputs(server, log_level="debug", runtime_secrets=f"password={ODD}"))
    assert left.code == 1, left.log
    lines = [line for line in left.log.splitlines() if not line.startswith("::add-mask::")]
    files = [path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file()]
    for text in ["\n".join(lines), *files]:
        assert not [echo for echo in echoes if echo in text]
    assert any("***" in text for text in files)
    assert len(list(left.junit.iter("testcase"))) == len(tests)


@pytest.mark.full
def test_five_thousand_failing_tests_of_four_kilobytes(tmp_path: Path) -> None:
    """Blank, empty, equal and endless names: each test is in the report, and the memory stays in bounds."""
    names = ("", " ", "\x00", "same", "same", "n" * 20_000)
    tests = tuple(Test(names[number % 6], "FAILURE", f"{number} " + "m" * 4096, seconds=0.0) for number in range(5000))
    with simulator(Scenario(plans={274: Plan(tests=tests, running=1.0)})) as server:
        left = run_measured(tmp_path, inputs(server))
        most = int((tmp_path / "peak").read_text(encoding="ascii"))
    assert left.code == 1, left.log[-2000:]
    cases = list(left.junit.iter("testcase"))
    assert len(cases) == 5000
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == 5000
    assert all((case.get("name") or "").strip() for case in cases)
    assert len(left.summary.encode()) <= 1024 * 1024
    assert most < 400 * 1024 * (1024 if sys.platform == "darwin" else 1)  # kilobytes; on macOS bytes
