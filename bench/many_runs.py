"""Measures many plans at once: time, memory, threads and connections."""

import argparse
import sys

from bench.measuring import measure

TARGET_SECONDS = 8.0
TARGET_MEGABYTES = 120.0
RUN_SECONDS = 3.0
_TESTS = 20


def main() -> int:
    """Measure and print; with `--check`, return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--plans", type=int, default=200, help="number of plans (default: 200)")
    parser.add_argument("--check", action="store_true", help="exit 1 if a target is missed")
    options = parser.parse_args()
    plans = range(1, options.plans + 1)
    inputs = {"TESTGATE_REQUESTS_PER_SECOND": "200", "TESTGATE_MAX_PARALLEL": f"{options.plans}"}
    found = measure(_TESTS, RUN_SECONDS, plans, inputs)
    print(f"Many runs: {options.plans} plans of {_TESTS} tests in {RUN_SECONDS} s, exit code {found.code}")
    print(f"  from start to end  {found.wall:6.2f} s   target: under {TARGET_SECONDS} s, CPU {found.cpu:.2f} s")
    print(f"  peak memory        {found.megabytes:6.1f} MB  target: under {TARGET_MEGABYTES:.0f} MB")
    print(f"  requests {found.requests}, connections {found.connections}, threads at most {found.threads}")
    return int(options.check and (found.wall >= TARGET_SECONDS or found.megabytes >= TARGET_MEGABYTES))


if __name__ == "__main__":
    sys.exit(main())
