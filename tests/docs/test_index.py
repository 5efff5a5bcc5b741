"""The index of the pages: nobody has to know the name of a page to find it."""

import re
from pathlib import Path

import pytest

from testgate.platforms import PLATFORMS
from testgate.providers import PROVIDERS
from tests.support.documents import ROOT, part, rows

README = ROOT / "README.md"
INDEX = ROOT / "docs" / "README.md"
PAGES = sorted(path for path in (ROOT / "docs").glob("*.md") if path != INDEX)
LONGEST_README = 200  # lines: five minutes


def links(page: Path) -> set[Path]:
    """The files that a page links to."""
    found = re.findall(r"\]\(([^)\s#]+)", page.read_text(encoding="utf-8"))
    return {(page.parent / name).resolve() for name in found if not name.startswith("https://")}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_index_has_every_page(page: Path) -> None:
    """A page that nothing links to is found by nobody."""
    assert page in links(INDEX)


def test_the_readme_is_short() -> None:
    """It has five minutes: it links to the index, the reference and the page of messages instead."""
    written = README.read_text(encoding="utf-8").count("\n") - len(rows(README, "platforms"))
    assert written < LONGEST_README
    assert {INDEX, INDEX.with_name("reference.md"), INDEX.with_name("troubleshooting.md")} <= links(README)


def test_the_readme_has_every_platform() -> None:
    """What it says about one is what the provider says."""
    table = {cells[0].strip("`"): cells for cells in rows(README, "platforms")}
    assert [*table] == [*PROVIDERS]
    assert all(set(cells[3:]) <= {"yes", "no"} and cells[2] for cells in table.values())
    assert table["testsigma"][3:] == ["yes", "yes", "yes", "yes", "no"]
    assert table["testifly"][3:] == ["no", "yes", "no", "yes", "yes"]


def test_the_readme_has_every_ci() -> None:
    """Each adapter has a row that leads to its section."""
    table = re.sub(r"[\s-]", "", part(README, "CIs").lower())
    assert [name for name in PLATFORMS if name != "plain" and name not in table] == []
