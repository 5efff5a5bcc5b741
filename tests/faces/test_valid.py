"""The CIs' schemas accept the faces and the examples of their pages; those without a schema have the right shape."""

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from ruamel.yaml import YAML

from tests.faces.reading import FACES, example, expanded, text_of, yaml
from tests.support.schemas import complaints

# The page, and the schema of the pipeline in it.
EXAMPLES = {
    "gitlab": "gitlab-ci",
    "circleci": "circle-ci",
    "azure": "azure-pipelines",
    "buildkite": "buildkite",
    "bitbucket": "bitbucket-pipelines",
    "github": "github-workflows",
    "woodpecker": "woodpecker-ci",
    "drone": "drone-ci",
}


@pytest.mark.parametrize("ci", EXAMPLES)
def test_the_example_of_the_page_is_a_valid_pipeline(ci: str, tmp_path: Path) -> None:
    """As somebody pastes it."""
    path = tmp_path / f"{ci}.yml"
    path.write_text(example(f"{ci}/README.md"), encoding="utf-8")
    assert complaints(path, f"vendor.{EXAMPLES[ci]}") == ""


def test_the_component_is_valid(tmp_path: Path) -> None:
    """Its header; and its job, with the default of each input in its place."""
    head, job = text_of("gitlab/templates/testgate.yml").split("---\n")
    defaults = YAML(typ="safe", pure=True).load(head)["spec"]["inputs"]
    for name, each in defaults.items():
        job = job.replace(f"$[[ inputs.{name} ]]", each["default"])
    assert "$[[" not in job
    for name, text in {"head.yml": head, "job.yml": job}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert complaints(tmp_path / name, "vendor.gitlab-ci") == ""


def test_the_orb_is_valid(tmp_path: Path) -> None:
    """As an inline orb in a pipeline. Its own example is the one of its page."""
    (orb,) = yaml("circleci/orb.yml")
    pipeline = {
        "version": 2.1,
        "orbs": {"testgate": {"jobs": orb["jobs"]}},
        "workflows": {"gate": {"jobs": [{"testgate/gate": {"test-plan-id": "274"}}]}},
    }
    path = tmp_path / "config.yml"
    YAML(typ="safe", pure=True).dump(pipeline, path)
    assert complaints(path, "vendor.circle-ci") == ""
    assert orb["version"] == 2.1
    assert orb["examples"]["gate"]["usage"] == YAML(typ="safe", pure=True).load(example("circleci/README.md"))


def test_the_workflow_is_valid() -> None:
    """It is a complete file of GitHub's."""
    assert complaints(FACES / "github" / "testgate.yml", "vendor.github-workflows") == ""


def test_the_template_is_valid(tmp_path: Path) -> None:
    """As Azure expands it, with the default of each parameter in its place."""
    path = tmp_path / "azure-pipelines.yml"
    YAML(typ="safe", pure=True).dump(expanded({}), path)
    assert complaints(path, "vendor.azure-pipelines") == ""


def test_the_plugin_is_valid() -> None:
    """Its shape is that of Buildkite's documentation; its configuration is a schema that accepts the page's example."""
    (plugin,) = yaml("buildkite/plugin.yml")
    assert set(plugin) == {"name", "description", "author", "requirements", "configuration"}
    assert plugin["requirements"] == ["docker"]
    schema: dict[str, Any] = plugin["configuration"]
    Draft7Validator.check_schema(schema)
    assert schema["additionalProperties"] is False
    (step,) = YAML(typ="safe", pure=True).load(example("buildkite/README.md"))["steps"]
    (used,) = step["plugins"]
    assert [*Draft7Validator(schema).iter_errors(*used.values())] == []
    for wrong in ({"test-plan": 274}, {"api-key": "x"}, {"wait": "no"}, {"on-busy": "maybe"}):
        assert [*Draft7Validator(schema).iter_errors(wrong)], wrong


def test_the_task_is_complete() -> None:
    """Tekton's documentation: each parameter is used, and each that is used is declared; results are written."""
    (task,) = yaml("tekton/task.yaml")
    text = text_of("tekton/task.yaml")
    spec = task["spec"]
    assert (task["apiVersion"], task["kind"]) == ("tekton.dev/v1", "Task")
    declared = {each["name"] for each in spec["params"]}
    used = {part.partition(")")[0] for part in text.split("$(params.")[1:]}
    assert used == declared
    assert all(set(each) == {"name", "description", "default"} for each in spec["params"])
    given = YAML(typ="safe", pure=True).load(example("tekton/README.md"))
    assert {each["name"] for each in given["spec"]["params"]} <= declared
    for result in spec["results"]:
        assert f"$(results.{result['name']}.path)" in text


def test_the_schemas_are_those_of_the_ci() -> None:
    """The schema for GitLab knows components: it rejects an input of an unknown type."""
    spec = find_spec("check_jsonschema")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    path = Path(spec.submodule_search_locations[0], "builtin_schemas", "vendor", "gitlab-ci.json")
    assert "configInputs" in json.loads(path.read_text(encoding="utf-8"))["definitions"]
