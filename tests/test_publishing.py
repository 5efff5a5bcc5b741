"""Every way out of a step leaves its reports, its outputs and an honest exit code."""

import io
import json
import re
import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from xml.etree import ElementTree as ET

import pytest

from testgate.edges.claims import claim, report_filenames
from testgate.edges.places import Places
from testgate.edges.programs import Done, Programs
from testgate.edges.signals import Signals
from testgate.edges.workspace import Workspace
from testgate.errors import Refused, ReportError
from testgate.gate.outputs import OUTPUTS, with_files
from testgate.model import Conclusion, Earlier, Outcome, TestResult
from testgate.platforms import PLATFORMS
from testgate.ports import ReportEntry
from testgate.publishing import MOST_PROBLEMS, Publisher
from testgate.reports import REPORTS
from testgate.results import Gate, Policy, Verdict
from tests.grammars.github import Command, command_of, lines_of, values_of
from tests.reports.samples import TESTS, gate, judged
from tests.support.marks import full
from tests.support.steps import step_of
from tests.support.surroundings import load

SECRET = 's3cret_<key>"&'
REPORT_FILES = {*report_filenames(REPORTS), "outputs.env"}
REPORT_OUTPUTS = dict.fromkeys([f"{name}-file" for name in REPORTS], "")
FURTHER_FILES = {"jenkins": {"outputs.properties"}, "gitlab": {"annotations.json"}}
GREEN = gate(Conclusion.PASSED, "all passed", judged(Conclusion.PASSED, "all passed", TESTS[:2]))
RED = gate(Conclusion.FAILED, "2 failed", judged(Conclusion.FAILED, "2 failed", TESTS))


class PublishedStep:
    """A step that publishes into a folder, and what it left there."""

    def __init__(
        self,
        folder: Path,
        *,
        platform: str = "github",
        places: Places = Places(),  # noqa: B008  # immutable
        reports: Mapping[str, ReportEntry] = REPORTS,
        annotations: bool = True,
        job_summary: bool = True,
        programs: Programs | None = None,
        more: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Put the parts together as the program does; `more` is added to the environment."""
        self.folder = folder
        self.stream = io.StringIO()
        self.report_dir = folder / places.folder
        names = {"GITHUB_OUTPUT": "output", "GITHUB_STATE": "state", "GITHUB_STEP_SUMMARY": "step_summary"}
        environ = {name: str(folder / file) for name, file in names.items()} | {"GITHUB_RUN_ID": "1", **more}
        step = step_of(load(platform, environ), folder, self.stream, secrets=[SECRET], programs=programs)
        self.journal = step.journal
        self.publisher = Publisher(step, reports, places, annotations=annotations, job_summary=job_summary)

    def publish(self, whole: Gate, policy: Policy = Policy()) -> int:  # noqa: B008  # immutable
        """Publish the gate."""
        return self.publisher.publish(whole, policy)

    @property
    def log(self) -> str:
        """Everything that was printed."""
        return self.stream.getvalue()

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs that later steps get."""
        return values_of((self.folder / "output").read_text(encoding="utf-8"))

    @property
    def commands(self) -> list[Command]:
        """The commands in the log."""
        return [command for line in lines_of(self.log) if (command := command_of(line))]

    @property
    def everything(self) -> str:
        """The log and the content of every file."""
        files = [path.read_text(encoding="utf-8") for path in sorted(self.folder.rglob("*")) if path.is_file()]
        return "\n".join([self.log, *files])


class RecordingPrograms(Programs):
    """The programs of the CI, and how long the step would wait for them."""

    def __init__(self) -> None:
        super().__init__(lambda _command, _text, _seconds: Done(0, ""), str)
        self.seconds: list[float] = []

    def settle(self, seconds: float) -> ReportError | None:
        """Record the time limit."""
        self.seconds.append(seconds)
        return super().settle(seconds)


def without_runs(conclusion: Conclusion) -> Gate:
    """The gate of a step without runs."""
    return Gate("TestGate", Verdict(conclusion, "why it ended"), conclusion.exit_code, remedy="Do this.")


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("conclusion", Conclusion)
def test_every_way_out_leaves_everything(tmp_path: Path, platform: str, conclusion: Conclusion) -> None:
    """With or without runs, there are reports, outputs, the reason and the exit code."""
    for number, whole in enumerate(
        [without_runs(conclusion), gate(conclusion, "why it ended", judged(conclusion, "why it ended", TESTS))]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        step = PublishedStep(folder, platform=platform)
        assert step.publish(whole) == whole.exit_code
        assert {path.name for path in step.report_dir.iterdir()} == REPORT_FILES | FURTHER_FILES.get(platform, set())
        assert len(list(ET.parse(step.report_dir / "junit.xml").iter("testcase"))) >= 1  # noqa: S314  # made here
        assert "why it ended" in (step.report_dir / "summary.md").read_text(encoding="utf-8")
        held = json.loads((step.report_dir / "outputs.json").read_text(encoding="utf-8"))
        assert held["TESTGATE_OUT_CONCLUSION"] == conclusion.value
        assert f"{conclusion.upper()}: why it ended" in step.log
        assert step.log.rstrip().splitlines()[-1].startswith(f"  Exit code: {whole.exit_code}")
        if platform == "github":
            assert list(step.outputs) == list(with_files(OUTPUTS, REPORT_OUTPUTS))
            assert step.outputs["junit-file"] == "testgate-report/junit.xml"
            assert "why it ended" in (folder / "step_summary").read_text(encoding="utf-8")
            assert values_of((folder / "state").read_text(encoding="utf-8"))["ended"] == "true"


def test_a_report_that_cannot_be_written_turns_green_to_red(tmp_path: Path) -> None:
    """Conclusion, outputs and exit code say so, and the log says what to do."""
    step = PublishedStep(tmp_path)
    (tmp_path / "testgate-report" / "junit.xml").mkdir(parents=True)
    assert step.publish(GREEN) == 8
    assert step.outputs["conclusion"] == "report-error"
    assert "could not write" in step.outputs["reason"]
    assert (step.outputs["junit-file"], step.outputs["summary-file"]) == ("", "testgate-report/summary.md")
    assert "What to do: Check that the directory is writable" in step.log
    assert "REPORT-ERROR" in step.log


def test_a_missing_report_never_hides_another_conclusion(tmp_path: Path) -> None:
    """A red step stays red, and one that `fail-on` keeps green stays green."""
    for number, (policy, whole) in enumerate(
        [(Policy(), RED), (Policy(fail_on=frozenset()), RED._replace(exit_code=0))]
    ):
        (tmp_path / str(number)).mkdir()
        step = PublishedStep(tmp_path / str(number), places=Places("../elsewhere"))
        assert step.publish(whole, policy) == whole.exit_code
        assert step.outputs["conclusion"] == "failed"
        assert "warning: the path '../elsewhere/junit.xml' leads outside the workspace" in step.log


def test_fail_on_without_report_error_is_green_with_a_warning(tmp_path: Path) -> None:
    """The user said that a missing report doesn't matter."""
    step = PublishedStep(tmp_path)
    (tmp_path / "testgate-report").write_text("in the way", encoding="utf-8")
    assert step.publish(GREEN, Policy(fail_on=frozenset({Conclusion.FAILED}))) == 0
    assert step.outputs["conclusion"] == "report-error"
    assert "Exit code: 0 (`fail-on` does not include this result)" in step.log
    assert [command.name for command in step.commands] == ["warning"]


def test_outputs_that_cannot_be_written_turn_green_to_red(tmp_path: Path) -> None:
    """Later steps wait for a conclusion."""
    for file in ("output", "testgate-report/outputs.json"):
        folder = tmp_path / file.replace("/", "-")
        (folder / file).mkdir(parents=True)
        programs = RecordingPrograms()
        step = PublishedStep(folder, programs=programs)
        assert step.publish(GREEN) == 8
        assert programs.seconds == [20.0, 3.0]  # the correction has to arrive too
        assert "REPORT-ERROR" in step.log
        if file != "output":
            assert step.outputs["conclusion"] == "report-error"


class Buggy:
    """A report with a bug."""

    filename = "junit.xml"

    def render(self, _gate: Gate, *, limit: int | None = None) -> Iterator[str]:
        """Fail in the middle."""
        yield f"half of {limit}"
        raise KeyError("no such thing")


def test_a_bug_in_a_report_affects_no_other_report(tmp_path: Path) -> None:
    """Outputs are written, too, and the log contains the traceback."""
    step = PublishedStep(tmp_path, reports={**REPORTS, "junit": REPORTS["junit"]._replace(load=Buggy)})
    assert step.publish(GREEN) == 8
    assert {path.name for path in step.report_dir.iterdir()} == REPORT_FILES - {"junit.xml"}
    assert step.outputs["conclusion"] == "report-error"
    assert "KeyError: 'no such thing'" in step.log
    assert "Please report it" in step.log


def test_a_bug_in_a_report_does_not_change_a_red_conclusion(tmp_path: Path) -> None:
    """A failed step stays failed."""
    step = PublishedStep(tmp_path, reports={**REPORTS, "summary": REPORTS["summary"]._replace(load=Buggy)})
    assert step.publish(RED) == 1
    assert step.outputs["conclusion"] == "failed"


def test_the_summary_of_the_ci_is_appended_to(tmp_path: Path) -> None:
    """The text of earlier steps is kept."""
    (tmp_path / "step_summary").write_text("# Before", encoding="utf-8")
    step = PublishedStep(tmp_path)
    step.publish(RED)
    text = (tmp_path / "step_summary").read_text(encoding="utf-8")
    assert text.startswith("# Before\n## ")
    assert "2 failed" in text


def test_a_tolerated_conclusion_is_shown_as_issues_by_azure(tmp_path: Path) -> None:
    """For other conclusions, the exit code is enough."""
    for number, (whole, shown) in enumerate([(RED._replace(exit_code=0), True), (RED, False), (GREEN, False)]):
        (tmp_path / str(number)).mkdir()
        step = PublishedStep(tmp_path / str(number), platform="azure", more={"TF_BUILD": "True"})
        step.publish(whole)
        assert ("##vso[task.complete result=SucceededWithIssues;]" in step.log) is shown


@pytest.mark.parametrize("conclusion", Conclusion)
def test_the_end_waits_for_programs_but_not_long_after_a_cancel(tmp_path: Path, conclusion: Conclusion) -> None:
    """A CI kills the step soon after a cancel."""
    programs = RecordingPrograms()
    PublishedStep(tmp_path, programs=programs).publish(without_runs(conclusion))
    assert programs.seconds == [3.0 if conclusion is Conclusion.CANCELLED else 20.0]


@pytest.mark.parametrize("held", [0, *map(full, (500_000, 1_047_500)), 1_048_000, 1_048_576, full(2_000_000)])
def test_the_summary_stays_below_the_limit_of_the_ci(tmp_path: Path, held: int) -> None:
    """One byte more, and the CI would drop all of it."""
    (tmp_path / "step_summary").write_bytes(b"x" * held)
    tests = tuple(
        TestResult(str(n), f"test {n} é", Outcome.FAILED, message="line\n" * 200, suite="Shop") for n in range(3_000)
    )
    step = PublishedStep(tmp_path)
    assert step.publish(gate(Conclusion.FAILED, "many failed", judged(Conclusion.FAILED, "many failed", tests))) == 1
    size = (tmp_path / "step_summary").stat().st_size
    assert held <= size <= max(held, 1_048_576)
    if held <= 1_040_000:
        assert size > held


def test_summary_and_annotations_can_be_switched_off(tmp_path: Path) -> None:
    """Problems are lines of the log then."""
    step = PublishedStep(tmp_path, annotations=False, job_summary=False)
    step.publish(RED)
    assert not (tmp_path / "step_summary").exists()
    assert not step.commands
    assert "error: Checkout / Pay by card (Chrome 131 on Windows 11): Expected the heading" in step.log


def many(conclusion: Conclusion, number: int = 25) -> Gate:
    """A step with many failed tests."""
    tests = tuple(TestResult(str(n), f"test {n}", Outcome.FAILED, "FAILURE") for n in range(number))
    return gate(conclusion, "why it ended", judged(conclusion, "why it ended", tests))


@pytest.mark.parametrize("conclusion", [Conclusion.FAILED, Conclusion.TIMED_OUT, Conclusion.PLATFORM_ERROR])
def test_no_more_problems_than_the_runner_keeps(tmp_path: Path, conclusion: Conclusion) -> None:
    """The verdict comes first."""
    step = PublishedStep(tmp_path)
    step.publish(many(conclusion))
    errors = [command for command in step.commands if command.name == "error"]
    assert len(errors) == MOST_PROBLEMS == 10
    reasons = [command for command in errors if command.properties["title"].startswith("TestGate")]
    assert reasons == errors[:1]
    left = 25 - 10 + len(reasons)
    assert f"… and {left} more tests that did not pass; see testgate-report/junit.xml for all of them" in step.log


def test_the_most_severe_tests_are_shown_first(tmp_path: Path) -> None:
    """The verdict, failed tests, errors, and tests that did not run in one line, with their names."""
    step = PublishedStep(tmp_path)
    step.publish(RED)
    errors = [command.properties["title"] for command in step.commands if command.name == "error"]
    assert [title.split(" (")[0] for title in errors] == [
        "TestGate: failed",
        "Checkout / Pay by card",
        "Checkout / Pay by card",
        "Checkout / Pay by invoice",
        "2 tests did not run",
    ]
    messages = [command.data for command in step.commands]
    assert messages[2].endswith(": the platform reported the result FAILURE without a message")
    assert messages[2].startswith("Checkout / Pay by card")  # the log shows no titles
    assert messages[4].startswith("2 tests did not run: Orders / Order history")
    assert "Orders / Cancel an order" in messages[4]


def test_tolerated_failures_are_warnings(tmp_path: Path) -> None:
    """A green step shows no errors."""
    step = PublishedStep(tmp_path)
    step.publish(RED._replace(exit_code=0), Policy(fail_on=frozenset()))
    assert {command.name for command in step.commands} == {"warning"}


def test_tests_of_several_runs_are_shown_with_the_name_of_their_run(tmp_path: Path) -> None:
    """Every run has its own line at the end."""
    step = PublishedStep(tmp_path)
    runs = [judged(Conclusion.FAILED, "x", TESTS[2:3], plan=n, name=f"Plan {n}") for n in (1, 2)]
    step.publish(gate(Conclusion.FAILED, "x", *runs))
    titles = [command.properties["title"] for command in step.commands]
    assert [title.split(" / ")[0] for title in titles] == ["TestGate: failed", "Plan 1", "Plan 2"]


def test_problems_are_spread_over_runs_and_causes(tmp_path: Path) -> None:
    """Three plans with fifteen failures each, most of them with one cause: each plan and each cause is shown."""
    step = PublishedStep(tmp_path)
    runs = []
    for plan in (1, 2, 3):
        failures = tuple(
            TestResult(str(n), f"test {n}", Outcome.FAILED, message=f"Timeout after {n} s" if n < 14 else "No button")
            for n in range(15)
        )
        runs.append(judged(Conclusion.FAILED, "x", failures, plan=plan, name=f"Plan {plan}"))
    step.publish(gate(Conclusion.FAILED, "3 of 3 runs ended as failed", *runs))
    first, *tests = [command for command in step.commands if command.name == "error"]
    assert first.data == "TestGate: failed: 3 of 3 runs ended as failed"
    assert len(tests) == MOST_PROBLEMS - 1
    for plan in (1, 2, 3):
        mine = [command.data for command in tests if command.properties["title"].startswith(f"Plan {plan} ")]
        assert len(mine) == 3
        assert sum("No button" in each for each in mine) == 1


def test_flaky_tests_of_a_green_step_are_told_once(tmp_path: Path) -> None:
    """Where people see them, in one line."""
    step = PublishedStep(tmp_path)
    failed_first = (Earlier(Outcome.FAILED),)
    tests = tuple(TestResult(str(n), f"test {n}", Outcome.PASSED, earlier=failed_first) for n in range(12))
    step.publish(gate(Conclusion.PASSED, "x", judged(Conclusion.PASSED, "x", tests)))
    (notice,) = [command for command in step.commands if command.name == "notice"]
    assert notice.properties["title"] == "12 tests passed only in a rerun"
    assert notice.data.count("test 1") == 1
    assert notice.data.endswith("and 2 more")


def test_each_run_has_its_line(tmp_path: Path) -> None:
    """With its conclusion and page."""
    step = PublishedStep(tmp_path)
    runs = [judged(Conclusion.FAILED, "x", TESTS[2:3], plan=n, name=f"Plan {n}") for n in (1, 2)]
    step.publish(gate(Conclusion.FAILED, "x", *runs))
    assert "  Plan 2: failed  https://" in step.log


def test_the_last_lines_say_what_to_do(tmp_path: Path) -> None:
    """Verdict, page, notes, remedy, running runs, reports and exit code are shown in this order."""
    step = PublishedStep(tmp_path, places=Places("out", {"junit.xml": "xml/result.xml"}))
    whole = RED._replace(notes=["A note."], remedy="Do this.", left_running=["337"], demo=True)
    step.publish(whole)
    tail = step.log[step.log.index("FAILED: ") :].splitlines()
    assert tail == [
        "FAILED: 2 failed",
        "  https://app.testsigma.com/ui/td/runs/337",
        "  A note.",
        "  What to do: Do this.",
        "  May still be running on the platform: 337",
        f"  Reports: out/ ({', '.join(['xml/result.xml', *report_filenames(REPORTS)[1:]])})",
        "  Exit code: 1",
    ]
    assert (tmp_path / "xml/result.xml").exists()
    assert [command.name for command in step.commands if "demo" in command.properties.get("title", "")] == ["notice"]


def test_no_secret_survives_any_escaping(tmp_path: Path) -> None:
    """Secrets are removed before a page, a report or a command escapes them."""
    fault = Refused(f"GET /x answered 400: {SECRET}", status=400, remedy=f"Not {SECRET}")
    run = judged(Conclusion.PLATFORM_ERROR, f"could not: {SECRET}", fault=fault, started=False)
    whole = gate(Conclusion.PLATFORM_ERROR, f"could not: {SECRET}", run)
    whole = whole._replace(title=f"Plan {SECRET}", remedy=f"Check {SECRET}", notes=[f"Note {SECRET}"])
    for platform in PLATFORMS:
        folder = tmp_path / platform
        folder.mkdir()
        step = PublishedStep(folder, platform=platform)
        assert step.publish(whole) == 3
        assert not re.search(r"s3cret.{0,9}key", step.everything)
        assert "could not: ***" in step.log


def test_a_directory_outside_the_workspace_is_a_report_error(tmp_path: Path) -> None:
    """It is refused when a report is written, and not before."""
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "out").symlink_to("/")
    for given in ("loop", "out", "../x"):
        assert claim(Workspace(tmp_path, str), given, "job-1", REPORT_FILES) == given
        folder = tmp_path / f"step-{given.strip('./')}"
        folder.mkdir()
        (folder / "loop").symlink_to("loop")
        (folder / "out").symlink_to("/")
        step = PublishedStep(folder, places=Places(given))
        assert step.publish(GREEN) == 8
        assert step.outputs["conclusion"] == "report-error"


def test_every_report_of_an_earlier_job_is_removed() -> None:
    """None of them is left out."""
    assert {entry.filename for entry in REPORTS.values()} | {"outputs.json"} == set(report_filenames(REPORTS))


def test_the_first_outputs_are_in_the_directory_before_the_end(tmp_path: Path) -> None:
    """A CI that reads them from there finds the ids even after a kill."""
    step = PublishedStep(tmp_path, platform="plain")
    step.publisher.hand_out_first({"run-id": "337"})
    assert (step.report_dir / "outputs.env").read_text(encoding="utf-8") == "TESTGATE_OUT_RUN_ID='337'\n"
    step.publish(GREEN)
    assert "TESTGATE_OUT_CONCLUSION='passed'\n" in (step.report_dir / "outputs.env").read_text(encoding="utf-8")


def test_a_cancelled_step_leaves_time_for_its_outputs(tmp_path: Path) -> None:
    """A report that takes too long is given up and told; the outputs are written."""
    made = PublishedStep(tmp_path)
    step = made.publisher.step
    clock = iter(range(0, 1_000_000, 2))
    world = step.world._replace(monotonic=lambda: float(next(clock)), signals=Signals(received=[signal.SIGTERM]))
    publisher = Publisher(step._replace(world=world), REPORTS, Places())
    cancelled = RED._replace(verdict=RED.verdict._replace(conclusion=Conclusion.CANCELLED), exit_code=143)
    assert publisher.publish(cancelled, Policy()) == 143
    assert "there is no time to write a report of this size" in made.log
    assert (tmp_path / "testgate-report" / "outputs.json").exists()
    assert not (tmp_path / "testgate-report" / "ctrf.json").exists()


@pytest.mark.parametrize(
    ("platform", "more", "inside", "told"),
    [
        ("plain", {}, True, True),
        ("plain", {}, False, False),
        ("plain", {"CI": "true"}, True, False),
        ("circleci", {}, True, False),
    ],
)
def test_reports_that_end_with_their_container_are_told(
    tmp_path: Path, platform: str, more: dict[str, str], inside: bool, told: bool
) -> None:
    """Only to people: a CI that runs the container as its job collects them."""
    published = PublishedStep(tmp_path, platform=platform, more=more)
    step = published.publisher.step
    environ = {name: value for name, value in step.world.environ.items() if name != "CI"} | more
    world = step.world._replace(ends_with_container=lambda: inside, environ=environ)
    published.publisher.step = step._replace(world=world)
    published.publish(GREEN)
    assert ("The reports are lost with this container" in published.stream.getvalue()) is told
