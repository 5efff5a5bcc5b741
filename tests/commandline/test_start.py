"""Starting with arguments, as a process and at a terminal."""

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from testgate.commandline.start import start
from testgate.demo.testsigma.scenarios import one_plan
from tests.support.step import ENTRYPOINT, HANG_SECONDS, KEY, environment
from tests.support.vendor import GREEN, simulator


def started(folder: Path, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """The program with these arguments, outside a CI."""
    return subprocess.run(  # noqa: S603  # the program under test
        [sys.executable, "-I", str(ENTRYPOINT), *arguments],
        cwd=folder,
        env={**environment(folder, {}, github=False), **extra},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )


def test_flags_win_over_the_environment(tmp_path: Path) -> None:
    """In every spelling that the environment has."""
    with simulator(one_plan(GREEN)) as server:
        plans = dict.fromkeys(("TESTGATE_TEST_PLAN_ID", "INPUT_TEST_PLAN_ID", "PLUGIN_TEST_PLAN_ID"), "999")
        given = {"TESTGATE_API_KEY": KEY, "TESTGATE_BASE_URL": server.url, **plans}
        done = started(tmp_path, "run", "--test-plan-id", "274", "--title=Mine", **given)
        (trigger,) = (each for each in server.requests if each.method == "POST")
    assert done.returncode == 0, done.stdout
    assert trigger.body["executionId"] == 274
    assert "## ✅ Mine: passed" in (tmp_path / "testgate-report" / "summary.md").read_text(encoding="utf-8")


def test_the_demo_is_a_command(tmp_path: Path) -> None:
    """It needs nothing."""
    done = started(tmp_path, "demo", "--demo-scenario", "passing", "--poll-interval", "1s")
    assert (done.returncode, "This was the embedded simulator" in done.stdout) == (0, True)


def test_a_wrong_argument_sends_nothing(tmp_path: Path) -> None:
    """And leaves nothing."""
    done = started(tmp_path, "run", "--test-plan", "274", TESTGATE_API_KEY=KEY)
    assert done.returncode == 2
    assert done.stdout.startswith("testgate: unknown flag '--test-plan'. Did you mean --test-plan-id?\n")
    assert not (tmp_path / "testgate-report").exists()


class Terminal(io.StringIO):
    """What people sit at."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.mark.parametrize(
    ("arguments", "environ", "asks"),
    [
        ("run --test-plan-id 274", {}, True),
        ("check", {}, True),
        ("check", {"TESTGATE_API_KEY": KEY}, False),
        ("check", {"INPUT_API-KEY": KEY}, False),
        ("check", {"PLUGIN_API_KEY_FILE": "/run/secrets/key"}, False),
        ("demo", {}, False),
        ("merge --merge-expect 2", {}, False),
    ],
)
def test_the_key_is_asked_for_at_a_terminal(
    arguments: str, environ: dict[str, str], asks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If nothing else gives it, and the command needs it."""
    monkeypatch.setattr("getpass.getpass", lambda _prompt: "typed-key")
    asked = dict(environ)
    assert start(arguments.split(), asked, Terminal(), Terminal()) is None
    assert (asked.get("TESTGATE_API_KEY") == "typed-key") is asks
    piped = dict(environ)
    assert start(arguments.split(), piped, io.StringIO(), Terminal()) is None
    assert piped.get("TESTGATE_API_KEY") == environ.get("TESTGATE_API_KEY")


def test_a_prompt_that_is_left_ends_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """With Ctrl-D, say."""

    def leave(_prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", leave)
    assert start(["check"], {}, Terminal(), Terminal()) == 130


def test_the_key_is_not_shown_at_the_prompt(tmp_path: Path) -> None:
    """A real terminal doesn't echo it."""
    ours, theirs = pty.openpty()
    with simulator(one_plan(GREEN)) as server:
        process = subprocess.Popen(  # noqa: S603  # the program under test
            [sys.executable, "-I", str(ENTRYPOINT), "run", "--test-plan-id", "274", "--base-url", server.url],
            cwd=tmp_path,
            env=environment(tmp_path, {}, github=False),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        shown = b""
        while b"not shown" not in shown:
            shown += os.read(ours, 1024)
        os.write(ours, f"{KEY}\n".encode())
        while True:
            try:
                more = os.read(ours, 4096)
            except OSError:  # the other end is closed
                break
            if not more:
                break
            shown += more
        assert process.wait(HANG_SECONDS) == 0, shown
    os.close(ours)
    assert KEY.encode() not in shown
