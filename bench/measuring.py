"""Starts a step as a process of its own, against `bench.platform`, and measures it from outside."""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from bench.environment import released

ROOT = Path(__file__).resolve().parent.parent
ENTRYPOINT = ROOT / "entrypoint.py"
_SAMPLE_SECONDS = 0.005


class Measured(NamedTuple):
    """One step: seconds of its CPU, and from the platform's end to its own; the platform's requests; its peaks."""

    cpu: float
    lag: float
    wall: float
    requests: int
    after: int
    connections: int
    megabytes: float
    threads: int
    code: int
    log: str


class Peak:
    """Watches the peak memory and the threads of a process.

    They are read while the process runs: what the system reports for a child afterwards includes the
    memory of its parent.
    """

    def __init__(self, pid: int) -> None:
        self._status = Path(f"/proc/{pid}/status")
        self._kilobytes = self.threads = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """Stop watching; returns megabytes, or 0 if the system doesn't report them."""
        self._over.set()
        self._thread.join()
        return self._kilobytes / 1024

    def _watch(self) -> None:
        """Read until stopped."""
        while not self._over.wait(_SAMPLE_SECONDS):
            try:
                lines = self._status.read_text().splitlines()
            except OSError:
                continue
            for line in lines:
                if line.startswith("VmHWM:"):
                    self._kilobytes = max(self._kilobytes, int(line.split()[1]))
                if line.startswith("Threads:"):
                    self.threads = max(self.threads, int(line.split()[1]))


@contextmanager
def platform(tests: int, seconds: float) -> Iterator[subprocess.Popen[str]]:
    """A platform in a process of its own; its first line is its port."""
    command = [sys.executable, "-m", "bench.platform", str(tests), str(seconds)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()


def measure(
    tests: int,
    seconds: float,
    plans: Sequence[int] = (274,),
    inputs: Mapping[str, str] | None = None,
    program: Sequence[str] = (),
) -> Measured:
    """Run a step to its end, with these inputs besides the usual ones; or another program."""
    with released() as python, platform(tests, seconds) as server, tempfile.TemporaryDirectory() as folder:
        port = next(iter(server.stdout or ())).strip()
        environ = {
            "PATH": os.environ["PATH"],
            "TESTGATE_API_KEY": "a-key-that-opens-nothing",
            "TESTGATE_TEST_PLAN_ID": ",".join(map(str, plans)),
            "TESTGATE_BASE_URL": f"http://127.0.0.1:{port}/api/v1",
            **(inputs or {}),
        }
        began = time.monotonic()
        command = program or [python, "-I", str(ENTRYPOINT)]
        with subprocess.Popen(command, env=environ, cwd=folder, stdout=subprocess.PIPE) as process:
            peak = Peak(process.pid)
            log = "".join(line.decode() for line in process.stdout or ())
            _pid, status, used = os.wait4(process.pid, 0)
            ended = time.monotonic()
            process.returncode = os.waitstatus_to_exitcode(status)
        told = json.loads(server.communicate()[0])
    return Measured(
        cpu=used.ru_utime + used.ru_stime,
        lag=ended - told["ended"],
        wall=ended - began,
        requests=told["requests"],
        after=told["after"],
        connections=told["connections"],
        megabytes=peak.stop(),
        threads=peak.threads,
        code=process.returncode,
        log=log,
    )
