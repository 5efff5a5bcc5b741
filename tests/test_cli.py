"""One step in this process, where what comes from outside can be made to fail."""

import io
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from testgate.composition.step import clean_up, run_step
from testgate.demo.testsigma.scenarios import one_plan
from testgate.edges.signals import Signals
from testgate.edges.world import World
from tests.support.step import read_commands
from tests.support.vendor import GREEN, simulator
from tests.support.vendor import inputs as ordinary

KEY = "in-process-key-0123456789"


class Done(NamedTuple):
    """What a step left: exit code, log, outputs."""

    code: int
    log: str
    outputs: Mapping[str, str]
    folder: Path


class BrokenSignals(Signals):
    """Signals with a bug."""

    def react(self, reaction: Callable[[signal.Signals], object] | None) -> None:
        """Fail when the loop begins."""
        if reaction is not None:
            raise RuntimeError(f"a bug that names {KEY}")


def step(
    folder: Path,
    given: Mapping[str, str],
    *,
    signals: Signals | None = None,
    token: Callable[[], str] = lambda: "0123456789abcdef",
    state: Mapping[str, str] | None = None,
) -> Done:
    """Run a step, or with a state the cleanup after one."""
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
    return Done(code, stream.getvalue(), outputs, folder)


def told(done: Done) -> str:
    """The log without the line that masks the key."""
    return done.log.replace(f"::add-mask::{KEY}", "")


def test_a_bug_leaves_outputs_and_reports(tmp_path: Path) -> None:
    """Exit 70 with a traceback and whom to tell; no secret in it, and everything is written."""
    given = {"api-key": KEY, "base-url": "http://127.0.0.1:9/api/v1", "test-plan-id": "274"}
    done = step(tmp_path, given, signals=BrokenSignals())
    assert done.code == 70
    assert done.outputs["conclusion"] == "internal-error"
    assert "Traceback" in done.log
    assert "Please report it" in done.log
    assert KEY not in told(done)
    assert "error" in (tmp_path / "testgate-report" / "junit.xml").read_text(encoding="utf-8")


def test_a_bug_in_one_run_is_told_with_its_run(tmp_path: Path) -> None:
    """It costs that run its verdict and nobody their reports; it is no other conclusion."""
    calls = iter(range(1000))

    def token() -> str:
        if next(calls) == 0:
            raise RuntimeError("no randomness left")
        return "0123456789abcdef"

    with simulator(one_plan(GREEN)) as server:
        done = step(tmp_path, ordinary(server), token=token)
    assert done.code == 70
    assert done.outputs["conclusion"] == "internal-error"
    assert "no randomness left" in done.log
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
def test_a_dry_run_of_each_command(tmp_path: Path, given: dict[str, str], shown: list[str]) -> None:
    """What would be sent first is printed; nothing is sent, as there is nobody to send it to."""
    done = step(tmp_path, {"api-key": KEY, "dry-run": "true", **given})
    assert (done.code, done.outputs["conclusion"]) == (0, "dry-run"), done.log
    assert all(text in done.log for text in shown), done.log
    assert KEY not in told(done)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"report-dir": "../elsewhere"}, "`report-dir`: the path '../elsewhere' leads outside the workspace"),
        ({"junit-file": "a/../../x.xml"}, "`junit-file`"),
        ({"ca-file": "missing.pem"}, "`ca-file`: there is no file missing.pem"),
        ({"provider": "testsigna"}, "did you mean testsigma?"),
        ({"demo": "true", "command": "check", "api-key": ""}, "`demo`: true plays `command: run` only"),
    ],
)
def test_inputs_that_only_the_composition_can_judge(tmp_path: Path, given: dict[str, str], words: str) -> None:
    """Told before anything is sent, like all others."""
    done = step(tmp_path, {"api-key": KEY, "test-plan-id": "274", **given})
    assert done.code == 2, done.log
    assert words in done.log
    assert done.outputs["conclusion"] == "invalid-input"


def test_a_cleanup_that_is_not_possible_is_a_warning(tmp_path: Path) -> None:
    """The key is gone: said, and no reason to fail a job that has ended."""
    done = step(tmp_path, {"test-plan-id": "274"}, state={"runs": '[{"id": "7", "target": "274", "ours": true}]'})
    assert done.code == 0
    assert "the cleanup was not possible" in done.log


@pytest.mark.parametrize("text", ["", "nonsense", "{}", "[7, null]", '[{"id": 7}]', '[{"id": "7", "ours": false}]'])
def test_a_state_that_is_no_state_is_nothing_to_do(tmp_path: Path, text: str) -> None:
    """Nothing of it is guessed."""
    done = step(tmp_path, {"api-key": KEY, "test-plan-id": "274"}, state={"runs": text, "intents": text})
    assert (done.code, done.log.count("recorded no run to stop")) == (0, 1)


def test_a_cleanup_goes_by_what_the_step_decided(tmp_path: Path) -> None:
    """A step that ended and could not stop its run is helped, whatever `on-cancel` says of cancels."""
    with simulator(one_plan(GREEN._replace(running=float("inf")))) as server:
        (tmp_path / "main").mkdir()
        started = step(tmp_path / "main", ordinary(server, wait="false"))
        state = {"ended": "true", "to-stop": f'["{started.outputs["run-id"]}"]'}
        done = step(tmp_path, ordinary(server, on_cancel="leave"), state=state)
    assert "was stopped" in done.log, done.log
