"""What a step of CircleCI reads: a real bash that was told of the file by `BASH_ENV`, with the options of CircleCI."""

import subprocess
import tempfile
from pathlib import Path

from tests.grammars.dialect import Dialect, Finished

BASH = ("/bin/bash", "--noprofile", "--norc", "-eo", "pipefail", "-c")
# Nothing is found on this PATH, and the only program that is asked for is named in full.
ENVIRON = {"PATH": "/nonexistent", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8"}


class BrokenStep(Exception):
    """The step would fail, or something would have run that was to be text."""


def variables_of(text: str) -> dict[str, str]:
    """The variables that a later step has, by the file of variables that its bash reads first.

    Raises:
        BrokenStep: bash failed, said something, or left something behind.

    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bash_env"
        file.write_text(text, encoding="utf-8", newline="")
        empty = Path(folder) / "project"
        empty.mkdir()
        done = subprocess.run(  # noqa: S603  # a shell that reads what is under test
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
    """What a step's script prints, after the file of variables was read."""
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
    """The variables that bash has after it read its file."""
    return variables_of(step.own_file("BASH_ENV"))


DIALECT = Dialect(outputs, own_files=("BASH_ENV",))
