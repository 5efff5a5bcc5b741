"""What every adapter must do, whichever CI it is for."""

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import testgate
from testgate.acts import Act, Append, Print
from testgate.platforms import PLATFORMS, choose
from testgate.platforms.words import Words
from testgate.ports import Build, Platform
from testgate.text import clean
from tests.grammars import dialect_of
from tests.grammars.github import command_of, lines_of, names_at_worst
from tests.support.hostile_text import TEXTS
from tests.support.surroundings import load, recorded, surroundings

FOREIGN_MARKS = ("##[", "##vso[", "##teamcity[")
MEMBERS = {name: member for name, member in vars(Platform).items() if not name.startswith("_")}
BASE: Platform = Words(surroundings({}))  # mypy compares the base of all adapters with the port
each_platform = pytest.mark.parametrize("name", PLATFORMS)


def usual(name: str) -> Platform:
    """The adapter in a usual job."""
    return load(name, recorded(name), *dialect_of(name).programs)


def printed(acts: Sequence[Act]) -> Iterator[str]:
    """The printed lines."""
    yield from (act.line for act in acts if isinstance(act, Print))


def parameters(method: object) -> list[inspect._ParameterKind]:
    """The kinds of a bound method's parameters; adapters may rename those that they don't use."""
    assert callable(method)
    return [each.kind for each in inspect.signature(method).parameters.values()]


@each_platform
def test_each_entry_loads_an_adapter_that_satisfies_the_port(name: str) -> None:
    """Every member of the port exists and takes the same parameters; the name is the one of the registry."""
    platform = load(name, {})
    assert platform.name == name
    assert choose({}, name) == name
    for member in MEMBERS:
        found, wanted = getattr(platform, member), getattr(BASE, member)
        assert callable(found) == callable(wanted)
        if callable(wanted):
            assert parameters(found) == parameters(wanted)


def test_only_the_chosen_adapter_is_imported() -> None:
    """Start-up counts, so no step imports the adapters of other CIs."""
    script = (
        "import sys; from testgate.platforms import PLATFORMS, choose; from testgate.ports import Surroundings\n"
        "environ = {'GITLAB_CI': 'true'}\n"
        "PLATFORMS[choose(environ)].load(Surroundings(environ, str, float, bool, '/'))\n"
        "print(*(name for name, entry in PLATFORMS.items() if f'testgate.platforms.{entry.module}' in sys.modules))"
    )
    source = Path(testgate.__file__).parents[1]
    run = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", script], cwd=source, capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["gitlab"]


@each_platform
def test_it_recognizes_a_usual_job(name: str) -> None:
    """The environment that the CI gives to a job is enough."""
    assert choose(recorded(name)) == name


@each_platform
def test_nothing_is_missing_in_a_usual_job(name: str) -> None:
    """A hint is for containers that didn't get the CI's variables."""
    assert bool(usual(name).hint) == (name == "plain")


@each_platform
def test_the_build_is_known_in_a_usual_job(name: str) -> None:
    """Mark, job, page and title exist, and contain the run, the branch and the commit."""
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
    """Strangers name branches: the title has no line break, the mark whole words, and the page is a web page."""
    environ = {variable: f"{value}{text}" for variable, value in recorded(name).items()}
    build = load(name, environ).build
    assert re.fullmatch(r"[A-Za-z0-9._-]*", build.mark)
    assert all(part == part.strip("_.") for part in build.mark.split("-"))
    assert len("testgate-" + build.mark + "-01234567") < 100
    assert build.title == " ".join(clean(build.title).split())
    assert not build.url or re.fullmatch(r"https?://[^\s\"'<>`]+", build.url)


@each_platform
def test_it_works_in_an_empty_environment(name: str) -> None:
    """No variable of the CI is required."""
    platform = load(name, {})
    assert platform.build == Build()
    assert not platform.debug
    assert platform.summary_file == ""
    assert platform.withheld(lambda _path: "") == ""
    assert not platform.outputs({"a": "1"})
    assert not platform.remember({"a": "1"})
    assert platform.recalled() == {}
    assert not platform.show_summary("error", "## Red", "testgate-report/summary.md")
    assert platform.summary_limit == 0


@each_platform
def test_only_a_ci_that_remembers_recalls_something(name: str) -> None:
    """In a main step nothing is recalled, and a CI that can't remember never recalls anything."""
    assert usual(name).recalled() == {}
    if not usual(name).remember({"runs": "[]"}):
        assert load(name, recorded(name) | {"STATE_runs": "[]"}).recalled() == {}


@each_platform
def test_a_summary_is_shown_if_and_only_if_it_has_a_limit(name: str) -> None:
    """A CI either has a page for Markdown and a limit for it, or neither."""
    platform = usual(name)
    shown = platform.show_summary("error", "## Red", "testgate-report/summary.md")
    assert bool(shown) == bool(platform.summary_limit)
    assert platform.summary_limit or not platform.summary_file


@each_platform
@given(text=TEXTS)
def test_defused_text_contains_no_command(name: str, text: str) -> None:
    """No line is a command, people see no difference, and defusing twice changes nothing."""
    platform = usual(name)
    for line in clean(text).split("\n"):
        shown = platform.defuse(line)
        assert command_of(shown) is None
        assert not names_at_worst(shown)
        assert "##[" not in shown
        assert shown.replace("\u200b", "") == line.replace("\u200b", "")
        assert platform.defuse(shown) == shown


@given(TEXTS)
def test_an_unknown_ci_gets_no_known_mark(text: str) -> None:
    """Some other CI may read the log, so all marks that count anywhere in a line are broken."""
    shown = usual("plain").defuse(text)
    assert not any(mark in shown for mark in FOREIGN_MARKS)


@each_platform
@given(title=TEXTS, message=TEXTS, level=st.sampled_from(["error", "warning", "notice", "other"]))
def test_every_act_is_one_line_and_at_most_one_command(name: str, title: str, message: str, level: str) -> None:
    """Untrusted text in a group or a problem neither ends the line nor starts a command."""
    platform = usual(name)
    for acts in (platform.group(title), platform.end_group(title), platform.problem(level, title, message)):
        for line in printed(acts):
            text = dialect_of(name).own_marks.sub("", line)
            assert len(lines_of(text)) == 1
            command = command_of(line)
            assert names_at_worst(line) <= ({command.name} if command else set())
            assert "##[" not in text
            assert text == clean(text)


@each_platform
def test_problems_show_their_words(name: str) -> None:
    """The log contains level, title and message of a problem."""
    (line,) = printed(usual(name).problem("error", "Checkout / Pay", "Card declined\nat step 7"))
    assert "error" in line
    assert "Checkout / Pay" in line
    assert "Card declined" in line


@each_platform
def test_masking_writes_no_file(name: str) -> None:
    """A secret would stay in a file."""
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
def test_the_first_ci_that_recognizes_the_environment_wins(environ: Mapping[str, str], name: str) -> None:
    """An environment that no CI recognizes is `plain`."""
    assert choose(environ) == name


def test_the_users_choice_wins() -> None:
    """The `platform` input overrides the detection."""
    assert choose({"GITHUB_ACTIONS": "true"}, "plain") == "plain"


@pytest.mark.parametrize(
    ("name", "environ"),
    [
        ("github", {"GITHUB_ACTOR": "dependabot[bot]"}),
        ("gitlab", {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "1", "CI_MERGE_REQUEST_PROJECT_ID": "2"}),
        ("azure", {"SYSTEM_PULLREQUEST_ISFORK": "True"}),
        ("circleci", {"CIRCLE_PR_USERNAME": "stranger"}),
        ("woodpecker", {"CI_PIPELINE_EVENT": "pull_request"}),
        ("drone", {"DRONE_BUILD_EVENT": "pull_request"}),
        ("plain", {"TRAVIS_PULL_REQUEST_SLUG": "stranger/web", "TRAVIS_REPO_SLUG": "shop/web"}),
    ],
)
def test_a_change_from_another_repository_is_known(name: str, environ: Mapping[str, str]) -> None:
    """So a secret that is empty there is no mistake; in a usual job, it is one."""
    assert load(name, {**recorded(name), **environ}).from_fork(_no_event)
    assert not usual(name).from_fork(_no_event)


def _no_event(path: str) -> str:
    """There is no file."""
    raise FileNotFoundError(path)
