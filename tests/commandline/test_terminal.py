"""The program at a real terminal: a line that lives, and Ctrl-C."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from testgate.commandline.usage import short_usage
from testgate.demo.testsigma.scenarios import one_plan
from tests.support.step import ENTRYPOINT, HANG_SECONDS, KEY, environment
from tests.support.vendor import ENDLESS, RED, Vendor, requests, simulator

BAR = re.compile(rb"\x1b\[\?7l *\d+:\d\d  \[[#-]{24}\] ")
CTRL_C = b"\x03"


def at_terminal(
    folder: Path, server: Vendor | None, extra: Mapping[str, str], types: Callable[[bytes], bytes] = lambda _shown: b""
) -> tuple[int, bytes]:
    """Run a step at a terminal; `types` says what to type once this much was shown. Returns the code and the screen."""
    ours, theirs = pty.openpty()
    arguments = ["run", "--test-plan-id", "274", "--base-url", server.url] if server else []
    key = {"TESTGATE_API_KEY": KEY} if server else {}
    process = subprocess.Popen(  # noqa: S603  # the program under test
        [sys.executable, "-I", str(ENTRYPOINT), *arguments],
        cwd=folder,
        env={**environment(folder, {}, github=False), **key, "TERM": "xterm", **extra},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        preexec_fn=lambda: os.login_tty(os.dup(theirs)),  # noqa: PLW1509  # nothing else runs here
    )
    os.close(theirs)
    shown, typed = b"", b""
    while True:
        try:
            more = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        shown += more
        if not typed and (typed := types(shown)):
            os.write(ours, typed)
    code = process.wait(HANG_SECONDS)
    os.close(ours)
    return code, shown


def test_the_line_shows_counts_and_what_is_left(tmp_path: Path) -> None:
    """As soon as counts tell; it is gone at the end."""
    with simulator(one_plan(RED._replace(running=20.0)), speed=4.0) as server:
        code, shown = at_terminal(tmp_path, server, {})
    assert code == 1, shown
    assert BAR.search(shown)
    assert re.search(rb"1/2 running(?:, 1 failed)?, about [a-z0-9 ]+ left", shown), shown
    assert shown.rindex(b"\x1b[2K") < shown.rindex(b"Exit code: 1")


@pytest.mark.parametrize("extra", [{"CI": "true"}, {"TERM": "dumb"}, {"CI": "true", "GITHUB_ACTIONS": "true"}])
def test_a_log_has_no_line(tmp_path: Path, extra: Mapping[str, str]) -> None:
    """Some CIs give their logs a terminal, such as `docker run -t`; others can't move a line."""
    with simulator(one_plan(RED)) as server:
        code, shown = at_terminal(tmp_path, server, extra)
    assert code == 1, shown
    assert b"\x1b[?7l" not in shown
    assert b"\x1b[2K" not in shown


def test_ctrl_c_stops_the_run(tmp_path: Path) -> None:
    """The log says what happens, and that the same again ends it at once."""
    with simulator(one_plan(ENDLESS)) as server:
        code, shown = at_terminal(tmp_path, server, {}, lambda shown: CTRL_C if b"running:" in shown else b"")
        stops = requests(server, "PUT")
    assert code == 130, shown
    assert b"SIGINT: closing down; the same signal again ends the step at once" in shown
    assert b"cancelled by SIGINT" in shown
    assert len(stops) == 1


def test_without_anything_to_go_by_the_help_is_shown(tmp_path: Path) -> None:
    """Not two errors and a folder of reports. In a CI, it's an error like any other."""
    code, shown = at_terminal(tmp_path, None, {})
    assert code == 2
    assert shown.decode().replace("\r\n", "\n") == short_usage()
    assert list(tmp_path.iterdir()) == []
    code, shown = at_terminal(tmp_path, None, {"CI": "true"})
    assert code == 2
    assert b"INVALID-INPUT" in shown
    assert (tmp_path / "testgate-report" / "junit.xml").exists()
