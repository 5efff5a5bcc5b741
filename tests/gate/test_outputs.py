"""The outputs, and the formats in which other tools read them."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.gate.outputs import OUTPUTS, as_env, as_variables, outputs_of, with_files
from testgate.model import Conclusion, Counts, Outcome, TestResult
from testgate.results import Gate, Verdict
from tests.reports.samples import EXCUSED, FLAKY, TESTS, gate, judged
from tests.reports.strategies import gates
from tests.support.hostile_text import TEXTS

FILES = {"junit-file": "testgate-report/junit.xml"}
FOLDER = "testgate-report"


def test_outputs_of_a_red_step() -> None:
    """Every output has the value that its description promises."""
    run = judged(Conclusion.FAILED, "5 did not pass", TESTS)
    whole = gate(Conclusion.FAILED, "5 did not pass", run)._replace(seconds=754.9, left_running=["1", "2"])
    counts = Counts(passed=2, failed=2, errors=1, skipped=1, not_run=2)
    found = outputs_of(whole._replace(verdict=whole.verdict._replace(counts=counts)), FOLDER, FILES)
    assert list(found) == list(with_files(OUTPUTS, FILES))
    assert {name: found[name] for name in ("conclusion", "reason", "run-id", "run-ids", "total", "pass-rate")} == {
        "conclusion": "failed",
        "reason": "5 did not pass",
        "run-id": "337",
        "run-ids": "337",
        "total": "8",
        "pass-rate": "28.57",
    }
    numbers = [found[name] for name in ("passed", "failed", "errors", "skipped", "not-run")]
    assert numbers == ["2", "2", "1", "1", "2"]
    assert found["duration-seconds"] == "754"
    assert found["left-running"] == "1,2"
    assert found["run-url"].endswith("/337")
    assert json.loads(found["failed-tests"])[:2] == ["Pay by card", "Pay by card"]
    (run_output,) = json.loads(found["runs"])
    assert (run_output["id"], run_output["conclusion"], run_output["counts"]["total"]) == ("337", "failed", 8)


def test_a_step_without_runs_has_every_output() -> None:
    """Invalid inputs leave outputs, too, without a pass rate."""
    found = outputs_of(Gate("TestGate", Verdict(Conclusion.INVALID_INPUT, "no key"), 2), FOLDER, {})
    assert list(found) == list(OUTPUTS)
    assert (found["run-id"], found["pass-rate"], found["total"]) == ("", "", "0")
    assert (found["failed-tests"], found["runs"]) == ("[]", "[]")


def test_flaky_and_quarantined_tests_are_counted_and_not_listed_as_failed() -> None:
    """Both are outputs of their own, and part of the counts of each run."""
    run = judged(Conclusion.PASSED, "fine", (FLAKY, TESTS[2], EXCUSED, EXCUSED))
    found = outputs_of(gate(Conclusion.PASSED, "fine", run), FOLDER, {})
    assert (found["passed"], found["errors"], found["flaky"], found["quarantined"]) == ("1", "2", "1", "2")
    assert json.loads(found["failed-tests"]) == ["Pay by card"]
    (run_output,) = json.loads(found["runs"])
    assert (run_output["counts"]["flaky"], run_output["counts"]["quarantined"]) == (1, 2)


@given(gates())
def test_lists_are_json_and_names_are_stable(whole: Gate) -> None:
    """Whatever tests and runs are called, lists are valid JSON, and there are no other outputs."""
    found = outputs_of(whole._replace(seconds=1.0), FOLDER, FILES)
    assert list(found) == list(with_files(OUTPUTS, FILES))
    assert all(isinstance(name, str) for name in json.loads(found["failed-tests"]))
    assert [each["id"] for each in json.loads(found["runs"])] == [run.id for run in whole.runs]


def test_lists_stay_small() -> None:
    """A thousand failures with very long names fit into an environment variable."""
    tests = tuple(TestResult(str(n), "😀" * 1000, Outcome.FAILED) for n in range(1000))
    runs = [judged(Conclusion.FAILED, "x", tests[:1], plan=n, name="😀" * 1000) for n in range(600)]
    found = outputs_of(gate(Conclusion.FAILED, "x", judged(Conclusion.FAILED, "x", tests), *runs), FOLDER, FILES)
    for name in ("failed-tests", "runs"):
        assert len(found[name].encode()) < 128 * 1024
        assert len(json.loads(found[name])) > 10
    assert sum(len(value.encode()) for value in found.values()) < 1_000_000


def test_variables_are_not_names_of_inputs() -> None:
    """A shell accepts them, and no input has such a name."""
    for name in as_variables(dict.fromkeys(OUTPUTS, "")):
        assert re.fullmatch(r"TESTGATE_OUT_[A-Z_]+", name)


def sourced(folder: Path, outputs: dict[str, str]) -> dict[str, str]:
    """The variables of a POSIX shell after it sourced the file."""
    file = folder / "outputs.env"
    file.write_text(as_env(outputs), encoding="utf-8", errors="replace", newline="")
    names = list(as_variables(outputs))
    script = f'set -eu; . "{file}"; ' + "".join(f"printf '%s\\0' \"${name}\"; " for name in names)
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True, timeout=30)  # noqa: S603  # a script of this test
    assert done.stderr == b""
    return dict(zip(outputs, done.stdout.decode().split("\0"), strict=False))


def bare(value: str) -> str:
    """The value without characters that a line can't contain."""
    return value.replace("\n", " ").replace("\r", " ").replace("\0", "").encode(errors="replace").decode()


@pytest.mark.parametrize(
    "value",
    [
        "",
        "plain",
        "it's",
        "''",
        "'; exit 3; '",
        "$(exit 3)",
        "`exit 3`",
        "${PATH}",
        "a\nexit 3",
        "a\\",
        "!x",
        "~",
        "*",
        "\0'",
    ],
)
def test_a_shell_can_source_any_value(tmp_path: Path, value: str) -> None:
    """No value is executed, expanded or lost."""
    assert sourced(tmp_path, {"reason": value, "total": "3"}) == {"reason": bare(value), "total": "3"}


@given(st.lists(TEXTS, min_size=25, max_size=25))
def test_a_shell_can_source_all_values(tmp_path_factory: pytest.TempPathFactory, values: list[str]) -> None:
    """Whatever the outputs contain, the shell reads exactly that, each on one line."""
    outputs = {f"value-{chr(97 + number)}": value for number, value in enumerate(values)}
    assert as_env(outputs).count("\n") == len(outputs)
    assert sourced(tmp_path_factory.getbasetemp(), outputs) == {name: bare(value) for name, value in outputs.items()}
