"""Azure Pipelines.

Logging commands and their escapes, output variables, attachments and the results of steps follow the agent's source.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from testgate.acts import Act, Print
from testgate.gate.outputs import as_variables
from testgate.platforms.advice import missing_variables
from testgate.platforms.builds import BuildFacts, in_url, short_ref
from testgate.platforms.limits import JSON_LISTS, shortened
from testgate.platforms.marks import BREAK, FOREIGN, broken_anywhere, inert
from testgate.platforms.words import Words
from testgate.redact import SHORTEST_SECRET
from testgate.text import one_line

_ISSUES = frozenset({"error", "warning"})
_LONGEST_MESSAGE = 2000
# Every later step has the variables in its environment. One can hold 32,767 characters on Windows, 128 KiB on Linux.
_LONGEST_VALUE = 30_000
_COUNT = re.compile(r"[1-9][0-9]{0,2}")
_SUMMARY_LIMIT = 1_000_000
_REFS = ("refs/heads/", "refs/tags/", "refs/pull/", "refs/")


class Azure(Words):
    """Prints the logging commands that the agent of Azure Pipelines finds in the log."""

    name = "azure"
    annotates = True

    @property
    def _facts(self) -> BuildFacts:
        """The build and its attempts, the job, and the build's page."""
        get = self._get
        build = get("BUILD_BUILDID")
        run = ".".join(filter(None, (build, get("SYSTEM_STAGEATTEMPT"), get("SYSTEM_JOBATTEMPT")))) if build else ""
        collection = get("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI").rstrip("/")
        project = in_url(get("SYSTEM_TEAMPROJECT"))  # its name may contain spaces
        page = f"{collection}/{project}/_build/results?buildId={in_url(build)}" if collection and project else ""
        return BuildFacts(
            run=run,
            job=f"{run}.{get('SYSTEM_JOBID')}",
            url=page,
            name=get("BUILD_DEFINITIONNAME"),
            number=get("BUILD_BUILDNUMBER"),
            branch=short_ref(get("SYSTEM_PULLREQUEST_SOURCEBRANCH") or get("BUILD_SOURCEBRANCH"), _REFS),
            commit=get("BUILD_SOURCEVERSION"),
            pipeline=build,
            attempt=_attempts(get("SYSTEM_STAGEATTEMPT"), get("SYSTEM_JOBATTEMPT")),
            job_name=get("SYSTEM_JOBNAME"),
            target=short_ref(get("SYSTEM_PULLREQUEST_TARGETBRANCH"), _REFS),
            # In a repository on GitHub, the number is what people know, and the id is one of Azure's own.
            change=get("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER") or get("SYSTEM_PULLREQUEST_PULLREQUESTID"),
        )

    @property
    def debug(self) -> bool:
        """True if the build was started with the variable `System.Debug`."""
        return self._get("SYSTEM_DEBUG").lower() == "true"

    @property
    def hint(self) -> str:
        """Without these variables, TestGate can neither identify the build nor set outputs."""
        if self._inside and self._get("BUILD_BUILDID"):
            return ""
        return f"{missing_variables('build', 'TF_BUILD', 'BUILD_BUILDID')} and the others in docs/ci.md"

    def withheld(self, _read: Callable[[str], str]) -> str:
        """Azure gives secrets neither to builds of forks nor to steps that don't map them."""
        if not self._inside:
            return ""
        if self.from_fork(_read):
            return (
                "Azure Pipelines gives no secrets to builds of forks. For these, skip the step:  "
                "condition: and(succeeded(), ne(variables['System.PullRequest.IsFork'], 'True'))"
            )
        return (
            "Azure Pipelines gives a secret variable only to steps that map it. Add this to the step:  "
            "env: { TESTGATE_API_KEY: $(TESTGATE_API_KEY) }  and pass it to `docker run` with -e TESTGATE_API_KEY"
        )

    def from_fork(self, _read: Callable[[str], str]) -> bool:
        """Return True if Azure says so."""
        return self._get("SYSTEM_PULLREQUEST_ISFORK").lower() == "true"

    def mask(self, secret: str) -> Sequence[Act]:
        """Mask the secret and each of its lines: the agent searches one line of the log at a time."""
        lines = [line.strip() for line in secret.splitlines()]
        parts = dict.fromkeys([secret, *(line for line in lines if len(line) >= SHORTEST_SECRET)])
        return [Print(f"##vso[task.setsecret]{_data(part)}") for part in parts]

    def group(self, title: str) -> Sequence[Act]:
        """Start a group. Its title is plain text."""
        return [Print(f"##[group]{self.defuse(one_line(title))}")]

    def end_group(self, _title: str) -> Sequence[Act]:
        """End the group."""
        return [Print("##[endgroup]")]

    def problem(self, level: str, title: str, message: str) -> Sequence[Act]:
        """Log an issue, which the build's page shows in one line. The agent has no issues for notices."""
        if level not in _ISSUES:
            return super().problem(level, title, message)
        issue = f"{one_line(title)}: {one_line(message, _LONGEST_MESSAGE)}"
        return [Print(f"##vso[task.logissue type={level};]{_shown(issue)}")]

    def concluded(self, level: str, title: str, reason: str) -> Sequence[Act]:
        """A tolerated failure succeeds with issues. For the others the exit code is enough."""
        if level != "warning" or not self._inside:
            return []
        result = f"{one_line(title)}: {one_line(reason)}"
        return [Print(f"##vso[task.complete result=SucceededWithIssues;]{_shown(result)}")]

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Set output variables of the step. The agent keeps the last value of a name."""
        if not self._inside:
            return []
        fitting = {name: shortened(name, _inert(name, value), _LONGEST_VALUE) for name, value in values.items()}
        return [
            Print(f"##vso[task.setvariable variable={name};isoutput=true]{_data(value)}")
            for name, value in as_variables(fitting).items()
        ]

    @property
    def summary_limit(self) -> int:
        """The size that a page shows quickly; 0 if the agent wouldn't find the file."""
        return _SUMMARY_LIMIT if self._finds(self._surroundings.root) else 0

    def show_summary(self, _level: str, _text: str, path: str) -> Sequence[Act]:
        """Attach the file. The agent looks for it at once, and uploads it before the job ends."""
        place = path if path.startswith("/") else f"{self._surroundings.root.rstrip('/')}/{path}"
        return [Print(f"##vso[task.uploadsummary]{_data(place)}")] if path and self._finds(place) else []

    @property
    def _inside(self) -> bool:
        """True in a step of a pipeline."""
        return self._get("TF_BUILD").lower() == "true"

    def _finds(self, place: str) -> bool:
        """Return True if the agent knows this place by the same path. It fails a step that names a missing file."""
        folder = self._get("SYSTEM_DEFAULTWORKINGDIRECTORY").rstrip("/")
        return self._inside and bool(folder) and f"{place.rstrip('/')}/".startswith(f"{folder}/")


def _inert(name: str, value: str) -> str:
    """The value without commands and without references.

    The agent replaces `$(NAME)` in a value with that variable, even with a secret one.
    """
    return inert(name, value).replace("$(", r"\u0024(" if name in JSON_LISTS else f"${BREAK}(")


def _shown(text: str) -> str:
    """Text for people as the data of a command. No part of it becomes a command when it is printed again."""
    return _data(broken_anywhere(text, FOREIGN))


def _data(text: str) -> str:
    """Escape the data of a command; the agent has its own escape for the percent sign."""
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _attempts(*counts: str) -> str:
    """One number that grows with each of these, all of which start at 1."""
    return str(1 + sum(int(each) - 1 for each in counts if _COUNT.fullmatch(each)))
