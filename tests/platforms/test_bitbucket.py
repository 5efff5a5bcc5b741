"""Output for Bitbucket Pipelines: a variables file that can be read in only one way."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.acts import Append
from testgate.platforms.bitbucket import Bitbucket
from testgate.ports import Build
from testgate.text import clean
from tests.grammars.bitbucket import BrokenFile, variables_of
from tests.support.hostile_text import TEXTS
from tests.support.outputs import OUTPUTS
from tests.support.surroundings import recorded, surroundings

FILE = {"BITBUCKET_PIPELINES_VARIABLES_PATH": "/opt/variables"}
LISTS = {"failed-tests", "runs"}
RUN_URL = "https://app.testsigma.com/ui/td/runs/337?tab=a&b=%20c#step-7"


def bitbucket(environ: Mapping[str, str] = FILE) -> Bitbucket:
    """The adapter in a step."""
    return Bitbucket(surroundings(environ))


def appended(values: Mapping[str, str]) -> str:
    """The text that is appended to the variables file; "" if none is."""
    acts = bitbucket().outputs(values)
    assert len(acts) <= 1
    for act in acts:
        assert isinstance(act, Append)
        assert act.path == FILE["BITBUCKET_PIPELINES_VARIABLES_PATH"]
        return act.text
    return ""


def shared(values: Mapping[str, str]) -> dict[str, str]:
    """The variables of later steps, by the names of the outputs."""
    found = variables_of(appended(values))
    return {name.removeprefix("TESTGATE_OUT_").lower().replace("_", "-"): value for name, value in found.items()}


@given(st.dictionaries(st.sampled_from(["conclusion", "run-id", "run-url", "report-dir", "failed-tests"]), TEXTS))
def test_a_value_is_exact_or_empty(values: dict[str, str]) -> None:
    """Whatever the values contain, the file can be read in only one way, and no value is cut."""
    found = shared(values)
    assert found.keys() == values.keys() - LISTS
    for name, value in found.items():
        assert value in {values[name], ""}


@given(TEXTS)
def test_a_reason_stays_readable(text: str) -> None:
    """Only characters that could be read in two ways are replaced."""
    found = shared({"reason": text})["reason"]
    assert len(found) <= 1000
    letters = "".join(each for each in clean(text) if each.isascii() and each.isalnum())
    assert "".join(each for each in found if each.isascii() and each.isalnum()) == letters


def test_usual_values_arrive_unchanged() -> None:
    """Words, numbers, ids, URLs and paths."""
    values = {
        "conclusion": "failed",
        "reason": "2 of 14 tests failed (ü): 85.71% passed, and 100% are needed; see run #337 = it",
        "run-id": "337",
        "run-ids": "337,338",
        "run-url": RUN_URL,
        "pass-rate": "85.71",
        "report-dir": "testgate-report",
        "junit-file": "testgate-report/junit.xml",
        "left-running": "",
    }
    assert shared(values) == {**values, "reason": values["reason"].replace(" #", " _")}


@pytest.mark.parametrize("name", ["run-url", "report-dir", "test-management-run-id"])
@pytest.mark.parametrize("value", ["a\nb", '"a"', "'", "`x`", "$HOME", "a\\", "a #b", "#", " a", "a  b", "a" * 4001])
def test_a_value_that_cannot_be_written_is_empty(name: str, value: str) -> None:
    """A path or a URL with other characters would lead nowhere."""
    assert shared({name: value}) == {name: ""}


def test_json_lists_are_left_out() -> None:
    """They are full of quotes; `outputs.json` has them."""
    assert appended({"failed-tests": '["a"]', "runs": "[]"}) == ""
    assert "FAILED_TESTS" not in appended({"conclusion": "failed", "failed-tests": '["a"]'})


def test_all_outputs_together_are_within_the_limits() -> None:
    """At most 50 variables and 100 KB: ids are cut between two ids, text is cut, and a URL is complete or empty."""
    ids = ",".join(str(number) for number in range(100_000, 200_000))
    values = {
        **dict.fromkeys(OUTPUTS, "😀" * 950),
        "reason": "😀" * 200_000,
        "run-url": "😀" * 951,  # too many bytes, but few enough characters
        "run-ids": ids,
        "left-running": ids,
        "runs": json.dumps(["x" * 1000] * 1000),
    }
    found = shared(values)
    assert found.keys() == OUTPUTS.keys() - LISTS
    assert found["reason"] == "😀" * 999 + "…"
    assert found["run-url"] == ""
    kept = found["run-ids"].split(",")
    assert kept == [str(number) for number in range(100_000, 100_000 + len(kept))]
    assert len(kept) > 500


def test_only_the_first_id_is_written_immediately() -> None:
    """Later ids are written at the end with all the rest: those of hundreds of plans would fill the file."""
    first = appended({"run-id": "337", "run-ids": "337", "run-url": RUN_URL})
    second = appended({"run-id": "337", "run-ids": "337,338", "run-url": RUN_URL})
    end = appended({"conclusion": "passed", "run-id": "337", "run-ids": "337,338", "run-url": RUN_URL})
    assert second == ""
    assert variables_of(first)["TESTGATE_OUT_RUN_IDS"] == "337"
    assert variables_of(f"X=1\n{first}{end}") == {
        "X": "1",
        "TESTGATE_OUT_RUN_ID": "337",
        "TESTGATE_OUT_RUN_IDS": "337,338",
        "TESTGATE_OUT_RUN_URL": RUN_URL,
        "TESTGATE_OUT_CONCLUSION": "passed",
    }


def test_without_its_file_nothing_is_written() -> None:
    """A hint names the variable that is missing in the container."""
    platform = bitbucket({"BITBUCKET_BUILD_NUMBER": "77"})
    assert not platform.outputs({"run-id": "337"})
    assert "-e BITBUCKET_PIPELINES_VARIABLES_PATH" in platform.hint
    assert "-e BITBUCKET_BUILD_NUMBER" in bitbucket().hint


def test_the_hint_names_every_variable_that_is_read() -> None:
    """A container with only these variables knows everything that the step knows."""
    for more in ({}, {"BITBUCKET_BRANCH": "", "BITBUCKET_TAG": "v1"}):
        whole = recorded("bitbucket") | more
        hint = bitbucket({}).hint
        inside = {name: value for name, value in whole.items() if f"-e {name} " in f"{hint} "}
        assert bitbucket(inside).build == bitbucket(whole).build
        assert bitbucket(inside).outputs({"a": "1"}) == bitbucket(whole).outputs({"a": "1"})
        assert bitbucket(inside).hint == ""


def test_the_build_is_described() -> None:
    """Mark, job, page and title come from Bitbucket's variables, without the braces."""
    job = "77.1.4f1c2d3e-6a7b-4c8d-9e0f-1a2b3c4d5e6f"
    page = "https://bitbucket.org/shop/web/pipelines/results/77"
    assert bitbucket(recorded("bitbucket")).build[:4] == ("77.1-main-ffac537", job, page, "shop/web main #77 (ffac537)")
    assert bitbucket({}).build == Build()


def test_a_rerun_step_differs() -> None:
    """The pipeline keeps its number, and the step counts its runs."""
    again = bitbucket(recorded("bitbucket") | {"BITBUCKET_STEP_RUN_NUMBER": "2"}).build
    assert again.mark == "77.2-main-ffac537"
    assert again.job != bitbucket(recorded("bitbucket")).build.job
    assert bitbucket({"BITBUCKET_BUILD_NUMBER": "77"}).build[:4] == ("77.1", "77.1", "", "#77")


def test_parallel_steps_differ() -> None:
    """Steps of a pipeline share its number, but not their ids."""
    other = bitbucket(recorded("bitbucket") | {"BITBUCKET_STEP_UUID": "{00000000-6a7b-4c8d-9e0f-1a2b3c4d5e6f}"})
    assert other.build.job != bitbucket(recorded("bitbucket")).build.job


def test_a_tag_replaces_the_branch() -> None:
    """A pipeline of a tag has no branch."""
    environ = recorded("bitbucket") | {"BITBUCKET_BRANCH": "", "BITBUCKET_TAG": "v1.2"}
    assert bitbucket(environ).build.mark == "77.1-v1.2-ffac537"


def test_junit_goes_where_bitbucket_looks_for_it() -> None:
    """Into one of the folders that it scans."""
    assert bitbucket().junit_folder in {
        "surefire-reports",
        "failsafe-reports",
        "test-results",
        "test-reports",
        "TestResults",
    }


@pytest.mark.parametrize(
    "text",
    [
        "A=1",
        "\nA=1\n",
        "A\n",
        "=1\n",
        "A-B=1\n",
        "1A=1\n",
        "A= 1\n",
        "A='1'\n",
        "A='1\n",
        "A=$HOME\n",
        "A=a\\b\n",
        "A=a #b\n",
        "A=a\rb\n",
        "A=a\u2028b\n",
        "A=" + "x" * 100_000 + "\n",
        "".join(f"A{number}=1\n" for number in range(51)),
    ],
)
def test_the_reader_rejects_ambiguous_lines(text: str) -> None:
    """The reader of these tests accepts only what every reader reads in the same way."""
    with pytest.raises(BrokenFile):
        variables_of(text)
    assert variables_of("A=1 b=c#d\nA=\n") == {"A": ""}
