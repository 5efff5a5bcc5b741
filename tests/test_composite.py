"""The composite actions: in step with the action, harmless to scripts, and played as a runner plays them."""

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ruamel.yaml import YAML

from testgate.demo.testsigma.scenarios import one_plan
from tests.support.outputs import NOTICE
from tests.support.schemas import complaints
from tests.support.step import KEY, Left, finish, wait_for_line
from tests.support.vendor import ENDLESS, RED, Vendor, inputs, requests, simulator

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "composite"
HOSTILE = "'; exit 0 #\n$(exit 0)`exit 0`\"${{ github.token }}"


def metadata(path: Path) -> dict[str, Any]:
    """The metadata of an action."""
    found: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return found


ACTION = metadata(ROOT / "action.yml")
GATE, CLEANUP = metadata(FOLDER / "action.yml"), metadata(FOLDER / "cleanup" / "action.yml")
BOTH = pytest.mark.parametrize("composite", [GATE, CLEANUP], ids=["gate", "cleanup"])


def module() -> ModuleType:
    """The script of the actions."""
    spec = importlib.util.spec_from_file_location("testgate_composite_run", FOLDER / "run.py")
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


RUN = module()


def steps(composite: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The steps by their ids or names."""
    return {step.get("id", step["name"]): step for step in composite["runs"]["steps"]}


def test_inputs_and_outputs_are_those_of_the_action() -> None:
    """Names and descriptions; a workflow changes one word to go from one to the other."""
    assert GATE["inputs"] == CLEANUP["inputs"] == ACTION["inputs"]
    described = {name: {"description": each["description"]} for name, each in GATE["outputs"].items()}
    assert described == ACTION["outputs"]
    for name, each in GATE["outputs"].items():
        assert each["value"] == f"${{{{ steps.gate.outputs.{name} }}}}"


@BOTH
def test_every_input_reaches_the_program(composite: dict[str, Any]) -> None:
    """As a variable; no script has an expression, so no value can become a command."""
    expected = {f"INPUT_{name.upper().replace('-', '_')}": f"${{{{ inputs.{name} }}}}" for name in ACTION["inputs"]}
    programs = [step for name, step in steps(composite).items() if name in {"gate", "cleanup"}]
    assert programs
    for step in programs:
        assert {name: text for name, text in step["env"].items() if name != "PYTHON"} == expected
    for step in composite["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_the_actions_that_they_use_are_pinned_as_in_the_workflows() -> None:
    """By the same commits, where a workflow uses the same."""
    workflows = "".join(path.read_text(encoding="utf-8") for path in (ROOT / ".github" / "workflows").glob("*.yml"))
    used = [step["uses"] for each in (GATE, CLEANUP) for step in each["runs"]["steps"] if "uses" in step]
    assert len(used) == 3
    for each in used:
        name, commit = each.split("@")
        assert re.fullmatch("[0-9a-f]{40}", commit)
        assert set(re.findall(rf"{name}@(\w+)", workflows)) <= {commit}


@pytest.mark.parametrize("name", ["action.yml", "cleanup/action.yml"])
def test_they_are_valid(name: str) -> None:
    """In the schema of actions."""
    assert complaints(FOLDER / name, "vendor.github-actions") == ""


class Runner:
    """Plays the steps of the actions, as a runner of GitHub plays their scripts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.temporary = folder / "runner temp"
        self.temporary.mkdir()
        installed = next(path for path in sys.path if path.endswith("site-packages"))
        (self.temporary / RUN.key()).symlink_to(installed)

    def start(self, composite: Mapping[str, Any], name: str, given: Mapping[str, str]) -> subprocess.Popen[str]:
        """Start one step with these inputs."""
        step = steps(composite)[name]
        path = FOLDER if composite is GATE else FOLDER / "cleanup"
        files = {f"GITHUB_{each.upper().replace('-', '_')}": str(self.folder / each) for each in ("output", "state")}
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_ACTION_PATH": str(path),
            "GITHUB_STEP_SUMMARY": str(self.folder / "step-summary"),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_RUN_ID": "4711",
            "GITHUB_JOB": "gate",
            **dict.fromkeys(RUN.OWN_VARIABLES, "false"),
            **files,
            **{name: evaluated(text, given) for name, text in step["env"].items()},
            **{each: text for each, text in os.environ.items() if each.startswith("COVERAGE")},
        }
        script = self.folder / "script.sh"
        script.write_text(step["run"], encoding="utf-8")
        return subprocess.Popen(  # noqa: S603  # the action under test
            ["/usr/bin/env", "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)],
            cwd=self.folder,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
        )

    def run(self, composite: Mapping[str, Any], name: str, given: Mapping[str, str]) -> Left:
        """Run one step to its end."""
        return finish(self.start(composite, name, given), self.folder)


def evaluated(text: str, given: Mapping[str, str]) -> str:
    """The value of an expression, of the two kinds that the actions have."""
    found = re.fullmatch(r"\$\{\{ inputs\.([\w-]+) \}\}", text)
    if found:
        return given.get(found.group(1), "")
    assert text == "${{ env.TESTGATE_PYTHON || steps.python.outputs.python-path }}"
    return sys.executable


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    """A runner with an empty workspace, whose libraries are installed."""
    return Runner(tmp_path)


def test_a_step_gates_and_hands_on_its_outputs(runner: Runner) -> None:
    """Hostile values of inputs are values."""
    with simulator(one_plan(RED)) as server:
        left = runner.run(GATE, "gate", inputs(server, title=HOSTILE.replace("\n", " ")))
    assert left.code == 1, left.log
    assert left.outputs["conclusion"] == "failed"
    assert set(GATE["outputs"]) - {NOTICE} <= set(left.outputs)
    assert "(exit 0)" in left.summary
    assert "is not an input" not in left.log


def test_where_wheels_are_kept_is_known_before_they_are(runner: Runner) -> None:
    """The key changes with the lock, the Python and the system."""
    left = runner.run(GATE, "place", {})
    assert left.code == 0, left.log
    assert left.outputs["wheels"] == str(runner.temporary / "testgate-wheels")
    assert re.fullmatch(r"testgate-linux-\w+-\w+-cpython-3\d+-[0-9a-f]{16}", left.outputs["key"])


def test_a_cancel_stops_the_run(runner: Runner) -> None:
    """The runner signals the shell, which the program has replaced."""
    with simulator(one_plan(ENDLESS)) as server:
        process = runner.start(GATE, "gate", inputs(server))
        wait_for_line(process, "started as run")
        process.send_signal(signal.SIGINT)
        left = finish(process, runner.folder)
        assert left.code == 130, left.log
        assert stops(server) == 1


@BOTH
def test_after_a_kill_the_cleanup_stops_the_run(runner: Runner, composite: dict[str, Any]) -> None:
    """No state is handed over: it is in the report directory, and sealed."""
    with simulator(one_plan(ENDLESS)) as server:
        process = runner.start(GATE, "gate", inputs(server))
        wait_for_line(process, "started as run")
        process.kill()
        finish(process, runner.folder)
        left = runner.run(composite, "cleanup", inputs(server))
        assert left.code == 0, left.log
        assert stops(server) == 1, left.log


def stops(server: Vendor) -> int:
    """The number of stops that arrived."""
    return len([each for each in requests(server, "PUT") if "STOPPED" in json.dumps(each.body)])


def test_the_cleanup_of_a_step_that_ended_stops_nothing(runner: Runner) -> None:
    """A red verdict is no reason."""
    with simulator(one_plan(RED)) as server:
        runner.run(GATE, "gate", inputs(server))
        left = runner.run(GATE, "cleanup", inputs(server))
        assert stops(server) == 0
    assert left.code == 0
    assert left.log.replace(f"::add-mask::{KEY}\n", "").count(KEY) == 0


class Pip:
    """A pip that remembers what it was asked, and answers as told."""

    def __init__(self, *codes: int) -> None:
        self.asked: list[str] = []
        self._codes: Iterator[int] = iter(codes)

    def __call__(self, arguments: Sequence[str]) -> int:
        """Remember, and make the folder that would be made."""
        self.asked.append(arguments[0])
        assert {"--no-deps", "--require-hashes", "--only-binary=:all:"} <= set(arguments)
        if arguments[0] == "download":
            Path(arguments[arguments.index("--dest") + 1]).mkdir()
        else:
            assert "--no-index" in arguments
        return next(self._codes)


@pytest.mark.parametrize(
    ("kept", "codes", "asked", "problem"),
    [
        (True, [0], ["install"], ""),
        (False, [0, 0], ["download", "install"], ""),
        (True, [1, 0, 0], ["install", "download", "install"], ""),  # what the cache gave isn't what the lock says
        (False, [1], ["download"], "could not be fetched"),
        (True, [1, 0, 1], ["install", "download", "install"], "could not be installed"),
    ],
)
def test_only_what_the_lock_lists_is_installed(
    tmp_path: Path, kept: bool, codes: list[int], asked: list[str], problem: str
) -> None:
    """Kept wheels are used only if their hashes are right, and are fetched anew otherwise."""
    if kept:
        RUN.wheels(tmp_path).mkdir()
        (RUN.wheels(tmp_path) / "forged.whl").touch()
    pip = Pip(*codes)
    said = RUN.install(tmp_path, tmp_path / "libraries", pip)
    assert pip.asked == asked
    assert problem in said
    assert bool(said) == bool(problem)
    assert (tmp_path / "libraries").is_dir() is not bool(problem)
    assert not (RUN.wheels(tmp_path) / "forged.whl").exists() or asked == ["install"]


def test_pip_gets_no_inputs() -> None:
    """They may be secrets."""
    given = {"INPUT_API_KEY": "x", "TESTGATE_API_KEY": "x", "PIP_INDEX_URL": "y", "PATH": "z"}
    assert RUN.without_inputs(given) == {"PIP_INDEX_URL": "y", "PATH": "z"}


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """And so is an act that there isn't."""
    assert RUN.main(["fly"]) == 1
    monkeypatch.setattr(RUN.sys, "version_info", (3, 9, 1))
    assert RUN.main(["gate"]) == 1
    assert "TestGate needs Python 3.11 or newer" in capsys.readouterr().out
