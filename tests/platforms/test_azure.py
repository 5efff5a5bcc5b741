"""Output for the agent of Azure Pipelines, read back with its own grammar."""

import json
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.acts import Act, Print
from testgate.platforms import PLATFORMS
from testgate.platforms.azure import Azure
from testgate.text import clean
from tests.grammars.azure import Agent, BrokenCommand, Command, command_of, commands_at_worst, shown
from tests.grammars.github import lines_of
from tests.support.hostile_text import FRAGMENTS, TEXTS
from tests.support.surroundings import ROOT, recorded, surroundings

SECRETS = {"TESTGATE_API_KEY": "tsk-4711", "a": "b"}
MARKS = ("##[", "##vso[", "##teamcity[")
AZURE_TEXTS = st.lists(
    st.one_of(
        TEXTS,
        st.sampled_from(
            [
                "$(TESTGATE_API_KEY)",
                "$(",
                "$",
                "(",
                ")",
                "%AZP25",
                "%5D",
                "##vso[task.complete result=Failed;]",
                "##VSO[",
            ]
        ),
    ),
    max_size=4,
).map("".join)


def azure(environ: Mapping[str, str] | None = None, root: str = ROOT) -> Azure:
    """The adapter in a step."""
    return Azure(surroundings(recorded("azure") if environ is None else environ, root=root))


def lines(acts: Sequence[Act]) -> list[str]:
    """The printed lines: each act is one line for the agent."""
    printed = [act.line for act in acts if isinstance(act, Print)]
    assert len(printed) == len(acts)
    assert all(len(lines_of(line)) == 1 for line in printed)
    return printed


def heard(*acts: Sequence[Act], files: Sequence[str] = ()) -> Agent:
    """An agent that read these acts, after a check that no line can mean anything else to it."""
    agent = Agent(*files, secrets=SECRETS)
    for each in acts:
        for line in lines(each):
            assert commands_at_worst(line) == [command_of(line)]
            agent.read(line)
    return agent


def visible(text: str) -> str:
    """The text without invisible characters."""
    return text.replace("\u200b", "")


def in_a_line(text: str, limit: int = 300) -> str:
    """The text on one line of at most this length, as in a title."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


@given(AZURE_TEXTS)
def test_no_line_of_text_is_a_command(text: str) -> None:
    """Whatever a clean line contains, the agent prints it, and the page shows it as plain text."""
    for line in clean(text).split("\n"):
        defused = azure().defuse(line)
        assert command_of(defused) is None
        assert not commands_at_worst(defused)
        assert not any(mark in defused for mark in MARKS)
        assert shown(defused) == ("", defused)
        assert visible(defused) == visible(line)


@given(AZURE_TEXTS, AZURE_TEXTS, st.sampled_from(["error", "warning"]))
def test_a_problem_is_an_issue(title: str, message: str, level: str) -> None:
    """The agent keeps it under its level, on one line with title and message."""
    agent = heard(azure().problem(level, title, message))
    (issue,) = agent.issues[level]
    expected = f"{in_a_line(title)}: {in_a_line(message, 2000)}"
    assert visible(issue) == visible(expected)
    assert not any(mark in issue for mark in MARKS)


def test_a_problem_is_bounded() -> None:
    """A page doesn't show a whole stack trace."""
    (issue,) = heard(azure().problem("error", "t" * 900, "m" * 9000)).issues["error"]
    assert len(issue) <= 2400


@pytest.mark.parametrize("level", ["notice", "fatal", ""])
def test_a_notice_is_no_issue(level: str) -> None:
    """The agent fails a step for a level that it doesn't know."""
    (line,) = lines(azure().problem(level, "TestGate demo", "nothing was tested"))
    assert command_of(line) is None
    assert "TestGate demo: nothing was tested" in line


@given(AZURE_TEXTS)
def test_a_group_is_read_back(title: str) -> None:
    """The title appears unchanged, and is no command."""
    (opened,) = lines(azure().group(title))
    (closed,) = lines(azure().end_group(title))
    assert not commands_at_worst(opened)
    form, text = shown(opened)
    assert form == "group"
    assert visible(text) == visible(in_a_line(title))
    assert not any(mark in text for mark in MARKS)
    assert shown(closed) == ("endgroup", "")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=4))
def test_a_mask_is_exact(secret: str) -> None:
    """The agent gets the exact secret, whatever characters it contains."""
    assert heard(azure().mask(secret)).masked[0] == secret


def test_every_line_of_a_secret_is_masked() -> None:
    """The agent searches one line of the log at a time; masking short lines would hide the log."""
    secret = "-----BEGIN KEY-----\r\n  cGF5\nab\n%0A]x\n-----END KEY-----\n"
    agent = heard(azure().mask(secret))
    assert agent.masked == [secret, "-----BEGIN KEY-----", "cGF5", "%0A]x", "-----END KEY-----"]


@given(st.dictionaries(st.sampled_from(["conclusion", "run-id", "run-url", "reason"]), AZURE_TEXTS))
def test_outputs_are_read_back(values: dict[str, str]) -> None:
    """Every value arrives unchanged: references in it stay, and it is no command when printed again."""
    agent = heard(azure().outputs(values))
    assert agent.names() == {f"TESTGATE_OUT_{name.upper().replace('-', '_')}" for name in values}
    for name, value in values.items():
        read = agent.variable(f"TESTGATE_OUT_{name.upper().replace('-', '_')}")
        assert visible(read) == visible(clean(value))
        assert SECRETS["TESTGATE_API_KEY"] not in read or SECRETS["TESTGATE_API_KEY"] in value
        assert not any(mark in read for mark in MARKS)


@given(st.lists(AZURE_TEXTS, max_size=5))
def test_a_list_is_read_back_as_json(names: list[str]) -> None:
    """It arrives unchanged, and its text contains neither a command nor a reference."""
    text = json.dumps([clean(name) for name in names])
    read = heard(azure().outputs({"failed-tests": text})).variable("TESTGATE_OUT_FAILED_TESTS")
    assert json.loads(read) == json.loads(text)
    assert not any(mark in read for mark in (*MARKS, "$("))


def test_outputs_fit_into_the_environment_of_later_steps() -> None:
    """Lists are cut between items and ids: a later step reads valid JSON and real ids."""
    names = [f"Checkout / Pay with card {number} $(PATH) ##[group]" for number in range(2000)]
    ids = [f"{number:06}" for number in range(9000)]
    values = {"failed-tests": json.dumps(names), "run-ids": ",".join(ids), "reason": "x" * 40_000}
    agent = heard(azure().outputs(values))
    read = {name: agent.variable(name) for name in agent.names()}
    assert all(20_000 < len(value) <= 30_000 for value in read.values())
    kept = json.loads(read["TESTGATE_OUT_FAILED_TESTS"])
    assert kept == names[: len(kept)]
    assert set(read["TESTGATE_OUT_RUN_IDS"].split(",")) <= set(ids)
    assert read["TESTGATE_OUT_REASON"].endswith("…")


def test_a_later_value_replaces_the_earlier() -> None:
    """The first ids are set before the wait, and all outputs at the end."""
    agent = heard(azure().outputs({"run-id": "1", "run-url": ""}), azure().outputs({"run-id": "2"}))
    assert agent.variable("TESTGATE_OUT_RUN_ID") == "2"
    assert agent.variable("TESTGATE_OUT_RUN_URL") == ""


@given(AZURE_TEXTS, AZURE_TEXTS)
def test_a_tolerated_failure_succeeds_with_issues(title: str, reason: str) -> None:
    """The exit code 0 that follows doesn't make it a plain success."""
    assert heard(azure().concluded("warning", title, reason)).ended(0) == "SucceededWithIssues"


def test_the_exit_code_decides_the_rest() -> None:
    """A failed and a successful step need no command."""
    assert heard(azure().concluded("error", "TestGate: failed", "1 test failed")).ended(1) == "Failed"
    assert heard(azure().concluded("success", "TestGate: passed", "all passed")).ended(0) == "Succeeded"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("testgate-report/summary.md", f"{ROOT}/testgate-report/summary.md"),
        (f"{ROOT}/out/100% ]; red.md", f"{ROOT}/out/100% ]; red.md"),
    ],
)
def test_the_summary_is_attached_by_its_path_on_the_host(path: str, place: str) -> None:
    """The agent finds the file in the mounted workspace."""
    assert heard(azure().show_summary("error", "## Red", path), files=[place]).summaries == [place]


@pytest.mark.parametrize(
    ("root", "folder", "shared"),
    [
        ("/builds/shop/web", "/builds/shop/web", True),
        ("/builds/shop/web/", "/builds/shop/web", True),
        ("/builds/shop/web/e2e", "/builds/shop/web/", True),
        ("/builds/shop/web2", "/builds/shop/web", False),
        ("/builds/shop", "/builds/shop/web", False),
        ("/workspace", "/builds/shop/web", False),
        ("/workspace", "", False),
        ("/workspace", "/", False),
    ],
)
def test_there_is_no_summary_that_the_agent_would_not_find(root: str, folder: str, shared: bool) -> None:
    """The agent fails a step that names a missing file, so the workspace must be mounted at its own path."""
    platform = azure(recorded("azure") | {"SYSTEM_DEFAULTWORKINGDIRECTORY": folder}, root)
    assert bool(platform.show_summary("error", "## Red", "testgate-report/summary.md")) is shared
    assert bool(platform.summary_limit) is shared


def test_there_is_no_summary_from_a_folder_of_the_container() -> None:
    """A report directory outside the workspace isn't on the host."""
    assert azure().show_summary("error", "## Red", "") == []
    assert azure().show_summary("error", "## Red", "/tmp/out/summary.md") == []  # noqa: S108  # only its name counts


def test_the_build_is_described() -> None:
    """Id and attempts, job, title, and the page of a project with a space in its name."""
    page = "https://dev.azure.com/shop/Web%20Shop/_build/results?buildId=4217"
    job = "4217.2.1.12f1170f-54f2-53f3-20dd-22fc7dff55f9"
    assert azure().build[:4] == ("4217.2.1-main-ffac537", job, page, "Test gate main #20251104.3 (ffac537)")
    assert azure({"BUILD_BUILDID": "7"}).build.mark == "7"


@pytest.mark.parametrize(
    ("ref", "branch"),
    [
        ("refs/heads/fix/login", "fix/login"),
        ("refs/tags/v1", "v1"),
        ("refs/pull/12/merge", "12/merge"),
        ("$/web/main", "$/web/main"),
    ],
)
def test_a_branch_keeps_its_slashes(ref: str, branch: str) -> None:
    """The agent's own short name of a branch is only its last part."""
    assert f" {branch} #" in azure(recorded("azure") | {"BUILD_SOURCEBRANCH": ref}).build.title


def test_a_pull_request_is_named_by_its_branch() -> None:
    """The ref of a pull request is only a number."""
    environ = recorded("azure") | {
        "BUILD_SOURCEBRANCH": "refs/pull/12/merge",
        "SYSTEM_PULLREQUEST_SOURCEBRANCH": "refs/heads/fix/login",
    }
    assert azure(environ).build.mark == "4217.2.1-fix_login-ffac537"


def test_other_jobs_and_attempts_differ() -> None:
    """Jobs of a matrix, rerun jobs and rerun stages have different job ids."""
    usual = recorded("azure")
    changes = [{"SYSTEM_JOBID": "other"}, {"SYSTEM_JOBATTEMPT": "2"}, {"SYSTEM_STAGEATTEMPT": "3"}]
    jobs = {azure(usual | change).build.job for change in ({}, *changes)}
    assert len(jobs) == 4


def test_debug_logging_is_recognized() -> None:
    """In each spelling that Azure uses."""
    assert azure({"SYSTEM_DEBUG": "true"}).debug
    assert azure({"SYSTEM_DEBUG": "True"}).debug
    assert not azure({"SYSTEM_DEBUG": "false"}).debug
    assert not azure({}).debug


def test_an_empty_secret_is_explained() -> None:
    """A fork gets none; any other step has to map it."""
    fork = recorded("azure") | {"SYSTEM_PULLREQUEST_ISFORK": "True"}
    assert "ne(variables['System.PullRequest.IsFork'], 'True')" in azure(fork).withheld(lambda _path: "")
    assert "$(TESTGATE_API_KEY)" in azure().withheld(lambda _path: "")


def test_a_hint_names_the_missing_variables() -> None:
    """Outputs need one of them, the description of the build the other."""
    assert "-e TF_BUILD" in azure({"BUILD_BUILDID": "7"}).hint
    assert "-e BUILD_BUILDID" in azure({"TF_BUILD": "True"}).hint
    assert PLATFORMS["azure"].detects({"TF_BUILD": "True"})
    assert azure({"BUILD_BUILDID": "7"}).outputs({"run-id": "1"}) == []


def test_the_reader_finds_commands() -> None:
    """The reader of these tests sees commands where the agent does, and nowhere else."""
    line = "text ##vso[Task.SetVariable Variable=a;isOutput=true]%0A%AZP250A%5D"
    assert command_of(line) == Command("task", "setvariable", {"variable": "a", "isoutput": "true"}, "\n%0A]")
    assert command_of("##vso[task.debug]##vso[task.complete result=Failed;]") == Command(
        "task", "debug", {}, "##vso[task.complete result=Failed;]"
    )
    for text in ("##VSO[task.debug]x", "##vso[task.debug", "##vso[debug]x", "##vso[nobody.debug]x", "##[group]x"):
        assert command_of(text) is None
    assert commands_at_worst("x ##vso[task.debug]y")
    assert commands_at_worst("\xad##vso[task.debug]y")
    assert not commands_at_worst("##\u200bvso[task.debug]y")
    assert any(command_of(fragment) for fragment in FRAGMENTS)


def test_the_reader_rejects_broken_commands() -> None:
    """The reader of these tests fails where the agent fails the step."""
    for line in (
        "##vso[task.nothing]x",
        "##vso[task.setvariable]x",
        "##vso[task.logissue]x",
        "##vso[task.logissue type=notice]x",
        "##vso[task.complete result=Red]x",
        "##vso[task.uploadsummary]/not/there",
    ):
        with pytest.raises(BrokenCommand):
            Agent().read(line)


def test_the_reader_expands_references() -> None:
    """The reader of these tests would find a secret in a value that refers to it."""
    agent = Agent(secrets=SECRETS)
    agent.read("##vso[task.setvariable variable=x;isoutput=true]a $(testgate_api_key) $(gate.x) $(none)")
    assert agent.variable("x") == "a tsk-4711 $(gate.x) $(none)"
