"""The interfaces that the core speaks to: what an adapter must say, and what the edge must do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from testgate.acts import Act
from testgate.model import (
    CasePage,
    Gate,
    Page,
    Record,
    Reported,
    Run,
    Snapshot,
    Target,
    TestResult,
    TestRun,
)
from testgate.wire import Call, Reply, Request


class Provider(Protocol):
    """A test platform. It never sends, sleeps, retries, logs or remembers: it says."""

    @property
    def poll_batch(self) -> int:
        """The most runs that one poll can ask for."""

    def targets(self) -> Sequence[Target]:
        """What the inputs select, one run each."""

    def trigger(self, target: Target, mark: str) -> Call[Run]:
        """Start the target: the only call that is not repeatable.

        `mark` is unique to this run. The reading raises `Busy` where the platform says in a text
        known for certain that it did not start the run now.
        """

    def poll(self, runs: Sequence[Run]) -> Call[Sequence[Snapshot]]:
        """Ask for the state of up to `poll_batch` runs; a run left out of the answer is missing."""

    def results(self, run: Run, cursor: str | None) -> Call[Page] | None:
        """Ask for one page of tests' results, at any time; None where there is nothing to ask yet."""

    def live(self, run: Run) -> Call[Reported] | None:
        """Ask for the counters of a run that goes on, where its polls do not tell them; None where there are none."""

    def attached(self) -> Sequence[Run]:
        """The runs that the inputs name; they were started elsewhere."""

    def find(self, target: Target, mark: str) -> Call[Sequence[Run]] | None:
        """Look for runs of the target that bear the mark; None where the platform cannot tell."""

    def rerun(self, run: Run, failed: Sequence[TestResult] | None) -> Target:
        """A target that runs these tests of the run again; None: what the inputs ask for."""

    def stop(self, run: Run) -> Call[None] | None:
        """Stop this run and no other; None where the platform cannot."""

    def stop_all(self) -> Call[None] | None:
        """Stop everybody's runs; None where the platform cannot."""

    def diagnose(self, run: Run, test: TestResult) -> Call[str] | None:
        """The step in which the test failed, in a line or two; None where nobody can tell."""

    def checks(self) -> Sequence[tuple[str, Call[str]]]:
        """Ask harmless questions that show whether the inputs are right: a name, and a call that answers in words."""


class TestManagement(Protocol):
    """A test management system: a place for a record of results. It says, like a provider."""

    @property
    def record_batch(self) -> int:
        """The most results that one call takes."""

    def create(self, title: str, started_at: float, origin: str) -> Call[TestRun]:
        """Create a test run; the only call that is not repeatable.

        Where the inputs give none: its title, its start in epoch seconds, and in words where it comes from.
        """

    def cases(self, test_run: TestRun, cursor: str | None) -> Call[CasePage]:
        """Ask for one page of the test run's cases."""

    def statuses(self) -> Call[Mapping[str, str]]:
        """Ask for the ids of statuses, by the outcomes' words: passed, failed, error, skipped, not-run."""

    def record(self, test_run: TestRun, records: Sequence[Record]) -> Call[None]:
        """Write results down; the same again does no harm."""

    def close(self, test_run: TestRun) -> Call[None]:
        """Close the test run."""


class Transport(Protocol):
    """Sends one request, once."""

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        """Return the answer, whatever its status.

        Raises:
            Unanswered: no whole answer came.
            BadAnswer: an answer came that must not be read (too large, or a redirect elsewhere).

        """


class Build(NamedTuple):
    """The build that this step belongs to, as the CI describes it; a field is empty if the CI doesn't say.

    `mark` identifies run and attempt, and is short enough for a build number on the test platform. `job` is shared by
    the steps of one job, and by no others. `url` is the build's page. `title` names the build for people: workflow,
    branch and run number.
    """

    mark: str = ""
    job: str = ""
    url: str = ""
    title: str = ""


class Surroundings(NamedTuple):
    """Everything that a CI's adapter gets from the outside world.

    `token` returns a random token, `wall_clock` the time in epoch seconds, and `has` whether a program is on PATH.
    `root` is the folder of the workspace.
    """

    environ: Mapping[str, str]
    token: Callable[[], str]
    wall_clock: Callable[[], float]
    has: Callable[[str], bool]
    root: str


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
    def hint(self) -> str:
        """Which variables of the CI are missing here, and how to pass them; "" if none are."""

    def withheld(self, read: Callable[[str], str]) -> str:
        """Return why a secret is empty here, and what to do about it; "" if the CI doesn't withhold secrets.

        `read` returns the text of a file and raises OSError.
        """

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

    @property
    def filename(self) -> str:
        """Its name in the report directory."""

    def render(self, gate: Gate, *, limit: int | None = None) -> Iterator[str]:
        """The text, in pieces, each a whole element; cut by importance to `limit` bytes."""
