"""A platform for measuring: it answers like Testsigma, and costs the measured process nothing.

It runs in a process of its own, with answers that were made before. `python -m bench.platform TESTS SECONDS`
prints its port, and ends when its standard input does.
"""

import json
import re
import socketserver
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

LARGEST_PAGE = 500  # rows at most, whatever is asked for
_ONE_FAILED_IN = 100
_FIRST_RUN = 1000
_RUN = re.compile(r"/execution_results/(\d+)")


class Answers(NamedTuple):
    """The answers about one run of so many tests that takes so many seconds. All runs are alike."""

    tests: int
    seconds: float
    listed: bytes
    pages: list[bytes]

    @classmethod
    def of(cls, tests: int, seconds: float) -> "Answers":
        """Make them."""
        listed = {"id": 1, "executionResultId": "@", "executionId": "#"}
        listed["result"] = "FAILURE" if any(map(_failed, range(tests))) else "SUCCESS"
        listed["testCases"] = [_listed(number) for number in range(tests)]
        count = max(1, -(-tests // LARGEST_PAGE))
        pages = [_dumped(_page(number, tests, count)) for number in range(count)]
        return cls(tests, seconds, _dumped(listed), pages)

    def run(self, run: int, plan: int, age: float) -> bytes:
        """The run at this age."""
        ended = age >= self.seconds
        failed = sum(_failed(number) for number in range(self.tests)) if ended else 0
        answer = {"id": run, "executionId": plan, "status": "COMPLETED" if ended else "IN_PROGRESS"}
        answer |= {"result": "FAILURE" if failed else "SUCCESS"} if ended else {}
        passed = self.tests - failed if ended else int(self.tests * age / self.seconds)
        return _dumped({**answer, "totalCount": self.tests, "passedCount": passed, "failedCount": failed})


def _dumped(value: object) -> bytes:
    return json.dumps(value).encode()


def _failed(number: int) -> bool:
    """Whether this test fails."""
    return number % _ONE_FAILED_IN == _ONE_FAILED_IN - 1


def message(number: int) -> str:
    """What the platform says about a test."""
    if not _failed(number):
        return "Test case passed"
    return f"Step {number % 9}: element //button[@id='pay-{number}'] was not found within 30 s\nExpected: €4.10"


def name(number: int) -> str:
    """A test's name."""
    return f"Test {number} of the shop"


def places(number: int) -> tuple[str, str]:
    """A test's suite and machine."""
    return f"Suite {number % 50}", "Chrome 131 on Windows 11"


def _word(number: int) -> str:
    return "FAILURE" if _failed(number) else "SUCCESS"


def _listed(number: int) -> dict[str, Any]:
    """One test of the list."""
    suite, machine = places(number)
    return {
        "testCaseResultId": number,
        "testCaseId": number,
        "testCaseName": name(number),
        "result": _word(number),
        "testSuiteName": suite,
        "machineTitle": machine,
    }


def _page(page: int, tests: int, count: int) -> dict[str, Any]:
    """One page of details."""
    rows = range(page * LARGEST_PAGE, min(tests, (page + 1) * LARGEST_PAGE))
    detailed = [
        {"id": n, "executionResultId": "@", "result": _word(n), "message": message(n), "duration": 1000 + n % 9000}
        for n in rows
    ]
    return {
        "content": detailed,
        "totalPages": count,
        "totalElements": tests,
        "size": LARGEST_PAGE,
        "last": page + 1 == count,
    }


class Platform(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """Starts a run at each trigger. `ended` is when each run's end was first told, `requests` are those that read."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, answers: Answers) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = answers
        self.runs: dict[int, tuple[float, int]] = {}
        self.requests: dict[float, str] = {}
        self.connections = 0
        self._lock = threading.Lock()

    def start(self, plan: int) -> bytes:
        """Start a run of the plan."""
        with self._lock:
            run = _FIRST_RUN + len(self.runs)
            self.runs[run] = (time.monotonic(), plan)
        return _dumped({"id": run, "status": "CREATED", "executionId": plan})

    def get(self, path: str, query: dict[str, list[str]]) -> bytes:
        """Answer a question."""
        self.requests[time.monotonic()] = path
        found = _RUN.search(path) or re.search(r"executionResultId:(\d+)", query.get("query", [""])[0])
        if found is None or int(found[1]) not in self.runs:
            return b'{"content": []}'
        run = int(found[1])
        began, plan = self.runs[run]
        if path.endswith(f"/{run}"):
            return self.answers.run(run, plan, time.monotonic() - began)
        if "step_results" in path:
            return b'{"content": []}'
        listed = path.endswith(f"/{run}/test_case_results")
        page = int(query.get("page", ["0"])[0])
        body = self.answers.listed if listed else self.answers.pages[min(page, len(self.answers.pages) - 1)]
        return body.replace(b'"@"', b"%d" % run).replace(b'"#"', b"%d" % plan)

    def told(self) -> dict[str, float]:
        """What was seen: times are seconds on the system's monotonic clock."""
        first = min(began for began, _plan in self.runs.values())
        last = max(began for began, _plan in self.runs.values()) + self.answers.seconds
        return {
            "first": first,
            "ended": last,
            "requests": len(self.requests) + len(self.runs),
            "after": sum(at >= last for at in self.requests),
            "connections": self.connections,
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Platform
    wbufsize = -1
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self._answer(self.server.get(parts.path, parse_qs(parts.query)))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self._answer(self.server.start(body["executionId"]))

    def _answer(self, body: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()


def main() -> int:
    """Serve until standard input ends, then print what was seen."""
    platform = Platform(Answers.of(int(sys.argv[1]), float(sys.argv[2])))
    threading.Thread(target=platform.serve_forever, daemon=True).start()
    print(platform.server_address[1], flush=True)
    sys.stdin.read()
    print(json.dumps(platform.told()), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
