"""What the log shows of an outage."""

import io

from testgate.edges.console import Console
from testgate.errors import Unavailable
from testgate.runs.outage import REPEAT_SECONDS, OutageLog

FAULT = Unavailable("GET /runs answered 503", status=503)


class Platform:
    """A platform that fails or answers, and the log of that."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.stream = io.StringIO()
        console = Console(self.stream, redact=str, defuse=str, elapsed=lambda: 0.0)
        self.outages = OutageLog(console, lambda: self.now, "the platform")

    def fail(self, seconds: int, since: float = 1000.0, allowed: float = 600.0) -> None:
        """Fail once per second, for this long."""
        for _each in range(seconds):
            self.outages.failed(FAULT, since, allowed)
            self.now += 1

    @property
    def lines(self) -> list[str]:
        """The lines of the log, without the time."""
        return [line.removeprefix(" 0:00  ") for line in self.stream.getvalue().splitlines()]


def test_the_beginning_of_an_outage_is_logged_once() -> None:
    """The line says how long it will be tried, and what the platform answered."""
    platform = Platform()
    platform.fail(5)
    assert platform.lines == ["no good answer, retrying for up to 10 min 00 s: GET /runs answered 503"]


def test_a_long_outage_is_logged_now_and_then() -> None:
    """Each line says how long it has lasted, and how much time is left."""
    platform = Platform()
    platform.fail(60)
    assert len(platform.lines) == 60 / REPEAT_SECONDS
    assert platform.lines[1] == (
        "no good answer from the platform for 15.0 s, retrying for another 9 min 45 s: GET /runs answered 503"
    )


def test_the_end_of_an_outage_is_logged_once() -> None:
    """Another outage is logged like the first one."""
    platform = Platform()
    platform.outages.answered()
    platform.fail(2)
    platform.outages.answered()
    platform.outages.answered()
    platform.fail(1, since=platform.now)
    assert platform.lines[1] == "the platform answers again after 2.0 s"
    assert [line.split(",")[0] for line in platform.lines] == [
        "no good answer",
        "the platform answers again after 2.0 s",
        "no good answer",
    ]


def test_another_server_has_a_name() -> None:
    """A forge isn't the platform."""
    stream = io.StringIO()
    now = [0.0]
    console = Console(stream, redact=str, defuse=str, elapsed=lambda: now[0])
    log = OutageLog(console, lambda: now[0], "GitHub")
    for now[0] in (0.0, 20.0):
        log.failed(FAULT, 0.0, 60.0)
    log.answered()
    assert "no good answer from GitHub for 20.0 s" in stream.getvalue()
    assert "GitHub answers again after 20.0 s" in stream.getvalue()
    assert "platform" not in stream.getvalue()
