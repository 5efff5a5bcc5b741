"""Everything that a step takes from outside, so that tests can replace it."""

import asyncio
import random
import secrets
import shutil
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TextIO, TypeVar

from testgate import __version__
from testgate.edges.files import read_small_file
from testgate.edges.programs import Done, run_program
from testgate.edges.signals import Signals
from testgate.ports import Transport

T = TypeVar("T")


class RunLoop(Protocol):
    """Runs a coroutine on a new event loop, like `asyncio.run`."""

    def __call__(self, main: Coroutine[Any, Any, T]) -> T:
        """Return what the coroutine returns."""


def network(ca_file: str | None, redact: Callable[[str], str] = str) -> Transport:
    """The real network; `ca_file` holds certificate authorities to use instead of the usual ones."""
    from testgate.edges.transport import RequestsTransport  # invalid inputs are reported without loading it

    return RequestsTransport(f"testgate/{__version__}", ca_file=ca_file, redact=redact)


class World(NamedTuple):
    """The environment, the log, the workspace, signals, clocks, chance, programs, files and the network.

    Times are in seconds, `chance` gives numbers from 0 to 1, `has` says whether a program is on PATH. `columns` is the
    width of the terminal that the log goes to, 0 if it goes elsewhere. `ends_with_container` says whether the workspace
    does. `loaded` is called when everything that the
    first request needs is loaded.
    """

    environ: Mapping[str, str]
    stream: TextIO
    root: Path
    signals: Signals
    monotonic: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random
    token: Callable[[], str] = lambda: secrets.token_hex(8)
    has: Callable[[str], bool] = lambda program: shutil.which(program) is not None
    run_program: Callable[..., Done] = run_program
    read_file: Callable[[str], str] = read_small_file
    transport: Callable[[str | None, Callable[[str], str]], Transport] = network
    run_loop: RunLoop = asyncio.run
    columns: Callable[[], int] = lambda: 0
    ends_with_container: Callable[[], bool] = lambda: False
    loaded: Callable[[], None] = lambda: None
