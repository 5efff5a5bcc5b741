"""`--help` and `--version`."""

import pytest

from testgate import __version__
from testgate.commandline.arguments import parse
from testgate.commandline.flags import WORDS, inputs
from testgate.commandline.usage import answer, short_usage, whole_usage
from testgate.commands import COMMANDS


def test_the_version_is_printed_alone() -> None:
    """A script can read it."""
    assert answer(parse(["--version"])) == (f"{__version__}\n", 0)


def test_the_short_help_fits_on_a_screen() -> None:
    """It has every command, and says where the rest is."""
    text = short_usage()
    assert len(text.splitlines()) <= 32
    assert max(map(len, text.splitlines())) <= 100
    assert set(COMMANDS) < set(WORDS)
    for word in WORDS:
        assert f"\n  {word} " in text
    assert "testgate run --help" in text


def test_the_whole_help_lists_every_input() -> None:
    """Flags, and the variables of secrets."""
    text = whole_usage()
    for name, each in inputs().items():
        variable = f"TESTGATE_{name.upper().replace('-', '_')}"
        spelled = variable if each.secret or name in {"command", "demo"} else f"--{name}"
        assert f"\n  {spelled}" in text
    assert max(map(len, text.splitlines())) <= 100
    for heading in ("What to run", "Waiting", "Gate", "Reports", "Testsigma", "Testifly", "Exit codes"):
        assert f"{heading}\n-" in text
    assert "--on-busy (wait | fail, default: wait)" in text
    assert "  130  cancelled" in text


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--help"], short_usage()),
        (["-h"], short_usage()),
        (["run", "--help"], whole_usage()),
        (["check", "-h"], whole_usage()),
    ],
)
def test_help_is_short_unless_a_command_is_named(arguments: list[str], shown: str) -> None:
    """As people know it."""
    assert answer(parse(arguments)) == (shown, 0)


def test_the_help_of_a_described_platform_has_its_values() -> None:
    """They are no flags of their own, so that is where people find them."""
    text, code = answer(parse(["run", "--help", "--provider", "ghost-inspector"])) or ("", 1)
    assert code == 0
    assert text.startswith("Values of Ghost Inspector")
    flowing = " ".join(text.split())
    assert "Example: suite-id=5a1e1b90154014760af39ef5" in flowing
    assert "Example: variables.user=ci" in flowing
    assert "secret-variables (secret)" in text
    assert "--timeout" in text
    for other in ("testsigma", "nobody"):
        assert answer(parse(["run", "--help", f"--provider={other}"])) == answer(parse(["run", "--help"]))
