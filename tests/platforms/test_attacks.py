"""What strangers can try through names, answers and variables in every CI: secrets stay hidden, nothing breaks."""

import html
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

import pytest

from testgate.acts import Append, Execute, Print
from testgate.edges.places import Places
from testgate.edges.programs import Done
from testgate.errors import Refused
from testgate.model import Conclusion, Outcome, Run, Snapshot, Status, Target, TestResult
from testgate.platforms import PLATFORMS, choose
from testgate.ports import Platform
from testgate.publishing import Publisher
from testgate.reports import REPORTS
from testgate.results import Gate, JudgedRun, Policy, RunReport, Verdict
from tests.grammars import CIS, dialect_of, teamcity
from tests.support.steps import step_of
from tests.support.surroundings import load, recorded, surroundings

SECRETS = (
    "abc%2Fdef%zz'x",
    "it's|a[secret]",
    'back\\slash"quote',
    "a$(b)c#d`e`",
    "<b>&amp;x</b>",
    "ümläut-😀-key",
    "_under*score_*x*",
)


def _json_undone(text: str) -> str:
    """The text with the escapes of JSON undone."""
    return re.sub(r'\\(?:u([0-9a-fA-F]{4})|(["\\/]))', lambda found: found[2] or chr(int(found[1], 16)), text)


# What a reader of a log or a file can undo.
UNDONE: Sequence[Callable[[str], str]] = (
    str,
    unquote,
    html.unescape,
    _json_undone,
    lambda text: _json_undone(_json_undone(text)),
    lambda text: text.replace("%AZP25", "%"),
    lambda text: text.replace("%3A", ":").replace("%2C", ",").replace("%25", "%"),
    lambda text: text.replace("'\\''", "'"),
    lambda text: text.replace("\u2019", "'").replace("\u201d", '"'),
    lambda text: re.sub(r"\\([^\w\s])", r"\1", html.unescape(text)),
    lambda text: re.sub(r"\|(?:0x([0-9A-F]{4})|(.))", lambda found: found[2] or chr(int(found[1], 16)), text).replace(
        "%%", "%"
    ),
)


class Ended:
    """A step in a CI, with its files in a folder; `answer` is the result of the CI's programs."""

    def __init__(
        self,
        folder: Path,
        ci: str,
        secrets: Sequence[str] = (),
        answer: Callable[[Sequence[str]], Done] = lambda _command: Done(0, ""),
    ) -> None:
        dialect = dialect_of(ci)
        environ = dialect.placed(recorded(ci), folder)
        self.folder = folder
        self.calls: list[tuple[Sequence[str], str]] = []
        self._answer = answer
        self._stream = io.StringIO()
        world = surroundings(environ, *dialect.programs, root=str(folder))
        self.platform: Platform = PLATFORMS[choose(environ)].load(world)
        step = step_of(self.platform, folder, self._stream, secrets=secrets, run_program=self._run)
        self.journal = step.journal
        self.publisher = Publisher(step, REPORTS, Places())
        self.journal.on_first_outputs = self.publisher.hand_out_first

    @property
    def said(self) -> str:
        """The log."""
        return self._stream.getvalue()

    def _run(self, command: Sequence[str], text: str, _seconds: float) -> Done:
        """A program of the CI."""
        self.calls.append((command, text))
        return self._answer(command)

    @property
    def stored(self) -> dict[str, str]:
        """The last value that the CI's agent got for each name."""
        return {command[-1]: text for command, text in self.calls if command[1] == "meta-data"}

    @property
    def texts(self) -> Iterator[str]:
        """The log, every file, and everything that programs were given."""
        yield self._stream.getvalue()
        yield from (path.read_text(encoding="utf-8") for path in self.folder.rglob("*") if path.is_file())
        yield from ("\n".join([*command, text]) for command, text in self.calls)


def everywhere(text: str) -> Gate:
    """A gate with the text wherever a server, a stranger or a user can put it."""
    target = Target("274", text)
    run = Run(text, target, f"https://platform.example/{text}/runs")
    report = RunReport(
        target,
        run,
        Snapshot(text, Status.ENDED),
        fault=Refused(text, status=400, remedy=text),
        notes=[text],
        left_running=[run],
    )
    return Gate(
        text,
        Verdict(Conclusion.FAILED, text),
        1,
        [JudgedRun(report, Verdict(Conclusion.FAILED, text))],
        remedy=text,
        notes=[text],
        left_running=[text],
        test_run=text,
        build_title=text,
        build_url="https://ci.example/1",
    )


def _leaks(step: Ended, secret: str) -> list[str]:
    """The texts that show the secret, or its first two thirds."""
    part = secret[: len(secret) * 2 // 3]
    return [text for each in step.texts for undo in UNDONE if part in (text := undo(each.replace("\u200b", "")))]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("ci", CIS)
def test_no_ci_shows_a_secret_in_any_spelling(tmp_path: Path, ci: str, secret: str) -> None:
    """It is hidden in the log, in files and for programs before anything is escaped, percent-encoded or cut."""
    coloured = f"{secret[:4]}\x1b[0m{secret[4:]}"
    cut_apart = f"{'y' * (300 - len(secret) * 3 // 4)}{secret}"
    for number, text in enumerate((f"a {secret} b", coloured, cut_apart)):
        folder = tmp_path / str(number)
        folder.mkdir()
        step = Ended(folder, ci, [secret])
        whole = everywhere(text)
        for judged in whole.runs:
            assert judged.report.run is not None
            step.journal.started(judged.report.run)
        step.journal.settle(10)
        assert _leaks(step, secret) == []
        assert step.publisher.publish(whole, Policy()) == 1
        assert _leaks(step, secret) == []
        assert any("***" in text for text in step.texts)


class Asked(dict[str, str]):
    """An environment that remembers which variables were read."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        super().__init__(variables)
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str:  # type: ignore[override]  # all defaults here are texts
        """Look up a variable, and remember its name."""
        self.names.add(name)
        return super().get(name, default or "")


ODD = ("9" * 5000, "٣", "²", "-1", "[", "https://[::1", "https://a@b:99999/", "\udcff", "\0", "\n", "x" * 100_000, "{}")
OUTPUTS = ("conclusion", "reason", "run-ids", "run-url", "failed-tests", "runs", "report-dir")


def everything_said(platform: Platform, text: str) -> Iterator[object]:
    """Everything that an adapter says, with this text wherever it takes one."""
    yield from (platform.build, platform.debug, platform.hint, platform.summary_limit, platform.summary_file)
    yield from (platform.junit_folder, platform.withheld(lambda _path: text), platform.defuse(text))
    for acts in (
        platform.mask(text),
        platform.group(text),
        platform.end_group(text),
        *(platform.problem(level, text, text) for level in ("error", "warning", "notice")),
        *(platform.concluded(level, text, text) for level in ("error", "warning", "success")),
        platform.outputs(dict.fromkeys(OUTPUTS, text)),
        platform.remember({"runs": text}),
        platform.show_summary("error", text, text),
        platform.published({"junit-file": text}),
    ):
        assert all(isinstance(act, Print | Append | Execute) for act in acts)
        yield from acts
    yield from platform.files(dict.fromkeys(OUTPUTS, text)).items()
    yield from platform.recalled().items()


# The sample gives each CI every fourth odd text, and each odd text to every fourth CI.
ODD_AT_CIS = [
    pytest.param(ci, odd, id=f"{ci}-{place}", marks=() if (place + shift) % 4 == 0 else pytest.mark.full)
    for shift, ci in enumerate(CIS)
    for place, odd in enumerate(ODD)
]


@pytest.mark.parametrize(("ci", "odd"), ODD_AT_CIS)
def test_no_variable_makes_an_adapter_fail(ci: str, odd: str) -> None:
    """A failure would cost the reports and the exit code, whatever a CI or a stranger sets."""
    adapter, programs = choose(recorded(ci)), dialect_of(ci).programs
    asked = Asked(recorded(ci))
    assert [*everything_said(load(adapter, asked, *programs), "text")]
    for name in asked.names:
        assert [*everything_said(load(adapter, {**recorded(ci), name: odd}, *programs), odd)]


def all_passed() -> Gate:
    """A green step of one test."""
    report = RunReport(Target("274", "Nightly"), tests=[TestResult("1", "Login", Outcome.PASSED)])
    verdict = Verdict(Conclusion.PASSED, "all passed")
    return Gate("Nightly", verdict, 0, [JudgedRun(report, verdict)])


def test_a_failing_decoration_is_a_warning(tmp_path: Path) -> None:
    """The annotation of the build's page is read by no later step: the verdict stands."""
    step = Ended(tmp_path, "buildkite", answer=lambda command: Done(int("annotate" in command), "refused"))
    assert step.publisher.publish(all_passed(), Policy()) == 0
    assert step.stored["TESTGATE_OUT_CONCLUSION"] == "passed"
    assert "warning: `buildkite-agent annotate --style` ended with 1: refused" in step.said


def test_a_failing_agent_leaves_no_green_conclusion(tmp_path: Path) -> None:
    """If the agent rejects an output, the step fails, and every place that it reaches says so."""
    step = Ended(tmp_path, "buildkite", answer=lambda command: Done(int("TESTGATE_OUT_REASON" in command), "refused"))
    assert step.publisher.publish(all_passed(), Policy()) == 8
    assert step.stored["TESTGATE_OUT_CONCLUSION"] == "report-error"
    written = json.loads((tmp_path / "testgate-report" / "outputs.json").read_text(encoding="utf-8"))
    assert written["TESTGATE_OUT_CONCLUSION"] == "report-error"
    assert "passed" not in (tmp_path / "testgate-report" / "outputs.env").read_text(encoding="utf-8").split("\n")[0]


def test_outputs_stay_below_the_limit_of_github() -> None:
    """Ten thousand runs and very long texts fit into the 1 MB of a job, and ids stay whole."""
    ids = ",".join(f"run-{number:020}" for number in range(10_000))
    values = {"run-ids": ids, "left-running": ids, "reason": "r" * 1_000_000, "run-url": "u" * 1_000_000}
    (act,) = load("github", recorded("github")).outputs(values)
    assert isinstance(act, Append)
    assert len(act.text) < 500_000
    lines = act.text.split("\n")
    assert {len(each) for each in lines[lines.index(next(line for line in lines if "," in line))].split(",")} == {24}


def test_teamcity_expands_no_reference_in_a_url() -> None:
    """A reference to a password in a run's URL stays text."""
    (act,) = load("teamcity", recorded("teamcity")).outputs({"run-url": "https://x.example/%system.password%"})
    assert isinstance(act, Print)
    (message,) = teamcity.messages_of(act.line)
    value = teamcity.resolved(message.attributes["value"], {"system.password": "s3cret"})
    assert value == "https://x.example/%system.password%"
