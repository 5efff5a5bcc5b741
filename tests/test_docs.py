"""The documents match the program: generated parts, names, links and commands."""

import ast
import datetime as dt
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from testgate import __version__
from testgate.demo import SCENARIOS
from testgate.demo.testsigma.scenarios import one_plan
from testgate.gate.quarantine import parse
from testgate.inputs.lookup import spellings
from testgate.model import Conclusion, Outcome, TestResult
from tests.support.documents import DOCUMENTS, INPUTS, OUTPUTS, ROOT, blocks, code, generate, rows
from tests.support.schemas import complaints
from tests.support.step import run
from tests.support.vendor import GREEN, played

README = (ROOT / "README.md").read_text(encoding="utf-8")
REFERENCE = ROOT / "docs" / "reference.md"
TROUBLESHOOTING = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
DEMO = (ROOT / "docs" / "demo.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
MADE: Mapping[Path, str] = generate.made()
EXAMPLES = sorted((ROOT / "examples" / "github").glob("*.yml"))


def yaml(path: Path) -> Any:  # noqa: ANN401  # YAML is any shape until a schema has checked it
    """The content of a YAML file; duplicate keys are an error."""
    return YAML(typ="safe", pure=True).load(path)


ACTION: Mapping[str, Any] = yaml(ROOT / "action.yml")


@pytest.mark.parametrize("path", MADE, ids=lambda path: str(path.relative_to(ROOT)))
def test_generated_documents_are_up_to_date(path: Path) -> None:
    """The message names the command that updates them."""
    assert path.read_text(encoding="utf-8") == MADE[path], f"run `{generate.COMMAND}`"


def test_check_names_outdated_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--check` fails, names the files and the command, and writes nothing."""
    page = tmp_path / "README.md"
    page.write_text("old", encoding="utf-8")
    monkeypatch.setattr(generate, "made", lambda: {page: "new"})
    assert generate.main(["--check"]) == 1
    printed = capsys.readouterr().err
    assert "README.md" in printed
    assert generate.COMMAND in printed
    assert page.read_text(encoding="utf-8") == "old"
    assert generate.main([]) == 0
    assert page.read_text(encoding="utf-8") == "new"
    assert generate.main(["--check"]) == 0


def test_markers_without_a_part_are_an_error() -> None:
    """So are parts without markers, and markers without an end."""
    page = "a\n<!-- generated: x -->\nold\n<!-- end of generated -->\nb\n"
    assert generate.filled(page, {"x": "new\n"}) == page.replace("old\n", "\nnew\n\n")
    for text, pieces in ((page, {}), (page, {"x": "", "y": ""}), ("<!-- generated: x -->\n", {"x": ""})):
        with pytest.raises(generate.GapError):
            generate.filled(text, pieces)


def test_the_action_has_every_input_and_output() -> None:
    """Names and descriptions come from the models."""
    assert list(ACTION["inputs"]) == list(INPUTS)
    for name, each in INPUTS.items():
        described = ACTION["inputs"][name]["description"]
        assert described.startswith(each.description)
        assert not each.default or described.endswith(f"Default: `{each.default}`.")
    assert {name: output["description"] for name, output in ACTION["outputs"].items()} == dict(OUTPUTS)


def test_the_action_leaves_defaults_to_the_program() -> None:
    """A default in action.yml would arrive as if the user had set it."""
    assert [each for each in ACTION["inputs"].values() if set(each) != {"description"}] == []


def test_the_action_is_valid() -> None:
    """GitHub's schema of actions holds: branding, runs, inputs, outputs."""
    assert complaints(ROOT / "action.yml", "vendor.github-actions") == ""
    assert len(ACTION["description"]) <= 125  # more is not shown in GitHub's Marketplace


def test_the_action_starts_what_the_image_starts() -> None:
    """`runs.entrypoint` equals the ENTRYPOINT of the Dockerfile, without arguments."""
    entrypoint = re.findall(r"^ENTRYPOINT (.*)$", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert [json.loads(each) for each in entrypoint] == [[ACTION["runs"]["entrypoint"]]]
    assert ACTION["runs"]["image"] == "Dockerfile"
    assert "args" not in ACTION["runs"]


def test_the_reference_has_every_input_with_its_default() -> None:
    """Every input is in the tables once."""
    found = {cells[0].strip("`"): cells for cells in rows(REFERENCE, "inputs")}
    assert len(found) == len(rows(REFERENCE, "inputs"))
    assert set(found) == set(INPUTS)
    for name, (_name, default, meaning) in found.items():
        assert default == (f"`{INPUTS[name].default}`" if INPUTS[name].default else default)
        assert default.strip("`") == INPUTS[name].default or "required" in default
        assert meaning.startswith(INPUTS[name].description)


def test_the_reference_has_every_output() -> None:
    """Every output is in the table once."""
    assert [cells[0].strip("`") for cells in rows(REFERENCE, "outputs")] == list(OUTPUTS)


def test_the_reference_has_every_conclusion_with_its_exit_code() -> None:
    """Every conclusion is in the table once."""
    found = {cells[0].strip("`"): cells[1] for cells in rows(REFERENCE, "conclusions")}
    cancelled = found.pop(Conclusion.CANCELLED)
    assert cancelled == "130 (SIGINT), 143 (SIGTERM)"
    expected = {str(each): str(each.exit_code) for each in Conclusion if each is not Conclusion.CANCELLED}
    assert found == expected


def headings(path: Path) -> set[str]:
    """The anchors of a page."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")]
    return {re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-") for line in lines}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_have_a_target(path: Path) -> None:
    """Every link to a file or a heading works."""
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        name, _, heading = link.partition("#")
        if link.startswith("https://"):
            continue
        target = path.parent / name if name else path
        assert target.exists(), link
        assert not heading or heading in headings(target), link


def test_documented_make_targets_exist() -> None:
    """Each `make something` of the documents is a target of the Makefile, each scenario one of the demo."""
    targets = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
    text = README + CONTRIBUTING + ARCHITECTURE + DEMO
    named = set(re.findall(r"(?:`|^)make ([a-z-]+)", text, re.MULTILINE))
    assert {"demo", "test"} <= named <= targets
    assert targets - {"help"} <= named
    assert set(re.findall(r"SCENARIO=(\w+)", text)) <= set(SCENARIOS)
    assert set(re.findall(r"^EXIT_(\w+)", MAKEFILE, re.MULTILINE)) == set(SCENARIOS)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_documented_variables_are_inputs(path: Path) -> None:
    """The program reads every variable that a page explains in words."""
    known = {spelling for name in INPUTS for spelling in spellings(name)}
    known |= {f"{spelling}_FILE" for each in INPUTS.values() if each.secret for spelling in spellings(each.name)}
    known |= {f"{spelling}_COUNT" for spelling in spellings("test-plan-id")}
    explained = set(re.findall(r"`((?:INPUT|TESTGATE|PLUGIN)_[A-Z_-]+)(?:=[^`]*)?`", path.read_text(encoding="utf-8")))
    outputs = {f"TESTGATE_OUT_{name.upper().replace('-', '_')}" for name in OUTPUTS}
    assert explained <= known | outputs


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_examples_use_existing_inputs_and_outputs(path: Path) -> None:
    """Required inputs are set."""
    text = path.read_text(encoding="utf-8")
    steps = [
        step
        for job in yaml(path)["jobs"].values()
        for step in job["steps"]
        if step.get("uses", "").startswith("your-org/testgate@")
    ]
    assert steps
    for step in steps:
        assert step["id"] == "testgate"
        chosen = "project-id" if step["with"].get("provider") == "testifly" else "test-plan-id"
        needed = {"merge-expect"} if step["with"].get("command") == "merge" else {"api-key", chosen}
        assert needed <= set(step["with"]) <= set(INPUTS)
    assert set(re.findall(r"steps\.testgate\.outputs\.([a-z-]+)", text + README)) <= set(OUTPUTS)


def test_the_github_example_is_a_valid_workflow() -> None:
    """GitHub's schema of workflows holds, permissions are none, reports are kept after a failure too."""
    path = ROOT / "examples" / "github" / "testgate.yml"
    workflow = yaml(path)
    assert complaints(path, "vendor.github-workflows") == ""
    assert workflow["permissions"] == {}
    (upload,) = (step for step in workflow["jobs"]["testgate"]["steps"] if "upload-artifact" in step["uses"])
    assert upload["if"].startswith("always()")
    assert re.fullmatch(r"actions/upload-artifact@[0-9a-f]{40}", upload["uses"])


def test_the_log_on_the_page_of_the_demo_is_that_of_the_demo(tmp_path: Path) -> None:
    """Ports, times and lines of progress may differ. The README shows its last lines."""
    printed = run(tmp_path, {"demo": "true"}, github=False)
    assert printed.code == 1
    assert _timeless(code(DEMO, "text")) == _timeless(printed.log)
    end = code(README, "text")
    assert end.startswith("FAILED: ")
    assert DEMO.partition("```text\n")[2].partition("```")[0].endswith(f"\n{end}")


def test_the_checks_in_the_reference_are_what_the_program_prints(tmp_path: Path) -> None:
    """The lines of `command: check`, apart from those about the way to the platform."""
    left, _server = played(tmp_path, one_plan(GREEN), command="check", test_plan_id="999")
    assert left.code == 3
    shown = [
        line.strip() for line in re.findall(r"^ *(?:ok|WRONG) .*", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert [line.split()[1] for line in shown] == ["URL:", "TLS:", "proxy:", "key:", "test", "clock:"]
    assert set(_timeless("\n".join(shown[3:]))) <= set(_timeless(left.log))


def _texts(path: Path) -> Iterator[str]:
    """The strings of a module, without docstrings; those of an f-string are the parts between its values."""
    nodes = [*ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def test_the_messages_that_people_explain_are_printed_by_the_program() -> None:
    """Everything of a message but its conclusion, numbers, names and ellipses is in the source."""
    texts = "\n".join(text for path in (ROOT / "src" / "testgate").rglob("*.py") for text in _texts(path))
    before = TROUBLESHOOTING.partition("<!-- generated: last lines -->")[0]
    between = TROUBLESHOOTING.partition("## Lines that aren't errors")[2].partition("\n## ")[0]
    lines = (before + between).splitlines()
    messages = [line[1:].partition(" | ")[0].strip(" `") for line in lines if line.startswith("| `")]
    assert len(messages) > 15
    for message in messages:
        conclusion, said = re.fullmatch(r"(?:([A-Z-]+): )?(.*)", message).groups()  # type: ignore[union-attr]
        assert conclusion is None or conclusion.lower() in [*Conclusion]
        if said.removeprefix("… ") in code(DEMO, "text"):  # the demo prints it
            continue
        for part in re.split(r"…|`[^`]*`|\d+", said):
            assert part.strip() in texts, message


def test_the_quarantine_in_the_documents_is_valid() -> None:
    """It covers the tests that the text mentions."""
    (shown,) = (each.text for each in blocks(ROOT / "docs" / "quarantine.md") if each.language == "toml")
    held = parse(shown, dt.date(2027, 1, 31))
    assert not held.expired
    paid = TestResult("1", "Pay by card", Outcome.FAILED, suite="Checkout")
    voucher = TestResult("2", "Voucher", Outcome.FAILED, case_id="1871")
    assert all(held.label(test).quarantine for test in (paid, voucher))
    assert not held.label(paid._replace(suite="Search")).quarantine


def _timeless(log: str) -> list[str]:
    """The lines that are the same in every run."""
    without = [re.sub(r"127\.0\.0\.1:\d+|\d+\.\d s$|^ ?\d:\d\d ", "…", line) for line in log.strip().splitlines()]
    return [line for line in without if not re.match(r"…\s+(?:queued|running)", line)]


def test_the_changelog_has_this_version() -> None:
    """The version has a heading, or is mentioned as the next one."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## \[(.+?)\]", text, re.MULTILINE)
    unreleased = text.partition("## [Unreleased]")[2].partition("\n## [")[0]
    assert __version__ in headings or __version__ in unreleased


def test_the_architecture_names_every_module() -> None:
    """The table contains all modules and packages, and no others."""
    source = ROOT / "src" / "testgate"
    there = {path.stem for path in source.glob("*.py") if not path.name.startswith("__")}
    there |= {f"{path.parent.name}/" for path in source.glob("*/__init__.py")}
    cells = [line.split(" | ")[0] for line in ARCHITECTURE.splitlines() if line.startswith("| `")]
    assert sorted(re.findall(r"`([a-z_]+/?)`", " ".join(cells))) == sorted(there)


def test_the_architecture_lists_modules_in_import_order() -> None:
    """No module is above one that may import it, according to `pyproject.toml`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = next(each["layers"] for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers")
    rank = {room: number for number, layer in enumerate(layers) for room in layer.split(" | ")}
    cells = [line.split(" | ")[0] for line in ARCHITECTURE.splitlines() if line.startswith("| `")]
    firsts = [rank[re.findall(r"`([a-z_]+)/?`", cell)[0]] for cell in cells]
    assert firsts == sorted(firsts)


def test_files_name_no_machine_and_no_package_host() -> None:
    """Nothing depends on the machine where it was written."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout  # noqa: S603  # git is where the developer has it
    names = [name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    assert "pyproject.toml" in names
    home = re.compile(r"(?<![\w.$}/~-])/(?:home|root|Users|work)/\w")
    index = re.compile(
        r"--(?:extra-)?index-url[= ]\S*:|--find-links[= ]|--trusted[-]host|^(?:registry|index-url) *= *\S", re.MULTILINE
    )
    for name in names:
        text = (ROOT / name).read_text(encoding="utf-8", errors="replace")
        assert not home.search(text), f"{name}: {home.search(text)}"
        assert not index.search(text), f"{name}: {index.search(text)}"
