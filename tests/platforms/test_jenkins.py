"""Output for Jenkins, read back as Java loads properties and as a shell sources variables."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from testgate.acts import Print
from testgate.platforms import choose
from testgate.platforms.jenkins import Jenkins
from testgate.ports import Build
from testgate.text import clean
from tests.grammars.jenkins import PREAMBLE, BadEscape, holds_a_note, properties_of
from tests.support.hostile_text import TEXTS
from tests.support.outputs import OUTPUTS
from tests.support.surroundings import recorded, surroundings

EXAMPLE = Path(__file__).parents[2] / "examples" / "jenkins" / "Jenkinsfile"
NOTES = st.lists(st.one_of(st.sampled_from([PREAMBLE, "\x1b[0m", "\x1b", "[8mha:", "AAAA"]), TEXTS), max_size=5)
SIGNS = st.sampled_from(["\\", "\\u0041", "\\n", " ", "\t", "\n", "=", ":", "#", "!", "é", "😀", "a"])
PROPERTIES = st.one_of(TEXTS, st.lists(SIGNS, max_size=8).map("".join))


def jenkins(environ: Mapping[str, str] | None = None) -> Jenkins:
    """The adapter in a build."""
    return Jenkins(surroundings(recorded("jenkins") if environ is None else environ))


def variable(name: str) -> str:
    """The name of an output in files."""
    return f"TESTGATE_OUT_{name.upper().replace('-', '_')}"


@given(st.dictionaries(st.sampled_from(sorted(OUTPUTS)), PROPERTIES))
def test_properties_are_read_back(values: dict[str, str]) -> None:
    """Every value arrives unchanged, even line breaks, backslashes, leading spaces and any alphabet."""
    content = jenkins().files(values)["outputs.properties"].encode("ascii")
    assert properties_of(content) == {variable(name): clean(value) for name, value in values.items()}


def test_ordinary_values_are_not_escaped() -> None:
    """A URL, a list, and a secret that must be hidden appear in the file as they are."""
    content = jenkins().files({"run-url": "https://e.com/7?a=1#b", "run-ids": "7,8"})["outputs.properties"]
    assert content == "TESTGATE_OUT_RUN_URL=https://e.com/7?a=1#b\nTESTGATE_OUT_RUN_IDS=7,8\n"


def test_a_shell_can_source_the_outputs_too(tmp_path: Path) -> None:
    """`outputs.env` is the same as in every CI."""
    (tmp_path / "outputs.env").write_text(jenkins().files({"reason": "it's $(exit 1)"})["outputs.env"])
    script = '. ./outputs.env && printf %s "$TESTGATE_OUT_REASON"'
    run = subprocess.run(  # noqa: S603  # a script of the test
        ["/bin/sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout == "it's $(exit 1)"


@given(NOTES.map("".join))
def test_no_line_holds_a_note(text: str) -> None:
    """Jenkins hides its own objects in the log, behind an escape sequence that no line contains."""
    platform = jenkins()
    shown = [platform.defuse(line) for line in clean(text).split("\n")]
    acts = [*platform.group(text), *platform.end_group(text), *platform.problem("error", text, text)]
    shown += [act.line for act in acts if isinstance(act, Print)]
    assert not any(holds_a_note(line) for line in shown)


def test_the_build_is_described() -> None:
    """Job, number and page; the title doesn't repeat a branch that ends the job's name."""
    page = "https://jenkins.example.com/job/shop/job/web/job/main/77/"
    assert jenkins().build[:4] == ("77-main-ffac537", "jenkins-shop-web-main-77", page, "shop/web main #77 (ffac537)")
    assert jenkins({"JENKINS_URL": "https://jenkins.example.com/"}).build == Build()


@pytest.mark.parametrize(
    ("environ", "branch"),
    [
        ({"GIT_BRANCH": "origin/main"}, "main"),
        ({"GIT_BRANCH": "origin/fix/login"}, "fix/login"),
        ({"GIT_BRANCH": "refs/remotes/origin/main"}, "main"),
        ({"GIT_BRANCH": "refs/heads/main"}, "main"),
        ({"GIT_BRANCH": "detached"}, ""),
        ({"BRANCH_NAME": "release/1", "GIT_BRANCH": "origin/x"}, "release/1"),
        ({"BRANCH_NAME": "PR-12", "CHANGE_BRANCH": "fix/login"}, "fix/login"),
        ({}, ""),
    ],
)
def test_the_branch_is_found(environ: Mapping[str, str], branch: str) -> None:
    """A change's own branch comes first, then the project's, then the one that Git checked out."""
    build = jenkins({"BUILD_NUMBER": "3", "JOB_NAME": "web", **environ}).build
    assert build.title == " ".join(filter(None, ("web", branch, "#3")))
    assert build.mark == "-".join(filter(None, ("3", branch.replace("/", "_"))))


def test_an_encoded_job_name_is_decoded() -> None:
    """The job's name has an encoded slash of the branch; the tag stays as it is."""
    named = {
        "JOB_NAME": "shop/web/fix%2Flogin",
        "BRANCH_NAME": "fix/login",
        "BUILD_TAG": "jenkins-shop-web-fix%2Flogin-3",
    }
    build = jenkins({"BUILD_NUMBER": "3", **named}).build
    assert build.title == "shop/web fix/login #3"
    assert build.job == "jenkins-shop-web-fix%2Flogin-3"


def test_builds_with_the_same_number_differ() -> None:
    """Also if the build's tag was not passed to the container."""
    first, second = (jenkins({"BUILD_NUMBER": "3", "JOB_NAME": name}).build.job for name in ("web", "shop"))
    assert first != second


def test_jenkins_without_a_url_is_recognized() -> None:
    """A Jenkins without a configured URL still sets BUILD_TAG."""
    assert choose({"BUILD_TAG": "jenkins-web-3", "CI": "true"}) == "jenkins"
    assert choose({"BUILD_TAG": "v3", "CI": "true"}) == "plain"


def test_a_hint_names_the_missing_variables() -> None:
    """It is shown only in a container without the build's variables."""
    assert "-e BUILD_NUMBER" in jenkins({"JENKINS_URL": "https://jenkins.example.com/"}).hint
    assert jenkins().hint == ""


def scripts() -> list[str]:
    """The shell scripts of the example, as Groovy passes them on, with lines joined at a trailing backslash."""
    found = re.findall(r"sh '''(.*?)'''", EXAMPLE.read_text(encoding="utf-8"), re.DOTALL)
    return [script.replace("\\\n", "") for script in found]


def played(script: str, folder: Path, docker: str) -> str:
    """The calls of `docker` in a script of the example; the stand-in records its arguments and then runs this."""
    program = folder / "docker"
    program.write_text(f'#!/bin/sh\necho "$@" >>"{folder}/called"\n{docker}\n')
    program.chmod(0o755)
    (folder / "called").write_text("")
    environ = {"PATH": f"{folder}:/usr/bin:/bin"}
    subprocess.run(["/bin/sh", "-xe", "-c", script], cwd=folder, env=environ, check=True)  # noqa: S603  # as above
    return (folder / "called").read_text()


def test_the_example_is_balanced() -> None:
    """There is no schema for a Jenkinsfile, but at least every string and every block must end."""
    text = EXAMPLE.read_text(encoding="utf-8")
    assert text.count("'''") % 2 == 0
    bare = re.sub(r"'''.*?'''|'[^'\n]*'", "", text, flags=re.DOTALL)
    bare = re.sub(r"//.*", "", bare)
    assert not set(bare) & {"'", '"', "\\"}
    for opens, closes in ("{}", "()", "[]"):
        assert bare.count(opens) == bare.count(closes)
    assert bare.startswith("pipeline {")
    assert re.findall(r"^ {4}(\w+) \{", bare, re.MULTILINE) == ["agent", "options", "environment", "stages", "post"]


def test_the_example_starts_the_container(tmp_path: Path) -> None:
    """One `docker run` that removes its container, writes its id, and passes variables by name only."""
    (called,) = played(scripts()[0], tmp_path, "exit 0").splitlines()
    before, image = called.rsplit(" ", 1)
    assert image.startswith("ghcr.io/your-org/testgate:")
    assert before.startswith(f"run --rm --cidfile testgate.cid -v {tmp_path}:{tmp_path} -w {tmp_path} -e ")
    passed = re.findall(r"-e (\S+)", before)
    assert {"JENKINS_URL", "BUILD_TAG", "TESTGATE_API_KEY"} <= set(passed)
    assert all(re.fullmatch(r"[A-Z_]+", name) for name in passed)


@pytest.mark.parametrize(
    ("cid", "docker", "called"),
    [
        ("", "exit 0", ""),
        ("c0ffee", "exit 0", "wait c0ffee\n"),
        ("c0ffee", '[ "$1" = stop ]', "wait c0ffee\nstop -t 20 c0ffee\n"),
        ("c0ffee", "exit 1", "wait c0ffee\nstop -t 20 c0ffee\n"),
    ],
)
def test_the_example_waits_before_it_stops_the_container(cid: str, docker: str, called: str, tmp_path: Path) -> None:
    """A container that ends by itself gets no second signal; a missing one is no reason to fail."""
    (tmp_path / "testgate.cid").write_text(cid)
    assert played(scripts()[1], tmp_path, docker) == called


def test_the_example_shows_the_outputs(tmp_path: Path) -> None:
    """The last script reads the outputs of the step, and does nothing without them."""
    played(scripts()[2], tmp_path, "exit 1")
    (tmp_path / "testgate-report").mkdir()
    outputs = {"conclusion": "failed", "run-url": "https://e.com/7"}
    (tmp_path / "testgate-report" / "outputs.env").write_text(jenkins().files(outputs)["outputs.env"])
    run = subprocess.run(  # noqa: S603  # the example's own script
        ["/bin/sh", "-e", "-c", scripts()[2]], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert run.stdout == "failed, see https://e.com/7\n"


def test_the_reader_reads_as_java_does() -> None:
    """Separators, comments, continued lines, escapes and Latin-1, as in the JDK's documentation."""
    content = b"# no\n! no\n\na = 1\n b:2\rc 3\r\nd\\=\\ e==4\nf=5\\\n   6\ng=\xe9\\u20ac\\q\\\\\nh\n"
    assert properties_of(content) == {
        "a": "1", "b": "2", "c": "3", "d= e": "=4", "f": "56", "g": "é€q\\", "h": "",
    }  # fmt: skip
    with pytest.raises(BadEscape):
        properties_of(b"a=\\u20\n")
    assert holds_a_note(f"x{PREAMBLE}AAAA\x1b[0m")
