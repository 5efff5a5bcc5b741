"""A stand-in for Buildkite, written from its agent's source: headings in the log, and the agent's commands."""

import json
import re
from collections.abc import Sequence

from tests.grammars.dialect import Dialect, Finished

# Whitespace in patterns of Go, and of JavaScript: the page searches for headings too.
_BLANKS = r"\t\n\f\r "
_BLANKS_OF_BROWSERS = r"\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_LONGEST_HEADING = 499
_KINDS = {"---": "collapsed", "+++": "expanded", "~~~": "muted"}
_WHITE_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
_WHITE_SPACE_OF_GO = f"{_WHITE_SPACE}\u2028\u2029\u202f\u205f\u3000"


class Refused(Exception):
    """The agent would end with an error."""


def without_colours(line: str) -> str:
    """The line as the agent sees it."""
    return re.sub(r"\x1b\[(?:[;\d]+)?[mK]", "", line)


def heading(line: str) -> tuple[str, str] | None:
    """The kind of group that a line starts and its title; None for any other line."""
    seen = without_colours(line)
    found = re.fullmatch(rf"(---|\+\+\+|~~~)[{_BLANKS}]([^\n]*)", seen)
    if found is None or len(seen.encode(errors="surrogatepass")) > _LONGEST_HEADING:
        return None
    return _KINDS[found[1]], found[2]


def unfolds(line: str) -> bool:
    """Return True if the line expands the group before it."""
    return re.fullmatch(rf"\^\^\^[{_BLANKS}]+\+\+\+[{_BLANKS}]*", without_colours(line)) is not None


def means_something_at_worst(line: str) -> bool:
    """Return True if a slightly less strict reader could take the line for one of these."""
    return re.match(rf"(?:---|\+\+\+|~~~|\^\^\^)(?:[{_BLANKS_OF_BROWSERS}]|$)", line) is not None


class Agent:
    """Executes the agent's commands: sets meta-data of the build, and annotations by their context."""

    def __init__(self) -> None:
        self.meta_data: dict[str, str] = {}
        self.annotations: dict[str, tuple[str, str]] = {}

    def run(self, command: Sequence[str], text: str) -> None:
        """Execute a command line.

        Raises:
            Refused: the agent or Buildkite would reject it.

        """
        match command:
            case ["buildkite-agent", "meta-data", "set", key] if not key.startswith("-"):
                self._set(key, text)
            case ["buildkite-agent", "annotate", "--style", style, "--context", context]:
                self._annotate(style, context, text)
            case _:
                raise Refused(command)

    def _set(self, key: str, value: str) -> None:
        """Set a value."""
        if not key.strip(_WHITE_SPACE_OF_GO) or not value.strip(_WHITE_SPACE_OF_GO):
            raise Refused(key)
        if len(value.encode()) > 100 * 1000:
            raise Refused(key)
        self.meta_data[key] = value

    def _annotate(self, style: str, context: str, body: str) -> None:
        """Show the text; it replaces one with the same context."""
        if style not in {"success", "info", "warning", "error"} or not 0 < len(context) <= 100:
            raise Refused(style, context)
        if len(body.encode()) > 1024 * 1024:
            raise Refused(context)
        self.annotations[context] = (style, body)


def outputs(step: Finished) -> dict[str, str]:
    """The meta-data that was set. The log has two groups, and the build one annotation."""
    agent = Agent()
    for arguments, text in map(json.loads, step.calls("buildkite-agent")):
        agent.run(["buildkite-agent", *arguments], text)
    ((style, page),) = agent.annotations.values()
    assert style == "error"
    assert page.startswith("## ❌")
    assert len([line for line in step.lines if heading(line)]) == 2
    return {name: "" if value == "-" else value for name, value in agent.meta_data.items()}


DIALECT = Dialect(outputs, programs=("buildkite-agent",))
