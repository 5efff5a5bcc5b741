"""A platform that a file of the workspace describes: a real process, and the made-up platform of the manual."""

import contextlib
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from testgate.demo.server import Simulator
from tests.support.clocks import from_first_request
from tests.support.kestrel import TOKEN, Kestrel, file_of_the_manual, with_login
from tests.support.step import KEY, Left, cleaned, finish, interrupt, run, start, wait_for_line

GREEN = {"Login": "green", "Pay": "green", "Ship": "green"}
RED = {**GREEN, "Pay": "red"}


@contextlib.contextmanager
def serving(kestrel: Kestrel) -> Iterator[Simulator[Any]]:
    """Serve the platform; its clock starts with the first request."""
    with Simulator(kestrel, speed=5.0, clock=from_first_request()) as server:
        yield server


def inputs(server: Simulator[Any] | None, **more: str) -> dict[str, str]:
    """The inputs of an ordinary step."""
    given = {
        "provider-file": "kestrel.toml",
        "api-key": KEY,
        "base-url": server.url if server else "",
        "values": "suite=checkout",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    return {name: value for name, value in given.items() if value}


def played(folder: Path, kestrel: Kestrel, text: str = "", **more: str) -> Left:
    """Run a step with a file."""
    (folder / "kestrel.toml").write_text(text or file_of_the_manual(), encoding="utf-8")
    with serving(kestrel) as server:
        return run(folder, inputs(server, **more))


def test_the_file_of_the_manual_works(tmp_path: Path) -> None:
    """All pages are read, and the platform's name stands where another provider's would."""
    kestrel = Kestrel(GREEN)
    left = played(tmp_path, kestrel)
    assert (left.code, left.outputs["conclusion"], left.outputs["passed"]) == (0, "passed", "3"), left.log
    assert [each.note.startswith("testgate-") for each in kestrel.runs] == [True]
    assert "run on Kestrel" in left.log
    assert left.outputs["run-url"] == "https://kestrel.example/runs/1"
    assert '"provider": "Kestrel"' in left.report("ctrf.json")


def test_a_failed_case_is_red(tmp_path: Path) -> None:
    """With the platform's own message."""
    left = played(tmp_path, Kestrel(RED))
    assert (left.code, left.outputs["failed"]) == (1, "1"), left.log
    assert "no button" in left.log


def test_a_run_without_cases_is_not_green(tmp_path: Path) -> None:
    """Whatever the platform says about its result."""
    left = played(tmp_path, Kestrel({}))
    assert (left.code, left.outputs["conclusion"]) == (6, "nothing-ran"), left.log


def test_every_suite_is_a_run(tmp_path: Path) -> None:
    """Of a list, each item is started once."""
    kestrel = Kestrel(GREEN)
    left = played(tmp_path, kestrel, values="suite=a,b")
    assert (left.code, len(kestrel.runs), len(left.runs)) == (0, 2, 2), left.log


def test_a_cancel_stops_the_run(tmp_path: Path) -> None:
    """By the request of the file."""
    kestrel = Kestrel(GREEN, seconds=600.0)
    (tmp_path / "kestrel.toml").write_text(file_of_the_manual(), encoding="utf-8")
    with serving(kestrel) as server:
        process = start(tmp_path, inputs(server))
        wait_for_line(process, "started as run")
        interrupt(process, signal.SIGTERM)
        left = finish(process, tmp_path)
    assert left.code == 143
    assert len(kestrel.runs[0].killed) == 1


def test_a_cleanup_stops_the_run_of_a_step_that_was_killed(tmp_path: Path) -> None:
    """The cleanup reads the file, too."""
    kestrel = Kestrel(GREEN, seconds=600.0)
    (tmp_path / "kestrel.toml").write_text(file_of_the_manual(), encoding="utf-8")
    with serving(kestrel) as server:
        process = start(tmp_path, inputs(server))
        wait_for_line(process, "started as run")
        process.kill()
        left = finish(process, tmp_path)
        after = cleaned(tmp_path, inputs(server), left.state)
    assert len(kestrel.runs[0].killed) == 1, after


@pytest.mark.parametrize(
    ("content", "sent"),
    [("form", f"secret={KEY}&extra=pin-5555"), ("body", f'{{"secret": "{KEY}", "extra": "pin-5555"}}')],
)
def test_a_login_comes_first_and_its_token_stays_secret(content: str, sent: str, tmp_path: Path) -> None:
    """It is asked for once, sent in its own header, and shown nowhere."""
    kestrel = Kestrel(RED, token=TOKEN)
    left = played(tmp_path, kestrel, with_login(content), secret_values="pin=pin-5555", log_level="debug")
    assert (left.code, left.outputs["failed"]) == (1, "1"), left.log
    assert [login.replace(b'":"', b'": "').replace(b',"', b', "') for login in kestrel.logins] == [sent.encode()]
    written = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*") if path.is_file())
    masks = [line for line in left.log.splitlines() if line.startswith("::add-mask::")]
    told = "\n".join(line for line in left.log.splitlines() if line not in masks) + written
    assert {f"::add-mask::{each}" for each in (KEY, TOKEN, "pin-5555")} <= {*masks}
    assert not any(secret in told for secret in (KEY, TOKEN, "pin-5555"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"values": "suite=a\nsuit=b"}, "'suit' is not a value of Kestrel; did you mean suite?"),
        ({"values": ""}, "`suite` is required for command run"),
        ({"values": "checkout"}, "INVALID-INPUT: `values`: line 1 is not key=value"),
        ({"values": "suit=a"}, "'suit' is not a value of Kestrel; did you mean suite?"),
        ({"values": "suit=a"}, "`suite` is required for command run"),
        ({"base-url": ""}, "its provider file names no address"),
        ({"provider": "testsigma"}, "give either this or `provider`"),
        ({"provider-file": "missing.toml"}, "missing.toml could not be read: No such file or directory"),
        ({"provider-file": "/etc/hostname"}, "is not valid TOML"),
        ({"provider-file": "", "provider": "testsigma", "test-plan-id": "1"}, "has inputs of its own"),
        ({"provider-file": "", "provider": "ghost-inspector"}, "'suite' is not a value of Ghost Inspector"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_sent(given: Mapping[str, str], said: str, tmp_path: Path) -> None:
    """With the name of the input."""
    (tmp_path / "kestrel.toml").write_text(file_of_the_manual(), encoding="utf-8")
    with serving(Kestrel(GREEN)) as server:
        texts = {name: text for name, text in {**inputs(server), **given}.items() if text}
        left = run(tmp_path, texts)
        assert not server.requests
    assert left.code == 2
    assert said in left.log


def test_a_fault_in_the_file_is_told_with_its_line(tmp_path: Path) -> None:
    """All of them at once."""
    text = file_of_the_manual().replace("stopped =", "finished =").replace('"POST /v2/runs', '"GET /v2/runs')
    left = played(tmp_path, Kestrel(GREEN), text)
    assert left.code == 2
    assert "`provider-file`: kestrel.toml:" in left.log
    assert "`poll.states.finished` is not a key of the format" in left.log
    assert "`stop.request` must not be GET" in left.log


def test_saved_answers_are_explained_and_nothing_is_sent(tmp_path: Path) -> None:
    """Without a key or an address: that is how a file is written."""
    (tmp_path / "kestrel.toml").write_text(file_of_the_manual(), encoding="utf-8")
    folder = tmp_path / "answers"
    folder.mkdir()
    (folder / "trigger.json").write_text(
        '{"run": {"id": "r-81", "web": "https://kestrel.example/r"}}', encoding="utf-8"
    )
    (folder / "poll.json").write_text('{"run": {"id": "r-81", "phase": "done", "verdict": "red"}}', encoding="utf-8")
    (folder / "poll-odd.json").write_text('{"run": {"id": "r-81", "phase": "warming"}}', encoding="utf-8")
    (folder / "results.json").write_text(
        '{"cases": [{"title": "Pay", "verdict": "red", "error": "no button"}], "after": "c-1"}', encoding="utf-8"
    )
    left = run(tmp_path, {"command": "check", "provider-file": "kestrel.toml", "answers": "answers"})
    assert (left.code, left.outputs["conclusion"]) == (0, "checked"), left.log
    assert "trigger.json: the run r-81, at https://kestrel.example/r" in left.log
    assert "poll.json: run r-81 has ended: failed (the word is 'red')" in left.log
    assert "the word 'warming' is in no list of `poll.states`" in left.log
    assert "results.json: 1 test; more pages follow" in left.log
    (folder / "poll.500.json").write_text('{"error": "down"}', encoding="utf-8")
    left = run(tmp_path, {"command": "check", "provider-file": "kestrel.toml", "answers": "answers"})
    assert left.code == 3
    assert "poll.500.json: WRONG" in left.log


def test_a_check_asks_the_questions_of_the_file(tmp_path: Path) -> None:
    """And starts nothing."""
    kestrel = Kestrel(GREEN)
    left = played(tmp_path, kestrel, command="check", values="")
    assert left.code == 0, left.log
    assert "ok      key" in left.log
    assert not kestrel.runs


@pytest.mark.parametrize("content", ["form", "body"])
def test_a_dry_run_shows_the_login_without_its_secrets(content: str, tmp_path: Path) -> None:
    """It is the first request that a run would send."""
    kestrel = Kestrel(GREEN, token=TOKEN)
    left = played(tmp_path, kestrel, with_login(content), secret_values="pin=pin-5555", dry_run="true")
    assert left.code == 0, left.log
    shown = [line for line in left.log.splitlines() if line.startswith("POST ")]
    assert [line.rpartition("/v2")[2] for line in shown] == ["/login", "/suites/checkout/runs"]
    assert not kestrel.logins
    assert "***" in left.log


@pytest.mark.parametrize("folder", ["missing", "../elsewhere", "kestrel.toml"])
def test_a_folder_of_answers_that_is_none_is_a_wrong_input(folder: str, tmp_path: Path) -> None:
    """It is named, and no report is blamed."""
    (tmp_path / "kestrel.toml").write_text(file_of_the_manual(), encoding="utf-8")
    left = run(tmp_path, {"command": "check", "provider-file": "kestrel.toml", "answers": folder})
    assert (left.code, left.outputs["conclusion"]) == (2, "invalid-input"), left.log
    assert f"`answers`: {folder} could not be read" in left.log


def test_what_lies_beside_the_answers_does_no_harm(tmp_path: Path) -> None:
    """A picture and a folder are named as not read."""
    (tmp_path / "kestrel.toml").write_text(file_of_the_manual(), encoding="utf-8")
    folder = tmp_path / "answers"
    (folder / "old.d").mkdir(parents=True)
    (folder / "picture.png").write_bytes(b"\x89PNG\xff\xfe")
    (folder / "poll.json").write_text('{"run": {"id": "r-81", "phase": "executing"}}', encoding="utf-8")
    left = run(tmp_path, {"command": "check", "provider-file": "kestrel.toml", "answers": "answers"})
    assert left.code == 0, left.log
    assert "picture.png: not read" in left.log
    assert "old.d: not read" in left.log
    assert "poll.json: run r-81 is running" in left.log
