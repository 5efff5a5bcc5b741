"""Signals are events; the same one again is an end."""

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
signals.react(lambda heard: os.write(1, f"heard {heard.name}\\n".encode()))
print("ready", flush=True)
for _ in range(6000):
    time.sleep(0.05)
"""


@pytest.fixture
def restored() -> object:
    """The handlers of the test's own process come back afterwards."""
    before = {number: signal.getsignal(number) for number in EXIT_CODES}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def start(program: str = PROGRAM) -> subprocess.Popen[str]:
    """A process that hears signals and goes on."""
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
def test_the_same_signal_again_ends_at_once(number: signal.Signals, code: int) -> None:
    """The first is heard and nothing is interrupted; the second ends with the shell's exit code."""
    with start() as process:
        process.send_signal(number)
        assert line_of(process) == f"heard {number.name}"
        assert process.poll() is None
        process.send_signal(number)
        assert process.wait(300) == code


def test_another_signal_is_another_event() -> None:
    """SIGTERM after SIGINT is heard, as a runner sends them; only then a repetition ends."""
    with start() as process:
        process.send_signal(signal.SIGINT)
        assert line_of(process) == "heard SIGINT"
        process.send_signal(signal.SIGTERM)
        assert line_of(process) == "heard SIGTERM"
        process.send_signal(signal.SIGINT)
        assert process.wait(300) == 130


@pytest.mark.usefixtures("restored")
def test_a_signal_that_came_before_is_not_lost() -> None:
    """Who begins to react hears at once of what has come already, and of each that follows."""
    ends: list[int] = []
    heard: list[signal.Signals] = []
    signals = Signals(ends.append)
    signals.install()
    before = signals.first
    os.kill(os.getpid(), signal.SIGTERM)
    signals.react(heard.append)
    assert (before, heard) == (None, [signal.SIGTERM])
    os.kill(os.getpid(), signal.SIGINT)
    assert heard == [signal.SIGTERM, signal.SIGINT]
    assert signals.first is signal.SIGTERM
    assert not ends
    os.kill(os.getpid(), signal.SIGINT)
    assert ends == [130]


@pytest.mark.usefixtures("restored")
def test_nobody_need_react() -> None:
    """Before and after the time in which somebody reacts, a signal is only remembered."""
    ends: list[int] = []
    heard: list[signal.Signals] = []
    signals = Signals(ends.append)
    signals.install()
    signals.react(heard.append)
    signals.react(None)
    os.kill(os.getpid(), signal.SIGINT)
    assert not ends
    assert not heard
    assert signals.first is signal.SIGINT
