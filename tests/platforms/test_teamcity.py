"""Output for TeamCity, read back with its own grammar."""

import json
import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.acts import Act, Print
from testgate.platforms.teamcity import TeamCity
from testgate.text import clean
from tests.grammars.teamcity import BrokenMessage, Message, lines_of, messages_of, resolved
from tests.support.hostile_text import FRAGMENTS, TEXTS
from tests.support.surroundings import ROOT, recorded, surroundings

PARAMETERS = {"secure.key": "tsk-4711", "env.X": "x", "a": "b"}
MARKS = ("##[", "##vso[", "##teamcity[")
TEAMCITY_TEXTS = st.lists(
    st.one_of(
        TEXTS,
        st.sampled_from(
            [
                "%secure.key%",
                "%%",
                "%",
                "a%",
                "|",
                "||",
                "|]",
                "|n",
                "|0x0041",
                "']",
                "##teamcity[buildStop comment='x']",
            ]
        ),
    ),
    max_size=4,
).map("".join)


def teamcity(environ: Mapping[str, str] | None = None) -> TeamCity:
    """The adapter in a step."""
    return TeamCity(surroundings(recorded("teamcity") if environ is None else environ))


def messages(acts: Sequence[Act]) -> list[Message]:
    """The messages of the acts: each is one line of ASCII with this message and nothing else."""
    found = []
    for act in acts:
        assert isinstance(act, Print)
        assert lines_of(act.line) == [act.line]
        assert act.line.isascii()
        assert act.line.startswith("##teamcity[")
        assert act.line.endswith("]")
        (message,) = messages_of(act.line)
        found.append(message)
    return found


def parameters(*acts: Sequence[Act]) -> dict[str, str]:
    """The variables of the next step, with references replaced."""
    values = {
        message.attributes["name"].removeprefix("env."): message.attributes["value"]
        for each in acts
        for message in messages(each)
        if message.name == "setParameter" and message.attributes["name"].startswith("env.")
    }
    return {name: resolved(value, PARAMETERS) for name, value in values.items()}


def visible(text: str) -> str:
    """The text without invisible characters."""
    return text.replace("\u200b", "")


def in_a_line(text: str, limit: int = 300) -> str:
    """The text on one line of at most this length, as in a title."""
    line = " ".join(clean(text).split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


@given(TEAMCITY_TEXTS)
def test_no_line_of_text_is_a_message(text: str) -> None:
    """Whatever a clean line contains, TeamCity shows it."""
    for line in clean(text).split("\n"):
        defused = teamcity().defuse(line)
        assert messages_of(defused) == []
        assert not any(mark in defused for mark in MARKS)
        assert visible(defused) == visible(line)


@given(TEAMCITY_TEXTS)
def test_a_block_is_closed_by_the_name_that_opened_it(title: str) -> None:
    """The name is one line, and the same both times."""
    name = in_a_line(title)
    assert messages(teamcity().group(title)) == [Message("blockOpened", {"name": name})]
    assert messages(teamcity().end_group(title)) == [Message("blockClosed", {"name": name})]


@given(TEAMCITY_TEXTS, TEAMCITY_TEXTS)
def test_an_error_is_read_back(title: str, message: str) -> None:
    """Its line has the title and the first line, and its details the whole message."""
    (found,) = messages(teamcity().problem("error", title, message))
    whole = clean(message).strip()
    assert found.name == "message"
    assert found.attributes == {
        "text": f"{in_a_line(title)}: {in_a_line(whole.partition(chr(10))[0])}",
        "errorDetails": whole,
        "status": "ERROR",
    }


@pytest.mark.parametrize(("level", "status"), [("warning", "WARNING"), ("notice", "NORMAL"), ("other", "NORMAL")])
def test_only_an_error_has_the_status_error(level: str, status: str) -> None:
    """Builds can be configured to fail on a message with that status."""
    (found,) = messages(teamcity().problem(level, "Pay", "Card declined\nat step 7"))
    assert found.attributes == {"text": "Pay: Card declined", "status": status}


@given(TEAMCITY_TEXTS, TEAMCITY_TEXTS)
def test_a_failed_step_is_a_build_problem(title: str, reason: str) -> None:
    """Its words are read back, and its identity is a valid one."""
    (found,) = messages(teamcity().concluded("error", title, reason))
    assert found.name == "buildProblem"
    assert found.attributes["description"] == f"{in_a_line(title)}: {clean(reason)}"
    assert re.fullmatch(r"[A-Za-z_]\w{0,59}", found.attributes["identity"], re.ASCII)


def test_a_build_problem_is_bounded() -> None:
    """The server would cut the rest silently."""
    (found,) = messages(teamcity().concluded("error", "TestGate: failed", "x" * 9000))
    assert len(found.attributes["description"]) == 4000
    assert found.attributes["description"].endswith("…")


def test_the_same_problem_has_the_same_identity_in_every_build() -> None:
    """Numbers change from build to build; conclusions and plans make a different problem."""

    def identity(title: str, reason: str) -> str:
        (found,) = messages(teamcity().concluded("error", title, reason))
        return found.attributes["identity"]

    usual = identity("TestGate: failed", "Shop: 3 of 14 tests failed")
    assert usual == identity("TestGate: failed", "Shop: 11 of 15 tests failed")
    assert usual != identity("TestGate: failed", "Stock: 3 of 14 tests failed")
    assert usual != identity("TestGate: timed-out", "Shop: 3 of 14 tests failed")


@given(TEAMCITY_TEXTS)
def test_a_tolerated_failure_extends_the_status_text(reason: str) -> None:
    """It adds to TeamCity's own text, and doesn't change the status."""
    (found,) = messages(teamcity().concluded("warning", "TestGate: failed", reason))
    assert found == Message("buildStatus", {"text": f"{{build.status.text}}; TestGate: failed: {in_a_line(reason)}"})


def test_a_successful_step_needs_no_message() -> None:
    """The build succeeds by itself."""
    assert teamcity().concluded("success", "TestGate: passed", "all passed") == []


@given(st.dictionaries(st.sampled_from(["conclusion", "run-id", "run-url", "reason"]), TEAMCITY_TEXTS))
def test_outputs_are_read_back(values: dict[str, str]) -> None:
    """Every value arrives unchanged: references in it stay, and it is no message when printed again."""
    found = parameters(teamcity().outputs(values))
    assert found.keys() == {f"TESTGATE_OUT_{name.upper().replace('-', '_')}" for name in values}
    for name, value in values.items():
        read = found[f"TESTGATE_OUT_{name.upper().replace('-', '_')}"]
        assert visible(read) == visible(clean(value))
        assert not any(mark in read for mark in MARKS)


@given(st.lists(TEAMCITY_TEXTS, max_size=5))
def test_a_list_is_read_back_as_json(names: list[str]) -> None:
    """It arrives unchanged, whether or not references are replaced."""
    text = json.dumps([clean(name) for name in names])
    acts = teamcity().outputs({"failed-tests": text})
    raw = messages(acts)[0].attributes["value"]
    assert "%" not in raw
    assert not any(mark in raw for mark in MARKS)
    assert parameters(acts)["TESTGATE_OUT_FAILED_TESTS"] == raw
    assert json.loads(raw) == json.loads(text)


def test_outputs_fit_into_the_environment_of_later_steps() -> None:
    """Lists are cut between items and ids: a later step reads valid JSON and real ids."""
    names = [f"Checkout / Pay 100 % with card {number} ##[group]" for number in range(2000)]
    ids = [f"{number:06}" for number in range(9000)]
    values = {"failed-tests": json.dumps(names), "left-running": ",".join(ids), "reason": "%" * 40_000}
    found = parameters(teamcity().outputs(values))
    assert all(20_000 < len(value) <= 30_000 for value in found.values())
    kept = json.loads(found["TESTGATE_OUT_FAILED_TESTS"])
    assert kept == names[: len(kept)]
    assert set(found["TESTGATE_OUT_LEFT_RUNNING"].split(",")) <= set(ids)
    assert found["TESTGATE_OUT_REASON"] == "%" * 29_999 + "…"


def test_a_later_value_replaces_the_earlier() -> None:
    """The first ids are set before the wait, and all outputs at the end."""
    found = parameters(teamcity().outputs({"run-id": "1", "run-url": ""}), teamcity().outputs({"run-id": "2"}))
    assert found == {"TESTGATE_OUT_RUN_ID": "2", "TESTGATE_OUT_RUN_URL": ""}


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ("testgate-report/junit.xml", "testgate-report/junit.xml"),
        ("it's [red]/junit.xml", "it's [red]/junit.xml"),
        (f"{ROOT}/out/junit.xml", "out/junit.xml"),
        ("/elsewhere/junit.xml", "/elsewhere/junit.xml"),
    ],
)
def test_the_junit_report_is_imported(given: str, path: str) -> None:
    """By its path in the checkout directory."""
    files = {"report-dir": "testgate-report", "junit-file": given, "summary-file": "testgate-report/summary.md"}
    assert messages(teamcity().published(files)) == [Message("importData", {"type": "junit", "path": path})]
    assert teamcity().published({"report-dir": "testgate-report"}) == []


def test_the_build_is_described() -> None:
    """The id from the URL of the page, the page, and the title."""
    page = "https://teamcity.example.com/buildConfiguration/Shop_Web_TestGate/4217"
    title = "Web / Test gate main #1.4.77 (ffac537)"
    assert teamcity().build[:4] == ("4217-main-ffac537", "4217", page, title)


@pytest.mark.parametrize(
    ("page", "run"),
    [
        ("https://ci.example.com/viewLog.html?buildId=4217&buildTypeId=Web_Gate", "4217"),
        ("https://ci.example.com/viewLog.html?buildTypeId=Web_Gate&buildId=4217", "4217"),
        ("https://ci.example.com/build/4217", "4217"),
        ("https://ci.example.com/buildConfiguration/Web_Gate/4217?buildTab=log", "4217"),
        ("https://ci.example.com/buildConfiguration/Web_Gate", "1.4.77"),
        ("https://ci.example.com/build/4217x", "1.4.77"),
        ("", "1.4.77"),
    ],
)
def test_the_builds_id_is_read_from_its_page(page: str, run: str) -> None:
    """A build's number may be anything, even that of an earlier build."""
    assert teamcity(recorded("teamcity") | {"BUILD_URL": page}).build.job == run


@pytest.mark.parametrize(
    ("branch", "shown"),
    [("refs/heads/fix/login", "fix/login"), ("refs/pull/12/head", "pull/12/head"), ("<default>", "default")],
)
def test_a_branch_is_named_as_people_know_it(branch: str, shown: str) -> None:
    """The parameter has the name in the repository, or TeamCity's own."""
    assert f" {shown} #" in teamcity(recorded("teamcity") | {"BUILD_BRANCH": branch}).build.title


def test_a_build_without_a_branch_is_described_too() -> None:
    """TeamCity itself sets no branch."""
    environ = {name: value for name, value in recorded("teamcity").items() if name != "BUILD_BRANCH"}
    assert teamcity(environ).build.title == "Web / Test gate #1.4.77 (ffac537)"


def test_a_hint_names_the_missing_variables() -> None:
    """Outputs need one of them, the description of the build the other."""
    assert "-e TEAMCITY_VERSION" in teamcity({"BUILD_NUMBER": "7"}).hint
    assert "-e BUILD_NUMBER" in teamcity({"TEAMCITY_VERSION": "2025.11"}).hint
    silent = teamcity({"BUILD_NUMBER": "7"})
    assert silent.outputs({"run-id": "1"}) == []
    assert silent.concluded("error", "TestGate: failed", "1 test failed") == []
    assert silent.published({"junit-file": "junit.xml"}) == []


def test_the_reader_finds_messages() -> None:
    """The reader of these tests sees messages where TeamCity does, even several in a line."""
    line = "x ##teamcity[progressMessage 'a|]|'b'] y ##teamcity[ a = 'b']"
    with pytest.raises(BrokenMessage):
        messages_of(line)
    assert messages_of("x ##teamcity[m 'a|]|'b'] y ##teamcity[n a = 'b||' b='|0xD83D|0xDE00|q']") == [
        Message("m", {}, "a]'b"),
        Message("n", {"a": "b|", "b": "😀|q"}),
    ]
    for text in ("##teamcity[m 'a|]", "##TeamCity[m 'a']", "##\u200bteamcity[m 'a']"):
        assert messages_of(text) == []
    assert any("##teamcity[" in fragment for fragment in FRAGMENTS)


def test_the_reader_rejects_broken_messages() -> None:
    """The reader of these tests fails where TeamCity can't parse a message."""
    for line in (
        "##teamcity[m 'a]",
        "##teamcity[m a]",
        "##teamcity[m a=b]",
        "##teamcity[m a b='c']",
        "##teamcity[m a='b]",
    ):
        with pytest.raises(BrokenMessage):
            messages_of(line)


def test_the_reader_expands_references() -> None:
    """The reader of these tests would find a password in a value that refers to it."""
    assert resolved("100 %% of %secure.key%, %none% %", PARAMETERS) == "100 % of tsk-4711, %none% %"
