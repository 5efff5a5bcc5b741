"""A CI's shell between the signal and the gate: the pipelines to paste leave none."""

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from testgate.demo.testsigma.scenarios import one_plan
from tests.support.marks import full
from tests.support.step import ENTRYPOINT, HANG_SECONDS, KEY, environment, wait_until
from tests.support.vendor import ENDLESS, Vendor, requests, simulator

EXAMPLES = Path(__file__).parents[2] / "examples"
# As GitLab Runner writes it: `:` and the whole script in one pipe, below a shell that has a trap.
RUNNER = """\
#!/usr/bin/env {shell}

trap exit 1 TERM

if set -o | grep pipefail > /dev/null; then set -o pipefail; fi; set -o errexit
set +o noclobber
: | {evaluated}
exit 0
"""
EVALUATED = ("eval {script}", "(eval {script})")


def lines_of(example: str) -> list[str]:
    """The lines of an example's script."""
    yaml = YAML(typ="safe", pure=True).load((EXAMPLES / example).read_text(encoding="utf-8"))
    script = yaml["testgate"]["script"] if "testgate" in yaml else yaml["pipelines"]["default"][0]["step"]["script"]
    return [str(line) for line in script]


def runner_script(shell: str, evaluated: str, lines: Sequence[str]) -> str:
    """The runner's script around the lines of a job; it shows each before it runs it."""
    body = "".join(f"echo {shlex.quote(f'$ {line}')}\n{line}\n" for line in lines)
    return RUNNER.format(shell=shell, evaluated=evaluated.format(script=shlex.quote(body)))


@contextlib.contextmanager
def container(folder: Path, command: Sequence[str], environ: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Processes that end with the first of them, as in a container. `testgate` is on PATH."""
    program = folder / "bin" / "testgate"
    program.parent.mkdir()
    program.write_text(
        f"#!/bin/sh\nexec env --block-signal=INT,TERM {shlex.quote(sys.executable)} -I {shlex.quote(str(ENTRYPOINT))}\n"
    )
    program.chmod(0o755)
    whole = {**environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    with (folder / "log").open("wb") as log:
        first = subprocess.Popen(  # noqa: S603  # the example's script
            command, cwd=folder, env=whole, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield first
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(first.pid, signal.SIGKILL)
        first.wait()


def members(group: int) -> list[int]:
    """The processes of a group that still live, without the first, the youngest first."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != group:
            with contextlib.suppress(OSError):
                state, _parent, its_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
                found += [int(entry.name)] if int(its_group) == group and state != "Z" else []
    return sorted(found, reverse=True)


def all_at_once(first: int) -> None:
    """SIGTERM to every process."""
    os.killpg(first, signal.SIGTERM)


def all_but_the_first(first: int) -> None:
    """SIGTERM to every process but the first."""
    for each in members(first):
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGTERM)


def one_after_another(first: int) -> None:
    """SIGTERM as the runner's own script sends it: the youngest first, up to six seconds for each to end."""
    for each in members(first):
        with contextlib.suppress(ProcessLookupError):
            os.kill(each, signal.SIGTERM)
            until = time.monotonic() + 6
            while each in members(first) and time.monotonic() < until:
                time.sleep(0.05)


def job(server: Vendor, folder: Path) -> dict[str, str]:
    """The environment of a job on GitLab."""
    given = {"TESTGATE_API_KEY": KEY, "TESTGATE_BASE_URL": server.url, "TESTGATE_TEST_PLAN_ID": "274"}
    return {**environment(folder, {}, github=False), **given, "GITLAB_CI": "true", "CI_JOB_ID": "7"}


def cancelled(folder: Path, script: str, how: str, server: Vendor) -> int:
    """Start a script, cancel it when its run is going, and return its exit code."""
    with container(folder, [*shlex.split(SHELLS[how]), "-c", script], job(server, folder)) as first:
        wait_until(lambda: "running" in (folder / "log").read_text(errors="replace") or first.poll() is not None)
        SIGNALS[how](first.pid)
        return first.wait(HANG_SECONDS)


SIGNALS = {"bash": all_at_once, "sh": all_at_once, "children": all_but_the_first, "runner": one_after_another}
SHELLS = {"bash": "bash", "sh": "sh", "children": "bash", "runner": "bash"}


@pytest.mark.parametrize("how", [*SIGNALS])
@pytest.mark.parametrize("evaluated", [EVALUATED[0], full(EVALUATED[1])])
def test_a_cancel_on_gitlab_stops_the_run(tmp_path: Path, how: str, evaluated: str) -> None:
    """The example's script, in shells of the runner's shape: the run is stopped, and the reports are there."""
    script = runner_script(SHELLS[how], evaluated, lines_of("gitlab/.gitlab-ci.yml"))
    with simulator(one_plan(ENDLESS)) as server:
        code = cancelled(tmp_path, script, how, server)
        log = (tmp_path / "log").read_text(errors="replace")
        assert [each.path.rpartition("/")[2] for each in requests(server, "PUT")] == ["337"], log
    assert code != 0
    outputs = json.loads((tmp_path / "testgate-report" / "outputs.json").read_text(encoding="utf-8"))
    assert outputs["TESTGATE_OUT_CONCLUSION"] == "cancelled"
    assert (tmp_path / "testgate-report" / "junit.xml").exists()


def test_a_shell_in_between_loses_the_reports(tmp_path: Path) -> None:
    """The fault that the example avoids: these shells are like the runner's in what matters."""
    lines = [line.removeprefix("exec ") for line in lines_of("gitlab/.gitlab-ci.yml")]
    script = runner_script("bash", EVALUATED[0], lines)
    with simulator(one_plan(ENDLESS)) as server:
        cancelled(tmp_path, script, "bash", server)
    assert not (tmp_path / "testgate-report" / "junit.xml").exists()


@pytest.mark.parametrize("how", ["bash", "sh"])
def test_a_cancel_on_bitbucket_stops_the_run(tmp_path: Path, how: str) -> None:
    """Its script is one shell's; whatever that gets, the gate gets."""
    with simulator(one_plan(ENDLESS)) as server:
        cancelled(tmp_path, "set -e\n" + "\n".join(lines_of("bitbucket/bitbucket-pipelines.yml")), how, server)
        assert [each.path.rpartition("/")[2] for each in requests(server, "PUT")] == ["337"]
    assert (tmp_path / "testgate-report" / "junit.xml").exists()


# Pipelines whose shell must live on, and why that loses nothing.
LIVES_ON = {
    "argo/workflow.yaml": "the whole process group is signalled, and the shell has a trap",
    "codebuild/buildspec.yml": "no signal is documented, and the shell also runs `post_build`",
    "travis/.travis.yml": "the machine is removed, and the shell also runs `after_script`",
}
RUNS = re.compile(r"^[\s-]*(?:command: |script: )?(exec )?(?:testgate\s*(?:#.*)?$|docker run )", re.MULTILINE)


@pytest.mark.parametrize(
    "path",
    sorted(EXAMPLES.rglob("*")),
    ids=lambda path: str(path.relative_to(EXAMPLES)) if path.is_file() else "folder",
)
def test_no_pipeline_leaves_a_shell_between_the_signal_and_the_gate(path: Path) -> None:
    """Whatever starts the gate in a shell replaces it, or is listed with its reason."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    main = text.partition("after_script:")[0] if "gitlab" in path.parts else text
    name = str(path.relative_to(EXAMPLES))
    replaced = [bool(match[1]) for match in RUNS.finditer(main)]
    assert all(replaced) is (name not in LIVES_ON)
