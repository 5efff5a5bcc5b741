"""The documents as the tests read them: pages, generated parts, blocks of code, and the generator itself."""

import importlib.util
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("**/*.md")])
_BLOCK = re.compile(r"^( *)```(\S*)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


class Block(NamedTuple):
    """A block of code on a page. `line` is the number of its first line."""

    page: Path
    line: int
    language: str
    text: str

    @property
    def name(self) -> str:
        """Where it is, for the names of tests."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page, without their indentation; one in a quotation isn't among them."""
    text = page.read_text(encoding="utf-8")
    for found in _BLOCK.finditer(text):
        indent, language, inner = found.groups()
        lines = (line.removeprefix(indent) for line in inner.splitlines(keepends=True))
        yield Block(page, text[: found.start()].count("\n") + 2, language, "".join(lines))


def code(text: str, language: str) -> str:
    """All code blocks in this language, with continued lines joined."""
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)).replace("\\\n", " ")


def part(page: Path, name: str) -> str:
    """A generated part of a page."""
    text = page.read_text(encoding="utf-8").partition(f"<!-- generated: {name} -->")[2]
    return text.partition("<!-- end of generated -->")[0]


def rows(page: Path, name: str) -> list[list[str]]:
    """The cells of the tables in a generated part, without headers."""
    lines = [line.strip("| ").split(" | ") for line in part(page, name).splitlines() if line.startswith("| `")]
    assert lines, f"no table in {name}"
    return [[cell.strip() for cell in line] for line in lines]


def _load_generator() -> Any:  # noqa: ANN401  # a script: it is in no package, so its types are not known here
    """Load the generator as a module."""
    spec = importlib.util.spec_from_file_location("testgate_docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    path = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = path
    return module


generate = _load_generator()
OUTPUTS = generate.outputs()
INPUTS = {
    each.name: each
    for group in [generate.common(), *generate.of_providers().values(), generate.of_management()]
    for each in group
}
