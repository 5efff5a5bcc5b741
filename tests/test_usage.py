"""`--help` and `--version`."""

import pytest

from testgate import __version__
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import declared
from testgate.providers import PROVIDERS
from testgate.usage import usage


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
