"""`python -m testgate`, and what is said where the program can't start."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from testgate import __version__
from testgate.__main__ import _PACKAGES

ROOT = Path(__file__).parents[1]


def started(*command: str, python_path: str = "") -> subprocess.CompletedProcess[str]:
    """Start Python with these arguments."""
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": python_path}
    return subprocess.run(  # noqa: S603  # the program itself
        [sys.executable, *command], env=environ, capture_output=True, encoding="utf-8", timeout=300, check=False
    )


@pytest.mark.parametrize("module", ["testgate", "testgate.cli"])
def test_the_package_can_be_run_as_a_module(module: str) -> None:
    """As people try it."""
    done = started("-m", module, "--version", python_path=str(ROOT / "src"))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{__version__}\n", "")


def test_importing_the_entry_module_starts_nothing() -> None:
    """The image's build imports every module."""
    done = started("-c", "import testgate.__main__", python_path=str(ROOT / "src"))
    assert (done.returncode, done.stdout) == (0, "")


def test_a_bug_before_any_report_has_the_exit_code_of_bugs() -> None:
    """1 would be that of tests that failed. What the exception says may be a secret."""
    program = "import sys, testgate.cli as cli\ndef broken(world): raise ValueError('s3cret')\ncli.run_step = broken"
    done = started("-c", f"{program}\nsys.exit(cli.main())", python_path=str(ROOT / "src"))
    assert done.returncode == 70
    assert "in broken\nValueError\n\nThis is a bug in TestGate." in done.stderr
    assert "s3cret" not in done.stdout + done.stderr


def test_every_dependency_is_looked_for() -> None:
    """Before anything is done: most of them are loaded in the middle of a step."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    assert [re.split(r"\W", each)[0] for each in declared] == [each.removesuffix("_core") for each in _PACKAGES]


def test_what_is_looked_for_is_what_is_imported() -> None:
    """A package can be there without the other one that it brings along, which then fails in the middle of a step."""
    lines = [line for path in (ROOT / "src").rglob("*.py") for line in path.read_text(encoding="utf-8").splitlines()]
    found = (re.match(r"\s*(?:import|from) (\w+)(?:[\w.]* import\b|$)", line) for line in lines)
    imported = {match[1] for match in found if match}
    assert imported - sys.stdlib_module_names - {"testgate", "urllib3"} == {*_PACKAGES}  # requests can't go without it


def test_a_missing_package_is_named() -> None:
    """With the commands that install it, and no traceback."""
    done = started("-S", "-I", str(ROOT / "entrypoint.py"))
    assert done.returncode == 1
    assert "TestGate needs requests, pydantic_core, jmespath, which are not installed for" in done.stderr
    assert "make demo" in done.stderr
    assert "Traceback" not in done.stderr
