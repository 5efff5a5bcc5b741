"""The interfaces between the core and its adapters: what an adapter must say, and what an edge must do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from testgate.acts import Act
from testgate.model import Page, Reported, Run, Snapshot, Target, TestResult
from testgate.ports.uploading import Uploader
from testgate.results import Gate
from testgate.wire import Call, Reply, Request


class Targets(NamedTuple):
    """One page of what a platform could run; `next` is the cursor of the next page."""

    targets: Sequence[Target]
    next: str | None = None


class Provider(Protocol):
    """A test platform. It never sends, sleeps, retries, logs or remembers anything: it only says what to do."""

    @property
    def poll_batch(self) -> int:
        """The maximum number of runs in one poll."""

    def login(self) -> "Call[str] | None":
        """Ask for the token that the requests carry in the place of `wire.TOKEN`; None if they need none."""

    def targets(self) -> Sequence[Target]:
        """What the inputs select; each target becomes one run."""

    def named(self) -> Sequence[str]:
        """The names that select further targets, which only the platform knows."""

    def seek(self, name: str, cursor: str | None, *, everything: bool) -> Call[Targets]:
        """Ask for one page of the targets that may have the name, or of all. Each has the platform's name for it."""

    def uploader(self) -> Uploader | None:
        """Return what uploads the files that the inputs name; None if they name none."""

    def trigger(self, target: Target, mark: str) -> Call[Run]:
        """Start the target: the only call that is not repeatable.

        `mark` is unique to this run. Reading the reply raises `Busy` if the platform says, in a
        text known for certain, that it didn't start the run.
        """

    def poll(self, runs: Sequence[Run]) -> Call[Sequence[Snapshot]]:
        """Ask for the state of up to `poll_batch` runs; a run that isn't in the answer doesn't exist."""

    def results(self, run: Run, cursor: str | None) -> Call[Page] | None:
        """Ask for one page of test results; None if there is nothing to ask for yet."""

    def live(self, run: Run) -> Call[Reported] | None:
        """Ask for the counters of a running run, if polls don't contain them; None if there are none."""

    def attached(self) -> Sequence[Run]:
        """The runs named by the inputs; they were started elsewhere."""

    def resumed(self, target: Target, run_id: str) -> Run:
        """A run of the target that an earlier step started, by the id that it had."""

    def find(self, target: Target, mark: str) -> Call[Sequence[Run]] | None:
        """Look for runs of the target that carry the mark; None if the platform cannot tell."""

    def rerun(self, run: Run, failed: Sequence[TestResult] | None) -> Target:
        """A target that reruns these tests of the run; with None, the tests that the inputs ask for."""

    def stop(self, run: Run) -> Call[None] | None:
        """Stop this run and no other; None if the platform cannot do that."""

    def stop_all(self) -> Call[None] | None:
        """Stop everybody's runs; None if the platform cannot do that."""

    def diagnose(self, run: Run, test: TestResult) -> Call[str] | None:
        """Ask for the step in which the test failed, in a line or two; None if the platform cannot tell."""

    def checks(self) -> Sequence[tuple[str, Call[str]]]:
        """Harmless questions that show whether the inputs are right: each a name, and a call whose answer is text."""


class TestRun(NamedTuple):
    """A test run in a test management system: a record of results, separate from the run on the platform."""

    id: str
    human_id: str = ""

    @property
    def name(self) -> str:
        """What people call it."""
        return self.human_id or self.id


class TestCase(NamedTuple):
    """A test case of such a test run."""

    id: str
    title: str = ""
    human_id: str = ""


class CasePage(NamedTuple):
    """One page of test cases; `next` is the cursor of the next page."""

    cases: Sequence[TestCase]
    next: str | None = None


class Record(NamedTuple):
    """One result to record. `status_id` is the system's id for the outcome."""

    case_id: str
    status_id: str
    description: str = ""


class TestManagement(Protocol):
    """A test management system, which keeps a record of results. Like a provider, it only says what to do."""

    @property
    def record_batch(self) -> int:
        """The maximum number of results in one call."""

    def create(self, title: str, started_at: float, origin: str) -> Call[TestRun]:
        """Create a test run; the only call that is not repeatable.

        The arguments are used where the inputs give no value: the title, the start in epoch
        seconds, and the origin in words.
        """

    def cases(self, test_run: TestRun, cursor: str | None) -> Call[CasePage]:
        """Ask for one page of the test run's cases."""

    def statuses(self) -> Call[Mapping[str, str]]:
        """Ask for the ids of statuses by outcome: passed, failed, error, skipped, not-run."""

    def record(self, test_run: TestRun, records: Sequence[Record]) -> Call[None]:
        """Record results; recording the same results again does no harm."""

    def close(self, test_run: TestRun) -> Call[None]:
        """Close the test run."""


class Transport(Protocol):
    """Sends one request, once."""

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        """Return the reply, whatever its status. A caller that is cancelled learns whether anything has left.

        Raises:
            CancelledError: with `NEVER_LEFT` as its argument, nothing was sent.
            Unanswered: no complete reply arrived.
            BadAnswer: the reply must not be read (too large, or a redirect elsewhere).

        """


class Build(NamedTuple):
    """The build that this step belongs to, as the CI describes it; a field is empty if the CI doesn't say.

    `mark` identifies run and attempt, and is short enough for a build number on the test platform. `job` is shared by
    the steps of one job, and by no others. `url` is the build's page. `title` names the build for people: workflow,
    branch and run number.

    `run` identifies the build, and stays the same when the CI runs a job of it again; `attempt` counts that, from 1.
    `workflow` and `job_name` stay the same from build to build. `number` is what people call it. `branch` is where
    the change was made. `target` is the branch that it is compared with: the one that the change would be merged
    into, or else the default branch. `base` is the commit of the target that the change starts from. `change` is the
    number of the pull or merge request. `series` names the builds that this one continues: those of its pull request,
    or else of its branch. Commits are whole hashes.
    """

    mark: str = ""
    job: str = ""
    url: str = ""
    title: str = ""
    run: str = ""
    attempt: int = 1
    workflow: str = ""
    job_name: str = ""
    number: str = ""
    branch: str = ""
    target: str = ""
    commit: str = ""
    base: str = ""
    change: str = ""
    series: str = ""


def _no_file(path: str) -> str:
    """There are no files."""
    raise FileNotFoundError(path)


class Surroundings(NamedTuple):
    """Everything that a CI's adapter gets from the outside world.

    `token` returns a random token, `wall_clock` the time in epoch seconds, and `has` whether a program is on PATH.
    `root` is the folder of the workspace. `read` returns the text of a file of the CI; it raises OSError.
    `has_folder` says whether there is such a folder here.
    """

    environ: Mapping[str, str]
    token: Callable[[], str]
    wall_clock: Callable[[], float]
    has: Callable[[str], bool]
    root: str
    read: Callable[[str], str] = _no_file
    has_folder: Callable[[str], bool] = lambda _path: True


class Platform(Protocol):
    """A CI. It describes what to print, append or execute, and does none of it."""

    @property
    def name(self) -> str:
        """The CI's name, as a value of the `platform` input."""

    @property
    def build(self) -> Build:
        """The build, as far as the CI describes it."""

    @property
    def debug(self) -> bool:
        """Whether the CI asks for debug logs."""

    @property
    def annotates(self) -> bool:
        """Whether the CI shows problems outside the log too, so that the verdict itself is worth one."""

    @property
    def for_people(self) -> bool:
        """Whether no CI is there to collect what the step leaves: somebody started it by hand."""

    @property
    def hint(self) -> str:
        """Which variables of the CI are missing here, and how to pass them; "" if none are."""

    @property
    def secrets_place(self) -> str:
        """What to check about an empty secret, in the words of the CI, without a full stop; "" if nothing is known."""

    def withheld(self, read: Callable[[str], str]) -> str:
        """Return why a secret is empty here, and what to do about it; "" if the CI doesn't withhold secrets.

        `read` returns the text of a file and raises OSError.
        """

    def from_fork(self, read: Callable[[str], str]) -> bool:
        """Return True if the build is for a change from another repository, and so may get no secrets."""

    def defuse(self, text: str) -> str:
        """Return the line, changed so that no part of it is a command to the CI."""

    def mask(self, secret: str) -> Sequence[Act]:
        """Make the CI hide the secret in its log."""

    def group(self, title: str) -> Sequence[Act]:
        """Start a collapsible group of log lines."""

    def end_group(self, title: str) -> Sequence[Act]:
        """End the group with this title."""

    def problem(self, level: str, title: str, message: str) -> Sequence[Act]:
        """Show a problem where the CI shows problems; `level` is error, warning or notice."""

    def concluded(self, level: str, title: str, reason: str) -> Sequence[Act]:
        """Show how the step ended, if the CI has a place for that.

        `level` is error, warning (a failure that `fail-on` tolerates) or success.
        """

    def outputs(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Hand values to later steps. A name that is given again replaces its earlier value."""

    def files(self, values: Mapping[str, str]) -> Mapping[str, str]:
        """Return the same values as files of the report directory, by name: `outputs.env`, and what the CI reads."""

    def remember(self, values: Mapping[str, str]) -> Sequence[Act]:
        """Keep values for this step's own cleanup."""

    @property
    def cleans_up(self) -> bool:
        """Whether the CI runs a cleanup after the step, with or without what the step remembered."""

    def recalled(self) -> Mapping[str, str]:
        """Return what the main step of this job remembered, for its cleanup; empty if the CI can't remember."""

    @property
    def summary_limit(self) -> int:
        """The most bytes of Markdown that the build's page shows; 0 if it shows none."""

    @property
    def summary_file(self) -> str:
        """The file that this limit applies to, if other tools write to it too; "" otherwise."""

    def show_summary(self, level: str, text: str, path: str) -> Sequence[Act]:
        """Show Markdown on the build's page; `level` is the one of `concluded`.

        `path` is the file with the complete text; "" if it couldn't be written.
        """

    @property
    def junit_folder(self) -> str:
        """The folder of the workspace that the CI scans for JUnit reports; "" if it scans none."""

    def published(self, files: Mapping[str, str]) -> Sequence[Act]:
        """Hand reports to the CI: paths as users know them, by the names of their outputs, such as `junit-file`."""


class Report(Protocol):
    """A report in one format."""

    def render(self, gate: Gate, *, limit: int | None = None) -> Iterator[str]:
        """Yield the text in pieces, each a whole element; with `limit`, the less important ones are left out.

        `limit` is in bytes.
        """


CTRF: Final = "ctrf"  # programs take the verdict from this report
NOTIFY: Final = "notify"  # the message for a chat, which is written only on request; people believe it
JUNIT: Final = "junit"  # this report can have a path of its own, and a copy in the folder that the CI scans


class ReportEntry(NamedTuple):
    """The declaration of a report. Its key in `REPORTS`, `name`, also names its output: `<name>-file`.

    `filename` is the file's name in the report directory. `description` describes the output in one sentence, for
    the documents and action.yml. `load` imports and creates the report; only the end of a step needs it, so the start
    doesn't pay for the import.
    """

    filename: str
    description: str
    load: Callable[[], Report]
