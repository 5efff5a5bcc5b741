"""Reading models from an environment: typed instances, or every problem at once and no secrets."""

import json
import traceback
from collections.abc import Iterator, Mapping
from typing import Annotated

import pytest
from hypothesis import assume
from hypothesis import given as drawn
from hypothesis import strategies as st

from testgate.errors import InputError
from testgate.inputs.declaring import Options, option
from testgate.inputs.lists import IdList, SecretMap, StringMap, TextList
from testgate.inputs.lookup import Lookup, spellings
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import Input, Rules, declared, read, secrets
from testgate.inputs.values import Kind, OptionalId, key, text
from testgate.redact import Secret
from testgate.text import one_line


class PlanOptions(Options):
    """Inputs as a provider could declare them."""

    plan_id: IdList = option(default=(), description="The plans.", example="274")
    environment_id: OptionalId = option(default=None, description="The environment.", example="7")
    runtime_data: SecretMap = option(default={}, description="Data.", example="user=ann")
    versions: StringMap = option(default={"1": "2"}, description="Versions.", example="12=34\n13=35")
    labels: TextList = option(default=("a", "b"), description="Labels.", example="smoke")


class PairOptions(Options):
    """Inputs with rules of their own."""

    left: Annotated[str, Kind(text)] = option(description="Left.", example="abc")
    right: Annotated[Secret, Kind(key, secrets=lambda given: [given.text])] = option(
        default=Secret(""), description="Right.", example="abc"
    )

    def contradictions(self) -> Iterator[str]:
        """Refuse equal values."""
        if self.left == self.right.reveal():
            yield "`left`: must differ from `right`. Example: abc"


def lookup(environ: Mapping[str, str], files: Mapping[str, str] | None = None) -> Lookup:
    """A lookup of this environment, with these files."""

    def read_file(path: str) -> str:
        """Return the content of the file."""
        if path not in (files or {}):
            raise FileNotFoundError(2, "No such file or directory", path)
        return (files or {})[path]

    return Lookup(environ, read_file=read_file)


def problems(environ: Mapping[str, str], *models: type[Options], rules: Rules = Rules()) -> tuple[str, ...]:  # noqa: B008
    """The problems of this environment."""
    with pytest.raises(InputError) as caught:
        read(lookup(environ), models, rules)
    return caught.value.problems


def test_models_are_read_from_one_environment() -> None:
    """Each model reads its own inputs, and the others keep their defaults."""
    found = read(
        lookup(
            {
                "INPUT_PLAN-ID": "274, 275",
                "TESTGATE_TIMEOUT": "5m",
                "PLUGIN_LABELS": '["x", "y"]',
                "INPUT_VERSIONS": "1=3",
            }
        ),
        [CommonOptions, PlanOptions],
    )
    assert found.of(CommonOptions).timeout == 300.0
    assert found.of(PlanOptions).plan_id == (274, 275)
    assert found.of(PlanOptions).labels == ("x", "y")
    assert found.of(PlanOptions).versions == {"1": "3"}
    assert found.of(PlanOptions).environment_id is None
    assert found.warnings == ()


def test_model_that_was_not_read_is_a_key_error() -> None:
    """Asking for it is a mistake of the caller."""
    with pytest.raises(KeyError):
        read(lookup({}), [CommonOptions]).of(PlanOptions)


def test_all_problems_are_reported_at_once_in_the_order_of_the_inputs() -> None:
    """One failed build is enough to fix everything."""
    environ = {
        "INPUT_TIMEOUT": "90",
        "INPUT_API-KEY": "s3cret s3cret",
        "TESTGATE_WAIT": "yes",
        "PLUGIN_PLAN_ID": "274,main plan",
        "INPUT_RUNTIME-DATA": "user=ann\ns3cret",
        "INPUT_DEMO-SCENARIO": "pasing",
    }
    rules = Rules(problems=["`x`: found before"], required={"environment-id": "required for command run"})
    assert problems(environ, CommonOptions, PlanOptions, rules=rules) == (
        "`x`: found before",
        "`wait`: must be true or false (given: yes); did you mean true? Example: false",
        "`timeout`: needs a unit: d, h, m, s or ms (given: 90); did you mean 90s? Example: 1h30m",
        (
            "`api-key`: must consist of printable ASCII without spaces or line breaks: check that you copied it"
            " correctly. Example: the secret TESTGATE_API_KEY of your CI"
        ),
        (
            "`demo-scenario`: must be one of passing, failing, flaky, outage, empty, slow (given: pasing);"
            " did you mean passing? Example: passing"
        ),
        "`plan-id`: must be an id: a positive whole number (given: main plan). Example: 274",
        "`environment-id`: required for command run. Example: 7",
        "`runtime-data`: line 2 is not key=value. Example: user=ann",
    )


def test_shown_values_are_cut_and_cleaned() -> None:
    """Values and examples in a message can't forge lines or fill the log."""
    [problem] = problems({"INPUT_VERSIONS": "{" + "x" * 500}, PlanOptions)
    assert problem == "`versions`: is not valid JSON (line 1, column 2). Example: 12=34 13=35"
    [problem] = problems({"INPUT_TITLE": "a\n::error::b\x1b[0m" + "c" * 500}, CommonOptions)
    assert "(given: a ::error::bccc" in problem
    assert len(problem) < 250


def test_required_input_that_is_given_is_no_problem() -> None:
    """An invalid one has only its own problem."""
    rules = Rules(required={"plan-id": "required for command run"})
    assert read(lookup({"INPUT_PLAN-ID": "1"}), [PlanOptions], rules).of(PlanOptions).plan_id == (1,)
    [problem] = problems({"INPUT_PLAN-ID": "x"}, PlanOptions, rules=rules)
    assert "must be an id" in problem


def test_required_secret_in_an_invalid_file_has_one_problem() -> None:
    """The problem is the file, not a missing value."""
    [problem] = problems({"INPUT_API_KEY_FILE": "/no"}, CommonOptions, rules=Rules(required={"api-key": "required"}))
    assert problem.startswith("`api-key`: the file named by INPUT_API_KEY_FILE cannot be read")


def test_choices_come_from_the_caller() -> None:
    """The words of the registries are passed in, and accepted in any case."""
    rules = Rules(choices={"platform": ["github", "plain"], "provider": ["testsigma"]})
    assert read(lookup({"INPUT_PLATFORM": "GitHub"}), [CommonOptions], rules).of(CommonOptions).platform == "github"
    [problem] = problems({"INPUT_PROVIDER": "testsigmaa"}, CommonOptions, rules=rules)
    assert problem == "`provider`: must be testsigma (given: testsigmaa); did you mean testsigma? Example: testsigma"


def test_a_missing_input_without_default_is_reported_by_name() -> None:
    """Like every other problem."""
    assert problems({}, PairOptions) == ("`left`: required. Example: abc",)


def test_rule_about_two_fields_applies_only_to_valid_fields() -> None:
    """The problem is reported in the words of the model, but not beside an invalid field."""
    assert problems({"INPUT_LEFT": "a", "INPUT_RIGHT": "a"}, PairOptions) == (
        "`left`: must differ from `right`. Example: abc",
    )
    [problem] = problems({"INPUT_LEFT": "\x07"}, PairOptions)
    assert "control characters" in problem


def test_selector_of_another_provider_in_the_step_is_a_problem() -> None:
    """Among the inputs of this step, it can only be a mistake."""
    rules = Rules(foreign={"project-id": "testifly"})
    assert problems({"INPUT_PROJECT-ID": "3"}, CommonOptions, rules=rules) == (
        "`project-id`: belongs to another provider: remove it, or set `provider`. Example: provider: testifly",
    )


@pytest.mark.parametrize("variable", ["TESTGATE_PROJECT_ID", "PLUGIN_PROJECT_ID"])
def test_selector_of_another_provider_in_the_job_is_a_warning(variable: str) -> None:
    """Another step of the job may need it."""
    found = read(lookup({variable: "3"}), [CommonOptions], Rules(foreign={"project-id": "testifly"}))
    assert found.warnings == (f"`{variable}` is ignored: it belongs to the provider testifly",)


def test_input_of_both_providers_is_not_foreign() -> None:
    """An input that the chosen provider knows, too, is its own."""
    found = read(lookup({"INPUT_PLAN-ID": "3"}), [PlanOptions], Rules(foreign={"plan-id": "testifly"}))
    assert found.of(PlanOptions).plan_id == (3,)


def test_unknown_variables_cause_warnings() -> None:
    """They never fail a build, and known names are not among them."""
    rules = Rules(foreign={"project-id": "testifly"}, known=["agent-key"])
    environ = {
        "INPUT_PLAN": "s3cret",
        "INPUT_AGENT-KEY": "x",
        "TESTGATE_AGENT_KEY_FILE": "x",
        "INPUT_RUNTIME_DATA_FILE": "/f",
    }
    found = read(lookup(environ, {"/f": "user=ann"}), [PlanOptions], rules)
    assert found.warnings == ("`INPUT_PLAN` is not an input and is ignored; did you mean `plan-id`?",)
    assert found.of(PlanOptions).runtime_data["user"].reveal() == "ann"


def test_every_text_given_as_a_secret_is_found() -> None:
    """All of them must be masked before anything is printed, whether valid and used or not."""
    environ = {
        "INPUT_API-KEY": "Bearer k3y",
        "TESTGATE_API_KEY": "other",
        "INPUT_RUNTIME-DATA": "user=ann-of-the-ci\ntoken=abc-1234==\nshort=true\nempty=\n loose ",
    }
    assert secrets(lookup(environ), [CommonOptions, PlanOptions]) == [
        *("Bearer k3y", "k3y", "other"),
        *("ann-of-the-ci", "abc-1234==", "true", "loose"),
    ]
    assert secrets(lookup({"PLUGIN_RUNTIME_DATA": '{"a": "xxxxxxxx", "b": 123456789}'}), [PlanOptions]) == [
        *("xxxxxxxx", "123456789"),
    ]
    assert secrets(lookup({"PLUGIN_RUNTIME_DATA": '{"a": "xxxxxxxx", '}), [PlanOptions]) == [
        *('{"a": "xxxxxxxx",', "a", "xxxxxxxx"),
    ]


def test_declared_inputs_are_formatted_for_documents() -> None:
    """Defaults and examples look as users would write them."""
    found = {one.name: one for one in declared([PlanOptions, PairOptions])}
    assert found["plan-id"] == Input("plan-id", "", "The plans.", "274", required=False, secret=False)
    assert found["runtime-data"] == Input("runtime-data", "", "Data.", "user=ann", required=False, secret=True)
    assert found["versions"].default == "1=2"
    assert found["labels"].default == "a, b"
    assert found["left"] == Input("left", "", "Left.", "abc", required=True, secret=False)


def test_field_without_a_kind_is_a_bug() -> None:
    """It is found as soon as the module is loaded."""
    with pytest.raises(TypeError, match=r"Unfinished\.name has no kind"):
        type("Unfinished", (Options,), {"__annotations__": {"name": str}, "name": ""})


def test_options_are_frozen_and_closed() -> None:
    """Options can't be changed, and unknown names are refused, as is a missing value."""
    with pytest.raises(AttributeError, match="can't be changed"):
        PlanOptions().plan_id = (1,)  # type: ignore[misc]  # what is tested
    with pytest.raises(TypeError, match="no field unknown"):
        PlanOptions(unknown=1)  # type: ignore[call-arg]  # what is tested
    with pytest.raises(TypeError, match="needs a value for left"):
        PairOptions()  # type: ignore[call-arg]  # what is tested


def test_options_are_compared_by_their_values() -> None:
    """A value that is given and that of the default are the same; another class never is."""
    assert PlanOptions(labels=("a", "b")) == PlanOptions()
    assert PlanOptions(plan_id=(1,)) != PlanOptions()
    assert PairOptions(left="a") != PlanOptions()


def test_replacing_keeps_what_was_given() -> None:
    """The others keep their defaults, and are still not given."""
    options = PlanOptions(plan_id=(1,)).replacing(labels=())
    assert (options.plan_id, options.labels, options.versions) == ((1,), (), {"1": "2"})
    assert options.given == {"plan_id", "labels"}


def test_repr_does_not_show_a_secret_map() -> None:
    """It shows neither values nor keys, which can contain a part of a value."""
    found = read(lookup({"INPUT_RUNTIME-DATA": "url=https://s3cret?x=1"}), [PlanOptions]).of(PlanOptions)
    assert [value.reveal() for value in found.runtime_data.values()] == ["https://s3cret?x=1"]
    assert "s3cret" not in repr(found) + str(found)


SECRET = "pa55-phrase-zq"
MISPLACED = [
    {"INPUT_API-KEY": f"Bearer {SECRET}"},
    {"INPUT_API-KEY": f"{SECRET}\n" + SECRET},
    {"TESTGATE_API_KEY_FILE": SECRET},
    {"TESTGATE_API_KEY_FILE": "/wrong"},
    {"TESTGATE_API_KEY_FILE": "/right", "INPUT_API_KEY": SECRET},
    {"INPUT_RUNTIME-DATA": SECRET},
    {"INPUT_RUNTIME-DATA": f"a,token={SECRET}=="},
    {"INPUT_RUNTIME-DATA": f'{{"token": "{SECRET}", '},
    {"INPUT_RUNTIME-DATA": f'{{"token": ["{SECRET}"]}}'},
    {"INPUT_API-KEY": SECRET, "INPUT_TIMEOUT": SECRET, "INPUT_PLAN-ID": f"1,{SECRET}", "INPUT_FAIL-ON": SECRET},
    {"INPUT_API-KEY": SECRET, "INPUT_TIMEOUT": "x" * 50 + SECRET},
    {"INPUT_API-KEY": SECRET, "INPUT_BASE-URL": f"http://{SECRET}.example.com"},
    {"INPUT_RUNTIME-DATA": f"token={SECRET}", "INPUT_LOG-LEVEL": SECRET},
    {"INPUT_BASE-URL": f"https://user:{SECRET}@host"},
    {"INPUT_BASE-URL": f"https://host?key={SECRET}"},
]


@pytest.mark.parametrize("environ", MISPLACED)
def test_secret_is_in_no_message_repr_or_traceback(environ: dict[str, str]) -> None:
    """A secret doesn't show wherever it was set, even if cutting would leave a part of it."""
    files = {"/wrong": f"{SECRET} {SECRET}", "/right": SECRET}
    with pytest.raises(InputError) as caught:
        read(lookup(environ, files), [CommonOptions, PlanOptions])
    shown = "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None
    assert "pa55" not in shown + repr(caught.value) + "".join(caught.value.problems)


NAMES = [found.name for found in declared([CommonOptions, PlanOptions])]
VARIABLES = [variable for name in NAMES for spelling in spellings(name) for variable in (spelling, spelling + "_FILE")]
WORDS = st.sampled_from(
    ["true", "1h", "95%", "0.5", "none", "all", "a=b", "[1]", '{"a": 1}', "https://x", "http://x@y", "274", "/file"]
)
TEXTS = WORDS | st.text(st.characters(codec=None), max_size=30)


@drawn(st.dictionaries(st.sampled_from(VARIABLES) | st.text(max_size=9).map("INPUT_".__add__), TEXTS, max_size=8))
def test_any_environment_gives_typed_inputs_or_an_input_error(environ: dict[str, str]) -> None:
    """Nothing that a user or a CI sets makes reading raise anything else."""
    rules = Rules(required={"plan-id": "required"}, foreign={"project-id": "testifly"})
    try:
        found = read(lookup(environ, {"/file": "text"}), [CommonOptions, PlanOptions], rules)
    except InputError as error:
        sentences = error.problems
    else:
        sentences = found.warnings
        assert found.of(PlanOptions).plan_id
    for sentence in sentences:
        assert one_line(sentence, 1000) == sentence


@drawn(
    st.text("abcdefghijklmnop0123456789 =\n\"'\\{}@:/&<", min_size=12, max_size=40),
    st.sampled_from(["INPUT_API-KEY", "PLUGIN_API_KEY", "INPUT_RUNTIME-DATA"]),
    st.dictionaries(st.sampled_from(VARIABLES), st.sampled_from(["", "x", "https://", "1,", "a" * 55]), max_size=6),
)
def test_errors_never_contain_a_secret(secret: str, variable: str, others: dict[str, str]) -> None:
    """That holds even if other inputs contain the same text."""
    secret = secret.strip()
    assume(len(secret) > 11)
    given = json.dumps({"token": secret}) if "RUNTIME" in variable else secret
    environ = {**{name: start + secret for name, start in others.items()}, variable: given}
    try:
        shown = "".join(read(lookup(environ), [CommonOptions, PlanOptions]).warnings)
    except InputError as error:
        shown = str(error) + repr(error) + "".join(traceback.format_exception(error))
    assert secret not in shown


@pytest.mark.parametrize(
    ("problems", "said"),
    [
        (["`timeout`: needs a unit"], "`timeout`: needs a unit"),
        (["`values`: a is missing", "`values`: b is missing"], "`values` has 2 faults"),
        (["`values`: a", "`values`: b", "`wait`: c"], "2 inputs are invalid: `values`, `wait`"),
    ],
)
def test_inputs_are_counted_and_not_their_faults(problems: list[str], said: str) -> None:
    """A provider file can have many."""
    assert InputError(problems).message == said
