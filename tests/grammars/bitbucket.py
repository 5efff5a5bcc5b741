"""Bitbucket's variables file, where the two readings that its documentation leaves open agree.

One reading takes everything after the first `=` literally. The other is that of usual `.env` files: it strips
whitespace and quotes, undoes backslashes, expands variables, and drops comments.
"""

import re

from tests.grammars.dialect import Dialect, Finished

MOST_VARIABLES = 50
MOST_BYTES = 100_000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class BrokenFile(Exception):
    """Bitbucket may read something else than was written, or nothing."""


def variables_of(text: str) -> dict[str, str]:
    """The variables in the file; the last line of a name counts.

    Raises:
        BrokenFile: the file is ambiguous, or larger than a pipeline may share.

    """
    if text and not text.endswith("\n"):
        raise BrokenFile("the last line has no end")
    found: dict[str, str] = {}
    for line in text.removesuffix("\n").split("\n") if text else []:
        name, equals, value = line.partition("=")
        if not equals or not _NAME.fullmatch(name):
            raise BrokenFile(f"no variable: {line!r}")
        if len(line.splitlines()) > 1 or any(each < " " or each == "\x7f" for each in line):
            raise BrokenFile(f"a character that may end the line: {line!r}")
        if _as_dotenv(value) != value:
            raise BrokenFile(f"two readings: {value!r} and {_as_dotenv(value)!r}")
        found[name] = value
    if len(found) > MOST_VARIABLES or sum(len(f"{name}{value}".encode()) for name, value in found.items()) > MOST_BYTES:
        raise BrokenFile("more than a pipeline may share")
    return found


def _as_dotenv(value: str) -> str:
    """The value as readers of `.env` files see it."""
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'`":
        value = value[1:-1]
    elif value[:1] in {'"', "'", "`"}:
        raise BrokenFile("a quote without its end")
    else:
        value = re.sub(r"(?:^|\s+)#.*$", "", value)
    value = re.sub(r"\$(?:\{[^}]*\}|\w+|\([^)]*\))", "", value)
    return re.sub(r"""\\(.)""", r"\1", value)


def outputs(step: Finished) -> dict[str, str]:
    """The variables in the step's file; the JUnit report is where Bitbucket looks for it."""
    folder = step.left.folder
    scanned = folder / "test-results" / "testgate-report.xml"
    assert scanned.read_bytes() == (folder / "testgate-report" / "junit.xml").read_bytes()
    return variables_of(step.own_file("BITBUCKET_PIPELINES_VARIABLES_PATH"))


DIALECT = Dialect(outputs, own_files=("BITBUCKET_PIPELINES_VARIABLES_PATH",))
