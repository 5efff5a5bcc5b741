"""One run, watched in the language of every CI: whole processes, hostile names, each CI's own reader."""

import json
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from testgate.demo.testsigma.scenarios import Plan, Scenario, Test
from testgate.gate.outputs import as_variables
from testgate.text import clean
from tests.grammars import azure, bitbucket, buildkite, circleci, drone, gitlab, jenkins, teamcity
from tests.grammars.github import command_of, lines_of, values_of
from tests.support.hostile_text import FRAGMENTS
from tests.support.step import KEY, Left, run
from tests.support.surroundings import OWN_FILES, RECORDED, recorded
from tests.support.vendor import simulator

Values = Mapping[str, str]
TESTS = (
    Test("Login", suite="Sign-in"),
    *(Test(f"{mark} a", "FAILURE", f"{mark} b\n{mark} c", suite=mark) for mark in FRAGMENTS if clean(mark).strip()),
)


class Watched(NamedTuple):
    """What a step left in a CI: its log and files, what it was to say, and where the CI's own files are."""

    left: Left
    held: Values
    environ: Values

    @property
    def lines(self) -> list[str]:
        """The lines of the log, as whatever reads a stream sees them."""
        return lines_of(self.left.log)

    def own(self, variable: str) -> str:
        """The text of the CI's own file that this variable names."""
        return Path(self.environ[variable]).read_text(encoding="utf-8")


def _github(seen: Watched) -> Values:
    """The runner's files; the only commands in the log are the step's own."""
    names = {command.name for line in seen.lines if (command := command_of(line))}
    assert names <= {"add-mask", "group", "endgroup", "error", "notice"}
    return as_variables(values_of(seen.own("GITHUB_OUTPUT")))


def _gitlab(seen: Watched) -> Values:
    """The dotenv report, as a later job gets it; one section, which ends."""
    # The pipe that the log came through made line ends of carriage returns.
    trace = gitlab.Trace(seen.left.log.replace("\n\x1b[0K", "\r\x1b[0K"))
    assert len(trace.started) == len(trace.ended) == 1
    found = gitlab.variables_of((seen.left.folder / "testgate-report" / "outputs.env").read_bytes())
    return {name: gitlab.expanded(value, found) for name, value in found.items()}


def _azure(seen: Watched) -> Values:
    """Variables of a later step; issues, and a summary that is there."""
    agent = azure.Agent(str(seen.left.folder / "testgate-report" / "summary.md"))
    for line in seen.lines:
        agent.read(line)
    assert agent.masked == [KEY]
    assert len(agent.summaries) == 1
    assert len(agent.issues["error"]) == 10
    assert agent.ended(seen.left.code) == "Failed"
    return {name: agent.variable(name) for name in agent.names()}


def _jenkins(seen: Watched) -> Values:
    """Properties; no line holds what Jenkins would take for an object."""
    assert not any(map(jenkins.holds_a_note, seen.lines))
    return jenkins.properties_of((seen.left.folder / "testgate-report" / "outputs.properties").read_bytes())


def _circleci(seen: Watched) -> Values:
    """What bash has after it read its file."""
    return circleci.variables_of(seen.own("BASH_ENV"))


def _bitbucket(seen: Watched) -> Values:
    """The file of variables; and JUnit where it is looked for."""
    junit = (seen.left.folder / "testgate-report" / "junit.xml").read_bytes()
    assert (seen.left.folder / "test-results" / "testgate-report.xml").read_bytes() == junit
    return bitbucket.variables_of(seen.own("BITBUCKET_PIPELINES_VARIABLES_PATH"))


def _buildkite(seen: Watched) -> Values:
    """What the agent was told; two groups and no others."""
    agent = buildkite.Agent()
    calls = (seen.left.folder / "calls").read_text(encoding="utf-8").splitlines()
    for command, text in map(json.loads, calls):
        agent.run(["buildkite-agent", *command], text)
    ((style, page),) = agent.annotations.values()
    assert style == "error"
    assert page.startswith("## ❌")
    assert len([line for line in seen.lines if buildkite.heading(line)]) == 2
    return agent.meta_data


def _teamcity(seen: Watched) -> Values:
    """Parameters of the later steps; one block, one import, one build problem."""
    messages = [message for line in teamcity.lines_of(seen.left.log) for message in teamcity.messages_of(line)]
    kinds = [message.name for message in messages]
    assert {kind: kinds.count(kind) for kind in set(kinds) - {"setParameter", "message"}} == {
        "blockOpened": 1,
        "blockClosed": 1,
        "importData": 1,
        "buildProblem": 1,
    }
    given = [message.attributes for message in messages if message.name == "setParameter"]
    parameters = {each["name"]: each["value"] for each in given}
    return {name.removeprefix("env."): teamcity.resolved(value, parameters) for name, value in parameters.items()}


def _harness(seen: Watched) -> Values:
    """Both readers of the file of outputs."""
    text = seen.own("DRONE_OUTPUT")
    assert drone.by_lines(text) == drone.by_statements(text)
    return drone.by_lines(text)


def _shell(seen: Watched) -> Values:
    """The file that a shell reads."""
    text = (seen.left.folder / "testgate-report" / "outputs.env").read_text(encoding="utf-8")
    return circleci.variables_of("".join(f"export {line}\n" for line in text.splitlines()))


READERS: Mapping[str, Callable[[Watched], Values]] = {
    "github": _github,
    "gitea": _github,
    "forgejo": _github,
    "gitlab": _gitlab,
    "azure": _azure,
    "jenkins": _jenkins,
    "circleci": _circleci,
    "bitbucket": _bitbucket,
    "buildkite": _buildkite,
    "teamcity": _teamcity,
    "harness": _harness,
    **dict.fromkeys(("woodpecker", "drone", "travis", "codebuild", "cloudbuild", "plain"), _shell),
}


def environment(ci: str, folder: Path) -> dict[str, str]:
    """The CI's environment, its files and programs in the folder."""
    environ = recorded(ci)
    environ |= {name: str(folder / name.lower()) for name in OWN_FILES if name in environ}
    if "SYSTEM_DEFAULTWORKINGDIRECTORY" in environ:
        environ["SYSTEM_DEFAULTWORKINGDIRECTORY"] = str(folder)
    if ci == "buildkite":
        agent = folder / "bin" / "buildkite-agent"
        agent.parent.mkdir()
        agent.write_text(
            f"#!{sys.executable} -IS\nimport json, sys\n"
            f"call = json.dumps([sys.argv[1:], sys.stdin.buffer.read().decode()]) + '\\n'\n"
            f"open({str(folder / 'calls')!r}, 'a').write(call)\n",
            encoding="utf-8",
        )
        agent.chmod(agent.stat().st_mode | stat.S_IXUSR)
        environ["PATH"] = f"{agent.parent}:{os.environ['PATH']}"
    return environ


def scalars(values: Values) -> Iterator[tuple[str, str]]:
    """What is neither a list nor words, nor depends on the time."""
    apart = ("REASON", "FAILED_TESTS", "RUNS", "DURATION_SECONDS")
    return ((name, value) for name, value in values.items() if not name.endswith(apart))


def test_every_recorded_ci_has_a_reader() -> None:
    """Whatever environment is recorded is watched here."""
    assert {path.stem for path in RECORDED.glob("*.env")} == set(READERS)


@pytest.mark.parametrize("ci", READERS)
def test_a_hostile_run_is_told_in_every_language(tmp_path: Path, ci: str) -> None:
    """The CI's own reader finds every output as it is, and nothing that a test's name brought along."""
    environ = environment(ci, tmp_path)
    with simulator(Scenario(plans={274: Plan(tests=TESTS, running=0.5)})) as server:
        given = {"TESTGATE_API_KEY": KEY, "TESTGATE_BASE_URL": server.url, "TESTGATE_TEST_PLAN_ID": "274"}
        left = run(tmp_path, {}, github=False, extra={**environ, **given})
    assert left.code == 1, left.log
    held = json.loads(left.report("outputs.json"))
    assert held["TESTGATE_OUT_CONCLUSION"] == "failed"
    assert held["TESTGATE_OUT_TOTAL"] == str(len(TESTS))
    found = {name: "" if value == "-" else value for name, value in READERS[ci](Watched(left, held, environ)).items()}
    assert dict(scalars(found)) == {name: value for name, value in scalars(held) if name in found and name != "job"}
    assert len(found) >= 19
    reason = "".join(sign for sign in found["TESTGATE_OUT_REASON"] if sign.isalnum())
    assert reason.replace("percent", "") == "".join(sign for sign in held["TESTGATE_OUT_REASON"] if sign.isalnum())
    for name in ("TESTGATE_OUT_FAILED_TESTS", "TESTGATE_OUT_RUNS"):
        if name in found:
            assert isinstance(json.loads(found[name]), list)
    assert KEY not in "\n".join(
        line for line in left.log.splitlines() if "add-mask" not in line and "setsecret" not in line
    )
