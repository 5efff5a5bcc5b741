"""The base of all adapters: plain words in the log, and files in the report directory. Every CI understands that."""

import zlib
from collections.abc import Callable, Mapping, Sequence

from testgate.acts import Act, Append, Print
from testgate.gate.outputs import as_env
from testgate.platforms.builds import BuildFacts, described
from testgate.platforms.marks import FOREIGN, broken_anywhere, broken_at_start
from testgate.ports import Build, Surroundings
from testgate.text import clean, one_line


class Words:
    """Says everything in words. The adapter of a CI that can do more overrides what differs."""

    name = ""
    annotates = False
    cleans_up = False

    def __init__(self, surroundings: Surroundings) -> None:
        self._environ = surroundings.environ
        self._surroundings = surroundings

    @property
    def for_people(self) -> bool:
        """A CI is there."""
        return False

    @property
    def build(self) -> Build:
        """The build, described from the CI's variables."""
        return described(self._facts)

    @property
    def _facts(self) -> BuildFacts:
        """The facts of the build; none by default."""
        return BuildFacts()

    @property
    def debug(self) -> bool:
        """False: no variable of the CI turns on debug logs."""
        return False

    @property
    def hint(self) -> str:
        """Nothing is missing."""
        return ""

    def withheld(self, _read: Callable[[str], str]) -> str:
        """The CI isn't known to withhold secrets."""
        return ""

    def from_fork(self, _read: Callable[[str], str]) -> bool:
        """No variable of the CI says so."""
        return False

    @property
    def secrets_place(self) -> str:
        """Where the CI keeps secrets isn't known."""
        return ""

    def defuse(self, text: str) -> str:
        """Break the command marks of all CIs: one CI may read the log of another."""
        return broken_at_start(broken_anywhere(text, FOREIGN))

    def mask(self, _secret: str) -> Sequence[Act]:
        """The CI has no command that hides a secret."""
        return []

    def group(self, title: str) -> Sequence[Act]:
        """Print a heading."""
        return [Print(f"-- {self.defuse(one_line(title))}")]

    def end_group(self, _title: str) -> Sequence[Act]:
        """A heading needs no end."""
        return []

    def problem(self, level: str, title: str, message: str) -> Sequence[Act]:
        """Print the level, the title and the first line of the message."""
        first = clean(message).strip().split("\n", 1)[0]
        return [Print(self.defuse(f"{level}: {one_line(title)}: {one_line(first)}"))]

    def concluded(self, _level: str, _title: str, _reason: str) -> Sequence[Act]:
        """The exit code says enough."""
        return []

    def outputs(self, _values: Mapping[str, str]) -> Sequence[Act]:
        """Later steps read `outputs.env` and `outputs.json` in the report directory."""
        return []

    def files(self, values: Mapping[str, str]) -> Mapping[str, str]:
        """`outputs.env`, which a shell can source."""
        return {"outputs.env": as_env(values)}

    def remember(self, _values: Mapping[str, str]) -> Sequence[Act]:
        """There is no cleanup step to remember anything for."""
        return []

    def recalled(self) -> Mapping[str, str]:
        """Nothing was remembered."""
        return {}

    @property
    def summary_limit(self) -> int:
        """0: no page of the build shows Markdown."""
        return 0

    @property
    def summary_file(self) -> str:
        """No summary file is shared with others."""
        return ""

    @property
    def junit_folder(self) -> str:
        """The CI searches no folder for JUnit reports."""
        return ""

    def show_summary(self, _level: str, _text: str, _path: str) -> Sequence[Act]:
        """No page of the build shows Markdown."""
        return []

    def published(self, _files: Mapping[str, str]) -> Sequence[Act]:
        """The pipeline's own configuration says where reports are."""
        return []

    def _get(self, name: str) -> str:
        """A variable of the CI, stripped of whitespace; "" if it isn't set."""
        return self._environ.get(name, "").strip()

    def _append(self, variable: str, text: str) -> Sequence[Act]:
        """Append the text to the CI's own file that this variable names; do nothing if one of them is missing.

        It is a single act, so that a kill leaves no incomplete line.
        """
        path = self._environ.get(variable, "")
        return [Append(path, text)] if path and text else []


def checksum(text: str) -> str:
    """Eight hexadecimal digits that identify a text within a name."""
    return f"{zlib.crc32(text.encode('utf-8', errors='surrogatepass')):08x}"
