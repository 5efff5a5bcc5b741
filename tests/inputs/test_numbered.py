"""Lists in numbered variables, as Bitbucket passes them to a pipe."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from testgate.errors import InputError
from testgate.inputs.declaring import Options, option
from testgate.inputs.lists import IdList, SecretMap, StringMap, TextList
from testgate.inputs.lookup import Lookup, Names, spellings, unknown_variable_warnings
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import Inputs, Rules, read, secrets
from testgate.inputs.values import Fault, Given, OptionalId
from testgate.model import Conclusion

SECRET = "pa55-phrase-zq"


class PlanOptions(Options):
    """Inputs as a provider could declare them."""

    plan_id: IdList = option(default=(), description="The plans.", example="274")
    environment_id: OptionalId = option(default=None, description="The environment.", example="7")
    runtime_data: SecretMap = option(default={}, description="Data.", example="user=ann")
    versions: StringMap = option(default={}, description="Versions.", example="12=34")
    labels: TextList = option(default=(), description="Labels.", example="smoke")


def as_pipe(name: str, items: Sequence[str]) -> dict[str, str]:
    """The variables that Bitbucket makes from a list in the `variables:` of a pipe."""
    return {f"{name}_COUNT": str(len(items)), **{f"{name}_{number}": item for number, item in enumerate(items)}}


def lookup(environ: Mapping[str, str]) -> Lookup:
    """A lookup of this environment, without any files."""

    def no_file(path: str) -> str:
        raise FileNotFoundError(2, "No such file or directory", path)

    return Lookup(environ, read_file=no_file)


def inputs(environ: Mapping[str, str], rules: Rules = Rules()) -> Inputs:  # noqa: B008  # immutable
    """Read the inputs from this environment."""
    return read(lookup(environ), [CommonOptions, PlanOptions], rules)


def problem(environ: Mapping[str, str]) -> str:
    """The only problem of this environment."""
    with pytest.raises(InputError) as caught:
        inputs(environ)
    [found] = caught.value.problems
    return found


@pytest.mark.parametrize("prefix", ["INPUT", "TESTGATE", "PLUGIN"])
def test_every_kind_of_list_is_read(prefix: str) -> None:
    """Ids, texts, maps, secret maps and sets of words can be numbered, with every prefix."""
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
    assert options.versions == {"31": "482", "a": "b=3"}
    assert {name: value.reveal() for name, value in options.runtime_data.items()} == {
        "user": "ann",
        "password": SECRET,
    }
    assert found.of(CommonOptions).fail_on == frozenset({Conclusion.FAILED, Conclusion.STOPPED})
    assert found.warnings == ()


def test_single_item_may_be_a_json_object() -> None:
    """A list of one JSON object is a map."""
    assert inputs(as_pipe("TESTGATE_VERSIONS", ['{"31": 482}'])).of(PlanOptions).versions == {"31": "482"}


@pytest.mark.parametrize("environ", [{"TESTGATE_LABELS_COUNT": "0"}, {"TESTGATE_LABELS_COUNT": " "}])
def test_empty_list_is_not_given(environ: Mapping[str, str]) -> None:
    """An empty list in a pipe counts as none, and the next spelling is used."""
    assert inputs(environ).of(PlanOptions).labels == ()
    assert inputs({**environ, "PLUGIN_LABELS": "x"}).of(PlanOptions).labels == ("x",)
    assert inputs({**environ, "TESTGATE_LABELS": "x"}).of(PlanOptions).labels == ("x",)


def test_list_of_blank_items_is_not_given() -> None:
    """Empty values count as not given, in a list as elsewhere."""
    blank = as_pipe("INPUT_LABELS", ["", " "])
    assert inputs(blank).of(PlanOptions).labels == ()
    assert inputs({**blank, **as_pipe("TESTGATE_LABELS", ["x"])}).of(PlanOptions).labels == ("x",)


def test_list_has_the_precedence_of_its_spelling() -> None:
    """A list takes precedence where the plain variable of its spelling would."""
    listed = as_pipe("TESTGATE_LABELS", ["list"])
    assert inputs({**listed, "INPUT_LABELS": "step"}).of(PlanOptions).labels == ("step",)
    assert inputs({**listed, "PLUGIN_LABELS": "plugin"}).of(PlanOptions).labels == ("list",)
    assert inputs({**listed, **as_pipe("INPUT_LABELS", ["first"])}).of(PlanOptions).labels == ("first",)


def test_spelling_with_a_hyphen_cannot_be_numbered() -> None:
    """Only GitHub sets such variables, and it has no lists."""
    found = inputs(as_pipe("INPUT_PLAN-ID", ["274"]))
    assert found.of(PlanOptions).plan_id == ()
    assert [warning.split(";")[0] for warning in found.warnings] == [
        "`INPUT_PLAN-ID_COUNT` is not an input and is ignored",
        "`INPUT_PLAN-ID_0` is not an input and is ignored",
    ]


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        (
            {"TESTGATE_PLAN_ID_COUNT": "3", "TESTGATE_PLAN_ID_0": "1", "TESTGATE_PLAN_ID_1": "2"},
            "`plan-id`: is incomplete: TESTGATE_PLAN_ID_COUNT is 3, but TESTGATE_PLAN_ID_2 is not set. Example: 274",
        ),
        (
            as_pipe("TESTGATE_PLAN_ID", ["1"]) | {"TESTGATE_PLAN_ID": "1"},
            "`plan-id`: is set twice, by TESTGATE_PLAN_ID and by TESTGATE_PLAN_ID_COUNT: remove one. Example: 274",
        ),
        (
            as_pipe("TESTGATE_PLAN_ID", ["1", "2\n3"]),
            "`plan-id`: has an item with several lines (TESTGATE_PLAN_ID_1): each item must be one line. Example: 274",
        ),
        (
            as_pipe("TESTGATE_PLAN_ID", ["2\r3"]),
            "`plan-id`: has an item with several lines (TESTGATE_PLAN_ID_0): each item must be one line. Example: 274",
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
            "`environment-id`: takes a single value, but TESTGATE_ENVIRONMENT_ID_COUNT makes it a list. Example: 7",
        ),
        (
            as_pipe("TESTGATE_TIMEOUT", ["7m"]),
            "`timeout`: takes a single value, but TESTGATE_TIMEOUT_COUNT makes it a list. Example: 1h30m",
        ),
    ],
)
def test_invalid_list_is_a_problem(environ: Mapping[str, str], message: str) -> None:
    """The problem names the variable to fix; a guess could run the wrong tests."""
    assert problem(environ) == message


def test_longest_list_is_read_in_order() -> None:
    """A thousand items are read in order."""
    ids = [str(number) for number in range(1, 1001)]
    assert inputs(as_pipe("TESTGATE_PLAN_ID", ids)).of(PlanOptions).plan_id == tuple(map(int, ids))


def test_invalid_item_is_shown() -> None:
    """Items that are not secret are shown as usual."""
    assert "(given: main plan)" in problem(as_pipe("TESTGATE_PLAN_ID", ["274", "main plan"]))


def test_list_and_file_together_are_a_problem() -> None:
    """A secret comes from one place only."""
    environ = as_pipe("INPUT_RUNTIME_DATA", ["user=ann"]) | {"TESTGATE_RUNTIME_DATA_FILE": "/data"}
    message = "is set twice, by INPUT_RUNTIME_DATA_COUNT and by TESTGATE_RUNTIME_DATA_FILE"
    assert message in problem(environ)


def test_uncounted_variables_cause_warnings() -> None:
    """The count is missing or too small, or the number has an unusual form."""
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
        "`TESTGATE_LABELS_2` is ignored: `TESTGATE_LABELS_COUNT` does not include it",
        "`TESTGATE_LABELS_01` is ignored: `TESTGATE_LABELS_COUNT` does not include it",
        "`PLUGIN_PLAN_ID_0` is ignored: `PLUGIN_PLAN_ID_COUNT` does not include it",
        "`TESTGATE_ENVIRONMENT_ID_0` is not an input and is ignored; did you mean `TESTGATE_ENVIRONMENT_ID`?",
    )


def test_items_of_an_invalid_count_cause_no_warnings() -> None:
    """If another spelling wins, nothing is known about these items."""
    names = Names(every=frozenset({"labels"}), secret=frozenset(), several=frozenset({"labels"}))
    environ = {"INPUT_LABELS": "x", "TESTGATE_LABELS_COUNT": "many", "TESTGATE_LABELS_7": "y"}
    assert unknown_variable_warnings(lookup(environ), names) == []


def test_text_of_a_list_can_be_asked_for_early() -> None:
    """Whether plans are given is asked before they are read."""
    assert lookup(as_pipe("TESTGATE_PLAN_ID", ["1", "2"])).text("plan-id") == "1\n2"
    assert lookup({"TESTGATE_PLAN_ID_COUNT": "x"}).text("plan-id")
    assert lookup({"TESTGATE_PLAN_ID_COUNT": "0"}).text("plan-id") == ""


def test_override_replaces_a_list() -> None:
    """The plan of a demo replaces those of the user."""
    found = lookup(as_pipe("TESTGATE_PLAN_ID", ["1", "2"])).override({"plan-id": "274"})
    assert found.given("plan-id", several=True) == Given("274", "")
    assert found.variable("plan-id") == ""


@pytest.mark.parametrize(
    ("environ", "variable"),
    [
        (as_pipe("TESTGATE_PROJECT_ID", ["3"]), "TESTGATE_PROJECT_ID_COUNT"),
        ({"PLUGIN_PROJECT_ID_COUNT": "x"}, "PLUGIN_PROJECT_ID_COUNT"),
    ],
)
def test_list_of_another_provider_causes_one_warning(environ: Mapping[str, str], variable: str) -> None:
    """There is a warning about the list, and none about its items."""
    found = inputs(environ, Rules(foreign={"project-id": "testifly"}))
    assert found.warnings == (f"`{variable}` is ignored: it belongs to the provider testifly",)


def test_list_of_another_provider_in_the_step_is_a_problem() -> None:
    """Among the inputs of this step, it can only be a mistake."""
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
def test_secret_in_a_list_is_always_hidden(environ: Mapping[str, str]) -> None:
    """It is hidden even if the list is invalid, not counted, or overruled by another spelling."""
    assert SECRET in secrets(lookup(environ), [PlanOptions])
    try:
        shown = "".join(inputs({**environ, "INPUT_ENVIRONMENT_ID": SECRET}).warnings)
    except InputError as error:
        shown = str(error) + repr(error)
    assert SECRET not in shown


def test_key_in_a_list_is_refused_and_hidden() -> None:
    """A key is a single value; the given text is hidden nevertheless."""
    environ = as_pipe("TESTGATE_API_KEY", [SECRET])
    assert SECRET in secrets(lookup(environ), [CommonOptions])
    assert problem(environ).startswith("`api-key`: takes a single value, but TESTGATE_API_KEY_COUNT makes it a list.")


ITEMS = st.lists(st.text(st.characters(exclude_characters="\r\n,", codec="utf-8"), max_size=8), max_size=12)


@drawn(ITEMS, st.sampled_from(spellings("labels")))
def test_numbered_list_equals_its_lines(items: list[str], spelling: str) -> None:
    """A numbered list equals the same items as lines of one variable."""
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
    """Counts, items and plain variables that contradict each other raise nothing else."""
    early = [lookup(environ).text(name) for name in ("plan-id", "labels")]
    problems: Sequence[str] = ()
    try:
        options = inputs(environ).of(PlanOptions)
    except InputError as error:
        problems = error.problems
    else:
        assert [bool(text) for text in early] == [bool(options.plan_id), bool(options.labels)]
    assert not any("\n" in each for each in problems)
