"""The comment on a pull request: a real process, a simulated platform, and a stand-in for the forge, all over HTTP."""

import json
import shutil
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from testgate.demo.exchange import RawReply, json_reply
from testgate.demo.faults import Fault
from testgate.demo.server import Simulator
from testgate.demo.testsigma.scenarios import Plan, Scenario, Test, one_plan
from tests.forges.standins import TOKEN, GitHubServer, GitLabServer, StandIn
from tests.support.step import KEY, Left, finish, interrupt, run, start, wait_for_line
from tests.support.vendor import ENDLESS, GREEN, RED, inputs, simulator

HOSTILE = Plan(tests=(Test("@ann closes #7", word="FAILURE", message="--> <b>x</b> @bob\n/close"),), running=1.0)


@contextmanager
def serving(server: StandIn, *faults: Fault) -> Iterator[str]:
    """Serve a stand-in on this machine; yields the address of its API."""
    server.base = "/api"
    with Simulator(server, faults=faults) as simulated:
        yield simulated.url


def github(folder: Path, api: str, **more: str) -> dict[str, str]:
    """The environment of a step in a pull request's workflow on GitHub."""
    event = folder / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 12}}), encoding="utf-8")
    return {
        "GITHUB_API_URL": api,
        "GITHUB_REPOSITORY": "shop/web",
        "GITHUB_WORKFLOW": "Test gate",
        "GITHUB_REF": "refs/pull/12/merge",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(event),
        **more,
    }


def commented(
    folder: Path,
    server: StandIn,
    plan: Plan,
    *faults: Fault,
    extra: Mapping[str, str] | None = None,
    **more: str,
) -> Left:
    """Run a step on GitHub that writes a comment."""
    given = {"comment": "true", "forge_token": TOKEN, **more}
    with simulator(Scenario(plans={274: plan})) as vendor, serving(server, *faults) as api:
        left = run(folder, inputs(vendor, **given), extra={**github(folder, api), **(extra or {})})
        assert all(TOKEN not in str(each.headers) + str(each.raw) for each in vendor.requests)
    assert all(KEY not in str(each) for each in server.asked)
    return left


def test_a_pull_request_on_github_has_one_comment(tmp_path: Path) -> None:
    """The first build writes it, the next one updates it; a token of the workflow may not ask who it is."""
    server = GitHubServer(knows_itself=False)
    red = commented(tmp_path, server, RED)
    assert red.code == 1, red.log
    assert "comment written (GitHub, number 12)" in red.log
    (body,) = server.bodies
    assert "❌" in body
    assert "**Pay** — Suite · Machine: Pay button missing" in body
    assert red.outputs["run-url"] in body
    green = commented(tmp_path, server, GREEN, extra={"GITHUB_RUN_ID": "4712"})
    assert green.code == 0, green.log
    assert "comment updated" in green.log
    (body,) = server.bodies
    assert "✅" in body


def test_a_merge_request_on_gitlab_has_one_note(tmp_path: Path) -> None:
    """The token goes into GitLab's header."""
    server = GitLabServer()
    with simulator(one_plan(RED)) as vendor, serving(server) as api:
        extra = {
            "GITLAB_CI": "true",
            "CI_API_V4_URL": api,
            "CI_PROJECT_ID": "278964",
            "CI_PIPELINE_ID": "9",
            "CI_JOB_ID": "10",
            "CI_JOB_NAME": "gate",
            "CI_MERGE_REQUEST_IID": "12",
        }
        given = inputs(vendor, comment="true", forge_token=TOKEN)
        for _build in range(2):
            left = run(tmp_path, given, github=False, extra=extra)
            assert left.code == 1, left.log
    (body,) = server.bodies
    assert "Pay button missing" in body
    assert server.count("POST") == 1


def test_changes_writes_no_comment_for_a_first_green_build(tmp_path: Path) -> None:
    """Then one for a red build, none for the same failures, and an update for green."""
    server = GitHubServer()
    said = [
        commented(tmp_path, server, plan, comment="changes", extra={"GITHUB_RUN_ID": str(5000 + number)}).log
        for number, plan in enumerate((GREEN, RED, RED, GREEN, GREEN))
    ]
    words = ("not written: all is well", "written (", "nothing has changed", "updated (", "nothing has changed")
    assert all(f"comment {word}" in log or word in log for word, log in zip(words, said, strict=True)), said
    assert (server.count("POST"), server.count("PATCH")) == (1, 1)


def test_a_comment_is_found_by_commit_on_push(tmp_path: Path) -> None:
    """The event of a push names no pull request."""
    server = GitHubServer()
    sha = server.pulls[0].sha
    push = {"GITHUB_REF": "refs/heads/feature/login", "GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": ""}
    left = commented(tmp_path, server, GREEN, extra={**push, "GITHUB_SHA": sha, "GITHUB_REF_NAME": "feature/login"})
    assert "comment written (GitHub, number 12)" in left.log


def test_the_token_is_hidden_everywhere(tmp_path: Path) -> None:
    """A forge that echoes it gets it into no log and no file."""
    echo = RawReply(500, "text/plain", f"Bearer {TOKEN} and :{TOKEN}".encode())
    server = GitHubServer()
    left = commented(tmp_path, server, RED, Fault("GET", action="reply", reply=echo), log_level="debug")
    assert left.code == 1
    shown = [line for line in left.log.splitlines() if not line.startswith("::add-mask::")]
    assert not [line for line in shown if TOKEN in line]
    assert f"::add-mask::{TOKEN}" in left.log
    assert left.log.index("::add-mask::") < left.log.index("TestGate ")
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and TOKEN in path.read_text(encoding="utf-8")]
    assert "::warning title=Comment::" in left.log


@pytest.mark.parametrize(
    ("faults", "level", "words", "bodies"),
    [
        (
            [Fault("POST", reply=json_reply({"message": "Resource not accessible by integration"}, 403))],
            "notice",
            "pull-requests: write",
            0,
        ),
        ([Fault("GET", reply=json_reply({"message": "Not Found"}, 404))], "notice", "answered 404", 0),
        ([Fault("GET", reply=json_reply({"message": "Bad credentials"}, 401))], "warning", "Bad credentials", 0),
        ([Fault("POST", nth=(1,), action="drop-after")], "", "comment left alone: it says the same", 1),
        ([Fault("POST", nth=(1,), reply=RawReply(503, headers={"Retry-After": "1"}))], "", "comment written", 1),
        (
            [Fault("GET", reply=RawReply(429, headers={"Retry-After": "3600"}))],
            "warning",
            "asks for a pause of 3600 s",
            0,
        ),
        ([Fault(reply=RawReply(302, headers={"Location": "https://evil.example/"}))], "warning", "302", 0),
    ],
)
def test_a_comment_never_changes_the_verdict(
    tmp_path: Path, faults: Sequence[Fault], level: str, words: str, bodies: int
) -> None:
    """Conclusion, exit code and outputs are those of the tests; the log says what happened."""
    server = GitHubServer()
    left = commented(tmp_path, server, GREEN, *faults)
    assert left.code == 0, left.log
    assert left.outputs["conclusion"] == "passed"
    line = next(line for line in left.log.splitlines() if words in line)
    assert not level or line.startswith(f"::{level} title=Comment::")
    assert len(server.bodies) == bodies


def test_hostile_names_stay_names(tmp_path: Path) -> None:
    """They mention nobody and close nothing."""
    server = GitHubServer()
    left = commented(tmp_path, server, HOSTILE)
    assert left.code == 1, left.log
    (body,) = server.bodies
    assert "@ann" not in body
    assert "#7" not in body.replace("&#7", "")
    assert "<b>" not in body
    assert body.count("-->") == 1
    assert not [line for line in body.splitlines() if line.startswith("/")]


def test_a_comment_needs_a_token(tmp_path: Path) -> None:
    """Nothing is sent, and the message names the input."""
    with simulator(one_plan(GREEN)) as vendor:
        left = run(tmp_path, inputs(vendor, comment="true"))
    assert left.code == 2
    assert "`forge-token`: required for `comment`" in left.log
    assert not vendor.requests


def test_a_fork_without_the_token_gets_a_hint(tmp_path: Path) -> None:
    """The CI withholds it there, and the gate works without."""
    server = GitHubServer()
    event = {"pull_request": {"number": 12, "head": {"repo": {"full_name": "stranger/web"}}}}
    path = tmp_path / "fork.json"
    path.write_text(json.dumps(event), encoding="utf-8")
    left = commented(tmp_path, server, GREEN, forge_token="", extra={"GITHUB_EVENT_PATH": str(path)})
    assert left.code == 0, left.log
    assert "::notice title=Comment::" in left.log
    assert not server.asked


def test_other_commands_write_no_comment(tmp_path: Path) -> None:
    """Only a verdict is worth one."""
    server = GitHubServer()
    left = commented(tmp_path, server, GREEN, command="check", forge_token="")
    assert "`comment` has no effect" in left.log
    assert not server.asked


def test_a_matrix_has_one_comment(tmp_path: Path) -> None:
    """The job that merges the reports writes it; each leg could write its own."""
    server = GitHubServer()
    workspace = tmp_path / "merge"
    workspace.mkdir()
    with serving(server) as api:
        for leg, plan in (("chrome", GREEN), ("edge", RED)):
            folder = tmp_path / leg
            folder.mkdir()
            with simulator(one_plan(plan)) as vendor:
                run(folder, inputs(vendor, leg=leg), extra=github(folder, api))
            shutil.copytree(folder / "testgate-report", workspace / "testgate-reports" / leg)
        given = {"command": "merge", "merge-expect": "2", "comment": "true", "forge-token": TOKEN}
        left = run(workspace, given, extra=github(workspace, api))
    assert left.code == 1, left.log
    (body,) = server.bodies
    assert "**Pay** — Suite · Machine" in body
    assert "(edge)](" in body
    assert body.index("(edge)](") < body.index("(chrome)](")


def test_a_dry_run_sends_no_comment(tmp_path: Path) -> None:
    """It sends nothing at all."""
    server = GitHubServer()
    left = commented(tmp_path, server, GREEN, dry_run="true")
    assert left.code == 0, left.log
    assert not server.asked


def test_a_demo_says_so(tmp_path: Path) -> None:
    """In the comment too."""
    server = GitHubServer()
    with serving(server) as api:
        given = {"demo": "true", "demo-scenario": "passing", "comment": "true", "forge-token": TOKEN}
        left = run(tmp_path, given, extra=github(tmp_path, api))
    assert left.code == 0, left.log
    assert "Nothing real was tested" in server.bodies[0]


def test_a_cancelled_step_writes_no_comment(tmp_path: Path) -> None:
    """The CI waits a few seconds only, and the build that follows has a result."""
    server = GitHubServer()
    with simulator(one_plan(ENDLESS)) as vendor, serving(server) as api:
        given = inputs(vendor, comment="true", forge_token=TOKEN)
        process = start(tmp_path, given, extra=github(tmp_path, api))
        wait_for_line(process, "running")
        interrupt(process, signal.SIGTERM)
        left = finish(process, tmp_path)
    assert left.code == 143
    assert not server.asked


def test_a_signal_ends_the_wait_for_a_silent_forge(tmp_path: Path) -> None:
    """The verdict and the outputs are there already."""
    server = GitHubServer()
    silence = Fault("GET", action="silence", seconds=60.0)
    with simulator(one_plan(GREEN)) as vendor, serving(server, silence) as api:
        given = inputs(vendor, comment="true", forge_token=TOKEN, log_level="debug")
        process = start(tmp_path, given, extra=github(tmp_path, api))
        wait_for_line(process, "(read the comments)")
        interrupt(process, signal.SIGTERM)
        left = finish(process, tmp_path)
    assert left.code == 0
    assert left.outputs["conclusion"] == "passed"
    assert "cancelled meanwhile" in left.log
