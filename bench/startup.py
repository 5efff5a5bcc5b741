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
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

TARGET_RATIO = 1.05
TARGET_MORE_MS = 40.0
BASELINE = "import requests, pydantic\nclass M(pydantic.BaseModel):\n    a: int = 0\n"
ROOT = Path(__file__).resolve().parent.parent
ENTRYPOINT = ROOT / "entrypoint.py"
VENDOR = ROOT / "src" / "testgate" / "providers" / "described" / "vendors" / "ghost-inspector.toml"
_LONGEST_SECONDS = 30.0

CODED = {"TESTGATE_TEST_PLAN_ID": "274"}
DESCRIBED = {"TESTGATE_PROVIDER": "ghost-inspector", "TESTGATE_VALUES": "suite-id=274"}
OWN_FILE = {"TESTGATE_PROVIDER_FILE": "own.toml", "TESTGATE_VALUES": "suite-id=274"}
"""Inputs of a platform that is code, of one that is a file which ships with TestGate, and of a file of one's own."""


def main() -> int:
    """Measure and print; with `--check`, return 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pairs", type=int, default=20, help="number of starts of each (default: 20)")
    parser.add_argument("--check", action="store_true", help="exit 1 if a target is missed")
    parser.add_argument("program", nargs="*", help="the program to start instead of entrypoint.py")
    options = parser.parse_args()
    rounds = measured(options.program, options.pairs)
    bare, coded, described, own = zip(*rounds, strict=True)
    ratio, more = ratio_of(coded, bare), max(more_ms(described, coded), more_ms(own, coded))
    print(f"Start-up: medians of {len(rounds)} interleaved rounds, Python {sys.version.split()[0]}")
    print(f"  import requests, define a pydantic model, exit   {median(bare) * 1000:5.0f} ms")
    print(f"  from the start to the trigger                    {median(coded) * 1000:5.0f} ms")
    print(f"    ratio                                          {ratio:8.2f}   target: at most {TARGET_RATIO}")
    for what, found in (
        ("a platform described by a file that ships     ", described),
        ("by a file of one's own   ", own),
    ):
        print(f"  {what:49}{median(found) * 1000:5.0f} ms")
        print(f"    ratio                                          {ratio_of(found, bare):8.2f}")
        print(
            f"    more than a platform that is code              {more_ms(found, coded):5.0f} ms"
            f"   target: at most {TARGET_MORE_MS:.0f}"
        )
    return int(options.check and (ratio > TARGET_RATIO or more > TARGET_MORE_MS))


def measured(program: Sequence[str], rounds: int) -> list[tuple[float, float, float, float]]:
    """Seconds of a bare start, and from the start to the trigger for the three kinds of platforms, in each round.

    Without a `program`, it is this checkout; a given one is measured with what is installed beside it.
    """
    if program:
        return _measured(program, [sys.executable, "-I", "-c", BASELINE], rounds)
    from bench.environment import released  # in an image, this script is alone

    with released() as python:
        return _measured([python, "-I", str(ENTRYPOINT)], [python, "-I", "-c", BASELINE], rounds)


def _measured(program: Sequence[str], bare: Sequence[str], rounds: int) -> list[tuple[float, float, float, float]]:
    """The same for a program and a bare start."""
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(_LONGEST_SECONDS)
        lines = VENDOR.read_text(encoding="utf-8").splitlines(keepends=True)
        own_file = "".join(line for line in lines if not line.startswith(("base-url", "link")))  # it may name no host
        Path(folder, OWN_FILE["TESTGATE_PROVIDER_FILE"]).write_text(own_file, encoding="utf-8")
        found = []
        for _ in range(rounds + 1):
            coded, described, own = (
                trigger_seconds(program, server, folder, inputs) for inputs in (CODED, DESCRIBED, OWN_FILE)
            )
            found.append((whole_seconds(bare), coded, described, own))
    return found[1:]  # the first round compiles, and fills the disk cache


def ratio_of(found: Sequence[float], bare: Sequence[float]) -> float:
    """The median of the ratios to the bare start of the same round."""
    return median(ours / base for ours, base in zip(found, bare, strict=True))


def more_ms(found: Sequence[float], other: Sequence[float]) -> float:
    """The median of the differences, in milliseconds."""
    return median(ours - theirs for ours, theirs in zip(found, other, strict=True)) * 1000


def trigger_seconds(program: Sequence[str], server: socket.socket, folder: str, inputs: Mapping[str, str]) -> float:
    """Start the program, wait for the first byte of its trigger, and kill it; returns seconds."""
    host, port = server.getsockname()
    environ = {
        "PATH": os.environ["PATH"],
        "TESTGATE_API_KEY": "a-key-that-opens-nothing",
        "TESTGATE_BASE_URL": f"http://{host}:{port}/api/v1",
        **inputs,
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
    sys.path.insert(0, str(ROOT))  # started as a file, it sees only its own folder
    sys.exit(main())
