"""Starts the program with arguments: sets inputs, asks for the key, or answers and ends."""

from collections.abc import MutableMapping, Sequence
from typing import TextIO

from testgate.commandline.arguments import parse
from testgate.commandline.usage import answer, short_usage
from testgate.inputs.lookup import spellings
from testgate.model import Conclusion

_KEYLESS = frozenset({"demo", "merge", "create-test-run"})


def start(arguments: Sequence[str], environ: MutableMapping[str, str], stdin: TextIO, stdout: TextIO) -> int | None:
    """Put the flags into the environment, where they win; returns an exit code if there is nothing to run."""
    if not arguments:
        stdout.write(short_usage())
        return Conclusion.INVALID_INPUT.exit_code
    found = parse(arguments)
    shown = answer(found)
    if shown is not None:
        text, code = shown
        stdout.write(text)
        return code
    environ.update(found.variables)
    if found.command not in _KEYLESS and stdin.isatty() and stdout.isatty() and not _has_key(environ):
        import getpass  # for people at a terminal

        try:
            environ["TESTGATE_API_KEY"] = getpass.getpass("API key (it is not shown): ")
        except (EOFError, KeyboardInterrupt):
            stdout.write("\n")
            return 130
    return None


def _has_key(environ: MutableMapping[str, str]) -> bool:
    """Whether a variable or a file gives the key."""
    names = [name for spelling in spellings("api-key") for name in (spelling, f"{spelling}_FILE")]
    return any(environ.get(name, "").strip() for name in names)
