"""The combinations that real processes play over real sockets, and how they play them."""

import time
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tests.faults.endpoints import POLL, SEEK, TRIGGER, Endpoint
from tests.faults.expected import EXPECTED
from tests.faults.kinds import BY_NAME
from tests.faults.promises import problems
from tests.faults.sockets import Platform, platform
from tests.support.connect_proxy import ConnectProxy, proxying
from tests.support.raw_server import CERTIFICATES, free_port
from tests.support.step import KEY, Left, run


class Combination(NamedTuple):
    """One fault at one endpoint. `tunnel`: the platform speaks TLS, and is reached through a proxy's tunnel."""

    endpoint: Endpoint
    fault: str
    lasts: bool
    tunnel: bool = False

    def __str__(self) -> str:
        """A readable name."""
        return f"{self.endpoint.name}-{self.fault}-{'always' if self.lasts else 'once'}{'-tunnel' * self.tunnel}"

    @property
    def in_sample(self) -> bool:
        """Whether `make test` plays it: what only a real socket can do, and one ordinary answer of each sort."""
        if self.tunnel:
            return self.fault in _SAMPLE_IN_TUNNEL
        return self.fault in (_SAMPLE_AT_TRIGGER if self.endpoint is TRIGGER else _SAMPLE_AT_POLL)


_ON_THE_WAY = frozenset({"refused", "dns", "proxy", "tls-name"})  # with these nothing arrives at the trigger at all
_TRIGGER = (
    *("reset-before", "sign-in"),  # the longest first: the others run meanwhile
    *("refused", "dns", "proxy", "tls-name", "reset-after", "silence", "401", "403", "404", "409", "422"),
    *("429-seconds", "429-absurd", "truncated", "wrong-type", "wrong-shape"),
    *("redirect-same", "redirect-other", "drip", "gzip-bomb"),
)
_POLL_ALWAYS = (  # without 404, which is retried for half a minute: a new run may not be visible yet
    *("401", "refused", "reset-before", "silence", "409", "422", "429-seconds", "429-absurd", "500", "502", "504"),
    *("truncated", "wrong-type", "wrong-shape", "sign-in", "redirect-same", "redirect-other", "drip"),
)
_POLL_ONCE = ("reset-after", "503", "huge", "gzip-bomb")
_SAMPLE_AT_TRIGGER = frozenset(
    {*_ON_THE_WAY, "reset-after", "silence", "422", "truncated", "redirect-other", "drip"},
)
_SAMPLE_AT_POLL = frozenset({"refused", "429-seconds", "redirect-same", "503", "huge", "gzip-bomb"})
_TUNNEL_TRIGGER = (
    *("reset-before", "reset-after", "silence", "401", "422", "429-seconds", "502", "truncated"),
    *("wrong-shape", "sign-in", "redirect-other", "drip", "gzip-bomb"),
)
_TUNNEL_POLL = ("refused", "reset-before", "silence", "401", "429-seconds", "502", "truncated", "redirect-other")
_SAMPLE_IN_TUNNEL = frozenset({"reset-after", "refused"})
COMBINATIONS = (
    *(Combination(TRIGGER, fault, lasts=True) for fault in _TRIGGER),
    *(Combination(POLL, fault, lasts=True) for fault in _POLL_ALWAYS),
    *(Combination(POLL, fault, lasts=False) for fault in _POLL_ONCE),
    *(Combination(TRIGGER, fault, lasts=True, tunnel=True) for fault in _TUNNEL_TRIGGER),
    *(Combination(POLL, fault, lasts=True, tunnel=True) for fault in _TUNNEL_POLL),
)


class Measured(NamedTuple):
    """The result of a combination. `wrong` lists the broken promises in words."""

    left: Left
    seconds: float
    triggers: int
    wrong: list[str]


def play(folder: Path, combination: Combination) -> Measured:
    """Start the step as CI does, with short limits, and check what it leaves behind."""
    endpoint, fault, lasts, tunnel = combination
    with ExitStack() as stack:
        certificate = "elsewhere.pem" if fault == "tls-name" else "loopback.pem" if tunnel else ""
        proxy = stack.enter_context(proxying()) if tunnel else None
        played, url = stack.enter_context(
            platform(endpoint, BY_NAME[fault], lasts=lasts, certificate=certificate),
        )
        began = time.monotonic()
        left = run(folder, _inputs(url, fault, endpoint), extra=_proxy(fault, proxy))
        seconds = time.monotonic() - began
    wrong = _wrong(combination, left, played)
    if proxy is not None and not proxy.requests:
        wrong.append("the proxy was never asked")
    return Measured(left, seconds, played.triggers, wrong)


def _inputs(url: str, fault: str, endpoint: Endpoint) -> dict[str, str]:
    """Inputs of a step that gives up soon."""
    if endpoint is TRIGGER:
        nobody = f"http://127.0.0.1:{free_port()}/api/v1"
        elsewhere = {"dns": "https://no-such-host.invalid/api/v1", "proxy": "https://platform.example/api/v1"}
        url = nobody if fault == "refused" else elsewhere.get(fault, url)
    return {
        "api-key": KEY,
        "base-url": url,
        "test-plan-id": "274",
        "request-timeout": "2s" if BY_NAME[fault].silent else "20s",
        "max-outage": "10s" if fault in {"huge", "gzip-bomb"} else "2s",
        "timeout": "5m",
        **({"ca-file": str(CERTIFICATES / "authority.pem")} if url.startswith("https://127") else {}),
    }


def _proxy(fault: str, proxy: ConnectProxy | None) -> dict[str, str]:
    """The address of the proxy, if there is one: of one where nobody listens, if that is the fault."""
    if proxy is not None:
        return {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"}
    return {"HTTPS_PROXY": f"http://127.0.0.1:{free_port()}"} if fault == "proxy" else {}


def _wrong(combination: Combination, left: Left, played: Platform) -> list[str]:
    """Every promise that was broken, in words."""
    endpoint, fault, lasts, _tunnel = combination
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
        intended=endpoint.name != SEEK or played.triggers > 0,
    )
    if not played.hits and not (endpoint is TRIGGER and fault in _ON_THE_WAY):
        found.append("the fault never occurred")
    return found
