"""Reads the faces as their CIs do: their inputs, and the variables of the container for given inputs."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML

from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import Input, declared
from testgate.management import MANAGEMENT
from testgate.providers import CODED

ROOT = Path(__file__).parents[2]
FACES = ROOT / "faces"
INPUTS: Mapping[str, Input] = {
    each.name: each
    for each in declared(
        [
            CommonOptions,
            *(entry().options for entry in CODED.values()),
            *(entry().options for entry in MANAGEMENT.values()),
        ]
    )
}
SECRETS = {name for name, each in INPUTS.items() if each.secret}
# The face knows its CI, and where the JUnit report is.
PUBLIC = set(INPUTS) - SECRETS - {"platform", "junit-file"}


def variable(name: str) -> str:
    """The variable that a face sets for an input."""
    return f"INPUT_{name.upper().replace('-', '_')}"


def camel(name: str) -> str:
    """The input's name without hyphens."""
    return re.sub(r"-(\w)", lambda match: match[1].upper(), name)


def text_of(name: str) -> str:
    """The text of a file below faces/."""
    return (FACES / name).read_text(encoding="utf-8")


@cache
def yaml(name: str) -> list[Any]:
    """The documents of a YAML file below faces/; duplicate keys are an error."""
    return [*YAML(typ="safe", pure=True).load_all(text_of(name))]


def example(page: str, language: str = "yaml") -> str:
    """The first block of code in a page below faces/."""
    found = re.search(rf"^```{language}\n(.*?)^```", text_of(page), re.DOTALL | re.MULTILINE)
    assert found, page
    return found[1]


class Face(NamedTuple):
    """A face: the names of its inputs, those of its own included, the default of each, and its text."""

    inputs: Mapping[str, Mapping[str, Any]]
    own: set[str]
    text: str


def expanded(parameters: Mapping[str, str]) -> Any:  # noqa: ANN401  # YAML is any shape
    """The template for Azure with these parameters, and the defaults of the others, in their places."""
    (template,) = yaml("azure/testgate.yml")
    values = {**{each["name"]: each["default"] for each in template["parameters"]}, **parameters}

    def filled(node: Any) -> Any:  # noqa: ANN401  # as above
        if isinstance(node, dict):
            return {name: filled(each) for name, each in node.items()}
        if isinstance(node, list):
            return [filled(each) for each in node]
        return re.sub(r"\$\{\{ parameters\.(\w+) \}\}", lambda match: values[match[1]], node)

    return filled(template)


def gitlab() -> Face:
    """The component."""
    spec, _job = yaml("gitlab/templates/testgate.yml")
    own = {"job-name", "stage", "image", "job-timeout"}
    return Face(spec["spec"]["inputs"], own, text_of("gitlab/templates/testgate.yml"))


def circleci() -> Face:
    """The orb."""
    (orb,) = yaml("circleci/orb.yml")
    own = {"image", "resource-class", "no-output-timeout"}
    return Face(orb["jobs"]["gate"]["parameters"], own, text_of("circleci/orb.yml"))


def azure() -> Face:
    """The template, with its parameters by the names of the inputs."""
    (template,) = yaml("azure/testgate.yml")
    names = {camel(name): name for name in INPUTS}
    found = {names.get(each["name"], each["name"]): each for each in template["parameters"]}
    described = {name: {**each, "description": each["displayName"]} for name, each in found.items()}
    return Face(described, {"image", "stepName", "artifact"}, text_of("azure/testgate.yml"))


def buildkite() -> Face:
    """The plugin."""
    (plugin,) = yaml("buildkite/plugin.yml")
    text = text_of("buildkite/plugin.yml") + text_of("buildkite/hooks/command")
    return Face(plugin["configuration"]["properties"], {"image"}, text)


def tekton() -> Face:
    """The task."""
    (task,) = yaml("tekton/task.yaml")
    params = {each["name"]: each for each in task["spec"]["params"]}
    return Face(params, {"image", "secret"}, text_of("tekton/task.yaml"))


def github() -> Face:
    """The reusable workflow."""
    (workflow,) = yaml("github/testgate.yml")
    own = {"job-name", "runs-on", "job-minutes", "artifact"}
    return Face(workflow["on"]["workflow_call"]["inputs"], own, text_of("github/testgate.yml"))


def jenkins() -> Face:
    """The step, whose help describes the inputs."""
    names = {camel(name): name for name in INPUTS}
    terms = re.findall(r"<dt><code>(\w+)</code></dt>\n  <dd>(.*)</dd>", text_of("jenkins/vars/testgate.txt"))
    described = {
        names[term]: {"description": re.sub(r"</?code>", "`", text).replace("&lt;", "<").replace("&amp;", "&")}
        for term, text in terms
    }
    return Face(described, set(), text_of("jenkins/vars/testgate.groovy"))


FACES_READ = {
    "gitlab": gitlab,
    "circleci": circleci,
    "azure": azure,
    "buildkite": buildkite,
    "tekton": tekton,
    "github": github,
    "jenkins": jenkins,
}
