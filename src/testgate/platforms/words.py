"""What every CI understands: words in the log, files in the report directory. Adapters begin with this."""

import re
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote, urlsplit

from testgate.acts import Act, Print
from testgate.gate.outputs import as_env
from testgate.platforms.marks import FOREIGN, broken_anywhere, broken_at_start
from testgate.ports import Build, Surroundings
from testgate.text import clean, one_line

# In characters. With the rest, a build number stays below 100: nobody documents how long it may be.
_LONGEST_RUN = 40
_LONGEST_BRANCH = 30
_COMMIT = 7
_NOT_IN_A_MARK = re.compile(r"[^A-Za-z0-9._]+")


class Words:
    """Says everything in words; a CI that can do more says so in its own class."""

    name = ""
    annotates = False

    def __init__(self, surroundings: Surroundings) -> None:
        """Take what an adapter is given."""
        self._environ = surroundings.environ
        self._surroundings = surroundings

    @property
    def build(self) -> Build:
        """Nothing is known of the build."""
        return Build()

    @property
    def debug(self) -> bool:
        """No word for debug logs is known."""
        return False

    @property
    def hint(self) -> str:
        """Nothing is missing."""
        return ""

    def withheld(self, _read: Callable[[str], str]) -> str:
        """Nothing is known of secrets that this CI withholds."""
        return ""

    def defuse(self, text: str) -> str:
        """Break the marks of all CIs' commands: one of them may read the log through another."""
        return broken_at_start(broken_anywhere(text, FOREIGN))

    def mask(self, _secret: str) -> Sequence[Act]:
        """There is nobody to tell."""
        return []

    def group(self, title: str) -> Sequence[Act]:
        """A heading."""
        return [Print(f"-- {self.defuse(one_line(title))}")]

    def end_group(self, _title: str) -> Sequence[Act]:
        """A heading needs no end."""
        return []

    def problem(self, level: str, title: str, message: str) -> Sequence[Act]:
        """Level, title and the first line of the message."""
        first = clean(message).strip().split("\n", 1)[0]
        return [Print(self.defuse(f"{level}: {one_line(title)}: {one_line(first)}"))]

    def concluded(self, _level: str, _title: str, _reason: str) -> Sequence[Act]:
        """The exit code says it."""
        return []

    def outputs(self, _values: Mapping[str, str]) -> Sequence[Act]:
        """The report directory holds `outputs.env` and `outputs.json`."""
        return []

    def files(self, values: Mapping[str, str]) -> Mapping[str, str]:
        """Lines for a shell."""
        return {"outputs.env": as_env(values)}

    def remember(self, _values: Mapping[str, str]) -> Sequence[Act]:
        """There is no cleanup step."""
        return []

    def recalled(self) -> Mapping[str, str]:
        """There is no cleanup step."""
        return {}

    @property
    def summary_limit(self) -> int:
        """No page shows Markdown."""
        return 0

    @property
    def summary_file(self) -> str:
        """No file is shared with others."""
        return ""

    @property
    def junit_folder(self) -> str:
        """The CI looks for nothing by itself."""
        return ""

    def show_summary(self, _level: str, _text: str, _path: str) -> Sequence[Act]:
        """There is no page to show it on."""
        return []

    def published(self, _files: Mapping[str, str]) -> Sequence[Act]:
        """The CI is told in its own configuration where reports lie."""
        return []

    def _get(self, name: str) -> str:
        """A variable of the CI, trimmed; "" where it is not there."""
        return self._environ.get(name, "").strip()


def described(  # noqa: PLR0913  # each is a fact of its own
    *, run: str, job: str = "", url: str = "", name: str = "", number: str = "", branch: str = "", commit: str = ""
) -> Build:
    """The build, from what the CI says of it; without a run nothing is known.

    `run` is unique among the project's builds, attempt included. `number` is how people count
    them. A branch is named by whoever makes a pull request: it is text from outside.
    """
    if not run:
        return Build()
    short = commit[:_COMMIT]
    counted = f"#{number}" if number else ""
    shown = [one_line(each, 100) for each in (name, branch, counted, f"({short})" if short else "")]
    return Build(
        mark="-".join(filter(None, (_word(run, _LONGEST_RUN), _word(branch, _LONGEST_BRANCH), _word(short, _COMMIT)))),
        job=job or run,
        url=_page(url),
        title=" ".join(filter(None, shown)),
    )


def in_url(text: str) -> str:
    """A part of a page's address; bytes that are no UTF-8 become question marks."""
    return quote(text, safe="", errors="replace")


def _word(text: str, limit: int) -> str:
    """The text as a part of a build number: letters, digits, dots; the rest becomes underscores."""
    return _NOT_IN_A_MARK.sub("_", text)[:limit].strip("_.")


def _page(url: str) -> str:
    """The address of a page, or "" where it is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and one_line(url, 2000) == url
    return url if usable and not re.search(r"[\s\"'<>`\\^{}|]", url) else ""
