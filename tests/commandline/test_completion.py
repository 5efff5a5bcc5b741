"""Completion scripts."""

import subprocess

import pytest

from testgate.commandline.arguments import parse
from testgate.commandline.completion import script
from testgate.commandline.usage import answer


def completed(*words: str) -> list[str]:
    """What bash offers for the last of these words."""
    asked = f"COMP_WORDS=({' '.join(repr(word) for word in words)}); COMP_CWORD={len(words) - 1}; _testgate"
    program = f'{script("bash")}\n{asked}\nprintf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True)  # noqa: S603, S607
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_commands_flags_and_values() -> None:
    """As its users expect."""
    assert completed("testgate", "ch") == ["check"]
    assert completed("testgate", "run", "--test-plan-i") == ["--test-plan-id"]
    assert completed("testgate", "run", "--on-busy", "") == ["wait", "fail"]
    assert "--api-key" not in completed("testgate", "run", "--")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_there_is_one_for_each_shell(shell: str) -> None:
    """By the command `testgate completion`."""
    assert answer(parse(["completion", shell])) == (script(shell), 0)
    assert "test-plan-id" in script(shell)


def test_another_shell_is_refused() -> None:
    """By name."""
    found = answer(parse(["completion", "cmd"]))
    assert found is not None
    assert found[1] == 2
    assert "no completion for 'cmd'" in found[0]
