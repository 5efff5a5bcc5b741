"""What is said to the runner of GitHub Actions, read back with its own grammar."""

import json
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.acts import Act, Append, Print
from testgate.platforms.github import GitHub
from testgate.ports import Build
from testgate.text import clean
from tests.hostile_text import FRAGMENTS, TEXTS
from tests.platforms.surroundings import recorded, surroundings
from tests.runner_grammar import BrokenFile, Command, command_of, lines_of, names_at_worst, values_of

FILES = {"GITHUB_OUTPUT": "/file_commands/output", "GITHUB_STATE": "/file_commands/state"}
FORK = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REPOSITORY": "shop/web", "GITHUB_EVENT_PATH": "/event.json"}


def github(environ: Mapping[str, str] = FILES) -> GitHub:
    """The adapter in a step."""
    return GitHub(surroundings(environ))


def only_line(acts: Sequence[Act]) -> str:
    """The line of the only act."""
    (act,) = acts
    assert isinstance(act, Print)
    return act.line


def only_command(acts: Sequence[Act]) -> Command:
    """The command of the only act."""
    line = only_line(acts)
    assert len(lines_of(line)) == 1
    command = command_of(line)
    assert command is not None
    assert names_at_worst(line) <= {command.name}
    return command


def appended(acts: Sequence[Act]) -> Iterator[str]:
    """What is appended to files, in order."""
    for act in acts:
        assert isinstance(act, Append)
        yield act.text


@given(TEXTS)
def test_no_line_of_text_is_a_command(text: str) -> None:
    """Whatever a cleaned line holds, the runner sees text."""
    for line in clean(text).split("\n"):
        shown = github().defuse(line)
        assert command_of(shown) is None
        assert not names_at_worst(shown)
        assert shown.replace("\u200b", "") == line.replace("\u200b", "")


@pytest.mark.parametrize("before", ["", " ", "\t", "\xa0", "\u2003", "\u3000", "\u200b", "\ufeff", "\u0301", "- ", ":"])
@pytest.mark.parametrize("command", ["::error::x", "::set-output name=a::b", "##[error]x"])
def test_a_command_is_defused_behind_blanks_and_signs(before: str, command: str) -> None:
    """Neither blanks nor signs without a width hide a command from the defusing."""
    shown = github().defuse(before + command)
    assert "##[" not in shown
    assert "::" not in shown.split("error", maxsplit=1)[0].split("set", maxsplit=1)[0]


def test_ordinary_text_is_left_alone() -> None:
    """Names of classes and times stay as they are, to be copied."""
    for text in ("std::vector failed", "at 10:20:30", "# heading", "[x] done", "a ## b [c]"):
        assert github().defuse(text) == text


@given(TEXTS, TEXTS, st.sampled_from(["error", "warning", "notice"]))
def test_an_annotation_is_read_back(title: str, message: str, level: str) -> None:
    """Level, title and message arrive as they were meant, and the line holds no other command."""
    command = only_command(github().problem(level, title, message))
    assert command.name == level
    assert command.data.replace("\u200b", "") == clean(message).replace("\u200b", "")
    meant = " ".join(clean(title).split())
    assert command.properties.get("title", "").replace("\u200b", "") == meant.replace("\u200b", "")


def test_an_annotation_is_cut_to_what_the_runner_keeps() -> None:
    """4096 characters of message and 255 of title, even where something was put in to break a mark."""
    command = only_command(github().problem("error", "##[" * 400, "##[x\n" * 4000))
    assert len(command.data) <= 4096
    assert len(command.properties["title"]) <= 255
    assert command.data.endswith("…")


def test_an_unknown_level_is_a_notice() -> None:
    """A level that the runner does not know would be printed as text."""
    assert only_command(github().problem("fatal", "a", "b")).name == "notice"


@given(TEXTS)
def test_a_fold_is_read_back(title: str) -> None:
    """The title of a fold is one line, whatever it holds."""
    command = only_command(github().group(title))
    assert command.name == "group"
    assert "\n" not in command.data
    assert only_command(github().end_group("x")).name == "endgroup"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=4))
def test_a_mask_is_exact(secret: str) -> None:
    """The runner is told the very secret, its line ends and percent signs included."""
    line = only_line(github().mask(secret))
    assert len(lines_of(line)) == 1
    assert command_of(line) == Command("add-mask", {}, secret)


@given(st.dictionaries(st.sampled_from(["conclusion", "run-id", "failed-tests", "reason"]), TEXTS))
def test_outputs_are_read_back(values: dict[str, str]) -> None:
    """Every value arrives as it was meant, whatever it holds, delimiters included."""
    text = "".join(appended(github().outputs(values)))
    assert values_of(text) == {name: clean(value) for name, value in values.items()}


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b"]), TEXTS), max_size=4), st.sampled_from(["", "x=1", "x=1\n"]))
def test_values_are_appended_to_what_is_there(writes: list[dict[str, str]], before: str) -> None:
    """A file that others wrote to, ended or not, is read on; the last value of a name counts."""
    platform = github()
    text = before + "".join(part for values in writes for part in appended(platform.outputs(values)))
    meant = {"x": "1"} if before else {}
    for values in writes:
        meant.update({name: clean(value) for name, value in values.items()})
    assert values_of(text) == meant


def test_a_delimiter_that_occurs_in_the_value_is_refused() -> None:
    """The next token is taken, also where the delimiter shows only after the value was cleaned."""
    for value in ("testgate-token-1", "a\ntestgate-token-1\nevil=1", "testgate-\x1b[mtoken-1"):
        (text,) = appended(github().outputs({"a": value}))
        assert "<<testgate-token-2\n" in text
        assert values_of(text) == {"a": clean(value)}


def test_every_value_has_its_own_delimiter() -> None:
    """What one value ends with says nothing of the next."""
    (text,) = appended(github().outputs({"a": "1", "b": "2"}))
    assert "a<<testgate-token-1\n" in text
    assert "b<<testgate-token-2\n" in text


def test_state_goes_to_its_own_file() -> None:
    """What the cleanup needs is kept apart from the outputs."""
    (state,) = github().remember({"runs": "[1]"})
    (output,) = github().outputs({"runs": "[1]"})
    assert isinstance(state, Append)
    assert isinstance(output, Append)
    assert (state.path, output.path) == (FILES["GITHUB_STATE"], FILES["GITHUB_OUTPUT"])


def test_without_its_files_nothing_is_written() -> None:
    """What speaks this language but has no such files is not written to."""
    assert not github({}).outputs({"a": "1"})
    assert not github({}).remember({"a": "1"})
    assert not github().outputs({})
    assert github({}).summary_file == ""


def test_the_grammar_itself_refuses_what_is_broken() -> None:
    """The reader of these tests fails where the runner fails the step."""
    for text in ("name", "<<A\nA\n", "a<<\n", "a<<B\nvalue\n", "=x"):
        with pytest.raises(BrokenFile):
            values_of(text)
    assert values_of("a=b=c\n\nd<<E\n\nE\n") == {"a": "b=c", "d": ""}


def test_the_grammar_itself_finds_commands() -> None:
    """The reader of these tests sees commands where the runner does."""
    assert command_of("\xa0 ::error title=a%3Ab::x%0Ay") == Command("error", {"title": "a:b"}, "x\ny")
    assert command_of("text ##[warning]x") == Command("warning", {}, "x")
    assert command_of("x ::error::y") is None
    assert names_at_worst("x #\u200b#[error]") == set()
    assert names_at_worst("##[error]") == {"error"}
    assert any(names_at_worst(fragment) for fragment in FRAGMENTS)


def test_the_build_is_told() -> None:
    """Mark, job, page and title are made from what the runner gives; without it they are empty."""
    build = github(recorded("github")).build
    page = "https://github.com/shop/web/actions/runs/1658821493"
    assert build == Build("1658821493.2-main-ffac537", "1658821493.2.testgate", page, "Test gate main #77 (ffac537)")
    assert github({}).build == Build()
    assert github({"GITHUB_RUN_ID": "77"}).build.mark == "77.1"


def test_a_pull_request_is_named_by_its_branch() -> None:
    """The ref of a pull request is a number; people know its branch."""
    environ = recorded("github") | {"GITHUB_REF_NAME": "12/merge", "GITHUB_HEAD_REF": "fix/login"}
    build = github(environ).build
    assert build.mark == "1658821493.2-fix_login-ffac537"
    assert "fix/login" in build.title


def test_the_summary_is_appended() -> None:
    """The file is shared with whatever else the step ran: it is never replaced."""
    (act,) = github({"GITHUB_STEP_SUMMARY": "/summary"}).show_summary("error", "## Red", "testgate-report/summary.md")
    assert act == Append("/summary", "\n## Red\n")
    assert not github({}).show_summary("error", "## Red", "testgate-report/summary.md")


def test_debug_logging_is_heard() -> None:
    """Only the runner's own word for it counts."""
    assert github({"RUNNER_DEBUG": "1"}).debug
    assert not github({"RUNNER_DEBUG": "0"}).debug
    assert not github({}).debug


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"pull_request": {"head": {"repo": {"full_name": "somebody/web"}}}}, True),
        ({"pull_request": {"head": {"repo": None}}}, True),
        ({"pull_request": {"head": {"repo": {"full_name": "shop/web"}}}}, False),
        ({"pull_request": {"head": {}}}, False),
        ({"pull_request": []}, False),
        ([], False),
        ("text", False),
    ],
)
def test_a_fork_is_told_from_the_event(event: object, told: bool) -> None:
    """Only a pull request from another repository, or from one that is gone, explains an empty secret."""
    said = github(FORK).withheld(lambda _path: json.dumps(event))
    assert ("github.event.pull_request.head.repo.full_name == github.repository" in said) is told
    assert bool(said) is told


def test_an_event_that_cannot_be_read_explains_nothing() -> None:
    """No file, no JSON or no UTF-8 is no reason to fail."""

    def missing(path: str) -> str:
        raise FileNotFoundError(path)

    def binary(_path: str) -> str:
        return b"\xff".decode()

    for read in (missing, binary, lambda _path: "{", lambda _path: "[" * 100_000):
        assert github(FORK).withheld(read) == ""


def test_dependabot_is_told_apart() -> None:
    """Dependabot has secrets of its own."""
    assert "Dependabot" in github({"GITHUB_ACTOR": "dependabot[bot]"}).withheld(lambda _path: "")
    assert github({"GITHUB_EVENT_NAME": "push"}).withheld(lambda _path: "") == ""
