"""GitHub Actions, and what speaks its language: Gitea, Forgejo, and act on a developer's machine.

Facts from the runners' sources: file commands, workflow commands, limits of the summary. All but
GitHub's descend from act. They read the same files in a narrower way, and have no annotations.
"""

import json
from collections.abc import Callable, Mapping, Sequence

from testgate.acts import Act, Append, Print
from testgate.platforms.limits import shortened
from testgate.platforms.marks import broken_anywhere, broken_at_start
from testgate.platforms.words import Words, described
from testgate.ports import Build, Surroundings
from testgate.text import clean, cut, one_line

_LONGEST_MESSAGE = 4096
_LONGEST_TITLE = 255
_SUMMARY_LIMIT = 1_048_576  # one byte more and the runner drops the summary whole
# In characters, of which each can need four bytes: runners that descend from act fail a step whose file holds a line
# of 64 KiB.
_LONGEST_LINE = 16_000
_LONGEST_VALUE = 100_000  # of 1 MB a job; and a step that puts it into a variable has 128 KiB for that
_LEVELS = frozenset({"error", "warning", "notice"})
# Events that carry a pull request and get no secrets if it comes from a fork. In a reusable workflow, Gitea and
# Forgejo name the call in the place of the event.
_WITHOUT_SECRETS = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment", "workflow_call"})
# Who sets which variable to `true`; Forgejo sets Gitea's too.
_SERVICES = (("FORGEJO_ACTIONS", "Forgejo"), ("GITEA_ACTIONS", "Gitea"), ("ACT", "act"))
_GITHUB = "GitHub"


class GitHub(Words):
    """Says what the runner reads from files and from the log."""

    name = "github"

    def __init__(self, surroundings: Surroundings) -> None:
        """Find out who speaks GitHub's language here."""
        super().__init__(surroundings)
        told = (service for variable, service in _SERVICES if self._get(variable) == "true")
        self._service = next(told, _GITHUB)
        self.annotates = self._service == _GITHUB

    @property
    def build(self) -> Build:
        """Run id and attempt, the job, and the page of the build."""
        get = self._get
        run, attempt = get("GITHUB_RUN_ID"), get("GITHUB_RUN_ATTEMPT") or "1"
        return described(
            run=f"{run}.{attempt}" if run else "",
            job=f"{run}.{attempt}.{get('GITHUB_JOB')}",
            url=self._page(),
            name=get("GITHUB_WORKFLOW"),
            number=get("GITHUB_RUN_NUMBER"),
            branch=get("GITHUB_HEAD_REF") or get("GITHUB_REF_NAME"),
            commit=get("GITHUB_SHA"),
        )

    def _page(self) -> str:
        """The page of the run. Where nobody can tell which number it goes by, the page that lists all runs.

        Gitea's pages went by the run's number, and go by its id since 1.26. What the server can do is
        told since 1.27. Forgejo's go by the number.
        """
        server, repository = self._get("GITHUB_SERVER_URL").rstrip("/"), self._get("GITHUB_REPOSITORY")
        if not server or not repository or self._service == "act":
            return ""
        run = self._get("GITHUB_RUN_NUMBER" if self._service == "Forgejo" else "GITHUB_RUN_ID")
        known = run and (self._service != "Gitea" or self._get("GITEA_ACTIONS_CAPABILITIES"))
        return f"{server}/{repository}/actions/runs/{run}" if known else f"{server}/{repository}/actions"

    @property
    def hint(self) -> str:
        """As an action, TestGate is given the file of outputs; a container that a script starts is not."""
        if self._get("GITHUB_OUTPUT"):
            return ""
        return (
            "outputs are only in the report directory: GITHUB_OUTPUT is not set here. Use TestGate as an action, or "
            "name it in `docker run` with -e GITHUB_OUTPUT and mount the folder of that file with -v."
        )

    @property
    def debug(self) -> bool:
        """Whether the runner was started with debug logging."""
        return self._environ.get("RUNNER_DEBUG") == "1"

    def withheld(self, read: Callable[[str], str]) -> str:
        """No secrets go to pull requests from forks, nor, on GitHub, to Dependabot."""
        if self._get("GITHUB_ACTOR") == "dependabot[bot]" and self._service == _GITHUB:
            return (
                "GitHub gives Dependabot's workflows no secrets of Actions. Add the key to Dependabot's secrets, or "
                "leave the step out there:  if: github.actor != 'dependabot[bot]'"
            )
        event = self._get("GITHUB_EVENT_NAME")
        if event in _WITHOUT_SECRETS and self._service != "act" and self._from_fork(read):
            return (
                f"{self._service} gives no secrets to pull requests from forks. Leave the step out there:  "
                f"if: github.event_name != '{event}' || "
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
        """An annotation; the runner keeps 4096 characters of its message, the page 255 of its title.

        Elsewhere there are none, and the log would show the command itself: there it is said in words.
        """
        if not self.annotates:
            return super().problem(level, title, message)
        command = level if level in _LEVELS else "notice"
        shown = _data(cut(_without_old_form(clean(message)), _LONGEST_MESSAGE - 96))
        headed = _property(cut(_without_old_form(one_line(title)), _LONGEST_TITLE))
        return [Print(f"::{command} title={headed}::{shown}")]

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Append to the file of outputs, a random delimiter for each value."""
        short = {name: shortened(name, value, _LONGEST_VALUE) for name, value in values.items()}
        return self._to_file("GITHUB_OUTPUT", short)

    def remember(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Append to the file that the step's cleanup gets as STATE_ variables."""
        return self._to_file("GITHUB_STATE", values)

    def recalled(self) -> Mapping[str, str]:
        """The state as the runner hands it to the cleanup: `STATE_` and the name."""
        return {
            name.removeprefix("STATE_"): value for name, value in self._environ.items() if name.startswith("STATE_")
        }

    @property
    def summary_file(self) -> str:
        """The file of this step's summary. Forgejo shows none, but prints it all after a job's last step."""
        return "" if self._service == "Forgejo" else self._get("GITHUB_STEP_SUMMARY")

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
        # On GitHub the line before may lack its end, and blank lines are skipped; elsewhere one of them fails the step.
        start = "\n" if self._service == _GITHUB else ""
        return [Append(path, f"{start}{entries}")] if path and entries else []

    def _entry(self, name: str, value: str) -> str:
        """`NAME<<DELIMITER`, the value, the delimiter; one that occurs in the value is refused."""
        value = clean(value)
        if self._service != _GITHUB:
            value = "\n".join(shortened(name, line, _LONGEST_LINE) for line in value.split("\n"))
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
