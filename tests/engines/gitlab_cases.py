"""What is played in `gitlab-ci-local`, and what must come out. Each case gets a function that opens a project.

This engine ends the containers of its jobs at Ctrl-C and plays no `after_script` then, and it has no canceled jobs. So
the signals are those that GitLab Runner sends to the processes of a job.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager

from testgate.demo.testsigma.scenarios import Scenario
from tests.engines.gitlab import GitLab
from tests.engines.stage import EXAMPLES, FACES, FLAKY, FORBIDDEN, HOSTILE, AnyScenario, expect
from tests.support.vendor import ENDLESS, GREEN, RED

Open = Callable[[AnyScenario], AbstractContextManager[GitLab]]
PIPELINE = (EXAMPLES / "gitlab" / ".gitlab-ci.yml").read_text(encoding="utf-8")
_MATRIX = (EXAMPLES / "gitlab" / "matrix.gitlab-ci.yml").read_text(encoding="utf-8")
_HISTORY = (EXAMPLES / "gitlab" / "history.gitlab-ci.yml").read_text(encoding="utf-8")
_GATES = (EXAMPLES / "gitlab" / "two-gates.gitlab-ci.yml").read_text(encoding="utf-8")
_COMPONENT = (FACES / "gitlab" / "templates" / "testgate.yml").read_text(encoding="utf-8")
_INCLUDING = """
stages: [test, show]

include:
  - local: templates/testgate.yml
    inputs:
      test-plan-id: "274"
      rerun-failed: "2"
      job-name: plan
      report-dir: plan-reports
"""
_READ = """
read:
  stage: show
  image: alpine:3
  needs: [testgate]
  when: always
  script:
    - env -0 | grep -z ^TESTGATE_OUT_ | tr '\\0' '\\n' >/share/read
"""
_TWO = """
gate:
  stage: test
  image:
    name: ghcr.io/your-org/testgate:0
    entrypoint: [""]
  variables:
    TESTGATE_TEST_PLAN_ID: "274"
  script:
    - testgate || code=$?
    - TESTGATE_TEST_PLAN_ID=275 testgate
    - exit "${code:-0}"
  artifacts:
    when: always
    paths: [testgate-report*/]
"""


def passing(opened: Open) -> None:
    """Green: one run, and the next job reads the outputs."""
    with opened(GREEN) as here:
        here.play(PIPELINE).expect(0, "PASSED: ", "passed, see http://")
        expect("runs", here.stage.triggers(), 1)


def hostile(opened: Open) -> None:
    """Red, with hostile names: the next job reads exactly the variables of the dotenv report, and nothing runs."""
    with opened(HOSTILE) as here:
        here.play(PIPELINE + _READ).expect(1, "FAILED: ", "failed, see http://")
        expect("failed", here.outputs()["FAILED"], "6")
        read = (here.stage.share / "read").read_text(encoding="utf-8")
        arrived = dict(line.split("=", 1) for line in read.splitlines())
        expect("variables in the next job", arrived, dict(here.dotenv()))
        expect("a name ran as a command", (here.stage.share / FORBIDDEN).exists(), False)


def flaky(opened: Open) -> None:
    """A test that passes in its rerun."""
    with opened(FLAKY) as here:
        here.play(PIPELINE, {"TESTGATE_RERUN_FAILED": "2"}).expect(0, "PASSED: ")
        expect("flaky", here.outputs()["FLAKY"], "1")


def cancelled(opened: Open) -> None:
    """SIGTERM to the job, as GitLab Runner sends it: the script itself stops the run, and leaves its reports."""
    with opened(ENDLESS) as here, here.started(PIPELINE) as running:
        running.wait_for("a poll of the run", lambda: "running: " in running.log)
        here.signal("TERM")
        running.end().expect(1, "CANCELLED: cancelled by SIGTERM", "cancelled, see http://")
        expect("stopped", here.stage.stopped(), [str(run.id) for run in here.stage.vendor.runs])
        expect("left running", here.outputs()["LEFT_RUNNING"], "")


def killed(opened: Open) -> None:
    """SIGKILL, after which only `after_script` can stop the run. `failed` stands in for the status `canceled`."""
    status = '"$CI_JOB_STATUS" = canceled'
    expect("the condition is in the pipeline", status in PIPELINE, True)
    pipeline = PIPELINE.replace(status, '"$CI_JOB_STATUS" = failed')
    with opened(ENDLESS) as here, here.started(pipeline) as running:
        running.wait_for("a poll of the run", lambda: "running: " in running.log)
        here.signal("KILL")
        running.end().expect(1, "STOP-CONFIRMED: ")
        expect("stopped", here.stage.stopped(), [str(run.id) for run in here.stage.vendor.runs])


def demo(opened: Open) -> None:
    """A demo: red, and nothing is sent to the platform."""
    with opened(GREEN) as here:
        environ = {"TESTGATE_API_KEY": "", "TESTGATE_BASE_URL": "", "TESTGATE_DEMO": "true"}
        here.play(PIPELINE.replace('TESTGATE_TEST_PLAN_ID: "274"', 'TESTGATE_DEMO: "true"'), environ).expect(
            1, "nothing real was tested", "FAILED: Web shop: nightly regression"
        )
        expect("requests", len(here.stage.vendor.requests), 0)


def two_gates(opened: Open) -> None:
    """Two gates in a job: each has its own reports, and the red one decides."""
    with opened(Scenario({274: RED, 275: GREEN})) as here:
        here.play(_TWO).expect(1, "FAILED: ", "PASSED: ")
        ended = [here.outputs("gate", folder)["CONCLUSION"] for folder in ("testgate-report", "testgate-report-2")]
        expect("conclusions", ended, ["failed", "passed"])


def gates_in_two_jobs(opened: Open) -> None:
    """Two gates in a pipeline: a later job reads the outputs of both, and the red one decides."""
    with opened(Scenario({274: RED, 318: GREEN})) as here:
        here.play(_GATES).expect(1, "smoke: failed, see http", "checkout: passed, see http")
        folders = {name: f"testgate-report-{name}" for name in ("smoke", "checkout")}
        ended = [here.outputs(job, folder)["CONCLUSION"] for job, folder in folders.items()]
        expect("conclusions", ended, ["failed", "passed"])


def matrix(opened: Open) -> None:
    """Three legs and the job that merges their reports, green and red."""
    for plan, code, failed in ((GREEN, 0, "0"), (RED, 1, "3")):
        with opened(plan) as here:
            here.play(_MATRIX).expect(code)
            merged = here.outputs("verdict")
            expect("merged", (merged["TOTAL"], merged["FAILED"]), ("6", failed))


def history(opened: Open) -> None:
    """The second pipeline knows the failures of the first."""
    with opened(RED) as here:
        here.play(_HISTORY).expect(1)
        expect("first", here.outputs()["KNOWN_FAILURES"], "")
        here.play(_HISTORY).expect(1)
        second = here.outputs()
        expect("second", (second["NEW_FAILURES"], second["KNOWN_FAILURES"]), ("0", "1"))


def component(opened: Open) -> None:
    """The component, included from the project itself: its inputs arrive, and the reports are kept."""
    with opened(FLAKY) as here:
        here.play(_INCLUDING, more={"templates/testgate.yml": _COMPONENT}).expect(0, "PASSED: ")
        outputs = here.outputs("plan", "plan-reports")
        expect("outputs", (outputs["FLAKY"], outputs["REPORT_DIR"]), ("1", "plan-reports"))


def killed_component(opened: Open) -> None:
    """SIGKILL to the component's job: its `after_script` stops the run, though the inputs say something else."""
    component = _COMPONENT.replace('"$CI_JOB_STATUS" = canceled', '"$CI_JOB_STATUS" = failed')
    expect("the condition is in the component", component == _COMPONENT, False)
    with opened(ENDLESS) as here, here.started(_INCLUDING, {"templates/testgate.yml": component}) as running:
        running.wait_for("a poll of the run", lambda: "running: " in running.log)
        here.signal("KILL")
        running.end().expect(1, "STOP-CONFIRMED: ")
        expect("stopped", here.stage.stopped(), [str(run.id) for run in here.stage.vendor.runs])


SAMPLE = (hostile, cancelled, component)
CASES = (
    passing,
    hostile,
    flaky,
    cancelled,
    killed,
    demo,
    two_gates,
    gates_in_two_jobs,
    matrix,
    history,
    component,
    killed_component,
)
