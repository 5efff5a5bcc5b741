"""Reads a provider file that is known to be valid: its opening at once, and the rest when it is needed."""

import re
import tomllib
from collections.abc import Sequence
from typing import Any

from testgate.providers.described.opening import Opening
from testgate.text import one_line

LARGEST = 256 * 1024  # bytes
LONGEST_LINE = 2_000  # characters: a key of 60,000 parts takes `tomllib` minutes


class FileFault(Exception):
    """A file that cannot be used. Each of the `problems` is a sentence that begins with file and line."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems[0])
        self.problems = tuple(problems)


def opening_of(text: str, name: str) -> Opening:
    """The opening of the file called `name` with this text, which `loading.load` accepts as a bundled one.

    Raises:
        FileFault: it is no TOML.
        TypeError: its opening isn't valid.

    """
    return Opening.of(parsed(text, name))


def parsed(text: str, name: str) -> dict[str, Any]:
    """The tables and values of a file.

    Raises:
        FileFault: it is no TOML, too large, or has a line that is too long.

    """
    if len(text) > LARGEST:
        raise FileFault([f"{name}: is larger than {LARGEST // 1024} kB"])
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise FileFault([f"{name}:{number}: has more than {LONGEST_LINE} characters in this line"])
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise FileFault([_syntax(name, str(error))]) from error


def _syntax(name: str, said: str) -> str:
    """What `tomllib` says about syntax, with the line in front."""
    match = re.search(r"\(at line (\d+), column (\d+)\)", said)
    where = f":{match[1]}" if match else ""
    what = one_line(re.sub(r"\s*\(at .*\)$", "", said), 200)
    return f"{name}{where}: is not valid TOML: {what}"
