"""GitLab CI: sections in the log, and a dotenv report that hands outputs to later jobs.

Facts from GitLab's source: how it reads a job's log, reads a dotenv report, and expands variables.
"""

import re
import zlib
from collections.abc import Callable, Mapping, Sequence

from testgate.acts import Act, Print
from testgate.gate.outputs import as_variables
from testgate.platforms.limits import ID_LISTS, shorter_ids
from testgate.platforms.words import Words, described
from testgate.ports import Build, Surroundings
from testgate.text import one_line

_CLEAR = "\x1b[0K"
_PLAIN = "\x1b[0m"
_COLOURS = {"error": "\x1b[31;1m", "warning": "\x1b[33;1m"}

_MOST_BYTES = 5119  # the file must be smaller than 5 KB
_MOST_VARIABLES = 20
_LONGEST_VALUE = 1000
# What comes last is left out first. The JSON lists have no place here: they stand in `outputs.json`.
_BY_IMPORTANCE = (
    "conclusion",
    "run-id",
    "run-url",
    "total",
    "passed",
    "failed",
    "errors",
    "skipped",
    "not-run",
    "flaky",
    "quarantined",
    "pass-rate",
    "left-running",
    "run-ids",
    "reason",
    "report-dir",
    "junit-file",
    "test-management-run-id",
    "duration-seconds",
    "summary-file",
    "html-file",
    "ctrf-file",
)
# Neither GitLab nor a shell reads more into these; quotes would become part of the value. A tilde is not among them.
_SIGNS = "A-Za-z0-9_.,:/@+=*#?\\-"
_UNSAFE = re.compile(f"[^{_SIGNS}]+")
_UNSAFE_IN_URL = re.compile(f"[^{_SIGNS}%]")
# GitLab takes `%NAME%` for a variable, as Windows does, and a name that it does not know for an empty one.
_EXPANDED = re.compile(r"%[A-Za-z_][A-Za-z0-9_]*%")


class GitLab(Words):
    """Says what GitLab reads from the log and from the dotenv report."""

    name = "gitlab"

    def __init__(self, surroundings: Surroundings) -> None:
        """Draw what sets the sections of this step apart from others of the job."""
        super().__init__(surroundings)
        self._token = surroundings.token()

    @property
    def build(self) -> Build:
        """The pipeline and the job; a job that is tried again has a new id."""
        get = self._get
        job = get("CI_JOB_ID")
        return described(
            run=".".join(filter(None, (get("CI_PIPELINE_ID"), job))),
            job=job,
            url=get("CI_JOB_URL"),
            name=get("CI_PIPELINE_NAME") or get("CI_PROJECT_PATH"),
            number=get("CI_PIPELINE_IID") or get("CI_PIPELINE_ID"),
            branch=get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME") or get("CI_COMMIT_REF_NAME"),
            commit=get("CI_COMMIT_SHA"),
        )

    @property
    def debug(self) -> bool:
        """Whether the job traces all that it does."""
        return self._get("CI_DEBUG_TRACE") == "true"

    @property
    def hint(self) -> str:
        """A container that the job started itself knows only what it was given."""
        if self._get("CI_JOB_ID"):
            return ""
        return (
            "the job's variables are not here, so its build is not known. Use the image as the job's `image`, or name "
            "them in `docker run`: -e CI_JOB_ID -e CI_JOB_URL -e CI_PIPELINE_ID -e CI_PIPELINE_IID "
            "-e CI_PROJECT_PATH -e CI_COMMIT_REF_NAME -e CI_COMMIT_SHA"
        )

    def withheld(self, _read: Callable[[str], str]) -> str:
        """Forks have variables of their own, and protected ones reach protected branches and tags only."""
        source, target = self._get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID"), self._get("CI_MERGE_REQUEST_PROJECT_ID")
        if source and target and source != target:
            return (
                "GitLab gives pipelines of a fork none of this project's variables. Leave the job out there:  "
                "rules: [if: $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID]"
            )
        if self._get("CI_COMMIT_REF_PROTECTED") == "false":
            return (
                "GitLab gives protected variables to protected branches and tags only, and this pipeline runs for "
                "neither. Take the protection off the variable, or leave the job out here:  "
                """rules: [if: '$CI_COMMIT_REF_PROTECTED == "true"']"""
            )
        return ""

    def group(self, title: str) -> Sequence[Act]:
        """Open a section; what follows the mark is its heading."""
        return [Print(f"{self._mark('start', title)}{self.defuse(one_line(title))}")]

    def end_group(self, title: str) -> Sequence[Act]:
        """Close it."""
        return [Print(self._mark("end", title))]

    def _mark(self, which: str, title: str) -> str:
        """Start or end of a section: GitLab knows it by the carriage return and the escape, which no text brings."""
        seconds = max(0, int(self._surroundings.wall_clock()))
        told_apart = zlib.crc32(title.encode("utf-8", errors="surrogatepass"))
        return f"{_CLEAR}section_{which}:{seconds}:testgate-{self._token}-{told_apart:08x}\r{_CLEAR}"

    def problem(self, level: str, title: str, message: str) -> Sequence[Act]:
        """Words, in the colours in which the runner speaks itself."""
        colour = _COLOURS.get(level, "")
        said = super().problem(level, title, message)
        return [Print(f"{colour}{act.line}{_PLAIN}") if colour and isinstance(act, Print) else act for act in said]

    def files(self, values: Mapping[str, str]) -> Mapping[str, str]:
        """The dotenv report."""
        return {"outputs.env": _dotenv(values)}


def _dotenv(values: Mapping[str, str]) -> str:
    """Lines `NAME=value` that GitLab takes and a shell can source; one bad line, and GitLab takes none.

    Every variable is there. Where there is no room for all values, the less important ones are empty.
    """
    chosen = [name for name in _BY_IMPORTANCE if name in values][:_MOST_VARIABLES]
    names = dict(zip(chosen, as_variables(dict.fromkeys(chosen, "")), strict=True))
    room = _MOST_BYTES - sum(len(f"{variable}=\n") for variable in names.values())
    lines = []
    for name, variable in names.items():
        value = _spelled(name, values[name], min(room, _LONGEST_VALUE))
        room -= len(value)
        lines.append(f"{variable}={value}\n")
    return "".join(lines)


def _spelled(name: str, value: str, limit: int) -> str:
    """The value in signs that mean nothing else, in so many bytes.

    Words are respelled and cut, lists of ids cut between two ids. Anything else is right or left
    out: half a path, or one that is spelled otherwise, leads nowhere.
    """
    if name == "reason":
        return _UNSAFE.sub("_", value.replace("%", "percent")).strip("_")[:limit]
    if name in ID_LISTS:
        return shorter_ids(",".join(each for each in value.split(",") if not _UNSAFE.search(each)), limit)
    if name.endswith("-url"):
        value = _UNSAFE_IN_URL.sub(
            lambda found: f"%{ord(found.group()):02X}" if found.group().isascii() else " ", value
        )
        usable = " " not in value and not _EXPANDED.search(value)
    else:
        usable = not _UNSAFE.search(value)
    return value if usable and len(value) <= limit else ""
