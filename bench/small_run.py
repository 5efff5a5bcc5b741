"""A small run against the embedded simulator: how late its end is seen, how many requests it costs, how much memory.

The platform's run takes 1.8 s. Measured from outside: the process's end against the moment at
which the platform would first have said that the run is over.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from testgate.demo.server import Simulator
from testgate.demo.testsigma.app import KEY, Testsigma
from testgate.demo.testsigma.scenarios import Plan, Test, one_plan

TARGET_LAG_SECONDS = 1.0
TARGET_MEGABYTES = 60.0
RUN_SECONDS = 1.8
PLAN = Plan(tests=tuple(Test(f"Test {number}") for number in range(10)), created=0.2, queued=0.4, running=1.2)
ENTRYPOINT = Path(__file__).resolve().parent.parent / "entrypoint.py"
_SAMPLE_SECONDS = 0.005


class Measured(NamedTuple):
    """One run: seconds from the platform's end to the process's, requests, and the peak of memory."""

    lag: float
    requests: int
    megabytes: float


def main() -> int:
    """Measure and print; with `--check` the targets decide the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="how many runs, one after another (default: 5)")
    parser.add_argument("--check", action="store_true", help="exit 1 if a target is missed")
    options = parser.parse_args()
    runs = [measure() for _ in range(options.runs)]
    lag, peak = median(run.lag for run in runs), max(run.megabytes for run in runs)
    memory = f"{peak:6.1f} MB" if peak else "not told by this system"
    print(f"Small run: a plan of {RUN_SECONDS} s and {len(PLAN.tests)} tests, {len(runs)} times")
    print(f"  from the platform's end to the process's, median {lag:5.2f} s  target: at most {TARGET_LAG_SECONDS} s")
    print(f"  the longest                                      {max(run.lag for run in runs):5.2f} s")
    print(f"  requests, the most                               {max(run.requests for run in runs):5d}")
    print(f"  memory at its peak, the most                    {memory}  target: under {TARGET_MEGABYTES:.0f} MB")
    return int(options.check and (lag > TARGET_LAG_SECONDS or peak >= TARGET_MEGABYTES))


def measure() -> Measured:
    """One run, from its start to its end."""
    app = Testsigma(one_plan(PLAN), epoch_seconds=time.time())
    with tempfile.TemporaryDirectory() as folder, Simulator(app) as simulator:
        environ = {
            "PATH": os.environ["PATH"],
            "TESTGATE_API_KEY": KEY,
            "TESTGATE_TEST_PLAN_ID": "274",
            "TESTGATE_BASE_URL": simulator.url,
        }
        command = [sys.executable, "-I", str(ENTRYPOINT)]
        with subprocess.Popen(command, env=environ, cwd=folder, stdout=subprocess.PIPE) as process:
            peak = Peak(process.pid)
            log = process.communicate()[0].decode()
            ended = time.monotonic()
        if process.returncode:
            sys.exit(f"the run ended with {process.returncode}:\n{log}")
        trigger = next(request for request in simulator.requests if request.method == "POST")
        return Measured(ended - trigger.at - RUN_SECONDS, len(simulator.requests), peak.stop())


class Peak:
    """Watches the peak of a process's memory.

    Read from the process while it lives: what the system tells of a child afterwards counts the
    memory of the process that started it, too.
    """

    def __init__(self, pid: int) -> None:
        """Begin to watch."""
        self._status = Path(f"/proc/{pid}/status")
        self._kilobytes = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """End it; megabytes, 0 where the system does not tell."""
        self._over.set()
        self._thread.join()
        return self._kilobytes / 1024

    def _watch(self) -> None:
        """Read until told to stop; the mark never falls, so the last reading is the peak."""
        while not self._over.wait(_SAMPLE_SECONDS):
            try:
                lines = self._status.read_text().splitlines()
            except OSError:
                continue
            for line in lines:
                if line.startswith("VmHWM:"):
                    self._kilobytes = max(self._kilobytes, int(line.split()[1]))


if __name__ == "__main__":
    sys.exit(main())
