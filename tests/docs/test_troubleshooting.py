"""The page of messages: it has every remedy of the program, and what the program prints is found on it."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from testgate.demo.testsigma.scenarios import one_plan
from testgate.gate.remedies import remedy_for
from testgate.model import Conclusion
from tests.support.documents import ROOT, generate, part
from tests.support.step import run
from tests.support.vendor import GREEN, QUICK, played

PAGE = ROOT / "docs" / "troubleshooting.md"
SOURCE = ROOT / "src" / "testgate"
MESSAGES = part(PAGE, "messages")
LEAST_CHARACTERS = 12  # of a piece of a text that is looked for
# Where faults don't end a step: those of comments are warnings.
ELSEWHERE = {"forges", "commenting.py"}


def texts_of(node: ast.AST) -> Iterator[str]:
    """The fixed texts in an expression."""
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield from re.split(r"\{\w+\}", each.value)


def remedies(path: Path) -> Iterator[str]:
    """The texts that a module gives as remedies: as an argument, and in constants and variables with that name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield from (text for word in node.keywords if word.arg == "remedy" for text in texts_of(word.value))
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {each.id for each in targets if isinstance(each, ast.Name)}
            if any(re.search("remed(?:y|ies)$", name, re.IGNORECASE) for name in names):
                yield from texts_of(node.value)


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(SOURCE.rglob("*.py")) if not ELSEWHERE & {*path.parts} and [*remedies(path)]],
    ids=lambda path: str(path.relative_to(SOURCE)),
)
def test_the_page_has_every_remedy(path: Path) -> None:
    """Each piece of a text that a module gives as a remedy is somewhere on the page."""
    page = PAGE.read_text(encoding="utf-8")
    pieces = [text.strip() for text in remedies(path) if len(text.strip()) >= LEAST_CHARACTERS]
    assert [text for text in pieces if text not in page] == []


def test_the_page_has_a_row_for_every_red_conclusion() -> None:
    """With its exit code, and what the log says to do."""
    text = part(PAGE, "last lines")
    for conclusion in (each for each in Conclusion if not each.green):
        assert f"| `{conclusion.upper()}` | {generate.codes(conclusion)} |" in text
        assert remedy_for(conclusion) in text


def advice_for(message: str) -> list[str]:
    """What the page says to do about a message: in its row, or above the list that it is in."""
    found, above = [], ""
    for line in MESSAGES.splitlines():
        above = line.removesuffix(" That is the advice for:") if line.endswith("the advice for:") else above
        cells = re.fullmatch(r"(?:\| (`.*`) \| (.*) \||- (`.*`))", line)
        shown = (cells[1] or cells[3]).strip("` ") if cells else ""
        if shown and re.search(".*".join(map(re.escape, shown.split("…"))), message):
            found.append(cells[2] or above if cells else "")
    return found


CASES: Mapping[str, tuple[Mapping[str, str], int]] = {
    "a key that is refused": ({"api-key": "wrong"}, 3),
    "a plan that does not exist": ({"test-plan-id": "999"}, 3),
    "a run that does not exist": ({"command": "attach", "run-id": "9"}, 3),
    "a report outside the workspace": ({"junit-file": "../junit.xml"}, 2),
}


@pytest.mark.parametrize("case", CASES)
def test_what_a_step_prints_is_on_the_page(case: str, tmp_path: Path) -> None:
    """The last lines of a step name a message of the page, and the same advice as the page."""
    inputs, code = CASES[case]
    given = {name.replace("-", "_"): text for name, text in inputs.items()}
    left, _server = played(tmp_path, one_plan(GREEN), QUICK, **given)
    assert left.code == code
    reason = re.search(r"^[A-Z-]+: (.*)$", left.log, re.MULTILINE)
    advice = re.search(r"^  What to do: (.*)$", left.log, re.MULTILINE)
    assert reason
    assert advice
    if code == Conclusion.INVALID_INPUT.exit_code:
        assert "Fix the inputs" in advice[1]
        return
    wanted = [re.escape(text).replace("…", ".*") for found in advice_for(reason[1]) for text in found.split(" Or: ")]
    assert any(re.fullmatch(text, advice[1]) for text in wanted), (reason[1], advice[1], wanted)


def test_the_last_line_of_a_demo_is_on_the_page(tmp_path: Path) -> None:
    """A scenario in which nothing ran."""
    left = run(tmp_path, {"demo": "true", "demo-scenario": "empty"}, github=False)
    assert left.code == Conclusion.NOTHING_RAN.exit_code
    advice = re.search(r"What to do: (.*)", left.log)
    assert advice
    assert f"| {advice[1]} |" in part(PAGE, "last lines")


def test_a_busy_platform_is_on_the_page(tmp_path: Path) -> None:
    """Its own words end the step, so the row is written by hand."""
    left, _server = played(tmp_path, one_plan(GREEN._replace(busy=1)), QUICK, on_busy="fail")
    assert left.code == Conclusion.PLATFORM_ERROR.exit_code
    row = next(line for line in PAGE.read_text(encoding="utf-8").splitlines() if "currently running" in line)
    shown, advice = re.fullmatch(r"\| `(.*) …` .* \| (.*) \|", row).groups()  # type: ignore[union-attr]
    assert f"\n{shown}" in left.log
    assert f"What to do: {advice}\n" in left.log
