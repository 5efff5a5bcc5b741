"""GitHub Actions, and what speaks its language (Gitea, Forgejo).

Facts from the runner's source: file commands, workflow commands, limits of the summary.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from testgate.acts import Act, Append, Print
from testgate.platforms.marks import broken_anywhere, broken_at_start
from testgate.platforms.words import Words, described
from testgate.ports import Build
from testgate.text import clean, cut, one_line

_LONGEST_MESSAGE = 4096
_LONGEST_TITLE = 255
_SUMMARY_LIMIT = 1_048_576  # one byte more and the runner drops the summary whole
_LEVELS = frozenset({"error", "warning", "notice"})


class GitHub(Words):
    """Says what the runner reads from files and from the log."""

    name = "github"
    annotates = True

    @property
    def build(self) -> Build:
        """Run id and attempt, the job, and the page of the build."""
        get = self._get
        run, attempt = get("GITHUB_RUN_ID"), get("GITHUB_RUN_ATTEMPT") or "1"
        repository, server = get("GITHUB_REPOSITORY"), get("GITHUB_SERVER_URL")
        return described(
            run=f"{run}.{attempt}" if run else "",
            job=f"{run}.{attempt}.{get('GITHUB_JOB')}",
            url=f"{server}/{repository}/actions/runs/{run}" if server and repository else "",
            name=get("GITHUB_WORKFLOW"),
            number=get("GITHUB_RUN_NUMBER"),
            branch=get("GITHUB_HEAD_REF") or get("GITHUB_REF_NAME"),
            commit=get("GITHUB_SHA"),
        )

    @property
    def debug(self) -> bool:
        """Whether the runner was started with debug logging."""
        return self._environ.get("RUNNER_DEBUG") == "1"

    def withheld(self, read: Callable[[str], str]) -> str:
        """GitHub gives no secrets to workflows of forks and of Dependabot."""
        if self._environ.get("GITHUB_ACTOR") == "dependabot[bot]":
            return (
                "GitHub gives Dependabot's workflows no secrets of Actions. Add the key to Dependabot's secrets, or "
                "leave the step out there:  if: github.actor != 'dependabot[bot]'"
            )
        if self._environ.get("GITHUB_EVENT_NAME") == "pull_request" and self._from_fork(read):
            return (
                "GitHub gives no secrets to pull requests from forks. Leave the step out there:  "
                "if: github.event_name != 'pull_request' || "
                "github.event.pull_request.head.repo.full_name == github.repository"
            )
        return ""

    def _from_fork(self, read: Callable[[str], str]) -> bool:
        """Whether the pull request's branch lies in another repository; no when nobody tells."""
        try:
            event = json.loads(read(self._environ.get("GITHUB_EVENT_PATH", "")))
            head = event["pull_request"]["head"]["repo"]
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return False
        # A fork that was deleted meanwhile has no repository at all.
        return head is None or head.get("full_name") != self._environ.get("GITHUB_REPOSITORY")

    def defuse(self, text: str) -> str:
        """The runner obeys `::` at a line's start and the old `##[` anywhere in it."""
        return broken_at_start(_without_old_form(text))

    def mask(self, secret: str) -> Sequence[Act]:
        """Have the runner hide the secret, and each of its lines."""
        return [Print(f"::add-mask::{_data(secret)}")]

    def group(self, title: str) -> Sequence[Act]:
        """Open a fold."""
        return [Print(f"::group::{_data(_without_old_form(one_line(title)))}")]

    def end_group(self, _title: str) -> Sequence[Act]:
        """Close it."""
        return [Print("::endgroup::")]

    def problem(self, level: str, title: str, message: str) -> Sequence[Act]:
        """An annotation; the runner keeps 4096 characters of its message, the page 255 of its title."""
        command = level if level in _LEVELS else "notice"
        shown = _data(cut(_without_old_form(clean(message)), _LONGEST_MESSAGE - 96))
        headed = _property(cut(_without_old_form(one_line(title)), _LONGEST_TITLE))
        return [Print(f"::{command} title={headed}::{shown}")]

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Append to the file of outputs, a random delimiter for each value."""
        return self._to_file("GITHUB_OUTPUT", values)

    def remember(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Append to the file that the step's cleanup gets as STATE_ variables."""
        return self._to_file("GITHUB_STATE", values)

    @property
    def summary_file(self) -> str:
        """The file of this step's summary."""
        return self._get("GITHUB_STEP_SUMMARY")

    @property
    def summary_limit(self) -> int:
        """What the runner takes, where it takes anything."""
        return _SUMMARY_LIMIT if self.summary_file else 0

    def show_summary(self, _level: str, text: str, _path: str) -> Sequence[Act]:
        """Append it: the file is the step's own, and other tools of the step may have written to it."""
        return [Append(self.summary_file, f"\n{text}\n")] if self.summary_file else []

    def _to_file(self, variable: str, values: Mapping[str, str]) -> Sequence[Act]:
        """One act for all values: a kill in between leaves whole entries only."""
        path = self._environ.get(variable, "")
        entries = "".join(self._entry(name, value) for name, value in values.items())
        # The line before may lack its end; blank lines are skipped.
        return [Append(path, f"\n{entries}")] if path and entries else []

    def _entry(self, name: str, value: str) -> str:
        """`NAME<<DELIMITER`, the value, the delimiter; one that occurs in the value is refused."""
        value = clean(value)
        delimiter = f"testgate-{self._surroundings.token()}"
        while delimiter in value:
            delimiter = f"testgate-{self._surroundings.token()}"
        return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _without_old_form(text: str) -> str:
    """Break `##[`, which is obeyed anywhere in a line, and in the text of a command that is not understood.

    For the latter a letter that joins the `::` before it is enough.
    """
    return broken_anywhere(text, ["##["])


def _data(text: str) -> str:
    """Escape a workflow command's data."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape a workflow command's property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
