"""Where processes start: `testgate`, `testgate-cleanup`, `python -m testgate`, and the image's executable."""

import gc
import sys
from importlib.machinery import PathFinder

from testgate.early import remember_signals

_PACKAGES = ("requests", "pydantic_core", "jmespath")  # what is imported, of the dependencies of pyproject.toml


def main() -> int:
    """Run a step, or what the arguments say; returns the exit code."""
    received = _begin()
    if _lacks_packages():
        return 1
    from testgate.cli import main

    return main(received)


def clean_up() -> int:
    """Run the cleanup after a step; returns the exit code."""
    received = _begin()
    if _lacks_packages():
        return 1
    from testgate.cli import clean_up

    return clean_up(received)


def _begin() -> list[int]:
    """What comes before everything else: handlers for signals; returns what they receive."""
    received = remember_signals()
    gc.disable()  # loading makes much that stays, and next to no garbage; it's on again before the trigger is sent
    return received


def _lacks_packages() -> bool:
    """Whether a package isn't installed. If so, say what installs it: they are loaded when they are needed."""
    missing = [package for package in _PACKAGES if PathFinder.find_spec(package) is None]
    if missing:
        sys.stderr.write(
            f"TestGate needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed for"
            f" {sys.executable}.\n"
            "In a checkout, run `make demo`, or: python -m pip install --no-deps --require-hashes -r requirements.txt\n"
        )
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main())
