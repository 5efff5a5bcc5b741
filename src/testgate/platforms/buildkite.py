"""Buildkite: groups in the log; meta-data and an annotation through its agent, where that is on PATH.

Facts from the agent's source and Buildkite's documentation.
"""

import re
import zlib
from collections.abc import Mapping, Sequence

from testgate.acts import Act, Execute, Print
from testgate.gate.outputs import as_variables
from testgate.platforms.words import Words, described
from testgate.ports import Build
from testgate.text import clean, one_line

_AGENT = "buildkite-agent"
_NEEDED_BY_AGENT = ("BUILDKITE_AGENT_ACCESS_TOKEN", "BUILDKITE_JOB_ID")
_ANNOTATION_LIMIT = 1_048_576  # the agent refuses one byte more
_LONGEST_VALUE = 100_000  # 100 kB each
_LONGEST_TITLE = 120  # in bytes a heading must stay below 500
# The agent refuses a value of blanks only, and meta-data cannot be deleted: an old value would stay.
_EMPTY = "-"
# Each takes a call of its own, and after a cancel there is time for a few only.
_FIRST = ("conclusion", "run-url", "left-running", "failed", "reason")
_STYLES = frozenset({"error", "warning", "success"})
# Browsers count more signs as blanks than the agent does.
_HEADING = re.compile(r"^(?:-{3}|\+{3}|~{3}|\^{3})(?=[\s\ufeff]|$)")
_BREAK = "\u200b"
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_COUNT = re.compile(r"[0-9]{1,9}")


class Buildkite(Words):
    """Says what Buildkite reads from the log, and what its agent is to be told."""

    name = "buildkite"

    @property
    def build(self) -> Build:
        """The build's number and how often the job was tried again; the page is that of the job."""
        get = self._get
        number, job, page = get("BUILDKITE_BUILD_NUMBER"), get("BUILDKITE_JOB_ID"), get("BUILDKITE_BUILD_URL")
        retries, commit = get("BUILDKITE_RETRY_COUNT"), get("BUILDKITE_COMMIT")
        attempt = int(retries) + 1 if _COUNT.fullmatch(retries) else 1
        return described(
            run=f"{number}.{attempt}" if number else "",
            job=job,
            url=f"{page}#{job}" if page and job else page,
            name=get("BUILDKITE_PIPELINE_NAME") or get("BUILDKITE_PIPELINE_SLUG"),
            number=number,
            branch=get("BUILDKITE_BRANCH"),
            commit=commit if _COMMIT.fullmatch(commit) else "",  # a build that a person started may say HEAD
        )

    @property
    def hint(self) -> str:
        """A container has the agent and the build's variables only if the pipeline says so."""
        if self._speaks_to_agent and self._get("BUILDKITE_BUILD_NUMBER"):
            return ""
        return (
            "the agent or the build's variables are not here: outputs are only in files, and the build's page shows "
            'nothing. Give `docker run` -v "$(command -v buildkite-agent):/usr/local/bin/buildkite-agent:ro" '
            "-e BUILDKITE_AGENT_ACCESS_TOKEN -e BUILDKITE_AGENT_ENDPOINT -e BUILDKITE_JOB_ID -e BUILDKITE_BUILD_NUMBER "
            "(docs/ci.md has the whole line), or the docker plugin `mount-buildkite-agent: true` and the variables"
        )

    @property
    def _speaks_to_agent(self) -> bool:
        """Whether the agent is here, with what it needs to reach the build."""
        return self._surroundings.has(_AGENT) and all(map(self._get, _NEEDED_BY_AGENT))

    def defuse(self, text: str) -> str:
        """A line that begins with a heading's mark would open a group."""
        return _HEADING.sub(lambda found: f"{found[0][:2]}{_BREAK}{found[0][2:]}", super().defuse(text))

    def group(self, title: str) -> Sequence[Act]:
        """Open a group."""
        return [Print(f"--- {self.defuse(one_line(title, _LONGEST_TITLE))}")]

    def end_group(self, _title: str) -> Sequence[Act]:
        """Only another group closes it: one that is shown unfolded, for what is to be seen at once."""
        return [Print("+++ Result")]

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Meta-data of the build."""
        if not self._speaks_to_agent:
            return []
        ordered = {name: values[name] for name in (*_FIRST, *values) if name in values}
        return [
            Execute((_AGENT, "meta-data", "set", variable), _stored(value))
            for variable, value in as_variables(ordered).items()
        ]

    @property
    def summary_limit(self) -> int:
        """What an annotation may hold."""
        return _ANNOTATION_LIMIT if self._speaks_to_agent else 0

    def show_summary(self, level: str, text: str, path: str) -> Sequence[Act]:
        """An annotation of the build."""
        if not self._speaks_to_agent:
            return []
        style = level if level in _STYLES else "info"
        return [Execute((_AGENT, "annotate", "--style", style, "--context", self._context(path)), text)]

    def _context(self, path: str) -> str:
        """The annotation's name: a job that is tried again replaces it, other jobs and steps do not."""
        get = self._get
        parts = (get("BUILDKITE_STEP_ID") or get("BUILDKITE_JOB_ID"), get("BUILDKITE_PARALLEL_JOB"), path)
        # The jobs of a matrix differ in their labels alone.
        told_apart = "\n".join((*parts, get("BUILDKITE_LABEL")))
        return f"testgate-{zlib.crc32(told_apart.encode('utf-8', errors='surrogatepass')):08x}"


def _stored(value: str) -> str:
    """The value as the agent takes it."""
    shown = clean(value).encode()[:_LONGEST_VALUE].decode(errors="ignore")
    return shown if shown.strip() else _EMPTY
