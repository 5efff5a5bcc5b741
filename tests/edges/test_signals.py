"""Signals are events, and a repeated one ends the process."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import testgate
from testgate.edges.signals import EXIT_CODES, Signals

PROGRAM = """
import os, sys, time
from testgate.edges.signals import Signals
signals = Signals()
signals.install()
# A handler that came in the middle of another write must not use the same buffer.
signals.react(lambda received: os.write(1, f"received {received.name}\\n".encode()))
print("ready", flush=True)
for _ in range(6000):
    time.sleep(0.05)
"""


@pytest.fixture
def restored() -> object:
    """Restore the handlers of the test process afterwards."""
    before = {number: signal.getsignal(number) for number in EXIT_CODES}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def start(program: str = PROGRAM) -> subprocess.Popen[str]:
    """Start a process that reports signals and continues."""
    process = subprocess.Popen(  # noqa: S603  # a program of this test
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(testgate.__file__).parents[1])},
    )
    assert line_of(process) == "ready"
    return process


def line_of(process: subprocess.Popen[str]) -> str:
    """The next line that the process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_repeated_signal_ends_the_process(number: signal.Signals, code: int) -> None:
    """The first one interrupts nothing, and the second one ends with the exit code of a shell."""
    with start() as process:
        process.send_signal(number)
        assert line_of(process) == f"received {number.name}"
        assert process.poll() is None
        process.send_signal(number)
        assert process.wait(300) == code


def test_another_signal_is_another_event() -> None:
    """A runner may send SIGTERM after SIGINT; only a repeated one ends the process."""
    with start() as process:
        process.send_signal(signal.SIGINT)
        assert line_of(process) == "received SIGINT"
        process.send_signal(signal.SIGTERM)
        assert line_of(process) == "received SIGTERM"
        process.send_signal(signal.SIGINT)
        assert process.wait(300) == 130


@pytest.mark.usefixtures("restored")
def test_an_earlier_signal_is_not_lost() -> None:
    """A reaction that is set later gets the signal at once, and every one that follows."""
    ends: list[int] = []
    received: list[signal.Signals] = []
    signals = Signals(ends.append)
    signals.install()
    before = signals.first
    os.kill(os.getpid(), signal.SIGTERM)
    signals.react(received.append)
    assert (before, received) == (None, [signal.SIGTERM])
    os.kill(os.getpid(), signal.SIGINT)
    assert received == [signal.SIGTERM, signal.SIGINT]
    assert signals.first is signal.SIGTERM
    assert not ends
    os.kill(os.getpid(), signal.SIGINT)
    assert ends == [130]


@pytest.mark.usefixtures("restored")
def test_a_signal_without_a_reaction_is_remembered() -> None:
    """That holds before and after the time in which there is a reaction."""
    ends: list[int] = []
    received: list[signal.Signals] = []
    signals = Signals(ends.append)
    signals.install()
    signals.react(received.append)
    signals.react(None)
    os.kill(os.getpid(), signal.SIGINT)
    assert not ends
    assert not received
    assert signals.first is signal.SIGINT
