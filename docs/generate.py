"""Writes what documents say of the program from the program itself: `generate.py`, or `generate.py --check`.

Made are `action.yml`, whole, and what stands between markers in README.md and docs/ci.md. `--check` writes
nothing and fails where a file differs from what would be written.
"""

import sys
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from types import MappingProxyType

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from testgate.commands import COMMANDS  # noqa: E402  # as above
from testgate.edges.signals import EXIT_CODES  # noqa: E402  # as above
from testgate.gate.outputs import OUTPUTS, with_files  # noqa: E402  # as above
from testgate.inputs.options import CommonOptions, Group  # noqa: E402  # as above
from testgate.inputs.reading import Input, declared  # noqa: E402  # the path comes first
from testgate.management import MANAGEMENT  # noqa: E402  # as above
from testgate.model import Conclusion  # noqa: E402  # as above
from testgate.platforms import PLATFORMS  # noqa: E402  # as above
from testgate.providers import PROVIDERS  # noqa: E402  # as above
from testgate.reports import REPORTS  # noqa: E402  # as above

EXAMPLES = ROOT / "examples"
EXAMPLE = EXAMPLES / "github" / "testgate.yml"
MENDED_BY = "make docs"
_WIDTH = 110

# When a step ends with a conclusion.
WHEN: Mapping[str, str] = MappingProxyType(
    {
        "passed": "Every run is within the gate's limits.",
        "triggered": "`wait` is `false`: the runs were started, and the step didn't wait for them.",
        "created": "`command: create-test-run` created the test run.",
        "stop-confirmed": "`command: stop`: the platform says that the runs have ended. With `stop-scope: all`: it "
        "accepted the request.",
        "checked": "`command: check` found nothing wrong.",
        "dry-run": "`dry-run` is `true`: the requests were shown, and nothing was sent.",
        "failed": "More tests failed, errored, didn't run or were flaky than the limits allow, or the platform says "
        "that the run failed and not which test.",
        "invalid-input": "Inputs can't be used. Nothing was sent.",
        "platform-error": "The platform refused a request, sent an unusable answer, listed fewer tests than it counts, "
        "or was unreachable for longer than `max-outage`. Also if `check` found a problem or `stop` didn't stop a run.",
        "timed-out": "`timeout` expired before the run ended.",
        "stopped": "The run was stopped or aborted on the platform.",
        "nothing-ran": "The run ended, and no test ran.",
        "trigger-unknown": "The request that starts a run got no clear answer, and its run could not be found. "
        "A run may have started. The request was not sent again.",
        "report-error": "Everything passed, but a report or an output could not be written.",
        "internal-error": "A bug in TestGate. The log contains the traceback: please report it.",
        "cancelled": "The step received SIGINT or SIGTERM.",
    }
)

_ACTION_HEAD = """\
# Made by `{mended_by}` from the models of the inputs: edit those, not this file.
#
# No input has a `default` here. A default would reach the program as if the user had given it: `max-failures` would
# never stand alone, and a job's TESTGATE_* variables would never count. The program applies the defaults that the
# descriptions name. Nothing is `required` here either: runners do not enforce it, and it depends on other inputs.
name: TestGate
author: The TestGate authors
description: {description}
branding:
  icon: check-circle
  color: green
"""

_ACTION_RUNS = """\
runs:
  using: docker
  image: Dockerfile
  entrypoint: /usr/local/bin/testgate
  # The second chance: it stops what a cancelled or killed step could not stop itself.
  post-entrypoint: /usr/local/bin/testgate-cleanup
  post-if: always()
"""


class GapError(Exception):
    """Something that is to be documented has no text or no place here, or a text has no place in the documents."""


def main(arguments: Sequence[str]) -> int:
    """Write the files, or with `--check` only compare them."""
    drifted = [path for path, text in made().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    names = ", ".join(path.name for path in drifted)
    if "--check" in arguments:
        if drifted:
            print(f"Out of date: {names}. Run `{MENDED_BY}` and commit the result.", file=sys.stderr)
        return 1 if drifted else 0
    for path in drifted:
        path.write_text(made()[path], encoding="utf-8")
    print(f"Written: {names}." if drifted else "All is up to date.")
    return 0


def made() -> dict[Path, str]:
    """What each file must hold."""
    ci = ROOT / "docs" / "ci.md"
    pages = {ROOT / "README.md": parts(), ci: pipelines(ci.read_text(encoding="utf-8"))}
    texts = {page: filled(page.read_text(encoding="utf-8"), pieces) for page, pieces in pages.items()}
    return {ROOT / "action.yml": action(), **texts}


def common() -> list[Input]:
    """The inputs that every provider shares."""
    return declared([CommonOptions])


def of_providers() -> dict[str, list[Input]]:
    """The inputs of each provider alone."""
    return {name: declared([load().options]) for name, load in PROVIDERS.items()}


def of_management() -> list[Input]:
    """The inputs of test management."""
    return [each for load in MANAGEMENT.values() for each in declared([load().options])]


def outputs() -> dict[str, str]:
    """Every output with its description."""
    return with_files(OUTPUTS, {f"{name}-file": entry.description for name, entry in REPORTS.items()})


def action() -> str:
    """The text of action.yml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    inputs = [*common(), *(each for own in of_providers().values() for each in own), *of_management()]
    described = ((each.name, _in_words(each)) for each in inputs)
    head = _ACTION_HEAD.format(mended_by=MENDED_BY, description=project["description"])
    return f"{head}inputs:\n{_described(described)}outputs:\n{_described(outputs().items())}{_ACTION_RUNS}"


def _described(entries: Iterable[tuple[str, str]]) -> str:
    """YAML: names with their descriptions, folded. A folded text holds every character as it is."""
    return "".join(f"  {name}:\n    description: >-\n{_folded(text)}" for name, text in entries)


def _folded(text: str) -> str:
    """Lines of a folded scalar; breaks stand only where a blank stood."""
    lines = wrap(text, _WIDTH - 6, break_long_words=False, break_on_hyphens=False)
    return "".join(f"      {line}\n" for line in lines)


def _in_words(each: Input) -> str:
    """The description with what the table has columns for."""
    more = [_known(each.name)]
    if need := _needs().get(each.name):
        more.append(f"{need[0].upper()}{need[1:]}, except for a demo.")
    if each.default:
        more.append(f"Default: `{each.default}`.")
    return " ".join(filter(None, [each.description, *more]))


def _known(name: str) -> str:
    """The words that an input takes, where a registry holds them."""
    registries: dict[str, Iterable[str]] = {"command": COMMANDS, "provider": PROVIDERS, "platform": PLATFORMS}
    return f"Known: {', '.join(f'`{word}`' for word in registries[name])}." if name in registries else ""


def _needs() -> dict[str, str]:
    """Which inputs are required, and by what."""
    needs = {"api-key": "required"}
    for provider, load in PROVIDERS.items():
        entry = load()
        needs |= dict.fromkeys(entry.required, f"required for `provider: {provider}`")
        several = len(entry.selects) > 1
        needs |= dict.fromkeys(entry.selects, f"{'one of these is ' if several else ''}required for `command: run`")
    return needs


def parts() -> dict[str, str]:
    """The generated parts of the README, by the names in their markers."""
    return {
        "workflow": f"```yaml\n{EXAMPLE.read_text(encoding='utf-8')}```\n",
        "inputs": inputs_tables(),
        "outputs": table(("Output", "Meaning"), ((f"`{name}`", text) for name, text in outputs().items())),
        "conclusions": conclusions_table(),
    }


def pipelines(page: str, folder: Path = EXAMPLES) -> dict[str, str]:
    """The pipelines of docs/ci.md by the names in its markers: one part per file, except for the README's.

    The files that have no marker yet are shown together, in the part `other pipelines`.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != EXAMPLE)
    named = {str(path.relative_to(folder)): path for path in paths}
    placed = {name for name in named if f"<!-- generated: {name} -->" in page}
    others = (f"### {path.parent.name}\n\n{_code(path)}" for name, path in named.items() if name not in placed)
    return {**{name: _code(named[name]) for name in placed}, "other pipelines": "\n".join(others)}


def _code(path: Path) -> str:
    """The file as a block of code."""
    languages = {".yml": "yaml", ".kts": "kotlin", "": "groovy"}
    return f"```{languages.get(path.suffix, path.suffix[1:])}\n{path.read_text(encoding='utf-8')}```\n"


def inputs_tables() -> str:
    """A table for each group of inputs."""
    if lost := [each.name for each in common() if each.group not in list(Group)]:
        message = f"each common input needs a group; missing for {lost}"
        raise GapError(message)
    chapters = {str(group): [each for each in common() if each.group == group] for group in Group}
    for provider, own in of_providers().items():
        chapters[f"Only for `provider: {provider}`"] = own
    chapters["Test management"] = of_management()
    return "\n".join(f"#### {heading}\n\n{_inputs_table(inputs)}" for heading, inputs in chapters.items())


def _inputs_table(inputs: Iterable[Input]) -> str:
    """The table of some inputs."""
    rows = ((f"`{each.name}`", _default(each), f"{each.description} {_known(each.name)}".strip()) for each in inputs)
    return table(("Input", "Default", "Meaning"), rows)


def _default(each: Input) -> str:
    """The cell of the default."""
    return f"`{each.default}`" if each.default else _needs().get(each.name, "")


def conclusions_table() -> str:
    """Every conclusion with its exit code."""
    if untold := [each.value for each in Conclusion if each not in WHEN]:
        message = f"WHEN must describe each conclusion; missing are {untold}"
        raise GapError(message)
    rows = ((f"`{conclusion}`", codes(conclusion), WHEN[conclusion]) for conclusion in Conclusion)
    return table(("Conclusion", "Exit code", "When"), rows)


def codes(conclusion: Conclusion) -> str:
    """The exit codes of a conclusion: a cancel has one for each signal."""
    if conclusion is Conclusion.CANCELLED:
        return ", ".join(f"{code} ({signal.name})" for signal, code in EXIT_CODES.items())
    return str(conclusion.exit_code)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def filled(text: str, pieces: Mapping[str, str]) -> str:
    """The text with each piece between its markers.

    Raises:
        GapError: a marker is missing, unknown, or has no end.

    """
    found: list[str] = []
    result = "".join(_filled(iter(text.splitlines(keepends=True)), pieces, found.append))
    if sorted(found) != sorted(pieces):
        message = f"the markers are {sorted(found)}, the generated parts {sorted(pieces)}"
        raise GapError(message)
    return result


def _filled(lines: Iterator[str], pieces: Mapping[str, str], found: Callable[[str], object]) -> Iterator[str]:
    """The lines, those between markers replaced."""
    for line in lines:
        yield line
        name = line.strip().removeprefix("<!-- generated: ").removesuffix(" -->")
        if name == line.strip():
            continue
        found(name)
        yield f"\n{pieces.get(name, '')}\n"
        for inner in lines:
            if inner.strip() == "<!-- end of generated -->":
                yield inner
                break
        else:
            message = f"the part {name} has no end"
            raise GapError(message)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
