"""Which inputs a step requires, and which variables belong to which models."""

from collections.abc import Mapping

import pytest

from testgate.inputs import required
from testgate.inputs.declaring import Options, option
from testgate.inputs.lookup import Lookup
from testgate.inputs.values import OptionalText


class PlanOptions(Options):
    """The options of one provider."""

    plan_id: OptionalText = option(default=None, description="The plan.", example="274")
    base_url: OptionalText = option(default=None, description="The URL.", example="https://a.example")


class ProjectOptions(Options):
    """The options of another provider."""

    project_id: OptionalText = option(default=None, description="The project.", example="3")
    base_url: OptionalText = option(default=None, description="The URL.", example="https://b.example")


class RecordOptions(Options):
    """Options with long names that share their first two words."""

    test_run_title: OptionalText = option(default=None, description="The title.", example="Nightly")
    key: OptionalText = option(default=None, description="The key.", example="k")


def lookup(environ: Mapping[str, str]) -> Lookup:
    """A lookup of this environment, without any files."""

    def no_file(path: str) -> str:
        raise FileNotFoundError(2, "No such file or directory", path)

    return Lookup(environ, read_file=no_file)


def test_one_selecting_input_is_enough() -> None:
    """If none is given, the first one is required, and the others are mentioned."""
    selects = ("feature-id", "test-id", "tests")
    why = "required for command run"
    assert required.selection(lookup({"INPUT_TEST-ID": "1"}), selects, why) == {}
    assert required.selection(lookup({}), selects, why) == {"feature-id": f"{why}: this, or one of test-id, tests"}
    assert required.selection(lookup({}), ("plan-id",), why) == {"plan-id": why}


def test_a_selecting_list_may_be_numbered() -> None:
    """Even an invalid list counts as given: its fault is reported when it is read."""
    for count in ("1", "many"):
        environ = {"TESTGATE_PLAN_ID_COUNT": count, "TESTGATE_PLAN_ID_0": "274"}
        assert required.selection(lookup(environ), ("plan-id",), "required") == {}


def test_a_withheld_key_is_explained() -> None:
    """If the CI provides no secrets to the build, the user learns why."""
    assert required.api_key("required", "") == {"api-key": "required"}
    assert required.api_key("required", "Forks get no secrets.") == {
        "api-key": "required, and it is empty here. Forks get no secrets."
    }


@pytest.mark.parametrize(
    ("environ", "unknown"),
    [
        ({}, False),
        ({"INPUT_PLAN-ID": "1", "PLUGIN_BASE_URL": "x", "PATH": "x"}, False),
        ({"INPUT_PLAN-ID": "1", "TESTGATE_PROJECT_ID": "3"}, True),
        ({"TESTGATE_PROJECT_ID": ""}, False),
    ],
)
def test_unknown_variables_are_noticed(environ: Mapping[str, str], unknown: bool) -> None:
    """Other models are loaded only if a variable isn't in these ones."""
    assert required.unknown_variables(lookup(environ), [PlanOptions]) is unknown


def test_inputs_that_only_other_providers_have_are_foreign() -> None:
    """An input that the chosen provider has, too, is its own."""
    assert required.foreign([PlanOptions], {"testifly": ProjectOptions}) == {"project-id": "testifly"}


@pytest.mark.parametrize(
    ("variable", "mentioned"),
    [
        ("INPUT_TEST-RUN-TITLE", True),
        ("TESTGATE_TEST_RUN_TITEL", True),
        ("PLUGIN_TEST_RUN_TITLE_FILE", True),
        ("TESTGATE_TEST_RUNNER", False),
        ("TESTGATE_KEY", False),
        ("TEST_RUN_TITLE", False),
    ],
)
def test_models_are_mentioned_by_the_start_of_their_names(variable: str, mentioned: bool) -> None:
    """A misspelled input counts, so that the user gets a suggestion."""
    assert required.mentions(lookup({variable: "x"}), [RecordOptions]) is mentioned
