"""`notify-file`, from the inputs to what a webhook receives."""

import json
import signal
from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import Test, one_plan
from tests.grammars import slack, teams
from tests.support.step import KEY, Left, finish, interrupt, run, start, wait_until
from tests.support.vendor import ENDLESS, GREEN, RED, inputs, played, simulator, triggers

every_chat = pytest.mark.parametrize("chat", ["slack", "teams"])


def seen(left: Left, chat: str, path: str = "notify.json") -> str:
    """What readers see of the message, which must be valid."""
    text = (left.folder / path).read_text(encoding="utf-8")
    return "\n".join(slack.read(json.loads(text)).texts if chat == "slack" else teams.read(text))


@every_chat
def test_a_red_step_tells_what_failed(tmp_path: Path, chat: str) -> None:
    """The file is an output, and the log names it."""
    left, _server = played(tmp_path, one_plan(RED), notify_file="out/notify.json", notify_format=chat)
    assert left.code == 1
    assert left.outputs["notify-file"] == "out/notify.json"
    assert "out/notify.json" in left.log
    told = seen(left, chat, "out/notify.json")
    assert "❌ Web shop: nightly regression: failed" in told
    assert "Pay button missing" in told
    assert "/ui/td/runs/337" in (tmp_path / "out/notify.json").read_text(encoding="utf-8")


@every_chat
def test_a_green_step_is_told_too(tmp_path: Path, chat: str) -> None:
    """Whether that is posted is up to the next step."""
    left, _server = played(tmp_path, one_plan(GREEN), notify_file="notify.json", notify_format=chat.upper())
    assert left.code == 0
    assert "✅ Web shop: nightly regression: passed" in seen(left, chat)


def test_no_message_without_a_file(tmp_path: Path) -> None:
    """And no output."""
    left, _server = played(tmp_path, one_plan(GREEN))
    assert "notify-file" not in left.outputs
    assert not [*tmp_path.rglob("notify*.json")]


@every_chat
def test_invalid_inputs_are_told(tmp_path: Path, chat: str) -> None:
    """Where the inputs say, in the format that they say."""
    left = run(tmp_path, {"test-plan-id": "x", "notify-file": "notify.json", "notify-format": chat})
    assert left.code == 2
    assert "invalid-input" in seen(left, chat)


def test_an_unknown_format_is_told_in_the_default_one(tmp_path: Path) -> None:
    """With the reason."""
    left = run(tmp_path, {"notify-file": "notify.json", "notify-format": "irc", "api-key": KEY, "test-plan-id": "1"})
    assert left.code == 2
    assert "`notify-format`: must be one of slack, teams (given: irc)" in left.log
    assert "notify-format" in seen(left, "slack")


@pytest.mark.parametrize("path", ["../notify.json", "link/notify.json"])
def test_a_path_outside_is_refused(tmp_path: Path, path: str) -> None:
    """As that of any report."""
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "link").symlink_to(tmp_path)
    with simulator(one_plan(GREEN)) as server:
        left = run(root, inputs(server, notify_file=path))
        assert not server.requests
    assert left.code == 2
    assert "`notify-file`: the path" in left.log
    assert not (tmp_path / "notify.json").exists()


@pytest.mark.parametrize(
    ("path", "other"), [("./out/x.json", "`junit-file`"), ("testgate-report/ctrf.json", "ctrf.json")]
)
def test_one_file_cannot_hold_two_reports(tmp_path: Path, path: str, other: str) -> None:
    """The second would replace the first."""
    with simulator(one_plan(GREEN)) as server:
        left = run(tmp_path, inputs(server, notify_file=path, junit_file="out/x.json"))
        assert not server.requests
    assert left.code == 2
    assert f"`notify-file`: {path} is the place of {other}" in left.log


@every_chat
def test_a_cancelled_step_tells(tmp_path: Path, chat: str) -> None:
    """First of all reports: a CI kills a cancelled step soon."""
    with simulator(one_plan(ENDLESS)) as server:
        process = start(tmp_path, inputs(server, notify_file="notify.json", notify_format=chat))
        wait_until(lambda: triggers(server))
        interrupt(process, signal.SIGTERM)
        left = finish(process, tmp_path)
    assert left.code == 143
    assert "cancelled" in seen(left, chat).partition("\n")[0]


def test_what_an_earlier_job_left_is_not_posted(tmp_path: Path) -> None:
    """The file of a workspace that outlived its job is removed before anything is sent."""
    (tmp_path / "notify.json").write_text('{"text": "passed"}', encoding="utf-8")
    with simulator(one_plan(ENDLESS)) as server:
        process = start(tmp_path, inputs(server, notify_file="notify.json"))
        wait_until(lambda: triggers(server))
        assert not (tmp_path / "notify.json").exists()
        interrupt(process, signal.SIGTERM)
        finish(process, tmp_path)


@every_chat
def test_secrets_and_mentions_of_the_platform_have_no_power(tmp_path: Path, chat: str) -> None:
    """A name from outside notifies nobody, and no secret is told."""
    evil = f"<!channel> <@U1> `x` *y* {{{{DATE(2026)}}}} {KEY}"
    plan = RED._replace(name=evil, tests=(Test(evil, word="FAILURE", message=evil),))
    left, _server = played(tmp_path, one_plan(plan), notify_file="notify.json", notify_format=chat)
    text = (tmp_path / "notify.json").read_text(encoding="utf-8")
    assert left.code == 1
    assert "<!channel>" not in text or chat == "teams"  # a card knows no mention without a list of them
    assert KEY not in text
    assert "x" in seen(left, chat)


def test_a_verdict_that_got_worse_is_told_as_such(tmp_path: Path) -> None:
    """The message was written before a report failed."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    left, _server = played(tmp_path, one_plan(GREEN), notify_file="notify.json", junit_file="taken/junit.xml")
    assert left.outputs["conclusion"] == "report-error"
    assert "report-error" in seen(left, "slack").partition("\n")[0]
