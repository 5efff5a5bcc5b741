"""Kestrel, the made-up platform of docs/providers.md: its server, and the file and answers of that page."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

from testgate.demo.exchange import RawReply, Recorded, json_reply
from tests.support.step import KEY

MANUAL = (Path(__file__).parents[2] / "docs" / "providers.md").read_text(encoding="utf-8")
TOKEN = "login-token-9876543210"
PAGE = 2  # cases on one page


def file_of_the_manual() -> str:
    """The worked example."""
    found = re.search(r"^```toml\n(format = 1\n.*?)^```", MANUAL, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found.group(1)


def with_login(content: str = "form") -> str:
    """The worked example, with a login before everything else, that is sent as a form or as JSON (`body`)."""
    login = (
        "[login]\nrequest = 'POST /v2/login'\n"
        f"{content} = {{ secret = '{{key}}', extra = '{{value.pin}}' }}\ntoken = 'access.token'\n"
        "[values.pin]\nsecret = true\nabout = 'The PIN.'\nexample = '1234'\n"
    )
    return file_of_the_manual().replace('X-Kestrel-Token = "{key}"', 'X-Kestrel-Token = "{token}"') + login


class Run(NamedTuple):
    """A run: when it was started, what was sent with it, and when it was killed."""

    id: str
    started: float
    note: str
    killed: list[float]

    def phase(self, now: float, seconds: float) -> str:
        """The word for its state."""
        if self.killed:
            return "killed"
        if now < self.started + 1:
            return "waiting"
        return "done" if now >= self.started + seconds else "executing"


class Kestrel:
    """Answers like the API page says. `cases` are titles and verdicts; a run takes `seconds`.

    With `token`, requests need that instead of the key, and `POST /v2/login` gives it.
    """

    base = ""
    faults: Sequence[Any] = ()
    date_shift_seconds = 0.0

    def __init__(self, cases: Mapping[str, str], seconds: float = 4.0, token: str = "") -> None:
        self.cases = [*cases.items()]
        self.seconds = seconds
        self.token = token
        self.runs: list[Run] = []
        self.logins: list[bytes] = []

    def answer(self, request: Recorded, now: float) -> RawReply:
        """Answer one request."""
        if self.token and request.path == "/v2/login":
            self.logins.append(request.raw)
            return json_reply({"access": {"token": self.token}})
        if request.headers.get("x-kestrel-token") != (self.token or KEY):
            return json_reply({"error": "wrong token"}, 401)
        return self._answer(request, unquote(request.path), now)

    def _answer(self, request: Recorded, path: str, now: float) -> RawReply:
        """Answer a request with the right token."""
        match request.method, path.strip("/").split("/")[1:]:
            case "GET", ["me"]:
                return json_reply({"name": "ci"})
            case "POST", ["suites", _suite, "runs"]:
                self.runs.append(Run(f"r-{len(self.runs) + 1}", now, request.body["note"], []))
                return json_reply({"run": {"id": self.runs[-1].id, "web": "https://kestrel.example/runs/1"}}, 201)
            case "GET", ["runs", run]:
                return json_reply({"run": self._state(self._run(run), now)})
            case "GET", ["runs", run, "cases"]:
                return json_reply(self._page(self._run(run), request.query.get("after", ""), now))
            case "POST", ["runs", run, "kill"]:
                self._run(run).killed.append(now)
                return json_reply({})
        return json_reply({"error": "no such thing"}, 404)

    def _run(self, run_id: str) -> Run:
        """A run by its id."""
        return next(run for run in self.runs if run.id == run_id)

    def _state(self, run: Run, now: float) -> dict[str, Any]:
        """A run as the platform describes it."""
        phase = run.phase(now, self.seconds)
        verdicts = [verdict for _title, verdict in self.cases] if phase == "done" else []
        totals = {"all": len(self.cases), "green": verdicts.count("green"), "red": verdicts.count("red")}
        verdict = None if phase != "done" else "red" if "red" in verdicts else "green"
        return {"id": run.id, "phase": phase, "verdict": verdict, "totals": totals}

    def _page(self, run: Run, after: str, now: float) -> dict[str, Any]:
        """A page of cases."""
        done = run.phase(now, self.seconds) == "done"
        start = int(after or 0)
        rows = [
            {
                "key": title,
                "title": title,
                "verdict": verdict,
                "millis": 1500,
                "error": "no button" * (verdict == "red"),
            }
            for title, verdict in (self.cases if done else ())
        ]
        more = start + PAGE < len(rows)
        return {"cases": rows[start : start + PAGE], "after": str(start + PAGE) if more else None}
