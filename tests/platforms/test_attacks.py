"""What strangers may try through names, answers and variables, in every CI: secrets stay hidden, and nothing breaks."""

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
from testgate.platforms import PLATFORMS
from testgate.ports import Platform
from testgate.publishing import Publisher
from testgate.reports import REPORTS
from testgate.results import Gate, JudgedRun, Policy, RunReport, Verdict
from tests.grammars import teamcity
from tests.support.steps import step_of
from tests.support.surroundings import OWN_FILES, RECORDED, recorded, surroundings

CIS = sorted(path.stem for path in RECORDED.glob("*.env"))
ADAPTERS = {
    **dict.fromkeys(("gitea", "forgejo"), "github"),
    **dict.fromkeys(("travis", "codebuild", "cloudbuild"), "plain"),
    "harness": "drone",
}
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


# What somebody who reads a log or a file can undo.
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
    """A step in a CI, its files in a folder; `answer` is what the CI's programs come to."""

    def __init__(
        self,
        folder: Path,
        ci: str,
        secrets: Sequence[str] = (),
        answer: Callable[[Sequence[str]], Done] = lambda _command: Done(0, ""),
    ) -> None:
        """Put together what the command line does."""
        environ = recorded(ci)
        environ |= {name: str(folder / name) for name in OWN_FILES if name in environ}
        if "SYSTEM_DEFAULTWORKINGDIRECTORY" in environ:
            environ["SYSTEM_DEFAULTWORKINGDIRECTORY"] = str(folder)
        self.folder = folder
        self.calls: list[tuple[Sequence[str], str]] = []
        self._answer = answer
        self._stream = io.StringIO()
        world = surroundings(environ, "buildkite-agent", root=str(folder))
        self.platform: Platform = PLATFORMS[ADAPTERS.get(ci, ci)].load(world)
        step = step_of(self.platform, folder, self._stream, secrets=secrets, run_program=self._run)
        self.journal = step.journal
        self.publisher = Publisher(step, REPORTS, Places())
        self.journal.on_first_outputs = self.publisher.hand_out_first

    def _run(self, command: Sequence[str], text: str, _seconds: float) -> Done:
        """A program of the CI."""
        self.calls.append((command, text))
        return self._answer(command)

    @property
    def stored(self) -> dict[str, str]:
        """What the CI's agent was told last of each name."""
        return {command[-1]: text for command, text in self.calls if command[1] == "meta-data"}

    @property
    def told(self) -> Iterator[str]:
        """The log, every file, and all that programs were given."""
        yield self._stream.getvalue()
        yield from (path.read_text(encoding="utf-8") for path in self.folder.rglob("*") if path.is_file())
        yield from ("\n".join([*command, text]) for command, text in self.calls)


def everywhere(text: str) -> Gate:
    """A gate that holds the text wherever a server, a stranger or a user can bring it in."""
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
    """Where the secret, or its first two thirds, can be read."""
    part = secret[: len(secret) * 2 // 3]
    return [text for told in step.told for undo in UNDONE if part in (text := undo(told.replace("\u200b", "")))]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("ci", CIS)
def test_no_spelling_of_a_ci_brings_a_secret_back(tmp_path: Path, ci: str, secret: str) -> None:
    """Hidden before it is escaped, percent-encoded, respelled or cut: in log, files and what programs are given."""
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
        assert any("***" in told for told in step.told)


class Asked(dict[str, str]):
    """An environment that remembers which variables were looked at."""

    def __init__(self, held: Mapping[str, str]) -> None:
        """Take what it holds."""
        super().__init__(held)
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str:  # type: ignore[override]  # all defaults here are texts
        """A variable."""
        self.names.add(name)
        return super().get(name, default or "")


ODD = ("9" * 5000, "٣", "²", "-1", "[", "https://[::1", "https://a@b:99999/", "\udcff", "\0", "\n", "x" * 100_000, "{}")
OUTPUTS = ("conclusion", "reason", "run-ids", "run-url", "failed-tests", "runs", "report-dir")


def everything_said(platform: Platform, text: str) -> Iterator[object]:
    """All that an adapter says, with this text wherever there is room for one."""
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


@pytest.mark.parametrize("ci", CIS)
def test_no_value_of_a_variable_makes_an_adapter_fail(ci: str) -> None:
    """A failure here would cost the reports and the exit code: whatever a CI or a stranger sets is read calmly."""
    load = PLATFORMS[ADAPTERS.get(ci, ci)].load
    asked = Asked(recorded(ci))
    assert [*everything_said(load(surroundings(asked, "buildkite-agent")), "text")]
    for name in asked.names:
        for odd in ODD:
            platform = load(surroundings({**recorded(ci), name: odd}, "buildkite-agent"))
            assert [*everything_said(platform, odd)]


@pytest.mark.parametrize("fails", ["annotate", "TESTGATE_OUT_REASON"])
def test_a_failing_agent_leaves_no_green_conclusion_behind(tmp_path: Path, fails: str) -> None:
    """The annotation or one output is refused once all is over: the step is red, and says so wherever it can."""
    step = Ended(tmp_path, "buildkite", answer=lambda command: Done(int(fails in command), "refused"))
    test = TestResult("1", "Login", Outcome.PASSED)
    report = RunReport(Target("274", "Nightly"), tests=[test])
    verdict = Verdict(Conclusion.PASSED, "all passed")
    assert step.publisher.publish(Gate("Nightly", verdict, 0, [JudgedRun(report, verdict)]), Policy()) == 8
    assert step.stored["TESTGATE_OUT_CONCLUSION"] == "report-error"
    held = json.loads((tmp_path / "testgate-report" / "outputs.json").read_text(encoding="utf-8"))
    assert held["TESTGATE_OUT_CONCLUSION"] == "report-error"
    assert "passed" not in (tmp_path / "testgate-report" / "outputs.env").read_text(encoding="utf-8").split("\n")[0]


def test_outputs_of_github_stay_below_its_limit() -> None:
    """Ten thousand runs and endless words: what a job's outputs may hold is 1 MB, in whole ids."""
    ids = ",".join(f"run-{number:020}" for number in range(10_000))
    values = {"run-ids": ids, "left-running": ids, "reason": "r" * 1_000_000, "run-url": "u" * 1_000_000}
    (act,) = PLATFORMS["github"].load(surroundings(recorded("github"))).outputs(values)
    assert isinstance(act, Append)
    assert len(act.text) < 500_000
    lines = act.text.split("\n")
    assert {len(each) for each in lines[lines.index(next(line for line in lines if "," in line))].split(",")} == {24}


def test_a_percent_sign_in_a_hidden_value_is_no_way_round_teamcity() -> None:
    """A reference to a password in a run's address is text, and its two percent signs are one again."""
    platform = PLATFORMS["teamcity"].load(surroundings(recorded("teamcity")))
    (act,) = platform.outputs({"run-url": "https://x.example/%system.password%"})
    assert isinstance(act, Print)
    (message,) = teamcity.messages_of(act.line)
    told = teamcity.resolved(message.attributes["value"], {"system.password": "s3cret"})
    assert told == "https://x.example/%system.password%"
