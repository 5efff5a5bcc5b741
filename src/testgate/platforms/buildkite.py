"""Buildkite: groups in the log; meta-data and an annotation through its agent, if that is on PATH.

Follows the agent's source and Buildkite's documentation.
"""

import re
from collections.abc import Mapping, Sequence

from testgate.acts import Act, Execute, Print
from testgate.gate.outputs import as_variables
from testgate.platforms.advice import check_the_secret, docker_options
from testgate.platforms.builds import BuildFacts
from testgate.platforms.limits import in_bytes
from testgate.platforms.marks import BREAK
from testgate.platforms.words import Words, checksum
from testgate.text import clean, one_line

_AGENT = "buildkite-agent"
_NEEDED_BY_AGENT = ("BUILDKITE_AGENT_ACCESS_TOKEN", "BUILDKITE_JOB_ID")
_ANNOTATION_LIMIT = 1_048_576  # the agent rejects anything larger
_LONGEST_VALUE = 100_000  # bytes of one value
_LONGEST_TITLE = 120  # in characters; a heading must stay below 500 bytes
# The agent rejects a blank value, and meta-data can't be deleted, so an old value would remain.
_EMPTY = "-"
# Each output takes one call of the agent, and after a cancellation there is time for only a few.
FIRST = ("conclusion", "run-url", "left-running", "failed", "reason")
_STYLES = frozenset({"error", "warning", "success"})
# Browsers treat more characters as whitespace than the agent does.
_HEADING = re.compile(r"^(?:-{3}|\+{3}|~{3}|\^{3})(?=[\s\ufeff]|$)")
_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_COUNT = re.compile(r"[0-9]{1,9}")


class Buildkite(Words):
    """Prints Buildkite's group headings, and calls its agent."""

    name = "buildkite"

    @property
    def _facts(self) -> BuildFacts:
        """The build's number, and how often the job was retried. The page is the job's."""
        get = self._get
        number, job, page = get("BUILDKITE_BUILD_NUMBER"), get("BUILDKITE_JOB_ID"), get("BUILDKITE_BUILD_URL")
        retries, commit = get("BUILDKITE_RETRY_COUNT"), get("BUILDKITE_COMMIT")
        attempt = int(retries) + 1 if _COUNT.fullmatch(retries) else 1
        return BuildFacts(
            run=f"{number}.{attempt}" if number else "",
            job=job,
            url=f"{page}#{job}" if page and job else page,
            name=get("BUILDKITE_PIPELINE_NAME") or get("BUILDKITE_PIPELINE_SLUG"),
            number=number,
            branch=get("BUILDKITE_BRANCH"),
            commit=commit if _COMMIT.fullmatch(commit) else "",  # a build that a person started may say HEAD
            pipeline=number,
            attempt=str(attempt),
            job_name=get("BUILDKITE_STEP_KEY") or get("BUILDKITE_LABEL"),
            target=get("BUILDKITE_PULL_REQUEST_BASE_BRANCH") or get("BUILDKITE_PIPELINE_DEFAULT_BRANCH"),
            change=get("BUILDKITE_PULL_REQUEST"),  # "false" without one
        )

    @property
    def hint(self) -> str:
        """A container has the agent and the build's variables only if the pipeline passes them."""
        if self._speaks_to_agent and self._get("BUILDKITE_BUILD_NUMBER"):
            return ""
        variables = docker_options(
            "BUILDKITE_AGENT_ACCESS_TOKEN", "BUILDKITE_AGENT_ENDPOINT", "BUILDKITE_JOB_ID", "BUILDKITE_BUILD_NUMBER"
        )
        return (
            "the agent or the build's variables are missing, so outputs are written to files only and the build's "
            "page shows nothing. With the docker plugin, set `mount-buildkite-agent: true` and name the variables "
            "under `environment`. In a script, add to `docker run` (docs/ci.md has the whole command): "
            f'-v "$(command -v {_AGENT}):/usr/local/bin/{_AGENT}:ro" {variables}'
        )

    @property
    def _speaks_to_agent(self) -> bool:
        """True if the agent is on PATH and has what it needs to reach the build."""
        return self._surroundings.has(_AGENT) and all(map(self._get, _NEEDED_BY_AGENT))

    def defuse(self, text: str) -> str:
        """Break the mark of a heading too: it would start a group."""
        return _HEADING.sub(lambda found: f"{found[0][:2]}{BREAK}{found[0][2:]}", super().defuse(text))

    @property
    def secrets_place(self) -> str:
        """Where Buildkite keeps secrets."""
        passing = "the step has it as TESTGATE_API_KEY, and passes it on with -e"
        return check_the_secret("the cluster's Secrets, or the agent's environment hook", passing)

    def group(self, title: str) -> Sequence[Act]:
        """Start a group."""
        return [Print(f"--- {self.defuse(one_line(title, _LONGEST_TITLE))}")]

    def end_group(self, _title: str) -> Sequence[Act]:
        """Start another group, as nothing else ends one; it is expanded, because the result follows."""
        return [Print("+++ Result")]

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Set meta-data of the build."""
        if not self._speaks_to_agent:
            return []
        ordered = {name: values[name] for name in (*FIRST, *values) if name in values}
        return [
            Execute((_AGENT, "meta-data", "set", variable), _stored(value))
            for variable, value in as_variables(ordered).items()
        ]

    @property
    def summary_limit(self) -> int:
        """The largest annotation; 0 without the agent."""
        return _ANNOTATION_LIMIT if self._speaks_to_agent else 0

    def show_summary(self, level: str, text: str, path: str) -> Sequence[Act]:
        """Annotate the build."""
        if not self._speaks_to_agent:
            return []
        style = level if level in _STYLES else "info"
        return [Execute((_AGENT, "annotate", "--style", style, "--context", self._context(path)), text)]

    def _context(self, path: str) -> str:
        """The context of the annotation: a retried job replaces its own, and no other job's or step's."""
        get = self._get
        parts = (get("BUILDKITE_STEP_ID") or get("BUILDKITE_JOB_ID"), get("BUILDKITE_PARALLEL_JOB"), path)
        # Only their labels tell the jobs of a matrix apart.
        return f"testgate-{checksum(chr(10).join((*parts, get('BUILDKITE_LABEL'))))}"


def _stored(value: str) -> str:
    """The value as the agent accepts it."""
    shown = in_bytes(clean(value), _LONGEST_VALUE)
    return shown if shown.strip() else _EMPTY
