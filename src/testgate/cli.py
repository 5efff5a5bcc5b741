"""The entry points of the process: the step, and the cleanup after it."""

import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path

from testgate.composition.step import clean_up as clean_up_after_step
from testgate.composition.step import run_step
from testgate.edges.encoding import prepare
from testgate.edges.signals import Signals
from testgate.edges.system import understands_escapes
from testgate.edges.world import World
from testgate.gate.remedies import remedy_for
from testgate.inputs.lookup import is_input
from testgate.model import Conclusion

_ALLOCATIONS = 20_000  # between two looks of the garbage collector: tests and rows of pages are no garbage
_USUAL_COLUMNS = 80  # of a terminal that doesn't know its size


def main(received: list[int] | None = None) -> int:
    """Run the step that the environment describes; returns the exit code.

    `received` holds the signals that came before this module was imported. Whoever calls this may
    append to it until the handlers of `Signals` are installed.
    """
    return _start(run_step, received)


def clean_up(received: list[int] | None = None) -> int:
    """Run the cleanup after a step: the second executable of the image. `received` as for `main`."""
    return _start(clean_up_after_step, received)


def _start(act: Callable[[World], int], received: list[int] | None) -> int:
    """Install the signal handlers first, then act."""
    signals = Signals(received=received)
    signals.install()
    environ = dict(os.environ)
    prepare(sys.stdout, environ)
    if _columns() and not understands_escapes():
        environ["TERM"] = "dumb"  # neither colors nor a line that moves
    # Without anything to go by, somebody at a terminal wants to know how it is used.
    if sys.argv[1:] or (_columns() and not environ.get("CI") and not any(map(is_input, environ))):
        from testgate.commandline.start import start  # for people at a terminal

        ended = start(sys.argv[1:], environ, sys.stdin, sys.stdout)
        if ended is not None:
            return ended
    world = World(
        environ,
        sys.stdout,
        Path.cwd(),
        signals,
        columns=_columns,
        ends_with_container=_ends_with_container,
        loaded=_collect_garbage,
    )
    try:
        return act(world)
    except Exception as error:  # noqa: BLE001  # a bug before there was anything to report it with
        return _bug(error)


def _bug(error: Exception) -> int:
    """Show where a bug is; what its message says is left out, since nobody knows the secrets in it yet."""
    from traceback import format_tb

    where = "".join(format_tb(error.__traceback__))
    sys.stderr.write(f"{where}{type(error).__name__}\n\n{remedy_for(Conclusion.INTERNAL_ERROR)}\n")
    return Conclusion.INTERNAL_ERROR.exit_code


def _columns() -> int:
    """The width of the terminal, if there is one."""
    try:
        return (os.get_terminal_size(sys.stdout.fileno()).columns or _USUAL_COLUMNS) if sys.stdout.isatty() else 0
    except (OSError, ValueError):
        return 0


def _ends_with_container() -> bool:
    """Whether a container was started for this program alone, and the workspace is no folder of the machine."""
    try:
        return os.getpid() == 1 and os.stat(".").st_dev == os.stat("/").st_dev  # noqa: PTH116  # less to load
    except OSError:
        return False


def _collect_garbage() -> None:
    """Start the garbage collector, which never looks at what has been loaded so far, and seldom at many tests."""
    gc.freeze()
    gc.set_threshold(_ALLOCATIONS)
    gc.enable()


if __name__ == "__main__":
    sys.exit(main())
