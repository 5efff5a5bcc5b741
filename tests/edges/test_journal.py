"""State that must survive a kill is written at once, and failures to write are reported."""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from testgate.acts import Append, Execute, Print
from testgate.edges.console import Console
from testgate.edges.journal import Journal
from testgate.edges.programs import Done, Programs
from testgate.edges.workspace import Workspace
from testgate.errors import ReportError
from testgate.model import Intent, Run, Target
from testgate.platforms.github import GitHub
from testgate.platforms.plain import Plain
from testgate.ports import Platform
from testgate.redact import Redactor
from tests.grammars.github import values_of
from tests.support.steps import no_programs
from tests.support.surroundings import surroundings

PLANS = [Target("274", "Nightly"), Target("275", "Smoke")]


class GitHubJournal(NamedTuple):
    """A journal, its log, and the runner's files."""

    journal: Journal
    stream: io.StringIO
    folder: Path

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs that later steps get."""
        return values_of((self.folder / "output").read_text(encoding="utf-8"))

    @property
    def state(self) -> dict[str, str]:
        """The state that the cleanup gets."""
        return values_of((self.folder / "state").read_text(encoding="utf-8"))


def github_journal(folder: Path) -> GitHubJournal:
    """A step in GitHub Actions."""
    stream = io.StringIO()
    environ = {"GITHUB_OUTPUT": str(folder / "output"), "GITHUB_STATE": str(folder / "state")}
    platform: Platform = GitHub(surroundings(environ))
    console = Console(stream, redact=str, defuse=platform.defuse, elapsed=lambda: 0.0)
    journal = Journal(platform, console, Workspace(folder, str), lambda: 1_700_000_000.9, Programs(no_programs, str))
    return GitHubJournal(journal, stream, folder)


def test_the_intent_is_written_before_the_trigger(tmp_path: Path) -> None:
    """A cleanup can look for the run even if the trigger was never answered."""
    at = github_journal(tmp_path)
    for number, plan in enumerate(PLANS):
        at.journal.intend(plan, f"mark-{number}")
    assert json.loads(at.state["intents"]) == [
        {"target": "274", "mark": "mark-0", "at": 1_700_000_000},
        {"target": "275", "mark": "mark-1", "at": 1_700_000_000},
    ]
    assert not (tmp_path / "output").exists()


def test_ids_are_written_at_once(tmp_path: Path) -> None:
    """After each start, outputs and state contain every id so far."""
    at = github_journal(tmp_path)
    at.journal.started(Run("337", PLANS[0], "https://platform.example/337"))
    assert at.outputs == {"run-id": "337", "run-ids": "337", "run-url": "https://platform.example/337"}
    at.journal.started(Run("338", PLANS[1]))
    assert at.outputs == {"run-id": "337", "run-ids": "337,338", "run-url": "https://platform.example/337"}
    assert json.loads(at.state["runs"]) == [
        {"id": "337", "target": "274", "ours": True},
        {"id": "338", "target": "275", "ours": True},
    ]
    assert [run.id for run in at.journal.runs] == ["337", "338"]


def test_what_is_learned_of_a_run_is_remembered(tmp_path: Path) -> None:
    """A run that was in a queue has another name when a cleanup must stop it. Outputs stay as they are."""
    at = github_journal(tmp_path)
    for number, plan in enumerate(PLANS):
        at.journal.started(Run(f"33{number}", plan))
    before = (tmp_path / "output").read_text(encoding="utf-8")
    at.journal.learned(Run("331", PLANS[1], "https://platform.example/7", ref='{"build": "7"}'))
    assert json.loads(at.state["runs"]) == [
        {"id": "330", "target": "274", "ours": True},
        {"id": "331", "target": "275", "ours": True, "ref": '{"build": "7"}'},
    ]
    state = (tmp_path / "state").read_text(encoding="utf-8")
    at.journal.learned(Run("331", PLANS[1], ref='{"build": "7"}'))
    at.journal.learned(Run("999", PLANS[1], ref='{"build": "8"}'))
    assert (tmp_path / "state").read_text(encoding="utf-8") == state
    assert (tmp_path / "output").read_text(encoding="utf-8") == before


class RecordingWorkspace(Workspace):
    """A workspace that records the order in which files were appended to."""

    def __init__(self, root: Path) -> None:
        super().__init__(root, str)
        self.order: list[str] = []

    def append(self, path: Path, text: str) -> None:
        """Append, and record the name."""
        self.order.append(path.name)
        super().append(path, text)


def test_the_state_is_written_before_the_outputs(tmp_path: Path) -> None:
    """A kill may come between the two, and the cleanup matters more than later steps."""
    environ = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STATE": str(tmp_path / "state")}
    platform, workspace = GitHub(surroundings(environ)), RecordingWorkspace(tmp_path)
    console = Console(io.StringIO(), redact=str, defuse=str, elapsed=lambda: 0.0)
    Journal(platform, console, workspace, lambda: 0.0, Programs(no_programs, str)).started(Run("337", PLANS[0]))
    assert workspace.order == ["state", "output"]


def test_the_first_outputs_are_passed_on(tmp_path: Path) -> None:
    """They can be written elsewhere as soon as an id is known."""
    at = github_journal(tmp_path)
    seen: list[Mapping[str, str]] = []
    at.journal.on_first_outputs = seen.append
    at.journal.started(Run("337", PLANS[0]))
    assert [outputs["run-ids"] for outputs in seen] == ["337"]


def test_final_outputs_replace_the_first_ones(tmp_path: Path) -> None:
    """The state says that the step reached its end."""
    at = github_journal(tmp_path)
    at.journal.started(Run("337", PLANS[0]))
    at.journal.finish({"run-id": "337", "conclusion": "passed"}, ["337"])
    assert at.outputs["conclusion"] == "passed"
    assert at.state["ended"] == "true"
    assert json.loads(at.state["to-stop"]) == ["337"]


def test_outputs_of_earlier_steps_are_kept(tmp_path: Path) -> None:
    """Lines are only appended."""
    (tmp_path / "output").write_text("theirs=1", encoding="utf-8")
    at = github_journal(tmp_path)
    at.journal.finish({"ours": "2"}, [])
    assert at.outputs == {"theirs": "1", "ours": "2"}


def test_a_failure_to_write_is_reported_once(tmp_path: Path) -> None:
    """Every file that fails causes one line in the log, and is remembered."""
    at = github_journal(tmp_path / "missing")
    for plan in PLANS:
        at.journal.intend(plan, "mark")
        at.journal.started(Run("1", plan))
    assert at.stream.getvalue().count("warning: ") == 2
    assert [failure.message for failure in at.journal.failures] == [
        f"could not append to {tmp_path}/missing/state: No such file or directory",
        f"could not append to {tmp_path}/missing/output: No such file or directory",
    ]


def test_an_attempt_says_whether_it_succeeded(tmp_path: Path) -> None:
    """A failure is a value, but a bug is not hidden."""

    def fail() -> None:
        raise ReportError("no", remedy="Do.")

    journal = github_journal(tmp_path).journal
    with journal.attempt() as fine:
        pass
    with journal.attempt() as failed:
        fail()
    with journal.attempt():
        fail()
    assert fine.succeeded
    assert not failed.succeeded
    assert len(journal.failures) == 1


def test_actions_are_carried_out_in_order(tmp_path: Path) -> None:
    """Lines are printed unchanged, and text is appended."""
    at = github_journal(tmp_path)
    at.journal.perform([Print("::group::a"), Append(str(tmp_path / "file"), "text"), Print("::endgroup::")])
    assert at.stream.getvalue() == "::group::a\n::endgroup::\n"
    assert (tmp_path / "file").read_text(encoding="utf-8") == "text"


def test_programs_get_no_secrets(tmp_path: Path) -> None:
    """A program that fails is reported once."""
    seen: list[tuple[Sequence[str], str]] = []

    def run(command: Sequence[str], text: str, _seconds: float) -> Done:
        seen.append((command, text))
        return Done(0 if len(seen) < 2 else 1, "no access")

    redact, stream = Redactor(["s3cret-key"]), io.StringIO()
    console = Console(stream, redact=redact, defuse=str, elapsed=lambda: 0.0)
    plain = Plain(surroundings({}))
    journal = Journal(plain, console, Workspace(tmp_path, redact), lambda: 0.0, Programs(run, redact))
    journal.perform([Execute(("agent", "set", "a"), "s3cret-key"), Execute(("agent", "set", "b"), "2")])
    journal.settle(10)
    journal.settle(10)
    assert seen == [(("agent", "set", "a"), "***"), (("agent", "set", "b"), "2")]
    assert [failure.message for failure in journal.failures] == ["`agent set b` ended with 1: no access"]
    assert stream.getvalue().count("`agent set b` ended with 1") == 1


def test_only_long_secrets_are_masked(tmp_path: Path) -> None:
    """Masking a few characters would hide the whole log."""
    at = github_journal(tmp_path)
    secrets: Sequence[str] = ["", "1", "abc", "abcd", "two\nlines"]
    at.journal.mask(secrets)
    assert at.stream.getvalue() == "::add-mask::abcd\n::add-mask::two%0Alines\n"


def test_at_the_end_only_lost_triggers_are_kept(tmp_path: Path) -> None:
    """The cleanup needs no other intent; and it learns which runs were left on purpose."""
    at = github_journal(tmp_path)
    for number, plan in enumerate(PLANS):
        at.journal.intend(plan, f"mark-{number}")
    at.journal.finish({}, [], to_find=[Intent("275", "mark-1", "mark-1")], left=["337"])
    (lost,) = json.loads(at.state["intents"])
    assert (lost["target"], lost["mark"], lost["build-no"]) == ("275", "mark-1", "mark-1")
    assert json.loads(at.state["left"]) == ["337"]


def test_the_triggers_without_a_run_are_known(tmp_path: Path) -> None:
    """Each run answers the first open trigger of its target."""
    journal = github_journal(tmp_path).journal
    for number, plan in enumerate([*PLANS, PLANS[0]]):
        journal.intend(plan, f"mark-{number}")
    journal.started(Run("337", PLANS[0]))
    assert [each.mark for each in journal.unanswered] == ["mark-1", "mark-2"]


def test_the_whole_state_is_passed_on_at_each_change(tmp_path: Path) -> None:
    """It can be kept elsewhere."""
    at = github_journal(tmp_path)
    seen: list[Mapping[str, str]] = []
    at.journal.on_state = lambda state: seen.append(dict(state))
    at.journal.intend(PLANS[0], "mark-0")
    at.journal.started(Run("337", PLANS[0]))
    at.journal.finish({}, [])
    assert [sorted(each) for each in seen] == [
        ["intents"],
        ["intents", "runs"],
        ["ended", "intents", "left", "runs", "to-stop"],
    ]
    assert seen[-1] == at.state
