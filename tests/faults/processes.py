"""Which combinations are played by a process over real sockets, and how."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tests.faults.endpoints import POLL, TRIGGER, Endpoint
from tests.faults.expected import EXPECTED
from tests.faults.kinds import BY_NAME
from tests.faults.promises import problems
from tests.faults.sockets import Platform, platform
from tests.support.raw_server import CERTIFICATES, free_port
from tests.support.step import KEY, Left, run


class Combination(NamedTuple):
    """One fault at one endpoint."""

    endpoint: Endpoint
    fault: str
    lasts: bool

    def __str__(self) -> str:
        """A name for people."""
        return f"{self.endpoint.name}-{self.fault}-{'always' if self.lasts else 'once'}"


_ON_THE_WAY = frozenset({"refused", "dns", "proxy", "tls-name"})  # at a trigger nothing arrives at all
_TRIGGER = (
    *("reset-before", "sign-in"),  # the longest first: others are played meanwhile
    *("refused", "dns", "proxy", "tls-name", "reset-after", "silence", "401", "403", "404", "409", "422"),
    *("429-seconds", "429-absurd", "truncated", "wrong-type", "wrong-shape"),
    *("redirect-same", "redirect-other", "drip", "gzip-bomb"),
)
_POLL_ALWAYS = (  # without 404, which is waited out for half a minute: the run may be too young to be known
    *("401", "refused", "reset-before", "silence", "409", "422", "429-seconds", "429-absurd", "500", "502", "504"),
    *("truncated", "wrong-type", "wrong-shape", "sign-in", "redirect-same", "redirect-other", "drip"),
)
_POLL_ONCE = ("reset-after", "503", "huge", "gzip-bomb")
COMBINATIONS = (
    *(Combination(TRIGGER, fault, lasts=True) for fault in _TRIGGER),
    *(Combination(POLL, fault, lasts=True) for fault in _POLL_ALWAYS),
    *(Combination(POLL, fault, lasts=False) for fault in _POLL_ONCE),
)


class Measured(NamedTuple):
    """What came of a combination. `wrong` is what is not as it was promised."""

    left: Left
    seconds: float
    triggers: int
    wrong: list[str]


def play(folder: Path, combination: Combination) -> Measured:
    """Start the step as CI does, with little patience, and look at what it leaves."""
    endpoint, fault, lasts = combination
    with ExitStack() as stack:
        certificate = "elsewhere.pem" if fault == "tls-name" else ""
        played, url = stack.enter_context(
            platform(endpoint, BY_NAME[fault], lasts=lasts, certificate=certificate),
        )
        began = time.monotonic()
        left = run(folder, _inputs(url, fault, endpoint), extra=_proxy(fault))
        seconds = time.monotonic() - began
    return Measured(left, seconds, played.triggers, _wrong(combination, left, played))


def _inputs(url: str, fault: str, endpoint: Endpoint) -> dict[str, str]:
    """The inputs of a step that gives up soon."""
    if endpoint is TRIGGER:
        nobody = f"http://127.0.0.1:{free_port()}/api/v1"
        elsewhere = {"dns": "https://no-such-host.invalid/api/v1", "proxy": "https://platform.example/api/v1"}
        url = nobody if fault == "refused" else elsewhere.get(fault, url)
    patience = {"dns": "20s", "huge": "10s", "gzip-bomb": "10s"}
    return {
        "api-key": KEY,
        "base-url": url,
        "test-plan-id": "274",
        "request-timeout": patience.get(fault, "1s"),
        "max-outage": "10s" if fault in {"huge", "gzip-bomb"} else "1s",
        "timeout": "60s",
        **({"ca-file": str(CERTIFICATES / "authority.pem")} if fault == "tls-name" else {}),
    }


def _proxy(fault: str) -> dict[str, str]:
    """A proxy at which nobody listens, where that is the fault."""
    return {"HTTPS_PROXY": f"http://127.0.0.1:{free_port()}"} if fault == "proxy" else {}


def _wrong(combination: Combination, left: Left, played: Platform) -> list[str]:
    """What is not as promised."""
    endpoint, fault, lasts = combination
    expected = EXPECTED[endpoint.name, fault, lasts]
    run_ids = [str(each.id) for each in played.app.runs]
    mark = "  What to do: "
    found = problems(
        code=left.code,
        expected=expected,
        log=left.log,
        outputs=left.outputs,
        state=left.state,
        red_cases=len(left.junit.findall(".//failure")) + len(left.junit.findall(".//error")),
        remedy=next((line for line in left.log.splitlines() if line.startswith(mark)), ""),
        triggers=played.triggers,
        run_ids=run_ids,
        known=bool(run_ids) and expected != 7,
    )
    if not played.hits and not (endpoint is TRIGGER and fault in _ON_THE_WAY):
        found.append("the fault was never met")
    return found
