"""Azure Pipelines.

Facts from the agent's source: logging commands and their escapes, output variables, attachments, results of steps.
"""

from collections.abc import Callable, Mapping, Sequence

from testgate.acts import Act, Print
from testgate.gate.outputs import as_variables
from testgate.platforms.limits import JSON_LISTS, shortened
from testgate.platforms.marks import FOREIGN, broken_anywhere
from testgate.platforms.words import Words, described, in_url
from testgate.ports import Build
from testgate.redact import SHORTEST_SECRET
from testgate.text import clean, one_line

_ISSUES = frozenset({"error", "warning"})
_LONGEST_MESSAGE = 2000
# Variables are in the environment of every later step; one may have 32 767 characters on Windows, 128 KiB on Linux.
_LONGEST_VALUE = 30_000
_SUMMARY_LIMIT = 1_000_000
_REFS = ("refs/heads/", "refs/tags/", "refs/pull/", "refs/")


class Azure(Words):
    """Says what the agent of Azure Pipelines finds in the log."""

    name = "azure"
    annotates = True

    @property
    def build(self) -> Build:
        """Build id and attempts, the job, and the build's page."""
        get = self._get
        build = get("BUILD_BUILDID")
        run = ".".join(filter(None, (build, get("SYSTEM_STAGEATTEMPT"), get("SYSTEM_JOBATTEMPT")))) if build else ""
        collection = get("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI").rstrip("/")
        project = in_url(get("SYSTEM_TEAMPROJECT"))  # it may have blanks in its name
        page = f"{collection}/{project}/_build/results?buildId={in_url(build)}" if collection and project else ""
        return described(
            run=run,
            job=f"{run}.{get('SYSTEM_JOBID')}",
            url=page,
            name=get("BUILD_DEFINITIONNAME"),
            number=get("BUILD_BUILDNUMBER"),
            branch=_branch(get("SYSTEM_PULLREQUEST_SOURCEBRANCH") or get("BUILD_SOURCEBRANCH")),
            commit=get("BUILD_SOURCEVERSION"),
        )

    @property
    def debug(self) -> bool:
        """Whether the build was started with the variable `System.Debug`."""
        return self._get("SYSTEM_DEBUG").lower() == "true"

    @property
    def hint(self) -> str:
        """A container that was not told of the build can neither name it nor hand outputs on."""
        if self._inside and self._get("BUILD_BUILDID"):
            return ""
        return (
            "the build's variables did not reach the container: name them in `docker run`, "
            "-e TF_BUILD -e BUILD_BUILDID and the others of the line in docs/ci.md."
        )

    def withheld(self, _read: Callable[[str], str]) -> str:
        """Azure gives secrets neither to forks nor to steps that do not name them."""
        if not self._inside:
            return ""
        if self._get("SYSTEM_PULLREQUEST_ISFORK").lower() == "true":
            return (
                "Azure Pipelines gives no secrets to builds of forks. Leave the step out there:  "
                "condition: and(succeeded(), ne(variables['System.PullRequest.IsFork'], 'True'))"
            )
        return (
            "Azure Pipelines hands a secret variable only to steps that name it. Write under the step:  "
            "env: { TESTGATE_API_KEY: $(TESTGATE_API_KEY) }  and name it in `docker run` with -e TESTGATE_API_KEY"
        )

    def mask(self, secret: str) -> Sequence[Act]:
        """Have the agent hide the secret, and each of its lines: it looks for it in one line of the log at a time."""
        lines = [line.strip() for line in secret.splitlines()]
        parts = dict.fromkeys([secret, *(line for line in lines if len(line) >= SHORTEST_SECRET)])
        return [Print(f"##vso[task.setsecret]{_data(part)}") for part in parts]

    def group(self, title: str) -> Sequence[Act]:
        """Open a fold; its title is plain text."""
        return [Print(f"##[group]{self.defuse(one_line(title))}")]

    def end_group(self, _title: str) -> Sequence[Act]:
        """Close it."""
        return [Print("##[endgroup]")]

    def problem(self, level: str, title: str, message: str) -> Sequence[Act]:
        """An issue on the build's page, in one line; the agent has none for notices."""
        if level not in _ISSUES:
            return super().problem(level, title, message)
        said = f"{one_line(title)}: {one_line(message, _LONGEST_MESSAGE)}"
        return [Print(f"##vso[task.logissue type={level};]{_shown(said)}")]

    def concluded(self, level: str, title: str, reason: str) -> Sequence[Act]:
        """A red that is tolerated is a success with issues; of the others the exit code is enough."""
        if level != "warning" or not self._inside:
            return []
        said = f"{one_line(title)}: {one_line(reason)}"
        return [Print(f"##vso[task.complete result=SucceededWithIssues;]{_shown(said)}")]

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Output variables of the step; the agent keeps the last value of a name."""
        if not self._inside:
            return []
        fitting = {name: shortened(name, _inert(name, value), _LONGEST_VALUE) for name, value in values.items()}
        return [
            Print(f"##vso[task.setvariable variable={name};isoutput=true]{_data(value)}")
            for name, value in as_variables(fitting).items()
        ]

    @property
    def summary_limit(self) -> int:
        """What a page shows in good time, where the agent can find the file."""
        return _SUMMARY_LIMIT if self._finds(self._surroundings.root) else 0

    def show_summary(self, _level: str, _text: str, path: str) -> Sequence[Act]:
        """Have the agent attach the file; it looks for it at once, and uploads it until the job ends."""
        place = path if path.startswith("/") else f"{self._surroundings.root.rstrip('/')}/{path}"
        return [Print(f"##vso[task.uploadsummary]{_data(place)}")] if path and self._finds(place) else []

    @property
    def _inside(self) -> bool:
        """Whether this is a step of a pipeline."""
        return self._get("TF_BUILD").lower() == "true"

    def _finds(self, place: str) -> bool:
        """Whether the agent knows this place by the same path: a file that it does not find fails the step."""
        folder = self._get("SYSTEM_DEFAULTWORKINGDIRECTORY").rstrip("/")
        return self._inside and bool(folder) and f"{place.rstrip('/')}/".startswith(f"{folder}/")


def _branch(ref: str) -> str:
    """The name that people know a branch by."""
    return next((ref.removeprefix(prefix) for prefix in _REFS if ref.startswith(prefix)), ref)


def _inert(name: str, value: str) -> str:
    """The value without commands and references.

    A later step may print it, and the agent puts other variables, secrets too, where a value says `$(NAME)`. JSON
    has another spelling for these signs; a text gets one that nobody sees.
    """
    value = clean(value)
    if name in JSON_LISTS:
        return value.replace("##", "#\\u0023").replace("$(", "\\u0024(")
    return broken_anywhere(value, FOREIGN).replace("$(", "$\u200b(")


def _shown(text: str) -> str:
    """Text for people as a command's data: no part of it is a command wherever it is printed again."""
    return _data(broken_anywhere(text, FOREIGN))


def _data(text: str) -> str:
    """Escape a command's data; the agent has a word of its own for the percent sign."""
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")
