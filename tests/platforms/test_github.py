"""Output for the runners of GitHub Actions and the descendants of act, read back with their own grammars."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.acts import Act, Append, Print
from testgate.platforms import choose
from testgate.platforms.github import GitHub
from testgate.ports import Build
from testgate.text import clean
from tests.grammars.github import BrokenFile, Command, command_of, lines_of, names_at_worst, values_of
from tests.support.hostile_text import FRAGMENTS, TEXTS
from tests.support.surroundings import recorded, surroundings

FILES = {"GITHUB_OUTPUT": "/file_commands/output", "GITHUB_STATE": "/file_commands/state"}
ACT = FILES | {"GITHUB_ACTIONS": "true", "GITHUB_RUN_ID": "1", "ACT": "true"}
# act's own patterns for a command in a line; the runners of Gitea and Forgejo have the same.
ACT_COMMANDS = (
    re.compile(r"^::([^ ]+)( (.+))?::([^\r\n]*)[\r\n]+$"),
    re.compile(r"^##\[([^ ]+)( (.+))?]([^\r\n]*)[\r\n]+$"),
)
ACT_LONGEST_LINE = 64 * 1024  # in bytes, with the line break; Go's line scanner accepts no more
elsewhere = pytest.mark.parametrize("environ", [recorded("gitea"), recorded("forgejo")], ids=["gitea", "forgejo"])
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
    """The texts that are appended to files, in order."""
    for act in acts:
        assert isinstance(act, Append)
        yield act.text


@given(TEXTS)
def test_no_line_of_text_is_a_command(text: str) -> None:
    """Whatever a clean line contains, the runner sees text."""
    for line in clean(text).split("\n"):
        shown = github().defuse(line)
        assert command_of(shown) is None
        assert not names_at_worst(shown)
        assert shown.replace("\u200b", "") == line.replace("\u200b", "")


@pytest.mark.parametrize("before", ["", " ", "\t", "\xa0", "\u2003", "\u3000", "\u200b", "\ufeff", "\u0301", "- ", ":"])
@pytest.mark.parametrize("command", ["::error::x", "::set-output name=a::b", "##[error]x"])
def test_a_command_is_defused_behind_other_characters(before: str, command: str) -> None:
    """Neither whitespace nor invisible characters before it protect a command."""
    shown = github().defuse(before + command)
    assert "##[" not in shown
    assert "::" not in shown.split("error", maxsplit=1)[0].split("set", maxsplit=1)[0]


def test_ordinary_text_stays_unchanged() -> None:
    """People can copy names of classes and times."""
    for text in ("std::vector failed", "at 10:20:30", "# heading", "[x] done", "a ## b [c]"):
        assert github().defuse(text) == text


@given(TEXTS, TEXTS, st.sampled_from(["error", "warning", "notice"]))
def test_an_annotation_is_read_back(title: str, message: str, level: str) -> None:
    """Level, title and message arrive unchanged, and the line contains no other command."""
    command = only_command(github().problem(level, title, message))
    assert command.name == level
    expected = " ".join(clean(title).split())
    whole = clean(f"{expected}: {message}")  # the log shows no title
    assert command.data.replace("\u200b", "") == whole.replace("\u200b", "")
    assert command.properties.get("title", "").replace("\u200b", "") == expected.replace("\u200b", "")


def test_an_annotation_is_cut_to_what_the_runner_keeps() -> None:
    """4096 characters of the message and 255 of the title, even after a mark was broken."""
    command = only_command(github().problem("error", "##[" * 400, "##[x\n" * 4000))
    assert len(command.data) <= 4096
    assert len(command.properties["title"]) <= 255
    assert command.data.endswith("…")


def test_an_unknown_level_is_a_notice() -> None:
    """The runner would print an unknown level as text."""
    assert only_command(github().problem("fatal", "a", "b")).name == "notice"


@given(TEXTS)
def test_a_group_is_read_back(title: str) -> None:
    """The title of a group is one line, whatever it contains."""
    command = only_command(github().group(title))
    assert command.name == "group"
    assert "\n" not in command.data
    assert only_command(github().end_group("x")).name == "endgroup"


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=4))
def test_a_mask_is_exact(secret: str) -> None:
    """The runner gets the exact secret, with its line breaks and percent signs."""
    line = only_line(github().mask(secret))
    assert len(lines_of(line)) == 1
    assert command_of(line) == Command("add-mask", {}, secret)


@given(st.dictionaries(st.sampled_from(["conclusion", "run-id", "failed-tests", "reason"]), TEXTS))
def test_outputs_are_read_back(values: dict[str, str]) -> None:
    """Every value arrives unchanged, whatever it contains, even delimiters."""
    text = "".join(appended(github().outputs(values)))
    assert values_of(text) == {name: clean(value) for name, value in values.items()}


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b"]), TEXTS), max_size=4), st.sampled_from(["", "x=1", "x=1\n"]))
def test_values_are_appended_to_what_is_there(writes: list[dict[str, str]], before: str) -> None:
    """The file may already have lines, even an unfinished one; the last value of a name counts."""
    platform = github()
    text = before + "".join(part for values in writes for part in appended(platform.outputs(values)))
    expected = {"x": "1"} if before else {}
    for values in writes:
        expected.update({name: clean(value) for name, value in values.items()})
    assert values_of(text) == expected


def test_a_delimiter_never_occurs_in_the_value() -> None:
    """Another token is drawn, also if the delimiter appears only after the value was cleaned."""
    for value in ("testgate-token-1", "a\ntestgate-token-1\nevil=1", "testgate-\x1b[mtoken-1"):
        (text,) = appended(github().outputs({"a": value}))
        assert "<<testgate-token-2\n" in text
        assert values_of(text) == {"a": clean(value)}


def test_every_value_has_its_own_delimiter() -> None:
    """One value's delimiter doesn't reveal the next."""
    (text,) = appended(github().outputs({"a": "1", "b": "2"}))
    assert "a<<testgate-token-1\n" in text
    assert "b<<testgate-token-2\n" in text


def test_state_goes_to_its_own_file() -> None:
    """State for the cleanup is separate from the outputs."""
    (state,) = github().remember({"runs": "[1]"})
    (output,) = github().outputs({"runs": "[1]"})
    assert isinstance(state, Append)
    assert isinstance(output, Append)
    assert (state.path, output.path) == (FILES["GITHUB_STATE"], FILES["GITHUB_OUTPUT"])


@given(st.dictionaries(st.sampled_from(["runs", "intents", "to-stop", "ended"]), TEXTS))
def test_the_cleanup_recalls_what_the_step_remembered(values: dict[str, str]) -> None:
    """The runner reads the file of state and sets its values as `STATE_...` variables; no other variable counts."""
    remembered = values_of("".join(appended(github().remember(values))))
    cleanup = {**recorded("github"), "STATE": "x", **{f"STATE_{name}": text for name, text in remembered.items()}}
    assert github(cleanup).recalled() == {name: clean(text) for name, text in values.items()}


def test_the_last_remembered_value_counts() -> None:
    """The step remembers its runs again after each start."""
    writes = [{"runs": "[1]", "intents": "[]"}, {"runs": "[1, 2]"}]
    remembered = values_of("".join(part for values in writes for part in appended(github().remember(values))))
    cleanup = {f"STATE_{name}": text for name, text in remembered.items()}
    assert github(cleanup).recalled() == {"runs": "[1, 2]", "intents": "[]"}


def test_without_its_files_nothing_is_written() -> None:
    """A compatible service may have no such files."""
    assert not github({}).outputs({"a": "1"})
    assert not github({}).remember({"a": "1"})
    assert not github().outputs({})
    assert github({}).summary_file == ""


def test_the_reader_rejects_broken_files() -> None:
    """The reader of these tests fails where the runner fails the step."""
    for text in ("name", "<<A\nA\n", "a<<\n", "a<<B\nvalue\n", "=x"):
        with pytest.raises(BrokenFile):
            values_of(text)
    assert values_of("a=b=c\n\nd<<E\n\nE\n") == {"a": "b=c", "d": ""}


def test_the_reader_finds_commands() -> None:
    """The reader of these tests sees commands where the runner does."""
    assert command_of("\xa0 ::error title=a%3Ab::x%0Ay") == Command("error", {"title": "a:b"}, "x\ny")
    assert command_of("text ##[warning]x") == Command("warning", {}, "x")
    assert command_of("x ::error::y") is None
    assert names_at_worst("x #\u200b#[error]") == set()
    assert names_at_worst("##[error]") == {"error"}
    assert any(names_at_worst(fragment) for fragment in FRAGMENTS)


def test_the_build_is_described() -> None:
    """Mark, job, page and title come from the runner's variables, and are empty without them."""
    build = github(recorded("github")).build
    page = "https://github.com/shop/web/actions/runs/1658821493"
    assert build[:4] == ("1658821493.2-main-ffac537", "1658821493.2.testgate", page, "Test gate main #77 (ffac537)")
    assert github({}).build == Build()
    assert github({"GITHUB_RUN_ID": "77"}).build.mark == "77.1"


def test_a_pull_request_is_named_by_its_branch() -> None:
    """The ref of a pull request is only a number."""
    environ = recorded("github") | {"GITHUB_REF_NAME": "12/merge", "GITHUB_HEAD_REF": "fix/login"}
    build = github(environ).build
    assert build.mark == "1658821493.2-fix_login-ffac537"
    assert "fix/login" in build.title


def test_the_summary_is_appended() -> None:
    """Other tools of the step may have written to the file, so it is never replaced."""
    (act,) = github({"GITHUB_STEP_SUMMARY": "/summary"}).show_summary("error", "## Red", "testgate-report/summary.md")
    assert act == Append("/summary", "\n## Red\n")
    assert not github({}).show_summary("error", "## Red", "testgate-report/summary.md")


def test_debug_logging_is_recognized() -> None:
    """Only the runner's own value counts."""
    assert github({"RUNNER_DEBUG": "1"}).debug
    assert not github({"RUNNER_DEBUG": "0"}).debug
    assert not github({}).debug


@pytest.mark.parametrize(
    ("event", "explained"),
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
def test_a_fork_is_recognized_by_the_event(event: object, explained: bool) -> None:
    """Only a pull request from another repository, or from a deleted one, explains an empty secret."""
    said = github(FORK).withheld(lambda _path: json.dumps(event))
    assert ("github.event.pull_request.head.repo.full_name == github.repository" in said) is explained
    assert bool(said) is explained


def test_an_event_that_cannot_be_read_explains_nothing() -> None:
    """A missing file, invalid JSON and invalid UTF-8 are no reason to fail."""

    def missing(path: str) -> str:
        raise FileNotFoundError(path)

    def binary(_path: str) -> str:
        return b"\xff".decode()

    for read in (missing, binary, lambda _path: "{", lambda _path: "[" * 100_000):
        assert github(FORK).withheld(read) == ""


def test_dependabot_is_recognized() -> None:
    """Dependabot has its own secrets."""
    assert "Dependabot" in github({"GITHUB_ACTOR": "dependabot[bot]"}).withheld(lambda _path: "")
    assert github({"GITHUB_EVENT_NAME": "push"}).withheld(lambda _path: "") == ""


def read_by_act(text: str) -> dict[str, str]:
    """The values of a file as the descendants of act read it: line by line, with Go's scanner.

    Raises:
        BrokenFile: the step would fail.

    """
    lines: list[str] = []
    for given_line in text.encode().removesuffix(b"\n").split(b"\n") if text else []:
        if len(given_line) >= ACT_LONGEST_LINE:
            break  # the scanner stops silently
        lines.append(given_line.decode().removesuffix("\r"))
    values: dict[str, str] = {}
    rest = iter(lines)
    for line in rest:
        equals, heredoc = line.find("="), line.find("<<")
        if equals != -1 and (heredoc == -1 or equals < heredoc):
            values[line[:equals]] = line[equals + 1 :]
        elif heredoc == -1:
            raise BrokenFile(line)
        else:
            value = ""
            for each in rest:
                if each == line[heredoc + 2 :]:
                    break
                value = f"{value}\n{each}" if value else each
            else:
                raise BrokenFile(line)
            values[line[:heredoc]] = value
    return values


def obeyed_by_act(line: str) -> bool:
    """Return True if a descendant of act obeys this line of the log."""
    return any(command.search(f"{line}\n") for command in ACT_COMMANDS)


def test_the_reader_of_act_rejects_broken_files() -> None:
    """A blank line, a line without a separator, a missing end and a long line each fail the step."""
    for text in ("\n", "\na=1\n", "name\n", "a<<E\nvalue\n", f"a<<E\n{'x' * ACT_LONGEST_LINE}\nE\n"):
        with pytest.raises(BrokenFile):
            read_by_act(text)
    assert read_by_act("a=1\nb<<E\n\nx\n\ny\nE\n") == {"a": "1", "b": "x\n\ny"}
    assert obeyed_by_act("::error title=a::b")
    assert obeyed_by_act("##[add-path]/tmp")
    assert not obeyed_by_act(" ::error::b")


@elsewhere
@given(writes=st.lists(st.dictionaries(st.sampled_from(["a", "b"]), TEXTS, min_size=1), max_size=4))
def test_values_are_read_back_elsewhere(environ: Mapping[str, str], writes: list[dict[str, str]]) -> None:
    """Outputs and state arrive complete; only blank lines at the start of a value are lost."""
    platform = github(environ)
    for write in (platform.outputs, platform.remember):
        text = "".join(part for values in writes for part in appended(write(values)))
        expected = {name: clean(value).lstrip("\n") for values in writes for name, value in values.items()}
        assert read_by_act(text) == expected
        cleanup = {**environ, **{f"STATE_{name}": value for name, value in read_by_act(text).items()}}
        assert github(cleanup).recalled() == expected


@elsewhere
@pytest.mark.parametrize("sign", ["x", "é", "😀"])
def test_a_line_that_would_fail_the_step_is_cut(environ: Mapping[str, str], sign: str) -> None:
    """Go's scanner accepts 64 KiB per line: a longer line is cut, and the next value is complete."""
    long = f"first\n{sign * 70_000}\nlast"
    found = read_by_act("".join(appended(github(environ).outputs({"a": long, "b": "1"}))))
    first, cut, last = found["a"].split("\n")
    assert (first, last, found["b"]) == ("first", "last", "1")
    assert cut == f"{sign * 15_999}…"


@elsewhere
def test_a_list_that_would_fail_the_step_stays_a_list(environ: Mapping[str, str]) -> None:
    """JSON can't be cut anywhere, so the first items are kept."""
    found = read_by_act("".join(appended(github(environ).outputs({"failed-tests": json.dumps(["x" * 99] * 1000)}))))
    kept = json.loads(found["failed-tests"])
    assert 100 < len(kept) < 1000
    assert set(kept) == {"x" * 99}


def test_a_long_line_stays_complete_on_github() -> None:
    """GitHub's runner accepts a megabyte."""
    (text,) = appended(github().outputs({"a": "x" * 90_000}))
    assert values_of(text) == {"a": "x" * 90_000}


@elsewhere
@given(title=TEXTS, message=TEXTS, level=st.sampled_from(["error", "warning", "notice"]))
def test_problems_are_words_where_there_are_no_annotations(
    environ: Mapping[str, str], title: str, message: str, level: str
) -> None:
    """The log would show the raw command, so it gets plain words, which are no command."""
    platform = github(environ)
    line = only_line(platform.problem(level, title, message))
    assert not platform.annotates
    assert line.startswith(f"{level}: ")
    assert not obeyed_by_act(line)
    assert command_of(line) is None
    assert len(lines_of(line)) == 1


@elsewhere
@given(text=TEXTS)
def test_no_line_of_text_is_a_command_elsewhere(environ: Mapping[str, str], text: str) -> None:
    """Text that is defused for GitHub is also defused for its descendants."""
    assert not any(obeyed_by_act(github(environ).defuse(line)) for line in clean(text).split("\n"))


@pytest.mark.parametrize(
    ("name", "build"),
    [
        (
            "gitea",
            (
                "918.2-main-ffac537",
                "918.2.testgate",
                "https://git.example.com/shop/web/actions/runs/918",
                "Test gate main #77 (ffac537)",
            ),
        ),
        (
            "forgejo",
            (
                "918.1-main-ffac537",
                "918.1.testgate",
                "https://code.example.com/shop/web/actions/runs/77",
                "Test gate main #77 (ffac537)",
            ),
        ),
    ],
)
def test_the_build_is_described_elsewhere(name: str, build: tuple[str, ...]) -> None:
    """Gitea's URL has the run's id, Forgejo's its number; a slash at the end of the server isn't doubled."""
    assert choose(recorded(name)) == "github"
    platform = github(recorded(name))
    assert platform.build[:4] == build
    assert platform.hint == ""


def test_no_page_is_guessed() -> None:
    """Older Gitea servers use other numbers and don't say so; there the link leads to the list."""
    for name, variable in (("gitea", "GITEA_ACTIONS_CAPABILITIES"), ("forgejo", "GITHUB_RUN_NUMBER")):
        environ = recorded(name)
        del environ[variable]
        assert github(environ).build.url.endswith("example.com/shop/web/actions")
    assert github(ACT | {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "shop/web"}).build.url == ""


def test_a_summary_is_written_only_if_it_is_shown() -> None:
    """Gitea shows it; Forgejo would print all of it to the log after a job's last step."""
    shown = github(recorded("gitea"))
    assert shown.summary_limit
    assert shown.show_summary("error", "## Red", "testgate-report/summary.md")
    hidden = github(recorded("forgejo"))
    assert (hidden.summary_limit, hidden.summary_file) == (0, "")
    assert not hidden.show_summary("error", "## Red", "testgate-report/summary.md")


@pytest.mark.parametrize(
    ("environ", "service"),
    [
        ({}, "GitHub"),
        ({"GITEA_ACTIONS": "true"}, "Gitea"),
        ({"GITEA_ACTIONS": "true", "FORGEJO_ACTIONS": "true"}, "Forgejo"),
    ],
)
@pytest.mark.parametrize("event", ["pull_request", "pull_request_review", "workflow_call"])
def test_the_service_that_withholds_secrets_is_named(environ: Mapping[str, str], service: str, event: str) -> None:
    """The sentence names the service, and the condition matches the event."""
    fork = json.dumps({"pull_request": {"head": {"repo": {"full_name": "somebody/web"}}}})
    said = github({**FORK, **environ, "GITHUB_EVENT_NAME": event}).withheld(lambda _path: fork)
    assert said.startswith(f"{service} gives no secrets")
    assert f"if: github.event_name != '{event}' || " in said


def test_no_other_service_is_blamed() -> None:
    """`pull_request_target` gets secrets, act has its user's, and Dependabot is GitHub's."""
    fork = json.dumps({"pull_request": {"head": {"repo": {"full_name": "somebody/web"}}}})
    assert github(FORK | {"GITHUB_EVENT_NAME": "pull_request_target"}).withheld(lambda _path: fork) == ""
    assert github(FORK | ACT).withheld(lambda _path: fork) == ""
    assert github(recorded("gitea") | {"GITHUB_ACTOR": "dependabot[bot]"}).withheld(lambda _path: "") == ""


def test_a_hint_names_the_missing_file_of_outputs() -> None:
    """A script must pass the variable and its file to `docker run`."""
    assert github().hint == ""
    assert "-e GITHUB_OUTPUT" in github({"GITHUB_ACTIONS": "true"}).hint
