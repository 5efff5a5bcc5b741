"""A step of CircleCI: a real bash with CircleCI's options, which reads the file that `BASH_ENV` names."""

import subprocess
import tempfile
from pathlib import Path

from tests.grammars.dialect import Dialect, Finished

BASH = ("/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
# Nothing is on this PATH; the one program that runs is named by its full path.
ENVIRON = {"PATH": "/nonexistent", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}


class BrokenStep(Exception):
    """The step would fail, or run a part of a value."""


def variables_of(text: str) -> dict[str, str]:
    """The variables of a later step, whose bash reads this text first.

    Raises:
        BrokenStep: bash failed, said something, or left something behind.

    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bash_env"
        file.write_text(text, encoding="utf-8", newline="")
        empty = Path(folder) / "project"
        empty.mkdir()
        done = subprocess.run(  # noqa: S603  # a shell that reads the text under test
            [*BASH, "exec /usr/bin/env -0"],
            cwd=empty,
            env={**ENVIRON, "BASH_ENV": str(file)},
            check=False,
            capture_output=True,
            timeout=30,
        )
        left = [path for path in Path(folder).rglob("*") if path not in {file, empty}]
    if done.returncode or done.stderr or left:
        raise BrokenStep(done.stderr.decode(errors="replace") or f"exit code {done.returncode}, left behind {left}")
    pairs = (entry.partition("=") for entry in done.stdout.decode().split("\0") if entry)
    return {name: value for name, _equals, value in pairs if name.startswith("TESTGATE_")}


def words_of(step: str, text: str) -> str:
    """The output of a step's script, whose bash reads this text first."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bash_env"
        file.write_text(text, encoding="utf-8", newline="")
        done = subprocess.run(  # noqa: S603  # as above
            [*BASH, step],
            env={**ENVIRON, "BASH_ENV": str(file)},
            check=True,
            capture_output=True,
            timeout=30,
        )
    return done.stdout.decode()


def outputs(step: Finished) -> dict[str, str]:
    """The variables that bash has after it has read its file."""
    return variables_of(step.own_file("BASH_ENV"))


DIALECT = Dialect(outputs, own_files=("BASH_ENV",))
