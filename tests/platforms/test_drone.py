"""Output for Drone and Harness, read back as Harness's two libraries read it."""

import json
from collections.abc import Callable, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.acts import Act, Append
from testgate.gate.outputs import as_variables
from testgate.platforms import choose
from testgate.platforms.drone import Drone
from testgate.text import clean
from tests.grammars.drone import BrokenFile, by_lines, by_statements
from tests.support.hostile_text import TEXTS
from tests.support.outputs import OUTPUTS
from tests.support.surroundings import recorded, surroundings

DRONE = recorded("drone")
HARNESS = recorded("harness")
LISTS = ("failed-tests", "runs")
WORDS = st.dictionaries(st.sampled_from([name for name in OUTPUTS if name not in LISTS]), TEXTS)
Reader = Callable[[str], dict[str, str]]
each_reader = pytest.mark.parametrize("reader", [by_lines, by_statements])


def drone(environ: Mapping[str, str] = HARNESS) -> Drone:
    """The adapter in a step."""
    return Drone(surroundings(environ))


def appended(acts: Sequence[Act]) -> str:
    """The text that is appended to the file of outputs."""
    for act in acts:
        assert isinstance(act, Append)
        assert act.path == HARNESS["DRONE_OUTPUT"]
    return "".join(act.text for act in acts if isinstance(act, Append))


def expected(value: str) -> str:
    """The text that must arrive: on one line, with typographic quotes where the file can't have others."""
    value = clean(value).replace("\n", " ").replace("'", "\u2019").replace("<+", "<\u200b+")
    value = value.replace('"', "\u201d") if "#" in value else value
    return f"{value} " if value.endswith("\\") else value


@each_reader
@given(values=WORDS)
def test_words_are_read_back(reader: Reader, values: dict[str, str]) -> None:
    """Every value arrives as documented, and none affects another, whatever it contains."""
    assert reader(appended(drone().outputs(values))) == as_variables(
        {name: expected(text) for name, text in values.items()}
    )


@each_reader
@given(values=st.dictionaries(st.sampled_from(LISTS), st.lists(TEXTS, max_size=5)))
def test_lists_are_read_back(reader: Reader, values: dict[str, list[str]]) -> None:
    """JSON arrives as the same JSON, quotes, number signs and dollars included."""
    written = {name: json.dumps(items) for name, items in values.items()}
    read = {name: json.loads(text) for name, text in written.items()}  # two halves of a pair become one character
    assert {name: json.loads(value) for name, value in reader(appended(drone().outputs(written))).items()} == (
        as_variables_of(read)
    )


def as_variables_of(values: Mapping[str, object]) -> dict[str, object]:
    """The values by their names in the file."""
    return dict(zip(as_variables(dict.fromkeys(values, "")), values.values(), strict=True))


@each_reader
@pytest.mark.parametrize(
    "value",
    [
        "https://app.testsigma.com/ui/td/runs/337?tab=a&b=1#top",
        "2 tests failed; the pass rate is 28.57 %, below 100 %.",
        'the plan "Nightly" was stopped',
        "`fail-on` costs $5 and $HOME, not ${TESTGATE_OUT_CONCLUSION} or $(exit 1)",
        "C:\\reports",
        " between blanks ",
        "",
        "=:#",
    ],
)
def test_ordinary_words_arrive_unchanged(reader: Reader, value: str) -> None:
    """Usual values need no replacement."""
    values = {"conclusion": "failed", "reason": value, "run-id": "337"}
    assert reader(appended(drone().outputs(values))) == as_variables(values)


@each_reader
def test_no_value_is_an_expression_of_harness(reader: Reader) -> None:
    """The name of a test must not read a secret in a later step."""
    evil = '<+secrets.getValue("key")>'
    text = appended(drone().outputs({"reason": evil, "failed-tests": json.dumps([evil])}))
    assert "<+" not in text
    found = reader(text)
    assert found["TESTGATE_OUT_REASON"].replace("\u200b", "") == evil
    assert json.loads(found["TESTGATE_OUT_FAILED_TESTS"]) == [evil]


@each_reader
@pytest.mark.parametrize("before", ["", "\n", "A=1", "A=1\n"])
def test_values_are_appended_to_what_is_there(reader: Reader, before: str) -> None:
    """The file may already have lines, even an unfinished one; the last value of a name counts."""
    first, last = {"run-id": "1", "run-url": "https://a.example"}, {"run-id": "2", "conclusion": "passed"}
    text = before + appended(drone().outputs(first)) + appended(drone().outputs(last))
    assert reader(text) == ({"A": "1"} if before.strip() else {}) | as_variables(first | last)


@each_reader
@pytest.mark.parametrize("sign", ["x", "'", '"', "#", "$", "\\", "😀", '#"'])
def test_a_long_value_leaves_the_others_alone(reader: Reader, sign: str) -> None:
    """The older library rejects a file with a line of 64 KiB, so text is cut and lists lose their last items."""
    items = [sign * 300] * 1000
    values = {"reason": sign * 100_000, "runs": json.dumps(items), "run-id": "337"}
    found = reader(appended(drone().outputs(values)))
    assert found["TESTGATE_OUT_RUN_ID"] == "337"
    assert len(found["TESTGATE_OUT_REASON"]) > 10_000
    kept = json.loads(found["TESTGATE_OUT_RUNS"])
    assert 10 < len(kept) < 1000
    assert kept == items[: len(kept)]


@each_reader
@pytest.mark.parametrize("value", ["[1", "{'a': 1}", '{"a": "#"}', "[" * 100_000, ""])
def test_an_invalid_list_arrives_as_text(reader: Reader, value: str) -> None:
    """It is no reason to fail."""
    (found,) = reader(appended(drone().outputs({"runs": value}))).values()
    assert found == expected(value)[:60_000]


def test_without_a_file_nothing_is_written() -> None:
    """Drone has none; outputs are in the report directory."""
    assert not drone(DRONE).outputs({"run-id": "337"})
    assert not drone().outputs({})
    assert drone(DRONE).files({"run-id": "337"}) == {"outputs.env": "TESTGATE_OUT_RUN_ID='337'\n"}


def test_the_build_of_drone_is_described() -> None:
    """Number, stage, page, and the repository's name."""
    page = "https://drone.shop.example/shop/web/77"
    assert drone(DRONE).build[:4] == ("77-main-ffac537", "shop/web/77/1", page, "shop/web main #77 (ffac537)")


def test_the_build_of_harness_is_described() -> None:
    """The pipeline's name and its execution."""
    build = drone().build
    assert build[:4] == (
        "77-main-ffac537",
        "uKz3rBYQQ5uKT4A8YOyeXg/77/testgate",
        HARNESS["DRONE_BUILD_LINK"],
        "web main #77 (ffac537)",
    )
    assert choose(HARNESS) == "drone"


def test_harness_works_without_the_variables_of_drone() -> None:
    """Harness sets most facts under two names, but on some infrastructures under one only."""
    twice = {"DRONE_BUILD_NUMBER", "DRONE_BUILD_LINK", "DRONE_STAGE_NUMBER", "DRONE_SOURCE_BRANCH"}
    assert drone({name: value for name, value in HARNESS.items() if name not in twice}).build == drone().build


def test_stages_differ() -> None:
    """Steps of a stage share its files and its job; stages, and the iterations of a looping one, don't."""
    jobs = {
        drone(DRONE | {"DRONE_STAGE_NUMBER": "2"}).build.job,
        drone(HARNESS | {"HARNESS_STAGE_INDEX": "0"}).build.job,
        drone(HARNESS | {"HARNESS_STAGE_INDEX": "1"}).build.job,
        drone(DRONE | {"DRONE_STEP_NUMBER": "9"}).build.job,
        drone(HARNESS | {"DRONE_STEP_NAME": "second"}).build.job,
    }
    assert len(jobs) == 5
    assert {drone(DRONE).build.job, drone().build.job} <= jobs


def test_a_pull_request_is_named_by_its_branch() -> None:
    """Drone's branch is the target of the pull request; a tag may have no branch at all."""
    assert drone(DRONE | {"DRONE_SOURCE_BRANCH": "fix/login"}).build.mark == "77-fix_login-ffac537"
    tag = DRONE | {"DRONE_SOURCE_BRANCH": "", "DRONE_BRANCH": "", "DRONE_TAG": "v1.2"}
    assert drone(tag).build.mark == "77-v1.2-ffac537"


def test_an_empty_secret_of_a_pull_request_is_explained() -> None:
    """Drone withholds secrets there; Harness doesn't."""
    event = {"DRONE_BUILD_EVENT": "pull_request"}
    assert "pull_request" in drone(DRONE | event).withheld(lambda _path: "")
    assert drone(DRONE).withheld(lambda _path: "") == ""
    assert drone(HARNESS | event).withheld(lambda _path: "") == ""


def test_the_hint_names_every_variable_that_is_read() -> None:
    """A container with only these variables knows everything about the build."""
    assert drone(DRONE).hint == ""
    assert drone().hint == ""
    hint = drone({"DRONE": "true"}).hint
    given = {name: value for name, value in DRONE.items() if f"-e {name} " in f"{hint} "}
    assert drone(given).build == drone(DRONE).build


def test_a_hint_explains_a_missing_file_for_outputs() -> None:
    """Not every infrastructure of Harness provides one, and a container that a script starts gets none."""
    assert "DRONE_OUTPUT" in drone(HARNESS | {"DRONE_OUTPUT": ""}).hint


def test_the_readers_reject_broken_files() -> None:
    """The readers of these tests fail where the libraries do."""
    for reader, text in (
        (by_lines, "name\n"),
        (by_lines, f"A={'x' * 65_536}\n"),
        (by_statements, "A='open\n"),
        (by_statements, "A='it's'\n"),
        (by_statements, "A='x\\'\n"),
    ):
        with pytest.raises(BrokenFile):
            reader(text)


def test_the_readers_read_as_the_libraries_do() -> None:
    """Quotes, escapes, comments and variables mean the same as there, also where the two differ."""
    both = "# note\n\nexport A=1\nB = 'it #1' # two\nC=\"$A\\n\"\nD: x\nE=a\\$b\nF=${A}2$Z\n"
    shared = {"A": "1", "C": "1\n", "D": "x", "E": "a$b", "F": "12"}
    assert by_lines(both).items() >= shared.items()
    assert by_statements(both) == shared | {"B": "it #1"}
    assert by_lines("A=a#b\nB='a # \" # b # c'") == {"A": "a", "B": 'a # " # c'}
    assert by_statements("A=a#b\nB='a # \" # b'\nC='a\nb'") == {"A": "a#b", "B": 'a # " # b', "C": "a\nb"}
    assert by_lines('A="a\\"b"') == by_statements('A="a\\"b"') == {"A": 'a"b'}
