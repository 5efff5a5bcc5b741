"""The pipelines to paste: each is valid, gives inputs that exist, and passes to the container what TestGate needs."""

import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from testgate import __version__
from testgate.gate.outputs import OUTPUTS, as_variables
from testgate.inputs.declaring import Options
from testgate.inputs.lookup import spellings
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import declared
from testgate.management import MANAGEMENT
from testgate.platforms import PLATFORMS, choose
from testgate.providers import PROVIDERS
from tests.grammars import CIS, dialect_of
from tests.support.schemas import bundled, complaints
from tests.support.surroundings import load, recorded

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "examples"
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
# The tag that moves with every release of this major version.
IMAGE = f"ghcr.io/your-org/testgate:{__version__.partition('.')[0]}"
ACTION = "your-org/testgate@main"
SCHEMAS = bundled()
FILES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
NAMES = sorted({path.parent.name for path in FILES})
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


def docker_runs(path: Path) -> list[str]:
    """The arguments of each `docker run` in the file."""
    return re.findall(r"\bdocker run (.*)", text_of(path))


def passed(path: Path) -> Iterator[set[str]]:
    """The variables that each `docker run` of the file passes to the container."""
    for line in docker_runs(path):
        yield set(re.findall(r"(?:-e|--env)[ =]([A-Z_]+)(?==|\s|'|\"|$)", line))


def schema_of(ci: str) -> str:
    """The schema of the CI's pipelines: the one that its dialect names, or the one that has its name; "" for none."""
    named = [name for name in SCHEMAS if name.replace("-", "").startswith(ci)]
    given = dialect_of(ci).schema if ci in CIS else ""
    assert given or len(named) <= 1, f"several schemas for {ci}: name one in its dialect"
    return given or next((f"vendor.{name}" for name in named), "")


def words_of(text: str) -> str:
    """The text in lower case, without spaces and hyphens."""
    return re.sub(r"[\s-]", "", text.lower())


def test_every_adapter_has_an_example() -> None:
    """A folder of its own name; the CIs without an adapter of their own speak `plain`."""
    assert set(PLATFORMS) - {"plain"} <= set(NAMES)
    assert {choose(recorded(name)) for name in NAMES if name in CIS} == set(PLATFORMS)


@each_file
def test_it_is_valid_if_its_ci_has_a_schema(path: Path) -> None:
    """The CI's own schema accepts it."""
    schema = schema_of(path.parent.name)
    if schema:
        assert complaints(path, schema) == ""


@pytest.mark.parametrize("row", re.findall(r"^\| \[.*", PAGE, re.MULTILINE), ids=lambda row: row[3:20])
def test_the_documents_name_the_schemas_that_are_checked(row: str) -> None:
    """A row of "What works where" mentions a schema if and only if one is checked."""
    ci = words_of(row.partition("]")[0])
    assert ("schema" in row.rpartition("|")[0].rpartition("|")[2]) == any(
        schema_of(name) for name in NAMES if name in ci
    )


@each_file
def test_it_runs_testgate(path: Path) -> None:
    """The one image, or the one action, by the name that users replace with theirs."""
    text = text_of(path)
    assert IMAGE in text or ACTION in text
    assert set(re.findall(r"your-org/testgate[:@][\w.]+", text)) <= {IMAGE.removeprefix("ghcr.io/"), ACTION}


@each_file
def test_it_gives_inputs_and_reads_outputs_that_exist(path: Path) -> None:
    """No variable that looks like an input or an output is misspelled."""
    text = text_of(path)
    known = {spelling for name in INPUTS for spelling in spellings(name)}
    named = set(re.findall(r"\b((?:TESTGATE|PLUGIN)_[A-Z_]+)\b", text))
    outputs = set(as_variables(dict.fromkeys(OUTPUTS, "")))
    assert named <= known | outputs
    assert re.search(r"TESTGATE_API_KEY|api[-_]key", text)
    assert "274" in text or "67f8cb3fe236b8d41b7700ac" in text


@each_file
def test_its_container_gets_what_it_needs(path: Path) -> None:
    """With only the variables of its `docker run`, TestGate knows the CI, the build and the outputs."""
    for names in passed(path):
        whole = recorded(path.parent.name)
        environ = {name: value for name, value in whole.items() if name in names}
        assert choose(environ) == choose(whole)
        programs = dialect_of(path.parent.name).programs
        inside, outside = (load(choose(whole), given, *programs) for given in (environ, whole))
        assert inside.build == outside.build
        values = {"run-id": "337", "conclusion": "failed"}
        assert inside.outputs(values) == outside.outputs(values)
        assert inside.hint == ""
        assert inside.debug == outside.debug


@each_file
def test_its_container_is_removed(path: Path) -> None:
    """Each `docker run` removes its container, and mounts the workspace where the CI knows it."""
    for line in docker_runs(path):
        assert "--rm" in line
        assert re.search(r"-v \S*\"?\$+\{?(\w+)\}?:\$+\{?\1\}?|-v \S*%(\S+)%:%\2%", line), line
        assert "-w " in line


def test_a_pipeline_without_a_place_is_shown_at_the_end(tmp_path: Path) -> None:
    """The generator adds it to the last part of docs/ci.md, so that no pipeline is forgotten."""
    pipelines = runpy.run_path(str(ROOT / "docs" / "generate.py"))["pipelines"]
    for name in ("known/a.yml", "new-ci/pipeline.yaml"):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(f"a: {name}\n", encoding="utf-8")
    made = pipelines("<!-- generated: known/a.yml -->\n<!-- generated: other pipelines -->\n", tmp_path)
    assert made["known/a.yml"] == "```yaml\na: known/a.yml\n```\n"
    assert made["other pipelines"] == "### new-ci\n\n```yaml\na: new-ci/pipeline.yaml\n```\n"
