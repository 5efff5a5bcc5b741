"""What is played in `act`, and what must come out. Each case gets a function that opens a repository."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager

from testgate.demo.server import Simulator
from testgate.demo.testifly.scenarios import FEATURE_ID, PROJECT_ID, one_feature
from testgate.demo.testifly.scenarios import Test as TestiflyTest
from testgate.demo.testsigma.scenarios import Scenario
from tests.engines.github import GitHub
from tests.engines.stage import EXAMPLES, FACES, FLAKY, FORBIDDEN, HOSTILE, AnyScenario, expect
from tests.forges.standins import GitHubServer
from tests.support.vendor import ENDLESS, GREEN, RED

Open = Callable[[AnyScenario], AbstractContextManager[GitHub]]
README = (EXAMPLES / "github" / "testgate.yml").read_text(encoding="utf-8")
_MATRIX = (EXAMPLES / "github" / "matrix.yml").read_text(encoding="utf-8")
_HISTORY = (EXAMPLES / "github" / "history.yml").read_text(encoding="utf-8")
_COMMENT = (EXAMPLES / "github" / "comment.yml").read_text(encoding="utf-8")
_TESTIFLY = (EXAMPLES / "github" / "testifly.yml").read_text(encoding="utf-8")
_REUSABLE = (FACES / "github" / "testgate.yml").read_text(encoding="utf-8")
_CLEANED = "The main step recorded no run to stop."
_READ = ("conclusion", "reason", "failed-tests", "runs", "run-url", "pass-rate", "failed")
_HAND_ON = f"""
      - name: Use the outputs
        if: >-
          failure() && steps.testgate.outputs.conclusion == 'failed' && steps.testgate.outputs.failed == '6'
          && contains(steps.testgate.outputs.failed-tests, 'touch /share/') && steps.testgate.outputs.flaky == '0'
          && fromJSON(steps.testgate.outputs.runs)[0].conclusion == 'failed'
        run: mkdir /share/read; for name in $NAMES; do printenv "$name" >"/share/read/$name"; done
        env:
          NAMES: {" ".join(name.upper().replace("-", "_") for name in _READ)}
""" + "".join(
    f"          {name.upper().replace('-', '_')}: ${{{{ steps.testgate.outputs.{name} }}}}\n" for name in _READ
)
_SECOND = """
      - name: Run the second test plan
        id: second
        if: always()
        uses: your-org/testgate@main
        with:
          api-key: ${{ secrets.TESTGATE_API_KEY }}
          test-plan-id: "275"

      - name: Keep the second reports
        if: always() && steps.second.outputs.report-dir != ''
        uses: actions/upload-artifact@main
        with:
          name: second
          path: ${{ steps.second.outputs.report-dir }}
"""


def passing(opened: Open) -> None:
    """Green, in an image that act builds: one run, the reports are an artifact, the cleanup has nothing to do."""
    with opened(GREEN) as here:
        here.building().play(README).expect(0, "PASSED: ", _CLEANED)
        expect("runs", here.stage.triggers(), 1)
        expect("conclusion", here.outputs()["CONCLUSION"], "passed")


def hostile(opened: Open) -> None:
    """Red, with hostile names: a later step reads them in `if:` and `env:` as they are in outputs.json."""
    with opened(HOSTILE) as here:
        here.play(README + _HAND_ON).expect(1, "FAILED: ", _CLEANED)
        outputs, read = here.outputs(), here.stage.share / "read"
        expect("conclusion", outputs["CONCLUSION"], "failed")
        names = [name.upper().replace("-", "_") for name in _READ]
        arrived = {name: (read / name).read_text(encoding="utf-8").removesuffix("\n") for name in names}
        expect("outputs in the later step", arrived, {name: outputs[name] for name in names})
        expect("a name ran as a command", (here.stage.share / FORBIDDEN).exists(), False)


def flaky(opened: Open) -> None:
    """A test that passes in its rerun."""
    with opened(FLAKY) as here:
        here.play(README, environ={"TESTGATE_RERUN_FAILED": "2"}).expect(0, "PASSED: ")
        expect("flaky", here.outputs()["FLAKY"], "1")
        expect("runs", here.stage.triggers(), 2)


def cancelled(opened: Open) -> None:
    """Ctrl-C: the run is stopped, by the step itself or by the cleanup after it."""
    with opened(ENDLESS) as here, here.started(README) as running:
        running.wait_for("a poll of the run", lambda: "set-output:: run-id=" in running.log or _polled(here))
        running.interrupt()
        played = running.end()
        played.expect(1, "Run Post Run the test plan", "was stopped (STOPPED)")
        (run,) = here.stage.vendor.runs
        expect("stopped", here.stage.stopped(), [str(run.id)])


def host_mode(opened: Open) -> None:
    """Jobs without a container: the runner's files aren't in the step's, which says that once and still gates.

    There is no platform on the network of that container, so it plays the demo.
    """
    with opened(GREEN) as here:
        environ = {"TESTGATE_BASE_URL": "", "TESTGATE_DEMO_SCENARIO": "passing"}
        played = here.on_host().play(_demo(), environ=environ)
        played.expect(0, "hint: the runner's files are not in this container", "PASSED: ")
        expect("hints", played.log.count("hint:"), 1)
        expect("warnings", played.log.count("warning"), 0, played.log)


def _polled(here: GitHub) -> bool:
    """Whether the platform was asked about a run after it was started."""
    asked = [each.method for each in here.stage.vendor.requests]
    return "POST" in asked and "GET" in asked[asked.index("POST") :]


def demo(opened: Open) -> None:
    """A demo: red, and nothing is sent to the platform."""
    with opened(GREEN) as here:
        played = here.play(_demo(), environ={"TESTGATE_BASE_URL": ""})
        played.expect(1, "nothing real was tested", "FAILED: Web shop: nightly regression")
        expect("total", here.outputs()["TOTAL"], "14")
        expect("requests", len(here.stage.vendor.requests), 0)


def _demo() -> str:
    """The README's workflow with `demo: true` in place of key and plan, as the README says."""
    given = '          api-key: ${{ secrets.TESTGATE_API_KEY }}\n          test-plan-id: "274"\n'
    expect("key and plan are in the workflow", given in README, True)
    return README.replace(given, "          demo: true\n")


def two_gates(opened: Open) -> None:
    """Two gates in a job: each has its own outputs, reports and cleanup, and the red one makes the job red."""
    with opened(Scenario({274: RED, 275: GREEN})) as here:
        played = here.play(README + _SECOND)
        played.expect(1, "Run Post Run the test plan", "Run Post Run the second test plan")
        ended = {name: here.outputs(name)["CONCLUSION"] for name in here.artifacts()}
        expect("conclusions", ended, {"testgate-report": "failed", "second": "passed"})


def matrix(opened: Open) -> None:
    """Three legs and the job that merges their reports."""
    with opened(GREEN) as here:
        here.play(_MATRIX).expect(0, "PASSED: ")
        legs = [f"testgate-{browser}-1" for browser in ("chrome", "firefox", "safari")]
        expect("artifacts", here.artifacts(), sorted([*legs, "testgate-report-1"]))
        expect("merged", here.outputs("testgate-report-1")["TOTAL"], "6")


def red_matrix(opened: Open) -> None:
    """Red legs: the merge says so."""
    with opened(RED) as here:
        here.play(_MATRIX).expect(1, "FAILED: ")
        expect("merged", here.outputs("testgate-report-1")["FAILED"], "3")


def history(opened: Open) -> None:
    """The second build knows the failures of the first."""
    with opened(RED) as here:
        here.play(_HISTORY).expect(1)
        expect("first", here.outputs("testgate-report-1")["KNOWN_FAILURES"], "")
        here.play(_HISTORY, environ={"GITHUB_RUN_ID": "2"}).expect(1, "restored /share/caches/testgate-history-main-")
        second = here.outputs("testgate-report-1")
        expect("second", (second["NEW_FAILURES"], second["KNOWN_FAILURES"]), ("0", "1"))


def comment(opened: Open) -> None:
    """A comment on a pull request, on a stand-in for the forge."""
    server = GitHubServer(knows_itself=False)
    server.base = "/api"
    with opened(RED) as here, Simulator(server) as forge:
        played = here.play(_COMMENT, event="pull_request", environ={"GITHUB_API_URL": forge.url})
        played.expect(1, "FAILED: ", "comment written")
        (body,) = server.bodies
        expect("the comment names the failed test", "**Pay**" in body, True)


def reusable(opened: Open) -> None:
    """The reusable workflow, called from the same repository: its outputs reach a later job."""
    page = (FACES / "github" / "README.md").read_text(encoding="utf-8")
    caller = page.partition("```yaml\n")[2].partition("```")[0]
    local = re.sub(r"your-org/testgate/(\.github/workflows/)testgate\.yml@main", r"./\1called.yml", caller)
    expect("the workflow is called by its place", local == caller, False)
    with opened(GREEN) as here:
        played = here.play(local, more={".github/workflows/called.yml": _REUSABLE})
        (run,) = here.stage.vendor.runs
        played.expect(0, "PASSED: ", "The test run is at http://127.0.0.1:", f"/ui/td/runs/{run.id}")
        expect("conclusion", here.outputs()["CONCLUSION"], "passed")


def testifly(opened: Open) -> None:
    """The workflow for Testifly, with the stand-in's URL and ids in place of those to replace."""
    with opened(one_feature(TestiflyTest("Login"), TestiflyTest("Logout"))) as here:
        written = {
            "https://testifly.example.com": here.stage.vendor.url,
            "67f8cb3fe236b8d41b770001": PROJECT_ID,
            "67f8cb3fe236b8d41b7700ac": FEATURE_ID,
        }
        expect("what is to replace", all(text in _TESTIFLY for text in written), True)
        workflow = re.sub("|".join(map(re.escape, written)), lambda match: written[match[0]], _TESTIFLY)
        here.play(workflow).expect(0, "PASSED: ", _CLEANED)
        expect("total", here.outputs()["TOTAL"], "2")


def relatives(opened: Open) -> None:
    """The workflows for Gitea and Forgejo, whose runners come from act."""
    for name, log in {"gitea": "PASSED: ", "forgejo": "PASSED: "}.items():
        with opened(GREEN) as here:
            text = (EXAMPLES / name / "testgate.yml").read_text(encoding="utf-8")
            workflow = re.sub(r"uses: https://[^/]+/", "uses: ", text)  # act itself knows no other servers
            here.play(workflow, environ={f"{name.upper()}_ACTIONS": "true"}).expect(0, log, "The test run is at http")
            expect("conclusion", here.outputs()["CONCLUSION"], "passed")


SAMPLE = (hostile, cancelled)
CASES = (
    passing,
    hostile,
    flaky,
    cancelled,
    demo,
    two_gates,
    matrix,
    red_matrix,
    history,
    comment,
    reusable,
    testifly,
    relatives,
    host_mode,
)
