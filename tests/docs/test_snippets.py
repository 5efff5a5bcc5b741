"""Every block of code in the documents: what people copy is valid, and gives inputs that exist, with valid values."""

import json
import re
import shlex
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from testgate.commandline.arguments import parse
from testgate.errors import InputError
from testgate.inputs.declaring import Options
from testgate.inputs.lookup import Lookup, is_input, spellings
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import declared, read
from testgate.management import MANAGEMENT
from testgate.providers import PROVIDERS
from tests.support.documents import DOCUMENTS, INPUTS, OUTPUTS, ROOT, Block, blocks
from tests.support.schemas import complaints

BLOCKS = [block for page in DOCUMENTS for block in blocks(page)]
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
PROSE = frozenset({"text", "console", ""})  # what a program prints
OTHERS = frozenset({"groovy", "kotlin"})  # pipelines, which tests/test_examples.py reads
CHECKED = frozenset({"yaml", "sh", "json", "toml", "xml"})
OUR_ACTION = re.compile(r"(?:\S+/)?your-org/testgate@\S+|\./testgate")
OUR_IMAGE = re.compile(r"(?:ghcr\.io/your-org/|localhost/|registry\.example\.com/)?testgate(?::[\w.]+)?")
EXPRESSION = re.compile(r"\$\{\{.*?\}\}|\$\(\w[\w.]*\)|\$\w+")
STEP_WORDS = frozenset({"uses", "run", "with"})
# Programs that the documents call besides ours; what follows them isn't ours to check.
PROGRAMS = frozenset(
    {".", "docker", "podman", "git", "export", "printf", "cosign", "gh", "crane", "python3", "cd", "cp", "curl"}
)
KEYWORDS = frozenset({"for", "do", "done", "if", "then", "fi"})
ENGINE_WORDS = frozenset({"build", "run", "push", "inspect", "login", "buildx", "tag"})
FLAGS_WITH_VALUES = frozenset(
    {"-v", "-w", "-e", "--volume", "--workdir", "--env", "--network", "--entrypoint", "--user"}
)


def of(*languages: str) -> pytest.MarkDecorator:
    """One test for each block in these languages."""
    found = [block for block in BLOCKS if block.language in languages]
    assert found
    return pytest.mark.parametrize("block", found, ids=lambda block: block.name)


def problems_with(given: Mapping[str, object]) -> list[str]:
    """What is wrong with these inputs, as the program sees it; values that a CI fills in get the input's example."""
    names = {name.lower() for name in given}
    unknown = [name for name in names if name not in INPUTS]
    if unknown:
        return [f"there is no input {name}" for name in unknown]
    models: list[type[Options]] = [
        CommonOptions,
        PROVIDERS[str(given.get("provider", "testsigma"))]().options,
        *(load().options for load in MANAGEMENT.values()),
    ]
    if foreign := names - {each.name for each in declared(models)}:
        return [f"{', '.join(foreign)}: inputs of another provider"]
    texts = {name: _text(name, value) for name, value in given.items()}
    environ = {f"INPUT_{name.upper()}": text for name, text in texts.items()}
    try:
        read(Lookup(environ, read_file=lambda _path: ""), models)
    except InputError as error:
        return [*error.problems]
    return []


def _text(name: str, value: object) -> str:
    """The value as a CI passes it."""
    text = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    if INPUTS[name].secret:
        return "a-key-of-the-ci" if name.endswith(("key", "token")) else INPUTS[name].example
    return INPUTS[name].example if EXPRESSION.fullmatch(text.strip()) else EXPRESSION.sub("1", text)


def input_of(variable: str) -> str:
    """The input that a variable gives, by itself or, if it is a secret, by naming a file; "" if none."""
    own = {spelling: name for name in INPUTS for spelling in spellings(name)}
    return own.get(variable) or next(
        (name for name in INPUTS if INPUTS[name].secret and variable in {f"{each}_FILE" for each in spellings(name)}),
        "",
    )


def problems_with_variables(given: Mapping[str, object]) -> list[str]:
    """What is wrong with these variables; one without a value may have any."""
    ours = {name: value for name, value in given.items() if is_input(name) and not name.startswith("TESTGATE_OUT_")}
    if unknown := [f"no input is called {name}" for name in ours if not input_of(name)]:
        return unknown
    valued = {input_of(name): value for name, value in ours.items() if value and not INPUTS[input_of(name)].secret}
    return problems_with(valued)


def documents(block: Block) -> list[Any]:
    """The data of a block in YAML; duplicate keys are an error."""
    return [*YAML(typ="safe", pure=True).load_all(block.text)]


def mappings(data: object) -> Iterator[Mapping[str, Any]]:
    """Every mapping in the data, the outer ones first."""
    if isinstance(data, Mapping):
        yield data
        for value in data.values():
            yield from mappings(value)
    elif isinstance(data, list):
        for value in data:
            yield from mappings(value)


def commands_in(text: str) -> Iterator[list[str]]:
    """The words of each command in a script of a shell."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"\w+=.*", words[0]):
            words.pop(0)
        if words and words[0] == "exec":
            words.pop(0)
        if words and words[0] not in KEYWORDS:
            yield words


def problems_with_command(words: list[str]) -> list[str]:
    """What is wrong with a command."""
    program, *rest = words
    if program == "testgate":
        return problems_with_arguments(rest)
    if program == "make":
        targets = [word for word in rest if "=" not in word]
        return [f"no target {word}" for word in targets if not re.search(rf"^{word}:", MAKEFILE, re.MULTILINE)]
    if program == "export":
        return problems_with_variables(dict(word.partition("=")[::2] for word in rest))
    if program in {"docker", "podman"}:
        return problems_with_engine(rest)
    return [] if program in PROGRAMS else [f"{program}: is this a program that people have?"]


def problems_with_engine(words: list[str]) -> list[str]:
    """What is wrong with the arguments of docker."""
    if words[0] not in ENGINE_WORDS:
        return [f"docker {words[0]}"]
    if words[0] != "run":
        return []
    given: dict[str, str] = {}
    rest = words[1:]
    while rest and rest[0].startswith("-"):
        flag = rest.pop(0)
        value = rest.pop(0) if flag in FLAGS_WITH_VALUES else ""
        if flag in {"-e", "--env"}:
            name, _, text = value.partition("=")
            given[name] = text
    if not rest or not OUR_IMAGE.fullmatch(rest[0]):
        return [f"which image is {rest[:1]}?"]
    mounted = "-v" in words and "-w" in words
    wrong = [] if mounted else ["without -v and -w, the reports are lost"]
    return [*wrong, *problems_with_variables(given), *(problems_with_arguments(rest[1:]) if rest[1:] else [])]


def problems_with_arguments(arguments: list[str]) -> list[str]:
    """What is wrong with the arguments of our program."""
    found = parse(arguments)
    if found.problems:
        return [*found.problems]
    names = {name.removeprefix("INPUT_").lower(): text for name, text in found.variables.items()}
    return problems_with({name: text for name, text in names.items() if name not in {"demo", "command"}})


def test_every_block_has_a_language_that_is_checked() -> None:
    """A block in another language would be checked by nobody."""
    assert [block.name for block in BLOCKS if block.language not in PROSE | OTHERS | CHECKED] == []
    assert {block.language for block in BLOCKS} >= {"yaml", "sh", "toml", "text"}


@of("yaml")
def test_yaml_gives_inputs_that_exist_with_valid_values(block: Block) -> None:
    """`with:` of our action, also on its own, and variables under any key. Outputs that are read exist."""
    data = documents(block)
    problems: list[str] = []
    for each in mappings(data):
        alone = each in data and "with" in each and "uses" not in each
        if OUR_ACTION.fullmatch(str(each.get("uses", ""))) or alone:
            problems += problems_with(each["with"])
        variables = {str(name): value for name, value in each.items() if isinstance(value, str | int | float | bool)}
        problems += problems_with_variables(variables)
    assert problems == []
    assert {*re.findall(r"steps\.testgate\.outputs\.([a-z-]+)", block.text)} <= {*OUTPUTS}


@of("yaml")
def test_yaml_is_valid_for_github(block: Block, tmp_path: Path) -> None:
    """Workflows, and parts of them, as they are in a workflow: GitHub's schema holds."""
    workflow = _workflow(documents(block)[0])
    if workflow is None:
        return
    path = tmp_path / "workflow.yml"
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(workflow, file)
    assert complaints(path, "vendor.github-workflows") == ""


def _workflow(data: object) -> object:
    """The workflow that a part of one belongs to; None if it belongs to another CI, or to none."""
    if not isinstance(data, Mapping):
        return None
    trigger = {"on": "push"}
    jobs = data.get("jobs")
    if isinstance(jobs, Mapping) and any("runs-on" in job for job in jobs.values() if isinstance(job, Mapping)):
        return {**trigger, **data}
    job: dict[str, object] = {"runs-on": "ubuntu-latest"}
    if set(data) == {"steps"} and any(STEP_WORDS & {*mapping} for mapping in data["steps"]):
        return {**trigger, "jobs": {"part": {**job, **data}}}
    if set(data) == {"with"}:
        return {**trigger, "jobs": {"part": {**job, "steps": [{"uses": "your-org/testgate@main", **data}]}}}
    return None


@of("yaml")
def test_scripts_in_yaml_are_valid(block: Block) -> None:
    """The lines of `run:` that call our program."""
    for each in mappings(documents(block)):
        lines = [line for line in str(each.get("run", "")).splitlines() if re.match(r"(?:exec )?testgate ", line)]
        for words in commands_in("\n".join(lines)):
            assert problems_with_command(words) == []


@of("sh")
def test_commands_are_valid(block: Block) -> None:
    """The parser of arguments reads `testgate …` and `docker run … testgate …`, and the models read the values."""
    found = {" ".join(words): problems_with_command(words) for words in commands_in(block.text)}
    assert {command: problems for command, problems in found.items() if problems} == {}


@of("toml", "json", "xml")
def test_data_is_valid(block: Block) -> None:
    """The block can be read in its language."""
    readers: Mapping[str, Callable[[str], object]] = {
        "toml": tomllib.loads,
        "json": json.loads,
        "xml": ET.fromstring,
    }
    assert readers[block.language](block.text) is not None


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("testgate run --test-plan-id 274", False),
        ("testgate run --test-plan-id seven", True),
        ("testgate rnu", True),
        ("testgate run --api-key abc", True),
        ("docker run --rm -v a:a -w a -e TESTGATE_TEST_PLAN_ID=274 testgate", False),
        ("docker run --rm -v a:a -w a -e TESTGATE_TEST_PLAN=274 testgate", True),
        ("docker run --rm -v a:a -w a -e TESTGATE_TIMEOUT=60 testgate", True),
        ("docker run --rm -e TESTGATE_DEMO=true testgate", True),
        ("docker run --rm -v a:a -w a other/image", True),
        ("docker run --rm -v a:a -w a testgate demo --scenario flaky", True),
        ("make demo SCENARIO=flaky", False),
        ("make dmeo", True),
        ("export TESTGATE_API_KEE=abc", True),
        ("frobnicate", True),
    ],
)
def test_a_wrong_command_is_found(text: str, wrong: bool) -> None:
    """The checks of commands can fail."""
    (words,) = commands_in(text)
    assert bool(problems_with_command(words)) is wrong


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"api-key": "${{ secrets.KEY }}", "test-plan-id": "274"}, False),
        ({"test-plan": "274"}, True),
        ({"timeout": "1 hour"}, True),
        ({"provider": "testifly", "test-plan-id": "274"}, True),
        ({"demo": True}, False),
        ({"demo": "perhaps"}, True),
    ],
)
def test_wrong_inputs_are_found(given: Mapping[str, object], wrong: bool) -> None:
    """The checks of inputs can fail."""
    assert bool(problems_with(given)) is wrong


# What the pages quote of CIs in the form `word: value`.
QUOTED = frozenset(
    {
        "artifacts",
        "condition",
        "dependencies",
        "entrypoint",
        "if",
        "image",
        "interpolate",
        "mount-buildkite-agent",
        "needs",
        "permissions",
        "reports",
        "submodules",
        "tty",
        "uses",
        "when",
    }
)


def quoted_inputs(page: Path) -> Iterator[tuple[str, str]]:
    """Each `input: value` in the text of a page."""
    prose = re.sub(r"^( *)```.*?^\1```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for span in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose):
        name, colon, value = span.partition(": ")
        if colon and re.fullmatch(r"[a-z]+(?:-[a-z]+)*", name):
            yield name, value


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_inputs_in_the_text_exist_and_have_valid_values(page: Path) -> None:
    """`rerun-failed: 2` in a sentence is as correct as in a block."""
    for name, value in quoted_inputs(page):
        if "…" not in value and name not in QUOTED:
            assert name in INPUTS, f"{name}: {value}"
            # What is wrong with the value itself; it may need another input beside it.
            wrong = [problem for problem in problems_with({name: value}) if problem.startswith(f"`{name}`: ")]
            assert wrong == [], f"{name}: {value}"
