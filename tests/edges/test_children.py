"""The CI's programs get what they need: neither inputs nor secrets, in their environment or in what is shown."""

import base64
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import quote

import pytest

from testgate.composition.foundation import lay_foundation
from testgate.edges.programs import Programs, for_programs, run_program
from testgate.edges.signals import Signals
from testgate.edges.world import World
from testgate.redact import Redactor

KEY = "s3cret key/0123456789"
DATA = "runtime-p4ssword"
INPUTS = {
    "INPUT_API-KEY": KEY,
    "INPUT_API_KEY": KEY,
    "TESTGATE_API_KEY": KEY,
    "PLUGIN_API_KEY": KEY,
    "TESTGATE_RUNTIME_SECRETS": f"user=me\npassword={DATA}",
    "INPUT_TEST-PLAN-ID": "274",
    "TESTGATE_OUT_RUN_ID": "5",
    "PLUGIN_COMMENT": "mine",
    "TESTGATE_API_KEY_FILE": "/run/secrets/key",
}
COPIES = {
    "KEY": KEY,
    "IN_A_URL": f"https://platform.example/?key={quote(KEY, safe='')}",
    "IN_BASE64": base64.b64encode(KEY.encode()).decode(),
    "IN_THE_MIDDLE": f"--key={KEY} --more",
    "DOTENV": f"A=1\nPASSWORD={DATA}\n",
    "STATE_runs": f'[{{"key": "{KEY}"}}]',
}
NEEDED = {
    "PATH": os.environ["PATH"],
    "HOME": "/github/home",
    "BUILDKITE_AGENT_ACCESS_TOKEN": "the-token-of-the-agent",
    "BUILDKITE_AGENT_ENDPOINT": "https://agent.example/v3",
    "BUILDKITE_JOB_ID": "0190",
    "HTTPS_PROXY": "http://me:pr0xy-pw@proxy.example:3128",
    "no_proxy": "localhost",
    "LANG": "C.UTF-8",
    "EMPTY": "",
    "INPUTRC": "/etc/inputrc",
}


def test_programs_get_neither_inputs_nor_copies_of_secrets() -> None:
    """Everything else stays, with the credentials that it takes to reach the CI."""
    environ = for_programs({**INPUTS, **COPIES, **NEEDED}, Redactor([KEY, DATA]))
    assert environ == NEEDED


@pytest.mark.parametrize("word", ["/usr", "bin", "home", "proxy.example", "localhost"])
def test_a_secret_that_is_an_ordinary_word_stops_no_program(word: str) -> None:
    """A runtime value may be such a word: a program still starts, and reaches the CI."""
    environ = for_programs(NEEDED, Redactor([word]))
    assert {"PATH", "HOME", "HTTPS_PROXY", "no_proxy"} <= environ.keys()


class Agent:
    """A program of the CI that prints its environment, as a step starts it."""

    def __init__(self) -> None:
        self.seen: dict[str, str] = {}

    def __call__(self, command: Sequence[str], text: str, seconds: float, **more: Mapping[str, str]) -> object:
        """Run it, and keep what it printed."""
        self.seen = dict(more["environ"])
        return run_program(command, text, seconds, **more)  # type: ignore[arg-type]


def test_a_step_starts_its_programs_so(tmp_path: Path) -> None:
    """From the foundation on: what the step is given is not what the programs are given."""
    environ = {**INPUTS, **COPIES, **NEEDED, "GITHUB_ACTIONS": "true"}
    del environ["TESTGATE_API_KEY_FILE"]
    agent = Agent()
    with (tmp_path / "log").open("w", encoding="utf-8") as log:
        world = World(environ, log, tmp_path, Signals(), run_program=agent)  # type: ignore[arg-type]  # it returns what that does
        step = lay_foundation(world).step
        step.journal._programs.run((sys.executable, "-c", "import os, sys; sys.exit(str(dict(os.environ)))"), "")  # noqa: SLF001  # as an adapter's act would
        step.journal.settle(20)
    (failure,) = step.journal.failures
    assert agent.seen == {**NEEDED, "GITHUB_ACTIONS": "true"}
    for secret in (KEY, DATA, "pr0xy-pw"):
        assert secret not in str(failure)
        assert secret not in (tmp_path / "log").read_text(encoding="utf-8")


def test_without_an_environment_a_program_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """That of the process is never handed on by default."""
    monkeypatch.setenv("TESTGATE_API_KEY", KEY)
    monkeypatch.setenv("COPY", KEY)
    done = run_program([sys.executable, "-c", "import os; print(dict(os.environ))"], "", 30)
    assert KEY not in done.said
    assert "COPY" not in done.said


BLANKS = {
    "blanks": " " * 65_500,
    "line ends": "\n" * 65_500,
    "colours": "\x1b[0m" * 16_375,
    "line ends of Windows": "\r\n" * 32_750,
    "titles": "\x1b]0;\x07" * 13_000,
}


@pytest.mark.parametrize("before", BLANKS)
@pytest.mark.parametrize("shift", [0, 10, 15, 20, 25, 30, 35, 40, 60, 515, 520, 525, 530])
def test_of_a_secret_that_a_limit_cuts_nothing_is_shown(before: str, shift: int) -> None:
    """However much precedes it that is dropped: neither the secret nor its beginning is in what is shown."""
    said = f"{BLANKS[before]}{' ' * shift}{KEY} and more{'.' * 70_000}"
    code = f"import sys; sys.stdout.write({said!r}); sys.exit(1)"
    failure = _failure(code)
    assert "s3" not in failure
    assert "/01" not in failure


@pytest.mark.parametrize("inside", ["\x1b[0m", "\x1b[1;31m" * 50, "\x1b]0;title\x07"])
@pytest.mark.parametrize("more", [0, 1, 3, 7, 90])
def test_a_secret_with_something_inside_that_a_limit_cuts(inside: str, more: int) -> None:
    """Cleaning would join its pieces."""
    half = f"{KEY[:5]}{inside}{KEY[5:9]}{inside}{KEY[9:]}"
    cut_at = min(len(KEY[:9]) + len(inside) + more, len(half) - 1)
    blanks = " " * (65_536 - cut_at)
    assert "s3" not in _failure(f"import sys; sys.stdout.write({blanks + half + '.' * 999!r}); sys.exit(1)")


def _failure(code: str) -> str:
    """What is told of a program that fails."""
    redact = Redactor([KEY])
    programs = Programs(partial(run_program, environ={}, redact=redact), redact)
    programs.run((sys.executable, "-c", code), "")
    failure = programs.settle(30)
    assert failure is not None
    return failure.message.partition("ended with")[2]
