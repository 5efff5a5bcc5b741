"""Limits that keep the code readable."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "testgate"
CODE = sorted(path for folder in ("src", "docs", "bench", "image", "release") for path in (ROOT / folder).rglob("*.py"))
MODULE_LINES, CLASS_LINES, FUNCTION_LINES = 350, 200, 40
TOP_MODULES = 14


def _too_long(path: Path) -> Iterator[str]:
    """The definitions of a module that are too long."""
    text = path.read_text(encoding="utf-8")
    if text.count("\n") > MODULE_LINES:
        yield f"{path.name}: {text.count(chr(10))} lines"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > (CLASS_LINES if isinstance(node, ast.ClassDef) else FUNCTION_LINES):
                yield f"{path.name}: {node.name} has {lines} lines"


def test_modules_classes_and_functions_are_short() -> None:
    """No module has more than 350 lines, no class more than 200, no function more than 40."""
    assert [problem for path in CODE for problem in _too_long(path)] == []


def test_the_package_has_few_modules_at_its_top() -> None:
    """There are at most 14, besides its packages."""
    assert len([path for path in SOURCE.glob("*.py") if path.name != "__init__.py"]) <= TOP_MODULES
