"""Lists that arrive as numbered variables, as Bitbucket hands them to a pipe."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from pydantic import Field

from testgate.errors import InputError
from testgate.inputs.lists import IdList, SecretMap, StringMap, TextList
from testgate.inputs.lookup import Lookup, Names, spellings, strangers
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import Inputs, Options, Rules, read, secrets
from testgate.inputs.values import Fault, Given, OptionalId
from testgate.model import Conclusion

SECRET = "pa55-phrase-zq"


class PlanOptions(Options):
    """Inputs as a provider may declare them."""

    plan_id: IdList = Field(default=(), description="The plans.", examples=["274"])
    environment_id: OptionalId = Field(default=None, description="The environment.", examples=["7"])
    runtime_data: SecretMap = Field(default={}, description="Data.", examples=["user=ann"])
    versions: StringMap = Field(default={}, description="Versions.", examples=["12=34"])
    labels: TextList = Field(default=(), description="Labels.", examples=["smoke"])


def as_pipe(name: str, items: Sequence[str]) -> dict[str, str]:
    """The variables that Bitbucket makes of a list in a pipe's `variables:`."""
    return {f"{name}_COUNT": str(len(items)), **{f"{name}_{number}": item for number, item in enumerate(items)}}


def lookup(environ: Mapping[str, str]) -> Lookup:
    """A lookup of this environment, in which no file exists."""

    def no_file(path: str) -> str:
        raise FileNotFoundError(2, "No such file or directory", path)

    return Lookup(environ, read_file=no_file)


def inputs(environ: Mapping[str, str], rules: Rules = Rules()) -> Inputs:  # noqa: B008  # immutable
    """The inputs that this environment gives."""
    return read(lookup(environ), [CommonOptions, PlanOptions], rules)


def problem(environ: Mapping[str, str]) -> str:
    """The one problem that this environment has."""
    with pytest.raises(InputError) as caught:
        inputs(environ)
    [found] = caught.value.problems
    return found


@pytest.mark.parametrize("prefix", ["INPUT", "TESTGATE", "PLUGIN"])
def test_every_kind_of_list_is_read(prefix: str) -> None:
    """Ids, texts, maps, secret maps and sets of words, by every prefix, and nothing is strange about them."""
    found = inputs(
        as_pipe(f"{prefix}_PLAN_ID", ["274", " 275 "])
        | as_pipe(f"{prefix}_LABELS", ["[smoke] login", "a b"])
        | as_pipe(f"{prefix}_VERSIONS", ["31=482", "a=b=3"])
        | as_pipe(f"{prefix}_RUNTIME_DATA", ["user=ann", f"password={SECRET}"])
        | as_pipe(f"{prefix}_FAIL_ON", ["failed", "stopped"])
    )
    options = found.of(PlanOptions)
    assert options.plan_id == (274, 275)
    assert options.labels == ("[smoke] login", "a b")
    assert options.versions == {"31": "482", "a=b": "3"}
    assert {name: value.get_secret_value() for name, value in options.runtime_data.items()} == {
        "user": "ann",
        "password": SECRET,
    }
    assert found.of(CommonOptions).fail_on == frozenset({Conclusion.FAILED, Conclusion.STOPPED})
    assert found.warnings == ()


def test_a_single_object_may_be_json() -> None:
    """A map that is written as one JSON object in a list of one item is that map."""
    assert inputs(as_pipe("TESTGATE_VERSIONS", ['{"31": 482}'])).of(PlanOptions).versions == {"31": "482"}


@pytest.mark.parametrize("environ", [{"TESTGATE_LABELS_COUNT": "0"}, {"TESTGATE_LABELS_COUNT": " "}])
def test_a_list_of_nothing_is_not_given(environ: Mapping[str, str]) -> None:
    """An empty list in a pipe is as good as none, and the next spelling counts."""
    assert inputs(environ).of(PlanOptions).labels == ()
    assert inputs({**environ, "PLUGIN_LABELS": "x"}).of(PlanOptions).labels == ("x",)
    assert inputs({**environ, "TESTGATE_LABELS": "x"}).of(PlanOptions).labels == ("x",)


def test_a_list_of_blank_items_is_not_given() -> None:
    """What is empty counts as not given, in a list as elsewhere."""
    blank = as_pipe("INPUT_LABELS", ["", " "])
    assert inputs(blank).of(PlanOptions).labels == ()
    assert inputs({**blank, **as_pipe("TESTGATE_LABELS", ["x"])}).of(PlanOptions).labels == ("x",)


def test_each_spelling_keeps_its_place() -> None:
    """A list counts where the plain variable of its spelling would."""
    listed = as_pipe("TESTGATE_LABELS", ["list"])
    assert inputs({**listed, "INPUT_LABELS": "step"}).of(PlanOptions).labels == ("step",)
    assert inputs({**listed, "PLUGIN_LABELS": "plugin"}).of(PlanOptions).labels == ("list",)
    assert inputs({**listed, **as_pipe("INPUT_LABELS", ["first"])}).of(PlanOptions).labels == ("first",)


def test_a_spelling_with_a_hyphen_has_no_numbers() -> None:
    """Only GitHub makes such variables, and it has no lists: they are told as no inputs."""
    found = inputs(as_pipe("INPUT_PLAN-ID", ["274"]))
    assert found.of(PlanOptions).plan_id == ()
    assert [warning.split(":")[0] for warning in found.warnings] == [
        "`INPUT_PLAN-ID_COUNT` is no input and is ignored",
        "`INPUT_PLAN-ID_0` is no input and is ignored",
    ]


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        (
            {"TESTGATE_PLAN_ID_COUNT": "3", "TESTGATE_PLAN_ID_0": "1", "TESTGATE_PLAN_ID_1": "2"},
            "`plan-id`: is incomplete: TESTGATE_PLAN_ID_COUNT is 3, and there is no TESTGATE_PLAN_ID_2. Example: 274",
        ),
        (
            as_pipe("TESTGATE_PLAN_ID", ["1"]) | {"TESTGATE_PLAN_ID": "1"},
            "`plan-id`: is given twice, by TESTGATE_PLAN_ID and by TESTGATE_PLAN_ID_COUNT: keep one. Example: 274",
        ),
        (
            as_pipe("TESTGATE_PLAN_ID", ["1", "2\n3"]),
            "`plan-id`: has an item of several lines, TESTGATE_PLAN_ID_1: an item is one line. Example: 274",
        ),
        (
            as_pipe("TESTGATE_PLAN_ID", ["2\r3"]),
            "`plan-id`: has an item of several lines, TESTGATE_PLAN_ID_0: an item is one line. Example: 274",
        ),
        *(
            (
                {"TESTGATE_PLAN_ID_COUNT": count, "TESTGATE_PLAN_ID_0": "1"},
                "`plan-id`: cannot be read: TESTGATE_PLAN_ID_COUNT must be a whole number from 0 to 1000. Example: 274",
            )
            for count in ("x", "-1", "1.0", "1001", "9" * 5000, "\u0661", "\u00b2")
        ),
        (
            as_pipe("TESTGATE_ENVIRONMENT_ID", ["7", "8"]),
            "`environment-id`: holds one value, but TESTGATE_ENVIRONMENT_ID_COUNT makes it a list. Example: 7",
        ),
        (
            as_pipe("TESTGATE_TIMEOUT", ["7m"]),
            "`timeout`: holds one value, but TESTGATE_TIMEOUT_COUNT makes it a list. Example: 1h30m",
        ),
    ],
)
def test_a_list_that_cannot_be_used_is_a_problem(environ: Mapping[str, str], said: str) -> None:
    """Each says which variable is to be mended; a guess could run the wrong tests."""
    assert problem(environ) == said


def test_the_longest_list_is_read() -> None:
    """A thousand items are read, in their order."""
    ids = [str(number) for number in range(1, 1001)]
    assert inputs(as_pipe("TESTGATE_PLAN_ID", ids)).of(PlanOptions).plan_id == tuple(map(int, ids))


def test_a_wrong_item_is_shown() -> None:
    """What is no secret is shown as always."""
    assert "(given: main plan)" in problem(as_pipe("TESTGATE_PLAN_ID", ["274", "main plan"]))


def test_a_list_and_a_file_are_a_problem() -> None:
    """A secret comes from one place."""
    environ = as_pipe("INPUT_RUNTIME_DATA", ["user=ann"]) | {"TESTGATE_RUNTIME_DATA_FILE": "/data"}
    said = "is given twice, by INPUT_RUNTIME_DATA_COUNT and by TESTGATE_RUNTIME_DATA_FILE"
    assert said in problem(environ)


def test_variables_that_nothing_counts_are_told() -> None:
    """A count that was forgotten, one that is too small, and a number in another form than the CI's."""
    environ = {
        **as_pipe("TESTGATE_LABELS", ["a", "b"]),
        "TESTGATE_LABELS_2": "c",
        "TESTGATE_LABELS_01": "d",
        "PLUGIN_PLAN_ID_0": "274",
        "TESTGATE_ENVIRONMENT_ID_0": "7",
    }
    found = inputs(environ)
    assert found.of(PlanOptions).labels == ("a", "b")
    assert found.warnings == (
        "`TESTGATE_LABELS_2` is ignored: `TESTGATE_LABELS_COUNT` does not count it",
        "`TESTGATE_LABELS_01` is ignored: `TESTGATE_LABELS_COUNT` does not count it",
        "`PLUGIN_PLAN_ID_0` is ignored: `PLUGIN_PLAN_ID_COUNT` does not count it",
        "`TESTGATE_ENVIRONMENT_ID_0` is no input and is ignored: did you mean `TESTGATE_ENVIRONMENT_ID`?",
    )


def test_a_count_that_cannot_be_read_leaves_its_items_in_peace() -> None:
    """It is a problem of its own where it counts; where it does not, nothing is known of its items."""
    names = Names(every=frozenset({"labels"}), secret=frozenset(), several=frozenset({"labels"}))
    environ = {"INPUT_LABELS": "x", "TESTGATE_LABELS_COUNT": "many", "TESTGATE_LABELS_7": "y"}
    assert strangers(lookup(environ), names) == []


def test_early_questions_see_lists() -> None:
    """Whether plans are given is asked before they are read; what cannot be read is given all the same."""
    assert lookup(as_pipe("TESTGATE_PLAN_ID", ["1", "2"])).text("plan-id") == "1\n2"
    assert lookup({"TESTGATE_PLAN_ID_COUNT": "x"}).text("plan-id")
    assert lookup({"TESTGATE_PLAN_ID_COUNT": "0"}).text("plan-id") == ""


def test_what_is_laid_over_replaces_a_list() -> None:
    """A demo's own plan takes the place of the user's."""
    upper = lookup(as_pipe("TESTGATE_PLAN_ID", ["1", "2"])).lay_over({"plan-id": "274"})
    assert upper.given("plan-id", several=True) == Given("274", "")
    assert upper.variable("plan-id") == ""


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        (as_pipe("TESTGATE_PROJECT_ID", ["3"]), "TESTGATE_PROJECT_ID_COUNT"),
        ({"PLUGIN_PROJECT_ID_COUNT": "x"}, "PLUGIN_PROJECT_ID_COUNT"),
    ],
)
def test_another_providers_list_is_told(environ: Mapping[str, str], variable: str) -> None:
    """In the job's environment it is a warning, and its items are not strange besides."""
    found = inputs(environ, Rules(foreign={"project-id": "testifly"}))
    assert found.warnings == (f"`{variable}` is ignored: it belongs to the provider testifly",)


def test_another_providers_list_in_the_step_is_a_problem() -> None:
    """In this step it can only be a mistake."""
    with pytest.raises(InputError, match="`project-id`: belongs to another provider"):
        inputs(as_pipe("INPUT_PROJECT_ID", ["3"]), Rules(foreign={"project-id": "testifly"}))


@pytest.mark.parametrize(
    "environ",
    [
        as_pipe("TESTGATE_RUNTIME_DATA", ["user=ann", f"password={SECRET}"]),
        as_pipe("PLUGIN_RUNTIME_DATA", [f'{{"password": "{SECRET}"}}']),
        as_pipe("TESTGATE_RUNTIME_DATA", [f"password={SECRET}\nmore"]),
        {"TESTGATE_RUNTIME_DATA_COUNT": "x", "TESTGATE_RUNTIME_DATA_0": f"password={SECRET}"},
        {"TESTGATE_RUNTIME_DATA_7": f"password={SECRET}"},
        {"INPUT_RUNTIME-DATA_0": f"password={SECRET}"},
        {"INPUT_RUNTIME_DATA": "user=ann", **as_pipe("TESTGATE_RUNTIME_DATA", [f"password={SECRET}"])},
    ],
)
def test_a_secret_in_a_list_is_hidden_used_or_not(environ: Mapping[str, str]) -> None:
    """Also where the list cannot be used, where nothing counts it, and where another spelling wins."""
    assert SECRET in secrets(lookup(environ), [PlanOptions])
    try:
        shown = "".join(inputs({**environ, "INPUT_ENVIRONMENT_ID": SECRET}).warnings)
    except InputError as error:
        shown = str(error) + repr(error)
    assert SECRET not in shown


def test_a_key_in_a_list_is_refused_and_hidden() -> None:
    """A key is one value; what was given is hidden nevertheless."""
    environ = as_pipe("TESTGATE_API_KEY", [SECRET])
    assert SECRET in secrets(lookup(environ), [CommonOptions])
    assert problem(environ).startswith("`api-key`: holds one value, but TESTGATE_API_KEY_COUNT makes it a list.")


ITEMS = st.lists(st.text(st.characters(exclude_characters="\r\n,", codec="utf-8"), max_size=8), max_size=12)


@drawn(ITEMS, st.sampled_from(spellings("labels")))
def test_any_list_means_its_lines(items: list[str], spelling: str) -> None:
    """A list in numbers reads as the same items do in one variable, an item a line."""
    try:
        listed = lookup(as_pipe(spelling, items)).given("labels", several=True)
    except Fault as fault:
        raise AssertionError(fault.what) from fault
    plain = lookup({"TESTGATE_LABELS": "\n".join(item.strip() for item in items)}).given("labels")
    assert (listed.text if listed else "") == (plain.text if plain else "")


VARIABLES = st.sampled_from(
    [
        f"{spelling}{end}"
        for spelling in [*spellings("plan-id"), *spellings("labels"), *spellings("runtime-data")]
        for end in ("", "_COUNT", "_0", "_1", "_2", "_02", "_-1", "_FILE")
    ]
)
VALUES = st.sampled_from(["", "0", "1", "2", "3", "x", "1001", "a=b", "a\nb", "[1]", '{"a": 1}']) | st.text(max_size=5)


@drawn(st.dictionaries(VARIABLES, VALUES, max_size=10))
def test_any_mixture_gives_typed_inputs_or_an_input_error(environ: dict[str, str]) -> None:
    """However counts, items and plain variables contradict each other, nothing fails in another way."""
    early = [lookup(environ).text(name) for name in ("plan-id", "labels")]
    problems: Sequence[str] = ()
    try:
        options = inputs(environ).of(PlanOptions)
    except InputError as error:
        problems = error.problems
    else:
        assert [bool(text) for text in early] == [bool(options.plan_id), bool(options.labels)]
    assert not any("\n" in each for each in problems)
