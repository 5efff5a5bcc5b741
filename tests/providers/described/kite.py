"""Kite, a made-up platform: tests in two levels, each in pages; refusals with status 200; a login."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from testgate.providers.described.asking import Asker
from testgate.providers.described.document import Document
from testgate.providers.described.given import read
from testgate.providers.described.loading import load
from testgate.providers.described.provider import Described
from testgate.wire import Reply, Request
from tests.support.simulated import answer

FILE = Path(__file__).with_name("kite.toml")
BASE = "https://platform.example"
SECONDS = 30.0
PAGE = 2

Attempts = Sequence[str]
Execution = Mapping[int, Attempts]


def kite(*changes: str) -> Document:
    """The file, changed in some places: old, new, old, new."""
    text = FILE.read_text(encoding="utf-8")
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new, 1)
    return load(text, FILE.name)


def provider(document: Document) -> Described:
    """The provider with one suite."""
    given, problems = read(document, {"suite": "green", "machine": "m-1"}, {})
    assert problems == []
    return Described(Asker(document, BASE, "key-0123456789", given))


@dataclass
class Kite:
    """Answers requests. `executions` are the outcomes of the attempts of each case, for each execution.

    Before each page come so many `holes`: pages without rows, with a cursor.
    """

    executions: Sequence[Execution]
    size: int = PAGE
    refused: str = ""
    holes: int = 0
    started: list[float] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: Request, now: float) -> Reply:
        """Answer one request."""
        path = request.url.removeprefix(BASE)
        self.asked.append(path)
        if self.refused and path.endswith(self.refused):
            return answer(request, {"ok": False, "error": {"code": "BUSY", "text": "not now"}})
        return answer(request, {"ok": True, **self._answer(request, path, now)})

    def _answer(self, request: Request, path: str, now: float) -> dict[str, Any]:
        """What a good answer has."""
        if path == "/token":
            return {"data": {"token": "kt_0123456789"}}
        if path.startswith("/suites/"):
            self.started.append(now)
            return {"data": {"launch": {"uid": "L-1"}}}
        if path == "/launches/L-1":
            over = now >= self.started[-1] + SECONDS
            return {"data": {"uid": "L-1", "phase": "DONE" if over else "ACTIVE"}}
        if path == "/launches/L-1/executions":
            rows = [{"exec": 500 + number, "device": f"d{number}"} for number in range(len(self.executions))]
            return self._page(rows, request)
        if found := re.fullmatch(r"/devices/d(\d+)/executions/(\d+)/cases", path):
            assert int(found[2]) == 500 + int(found[1])
            return self._cases(self.executions[int(found[1])], request)
        assert path.startswith(("/cases/", "/launches")), path
        return {"data": {"step": f"step of {path.split('/')[2]}"}}

    def _cases(self, execution: Execution, request: Request) -> dict[str, Any]:
        """The cases of an execution, and their names beside them."""
        page = self._page([*execution.items()], request)
        results = [
            {
                "caseId": case,
                "attempts": [
                    {"no": number, "outcome": each, "why": "no button" if each == "RED" else None}
                    for number, each in enumerate(attempts, 1)
                ],
            }
            for case, attempts in page["data"]
        ]
        names = [{"id": case, "name": f"case {case}"} for case, _attempts in page["data"]]
        return {**page, "data": {"results": results, "cases": names}}

    def _page(self, rows: Sequence[Any], request: Request) -> dict[str, Any]:
        """Some of the rows, and where the list goes on."""
        start, hole = map(int, request.query.get("cursor", "c0h0")[1:].split("h"))
        if hole < self.holes:
            return {"data": [], "next": f"c{start}h{hole + 1}"}
        end = start + self.size
        return {"data": rows[start:end], "next": f"c{end}h0" if end < len(rows) else None}
