"""The pipelines to paste: each is valid, gives inputs that exist, and hands the container what TestGate needs there."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from testgate import __version__
from testgate.gate.outputs import OUTPUTS, as_variables
from testgate.inputs.lookup import spellings
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import Options, declared
from testgate.management import MANAGEMENT
from testgate.platforms import PLATFORMS, choose
from testgate.providers import PROVIDERS
from tests.support.surroundings import load, recorded

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "examples"
# The tag that moves with every release of this major version.
IMAGE = f"ghcr.io/your-org/testgate:{__version__.partition('.')[0]}"
ACTION = "your-org/testgate@main"
# By the folder: the dialect that is spoken there, and the schema of its file where one is known.
CIS = {
    "github": ("github", "vendor.github-workflows"),
    "gitea": ("github", "vendor.github-workflows"),
    "forgejo": ("github", "vendor.github-workflows"),
    "gitlab": ("gitlab", "vendor.gitlab-ci"),
    "azure": ("azure", "vendor.azure-pipelines"),
    "jenkins": ("jenkins", ""),
    "circleci": ("circleci", "vendor.circle-ci"),
    "bitbucket": ("bitbucket", "vendor.bitbucket-pipelines"),
    "buildkite": ("buildkite", "vendor.buildkite"),
    "teamcity": ("teamcity", ""),
    "woodpecker": ("woodpecker", "vendor.woodpecker-ci"),
    "drone": ("drone", "vendor.drone-ci"),
    "harness": ("drone", ""),
    "tekton": ("plain", ""),
    "argo": ("plain", ""),
    "cloudbuild": ("plain", "vendor.cloudbuild"),
    "codebuild": ("plain", ""),
    "travis": ("plain", "vendor.travis"),
}
REGEX = ("--regex-variant", "nonunicode")  # Azure's schema has patterns that are none in the stricter sort
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
MODELS: list[type[Options]] = [
    CommonOptions,
    *(entry().options for entry in PROVIDERS.values()),
    *(entry().options for entry in MANAGEMENT.values()),
]
INPUTS = [each.name for each in declared(MODELS)]
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))


def text_of(path: Path) -> str:
    """The file, with lines joined where a backslash ends them, as a shell reads them."""
    return re.sub(r"\\\n\s*", " ", path.read_text(encoding="utf-8"))


def passed(path: Path) -> Iterator[set[str]]:
    """The variables that each `docker run` of the file hands to the container."""
    for line in re.findall(r"\bdocker run (.*)", text_of(path)):
        yield set(re.findall(r"(?:-e|--env)[ =]([A-Z_]+)(?==|\s|'|\"|$)", line))


def test_every_ci_has_an_example() -> None:
    """Each adapter is shown in a pipeline, and each folder is of a CI that is listed here."""
    assert {path.parent.name for path in FILES} == set(CIS)
    assert {dialect for dialect, _schema in CIS.values()} == set(PLATFORMS)


@each_file
def test_it_is_valid_where_its_ci_has_a_schema(path: Path) -> None:
    """The CI's own schema takes it."""
    schema = CIS[path.parent.name][1]
    if schema:
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, *REGEX, str(path)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603  # a tool of the tests
        assert done.returncode == 0, done.stdout


@each_file
def test_it_runs_testgate(path: Path) -> None:
    """The one image, or the one action, by the name that users replace with theirs."""
    text = text_of(path)
    assert IMAGE in text or ACTION in text
    assert set(re.findall(r"your-org/testgate[:@][\w.]+", text)) <= {IMAGE.removeprefix("ghcr.io/"), ACTION}


@each_file
def test_it_gives_inputs_and_reads_outputs_that_exist(path: Path) -> None:
    """No variable that looks like an input is misspelt, and none that looks like an output either."""
    text = text_of(path)
    known = {spelling for name in INPUTS for spelling in spellings(name)}
    named = set(re.findall(r"\b((?:TESTGATE|PLUGIN)_[A-Z_]+)\b", text))
    outputs = set(as_variables(dict.fromkeys(OUTPUTS, "")))
    assert named <= known | outputs
    assert re.search(r"TESTGATE_API_KEY|api[-_]key", text)
    assert "274" in text


@each_file
def test_its_container_gets_what_it_needs(path: Path) -> None:
    """With only the variables of its `docker run` line, TestGate knows CI, build and outputs as with all of them."""
    dialect, _schema = CIS[path.parent.name]
    for names in passed(path):
        whole = recorded(dialect if dialect != "plain" else path.parent.name)
        environ = {name: value for name, value in whole.items() if name in names}
        assert choose(environ) == choose(whole) == dialect
        inside, outside = (load(dialect, given, "buildkite-agent") for given in (environ, whole))
        assert inside.build == outside.build
        values = {"run-id": "337", "conclusion": "failed"}
        assert inside.outputs(values) == outside.outputs(values)
        assert inside.hint == ""
        assert inside.debug == outside.debug


@each_file
def test_its_container_is_gone_when_it_has_ended(path: Path) -> None:
    """Each `docker run` removes its container, and mounts the workspace where the CI knows it."""
    for line in re.findall(r"\bdocker run (.*)", text_of(path)):
        assert "--rm" in line
        assert re.search(r"-v \S*\"?\$+\{?(\w+)\}?:\$+\{?\1\}?|-v \S*%(\S+)%:%\2%", line), line
        assert "-w " in line
