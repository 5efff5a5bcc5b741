"""GitHub Actions, and what is compatible with it: Gitea, Forgejo, and act on a developer's machine.

File commands, workflow commands and the limits of the summary follow the runners' sources. All runners but GitHub's
descend from act: they read the same files more strictly, and have no annotations.
"""

from collections.abc import Callable, Mapping, Sequence

from testgate.acts import Act, Append, Print
from testgate.platforms.advice import check_the_secret, no_secrets_for_forks
from testgate.platforms.builds import BuildFacts
from testgate.platforms.events import Event
from testgate.platforms.limits import shortened
from testgate.platforms.marks import broken_anywhere, broken_at_start
from testgate.platforms.words import Words
from testgate.ports import Surroundings
from testgate.text import clean, cut, one_line

_LONGEST_MESSAGE = 4096
_LONGEST_TITLE = 255
_SUMMARY_LIMIT = 1_048_576  # the runner drops a larger summary entirely
# In characters, each of which can take four bytes: runners that descend from act fail a step whose file has a line of
# 64 KiB.
_LONGEST_LINE = 16_000
_LONGEST_VALUE = 100_000  # of 1 MB per job; and a step that puts it into a variable has 128 KiB for that
_LEVELS = frozenset({"error", "warning", "notice"})
_FILES = ("GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY")
_STATE = "STATE_"  # the runner's prefix for remembered values in the environment of the cleanup
# Events with a pull request that get no secrets if it comes from a fork. In a reusable workflow, Gitea and Forgejo
# name the call instead of the event.
_WITHOUT_SECRETS = frozenset({"pull_request", "pull_request_review", "pull_request_review_comment", "workflow_call"})
# Which variable each service sets to `true`; Forgejo sets Gitea's too.
_SERVICES = (("FORGEJO_ACTIONS", "Forgejo"), ("GITEA_ACTIONS", "Gitea"), ("ACT", "act"))
_GITHUB = "GitHub"


class GitHub(Words):
    """Writes the files and prints the commands that the runner reads."""

    name = "github"
    cleans_up = True

    def __init__(self, surroundings: Surroundings) -> None:
        self._absent = _absent(surroundings)
        there = {name: text for name, text in surroundings.environ.items() if name not in self._absent}
        super().__init__(surroundings._replace(environ=there))
        found = (service for variable, service in _SERVICES if self._get(variable) == "true")
        self._service = next(found, _GITHUB)
        self.annotates = self._service in {_GITHUB, "act"}

    @property
    def _facts(self) -> BuildFacts:
        """The run and its attempt, the job, and the run's page."""
        get, event = self._get, Event(self._environ, self._surroundings.read)
        run, attempt = get("GITHUB_RUN_ID"), get("GITHUB_RUN_ATTEMPT") or "1"
        return BuildFacts(
            run=f"{run}.{attempt}" if run else "",
            job=f"{run}.{attempt}.{get('GITHUB_JOB')}",
            url=self._page(),
            name=get("GITHUB_WORKFLOW"),
            number=get("GITHUB_RUN_NUMBER"),
            branch=get("GITHUB_HEAD_REF") or event.head_branch(get("GITHUB_REPOSITORY")) or get("GITHUB_REF_NAME"),
            commit=event.text("workflow_run", "head_sha") or get("GITHUB_SHA"),
            pipeline=run,
            attempt=attempt,
            job_name=get("GITHUB_JOB"),
            target=get("GITHUB_BASE_REF") or event.text("repository", "default_branch"),
            base=event.text("pull_request", "base", "sha"),
            change=event.change(get("GITHUB_REF")),
        )

    def _page(self) -> str:
        """The page of the run, or the list of runs if its URL can't be known.

        Gitea's URLs had the run's number, and have its id since 1.26. Since 1.27 a variable shows what the server
        can do. Forgejo's URLs have the number.
        """
        server, repository = self._get("GITHUB_SERVER_URL").rstrip("/"), self._get("GITHUB_REPOSITORY")
        if not server or not repository or self._service == "act":
            return ""
        run = self._get("GITHUB_RUN_NUMBER" if self._service == "Forgejo" else "GITHUB_RUN_ID")
        known = run and (self._service != "Gitea" or self._get("GITEA_ACTIONS_CAPABILITIES"))
        return f"{server}/{repository}/actions/runs/{run}" if known else f"{server}/{repository}/actions"

    @property
    def hint(self) -> str:
        """An action gets the file for outputs; a container that a script starts doesn't."""
        if self._absent:
            return (
                f"the runner's files are not in this container ({', '.join(self._absent)} name a folder that isn't "
                "here), so outputs and summary are written to the report directory only; the gate works as ever. "
                "This is what act does in host mode"
            )
        if self._get("GITHUB_OUTPUT"):
            return ""
        return (
            "GITHUB_OUTPUT is not set, so outputs are written to the report directory only. Use TestGate as an action, "
            "or pass -e GITHUB_OUTPUT to `docker run` and mount the folder of that file with -v"
        )

    @property
    def debug(self) -> bool:
        """True if the runner was started with debug logging."""
        return self._environ.get("RUNNER_DEBUG") == "1"

    def withheld(self, read: Callable[[str], str]) -> str:
        """Pull requests from forks get no secrets; on GitHub, neither does Dependabot."""
        if self._get("GITHUB_ACTOR") == "dependabot[bot]" and self._service == _GITHUB:
            return (
                "GitHub gives Actions secrets to no workflow that Dependabot triggers. Add the key to the Dependabot "
                "secrets, or skip the step for it:  if: github.actor != 'dependabot[bot]'"
            )
        event = self._get("GITHUB_EVENT_NAME")
        if event in _WITHOUT_SECRETS and self._service != "act" and self._from_fork(read):
            same = "github.event.pull_request.head.repo.full_name == github.repository"
            return no_secrets_for_forks(self._service, "step", f"if: github.event_name != '{event}' || {same}")
        return ""

    def from_fork(self, read: Callable[[str], str]) -> bool:
        """Return True if the pull request's branch is in another repository, or Dependabot's."""
        return self._from_fork(read) or self._get("GITHUB_ACTOR") == "dependabot[bot]"

    @property
    def secrets_place(self) -> str:
        """Where GitHub and its relatives keep secrets."""
        passing = "the step has `with: api-key: ${{ secrets.NAME }}` (a reusable workflow needs `secrets: inherit`)"
        where = {
            _GITHUB: "Settings > Secrets and variables > Actions (of the repository, environment or organization)",
            "act": "`act -s NAME` or the file of `--secret-file`",
        }
        return check_the_secret(where.get(self._service, "Settings > Actions > Secrets"), passing)

    def _from_fork(self, read: Callable[[str], str]) -> bool:
        """Return True if the pull request's branch is in another repository; False if that isn't known."""
        event = Event(self._environ, read)
        head = event.at("pull_request", "head")
        if not isinstance(head, dict) or "repo" not in head:
            return False
        # A fork that was deleted in the meantime has no repository at all.
        repository = event.text("pull_request", "head", "repo", "full_name")
        return head["repo"] is None or repository != self._environ.get("GITHUB_REPOSITORY")

    def defuse(self, text: str) -> str:
        """Break `::` at the start of a line, and the old `##[` anywhere in it: the runner obeys both."""
        return broken_at_start(_without_old_form(text))

    def mask(self, secret: str) -> Sequence[Act]:
        """Mask the secret and, as the runner does that itself, each of its lines."""
        return [Print(f"::add-mask::{_data(secret)}")]

    def group(self, title: str) -> Sequence[Act]:
        """Start a group."""
        return [Print(f"::group::{_data(_without_old_form(one_line(title)))}")]

    def end_group(self, _title: str) -> Sequence[Act]:
        """End the group."""
        return [Print("::endgroup::")]

    def problem(self, level: str, title: str, message: str) -> Sequence[Act]:
        """Annotate the run: the runner keeps 4096 characters of the message, the page 255 of the title.

        The log shows only the message, so it begins with the title.
        Other services have no annotations and their logs would show the raw command, so they get plain words.
        """
        if not self.annotates:
            return super().problem(level, title, message)
        command = level if level in _LEVELS else "notice"
        whole = f"{cut(one_line(title), _LONGEST_TITLE)}: {message}"
        shown = _data(cut(_without_old_form(clean(whole)), _LONGEST_MESSAGE - 96))
        headed = _property(cut(_without_old_form(one_line(title)), _LONGEST_TITLE))
        return [Print(f"::{command} title={headed}::{shown}")]

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Append to the file of outputs, with a random delimiter for each value."""
        short = {name: shortened(name, value, _LONGEST_VALUE) for name, value in values.items()}
        return self._to_file("GITHUB_OUTPUT", short)

    def remember(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Append to the file of state. The step's cleanup gets its values as `STATE_...` variables."""
        return self._to_file("GITHUB_STATE", values)

    def recalled(self) -> Mapping[str, str]:
        """The `STATE_...` variables, without the prefix."""
        names = (name for name in self._environ if name.startswith(_STATE))
        return {name.removeprefix(_STATE): self._environ[name] for name in names}

    @property
    def summary_file(self) -> str:
        """The file of this step's summary. Forgejo shows none, but prints all of it after a job's last step."""
        return "" if self._service == "Forgejo" else self._get("GITHUB_STEP_SUMMARY")

    @property
    def summary_limit(self) -> int:
        """The runner's limit; 0 without a file."""
        return _SUMMARY_LIMIT if self.summary_file else 0

    def show_summary(self, _level: str, text: str, _path: str) -> Sequence[Act]:
        """Append to the file: other tools of the same step may have written to it."""
        return [Append(self.summary_file, f"\n{text}\n")] if self.summary_file else []

    def _to_file(self, variable: str, values: Mapping[str, str]) -> Sequence[Act]:
        """Append whole entries to one of the runner's files."""
        entries = "".join(self._entry(name, value) for name, value in values.items())
        # On GitHub, the last line of the file may have no line break, and blank lines are skipped. Elsewhere, a blank
        # line fails the step.
        start = "\n" if self._service == _GITHUB else ""
        return self._append(variable, entries and f"{start}{entries}")

    def _entry(self, name: str, value: str) -> str:
        """`NAME<<DELIMITER`, the value, and the delimiter, which never occurs in the value."""
        value = clean(value)
        if self._service != _GITHUB:
            value = "\n".join(shortened(name, line, _LONGEST_LINE) for line in value.split("\n"))
        delimiter = f"testgate-{self._surroundings.token()}"
        while delimiter in value:
            delimiter = f"testgate-{self._surroundings.token()}"
        return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _absent(surroundings: Surroundings) -> list[str]:
    """The variables that name files of a runner which doesn't give them to this container."""
    given = ((name, surroundings.environ.get(name, "")) for name in _FILES)
    return [name for name, path in given if path and not surroundings.has_folder(_folder_of(path))]


def _folder_of(path: str) -> str:
    """The folder of a file: runners on Windows name theirs with backslashes."""
    return path[: max(path.rfind("/"), path.rfind("\\"))] or "/"


def _without_old_form(text: str) -> str:
    """Break `##[`, which the runner obeys anywhere in a line, even in the text of a command that it doesn't know.

    A letter directly before the `::` is enough to make a command unknown.
    """
    return broken_anywhere(text, ["##["])


def _data(text: str) -> str:
    """Escape the data of a workflow command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape a property of a workflow command."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
