"""GitLab CI: sections in the log, and a dotenv report that hands outputs to later jobs.

How GitLab reads a job's log and a dotenv report, and how it expands variables, follows its source.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence

from testgate.acts import Act, Print
from testgate.gate.outputs import as_variables
from testgate.platforms.advice import check_the_secret, missing_variables
from testgate.platforms.builds import BuildFacts
from testgate.platforms.limits import ID_LISTS, JSON_LISTS, shorter_ids
from testgate.platforms.words import Words, checksum
from testgate.ports import Surroundings
from testgate.text import cut, one_line

_CLEAR = "\x1b[0K"
_PLAIN = "\x1b[0m"
_COLORS = {"error": "\x1b[31;1m", "warning": "\x1b[33;1m"}

_MOST_BYTES = 5119  # the file must be smaller than 5 KB
_MOST_VARIABLES = 20
_LONGEST_VALUE = 1000
_MOST_LINKS, _LONGEST_LABEL = 20, 200
# If there are too many outputs, the last are left out. After these come outputs that aren't listed, then the paths of
# reports (`*-file`), which are easy to find anyway. The JSON lists are in `outputs.json` only.
BY_IMPORTANCE = (
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
    "test-management-run-id",
    "duration-seconds",
)
_LAST = ("new-failures", "known-failures", "fixed")  # the summary says more about them
# Neither GitLab nor a shell interprets these; quotes would become part of the value. A tilde is not among them.
_SAFE = "A-Za-z0-9_.,:/@+=*#?\\-"
_UNSAFE = re.compile(f"[^{_SAFE}]+")
_UNSAFE_IN_URL = re.compile(f"[^{_SAFE}%]")
# Like Windows, GitLab expands `%NAME%`, and an unknown name to nothing.
_EXPANDED = re.compile(r"%[A-Za-z_][A-Za-z0-9_]*%")
_NEEDED = (
    "CI_JOB_ID",
    "CI_JOB_URL",
    "CI_PIPELINE_ID",
    "CI_PIPELINE_IID",
    "CI_PROJECT_PATH",
    "CI_COMMIT_REF_NAME",
    "CI_COMMIT_SHA",
    "CI_JOB_NAME",
    "CI_DEFAULT_BRANCH",
    "CI_MERGE_REQUEST_IID",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA",
    "CI_OPEN_MERGE_REQUESTS",
)


class GitLab(Words):
    """Prints sections, and writes the dotenv report."""

    name = "gitlab"

    def __init__(self, surroundings: Surroundings) -> None:
        super().__init__(surroundings)
        self._token = surroundings.token()  # other steps of the job have sections too

    @property
    def _facts(self) -> BuildFacts:
        """The pipeline and the job; a retried job has a new id."""
        get = self._get
        job = get("CI_JOB_ID")
        branch = get("CI_MERGE_REQUEST_SOURCE_BRANCH_NAME") or get("CI_COMMIT_REF_NAME")
        return BuildFacts(
            run=".".join(filter(None, (get("CI_PIPELINE_ID"), job))),
            job=job,
            url=get("CI_JOB_URL"),
            name=get("CI_PIPELINE_NAME") or get("CI_PROJECT_PATH"),
            number=get("CI_PIPELINE_IID") or get("CI_PIPELINE_ID"),
            branch=branch,
            commit=get("CI_COMMIT_SHA"),
            pipeline=get("CI_PIPELINE_ID"),
            job_name=get("CI_JOB_NAME"),
            target=get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME") or get("CI_DEFAULT_BRANCH"),
            base=get("CI_MERGE_REQUEST_DIFF_BASE_SHA"),
            # A branch pipeline lists its merge requests as `group/project!12,group/project!13`.
            change=get("CI_MERGE_REQUEST_IID") or get("CI_OPEN_MERGE_REQUESTS").partition(",")[0].rpartition("!")[2],
            series="" if get("CI_MERGE_REQUEST_IID") else branch,  # a branch can be that of several merge requests
        )

    @property
    def debug(self) -> bool:
        """True if the job has debug logging."""
        return self._get("CI_DEBUG_TRACE") == "true"

    @property
    def hint(self) -> str:
        """A container that a script starts has only the variables that it was passed."""
        if self._get("CI_JOB_ID"):
            return ""
        return missing_variables("job", *_NEEDED, image_of="job")

    def withheld(self, _read: Callable[[str], str]) -> str:
        """Forks have their own variables, and protected variables reach protected branches and tags only."""
        if self.from_fork(_read):
            return (
                "GitLab gives none of this project's variables to pipelines of a fork. For these, skip the job:  "
                "rules: [if: $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID]"
            )
        if self._get("CI_COMMIT_REF_PROTECTED") == "false":
            return (
                "GitLab gives protected variables to protected branches and tags only, and this pipeline runs for "
                "neither. Remove the protection of the variable, or skip the job here:  "
                """rules: [if: '$CI_COMMIT_REF_PROTECTED == "true"']"""
            )
        return ""

    def from_fork(self, _read: Callable[[str], str]) -> bool:
        """Return True if the merge request's branch is in another project."""
        source, target = self._get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID"), self._get("CI_MERGE_REQUEST_PROJECT_ID")
        return bool(source and target and source != target)

    @property
    def secrets_place(self) -> str:
        """Where GitLab keeps variables."""
        return check_the_secret("Settings > CI/CD > Variables", "this branch and environment may have it")

    def group(self, title: str) -> Sequence[Act]:
        """Start a section. The text after the mark is its heading."""
        return [Print(f"{self._mark('start', title)}{self.defuse(one_line(title))}")]

    def end_group(self, title: str) -> Sequence[Act]:
        """End the section."""
        return [Print(self._mark("end", title))]

    def _mark(self, which: str, title: str) -> str:
        """The start or end of a section. GitLab needs the carriage return and the escape, which no clean text has."""
        seconds = max(0, int(self._surroundings.wall_clock()))
        return f"{_CLEAR}section_{which}:{seconds}:testgate-{self._token}-{checksum(title)}\r{_CLEAR}"

    def problem(self, level: str, title: str, message: str) -> Sequence[Act]:
        """Plain words, in the colors that the runner itself uses."""
        color = _COLORS.get(level, "")
        acts = super().problem(level, title, message)
        return [Print(f"{color}{act.line}{_PLAIN}") if color and isinstance(act, Print) else act for act in acts]

    def files(self, values: Mapping[str, str]) -> Mapping[str, str]:
        """`outputs.env`, as the dotenv report, and the links that the job's page shows."""
        return {"outputs.env": _dotenv(values), "annotations.json": _annotations(values)}


def _dotenv(values: Mapping[str, str]) -> str:
    """Lines `NAME=value` that GitLab accepts and a shell can source. A single bad line makes GitLab reject the file.

    Every variable is there; if the values don't all fit, the less important ones are empty.
    """
    chosen = sorted((name for name in values if name not in JSON_LISTS), key=_rank)[:_MOST_VARIABLES]
    names = dict(zip(chosen, as_variables(dict.fromkeys(chosen, "")), strict=True))
    room = _MOST_BYTES - sum(len(f"{variable}=\n") for variable in names.values())
    lines = []
    for name, variable in names.items():
        value = _spelled(name, values[name], min(room, _LONGEST_VALUE))
        room -= len(value)
        lines.append(f"{variable}={value}\n")
    return "".join(lines)


def _annotations(values: Mapping[str, str]) -> str:
    """The annotations report: a link to each run. Other files and other addresses are refused as a whole by GitLab."""
    links = [{"external_link": {"label": label, "url": url}} for label, url in _pages(values) if _is_page(url)]
    return json.dumps({"TestGate": links[:_MOST_LINKS]})


def _pages(values: Mapping[str, str]) -> list[tuple[str, str]]:
    """A label and the URL of each run; before the results are known, of the first one."""
    try:
        runs = json.loads(values.get("runs", ""))
        found = [(f"{run['name']} (run {run['id']}): {run['conclusion']}", str(run["url"])) for run in runs]
    except (ValueError, LookupError, TypeError):
        found = []
    found = found or [(f"Run {values.get('run-id', '')}", values.get("run-url", ""))]
    return [(cut(one_line(label), _LONGEST_LABEL), url) for label, url in found]


def _is_page(url: str) -> bool:
    """Whether GitLab takes the URL: a web page, in ASCII and without blanks."""
    return (
        url.isascii() and len(url) <= _LONGEST_VALUE and re.fullmatch(r"https?://[^\s\x00-\x1f<>\"]+", url) is not None
    )


def _rank(name: str) -> int:
    """The place of an output in the order of importance; equal ranks keep the order in which they come."""
    if name in _LAST:
        return len(BY_IMPORTANCE) + 2
    if name.endswith("-file"):
        return len(BY_IMPORTANCE) + 1
    return BY_IMPORTANCE.index(name) if name in BY_IMPORTANCE else len(BY_IMPORTANCE)


def _spelled(name: str, value: str, limit: int) -> str:
    """The value in safe characters only, in at most `limit` bytes.

    Words are changed and cut, lists of ids are cut between two ids. Anything else is exact or empty: half a path, or
    one with other characters, leads nowhere.
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
