"""Where the reports of a step go."""

import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from testgate.edges import places
from testgate.edges.places import Places
from testgate.edges.step import Step
from testgate.inputs.lookup import Lookup
from testgate.model import Conclusion
from testgate.platforms.words import Words
from testgate.ports import Build
from testgate.reports.junit import JUnit
from testgate.results import Gate, Verdict
from tests.support.steps import step_of
from tests.support.surroundings import load, surroundings

FILES = ["junit.xml", "summary.md"]


def step(root: Path, stream: io.StringIO | None = None, *, platform: str = "github", **inputs: str) -> Step:
    """A step of a job with these inputs."""
    environ = {"GITHUB_RUN_ID": "1", "GITHUB_JOB": "e2e"}
    made = step_of(load(platform, environ), root, stream)
    given = {f"INPUT_{name.upper()}": text for name, text in inputs.items()}
    return made._replace(lookup=Lookup(given, read_file=made.world.read_file))


def test_reports_are_in_the_directory_or_at_a_path_of_their_own() -> None:
    """A copy for the CI is named after the directory, unless the user chose a path."""
    moved = Places("out//", {"junit.xml": "x/y.xml"})
    assert Places().path("junit.xml") == "testgate-report/junit.xml"
    assert moved.path("junit.xml") == "x/y.xml"
    assert moved.path("summary.md") == "out/summary.md"
    assert Places("/").path("summary.md") == "/summary.md"
    assert Places("a/out-2").copy("junit.xml", "test-results") == "test-results/out-2.xml"
    assert Places("out").copy("junit.xml", "") == moved.copy("junit.xml", "test-results") == ""


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"report-dir": "out", "junit-file": None}, []),
        ({"report-dir": "/elsewhere", "junit-file": "a/b.xml"}, []),
        ({"report-dir": "out", "junit-file": ""}, []),
        ({"report-dir": "../out", "junit-file": "a/../../x"}, ["`report-dir`: ", "`junit-file`: "]),
    ],
)
def test_paths_outside_the_workspace_are_problems(
    tmp_path: Path, given: Mapping[str, str | None], problems: list[str]
) -> None:
    """Each problem names its input, the reason and an example."""
    found = places.problems_with(step(tmp_path), given)
    assert len(found) == len(problems)
    for sentence, start in zip(found, problems, strict=True):
        assert sentence.startswith(start)
        assert "leads outside the workspace" in sentence
        assert sentence.endswith("Example: testgate-report")


@pytest.mark.parametrize(("target", "words"), [("/", "through a link"), ("testgate-report", "loop")])
def test_a_default_directory_that_is_a_link_is_named_by_its_input(tmp_path: Path, target: str, words: str) -> None:
    """Nothing is said of other inputs, and the example is another path."""
    (tmp_path / "testgate-report").symlink_to(target)
    (found,) = places.problems_with(step(tmp_path), {"report-dir": "testgate-report", "junit-file": None})
    assert found.startswith("`report-dir`: ")
    assert words in found
    assert not found.endswith("Example: testgate-report")


def test_reports_about_invalid_inputs_never_follow_a_link_outside(tmp_path: Path) -> None:
    """The next name is used, and the log says so."""
    stream = io.StringIO()
    for name in ("testgate-report", "testgate-report-2"):
        (tmp_path / name).symlink_to("/")
    assert places.fallback(step(tmp_path, stream, report_dir="testgate-report")) == "testgate-report-3"
    assert stream.getvalue() == "testgate-report cannot be used; writing reports to testgate-report-3\n"
    assert places.fallback(step(tmp_path, stream, report_dir="out")) == "out"


@pytest.mark.parametrize(("given", "path"), [("out", "out"), ("../out", ""), ("", "")])
def test_only_a_usable_path_is_taken_from_invalid_inputs(tmp_path: Path, given: str, path: str) -> None:
    """A path that can't be used counts as not given."""
    assert places.usable(step(tmp_path, report_dir=given), "report-dir") == path


def test_an_input_that_is_set_twice_gives_no_path(tmp_path: Path) -> None:
    """A fault of the input is reported elsewhere."""
    environ = {"TESTGATE_REPORT_DIR_COUNT": "1", "TESTGATE_REPORT_DIR_0": "out"}
    broken = step(tmp_path)._replace(lookup=Lookup(environ, read_file=str))
    assert places.usable(broken, "report-dir") == ""


def test_the_directory_of_another_step_is_not_taken(tmp_path: Path) -> None:
    """The next free name is used, and the log says so."""
    stream = io.StringIO()
    first = places.take(step(tmp_path, stream), Places("out"), FILES, [])
    second = places.take(step(tmp_path, stream), Places("out"), FILES, [])
    assert (first.folder, second.folder) == ("out", "out-2")
    assert stream.getvalue() == "out is in use by another step; writing reports to out-2\n"


def test_reports_of_an_earlier_job_are_removed_everywhere(tmp_path: Path) -> None:
    """Those with a path of their own are removed, and so are copies in the folder that the CI scans."""
    old = [tmp_path / path for path in ("out/summary.md", "mine.xml", "test-results/out.xml")]
    for path in old:
        path.parent.mkdir(exist_ok=True)
        path.write_text("old", encoding="utf-8")
    bitbucket = step(tmp_path, platform="bitbucket")
    assert bitbucket.platform.junit_folder == "test-results"
    places.take(bitbucket, Places("out"), FILES, ["junit.xml"])
    assert [path.exists() for path in old] == [False, True, False]
    places.take(bitbucket, Places("out", {"junit.xml": "mine.xml"}), FILES, ["junit.xml"])
    assert not old[1].exists()


def test_a_path_that_cannot_be_removed_is_no_reason_to_fail(tmp_path: Path) -> None:
    """It is reported when the file is written."""
    moved = {"junit.xml": "../x.xml"}
    assert places.take(step(tmp_path), Places("out", moved), FILES, []).moved == moved


def written(job: str) -> str:
    """A JUnit report that a step of this job wrote."""
    verdict = Verdict(Conclusion.FAILED, "red")
    return "".join(JUnit().render(Gate("x", verdict, 1, build_job=job)))


@pytest.mark.parametrize("job", ["1.1.e2e", 'a"b&c<d>', "shop/web\u00e9/77"])
def test_the_report_of_another_step_is_not_overwritten(tmp_path: Path, job: str) -> None:
    """The next free name is used and told; a red report of this job can't hide behind a green one."""
    stream = io.StringIO()
    made = step(tmp_path, stream)
    platform_of_job = type("Job", (Words,), {"build": Build(job=job)})(surroundings({}))
    made = made._replace(platform=platform_of_job)
    (tmp_path / "out").mkdir()
    for name in ("junit.xml", "junit-2.xml"):
        (tmp_path / "out" / name).write_text(written(job), encoding="utf-8")
    found = places.take(made, Places("reports", {"junit.xml": "out/junit.xml"}), ["junit.xml"], [])
    assert found.path("junit.xml") == "out/junit-3.xml"
    assert "out/junit.xml is the report of another step; writing to out/junit-3.xml" in stream.getvalue()
    assert (tmp_path / "out" / "junit.xml").read_text(encoding="utf-8") == written(job)


@pytest.mark.parametrize("left", [written("another"), "", "<testsuites/>", "\x00" * 10])
def test_the_report_of_another_job_is_replaced(tmp_path: Path, left: str) -> None:
    """It would be taken for ours."""
    (tmp_path / "out.xml").write_text(left, encoding="utf-8")
    made = step(tmp_path, io.StringIO())
    assert (
        places.take(made, Places("reports", {"junit.xml": "out.xml"}), ["junit.xml"], []).path("junit.xml") == "out.xml"
    )
    assert not (tmp_path / "out.xml").exists()
