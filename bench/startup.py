"""Measures the time from the start of a step's process to its trigger on the wire.

The baseline is an interpreter that imports `requests`, defines one pydantic model, and exits: the
cost of any program that uses both libraries.
"""

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

TARGET_RATIO = 1.05
BASELINE = "import requests, pydantic\nclass M(pydantic.BaseModel):\n    a: int = 0\n"
ENTRYPOINT = Path(__file__).resolve().parent.parent / "entrypoint.py"
_LONGEST_SECONDS = 30.0


def main() -> int:
    """Measure and print; with `--check`, return 1 if the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=20, help="number of starts of each (default: 20)")
    parser.add_argument("--check", action="store_true", help="exit 1 if the target is missed")
    parser.add_argument("program", nargs="*", help="the program to start instead of entrypoint.py")
    options = parser.parse_args()
    program = options.program or [sys.executable, "-I", str(ENTRYPOINT)]
    baseline = [sys.executable, "-I", "-c", BASELINE]
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(_LONGEST_SECONDS)
        pairs = [(trigger_seconds(program, server, folder), whole_seconds(baseline)) for _ in range(options.pairs + 1)]
    measured = pairs[1:]  # the first one compiles, and fills the disk cache
    ratio = median(trigger / base for trigger, base in measured)
    print(f"Start-up: medians of {len(measured)} interleaved pairs, Python {sys.version.split()[0]}")
    print(f"  import requests, define a pydantic model, exit  {median(base for _, base in measured) * 1000:6.0f} ms")
    print(f"  testgate, from its start to its trigger          {median(at for at, _ in measured) * 1000:5.0f} ms")
    print(f"  ratio                                            {ratio:5.2f}     target: at most {TARGET_RATIO}")
    return int(options.check and ratio > TARGET_RATIO)


def trigger_seconds(program: Sequence[str], server: socket.socket, folder: str) -> float:
    """Start the program, wait for the first byte of its trigger, and kill it; returns seconds."""
    host, port = server.getsockname()
    environ = {
        "PATH": os.environ["PATH"],
        "TESTGATE_API_KEY": "a-key-that-opens-nothing",
        "TESTGATE_TEST_PLAN_ID": "274",
        "TESTGATE_BASE_URL": f"http://{host}:{port}/api/v1",
    }
    began = time.perf_counter()
    with subprocess.Popen(
        program, env=environ, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        connection, _ = server.accept()
        with connection:
            arrived = connection.recv(4)
            took = time.perf_counter() - began
            process.kill()
    if arrived != b"POST":
        sys.exit(f"the first request was not a trigger: {arrived!r}")
    return took


def whole_seconds(command: Sequence[str]) -> float:
    """Run a command to its end; returns seconds."""
    began = time.perf_counter()
    subprocess.run(command, check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
