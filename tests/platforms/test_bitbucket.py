"""What is said to Bitbucket Pipelines: a file of variables that can be read in one way only."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.acts import Append
from testgate.gate.outputs import OUTPUTS
from testgate.platforms.bitbucket import Bitbucket
from testgate.ports import Build
from testgate.text import clean
from tests.grammars.bitbucket import BrokenFile, variables_of
from tests.support.hostile_text import TEXTS
from tests.support.surroundings import recorded, surroundings

FILE = {"BITBUCKET_PIPELINES_VARIABLES_PATH": "/opt/variables"}
LISTS = {"failed-tests", "runs"}
RUN_URL = "https://app.testsigma.com/ui/td/runs/337?tab=a&b=%20c#step-7"


def bitbucket(environ: Mapping[str, str] = FILE) -> Bitbucket:
    """The adapter in a step."""
    return Bitbucket(surroundings(environ))


def appended(values: Mapping[str, str]) -> str:
    """What is appended to the file of variables; "" where nothing is."""
    acts = bitbucket().outputs(values)
    assert len(acts) <= 1
    for act in acts:
        assert isinstance(act, Append)
        assert act.path == FILE["BITBUCKET_PIPELINES_VARIABLES_PATH"]
        return act.text
    return ""


def shared(values: Mapping[str, str]) -> dict[str, str]:
    """The variables that later steps have, by the outputs' names."""
    found = variables_of(appended(values))
    return {name.removeprefix("TESTGATE_OUT_").lower().replace("_", "-"): value for name, value in found.items()}


@given(st.dictionaries(st.sampled_from(["conclusion", "run-id", "run-url", "report-dir", "failed-tests"]), TEXTS))
def test_a_value_is_right_or_left_out(values: dict[str, str]) -> None:
    """Whatever the values hold, the file is read in one way, and no value is there in part."""
    found = shared(values)
    assert found.keys() == values.keys() - LISTS
    for name, value in found.items():
        assert value in {values[name], ""}


@given(TEXTS)
def test_a_reason_is_words(text: str) -> None:
    """Words are respelled where a sign could be read in two ways, and stay readable."""
    found = shared({"reason": text})["reason"]
    assert len(found) <= 1000
    letters = "".join(sign for sign in clean(text) if sign.isascii() and sign.isalnum())
    assert "".join(sign for sign in found if sign.isascii() and sign.isalnum()) == letters


def test_usual_values_arrive_as_they_are() -> None:
    """Words, numbers, ids, pages, paths."""
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
    meant = {**values, "reason": values["reason"].replace(" #", " _")}
    assert shared(values) == meant


@pytest.mark.parametrize("name", ["run-url", "report-dir", "test-management-run-id"])
@pytest.mark.parametrize("value", ["a\nb", '"a"', "'", "`x`", "$HOME", "a\\", "a #b", "#", " a", "a  b", "a" * 4001])
def test_what_cannot_be_said_is_empty(name: str, value: str) -> None:
    """A path or a page that is spelled otherwise would lead nowhere."""
    assert shared({name: value}) == {name: ""}


def test_lists_are_left_to_the_file() -> None:
    """JSON is full of quotes; `outputs.json` has it."""
    assert appended({"failed-tests": '["a"]', "runs": "[]"}) == ""
    assert "FAILED_TESTS" not in appended({"conclusion": "failed", "failed-tests": '["a"]'})


def test_all_outputs_together_are_within_the_limits() -> None:
    """At worst 50 variables and 100 KB; ids end between two ids, text with an ellipsis; a page is whole or missing."""
    ids = ",".join(str(number) for number in range(100_000, 200_000))
    values = {
        **dict.fromkeys(OUTPUTS, "😀" * 1000),
        "reason": "😀" * 200_000,
        "run-url": "😀" * 1001,  # in bytes more than there is room for, in signs less
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


def test_the_first_id_is_told_at_once() -> None:
    """Ids that come later are told at the end, with all the rest: hundreds of plans would fill the file."""
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
    """A container to which the file was not named is told so."""
    platform = bitbucket({"BITBUCKET_BUILD_NUMBER": "77"})
    assert not platform.outputs({"run-id": "337"})
    assert "-e BITBUCKET_PIPELINES_VARIABLES_PATH" in platform.hint
    assert "-e BITBUCKET_BUILD_NUMBER" in bitbucket().hint


def test_the_hint_names_all_that_is_read() -> None:
    """A container with just the variables of the hint knows what the step knows."""
    for more in ({}, {"BITBUCKET_BRANCH": "", "BITBUCKET_TAG": "v1"}):
        whole = recorded("bitbucket") | more
        hint = bitbucket({}).hint
        inside = {name: value for name, value in whole.items() if f"-e {name} " in f"{hint} "}
        assert bitbucket(inside).build == bitbucket(whole).build
        assert bitbucket(inside).outputs({"a": "1"}) == bitbucket(whole).outputs({"a": "1"})
        assert bitbucket(inside).hint == ""


def test_the_build_is_told() -> None:
    """Mark, job, page and title are made from what Bitbucket gives, without the braces."""
    job = "77.1.4f1c2d3e-6a7b-4c8d-9e0f-1a2b3c4d5e6f"
    page = "https://bitbucket.org/shop/web/pipelines/results/77"
    assert bitbucket(recorded("bitbucket")).build == Build(
        "77.1-main-ffac537", job, page, "shop/web main #77 (ffac537)"
    )
    assert bitbucket({}).build == Build()


def test_a_step_that_is_run_again_is_another() -> None:
    """The pipeline keeps its number then, and the step counts up."""
    again = bitbucket(recorded("bitbucket") | {"BITBUCKET_STEP_RUN_NUMBER": "2"}).build
    assert again.mark == "77.2-main-ffac537"
    assert again.job != bitbucket(recorded("bitbucket")).build.job
    assert bitbucket({"BITBUCKET_BUILD_NUMBER": "77"}).build == Build("77.1", "77.1", "", "#77")


def test_steps_side_by_side_are_told_apart() -> None:
    """Steps of a pipeline share its number, and have an id each."""
    other = bitbucket(recorded("bitbucket") | {"BITBUCKET_STEP_UUID": "{00000000-6a7b-4c8d-9e0f-1a2b3c4d5e6f}"})
    assert other.build.job != bitbucket(recorded("bitbucket")).build.job


def test_a_tag_stands_for_the_branch() -> None:
    """A pipeline of a tag has no branch."""
    environ = recorded("bitbucket") | {"BITBUCKET_BRANCH": "", "BITBUCKET_TAG": "v1.2"}
    assert bitbucket(environ).build.mark == "77.1-v1.2-ffac537"


def test_junit_goes_where_it_is_looked_for() -> None:
    """One of the folders that are scanned."""
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
def test_the_reader_itself_refuses_what_is_not_sure(text: str) -> None:
    """The reader of these tests takes only what every reader takes, and takes it alike."""
    with pytest.raises(BrokenFile):
        variables_of(text)
    assert variables_of("A=1 b=c#d\nA=\n") == {"A": ""}
