"""Proves that the locks suffice: installs them with every supported Python that is on the machine.

Each Python gets a fresh environment with the pip that it bundles, and installs by the same rules as
`make`. Nothing may be missing, and nothing else may be installed.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from shutil import which

ROOT = Path(__file__).resolve().parent.parent
VERSIONS = ("3.11", "3.12", "3.13")
LOCKS = {".runtime": "requirements.txt", ".dev": "requirements-dev.txt"}
# Where version managers and CI runners keep their Pythons, beside PATH.
HOMES = (
    "${PYENV_ROOT:-~/.pyenv}/versions/*",
    "${ASDF_DATA_DIR:-~/.asdf}/installs/python/*",
    "${XDG_DATA_HOME:-~/.local/share}/mise/installs/python/*",
    "${XDG_DATA_HOME:-~/.local/share}/uv/python/*",
    "${RUNNER_TOOL_CACHE:-/opt/hostedtoolcache}/Python/*/*",
)
# A new environment holds its pip, and on Python 3.11 setuptools as well.
BUNDLED = {"pip", "setuptools"}
_PIN = re.compile(r"^([\w.-]+)==([^\s;]+)", re.MULTILINE)
_LIST = """\
import json
from importlib.metadata import distributions
print(json.dumps([[each.name, each.version] for each in distributions()]))
"""


class BrokenLock(Exception):
    """A lock that can't be installed, or not alone; the text says why."""


def main() -> int:
    """Check every version side by side, and report each in one line."""
    found = {version: python for version in VERSIONS if (python := find(version))}
    for version in VERSIONS:
        if version not in found:
            print(f"Python {version}: skipped, because it isn't on this machine")
    with tempfile.TemporaryDirectory() as work, ThreadPoolExecutor(len(VERSIONS)) as pool:
        checks = [pool.submit(check, version, python, Path(work, version)) for version, python in found.items()]
        failures = [failure for check in checks if (failure := check.exception())]
        for done in checks:
            print(done.exception() or done.result())
    return int(bool(failures) or not found)


def find(version: str) -> str:
    """A Python of this version; empty if there is none.

    Each one is tried, because a name on PATH may be a version manager's shim that only prints an error.
    """
    for python in candidates(f"python{version}"):
        if not subprocess.run([python, "-c", "import venv, ensurepip"], capture_output=True, check=False).returncode:
            return python
    return ""


def candidates(name: str) -> Iterator[str]:
    """Every program of this name on PATH or in a version manager's folder."""
    if on_path := which(name):
        yield on_path
    for home in HOMES:
        folder = re.sub(r"\$\{(\w+):-(.*?)\}", lambda match: os.environ.get(match[1]) or match[2], home)
        root, _, pattern = str(Path(folder).expanduser()).partition("/*")
        yield from map(str, sorted(Path(root).glob(f"*{pattern}/bin/{name}")))


def check(version: str, python: str, venv: Path) -> str:
    """Install both locks, one after the other; the result in words.

    Raises:
        BrokenLock: a command failed, or something was installed that isn't in the lock.

    """
    for target, lock in LOCKS.items():
        run("make", "--no-print-directory", f"VENV={venv}", f"PYTHON={python}", f"{venv}/{target}")
        run(f"{venv}/bin/python", "-m", "pip", "check")
        pinned = {(normalized(name), pin) for name, pin in _PIN.findall((ROOT / lock).read_text(encoding="utf-8"))}
        installed = {(normalized(name), pin) for name, pin in json.loads(run(f"{venv}/bin/python", "-c", _LIST))}
        strangers = {name for name, _ in installed - pinned} - BUNDLED
        if strangers:
            raise BrokenLock(f"Python {version}: installed, but not in {lock}: {', '.join(sorted(strangers))}")
    pip = run(f"{venv}/bin/python", "-m", "pip", "--version").split()[1]
    return f"Python {version}: pip {pip} installs both locks and nothing else; `pip check` finds nothing missing"


def run(*command: str) -> str:
    """The output of a command.

    Raises:
        BrokenLock: the command failed.

    """
    # Nothing runs from these environments, so they need no bytecode.
    environ = {**os.environ, "PIP_COMPILE": "0"}
    done = subprocess.run(
        command, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise BrokenLock(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def normalized(name: str) -> str:
    """The name of a package in the form in which names are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
