"""Output for Buildkite: the log as its agent reads it, and the agent's commands, executed by a stand-in."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.acts import Act, Execute, Print
from testgate.gate.outputs import as_variables
from testgate.platforms.buildkite import FIRST, Buildkite
from testgate.text import clean, one_line
from tests.grammars.buildkite import Agent, Refused, heading, means_something_at_worst, unfolds
from tests.support.hostile_text import TEXTS
from tests.support.outputs import OUTPUTS
from tests.support.surroundings import recorded, surroundings

USUAL = recorded("buildkite")
REPORT = "testgate-report/summary.md"
MARKS = ("---", "+++", "~~~", "^^^")
# Lines that begin like Buildkite's own marks, and everything that is hostile elsewhere.
LINES = st.one_of(
    TEXTS,
    st.lists(
        st.one_of(st.sampled_from([*MARKS, "-", "+", "^^^ +++", " ", "\xa0", "\ufeff", "\x1b[0m", "a"]), TEXTS),
        max_size=4,
    ).map("".join),
)


def buildkite(environ: Mapping[str, str] = USUAL, *programs: str) -> Buildkite:
    """The adapter in a job; the agent is on PATH unless other programs are given."""
    return Buildkite(surroundings(environ, *(programs or ("buildkite-agent",))))


def called(*acts: Sequence[Act]) -> Agent:
    """The agent after these calls."""
    agent = Agent()
    for act in (act for each in acts for act in each):
        assert isinstance(act, Execute)
        agent.run(act.command, act.text)
    return agent


def only_line(acts: Sequence[Act]) -> str:
    """The line of the only act."""
    (act,) = acts
    assert isinstance(act, Print)
    return act.line


@given(LINES)
def test_no_line_of_text_opens_a_group(text: str) -> None:
    """Whatever a clean line begins with, it stays text, looks the same, and is broken only once."""
    for line in clean(text).split("\n"):
        shown = buildkite().defuse(line)
        assert heading(shown) is None
        assert not unfolds(shown)
        assert not means_something_at_worst(shown)
        assert shown.replace("\u200b", "") == line.replace("\u200b", "")
        assert buildkite().defuse(shown) == shown


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("after", ["", " ", " title", "\t", "\xa0x", "\ufeffx", " +++"])
def test_each_mark_is_broken_at_the_start_of_a_line(mark: str, after: str) -> None:
    """A line of dashes, the head of a diff or a heading: each is shown, none opens a group."""
    assert buildkite().defuse(mark + after) == f"{mark[:2]}\u200b{mark[2:]}{after}"


def test_ordinary_text_stays_unchanged() -> None:
    """People can copy what no reader takes for a heading."""
    for text in ("----", "---x", "a --- b", " --- b/file", "+1", "-- title", "~~~~", "^^ here", "| --- | --- |"):
        assert buildkite().defuse(text) == text


@pytest.mark.parametrize("code", ["1338;url=https://a.example/x.png", "1339;url=https://a.example;content=here"])
@pytest.mark.parametrize("end", ["\x07", "\x1b\\"])
def test_buildkites_own_escapes_are_dropped(code: str, end: str) -> None:
    """Images and links in the log are escape sequences, which every line is cleaned of."""
    assert clean(f"a\x1b]{code}{end}b") == "ab"
    assert "\x1b" not in clean(f"a\x1b]{code}")


@given(LINES)
def test_a_group_is_read_back(title: str) -> None:
    """The title is one line, and short enough for a heading in any script."""
    line = only_line(buildkite().group(title))
    kind, shown = heading(line) or ("", "")
    assert kind == "collapsed"
    assert shown.replace("\u200b", "") == one_line(title, 120).replace("\u200b", "")


def test_a_long_title_is_still_a_heading() -> None:
    """The agent ignores headings of 500 bytes and more."""
    assert heading(only_line(buildkite().group("😀" * 400))) is not None


def test_the_result_is_expanded() -> None:
    """People look at the last lines of the log first."""
    assert heading(only_line(buildkite().end_group("Running"))) == ("expanded", "Result")


@given(LINES, LINES)
def test_a_problem_is_text(title: str, message: str) -> None:
    """Whatever the name of a test is, its line opens no group."""
    for level in ("error", "---", ""):
        line = only_line(buildkite().problem(level, title, message))
        assert heading(line) is None
        assert not means_something_at_worst(line)


@given(st.dictionaries(st.sampled_from([*OUTPUTS]), TEXTS))
def test_outputs_are_read_back(values: dict[str, str]) -> None:
    """Each value arrives unchanged; a blank one, which the agent rejects, arrives as a dash."""
    expected = {name: clean(value) if clean(value).strip() else "-" for name, value in values.items()}
    assert called(buildkite().outputs(values)).meta_data == as_variables(expected)


def test_an_empty_value_replaces_an_earlier_one() -> None:
    """A retried job must not leave a value of the first attempt."""
    agent = called(buildkite().outputs({"left-running": "337"}), buildkite().outputs({"left-running": ""}))
    assert agent.meta_data == {"TESTGATE_OUT_LEFT_RUNNING": "-"}


def test_a_value_is_cut_to_what_is_stored() -> None:
    """No character is split."""
    stored = called(buildkite().outputs({"reason": "😀" * 30_000})).meta_data["TESTGATE_OUT_REASON"]
    assert stored == "😀" * 25_000


def test_the_most_important_outputs_go_first() -> None:
    """After a cancellation there is time for only a few calls."""
    acts = buildkite().outputs(dict.fromkeys(OUTPUTS, "x"))
    names = [act.command[-1].removeprefix("TESTGATE_OUT_") for act in acts if isinstance(act, Execute)]
    assert names[:3] == ["CONCLUSION", "RUN_URL", "LEFT_RUNNING"]
    assert set(FIRST) <= set(OUTPUTS)
    assert sorted(names) == sorted(name.removeprefix("TESTGATE_OUT_") for name in as_variables(OUTPUTS))


@pytest.mark.parametrize("level", ["error", "warning", "success", "other"])
def test_the_summary_is_an_annotation(level: str) -> None:
    """Its style and text arrive, up to the limit."""
    text = "x" * buildkite().summary_limit
    ((style, body),) = called(buildkite().show_summary(level, text, REPORT)).annotations.values()
    assert style == (level if level != "other" else "info")
    assert body == text
    with pytest.raises(Refused):
        called(buildkite().show_summary(level, f"{text}x", REPORT))


def test_a_retried_job_replaces_its_annotation() -> None:
    """Jobs of a matrix, parallel jobs and other steps of the same job keep their own."""
    again = USUAL | {"BUILDKITE_JOB_ID": "another", "BUILDKITE_RETRY_COUNT": "2"}
    agent = called(
        buildkite().show_summary("error", "first", REPORT), buildkite(again).show_summary("success", "second", REPORT)
    )
    assert list(agent.annotations.values()) == [("success", "second")]
    others = [USUAL | {name: "other"} for name in ("BUILDKITE_STEP_ID", "BUILDKITE_LABEL", "BUILDKITE_PARALLEL_JOB")]
    agent = called(
        buildkite().show_summary("error", "first", REPORT),
        buildkite().show_summary("error", "the job's second", "testgate-report-2/summary.md"),
        *(buildkite(other).show_summary("error", "another", REPORT) for other in others),
    )
    assert len(agent.annotations) == 5


@given(TEXTS)
def test_an_annotation_is_accepted_whatever_the_label_is(text: str) -> None:
    """Labels are untrusted; the context that is made from them is harmless."""
    environ = {name: f"{value}{text}" for name, value in USUAL.items()}
    assert len(called(buildkite(environ).show_summary("error", "a", REPORT)).annotations) == 1


@pytest.mark.parametrize("missing", ["BUILDKITE_AGENT_ACCESS_TOKEN", "BUILDKITE_JOB_ID", "the agent"])
def test_a_missing_agent_is_not_called(missing: str) -> None:
    """A hint says how to pass it to the container; outputs are in files."""
    environ = {name: value for name, value in USUAL.items() if name != missing}
    platform = buildkite(environ, "sh") if missing == "the agent" else buildkite(environ)
    assert not platform.outputs({"run-id": "337"})
    assert not platform.show_summary("error", "## Red", REPORT)
    assert platform.summary_limit == 0
    for word in ("/usr/local/bin/buildkite-agent:ro", "-e BUILDKITE_AGENT_ACCESS_TOKEN", "-e BUILDKITE_JOB_ID"):
        assert word in platform.hint
    assert platform.files({"run-id": "337"}) == {"outputs.env": "TESTGATE_OUT_RUN_ID='337'\n"}


def test_with_an_agent_only_the_build_can_be_missing() -> None:
    """In a usual job there is no hint, unless the build is unknown."""
    assert buildkite().hint == ""
    assert "BUILDKITE_BUILD_NUMBER" in buildkite(USUAL | {"BUILDKITE_BUILD_NUMBER": ""}).hint


def test_the_build_is_described() -> None:
    """Number and attempt, the job, its page, and the pipeline's name."""
    job = "e44f9784-e20e-4b93-a21d-f41fd5869db9"
    page = f"https://buildkite.com/shop/web/builds/77#{job}"
    assert buildkite().build[:4] == ("77.2-main-ffac537", job, page, "Web main #77 (ffac537)")


def test_a_build_can_be_described_in_part() -> None:
    """HEAD is no commit; name, attempt and job may be missing."""
    build = buildkite(
        {"BUILDKITE_BUILD_NUMBER": "77", "BUILDKITE_COMMIT": "HEAD", "BUILDKITE_PIPELINE_SLUG": "web"}
    ).build
    assert build[:4] == ("77.1", "77.1", "", "web #77")
    page = {"BUILDKITE_BUILD_NUMBER": "77", "BUILDKITE_BUILD_URL": "https://buildkite.com/shop/web/builds/77"}
    assert buildkite(page).build.url == page["BUILDKITE_BUILD_URL"]


def test_the_reader_finds_headings() -> None:
    """The reader of these tests sees headings where the agent does."""
    assert heading("--- a b") == ("collapsed", "a b")
    assert heading("\x1b[31m+++ \x1b[0ma") == ("expanded", "a")
    assert heading("~~~\t") == ("muted", "")
    assert heading("--- " + "x" * 495) is not None
    assert heading("--- " + "x" * 496) is None
    assert unfolds("^^^ +++")
    assert not unfolds("^^^+++")
    for text in ("---", "---a", " --- a", "---- a", "^^^ +++"):
        assert heading(text) is None
    assert means_something_at_worst("---")
    assert means_something_at_worst("^^^\xa0+++")


def test_the_reader_rejects_what_the_agent_rejects() -> None:
    """The reader of these tests fails where the agent does."""
    agent, name = Agent(), "buildkite-agent"
    for command, text in (
        ((name, "meta-data", "set", "a"), ""),
        ((name, "meta-data", "set", "a"), " \n\u3000"),
        ((name, "meta-data", "set", " "), "1"),
        ((name, "meta-data", "set", "a"), "x" * 100_001),
        ((name, "meta-data", "set", "--help"), "1"),
        ((name, "annotate", "--style", "red", "--context", "a"), "1"),
        ((name, "annotate", "--style", "error", "--context", "a" * 101), "1"),
        ((name, "annotate", "--style", "error", "--context", ""), "1"),
        ((name, "artifact", "upload"), ""),
    ):
        with pytest.raises(Refused):
            agent.run(command, text)
    assert not agent.meta_data
    assert not agent.annotations
