"""A whole step in this process, where everything from outside can be made to fail."""

import io
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

import testgate
from testgate.composition.step import clean_up, run_step
from testgate.demo.testsigma.scenarios import one_plan
from testgate.edges.signals import Signals
from testgate.edges.world import World
from tests.support.step import read_commands
from tests.support.vendor import GREEN, simulator
from tests.support.vendor import inputs as ordinary

KEY = "in-process-key-0123456789"


class Result(NamedTuple):
    """The result of a step: its exit code, log, outputs and folder."""

    code: int
    log: str
    outputs: Mapping[str, str]
    folder: Path


class BrokenSignals(Signals):
    """Signals with a bug."""

    def react(self, reaction: Callable[[signal.Signals], object] | None) -> None:
        """Fail when the loop starts."""
        if reaction is not None:
            raise RuntimeError(f"a bug that names {KEY}")


def step(
    folder: Path,
    given: Mapping[str, str],
    *,
    signals: Signals | None = None,
    token: Callable[[], str] = lambda: "0123456789abcdef",
    state: Mapping[str, str] | None = None,
) -> Result:
    """Run a step or, with a state, the cleanup after one."""
    stream = io.StringIO()
    environ = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": str(folder / "output"),
        **{f"INPUT_{name.upper()}": value for name, value in given.items()},
        **{f"STATE_{name}": value for name, value in (state or {}).items()},
    }
    world = World(environ, stream, folder, signals or Signals(), token=token)
    code = run_step(world) if state is None else clean_up(world)
    output = folder / "output"
    outputs = read_commands(output.read_text(encoding="utf-8")) if output.exists() else {}
    return Result(code, stream.getvalue(), outputs, folder)


def log_without_mask(result: Result) -> str:
    """The log without the line that masks the key."""
    return result.log.replace(f"::add-mask::{KEY}", "")


def test_a_bug_leaves_outputs_and_reports(tmp_path: Path) -> None:
    """The log contains a traceback without secrets, and where to report it."""
    given = {"api-key": KEY, "base-url": "http://127.0.0.1:9/api/v1", "test-plan-id": "274"}
    result = step(tmp_path, given, signals=BrokenSignals())
    assert result.code == 70
    assert result.outputs["conclusion"] == "internal-error"
    assert "Traceback" in result.log
    assert "Please report it" in result.log
    assert KEY not in log_without_mask(result)
    assert "error" in (tmp_path / "testgate-report" / "junit.xml").read_text(encoding="utf-8")


def test_a_bug_in_a_run_is_an_internal_error(tmp_path: Path) -> None:
    """The reports are still written."""
    calls = iter(range(1000))

    def token() -> str:
        if next(calls) == 0:
            raise RuntimeError("no randomness left")
        return "0123456789abcdef"

    with simulator(one_plan(GREEN)) as server:
        result = step(tmp_path, ordinary(server), token=token)
    assert result.code == 70
    assert result.outputs["conclusion"] == "internal-error"
    assert "no randomness left" in result.log
    assert server.runs == ()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"test-plan-id": "274"}, ["POST https://app.testsigma.com/api/v1/execution_results"]),
        ({"command": "attach", "run-id": "7"}, ["GET https://app.testsigma.com/api/v1/execution_results/7"]),
        ({"command": "rerun", "run-id": "7"}, ["GET https://app.testsigma.com/api/v1/execution_results/7"]),
        ({"command": "stop", "run-id": "7"}, ["GET", "PUT https://app.testsigma.com/api/v1/execution_results/7"]),
        ({"command": "stop", "stop-scope": "all"}, ["PUT https://app.testsigma.com/api/v1/execution_results\n"]),
        ({"command": "check", "test-plan-id": "7"}, ["/environments?", "/test_plans?query=id:7"]),
        (
            {
                "command": "create-test-run",
                "test-management-project-id": "p",
                "test-management-api-key": "a-management-key",
            },
            ["POST https://test-management.testsigma.com/api/v1/projects/p/test_runs"],
        ),
    ],
)
def test_a_dry_run_prints_the_first_requests_of_each_command(
    tmp_path: Path, given: dict[str, str], shown: list[str]
) -> None:
    """Nothing is sent."""
    result = step(tmp_path, {"api-key": KEY, "dry-run": "true", **given})
    assert (result.code, result.outputs["conclusion"]) == (0, "dry-run"), result.log
    assert all(text in result.log for text in shown), result.log
    assert KEY not in log_without_mask(result)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"report-dir": "../elsewhere"}, "`report-dir`: the path '../elsewhere' leads outside the workspace"),
        ({"junit-file": "a/../../x.xml"}, "`junit-file`"),
        ({"ca-file": "missing.pem"}, "`ca-file`: there is no file missing.pem"),
        ({"ca-file": "x" * 3_000}, "`ca-file`: there is no file xxx"),
        ({"provider": "testsigna"}, "did you mean testsigma?"),
        ({"demo": "true", "command": "check", "api-key": ""}, "`demo`: supports `command: run` only"),
    ],
)
def test_invalid_inputs_are_reported_before_anything_is_sent(tmp_path: Path, given: dict[str, str], words: str) -> None:
    """Some of them only the composition can judge."""
    result = step(tmp_path, {"api-key": KEY, "test-plan-id": "274", **given})
    assert result.code == 2, result.log
    assert words in result.log
    assert result.outputs["conclusion"] == "invalid-input"


def test_an_impossible_cleanup_is_a_warning(tmp_path: Path) -> None:
    """The job has already ended, so it must not fail."""
    result = step(tmp_path, {"test-plan-id": "274"}, state={"runs": '[{"id": "7", "target": "274", "ours": true}]'})
    assert result.code == 0
    assert "the cleanup was not possible" in result.log


@pytest.mark.parametrize("text", ["", "nonsense", "{}", "[7, null]", '[{"id": 7}]', '[{"id": "7", "ours": false}]'])
def test_an_invalid_state_is_ignored(tmp_path: Path, text: str) -> None:
    """Nothing is guessed."""
    result = step(tmp_path, {"api-key": KEY, "test-plan-id": "274"}, state={"runs": text, "intents": text})
    assert (result.code, result.log.count("recorded no run to stop")) == (0, 1)


def test_a_cleanup_follows_the_decision_of_the_step(tmp_path: Path) -> None:
    """`on-cancel` doesn't matter after a step that reached its end."""
    with simulator(one_plan(GREEN._replace(running=float("inf")))) as server:
        (tmp_path / "main").mkdir()
        started = step(tmp_path / "main", ordinary(server, wait="false"))
        state = {"ended": "true", "to-stop": f'["{started.outputs["run-id"]}"]'}
        result = step(tmp_path, ordinary(server, on_cancel="leave"), state=state)
    assert "was stopped" in result.log, result.log


FIRST_REQUEST = """
import io, os, pathlib, sys
from testgate.composition.step import run_step
from testgate.edges.signals import Signals
from testgate.edges.world import World

class Transport:
    async def send(self, request, timeout_seconds):
        print(request.method, *sys.modules)
        sys.stdout.flush()
        os._exit(0)

given = {"TESTGATE_API_KEY": "late-key-0123456789", **GIVEN}
run_step(World(given, io.StringIO(), pathlib.Path.cwd(), Signals(), transport=lambda *_: Transport()))
"""
LATE = (
    *("publishing", "reports.", "forges", "history", "merging", "demo.", "commandline", "odd_text"),
    *("commands.cleanup", "composition.cleaning", "composition.remembering", "composition.commenting"),
    *("runs.recording", "runs.predicting", "runs.lateness", "runs.naming", "runs.retrying", "edges.redirects"),
    *(f"providers.described.{each}" for each in ("document", "loading", "scopes", "watching", "amounts", "lines")),
)


def loaded_before_the_trigger(folder: Path, given: Mapping[str, str]) -> list[str]:
    """The modules that are loaded when the first request leaves, which is the trigger."""
    environ = {"PYTHONPATH": str(Path(testgate.__file__).parents[1])}
    program = FIRST_REQUEST.replace("**GIVEN", f"**{dict(given)!r}")
    run = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", program], cwd=folder, env=environ, capture_output=True, text=True, check=True
    )
    method, *loaded = run.stdout.split()
    assert method == "POST"
    assert "testgate.runs.workflow" in loaded
    return loaded


@pytest.mark.parametrize(
    "given",
    [{"TESTGATE_TEST_PLAN_ID": "274"}, {"TESTGATE_PROVIDER": "ghost-inspector", "TESTGATE_VALUES": "suite-id=274"}],
    ids=["coded", "described"],
)
def test_what_comes_after_the_trigger_is_loaded_after_it(tmp_path: Path, given: Mapping[str, str]) -> None:
    """The trigger leaves as early as it can. Pydantic is for files of users alone."""
    loaded = loaded_before_the_trigger(tmp_path, given)
    late = ("jmespath", "pydantic", *(f"testgate.{each}" for each in LATE))
    assert [name for name in loaded if name.startswith(late)] == []


def test_a_file_of_ones_own_is_checked_before_the_trigger_by_the_core_alone(tmp_path: Path) -> None:
    """The models of pydantic would take most of the time."""
    vendor = Path(testgate.__file__).parent / "providers" / "described" / "vendors" / "ghost-inspector.toml"
    lines = vendor.read_text(encoding="utf-8").splitlines(keepends=True)
    own = "".join(line for line in lines if not line.startswith(("base-url", "link")))
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    given = {"TESTGATE_PROVIDER_FILE": "own.toml", "TESTGATE_VALUES": "suite-id=274"}
    loaded = loaded_before_the_trigger(tmp_path, {**given, "TESTGATE_BASE_URL": "https://platform.example/v1"})
    assert {"jmespath", "pydantic_core", "testgate.providers.described.loading"} <= {*loaded}
    assert [name for name in loaded if name == "pydantic" or name.startswith("pydantic.")] == []
