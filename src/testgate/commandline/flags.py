"""The flags: one per input that isn't a secret, from the same models as everything else."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from testgate.inputs.declaring import Options
from testgate.inputs.groups import Group
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import Input, declared
from testgate.management import MANAGEMENT
from testgate.providers import CODED

DEMO: Final = "demo"
COMPLETION: Final = "completion"
WORDS: Final[Mapping[str, str]] = {
    "run": "start tests, wait for the results, write reports and gate the build",
    "check": "test the key, the URL and the ids; starts nothing",
    DEMO: "run against the built-in simulator: no account, no network",
    "attach": "wait for runs that were started elsewhere",
    "rerun": "rerun finished runs",
    "stop": "stop runs",
    "merge": "combine the reports of a matrix",
    "create-test-run": "only create a test run in test management",
    COMPLETION: "print a completion script: bash, zsh or fish",
}
_NOT_FLAGS: Final = frozenset({"command", "demo"})  # these are words


def groups() -> Iterator[tuple[str, Sequence[Input]]]:
    """The headings with their inputs."""
    common = declared([CommonOptions])
    for group in Group:
        yield str(group), [each for each in common if each.group == group]
    vendors: list[tuple[str, type[Options]]] = [
        *((name.capitalize(), load().options) for name, load in CODED.items()),
        *((f"Test management of {name.capitalize()}", load().options) for name, load in MANAGEMENT.items()),
    ]
    for title, model in vendors:
        yield title, declared([model])


def inputs() -> dict[str, Input]:
    """Every input by its name."""
    return {each.name: each for _title, found in groups() for each in found}


def flags() -> dict[str, Input]:
    """The inputs that have a flag, by their names. Secrets have none: other users of a machine can read arguments."""
    return {name: each for name, each in inputs().items() if has_flag(each)}


def has_flag(found: Input) -> bool:
    """Whether the input has a flag."""
    return not found.secret and found.name not in _NOT_FLAGS


def is_switch(found: Input) -> bool:
    """Whether the input is true or false, so that its flag needs no value."""
    return found.default in {"true", "false"}
