"""The commands: one module per command, and the registry that loads the chosen one."""

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Final

from testgate.commands.command import Command

_MODULES: Mapping[str, str] = MappingProxyType(
    {
        "run": "run",
        "attach": "attach",
        "rerun": "rerun",
        "stop": "stop",
        "create-test-run": "create_test_run",
        "merge": "merge",
        "check": "check",
    }
)

COMMANDS: Final = tuple(_MODULES)
"""The words that the input `command` accepts."""


def load(name: str) -> Command:
    """The command with this name; each module has it as `COMMAND`.

    Raises:
        KeyError: there is no such command.

    """
    command: Command = import_module(f"{__name__}.{_MODULES[name]}").COMMAND
    return command
