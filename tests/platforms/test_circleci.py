"""Output for CircleCI: a file that bash reads before each later step, read by a real bash."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from testgate.acts import Append
from testgate.platforms.circleci import CircleCI
from testgate.ports import Build
from testgate.text import clean
from tests.grammars.circleci import BrokenStep, variables_of, words_of
from tests.support.hostile_text import TEXTS
from tests.support.outputs import OUTPUTS
from tests.support.surroundings import recorded, surroundings

FILE = {"BASH_ENV": "/tmp/.bash_env-1"}  # noqa: S108  # as CircleCI names it; nothing is written there
LARGEST_VARIABLE = 128 * 1024  # on Linux, including its name and the byte that ends it


def circleci(environ: Mapping[str, str] = FILE) -> CircleCI:
    """The adapter in a job."""
    return CircleCI(surroundings(environ))


def appended(values: Mapping[str, str]) -> str:
    """The text that is appended to the file of variables."""
    [act] = circleci().outputs(values)
    assert isinstance(act, Append)
    assert act.path == FILE["BASH_ENV"]
    return act.text


def expected(value: str) -> str:
    """The value that a later step must see: clean, and on one line."""
    return clean(value).replace("\n", " ")


@given(st.dictionaries(st.sampled_from(["conclusion", "run-id", "failed-tests", "reason"]), TEXTS, min_size=1))
def test_outputs_are_read_back(values: dict[str, str]) -> None:
    """Bash has every value unchanged, and runs none of it."""
    assert variables_of(appended(values)) == {
        f"TESTGATE_OUT_{name.upper().replace('-', '_')}": expected(value) for name, value in values.items()
    }


@pytest.mark.parametrize(
    "value",
    [
        "it's",
        "'",
        "''",
        "'; touch evil; '",
        "$(touch evil)",
        "`touch evil`",
        "${HOME}",
        "a\n touch evil\n",
        "a\r\ntouch evil",
        "\\",
        "\\'; touch evil #",
        "!!",
        "!touch",
        "a\0b",
        "\x1b[31mred\x1b[0m",
        "*",
        "~",
        "ü\u2028touch evil",
        " a  b ",
        "",
    ],
)
def test_no_part_of_a_value_runs(value: str) -> None:
    """Whatever a shell could interpret stays text."""
    assert variables_of(appended({"reason": value})) == {"TESTGATE_OUT_REASON": expected(value)}


def test_a_step_prints_an_output() -> None:
    """The line of the documentation works in a later step."""
    text = appended({"reason": "it's $(red)", "run-url": "https://app.testsigma.com/ui/td/runs/337"})
    assert words_of('printf %s "$TESTGATE_OUT_REASON"', text) == "it's $(red)"
    assert words_of('echo "$TESTGATE_OUT_RUN_URL"', text) == "https://app.testsigma.com/ui/td/runs/337\n"


@settings(max_examples=20)
@given(
    st.lists(st.dictionaries(st.sampled_from(["run-id", "reason"]), TEXTS, min_size=1), min_size=1, max_size=3),
    st.sampled_from(["", "export X=1", "export X=1\n", "# note"]),
)
def test_values_are_appended_to_what_is_there(writes: list[dict[str, str]], before: str) -> None:
    """The file may already have lines, even an unfinished one; the last value of a name counts."""
    text = before + "".join(map(appended, writes))
    whole: dict[str, str] = {}
    for values in writes:
        whole.update(
            {f"TESTGATE_OUT_{name.upper().replace('-', '_')}": expected(text) for name, text in values.items()}
        )
    assert variables_of(text) == whole


def test_long_values_fit_into_the_environment() -> None:
    """Lists are cut between two items, text ends with an ellipsis, and every variable is there."""
    names = [f"{'Test' * 40} {number} 😀" for number in range(5000)]
    values = {
        **dict.fromkeys(OUTPUTS, "😀" * 200_000),
        "failed-tests": json.dumps(names),
        "runs": json.dumps([{"id": str(number), "name": "n" * 90} for number in range(5000)]),
        "run-ids": ",".join(str(number) for number in range(100_000, 200_000)),
        "left-running": ",".join(str(number) for number in range(100_000, 200_000)),
    }
    found = variables_of(appended(values))
    assert len(found) == len(OUTPUTS)
    assert all(len(f"{name}={value}\0".encode()) <= LARGEST_VARIABLE for name, value in found.items())
    kept = json.loads(found["TESTGATE_OUT_FAILED_TESTS"])
    assert 50 < len(kept) < len(names)
    assert kept == names[: len(kept)]
    assert json.loads(found["TESTGATE_OUT_RUNS"])[0] == {"id": "0", "name": "n" * 90}
    for name in ("TESTGATE_OUT_RUN_IDS", "TESTGATE_OUT_LEFT_RUNNING"):
        ids = found[name].split(",")
        assert ids == [str(number) for number in range(100_000, 100_000 + len(ids))]
        assert len(ids) > 1000
    assert found["TESTGATE_OUT_REASON"].endswith("😀…")


def test_without_its_file_nothing_is_written() -> None:
    """A hint shows the options that pass the file to the container."""
    platform = circleci({"CIRCLECI": "true", "CIRCLE_BUILD_NUM": "4711"})
    assert not platform.outputs({"run-id": "337"})
    assert '-e BASH_ENV -v "$(dirname "$BASH_ENV"):$(dirname "$BASH_ENV")"' in platform.hint
    assert not circleci().outputs({})


def test_without_the_build_there_is_a_hint() -> None:
    """It names the variables that describe the build too."""
    assert "-e CIRCLE_BUILD_NUM" in circleci({"CIRCLECI": "true", **FILE}).hint
    assert circleci(recorded("circleci")).hint == ""


def test_the_hint_names_every_variable_that_is_read() -> None:
    """A container with only these variables knows everything that the job knows."""
    whole = recorded("circleci") | {"CIRCLE_TAG": "v1", "CIRCLE_PR_USERNAME": "somebody", "CIRCLE_NODE_INDEX": "3"}
    hint = circleci({}).hint
    inside = {name: value for name, value in whole.items() if f"-e {name} " in f"{hint} "}
    assert circleci(inside).build == circleci(whole).build
    assert circleci(inside).withheld(lambda _path: "") == circleci(whole).withheld(lambda _path: "") != ""
    assert circleci(inside).hint == ""


def test_the_build_is_described() -> None:
    """Mark, job, page and title come from CircleCI's variables."""
    page = "https://circleci.com/gh/shop/web/4711"
    assert circleci(recorded("circleci")).build[:4] == (
        "4711-main-ffac537",
        "4711",
        page,
        "web/testgate main #4711 (ffac537)",
    )
    assert circleci({}).build == Build()


def test_parallel_containers_of_a_job_differ() -> None:
    """They share the job's number; without a number, the job's id is used."""
    environ = recorded("circleci")
    builds = [circleci(environ | {"CIRCLE_NODE_INDEX": index}).build for index in ("0", "1", "2")]
    assert [build.job for build in builds] == ["4711", "4711.1", "4711.2"]
    assert [build.mark.split("-")[0] for build in builds] == ["4711", "4711.1", "4711.2"]
    lone = circleci({"CIRCLE_WORKFLOW_JOB_ID": "8d1b7a0e-55aa"}).build
    assert lone.job == "8d1b7a0e-55aa"


def test_a_tag_replaces_the_branch() -> None:
    """A build of a tag has no branch."""
    environ = recorded("circleci") | {"CIRCLE_BRANCH": "", "CIRCLE_TAG": "v1.2"}
    assert circleci(environ).build.mark == "4711-v1.2-ffac537"


@pytest.mark.parametrize("variable", ["CIRCLE_PR_USERNAME", "CIRCLE_PR_REPONAME"])
def test_an_empty_secret_of_a_fork_is_explained(variable: str) -> None:
    """CircleCI sets these variables for forks only."""
    assert r"ignore: /pull\/.*/" in circleci({variable: "somebody"}).withheld(lambda _path: "")
    assert circleci(recorded("circleci")).withheld(lambda _path: "") == ""


@pytest.mark.parametrize(
    "text", ["export A='x", "touch evil\n", "exit 1\n", ": > evil\n", "export A-B=1\n", "echo said >&2\n"]
)
def test_the_reader_rejects_broken_files(text: str) -> None:
    """The reader of these tests fails where a step would fail, or would run something."""
    with pytest.raises(BrokenStep):
        variables_of(text)
