"""Starts a step, or the cleanup after it if called as `testgate-cleanup`."""

import _signal  # type: ignore[import-not-found]  # the C part of `signal`, which takes milliseconds to import
import os

_SIGNALS = (_signal.SIGINT, _signal.SIGTERM)


def _remember_signals() -> list[int]:
    """Remember SIGINT and SIGTERM from now on; the second signal of the same kind ends the process.

    Comes before every other import: until a handler exists, process 1 of a container ignores
    SIGTERM, and SIGINT ends in a traceback. The image starts Python with both blocked.
    """
    received: list[int] = []

    def remember(number: int, _frame: object) -> None:
        if number in received:
            os._exit(128 + number)
        received.append(number)

    for number in _SIGNALS:
        _signal.signal(number, remember)
    _signal.pthread_sigmask(_signal.SIG_UNBLOCK, _SIGNALS)
    return received


if __name__ == "__main__":
    signals = _remember_signals()

    import gc

    gc.disable()  # loading makes much that stays, and next to no garbage; it's on again before the trigger is sent

    import sys
    from pathlib import Path

    # In a checkout, the package is next to this file; in the image, it is installed.
    source = Path(__file__).resolve().parent / "src"
    if source.is_dir():
        sys.path.insert(0, str(source))

    try:
        from testgate.cli import clean_up, main
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "testgate":
            raise
        sys.exit(
            f"TestGate needs the package {error.name}, which is not installed for {sys.executable}.\n"
            "In a checkout, run `make demo`, or: python -m pip install --no-deps --require-hashes -r requirements.txt"
        )

    sys.exit(clean_up(signals) if Path(sys.argv[0]).name == "testgate-cleanup" else main(signals))
