"""Output for GitLab, read back with its own grammar, and by shells that source the same file."""

import itertools
import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from testgate.acts import Act, Print
from testgate.platforms.gitlab import BY_IMPORTANCE, GitLab
from testgate.text import clean, one_line
from tests.grammars.gitlab import Refused, Shown, Trace, expanded, variables_of
from tests.support.hostile_text import FRAGMENTS, TEXTS
from tests.support.outputs import OUTPUTS
from tests.support.surroundings import NOW, recorded, surroundings

MARKS = ("section_start:1:evil\r\x1b[0K", "section_end:1:evil", "\x1b[0K", "\r", "section_start:", "\x1b[31m")
LOGGED = st.lists(st.one_of(st.sampled_from(MARKS), TEXTS), max_size=4).map("".join)
JSON_LISTS = {"failed-tests", "runs"}
MORE_FILES = ("html-file", "merged-file")  # reports that may be added
NAMES = st.sampled_from(sorted({*OUTPUTS, *MORE_FILES}))
IDS = st.lists(st.from_regex(r"[0-9a-f-]{1,36}", fullmatch=True), max_size=400)
EXAMPLE = Path(__file__).parents[2] / "examples" / "gitlab" / ".gitlab-ci.yml"
HOME = {"PATH": "/nowhere", "HOME": "/somewhere"}


def gitlab(environ: Mapping[str, str] | None = None) -> GitLab:
    """The adapter in a job."""
    return GitLab(surroundings(recorded("gitlab") if environ is None else environ))


def lines(*acts: Sequence[Act]) -> str:
    """The printed lines, as a log."""
    return "".join(f"{act.line}\n" for act in itertools.chain(*acts) if isinstance(act, Print))


def dotenv(values: Mapping[str, str]) -> dict[str, str]:
    """The report as GitLab reads it."""
    return variables_of(gitlab().files(values)["outputs.env"].encode())


def value(name: str, given: str) -> str:
    """One value as GitLab reads it."""
    (read,) = dotenv({name: given}).values()
    return read


@given(LOGGED, LOGGED)
def test_a_section_is_read_back(title: str, inside: str) -> None:
    """Heading, lines and end are in their places, whatever they contain."""
    platform = gitlab()
    logged = [platform.defuse(line) for line in clean(inside).split("\n")]
    body = "".join(f"{line}\n" for line in logged)
    trace = Trace(f"before\n{lines(platform.group(title))}{body}{lines(platform.end_group(title))}after\n")
    (name,) = trace.started
    assert trace.started == trace.ended == {name: int(NOW)}
    within = [Shown(text, (), (name,)) for text in (platform.defuse(one_line(title)), *logged)]
    assert trace.lines == [Shown("before"), *within, Shown(""), Shown("after")]


@given(LOGGED)
def test_no_line_of_text_is_a_mark(text: str) -> None:
    """Clean text neither starts nor ends a section, nor colors the log."""
    platform = gitlab()
    opened = lines(platform.group("x"))
    logged = "".join(f"{platform.defuse(line)}\n" for line in clean(text).split("\n"))
    trace = Trace(opened + logged)
    (name,) = trace.started
    assert not trace.ended
    assert all(line.sections == (name,) and not line.styles for line in trace.lines)


def test_sections_differ() -> None:
    """In their titles within a step, in the token between two steps; the time is in whole seconds."""
    platform = gitlab()
    trace = Trace(lines(platform.group("a"), platform.end_group("a"), platform.group("b"), platform.end_group("b")))
    assert len(trace.started) == len(trace.ended) == 2
    assert set(trace.started.values()) == {1_700_000_000}
    with_token = surroundings({})
    first, second = GitLab(with_token), GitLab(with_token)
    assert len(Trace(lines(first.group("a"), second.group("a"))).started) == 2


def test_a_negative_time_becomes_zero() -> None:
    """GitLab would show a mark with a minus sign as text."""
    platform = GitLab(surroundings({})._replace(wall_clock=lambda: -5.0))
    assert list(Trace(lines(platform.group("a"))).started.values()) == [0]


@given(LOGGED, LOGGED, st.sampled_from(["error", "warning", "notice"]))
def test_a_problem_is_one_line_in_its_color(title: str, message: str, level: str) -> None:
    """Errors are red, warnings yellow; the text has no colors of its own."""
    (line,) = Trace(lines(gitlab().problem(level, title, message))).lines
    assert line.text.replace("\u200b", "").startswith(f"{level}: ")
    assert line.styles == {"error": ("31;1", "0"), "warning": ("33;1", "0"), "notice": ()}[level]
    assert not line.sections


@given(st.dictionaries(NAMES, TEXTS))
def test_the_report_is_never_rejected(values: dict[str, str]) -> None:
    """Whatever the values contain, GitLab accepts names and sizes, and a later job expands nothing."""
    known = dict.fromkeys(("a", "HOME", "A", "C3", "CI_JOB_TOKEN"), "leaked")
    read = dotenv(values) if set(values) - JSON_LISTS else {}
    assert len(read) == min(20, len(set(values) - JSON_LISTS))
    assert all(expanded(each, known) == each for each in read.values())


@given(st.fixed_dictionaries({name: st.sampled_from(["x", "1,2", "https://e/", "é"]) for name in OUTPUTS}), st.data())
def test_long_values_leave_room_for_all_variables(values: dict[str, str], data: st.DataObject) -> None:
    """Every variable is there, even if many values are long."""
    longer = {name: each * data.draw(st.integers(0, 2000)) for name, each in values.items()}
    assert len(dotenv(longer)) == 20


@given(IDS)
def test_ids_are_cut_between_two(ids: list[str]) -> None:
    """A list that is too long keeps its first ids, each of them complete."""
    for name in ("run-ids", "left-running"):
        read = value(name, ",".join(ids))
        kept = read.split(",") if read else []
        assert kept == ids[: len(kept)]
        assert kept == ids or len(read) + len(ids[len(kept)]) >= 1000


def test_an_id_that_cannot_be_written_is_left_out() -> None:
    """The other ids of the list stay."""
    assert value("run-ids", "7,$(x),9") == "7,9"
    assert value("run-id", "$(x)") == ""


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("https://app.example.com/ui/td/runs/7#/steps?a=1", "https://app.example.com/ui/td/runs/7#/steps?a=1"),
        (
            "https://e.com/a b'\"\\$`;|<>()~{}^!&c",
            "https://e.com/a%20b%27%22%5C%24%60%3B%7C%3C%3E%28%29%7E%7B%7D%5E%21%26c",
        ),
        ("https://e.com/a\nb", "https://e.com/a%0Ab"),
        ("https://e.com/100%25", "https://e.com/100%25"),
        ("https://e.com/%C3%A9", ""),  # a later job would expand %C3%
        ("https://e.com/é", ""),
        ("https://e.com/" + "a" * 990, ""),
    ],
)
def test_a_url_is_encoded_or_empty(given: str, expected: str) -> None:
    """A link leads to the same page, or nowhere."""
    assert value("run-url", given) == expected


def test_a_reason_stays_readable() -> None:
    """Spaces and special characters become underscores, a percent sign a word: `%NAME%` would be a variable."""
    reason = "Smoke: 12 of 14 tests passed; the pass rate 85.71 % is below `min-pass-rate` 100 %"
    assert value("reason", reason) == (
        "Smoke:_12_of_14_tests_passed_the_pass_rate_85.71_percent_is_below_min-pass-rate_100_percent"
    )
    assert len(value("reason", "a" * 3000)) == 1000


def test_a_path_is_exact_or_empty() -> None:
    """A path with other characters would lead to another file."""
    assert value("junit-file", "testgate-report/junit.xml") == "testgate-report/junit.xml"
    for path in ("my reports/junit.xml", "~/junit.xml", "größe/junit.xml", "a" * 1001):
        assert value("junit-file", path) == ""


def test_every_output_but_the_lists_is_in_the_report() -> None:
    """The JSON lists are in `outputs.json` only."""
    for name in OUTPUTS:
        content = gitlab().files({name: "1"})["outputs.env"]
        assert bool(content) == (name not in JSON_LISTS), name


def test_the_order_of_importance_names_outputs_that_exist() -> None:
    """Each once, and no path of a report: these come last, whatever reports exist."""
    assert set(BY_IMPORTANCE) <= set(OUTPUTS) - JSON_LISTS
    assert len(BY_IMPORTANCE) == len(set(BY_IMPORTANCE))
    assert not [name for name in BY_IMPORTANCE if name.endswith("-file")]


def test_the_least_important_outputs_are_left_out() -> None:
    """With more than twenty values, the last paths of reports make room, also for outputs that are not ranked."""
    known = dict.fromkeys(OUTPUTS, "1")
    assert order(known) == [*BY_IMPORTANCE, "junit-file", "summary-file"]
    assert order(known | dict.fromkeys(MORE_FILES, "1")) == [*BY_IMPORTANCE, "junit-file", "summary-file"]
    assert order(known | {"unranked": "1"}) == [*BY_IMPORTANCE, "unranked", "junit-file"]


def order(values: Mapping[str, str]) -> list[str]:
    """The outputs in the report, in its order."""
    return [name.removeprefix("TESTGATE_OUT_").lower().replace("_", "-") for name in dotenv(values)]


def test_the_first_outputs_are_a_valid_report() -> None:
    """The file that is written right after the trigger is readable too."""
    read = dotenv({"run-id": "7", "run-ids": "7,8", "run-url": "https://e.com/7"})
    assert read == {
        "TESTGATE_OUT_RUN_ID": "7",
        "TESTGATE_OUT_RUN_URL": "https://e.com/7",
        "TESTGATE_OUT_RUN_IDS": "7,8",
    }


def hostile_files() -> list[str]:
    """Reports with every character and fragment at the start, in the middle and at the end of values."""
    signs = [*map(chr, range(1, 128)), *FRAGMENTS, "$(touch evil)", "`touch evil`", ";touch evil;", "&touch evil&"]
    signs += [
        "\ntouch evil\n",
        "|touch evil",
        ">evil",
        "~",
        ":~",
        "=~",
        "~root",
        "*",
        "?",
        "[a-z]*",
        "{a,b}",
        "#x",
        "***",
    ]
    names = ("reason", "run-url", "run-ids", "junit-file", "conclusion")
    values = [
        text for sign in signs for text in (sign, f"a{sign}b", f"{sign}a", f"a{sign}", f"a:{sign}/b", f"{sign}{sign}")
    ]
    return [gitlab().files(dict.fromkeys(names, text))["outputs.env"] for text in values]


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_shell_reads_what_gitlab_reads(shell: str, tmp_path: Path) -> None:
    """Sourcing the report sets the same values, runs nothing and leaves nothing behind."""
    files = hostile_files()
    script = ["set -eu"]
    for number, content in enumerate(files):
        (tmp_path / f"{number}.env").write_text(content, encoding="utf-8")
        names = variables_of(content.encode())
        script += [f". ./{number}.env", *(f"printf '%s\\n' \"${name}\"" for name in names), f"unset {' '.join(names)}"]
    before = sorted(tmp_path.iterdir())
    run = subprocess.run(  # noqa: S603  # the shell is named by the test
        [f"/bin/{shell}"], input="\n".join(script), cwd=tmp_path, env=HOME, capture_output=True, text=True, check=True
    )
    assert run.stdout.split("\n")[:-1] == [
        each for content in files for each in variables_of(content.encode()).values()
    ]
    assert run.stderr == ""
    assert sorted(tmp_path.iterdir()) == before


def test_the_build_is_described() -> None:
    """Pipeline and job, the job's page, and the number that people see."""
    page = "https://gitlab.com/shop/web/-/jobs/6262123456"
    mark = "1212123456.6262123456-main-ffac537"
    assert gitlab().build[:4] == (mark, "6262123456", page, "shop/web main #77 (ffac537)")
    named = gitlab(recorded("gitlab") | {"CI_PIPELINE_NAME": "Nightly"})
    assert named.build.title == "Nightly main #77 (ffac537)"
    assert gitlab({"CI_JOB_ID": "7"}).build.mark == "7"


def test_a_retried_job_differs() -> None:
    """Its pipeline is the same, but not its id."""
    again = gitlab(recorded("gitlab") | {"CI_JOB_ID": "6262123999"}).build
    assert again.mark != gitlab().build.mark
    assert again.job != gitlab().build.job


def test_a_merge_request_is_named_by_its_branch() -> None:
    """By its source branch, not by the ref that GitLab created."""
    merge = {"CI_COMMIT_REF_NAME": "refs/merge-requests/5/merge", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "fix/login"}
    build = gitlab(recorded("gitlab") | merge).build
    assert build.mark == "1212123456.6262123456-fix_login-ffac537"
    assert "fix/login" in build.title


def test_debug_logging_is_recognized() -> None:
    """Only the runner's own value counts."""
    assert gitlab({"CI_DEBUG_TRACE": "true"}).debug
    assert not gitlab({"CI_DEBUG_TRACE": "false"}).debug


@pytest.mark.parametrize(
    ("environ", "rule"),
    [
        ({"CI_COMMIT_REF_PROTECTED": "false"}, '$CI_COMMIT_REF_PROTECTED == "true"'),
        (
            {"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8", "CI_MERGE_REQUEST_PROJECT_ID": "7"},
            "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_MERGE_REQUEST_PROJECT_ID",
        ),
        ({"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "7", "CI_MERGE_REQUEST_PROJECT_ID": "7"}, ""),
        ({"CI_MERGE_REQUEST_SOURCE_PROJECT_ID": "8"}, ""),
        ({"CI_COMMIT_REF_PROTECTED": "true"}, ""),
    ],
)
def test_withheld_variables_are_explained(environ: Mapping[str, str], rule: str) -> None:
    """Only forks and unprotected refs explain an empty key."""
    said = gitlab(environ).withheld(lambda _path: "")
    assert rule in said
    assert bool(said) == bool(rule)


def test_a_hint_names_the_missing_variables() -> None:
    """It is shown only in a container without the job's variables."""
    assert "-e CI_JOB_ID" in gitlab({"GITLAB_CI": "true"}).hint
    assert gitlab().hint == ""


def links(values: Mapping[str, str]) -> list[tuple[str, str]]:
    """The links of the annotations report, as GitLab's schema has them: label and URL, and nothing else."""
    (found,) = json.loads(gitlab().files(values)["annotations.json"]).values()
    assert all(set(each) == {"external_link"} and set(each["external_link"]) == {"label", "url"} for each in found)
    return [(each["external_link"]["label"], each["external_link"]["url"]) for each in found]


def test_the_page_of_the_job_links_to_each_run() -> None:
    """To the first one as soon as it is known, and to all with their results at the end."""
    first = {"run-id": "337", "run-url": "https://platform.example/337"}
    assert links(first) == [("Run 337", "https://platform.example/337")]
    runs = [
        {"id": "337", "name": "Smoke\n::x", "conclusion": "failed", "url": "https://platform.example/337"},
        {"id": "338", "name": "Checkout", "conclusion": "passed", "url": "https://platform.example/338"},
    ]
    assert links({**first, "runs": json.dumps(runs)}) == [
        ("Smoke ::x (run 337): failed", "https://platform.example/337"),
        ("Checkout (run 338): passed", "https://platform.example/338"),
    ]
    assert links({}) == links({"runs": "[]"}) == links({"runs": '[{"id": "1"}]'}) == []


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "https://", "https://a b", "https://ä.example", 'http://x"y']
)
def test_only_web_pages_are_linked(url: str) -> None:
    """One address that GitLab doesn't take would cost the others their links."""
    assert links({"run-id": "1", "run-url": url}) == []


@given(st.dictionaries(st.sampled_from(["run-id", "run-url", "runs"]), TEXTS))
def test_links_are_always_valid(values: Mapping[str, str]) -> None:
    """Whatever the platform says."""
    for label, url in links(values):
        assert len(label) <= 200
        assert label == one_line(label)
        assert url.startswith(("https://", "http://"))


def test_gates_of_a_pipeline_keep_out_of_each_others_way() -> None:
    """Each has a folder of its own, and neither has a dotenv report, whose names would be the same."""
    pipeline = YAML(typ="safe", pure=True).load(EXAMPLE.with_name("two-gates.gitlab-ci.yml"))
    gate = pipeline[".testgate"]
    folder = gate["variables"]["TESTGATE_REPORT_DIR"]
    assert folder == "testgate-report-$CI_JOB_NAME_SLUG"
    assert gate["artifacts"]["paths"] == [f"{folder}/"]
    assert "dotenv" not in gate["artifacts"]["reports"]
    assert {path.rpartition("/")[0] for path in gate["artifacts"]["reports"].values()} == {folder}


def test_the_example_keeps_reports() -> None:
    """After a failure too, and from the step's report directory."""
    job = YAML(typ="safe", pure=True).load(EXAMPLE)["testgate"]
    assert job["artifacts"]["when"] == "always"
    assert job["artifacts"]["reports"] == {
        "junit": "testgate-report/junit.xml",
        "dotenv": "testgate-report/outputs.env",
        "annotations": "testgate-report/annotations.json",
    }


@pytest.mark.parametrize(
    ("status", "outputs", "called"),
    [
        ("canceled", {"run-id": "7", "run-ids": "7,8", "run-url": "https://e.com/7"}, "stop 7,8 testgate-stop\n"),
        ("canceled", None, ""),
        ("success", {"run-id": "7", "run-ids": "7"}, ""),
        ("failed", {"run-id": "7", "run-ids": "7"}, ""),
    ],
)
def test_the_example_stops_the_runs_of_a_canceled_job(
    status: str, outputs: Mapping[str, str] | None, called: str, tmp_path: Path
) -> None:
    """Only after a cancellation, the runs that the report names are stopped; the report doesn't change."""
    (script,) = YAML(typ="safe", pure=True).load(EXAMPLE)["testgate"]["after_script"]
    program = tmp_path / "testgate"
    program.write_text('#!/bin/sh\necho "$TESTGATE_COMMAND" "$TESTGATE_RUN_ID" "$TESTGATE_REPORT_DIR"\n')
    program.chmod(0o755)
    if outputs is not None:
        (tmp_path / "testgate-report").mkdir()
        (tmp_path / "testgate-report" / "outputs.env").write_text(gitlab().files(outputs)["outputs.env"])
    environ = {"PATH": str(tmp_path), "CI_JOB_STATUS": status}
    run = subprocess.run(  # noqa: S603  # the example's own script
        ["/bin/sh", "-eu", "-c", script], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )
    assert run.stdout == called


def test_the_reader_finds_sections() -> None:
    """The reader of these tests sees marks where GitLab does: within a line, with options, in any letter case."""
    trace = Trace("x section_start:5:A_b[collapsed=true]\r\x1b[0Khead\nin\nsection_end:9:a-b\r\x1b[0Kout\n")
    assert trace.started == {"a-b": 5}
    assert trace.ended == {"a-b": 9}
    assert trace.lines == [Shown("x "), Shown("head", (), ("a-b",)), Shown("in", (), ("a-b",)), Shown("out")]
    assert not Trace("section_start:5:a\n\x1b[0K section_end:x:a\r\x1b[0K").started
    assert Trace("old\rnew\x1b[31mred\n").lines == [Shown("newred", ("31",))]


def test_the_reader_rejects_broken_reports() -> None:
    """The reader of these tests fails where GitLab rejects the file."""
    for content in (b"A=1\n\nB=2\n", b"# A\n", b"A-B=1\n", b"A= 1\n", b"A='1'\n", b"A=" + b"1" * 5118 + b"\n", b""):
        with pytest.raises(Refused):
            variables_of(content)
    with pytest.raises(Refused):
        variables_of(b"".join(b"A%d=1\n" % number for number in range(21)))
    assert variables_of(b"A=1\nB=a=b\nC=\n") == {"A": "1", "B": "a=b", "C": ""}
    assert expanded("$a ${b} %a% %zz% %20%", {"a": "1", "b": "2"}) == "1 2 1  %20%"
