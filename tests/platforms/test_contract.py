"""What every CI's adapter must keep, whichever it is."""

import re
from collections.abc import Iterator, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.acts import Act, Append, Print
from testgate.platforms import PLATFORMS, choose
from testgate.ports import Build, Platform
from testgate.text import clean
from tests.grammars.github import command_of, lines_of, names_at_worst
from tests.support.hostile_text import TEXTS
from tests.support.surroundings import load, recorded

PROGRAMS = {"buildkite": ("buildkite-agent",)}  # on PATH in a usual job
# What an adapter itself says in signs that no text from outside may hold: folds of Azure, folds and colours of GitLab.
OWN = re.compile(
    r"^##\[(?:end)?group\]"
    r"|^(?:\x1b\[0Ksection_(?:start|end):\d+:[A-Za-z0-9_.-]+\r\x1b\[0K|\x1b\[3[13];1m)|\x1b\[0m$"
)
FOREIGN_MARKS = ("##[", "##vso[", "##teamcity[")
each_platform = pytest.mark.parametrize("name", PLATFORMS)


def usual(name: str) -> Platform:
    """The adapter in a usual job."""
    return load(name, recorded(name), *PROGRAMS.get(name, ()))


def printed(acts: Sequence[Act]) -> Iterator[str]:
    """The lines that are printed."""
    yield from (act.line for act in acts if isinstance(act, Print))


@each_platform
def test_it_goes_by_the_name_of_the_registry(name: str) -> None:
    """What the user writes as `platform` is what the adapter calls itself."""
    assert usual(name).name == name
    assert choose({}, name) == name


@each_platform
def test_it_detects_itself_in_a_usual_job(name: str) -> None:
    """The environment that its CI gives a job is enough."""
    assert choose(recorded(name)) == name


@each_platform
def test_nothing_is_missing_in_a_usual_job(name: str) -> None:
    """A hint is for containers to which the CI's variables were not passed."""
    assert bool(usual(name).hint) == (name == "plain")


@each_platform
def test_the_build_is_known_in_a_usual_job(name: str) -> None:
    """Mark, job, page and title are there, and name the run, the branch and the commit."""
    build = usual(name).build
    if name == "plain":
        assert build == Build()
        return
    assert re.fullmatch(r"[A-Za-z0-9._]+-[A-Za-z0-9._]+-[0-9a-f]{7}", build.mark)
    assert build.job
    assert build.url.startswith("https://")
    short = build.mark.rpartition("-")[2]
    assert build.title.endswith(f"({short})")
    assert "main" in build.title
    assert "#" in build.title


@each_platform
@given(text=TEXTS)
def test_a_build_from_hostile_variables_is_harmless(name: str, text: str) -> None:
    """Branches are named by strangers: no line end in the title, whole words in the mark, no odd page."""
    environ = {variable: f"{value}{text}" for variable, value in recorded(name).items()}
    build = load(name, environ).build
    assert re.fullmatch(r"[A-Za-z0-9._-]*", build.mark)
    assert all(part == part.strip("_.") for part in build.mark.split("-"))
    assert len("testgate-" + build.mark + "-01234567") < 100
    assert build.title == " ".join(clean(build.title).split())
    assert not build.url or re.fullmatch(r"https?://[^\s\"'<>`]+", build.url)


@each_platform
def test_an_empty_environment_is_no_reason_to_fail(name: str) -> None:
    """Nothing that the CI may leave out is needed."""
    platform = load(name, {})
    assert platform.build == Build()
    assert not platform.debug
    assert platform.summary_file == ""
    assert platform.withheld(lambda _path: "") == ""
    assert not platform.outputs({"a": "1"})
    assert not platform.remember({"a": "1"})
    assert not platform.show_summary("error", "## Red", "testgate-report/summary.md")
    assert platform.summary_limit == 0


@each_platform
def test_a_page_shows_a_bounded_amount(name: str) -> None:
    """Where a page shows Markdown there is a limit, and something is done with the text; elsewhere nothing is."""
    platform = usual(name)
    shown = platform.show_summary("error", "## Red", "testgate-report/summary.md")
    assert bool(shown) == bool(platform.summary_limit)
    assert platform.summary_limit or not platform.summary_file


@each_platform
@given(text=TEXTS)
def test_defused_text_holds_no_mark_of_a_command(name: str, text: str) -> None:
    """No line is a command, people see no difference, and defusing again changes nothing."""
    platform = usual(name)
    for line in clean(text).split("\n"):
        shown = platform.defuse(line)
        assert command_of(shown) is None
        assert not names_at_worst(shown)
        assert "##[" not in shown
        assert shown.replace("\u200b", "") == line.replace("\u200b", "")
        assert platform.defuse(shown) == shown


@given(TEXTS)
def test_without_a_known_ci_every_known_mark_is_broken(text: str) -> None:
    """A log that some other CI may read holds none of the marks that are found anywhere in a line."""
    shown = usual("plain").defuse(text)
    assert not any(mark in shown for mark in FOREIGN_MARKS)


@each_platform
@given(title=TEXTS, message=TEXTS, level=st.sampled_from(["error", "warning", "notice", "other"]))
def test_every_act_is_one_line_and_one_command_at_most(name: str, title: str, message: str, level: str) -> None:
    """Outside text in a fold or a problem neither ends the line nor starts a command of its own."""
    platform = usual(name)
    for acts in (platform.group(title), platform.end_group(title), platform.problem(level, title, message)):
        for line in printed(acts):
            text = OWN.sub("", line)
            assert len(lines_of(text)) == 1
            command = command_of(line)
            assert names_at_worst(line) <= ({command.name} if command else set())
            assert "##[" not in text
            assert text == clean(text)


@each_platform
def test_problems_show_their_words(name: str) -> None:
    """Title and message of a problem can be read in the log."""
    (line,) = printed(usual(name).problem("error", "Checkout / Pay", "Card declined\nat step 7"))
    assert "error" in line
    assert "Checkout / Pay" in line
    assert "Card declined" in line


@each_platform
def test_secrets_are_spoken_in_masks_only(name: str) -> None:
    """Masking prints and appends to no file, where the secret would stay."""
    assert not any(isinstance(act, Append) for act in usual(name).mask("secret-value"))


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"GITHUB_ACTIONS": "true"}, "github"),
        ({"GITHUB_ACTIONS": "false"}, "plain"),
        ({"GITHUB_ACTIONS": ""}, "plain"),
        ({"CI": "true"}, "plain"),
        ({}, "plain"),
    ],
)
def test_the_ci_is_detected(environ: Mapping[str, str], name: str) -> None:
    """The first CI that sees its own sign is taken, else none in particular."""
    assert choose(environ) == name


def test_the_users_word_goes_first() -> None:
    """A platform that was given is taken whatever the environment looks like."""
    assert choose({"GITHUB_ACTIONS": "true"}, "plain") == "plain"
