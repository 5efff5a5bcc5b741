"""`--help` and `--version`."""

import pytest

from testgate import __version__
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import declared
from testgate.providers import PROVIDERS
from testgate.usage import unknown_argument, usage


def test_the_version_is_printed_alone() -> None:
    """A script can read it."""
    assert usage(["--version"]) == f"{__version__}\n"


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["run"]])
def test_the_help_lists_every_input(arguments: list[str]) -> None:
    """Other arguments print the help, too."""
    text = usage(arguments)
    assert "TESTGATE_DEMO=true" in text
    for each in declared([CommonOptions, *(load().options for load in PROVIDERS.values())]):
        assert f"\n  {each.name}" in text
    assert max(map(len, text.splitlines())) <= 100
    for heading in ("What to run", "Waiting", "Gate", "Reports", "Testsigma", "Testifly", "Exit codes"):
        assert f"\n{heading}\n-" in text
    assert "on-busy (wait | fail, default: wait)" in text
    assert "  130  cancelled" in text


@pytest.mark.parametrize(
    ("argument", "variable"),
    [
        ("--test-plan-id", "TESTGATE_TEST_PLAN_ID"),
        ("--test-plan-id=274", "TESTGATE_TEST_PLAN_ID"),
        ("--test_plan", "TESTGATE_TEST_PLAN_ID"),
        ("--tests", "TESTGATE_TESTS"),
        ("-x", ""),
        ("\x1b[31mevil\n", ""),
    ],
)
def test_an_unknown_argument_is_named_in_one_line(argument: str, variable: str) -> None:
    """With the variable that was probably meant."""
    text = unknown_argument(argument)
    assert text.count("\n") == 1
    assert "\x1b" not in text
    assert (f" {variable} " in text) if variable else ("Set the variable" not in text)
