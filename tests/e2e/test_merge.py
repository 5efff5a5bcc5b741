"""A matrix of jobs, each a step against the simulator, and the step that merges their reports."""

import json
import shutil
from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import one_plan
from tests.support.builds import MAIN, Builds, plan
from tests.support.step import Left, run
from tests.support.vendor import cases, inputs, simulator

EVERY = "chrome, edge, safari"


class Matrix:
    """The jobs of one build; each leaves its report in the folder that the merging job gets."""

    def __init__(self, folder: Path) -> None:
        self._builds = Builds(folder / "jobs")
        self.workspace = folder / "merge"
        self.workspace.mkdir()

    def job(self, leg: str, letters: str, *, attempt: int = 1, number: int = 1, **more: str) -> Left:
        """One job; its artifact is kept also if it fails."""
        folder = self._builds.workspace(number * 1000 + sum(map(ord, leg)), attempt)
        with simulator(one_plan(plan(letters))) as server:
            extra = self._builds.environment(folder, number, MAIN, attempt)
            left = run(folder, inputs(server, leg=leg, **more), extra=extra)
        place = self.workspace / "testgate-reports" / f"testgate-{leg}-{attempt}"
        shutil.copytree(folder / "testgate-report", place)
        return left

    def merge(self, *, attempt: int = 1, **given: str) -> Left:
        """The step that merges."""
        named = {name.replace("_", "-"): value for name, value in given.items()}
        extra = self._builds.environment(self.workspace, 1, MAIN, attempt)
        return run(self.workspace, {"command": "merge", **named}, extra=extra)


def test_a_matrix_has_one_verdict(tmp_path: Path) -> None:
    """One red leg of three; every report names the legs."""
    matrix = Matrix(tmp_path)
    for leg, letters in (("chrome", "PPPP"), ("edge", "PFPP"), ("safari", "PPPP")):
        matrix.job(leg, letters)
    left = matrix.merge(merge_expect=EVERY)
    assert (left.code, left.outputs["conclusion"]) == (1, "failed"), left.log
    assert left.outputs["reason"].startswith("1 of 3 legs ended as failed (edge): Web shop: nightly regression")
    assert (left.outputs["total"], left.outputs["passed"], left.outputs["failed"]) == ("12", "11", "1")
    assert [each["name"].rpartition(" ")[2] for each in left.runs] == ["(chrome)", "(edge)", "(safari)"]
    assert json.loads(left.outputs["failed-tests"]) == ["Pay (edge)"]
    assert [each["leg"] for each in left.runs] == ["chrome", "edge", "safari"]
    assert "Pay is broken" in left.summary
    assert "nightly regression (edge)" in left.summary
    names = {suite.get("name") for suite in left.junit.iter("testsuite")}
    assert {name.split(" / ")[1] for name in names if name} == {"chrome", "edge", "safari"}
    report = json.loads(left.report("ctrf.json"))
    assert len({test["testId"] for test in report["results"]["tests"]}) == 12
    assert "Pay is broken" in left.report("report.html")


def test_the_identity_of_a_test_is_that_of_its_leg(tmp_path: Path) -> None:
    """In the merged report as in its own, so that whoever follows a test by its id finds it."""
    matrix = Matrix(tmp_path)
    own = matrix.job("chrome", "PFPP")
    left = matrix.merge(merge_expect="1")
    of_leg, of_whole = (json.loads(each.report("ctrf.json"))["results"]["tests"] for each in (own, left))
    assert [test["testId"] for test in of_leg] == [test["testId"] for test in of_whole]
    assert cases(own) == cases(left)


def test_only_the_newest_attempt_of_a_leg_counts(tmp_path: Path) -> None:
    """The button to rerun failed jobs runs the red leg again, and then the merging job."""
    matrix = Matrix(tmp_path)
    matrix.job("chrome", "PPPP")
    matrix.job("safari", "PFPP")
    assert matrix.merge(merge_expect="2").code == 1
    matrix.job("safari", "PPPP", attempt=2)
    left = matrix.merge(merge_expect="2", attempt=2)
    assert left.outputs["reason"] == "all 2 legs passed: chrome, safari"


@pytest.mark.parametrize(("expect", "reason"), [(EVERY, "the leg 'safari' left no report"), ("3", "wants 3 legs")])
def test_a_missing_leg_is_red(tmp_path: Path, expect: str, reason: str) -> None:
    """Its job was killed, or its artifact got lost."""
    matrix = Matrix(tmp_path)
    matrix.job("chrome", "PPPP")
    matrix.job("edge", "PPPP")
    left = matrix.merge(merge_expect=expect)
    assert (left.code, left.outputs["conclusion"]) == (3, "platform-error")
    assert reason in left.outputs["reason"]
    errors = [str(each.get("message")) for each in left.junit.iter("error")]
    assert any(reason in each for each in errors), errors


def test_a_report_of_another_build_is_refused_by_name(tmp_path: Path) -> None:
    """A folder that stays keeps old ones."""
    matrix = Matrix(tmp_path)
    matrix.job("chrome", "PPPP", number=2)
    left = matrix.merge(merge_expect="any")
    assert left.code == 6
    assert "testgate-reports/testgate-chrome-1/ctrf.json is of another build, 1002; this one is 1001" in left.log


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "`merge-expect`: required for command merge. Example: chrome, firefox, safari"),
        ({"merge_expect": "0"}, "`merge-expect`: must be from 1 to 200"),
        ({"merge_expect": "any", "merge_from": "../**/ctrf.json"}, "`merge-from`: ../**/ctrf.json leads outside"),
    ],
)
def test_invalid_inputs(tmp_path: Path, given: dict[str, str], problem: str) -> None:
    """Each is named."""
    left = Matrix(tmp_path).merge(attempt=1, **given)
    assert left.code == 2
    assert problem in left.log


def test_reports_to_merge_are_not_taken_for_old_ones(tmp_path: Path) -> None:
    """Artifacts that lie where this step would write its own are left as they are."""
    matrix = Matrix(tmp_path)
    matrix.job("chrome", "PPPP")
    (matrix.workspace / "testgate-reports" / "testgate-chrome-1").rename(matrix.workspace / "testgate-report")
    left = matrix.merge(merge_expect="1", merge_from="testgate-report*/ctrf.json")
    assert (left.code, left.outputs["report-dir"]) == (0, "testgate-merged"), left.log
    assert json.loads((matrix.workspace / "testgate-report" / "ctrf.json").read_text())["extra"]["leg"] == "chrome"
    left = matrix.merge(merge_expect="1", merge_from="testgate-report*/ctrf.json", report_dir="testgate-report")
    assert (left.code, "`report-dir`: testgate-report holds reports to merge" in left.log) == (2, True)


def test_a_link_out_of_the_workspace_is_refused(tmp_path: Path) -> None:
    """By name."""
    matrix = Matrix(tmp_path)
    matrix.job("chrome", "PPPP")
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    (matrix.workspace / "testgate-reports" / "x").mkdir()
    (matrix.workspace / "testgate-reports" / "x" / "ctrf.json").symlink_to(secret)
    left = matrix.merge(merge_expect="any")
    assert (left.code, "testgate-reports/x/ctrf.json cannot be read" in left.log) == (3, True)


def test_a_leg_that_never_started_is_known_by_its_leg(tmp_path: Path) -> None:
    """Its invalid inputs are the verdict on the whole, and the other red legs are told."""
    matrix = Matrix(tmp_path)
    assert matrix.job("chrome", "PPPP", timeout="15").code == 2
    matrix.job("edge", "PFPP")
    left = matrix.merge(merge_expect="chrome, edge")
    assert (left.code, left.outputs["conclusion"]) == (2, "invalid-input"), left.log
    assert left.outputs["reason"].endswith("also red: edge failed")


def test_a_leg_without_all_its_reports_is_no_pass(tmp_path: Path) -> None:
    """That is known only when its results for programs are written: they are written again."""
    matrix = Matrix(tmp_path)
    assert matrix.job("chrome", "PPPP", junit_file="/proc/junit.xml").code == 8
    matrix.job("edge", "PPPP")
    left = matrix.merge(merge_expect="2")
    assert (left.code, left.outputs["conclusion"]) == (8, "report-error"), left.log


def test_a_report_that_calls_itself_green_is_refused_by_name(tmp_path: Path) -> None:
    """Whatever its tests are."""
    matrix = Matrix(tmp_path)
    matrix.job("chrome", "PFPP")
    path = matrix.workspace / "testgate-reports" / "testgate-chrome-1" / "ctrf.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    for each in (data["extra"], *data["extra"]["runs"]):
        each["conclusion"] = "passed"
    data["extra"]["exit-code"] = 0
    path.write_text(json.dumps(data), encoding="utf-8")
    left = matrix.merge(merge_expect="any")
    assert left.code == 6
    assert "testgate-chrome-1/ctrf.json contradicts itself" in left.log


def test_a_merge_is_not_merged_again(tmp_path: Path) -> None:
    """Its tests would count twice."""
    matrix = Matrix(tmp_path)
    matrix.job("chrome", "PPPP")
    assert matrix.merge(merge_expect="1", report_dir="testgate-reports/all").code == 0
    left = matrix.merge(merge_expect="any")
    assert left.code == 3
    assert "testgate-reports/all/ctrf.json is the result of a merge itself" in left.outputs["reason"]
