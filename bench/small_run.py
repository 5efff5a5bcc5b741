"""Measures a small run against the embedded simulator: the lag at its end, its requests, and its memory.

The run takes 1.8 s on the platform. The lag is measured from outside: from the moment at which the
platform first reports the run's end to the end of the process.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from statistics import median
from typing import NamedTuple

from bench.environment import released
from bench.measuring import ENTRYPOINT, Peak
from testgate.demo.server import Simulator
from testgate.demo.testsigma.app import KEY, Testsigma
from testgate.demo.testsigma.scenarios import Plan, Test, one_plan

TARGET_LAG_SECONDS = 1.0
TARGET_MEGABYTES = 60.0
RUN_SECONDS = 1.8
PLAN = Plan(tests=tuple(Test(f"Test {number}") for number in range(10)), created=0.2, queued=0.4, running=1.2)


class Measured(NamedTuple):
    """One run: its lag in seconds, the number of its requests, and its peak memory in MB."""

    lag: float
    requests: int
    megabytes: float


def main() -> int:
    """Measure and print; with `--check`, return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="number of runs, one after another (default: 5)")
    parser.add_argument("--check", action="store_true", help="exit 1 if a target is missed")
    options = parser.parse_args()
    runs = [measure() for _ in range(options.runs)]
    lag, peak = median(run.lag for run in runs), max(run.megabytes for run in runs)
    memory = f"{peak:6.1f} MB" if peak else "not available on this system"
    print(f"Small run: {len(runs)} runs of {len(PLAN.tests)} tests in {RUN_SECONDS} s")
    print(f"  lag behind the platform, median  {lag:5.2f} s   target: at most {TARGET_LAG_SECONDS} s")
    print(f"  lag behind the platform, maximum {max(run.lag for run in runs):5.2f} s")
    print(f"  requests, maximum                {max(run.requests for run in runs):5d}")
    print(f"  peak memory, maximum            {memory}  target: under {TARGET_MEGABYTES:.0f} MB")
    return int(options.check and (lag > TARGET_LAG_SECONDS or peak >= TARGET_MEGABYTES))


def measure() -> Measured:
    """Measure one run."""
    app = Testsigma(one_plan(PLAN), epoch_seconds=time.time())
    with released() as python, tempfile.TemporaryDirectory() as folder, Simulator(app) as simulator:
        environ = {
            "PATH": os.environ["PATH"],
            "TESTGATE_API_KEY": KEY,
            "TESTGATE_TEST_PLAN_ID": "274",
            "TESTGATE_BASE_URL": simulator.url,
        }
        command = [python, "-I", str(ENTRYPOINT)]
        with subprocess.Popen(command, env=environ, cwd=folder, stdout=subprocess.PIPE) as process:
            peak = Peak(process.pid)
            log = process.communicate()[0].decode()
            ended = time.monotonic()
        if process.returncode:
            sys.exit(f"the run ended with {process.returncode}:\n{log}")
        trigger = next(request for request in simulator.requests if request.method == "POST")
        return Measured(ended - trigger.at - RUN_SECONDS, len(simulator.requests), peak.stop())


if __name__ == "__main__":
    sys.exit(main())
