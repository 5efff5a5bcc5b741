"""Files that build, package and check must agree with each other."""

import re
import tomllib
from pathlib import Path

from testgate import demo

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


def instructions(name: str) -> list[str]:
    """The arguments of an instruction in the Dockerfile, each on one line."""
    joined = re.sub(r"\\\n", " ", DOCKERFILE)
    return [line.removeprefix(name).strip() for line in joined.splitlines() if line.startswith(f"{name} ")]


def pins(filename: str) -> dict[str, str]:
    """The packages in a lock file and their versions."""
    text = (ROOT / filename).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", text, re.MULTILINE))


def test_build_context_contains_what_the_dockerfile_copies() -> None:
    """`.dockerignore` lets these files through, and nothing else."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    allowed = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    copied = {source for copy in instructions("COPY") if "--from" not in copy for source in copy.split()[:-1]}
    assert rules[0] == "*"
    assert copied == allowed
    assert all((ROOT / source).exists() for source in copied)


def test_entrypoint_is_the_same_for_action_and_image() -> None:
    """`runs.entrypoint` replaces ENTRYPOINT; both name one executable. Python is isolated, and signals wait for it."""
    path = "/usr/local/bin/testgate"
    action = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert instructions("ENTRYPOINT") == [f'["{path}"]']
    assert re.findall(r"^  entrypoint: (.*)$", action, re.MULTILINE) == [path]
    first = "#!/usr/bin/env -S --block-signal=INT,TERM /opt/testgate/bin/python -I"
    assert f"echo '{first}'; cat entrypoint.py; }} > /image{path}" in re.sub(r"\s+", " ", " ".join(instructions("RUN")))


def test_image_works_with_every_user_and_podman_4() -> None:
    """It sets no user and no environment, and uses no feature that podman 4 lacks."""
    assert instructions("USER") == []
    assert instructions("ENV") == []
    assert not re.search(r"<<|--link", "\n".join(line for line in DOCKERFILE.splitlines() if line[:1] != "#"))


def test_image_is_built_from_the_locked_requirements() -> None:
    """Every library in the image is a wheel with a known hash."""
    installs = [run for run in instructions("RUN") if "pip" in run]
    assert len(installs) == 1
    assert all(flag in installs[0] for flag in ("--require-hashes", "--only-binary=:all:", "-r requirements.txt"))


def test_base_image_is_set_once() -> None:
    """It is a build argument with a tag."""
    assert instructions("ARG")[0] == "PYTHON_IMAGE=docker.io/library/python:3.13-slim-bookworm"
    assert instructions("FROM") == ["${PYTHON_IMAGE} AS libraries", "libraries AS program", "${PYTHON_IMAGE}"]


def test_lock_files_agree() -> None:
    """The tests run with the libraries that users get."""
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


def test_lock_files_contain_every_dependency() -> None:
    """A new dependency must be locked."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    runtime, dev = project["project"]["dependencies"], project["dependency-groups"]["dev"]
    names = {filename: set(pins(filename)) for filename in ("requirements.txt", "requirements-dev.txt")}
    assert {bare(each) for each in runtime} <= names["requirements.txt"]
    assert {bare(each) for each in dev} <= names["requirements-dev.txt"]


def bare(requirement: str) -> str:
    """The name of a requirement without its version."""
    return re.split(r"[^a-z0-9-]", requirement)[0]


def test_make_demo_knows_every_scenario() -> None:
    """`make demo` expects an exit code for each of them."""
    assert set(re.findall(r"^EXIT_([a-z-]+) :=", MAKEFILE, re.MULTILINE)) == set(demo.SCENARIOS)


def test_every_target_is_in_the_help() -> None:
    """`make help` lists every target that people use."""
    phony = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[0].split()
    assert re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE) == phony


def test_oldest_python_is_the_same_everywhere() -> None:
    """`make`, the package and the type checker agree on one version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["requires-python"] == ">=3.11"
    assert project["tool"]["mypy"]["python_version"] == "3.11"
    assert project["tool"]["ruff"]["target-version"] == "py311"
    assert "sys.version_info < (3, 11)" in MAKEFILE
    assert "sys.version_info < (3, 11)" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "--python-version 3.11" in MAKEFILE
