"""Where processes start: `testgate`, `testgate-cleanup`, `python -m testgate`, and the image's executable."""

import gc
import sys

from testgate.early import remember_signals


def main() -> int:
    """Run a step, or what the arguments say; returns the exit code."""
    received = _begin()
    try:
        from testgate.cli import main
    except ModuleNotFoundError as error:
        return _missing(error)
    return main(received)


def clean_up() -> int:
    """Run the cleanup after a step; returns the exit code."""
    received = _begin()
    try:
        from testgate.cli import clean_up
    except ModuleNotFoundError as error:
        return _missing(error)
    return clean_up(received)


def _begin() -> list[int]:
    """What comes before everything else: handlers for signals; returns what they receive."""
    received = remember_signals()
    gc.disable()  # loading makes much that stays, and next to no garbage; it's on again before the trigger is sent
    return received


def _missing(error: ModuleNotFoundError) -> int:
    """Name a package that isn't installed, with what installs it."""
    if (error.name or "").partition(".")[0] == "testgate":
        raise error
    sys.stderr.write(
        f"TestGate needs the package {error.name}, which is not installed for {sys.executable}.\n"
        "In a checkout, run `make demo`, or: python -m pip install --no-deps --require-hashes -r requirements.txt\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
