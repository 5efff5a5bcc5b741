"""`command: check` with saved answers: what a provider file reads from them. Nothing is sent."""

import contextlib

from testgate.composition.foundation import Foundation
from testgate.errors import InputError, ReportError
from testgate.model import Conclusion
from testgate.results import Verdict
from testgate.text import one_line, plural

_EXAMPLE = "Example: .testgate/answers"


def read_answers(foundation: Foundation, given: str) -> tuple[Verdict, list[str]]:
    """Read every answer in a folder of the workspace, and print what is in them.

    Raises:
        InputError: the folder has no answers, or the platform is not described by a file.

    """
    explain = foundation.provider.explain if foundation.provider else None
    if explain is None:
        raise InputError([f"`answers`: only a platform that a file describes has some to read. {_EXAMPLE}"])
    reads = explain(_files(foundation, given))
    if not reads:
        raise InputError([f"`answers`: {given} has no answers, such as poll.json or trigger.409.json. {_EXAMPLE}"])
    lines = [line for found, _wrong in reads for line in found]
    for line in lines:
        foundation.step.console.line(line)
    wrong, read = sum(wrong for _lines, wrong in reads), plural(len(reads), "answer")
    if not wrong:
        return Verdict(Conclusion.CHECKED, f"{read} read; nothing was sent"), lines
    reason = f"{wrong} of {read} cannot be read with this file; nothing was sent"
    return Verdict(Conclusion.PLATFORM_ERROR, reason), lines


def _files(foundation: Foundation, given: str) -> dict[str, bytes]:
    """The files in the folder. One that is no text is taken for an empty answer, which no file can read."""
    workspace = foundation.step.workspace
    try:
        folder = workspace.place(given)
        names = sorted(name for name in workspace.names(folder) if "." in name)
    except (OSError, ReportError) as error:
        said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError([f"`answers`: {one_line(given, 200)} could not be read: {said}. {_EXAMPLE}"]) from error
    found = dict.fromkeys(names, b"")
    for name in names:
        with contextlib.suppress(OSError, ValueError, ReportError):
            found[name] = workspace.read(folder / name).encode()
    return found
