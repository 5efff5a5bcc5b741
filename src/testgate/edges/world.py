"""Everything that a step takes from outside, so that tests can replace it."""

import asyncio
import random
import secrets
import shutil
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO, TypeVar

from testgate import __version__
from testgate.edges.programs import Runner, run_program
from testgate.edges.signals import Signals
from testgate.ports import Transport

T = TypeVar("T")
_LARGEST_SMALL_FILE = 1_000_000  # characters


class RunLoop(Protocol):
    """Runs a coroutine on a new event loop, like `asyncio.run`."""

    def __call__(self, main: Coroutine[Any, Any, T]) -> T:
        """Return what the coroutine returns."""


def network(ca_file: str | None) -> Transport:
    """The real network; `ca_file` holds certificate authorities to use instead of the usual ones."""
    from testgate.edges.transport import RequestsTransport  # invalid inputs are reported without loading it

    return RequestsTransport(f"testgate/{__version__}", ca_file=ca_file)


def read_small_file(path: str) -> str:
    """The text of a small file, cut at a million characters.

    Raises:
        OSError: it cannot be read.
        UnicodeError: it is not UTF-8.

    """
    with Path(path).open(encoding="utf-8") as file:
        return file.read(_LARGEST_SMALL_FILE)


@dataclass(frozen=True)
class World:
    """The environment, the log, the workspace, signals, clocks, chance, programs, files and the network.

    Times are in seconds, `chance` gives numbers from 0 to 1, `has` says whether a program is on PATH.
    """

    environ: Mapping[str, str]
    stream: TextIO
    root: Path
    signals: Signals
    monotonic: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random
    token: Callable[[], str] = lambda: secrets.token_hex(8)
    has: Callable[[str], bool] = lambda program: shutil.which(program) is not None
    run_program: Runner = run_program
    read_file: Callable[[str], str] = read_small_file
    transport: Callable[[str | None], Transport] = network
    run_loop: RunLoop = asyncio.run
