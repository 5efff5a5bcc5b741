"""Generates parts of the documents from the program: `generate.py`, or `generate.py --check`.

It writes all of `action.yml` and `faces/`, the schema of provider files, and the parts of documents that are between
markers.
`--check` writes nothing, and fails if a file is out of date.
"""

import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from textwrap import wrap
from types import MappingProxyType

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "docs")]


import actions  # noqa: E402  # the path must be set first
import ci_faces  # noqa: E402  # as above
import file_schema  # noqa: E402  # as above
import platforms  # noqa: E402  # as above
from markers import GapError, filled  # noqa: E402  # as above
from tables import (  # noqa: E402  # as above
    cis_table,
    codes,
    commands_table,
    exit_codes_table,
    last_lines_table,
    messages_part,
    table,
)

from testgate import __version__  # noqa: E402  # as above
from testgate.commands import COMMANDS  # noqa: E402  # as above
from testgate.gate.outputs import OUTPUTS, with_files  # noqa: E402  # as above
from testgate.inputs.groups import Group  # noqa: E402  # as above
from testgate.inputs.options import CommonOptions  # noqa: E402  # as above
from testgate.inputs.reading import Input, declared  # noqa: E402  # the path must be set first
from testgate.management import MANAGEMENT  # noqa: E402  # as above
from testgate.model import Conclusion  # noqa: E402  # as above
from testgate.platforms import PLATFORMS  # noqa: E402  # as above
from testgate.ports import NOTIFY  # noqa: E402  # as above
from testgate.providers import CODED, PROVIDERS  # noqa: E402  # as above
from testgate.reports import NOTICES, REPORTS  # noqa: E402  # as above

DOCS = ROOT / "docs"
README, CI = ROOT / "README.md", DOCS / "ci.md"
EXAMPLES = ROOT / "examples"
EXAMPLE = EXAMPLES / "github" / "testgate.yml"
COMMAND = "make docs"
_WIDTH = 110

# When a step ends with each conclusion.
WHEN: Mapping[str, str] = MappingProxyType(
    {
        "passed": "Every run is within the limits of the gate.",
        "triggered": "`wait` is `false`: the runs were started, and the step didn't wait for them.",
        "created": "`command: create-test-run` created the test run.",
        "stop-confirmed": "`command: stop`: the platform reports that the runs have ended. With `stop-scope: all`: it "
        "accepted the request.",
        "checked": "`command: check` found nothing wrong.",
        "dry-run": "`dry-run` is `true`: the requests were printed, and nothing was sent.",
        "failed": "More tests failed, errored, did not run or were flaky than the limits allow, or the platform "
        "reports a failed run without saying which test failed.",
        "invalid-input": "Inputs are invalid. Nothing was sent.",
        "platform-error": "The platform refused a request, gave an invalid answer, listed fewer tests than it counts, "
        "or was unreachable for longer than `max-outage`. Also: `check` found a problem, or `stop` could not stop a "
        "run.",
        "timed-out": "`timeout`, `queue-timeout` or `stall-timeout` expired before the run ended.",
        "stopped": "The run was stopped or aborted on the platform.",
        "nothing-ran": "The run ended, but no test ran.",
        "trigger-unknown": "The request that starts a run got no clear answer, and its run could not be found. A run "
        "may have started; the request was not sent again.",
        "report-error": "Everything passed, but a report or an output could not be written.",
        "internal-error": "A bug in TestGate. The log contains a traceback; please report it.",
        "cancelled": "The step received SIGINT or SIGTERM.",
    }
)

_REGISTRIES: Mapping[str, Iterable[str]] = MappingProxyType(
    {"command": COMMANDS, "provider": PROVIDERS, "platform": PLATFORMS}
)


def main(arguments: Sequence[str]) -> int:
    """Write the files, or only compare them with `--check`; returns the exit code."""
    texts = made()
    drifted = [path for path, text in texts.items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    names = ", ".join(str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path) for path in drifted)
    if "--check" in arguments:
        if drifted:
            print(f"Out of date: {names}. Run `{COMMAND}` and commit the result.", file=sys.stderr)
        return 1 if drifted else 0
    for path in drifted:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(texts[path], encoding="utf-8")
        if texts[path].startswith("#!"):
            path.chmod(0o755)
    print(f"Written: {names}." if drifted else "Everything is up to date.")
    return 0


def made() -> dict[Path, str]:
    """The generated text of each file."""
    found = {path: path.read_text(encoding="utf-8") for path in [README, *sorted(DOCS.glob("*.md"))]}
    shown_elsewhere = "".join(text for path, text in found.items() if path != CI)
    pages = {path: placed(text) for path, text in found.items()}
    pages[CI] = pipelines(found[CI], elsewhere=shown_elsewhere)
    for path, pieces in parts(found[CI]).items():
        pages[path] = {**pages[path], **pieces}
    texts = {page: filled(found[page], pieces) for page, pieces in pages.items()}
    single = {ROOT / "action.yml": action(), DOCS / "provider-1.schema.json": file_schema.made()}
    return {**single, **composites(), **texts, **faces()}


def faces() -> dict[Path, str]:
    """The faces of other CIs: the same inputs as those of the action."""
    described = [ci_faces.Output(*each) for each in outputs().items()]
    fields = [ci_faces.Field(each.name, _in_words(each), _accepted(each), each.secret) for each in every_input()]
    return {ROOT / "faces" / name: text for name, text in ci_faces.made(fields, described, __version__).items()}


def every_input() -> list[Input]:
    """All inputs, those of providers and of test management last."""
    return [*common(), *(each for own in of_providers().values() for each in own), *of_management()]


def common() -> list[Input]:
    """The inputs that all providers share, in the order of their headings; one without a heading comes last."""
    groups = [*Group]
    return sorted(
        declared([CommonOptions]), key=lambda each: groups.index(each.group) if each.group in groups else len(groups)
    )


def of_providers() -> dict[str, list[Input]]:
    """The inputs of each provider, without the common ones."""
    return {name: declared([load().options]) for name, load in CODED.items()}


def of_management() -> list[Input]:
    """The inputs of test management."""
    return [each for load in MANAGEMENT.values() for each in declared([load().options])]


def outputs() -> dict[str, str]:
    """Every output with its description."""
    reports = {**REPORTS, NOTIFY: next(iter(NOTICES.values()))}
    return with_files(OUTPUTS, {f"{name}-file": entry.description for name, entry in reports.items()})


def action() -> str:
    """The text of action.yml."""
    described = _described(described_inputs().items())
    return actions.docker(COMMAND, _description(), described, _described(outputs().items()))


def composites() -> dict[Path, str]:
    """The text of the composite actions: the same inputs and outputs, without Docker."""
    names, described = [*described_inputs()], _described(described_inputs().items())
    handed = [(name, _described([(name, text)])) for name, text in outputs().items()]
    folder = ROOT / "composite"
    return {
        folder / "action.yml": actions.gate(COMMAND, _description(), names, described, handed),
        folder / "cleanup" / "action.yml": actions.cleanup(COMMAND, names, described),
    }


def _description() -> str:
    """What TestGate does, in one line."""
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["description"])


def described_inputs() -> dict[str, str]:
    """All inputs with their descriptions, as the actions have them."""
    inputs = every_input()
    names = [each.name for each in inputs]
    if shared := sorted({name for name in names if names.count(name) > 1}):
        message = f"{', '.join(shared)}: declared more than once; an input of the action has one description"
        raise GapError(message)
    return {each.name: _in_words(each) for each in inputs}


def _described(entries: Iterable[tuple[str, str]]) -> str:
    """Names and descriptions in YAML. Folded scalars need no escaping."""
    return "".join(f"  {name}:\n    description: >-\n{_folded(text)}" for name, text in entries)


def _folded(text: str) -> str:
    """The lines of a folded scalar, broken at spaces only."""
    lines = wrap(text, _WIDTH - 6, break_long_words=False, break_on_hyphens=False)
    return "".join(f"      {line}\n" for line in lines)


def _in_words(each: Input) -> str:
    """The description, extended by what docs/reference.md shows in other columns."""
    more = [_known(each.name)]
    if need := _needs().get(each.name):
        more.append(f"{need[0].upper()}{need[1:]}, except in a demo.")
    if each.default:
        more.append(f"Default: `{each.default}`.")
    return " ".join(filter(None, [each.description, *more]))


def _known(name: str) -> str:
    """The words that an input accepts, if a registry defines them."""
    return f"One of: {', '.join(f'`{word}`' for word in _REGISTRIES[name])}." if name in _REGISTRIES else ""


def _accepted(each: Input) -> tuple[str, ...]:
    """The words that an input accepts, as far as they are known."""
    flag = ("true", "false")
    return tuple(_REGISTRIES.get(each.name, each.choices)) or (flag if each.default in flag else ())


def _needs() -> dict[str, str]:
    """Which inputs are required, and when."""
    needs = {"api-key": "required"}
    for provider, load in CODED.items():
        entry = load()
        needs |= dict.fromkeys(entry.required, f"required for `provider: {provider}`")
        several = len(entry.selects) > 1
        needs |= dict.fromkeys(entry.selects, f"{'one of these is ' if several else ''}required for `command: run`")
    return needs


def parts(ci: str) -> dict[Path, dict[str, str]]:
    """The generated parts of the pages, by the names in their markers, besides pipelines. `ci` is the page of CIs."""
    return {
        README: {
            "workflow": f"```yaml\n{EXAMPLE.read_text(encoding='utf-8')}```\n",
            "platforms": platforms_table(),
            "CIs": cis_table(ci, "docs/ci.md"),
            "exit codes": exit_codes_table(),
        },
        DOCS / "reference.md": {
            "commands": commands_table(),
            "inputs": inputs_tables(),
            "outputs": table(("Output", "Meaning"), ((f"`{name}`", text) for name, text in outputs().items())),
            "conclusions": conclusions_table(),
        },
        DOCS / "platforms.md": {"platforms": platforms_table(), "values": platforms.sections()},
        DOCS / "troubleshooting.md": {
            "last lines": last_lines_table(WHEN),
            "messages": messages_part(ROOT / "src" / "testgate"),
        },
    }


def platforms_table() -> str:
    """Every platform: how surely TestGate knows it, and what it can do there."""
    return table(platforms.HEAD, (each.cells for each in platforms.rows()))


def placed(page: str, folder: Path = EXAMPLES) -> dict[str, str]:
    """The pipelines that a page has markers for, by the names in these."""
    return {name: _code(path) for name, path in _named(folder).items() if _marker(name) in page}


def pipelines(page: str, folder: Path = EXAMPLES, elsewhere: str = "") -> dict[str, str]:
    """The pipelines of docs/ci.md: one part per file, except for those in the README and on the pages `elsewhere`.

    The files without a marker are shown together, in the part `other pipelines`.
    """
    others = (
        f"### {path.parent.name}\n\n{_code(path)}"
        for name, path in _named(folder).items()
        if _marker(name) not in page + elsewhere
    )
    return {**placed(page, folder), "other pipelines": "\n".join(others)}


def _named(folder: Path) -> dict[str, Path]:
    """The pipelines by their names, without the one in the README."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != EXAMPLE)
    return {str(path.relative_to(folder)): path for path in paths}


def _marker(name: str) -> str:
    """What begins the part with a pipeline."""
    return f"<!-- generated: {name} -->"


def _code(path: Path) -> str:
    """The file as a code block."""
    languages = {".yml": "yaml", ".kts": "kotlin", "": "groovy"}
    return f"```{languages.get(path.suffix, path.suffix[1:])}\n{path.read_text(encoding='utf-8')}```\n"


def inputs_tables() -> str:
    """A table for each group of inputs."""
    if lost := [each.name for each in common() if each.group not in list(Group)]:
        message = f"each common input needs a group; these have none: {lost}"
        raise GapError(message)
    chapters = {str(group): [each for each in common() if each.group == group] for group in Group}
    for provider, own in of_providers().items():
        chapters[f"Only for `provider: {provider}`"] = own
    chapters["Test management"] = of_management()
    return "\n".join(f"### {heading}\n\n{_inputs_table(inputs)}" for heading, inputs in chapters.items())


def _inputs_table(inputs: Iterable[Input]) -> str:
    """The table of some inputs."""
    rows = ((f"`{each.name}`", _default(each), f"{each.description} {_known(each.name)}".strip()) for each in inputs)
    return table(("Input", "Default", "Meaning"), rows)


def _default(each: Input) -> str:
    """The cell of the default."""
    return f"`{each.default}`" if each.default else _needs().get(each.name, "")


def conclusions_table() -> str:
    """Every conclusion with its exit code."""
    if missing := [each.value for each in Conclusion if each not in WHEN]:
        message = f"WHEN must contain each conclusion; missing: {missing}"
        raise GapError(message)
    rows = ((f"`{conclusion}`", codes(conclusion), WHEN[conclusion]) for conclusion in Conclusion)
    return table(("Conclusion", "Exit code", "When"), rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
