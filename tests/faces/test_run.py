"""What the faces hand on arrives: hostile values as they are, and nothing that wasn't given."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.faces.reading import FACES, PUBLIC, SECRETS, camel, expanded, variable, yaml
from tests.support.step import run

HOSTILE = "a 'b' \"c\" $(touch pwned) `touch pwned` ; touch pwned # ${HOME}\n-e INPUT_COMMAND=stop\\"
KEYS = {f"TESTGATE_{name.upper().replace('-', '_')}" for name in SECRETS}
# Writes down its arguments, and the variables that it would hand on; as docker, it hands on only those that are set.
DOCKER = """#!/usr/bin/env python3
import json, os, sys
names = [value for option, value in zip(sys.argv, sys.argv[1:]) if option == "-e"]
given = {name: os.environ[name] for name in names if name in os.environ}
with open("docker.json", "w") as file:
    json.dump({"arguments": sys.argv[1:], "names": names, "given": given}, file)
"""


def handed_on(folder: Path, script: str, environ: Mapping[str, str]) -> Any:  # noqa: ANN401  # JSON is any shape
    """What a script hands on to docker, when bash runs it in a folder."""
    tools = folder / "bin"
    tools.mkdir()
    for name in ("docker", "buildkite-agent"):
        (tools / name).write_text(DOCKER, encoding="utf-8")
        (tools / name).chmod(0o755)
    (folder / "work").mkdir()
    path = f"{tools}:{os.environ['PATH']}"
    command = ["/bin/bash", "-c", script]
    subprocess.run(command, cwd=folder / "work", env={"PATH": path, **environ}, check=True, timeout=60)  # noqa: S603  # our own script
    assert [each.name for each in (folder / "work").iterdir()] == ["docker.json"], "a value ran as a command"
    return json.loads((folder / "work" / "docker.json").read_text(encoding="utf-8"))


def test_the_template_for_azure_hands_on_every_parameter(tmp_path: Path) -> None:
    """By name, so that no value is part of the script; with the secret variables."""
    values = {camel(name): f"{name} {HOSTILE}" for name in PUBLIC}
    step = expanded(values)["steps"][0]
    docker = handed_on(tmp_path, step["script"], step["env"])
    assert docker["given"] == {
        **{variable(name): f"{name} {HOSTILE}" for name in PUBLIC},
        **{key: f"$({key})" for key in KEYS},
    }
    assert docker["arguments"][-1] == "ghcr.io/your-org/testgate:0"
    assert HOSTILE not in step["script"]


def test_the_plugin_for_buildkite_hands_on_every_property(tmp_path: Path) -> None:
    """The agent sources a hook. Only what was given is handed on, and the image is the plugin's own."""
    hook = f'. "{FACES}/buildkite/hooks/command"'
    names = {name: variable(name).replace("INPUT_", "BUILDKITE_PLUGIN_TESTGATE_") for name in PUBLIC}
    given = {names[name]: f"{name} {HOSTILE}" for name in PUBLIC} | {"TESTGATE_API_KEY": "key"}
    docker = handed_on(tmp_path, hook, {**given, "BUILDKITE_PLUGIN_TESTGATE_IMAGE": "example.com/own:1"})
    expected = {variable(name): f"{name} {HOSTILE}" for name in PUBLIC} | {"TESTGATE_API_KEY": "key"}
    assert docker["given"] == expected
    assert set(docker["names"]) >= KEYS
    assert docker["arguments"][-1] == "example.com/own:1"


def test_the_plugin_hands_on_nothing_that_was_not_given(tmp_path: Path) -> None:
    """A property without a value has no variable."""
    hook = f'. "{FACES}/buildkite/hooks/command"'
    docker = handed_on(tmp_path, hook, {"BUILDKITE_PLUGIN_TESTGATE_TEST_PLAN_ID": "274", "BUILDKITE": "true"})
    assert docker["given"] == {"INPUT_TEST_PLAN_ID": "274", "BUILDKITE": "true"}
    assert docker["arguments"][-1] == "ghcr.io/your-org/testgate:0"


def test_the_plugin_uploads_the_reports(tmp_path: Path) -> None:
    """With a stand-in for the agent, which gets the pattern as it is."""
    hook = f'. "{FACES}/buildkite/hooks/post-command"'
    for number, (environ, pattern) in enumerate(
        (({}, "testgate-report*/**/*"), ({"BUILDKITE_PLUGIN_TESTGATE_REPORT_DIR": "a b"}, "a b*/**/*"))
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert handed_on(folder, hook, environ)["arguments"] == ["artifact", "upload", pattern]


def test_the_step_for_jenkins_passes_every_variable() -> None:
    """Those of the inputs and of the secrets, and no other that looks like one."""
    text = (FACES / "jenkins" / "vars" / "testgate.groovy").read_text(encoding="utf-8")
    passed = {name for name in re.findall(r" -e (\w+)", text) if name.startswith(("INPUT_", "TESTGATE_"))}
    assert passed == {variable(name) for name in PUBLIC} | KEYS
    for name in PUBLIC:
        assert f"        {camel(name)}: '{variable(name)}',\n" in text


def environment(ci: str) -> dict[str, str]:
    """The variables of the step, if only a demo without tests was given."""
    (document,) = yaml({"circleci": "circleci/orb.yml", "tekton": "tekton/task.yaml"}[ci])
    if ci == "circleci":
        found = document["jobs"]["gate"]["environment"]
    else:
        found = {each["name"]: each["value"] for each in document["spec"]["steps"][0]["env"] if "value" in each}
    plain = {name: value for name, value in found.items() if name != "INPUT_REPORT_DIR"}
    assert all(value.startswith(("<< parameters.", "$(params.")) for value in plain.values())
    given = {"INPUT_REPORT_DIR": "testgate-report", "INPUT_DEMO": "true", "INPUT_DEMO_SCENARIO": "empty"}
    assert set(given) <= set(found)
    return {**dict.fromkeys(plain, ""), **given}


@pytest.mark.parametrize("ci", ["circleci", "tekton"])
def test_an_input_that_is_empty_counts_as_not_given(ci: str, tmp_path: Path) -> None:
    """With all others empty, the demo is played, and nothing is complained about."""
    left = run(tmp_path, {}, extra=environment(ci), github=False)
    assert left.code == 6, left.log
    assert "NOTHING-RAN: Web shop: nightly regression" in left.log
    assert "warning" not in left.log
