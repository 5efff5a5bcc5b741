"""Each face has every input, with its description and its words; secrets are never among them."""

import re

import pytest

from testgate.inputs.lookup import spellings
from tests.faces.reading import (
    FACES,
    FACES_READ,
    INPUTS,
    PUBLIC,
    ROOT,
    SECRETS,
    camel,
    text_of,
    variable,
    yaml,
)
from tests.support.documents import generate
from tests.support.outputs import WITH_NOTICE

each_face = pytest.mark.parametrize("ci", FACES_READ)
REPORTS = "testgate-report"


@each_face
def test_it_has_every_input(ci: str) -> None:
    """No input is missing, and none is left over."""
    face = FACES_READ[ci]()
    assert set(face.inputs) == PUBLIC | face.own
    assert SECRETS


@each_face
def test_descriptions_come_from_the_models(ci: str) -> None:
    """With the default that the program applies."""
    for name, given in FACES_READ[ci]().inputs.items():
        assert given["description"]
        if name in PUBLIC:
            plain = given["description"].replace("`", "").replace("'", '"')
            assert plain.startswith(INPUTS[name].description.replace("`", "").replace("'", '"')), name
            default = INPUTS[name].default
            assert not default or plain.endswith(f"Default: {default}."), name


@each_face
def test_the_program_applies_the_defaults(ci: str) -> None:
    """An input that isn't given is empty or absent; only the report directory is named, as the CI must find it."""
    inputs = FACES_READ[ci]().inputs
    for name in PUBLIC:
        default = inputs[name].get("default", "")
        assert default == (REPORTS if name == "report-dir" and default else ""), name


@each_face
def test_each_input_is_handed_on_in_a_variable_that_the_program_reads(ci: str) -> None:
    """Under the input's own spelling, which comes before variables of the job."""
    text = FACES_READ[ci]().text
    for name in PUBLIC:
        if ci == "github":
            assert f"{name}: ${{{{ inputs.{name} }}}}\n" in text
            continue
        assert variable(name) in spellings(name)
        assert re.search(rf"\b{variable(name)}\b", text), name


@each_face
def test_no_secret_is_an_input(ci: str) -> None:
    """A secret comes from the CI's secrets; where a container is started, its variable is passed on by name."""
    face = FACES_READ[ci]()
    for name in SECRETS:
        assert name not in face.inputs
        assert camel(name) not in face.inputs
        assert variable(name) not in face.text
        if "docker run" in face.text:
            assert f"-e TESTGATE_{name.upper().replace('-', '_')} " in face.text


@pytest.mark.parametrize("name", sorted(path.name for path in FACES.iterdir() if path.is_dir()))
def test_each_face_has_a_page(name: str) -> None:
    """How to use and to publish it; the page of all faces links to it, and links have a target."""
    page = text_of(f"{name}/README.md")
    assert "## Use\n" in page
    assert "## Publish\n" in page
    assert f"({name}/README.md)" in text_of("README.md")
    for link in re.findall(r"\]\(([^)#]+)", page):
        assert (FACES / name / link).exists(), link


def test_nothing_else_is_there() -> None:
    """Every file is generated; hooks can be executed."""
    made = generate.faces()
    assert {path for path in FACES.rglob("*") if path.is_file()} == set(made)
    hooks = [path for path, text in made.items() if text.startswith("#!")]
    assert len(hooks) == 2
    assert all(path.stat().st_mode & 0o111 for path in hooks)


def test_choices_are_words_that_the_program_accepts() -> None:
    """Where a CI has choices that may be left empty."""
    gitlab, buildkite = (FACES_READ[ci]().inputs for ci in ("gitlab", "buildkite"))
    for name in PUBLIC:
        options = gitlab[name].get("options", [])
        flag = INPUTS[name].default in {"true", "false"} and not INPUTS[name].choices
        known = INPUTS[name].choices or (("true", "false") if flag else ())
        assert not known or options == ["", *known], name
        enum = buildkite[name].get("enum", [])
        assert flag == (buildkite[name].get("type") == "boolean"), name
        assert flag or not known or enum == [*known], name


def test_the_pages_of_plugins_have_every_setting() -> None:
    """Woodpecker and Drone hand settings on as they are, secrets too."""
    for name in ("woodpecker", "drone"):
        found = re.findall(r"^\| `(\w+)` \| (a secret; )?", text_of(f"{name}/README.md"), re.MULTILINE)
        assert {setting for setting, _secret in found} == {each.replace("-", "_") for each in PUBLIC | SECRETS}
        assert {setting for setting, secret in found if secret} == {each.replace("-", "_") for each in SECRETS}


def test_the_pipe_has_every_variable() -> None:
    """Bitbucket hands variables on as they are; a secret's is the secured variable of the same name."""
    (pipe,) = yaml("bitbucket/pipe.yml")
    found = {each["name"]: each for each in pipe["variables"]}
    assert set(found) == {f"TESTGATE_{name.upper().replace('-', '_')}" for name in PUBLIC | SECRETS}
    for name, each in found.items():
        assert each.get("default", "") in {"", f"${name}"}
    assert set(pipe) >= {"name", "description", "category", "image", "repository", "maintainer", "tags"}


def test_the_workflow_hands_on_secrets_and_outputs() -> None:
    """All of them, under their own names."""
    (workflow,) = yaml("github/testgate.yml")
    call, job = workflow["on"]["workflow_call"], workflow["jobs"]["testgate"]
    given = job["steps"][0]["with"]
    assert set(call["secrets"]) == SECRETS
    assert given == {name: f"${{{{ {'secrets' if name in SECRETS else 'inputs'}.{name} }}}}" for name in given}
    assert set(given) == PUBLIC | SECRETS
    assert {name: each["description"] for name, each in call["outputs"].items()} == dict(WITH_NOTICE)
    assert set(job["outputs"]) == set(WITH_NOTICE)


def test_the_faces_are_mentioned_in_the_documents() -> None:
    """Where somebody looks for their CI."""
    assert "(../faces/README.md)" in (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
