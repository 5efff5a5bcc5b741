"""What marketplaces and package indexes show, by their rules; they check it only when a release is made."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.release.stage import ROOT
from tests.support.schemas import complaints

ACTION: Mapping[str, Any] = YAML(typ="safe", pure=True).load(ROOT / "action.yml")
PROJECT: Mapping[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LONGEST_DESCRIPTION = 124  # GitHub's form says: less than 125 characters
COLORS = {"white", "black", "yellow", "blue", "green", "orange", "red", "purple", "gray-dark"}


def test_the_listing_on_github_is_accepted() -> None:
    """Name, description, and a badge; with a README beside them."""
    assert re.fullmatch(r"[A-Z][A-Za-z0-9 ]{2,49}", ACTION["name"])
    assert 20 <= len(ACTION["description"]) <= LONGEST_DESCRIPTION
    assert not re.search(r"\n|`", ACTION["description"])
    assert ACTION["branding"]["color"] in COLORS
    assert (ROOT / "README.md").is_file()
    assert not (ROOT / "action.yaml").exists()


@pytest.mark.parametrize(("key", "value"), [("icon", "coffee"), ("icon", "octopus"), ("color", "pink")])
def test_only_icons_and_colors_that_github_has(tmp_path: Path, key: str, value: str) -> None:
    """The schema knows them; Feather has more icons than GitHub shows."""
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    assert complaints(ROOT / "action.yml", "vendor.github-actions") == ""
    odd = tmp_path / "action.yml"
    odd.write_text(re.sub(rf"^  {key}: .*$", f"  {key}: {value}", text, count=1, flags=re.MULTILINE), encoding="utf-8")
    assert value in complaints(odd, "vendor.github-actions")


def test_the_package_says_what_the_action_says() -> None:
    """One line for both, and what an index shows beside it."""
    assert PROJECT["description"] == ACTION["description"]
    assert PROJECT["license"] == "Apache-2.0"
    assert PROJECT["requires-python"] == ">=3.11"
    assert {"Operating System :: MacOS", "Operating System :: Microsoft :: Windows", "Typing :: Typed"} <= set(
        PROJECT["classifiers"]
    )


def test_every_file_of_the_package_is_in_the_wheel() -> None:
    """What isn't Python has to be named: the types' mark, and the page's style and script."""
    data = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    source = ROOT / "src"
    named = {
        path
        for package, patterns in data.items()
        for each in patterns
        for path in (source / package.replace(".", "/")).glob(each)
    }
    found = {path for path in (source / "testgate").rglob("*") if path.is_file() and path.suffix not in {".py", ".pyc"}}
    assert found == named
