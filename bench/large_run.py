"""Measures the end of large runs: CPU and memory of the whole step, and the time after the platform's end.

The unit is the CPU that `junit-xml` takes for writing the same cases plainly, without anything around it.
"""

import argparse
import subprocess
import sys
import time

from bench.measuring import ROOT, Measured, measure
from bench.platform import message, name, places

TARGET_RATIO = 4.0
TARGET_MEGABYTES = 200.0
_FAILED = "Test case passed"


def main() -> int:
    """Measure and print; with `--check`, return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tests", type=int, default=100_000, help="number of tests in the run (default: 100000)")
    parser.add_argument("--rate", type=float, default=200.0, help="requests per second (default: 200)")
    parser.add_argument("--check", action="store_true", help="exit 1 if a target is missed")
    options = parser.parse_args()
    unit = written_plain(options.tests)
    found = measure(options.tests, 1.0, inputs={"TESTGATE_REQUESTS_PER_SECOND": f"{options.rate:g}"})
    report(options.tests, unit, found)
    return int(options.check and (found.cpu > TARGET_RATIO * unit or found.megabytes > TARGET_MEGABYTES))


def report(tests: int, unit: float, found: Measured) -> None:
    """Print the figures."""
    print(f"Large run: {tests} tests, Python {sys.version.split()[0]}")
    print(f"  junit-xml, the same cases plainly  {unit:6.2f} s CPU")
    print(f"  the whole step                     {found.cpu:6.2f} s CPU")
    print(f"  ratio                              {found.cpu / unit:6.2f}     target: at most {TARGET_RATIO}")
    print(f"  peak memory                        {found.megabytes:6.0f} MB  target: at most {TARGET_MEGABYTES:.0f} MB")
    print(f"  after the platform's end           {found.lag:6.2f} s, {found.after} requests")


def written_plain(tests: int) -> float:
    """The seconds of CPU that the package takes in a process of its own, its import not counted."""
    command = [sys.executable, "-c", f"from bench.large_run import write_plain; print(write_plain({tests}))"]
    return float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


def write_plain(tests: int) -> float:
    """Write the cases; returns seconds of CPU."""
    from junit_xml import TestCase, TestSuite, to_xml_report_string  # only this process needs it

    began = time.process_time()
    suites: dict[str, list[TestCase]] = {}
    for number in range(tests):
        suite, machine = places(number)
        case = TestCase(name(number), f"{suite}.{machine}", 1.0 + number % 9000 / 1000)
        if message(number) != _FAILED:
            case.add_failure_info(message(number).partition("\n")[0], message(number))
        suites.setdefault(suite, []).append(case)
    to_xml_report_string([TestSuite(suite, cases) for suite, cases in suites.items()], prettyprint=False)
    return time.process_time() - began


if __name__ == "__main__":
    sys.exit(main())
