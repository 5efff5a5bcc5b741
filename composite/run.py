"""Starts TestGate on a runner without Docker: `run.py place`, `run.py gate` or `run.py cleanup`.

The composite actions beside this file call it, with any Python from 3.11 on. It takes nothing but the standard library
and pip. What it installs is what the lock lists, by hash: what a cache gives back is checked each time.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.txt"
OLDEST = (3, 11)
LOCKED = ("--no-deps", "--require-hashes", "--only-binary=:all:", "-r", str(LOCK))
OWN_VARIABLES = ("TESTGATE_PYTHON", "TESTGATE_CACHE")
"""What the actions read from the environment. The program would take them for inputs that it doesn't know."""
Pip = Callable[[Sequence[str]], int]


def main(arguments: Sequence[str]) -> int:
    """Say where wheels are kept, or install what is missing and run; returns the exit code."""
    if sys.version_info < OLDEST:
        return refused(f"TestGate needs Python 3.11 or newer, and {sys.executable} is {platform.python_version()}.")
    root = Path(os.environ.get("RUNNER_TEMP") or tempfile.gettempdir())
    act = arguments[0] if arguments else ""
    if act == "place":
        sys.stdout.write(f"wheels={wheels(root)}\nkey={key()}\n")
        return 0
    if act not in {"gate", "cleanup"}:
        return refused("usage: run.py place|gate|cleanup")
    libraries = root / key()
    if not libraries.is_dir() and (problem := install(root, libraries, pip)):
        return refused(problem)
    sys.path[:0] = [str(ROOT / "src"), str(libraries)]
    sys.argv = ["testgate"]
    for name in OWN_VARIABLES:
        os.environ.pop(name, None)
    from testgate.__main__ import clean_up
    from testgate.__main__ import main as gate

    return gate() if act == "gate" else clean_up()


def wheels(root: Path) -> Path:
    """Where wheels are kept from job to job."""
    return root / "testgate-wheels"


def key() -> str:
    """What the libraries depend on: the system, its machine, the Python and the lock."""
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    system = "-".join([platform.system(), platform.machine(), *platform.libc_ver()[:1]]).lower().rstrip("-")
    return f"testgate-{system}-{sys.implementation.cache_tag}-{lock}"


def install(root: Path, libraries: Path, run: Pip) -> str:
    """Install what the lock lists into a new folder; returns what is wrong, or "".

    Kept wheels are used if all of them are as the lock says. Otherwise they are fetched anew.
    """
    kept, fresh = wheels(root), Path(tempfile.mkdtemp(dir=root, prefix="testgate-"))
    target = ("--target", str(fresh), "--no-index", "--find-links", str(kept))
    if not kept.is_dir() or run(["install", *target, *LOCKED]):
        shutil.rmtree(kept, ignore_errors=True)
        if run(["download", "--dest", str(kept), *LOCKED]):
            return (
                "TestGate's libraries could not be fetched; see pip's words above. Behind a mirror, set PIP_INDEX_URL."
            )
        if run(["install", "--upgrade", *target, *LOCKED]):
            return "TestGate's libraries could not be installed; see pip's words above."
    if not libraries.is_dir():  # a step beside this one may have been faster
        fresh.replace(libraries)
    return ""


def pip(arguments: Sequence[str]) -> int:
    """Run pip with this Python; it prints what goes wrong, and nothing else. Inputs are none of its business."""
    command = [sys.executable, "-I", "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    return subprocess.run(command, env=without_inputs(os.environ), stdin=subprocess.DEVNULL, check=False).returncode


def without_inputs(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without inputs, which may be secrets."""
    return {name: value for name, value in environ.items() if not name.startswith(("INPUT_", "TESTGATE_"))}


def refused(why: str) -> int:
    """Say why nothing was run, as an error of the job; returns the exit code."""
    sys.stdout.write(f"::error title=TestGate could not start::{why}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
