"""Measures other ways to wait for a run beside TestGate: a loop around `curl`, and `@datadog/datadog-ci` from npm.

All wait for a run that takes as long, on a platform on this machine. The loop is what people write by hand: it starts
the run, asks for its state at a fixed interval, and ends with it; it reads no results. datadog-ci waits for its own
service, so it gets a stand-in of that. Both are optional: a missing one is said, loudly, and costs nothing else.

    npm install --prefix FOLDER --ignore-scripts @datadog/datadog-ci@5.24.1 @datadog/datadog-ci-plugin-synthetics@5.24.1
    python -m bench.peers --datadog FOLDER
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

from bench.measuring import Peak, measure

RUN_SECONDS = 8.0
_TESTS = 20
_LOOP = """
url="$TESTGATE_BASE_URL/execution_results"
id=$(curl -s -X POST -H "Authorization: Bearer $TESTGATE_API_KEY" -H 'Content-Type: application/json' \\
    -d '{"executionId": 274}' "$url" | sed 's/.*"id": *\\([0-9]*\\).*/\\1/')
while :; do
    sleep INTERVAL
    case "$(curl -s -H "Authorization: Bearer $TESTGATE_API_KEY" "$url/$id")" in *COMPLETED*) exit 0;; esac
done
"""


class Peer(NamedTuple):
    """A way to wait: seconds from the run's end to its own, requests, seconds of CPU, and megabytes at its peak."""

    name: str
    lag: float
    requests: int
    cpu: float
    megabytes: float


def peers(datadog: Path | None) -> tuple[list[Peer], list[str]]:
    """Measure TestGate and those peers that are here; returns them, and what is missing."""
    found, missing = [_step("TestGate")], []
    if shutil.which("curl"):
        loops = {f"curl every {each} s": _LOOP.replace("INTERVAL", str(each)) for each in (10, 30)}
        found += [_step(name, ("sh", "-c", loop)) for name, loop in loops.items()]
    else:
        missing.append("curl loops: there is no curl")
    bundle = datadog / "node_modules/@datadog/datadog-ci/dist/bundle.js" if datadog else None
    if bundle is None or not bundle.is_file() or not shutil.which("node"):
        missing.append("datadog-ci: it isn't installed; see the head of bench/peers.py for how to, and give --datadog")
    else:
        try:
            found.append(_datadog(bundle.resolve()))
        except ChildProcessError as error:
            missing.append(f"datadog-ci: {error}")
    return found, missing


def _step(name: str, program: Sequence[str] | None = None) -> Peer:
    """Wait for a run of `bench.platform`."""
    given = {"program": program} if program else {}
    got = measure(_TESTS, RUN_SECONDS, **given)  # type: ignore[arg-type]  # only the program is given
    return Peer(name, got.lag, got.requests, got.cpu, got.megabytes)


class _Service(ThreadingHTTPServer):
    """A stand-in of datadog-ci's service, as far as one passing test needs it."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.requests = 0
        self.ends = float("inf")

    def answer(self, path: str) -> Any:  # noqa: ANN401  # JSON
        """The answer to a path without its query."""
        self.requests += 1
        test = {"public_id": _ID, "monitor_id": 1, "name": "Shop", "type": "api", "status": "live", "locations": [_AT]}
        test |= {"config": {"assertions": [], "variables": [], "request": {}}, "options": {}, "tags": []}
        if path.endswith("/trigger/ci"):
            self.ends = time.monotonic() + RUN_SECONDS
            return {"batch_id": "batch", "locations": [{"id": 1, "name": _AT, "display_name": _AT}]}
        if "/ci/batch/" in path:
            status = "passed" if time.monotonic() >= self.ends else "in_progress"
            row: dict[str, Any] = {
                "status": status,
                "result_id": "1",
                "test_public_id": _ID,
                "test_name": "Shop",
                "test_type": "api",
            }
            row |= {"location": _AT, "duration": 7000, "execution_rule": "blocking", "retries": 0, "max_retries": 0}
            return {"data": {"status": status, "results": [row]}}
        if path.endswith("/poll_results"):
            if time.monotonic() < self.ends:
                return {"data": [], "included": []}
            result = {"id": "1", "status": "passed", "finished_at": 1, "duration": 7000}
            attributes = {"result": result, "test_type": "api", "resultID": "1", "device": {"id": "laptop"}}
            shown = {"type": "result", "id": "1", "attributes": attributes}
            shown |= {"relationships": {"test": {"data": {"id": _ID, "type": "test"}}}}
            return {"data": [shown], "included": [{"type": "test", "id": _ID, "attributes": test}]}
        return {"onDemandConcurrencyCap": 0} if path.endswith("/settings") else test


_ID, _AT = "abc-def-ghi", "aws:eu-central-1"


class _Answering(BaseHTTPRequestHandler):
    """Answers each request at once."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        assert isinstance(self.server, _Service)  # noqa: S101  # for mypy
        body = json.dumps(self.server.answer(self.path.partition("?")[0])).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815  # as the standard library names it

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def _datadog(bundle: Path) -> Peer:
    """Wait with datadog-ci.

    Raises:
        ChildProcessError: it did not end green.

    """
    with _Service() as service, tempfile.TemporaryDirectory() as folder:
        threading.Thread(target=service.serve_forever, daemon=True).start()
        environ = _environ(service.server_address[1], bundle)
        command = ["node", str(bundle), "synthetics", "run-tests", "--public-id", _ID, "--failOnCriticalErrors"]
        with subprocess.Popen(command, cwd=folder, env=environ, stdout=-1, stderr=-2, text=True) as process:
            peak = Peak(process.pid)
            said = process.stdout.read() if process.stdout else ""
            _pid, status, used = os.wait4(process.pid, 0)
            ended = time.monotonic()
            process.returncode = os.waitstatus_to_exitcode(status)
        service.shutdown()
    if process.returncode:
        raise ChildProcessError(f"it ended with {process.returncode}: {said[-600:]}")
    return Peer("datadog-ci", ended - service.ends, service.requests, used.ru_utime + used.ru_stime, peak.stop())


def _environ(port: int, bundle: Path) -> Mapping[str, str]:
    """Its environment: nothing of ours, and no address but the stand-in's."""
    keys = {"DATADOG_API_KEY": "0" * 32, "DATADOG_APP_KEY": "0" * 40}
    where = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "NODE_PATH": str(bundle.parents[3])}
    return {**where, **keys, "DD_API_HOST_OVERRIDE": f"http://127.0.0.1:{port}"}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datadog", type=Path, help="the folder that datadog-ci is installed in")
    found, missing = peers(parser.parse_args().datadog)
    print(f"Waiting for a run of {RUN_SECONDS:g} s    lag   requests      CPU   memory")
    for peer in found:
        print(f"  {peer.name:20} {peer.lag:10.2f} s {peer.requests:8d} {peer.cpu:7.2f} s {peer.megabytes:5.0f} MB")
    for each in missing:
        print(f"  MISSING: {each}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
