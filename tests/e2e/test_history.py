"""The history of builds on two branches, as one story: what each summary says, word for word."""

import html
import json
import re
import signal
import threading
from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import Fault, Plan, RawReply, Scenario, one_plan
from tests.support.builds import FEATURE, HISTORY, MAIN, Builds, plan
from tests.support.step import Left, finish, interrupt, run, start, wait_for_line
from tests.support.vendor import QUICK, cases, inputs, played, simulator, triggers

SHORT = "5s"  # a timeout within which every machine has started a run
LONG = 60.0  # simulated seconds: such a run outlasts SHORT, and is still going when the next step begins

_TITLES = re.compile(r"<summary>(.*?)</summary>")
_LINKS = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(r"</?b>|<br>&emsp;.*")

NAME = "Web shop: nightly regression"
RUN = f"{NAME} (run 337)"
LOOK = "**What to do:** Open the run's page for steps and screenshots of the failed tests."
FIRST = "- There is no earlier build to compare with yet: later ones are compared with this one."


def said(left: Left) -> list[str]:
    """Every sentence of the summary outside its tables: paragraphs, headings, titles of folds, and what is in them."""
    text = _LINKS.sub(r"\1", left.summary).replace("<span>#</span>", "#")
    found = []
    for line in text.split("\n"):
        title = _TITLES.search(line)
        shown = html.unescape(_MARKUP.sub("", title[1] if title else line)).strip()
        if shown and not shown.startswith(("|", "<", "```", "Build:")):
            found.append(shown)
    return found


def numbers(left: Left) -> tuple[str, str, str]:
    """New and known failures, and fixed tests, as outputs."""
    return left.outputs["new-failures"], left.outputs["known-failures"], left.outputs["fixed"]


def failure(name: str, remark: str = "", broken: str = "") -> list[str]:
    """What the summary says of a failed test."""
    message = f"{broken or name} is broken"
    where = " · ".join(filter(None, ("Shop", "Chrome", remark, "1.0 s")))
    return [f"❌ {name} — {where}", message, f"Failing step: {message} [1042]"]


def red(counted: str) -> list[str]:
    """The head of a failed build."""
    return [f"## ❌ {NAME}: failed", f"{RUN}: {counted}"]


def cancelled(builds: Builds, number: int) -> Left:
    """A build that is cancelled while its run goes on."""
    folder = builds.workspace(number)
    endless = plan("PPPP")._replace(running=float("inf"))
    with simulator(one_plan(endless)) as server:
        extra = builds.environment(folder, number, FEATURE)
        step = start(folder, inputs(server, history_file=HISTORY), extra=extra)
        wait_for_line(step, "started as run")
        interrupt(step, signal.SIGTERM)
        left = finish(step, folder)
    builds.keep(folder)
    return left


def test_the_story_of_eight_builds(tmp_path: Path) -> None:
    """Red, the same build again, fixed, flaky on a branch, renamed, cancelled, partial, and a damaged cache."""
    builds = Builds(tmp_path)
    one_red = "1 of 4 tests failed (pass rate 75.00%)"

    for attempt in (1, 2):  # another attempt of the same build is no baseline
        left = builds.play(1, MAIN, plan("PFPP"), attempt=attempt)
        assert numbers(left) == ("", "", "")
        assert said(left) == [*red(one_red), LOOK, "### 1 failed test", *failure("Pay"), "### Notes", FIRST]

    left = builds.play(2, MAIN, plan("PPFP"))
    assert numbers(left) == ("1", "0", "1")
    assert said(left) == [
        *red(one_red),
        "**Since #1:** 1 new failure, 1 test fixed.",
        LOOK,
        "### 1 failed test, new",
        *failure("Ship", "new"),
        "1 fixed test",
        "- Shop / Pay / Chrome: failed since #1",
    ]
    assert "  Since #1: 1 new failure, 1 test fixed\n" in left.log

    left = builds.play(3, FEATURE, plan("FPFK"), rerun_failed="1", tolerate_known_failures="true")
    assert (left.code, numbers(left)) == (1, ("1", "1", "0"))
    assert cases(left) == {"Login": "failure", "Pay": "passed", "Ship": "skipped", "Search": "passed"}
    assert said(left) == [
        *red("2 of 4 tests failed, 1 of them known and tolerated (pass rate 66.66%)"),
        "**Since #2 of main:** 1 new failure, 1 known.",
        "> ⚠️ **1 known failure was tolerated:** `tolerate-known-failures` is set.",
        LOOK,
        "Reruns: run 338 (2 tests)",
        "### 2 failed tests, 1 of them tolerated, 1 of them new",
        *failure("Login", "new · failed in all 2 attempts"),
        "### 1 flaky test",
        "Passed only after a rerun.",
        "🔁 Search — Shop · Chrome · passed on attempt 2 · flaky in 1 of 3 builds · 1.0 s",
        "Search is broken",
        "1 known failure, tolerated",
        "- Ship — Shop · Chrome · failing since #2 · 1.0 s<br>Ship is broken",
    ]
    assert "::warning title=1 test failed as before%3A tolerated" in left.log

    left = builds.play(4, FEATURE, plan("PPFP", {"Ship": "Ship by air"}))
    assert numbers(left) == ("0", "1", "1")
    assert said(left) == [
        *red(one_red),
        "**Since #3:** 1 known failure, 1 test fixed.",
        LOOK,
        "### 1 failed test",
        *failure("Ship by air", "failing since #2", broken="Ship"),
        "1 fixed test",
        "- Shop / Login / Chrome: failed since #3",
    ]

    left = cancelled(builds, 5)
    assert (left.code, left.outputs["conclusion"], numbers(left)) == (143, "cancelled", ("0", "0", "0"))
    assert "Since" not in left.summary

    left = builds.play(6, FEATURE, plan("PPPP")._replace(result="STOPPED"))
    assert (left.outputs["conclusion"], numbers(left)) == ("stopped", ("0", "0", "1"))
    assert "**Since #4:** 1 test fixed." in said(left), "the cancelled build is passed over"

    left = builds.play(7, FEATURE, plan("PPFP"), tolerate_known_failures="true")
    assert (left.code, left.outputs["conclusion"], numbers(left)) == (0, "passed", ("0", "1", "0"))
    assert said(left) == [
        f"## ✅ {NAME}: passed",
        f"{RUN}: 1 of 4 tests failed, 1 of them known and tolerated; 3 passed",
        "**Since #4:** 1 known failure.",
        "> ⚠️ **1 known failure was tolerated:** `tolerate-known-failures` is set.",
        "1 known failure, tolerated",
        "- Ship — Shop · Chrome · failing since #2 · 1.0 s<br>Ship is broken",
    ], "the stopped build is passed over, and the test keeps its past under its old name"

    builds.cache.write_text(builds.cache.read_text(encoding="utf-8")[:-40], encoding="utf-8")
    left = builds.play(8, FEATURE, plan("PPFP"), tolerate_known_failures="true")
    assert (left.code, numbers(left)) == (1, ("", "", ""))
    assert said(left)[-3:] == [
        "### Notes",
        f"- history-file: {HISTORY} is not JSON; this step has no baseline, and sets the file aside at its end",
        "- `tolerate-known-failures` had no effect without an earlier build: every failure counts.",
    ]
    aside = (left.folder / HISTORY).with_name("history.json.set-aside")
    assert aside.read_text(encoding="utf-8").startswith('{"kind": "testgate-history"')

    left = builds.play(9, FEATURE, plan("PPFP"))
    assert numbers(left) == ("0", "1", "0"), "the build with the damaged file began a new history"


def test_nothing_but_known_failures_is_not_green(tmp_path: Path) -> None:
    """A step that proves nothing is not passed."""
    builds = Builds(tmp_path)
    builds.play(1, MAIN, plan("FFFF"))
    left = builds.play(2, MAIN, plan("FFFF"), tolerate_known_failures="true")
    assert (left.code, left.outputs["conclusion"]) == (6, "nothing-ran"), left.log


def test_a_newer_format_is_left_alone(tmp_path: Path) -> None:
    """It is neither used nor overwritten, and the verdict stands."""
    builds = Builds(tmp_path)
    newer = '{"kind": "testgate-history", "format": 2}'
    builds.cache.write_text(newer, encoding="utf-8")
    left = builds.play(1, MAIN, plan("PPPP"))
    assert left.code == 0
    assert (left.folder / HISTORY).read_text(encoding="utf-8") == newer
    assert "has format 2, and this version reads up to format 1; it is neither used nor changed" in left.log


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"tolerate_known_failures": "true"}, "`tolerate-known-failures`: needs `history-file`"),
        ({"on_retry": "adopt"}, "`on-retry`: needs `history-file`"),
        ({"history_file": "../outside.json"}, "`history-file`: the path '../outside.json' leads outside the workspace"),
    ],
)
def test_inputs_that_cannot_be_used_send_nothing(tmp_path: Path, given: dict[str, str], problem: str) -> None:
    """Each is named, with an example."""
    left, server = played(tmp_path, one_plan(plan("PPPP")), QUICK, **given)
    assert (left.code, triggers(server)) == (2, 0)
    assert problem in left.log


def test_two_steps_lose_nothing(tmp_path: Path) -> None:
    """Two legs that end at the same time are both in the file."""
    folder = Builds(tmp_path).workspace(1)
    with simulator(one_plan(plan("PFPP"))) as server:
        given = inputs(server, history_file=HISTORY)
        steps = [start(folder, {**given, "leg": leg, "report-dir": leg}) for leg in ("chrome", "safari", "edge")]
        for step in steps:
            finish(step, folder)
    lines = json.loads((folder / HISTORY).read_text(encoding="utf-8"))["lines"]
    assert sorted(each["line"][3] for each in lines) == ["chrome", "edge", "safari"]


MENDED = Plan(
    tests=tuple(test._replace(later=("SUCCESS",)) for test in plan("PFFP").tests), running=2.0, rerun_running=1.0
)


def retried(builds: Builds, scenario: Scenario, *attempts: dict[str, str]) -> tuple[list[Left], list[str]]:
    """The attempts of one job, and the bodies of the triggers that they sent."""
    lefts = []
    with simulator(scenario) as server:
        for number, given in enumerate(attempts, 1):
            folder = builds.workspace(1, number)
            extra = builds.environment(folder, 1, MAIN, number)
            lefts.append(run(folder, inputs(server, history_file=HISTORY, **given), extra=extra))
            builds.keep(folder)
        return lefts, [json.dumps(each.body) for each in server.requests if each.method == "POST"]


def test_a_retried_job_reruns_what_failed(tmp_path: Path) -> None:
    """Attempt 1 is red, attempt 2 green: in between, one rerun of two tests. Attempt 3 has nothing to do."""
    again = {"on_retry": "rerun-failed"}
    (first, second, third), sent = retried(Builds(tmp_path), one_plan(MENDED), again, again, again)
    assert [left.code for left in (first, second, third)] == [1, 0, 0]
    assert len(sent) == 2
    assert len(json.loads(sent[1])["testCaseResultRequests"]) == 2
    assert "- run 337 is that of attempt 1 of this job: what passed there was not run again" in said(second)
    assert second.outputs["run-ids"] == third.outputs["run-ids"] == "337,338"
    assert (second.outputs["passed"], second.outputs["flaky"]) == ("4", "2")


def test_a_retry_that_selects_nothing_keeps_the_old_verdict(tmp_path: Path) -> None:
    """It never turns green by that."""
    broken = plan("PFPP")._replace(tests=plan("PPPP").tests, result="FAILURE")
    again = {"on_retry": "rerun-failed"}
    (first, second), sent = retried(Builds(tmp_path), one_plan(broken), again, again)
    assert (first.outputs["conclusion"], second.outputs["conclusion"]) == ("failed", "failed")
    assert len(sent) == 1


@pytest.mark.parametrize("how", ["rerun-failed", "adopt"])
def test_an_unknown_earlier_attempt_is_a_whole_run(tmp_path: Path, how: str) -> None:
    """Of attempt 1 nothing was kept, as happens when it is killed."""
    builds = Builds(tmp_path)
    left = builds.play(1, MAIN, plan("PPPP"), attempt=2, on_retry=how)
    assert left.code == 0
    assert "- `on-retry`: all tests are run, since nothing is known of an earlier attempt" in said(left)


def test_what_somebody_else_wrote_is_not_taken_up(tmp_path: Path) -> None:
    """Whoever can write the cache could name an old green run."""
    builds = Builds(tmp_path)
    builds.play(1, MAIN, plan("PFPP"))
    forged = builds.cache.read_text(encoding="utf-8").replace('"runs": ["337"]', '"runs": ["336"]')
    assert '"336"' in forged
    builds.cache.write_text(forged, encoding="utf-8")
    left = builds.play(1, MAIN, plan("PFPP"), attempt=2, on_retry="rerun-failed")
    assert left.outputs["conclusion"] == "failed"
    assert "all tests are run, since what is known of attempt 1 was written with another key" in left.log


def test_a_run_that_was_asked_for_something_else_is_not_taken_up(tmp_path: Path) -> None:
    """The jobs of a matrix without `leg` share every name, and must not turn green by each other's run."""
    chrome, safari = ({"runtime_data": f"browser={name}", "on_retry": "rerun-failed"} for name in ("chrome", "safari"))
    (_first, second), sent = retried(Builds(tmp_path), one_plan(MENDED), chrome, safari)
    assert (second.outputs["run-id"], len(sent)) == ("338", 2)
    assert "what is known of attempt 1 was written with another key or for other inputs" in second.log


def test_a_run_of_the_earlier_attempt_that_still_goes_on_is_adopted(tmp_path: Path) -> None:
    """Attempt 1 left its run; attempt 2 waits for it and starts nothing. In attempt 3 it has ended."""
    slow = plan("PPPP")._replace(running=LONG)
    (first, second, third), sent = retried(
        Builds(tmp_path),
        one_plan(slow),
        {"timeout": SHORT, "on_timeout": "leave"},
        {"on_retry": "adopt"},
        {"on_retry": "adopt"},
    )
    assert [left.outputs["conclusion"] for left in (first, second, third)] == ["timed-out", "passed", "passed"]
    assert (second.outputs["run-id"], third.outputs["run-id"]) == ("337", "338")
    assert len(sent) == 2
    assert "- run 337 was started by attempt 1 of this job" in said(second)
    assert "- `on-retry`: all tests are run, since run 337 of attempt 2 of this job has ended" in said(third)


@pytest.mark.parametrize("how", ["adopt", "rerun-failed"])
def test_nothing_is_started_beside_a_run_that_may_still_be_going(tmp_path: Path, how: str) -> None:
    """Attempt 1 left its run, and attempt 2 may not read it: that is red, and no second run."""
    builds, closed = Builds(tmp_path), threading.Event()
    refusal = RawReply(403, body=b"{}")
    path = "/execution_results/337"
    fault = Fault("GET", path, action="alter", alter=lambda each: refusal if closed.is_set() else each)
    with simulator(one_plan(plan("PPPP")._replace(running=float("inf")), fault)) as server:
        lefts = []
        for attempt, given in ((1, {"timeout": SHORT, "on_timeout": "leave"}), (2, {"on_retry": how})):
            folder = builds.workspace(1, attempt)
            extra = builds.environment(folder, 1, MAIN, attempt)
            lefts.append(run(folder, inputs(server, history_file=HISTORY, **given), extra=extra))
            builds.keep(folder)
            closed.set()
        assert triggers(server) == 1
    assert lefts[1].outputs["conclusion"] == "platform-error", lefts[1].log


def test_rerun_failed_waits_for_a_run_that_is_still_going(tmp_path: Path) -> None:
    """Then it reruns what failed there."""
    slow = MENDED._replace(running=LONG)
    (_first, second), sent = retried(
        Builds(tmp_path), one_plan(slow), {"timeout": SHORT, "on_timeout": "leave"}, {"on_retry": "rerun-failed"}
    )
    assert (second.outputs["conclusion"], second.outputs["run-ids"], len(sent)) == ("passed", "337,338", 2), second.log


def test_an_earlier_attempt_that_did_not_end_is_run_again(tmp_path: Path) -> None:
    """Its results are no ground to stand on."""
    endless = plan("PPPP")._replace(running=LONG)
    (_first, second), sent = retried(
        Builds(tmp_path), one_plan(endless), {"timeout": SHORT}, {"on_retry": "rerun-failed"}
    )
    assert (second.outputs["conclusion"], len(sent)) == ("passed", 2)
    assert "- `on-retry`: all tests are run, since attempt 1 of this job did not come to its end" in said(second)


def test_an_earlier_run_that_is_gone_is_run_again(tmp_path: Path) -> None:
    """The platform doesn't know it any more."""
    builds, gone = Builds(tmp_path), threading.Event()
    missing = RawReply(404, body=b"{}")
    fault = Fault(
        "GET", "/execution_results/337", action="alter", alter=lambda each: missing if gone.is_set() else each
    )
    with simulator(one_plan(MENDED, fault)) as server:
        lefts = []
        for attempt in (1, 2):
            folder = builds.workspace(1, attempt)
            extra = builds.environment(folder, 1, MAIN, attempt)
            lefts.append(run(folder, inputs(server, history_file=HISTORY, on_retry="rerun-failed"), extra=extra))
            builds.keep(folder)
            gone.set()
    assert (lefts[1].outputs["conclusion"], lefts[1].outputs["run-id"]) == ("failed", "338"), lefts[1].log
    assert "`on-retry`: all tests are run, since its run cannot be taken up" in lefts[1].log


def test_a_job_that_gitlab_retries_reruns_what_failed(tmp_path: Path) -> None:
    """GitLab counts no attempts: a retried job has the same pipeline, and another id."""
    again = {"history_file": HISTORY, "on_retry": "rerun-failed"}
    folder = Builds(tmp_path).workspace(1)
    with simulator(one_plan(MENDED)) as server:
        lefts = []
        for job in ("51", "52"):
            gitlab = {"GITLAB_CI": "true", "CI_PIPELINE_ID": "7", "CI_JOB_ID": job, "CI_JOB_NAME": "gate"}
            more = {**gitlab, "CI_COMMIT_REF_NAME": "main", "CI_COMMIT_SHA": f"{1:040x}", "CI_PROJECT_PATH": "shop/web"}
            lefts.append(run(folder, inputs(server, **again), github=False, extra=more))
        sent = [each.body for each in server.requests if each.method == "POST"]
    assert [left.code for left in lefts] == [1, 0], lefts[1].log
    assert [len(body.get("testCaseResultRequests", ())) for body in sent] == [0, 2]
    assert "taking up run 337 of an earlier attempt of this job" in lefts[1].log
