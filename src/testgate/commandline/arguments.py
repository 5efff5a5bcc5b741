"""From arguments to inputs: `testgate run --test-plan-id 274`. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from testgate.commandline.flags import COMPLETION, DEMO, WORDS, flags, inputs, is_switch
from testgate.inputs.lookup import STEP
from testgate.inputs.reading import Input
from testgate.inputs.values import closest
from testgate.text import one_line

_SHOWN = 80


class Arguments(NamedTuple):
    """What the arguments mean: variables to set, or what to print instead of running.

    `problems` are sentences about arguments that cannot be used; then nothing else counts. `about` is the provider that
    help is wanted for.
    """

    variables: Mapping[str, str] = {}
    command: str = ""
    help: bool = False
    version: bool = False
    completion: str = ""
    problems: Sequence[str] = ()
    about: str = ""


def parse(arguments: Sequence[str]) -> Arguments:
    """Read the arguments, with every problem at once."""
    rest = list(arguments)
    if not rest:
        return Arguments()
    command = rest.pop(0) if not rest[0].startswith("-") else ""
    if command and command not in WORDS:
        near = closest(command, WORDS)
        hint = f" Did you mean `testgate {near}`?" if near else f" There are: {', '.join(WORDS)}."
        return Arguments(problems=[f"there is no command {one_line(command, _SHOWN)!r}.{hint}"])
    if {"--help", "-h"} & set(rest):
        given_too = dict(_pairs([each for each in rest if each not in {"--help", "-h"}], flags(), []))
        return Arguments(command=command, help=True, about=given_too.get("provider", ""))
    if "--version" in rest:
        return Arguments(version=True)
    if command == COMPLETION:
        return Arguments(completion=rest[0] if rest else "bash")
    problems: list[str] = []
    given: dict[str, list[str]] = {}
    for name, text in _pairs(rest, flags(), problems):
        given.setdefault(name, []).append(text)
    if command == DEMO:
        given["demo"] = ["true"]
    elif command:
        given["command"] = [command]
    return Arguments(
        {f"{STEP}{name.upper()}": "\n".join(texts) for name, texts in given.items()}, command, problems=problems
    )


def _pairs(rest: list[str], known: Mapping[str, Input], problems: list[str]) -> Iterator[tuple[str, str]]:
    """The flags with their values, `--flag value` or `--flag=value`; a switch needs none."""
    while rest:
        argument = rest.pop(0)
        name, equals, text = argument.removeprefix("--").partition("=")
        name = name.replace("_", "-")
        negated = name.removeprefix("no-") if name.startswith("no-") else ""
        if argument.startswith("--") and negated in known and is_switch(known[negated]) and not equals:
            yield negated, "false"
        elif not argument.startswith("--") or name not in known:
            problems.append(_unknown(argument, name, known))
            if rest and not equals and argument.startswith("--") and not rest[0].startswith("-"):
                rest.pop(0)  # its value
        elif equals:
            yield name, text
        elif is_switch(known[name]):
            yield name, rest.pop(0) if rest and rest[0].lower() in {"true", "false"} else "true"
        elif not rest or rest[0].startswith("--"):
            problems.append(f"--{name} needs a value. Example: --{name} {known[name].example}")
        else:
            yield name, rest.pop(0)


def _unknown(argument: str, name: str, known: Mapping[str, Input]) -> str:
    """One sentence about an argument that isn't a flag. It is never shown if it may hold a secret."""
    every = inputs()
    if name in every and every[name].secret:
        variable = f"TESTGATE_{name.upper().replace('-', '_')}"
        return (
            f"--{name} is a secret, and other users of this machine can see arguments. "
            f"Set the variable {variable}, or {variable}_FILE to the path of a file."
        )
    if not argument.startswith("-"):
        return f"unexpected argument {one_line(argument, _SHOWN)!r}. Inputs are flags: --test-plan-id 274"
    near = closest(name, known)
    hint = f" Did you mean --{near}?" if near else ""
    return f"unknown flag {one_line(argument.partition('=')[0], _SHOWN)!r}.{hint}"
