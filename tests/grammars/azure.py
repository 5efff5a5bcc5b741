"""A stand-in for the agent of Azure Pipelines, written from its source: commands, variables, results of steps."""

import re
import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from tests.grammars.dialect import Dialect, Finished
from tests.support.step import KEY

MARK = "##vso["
# The agent's areas and events; letter case doesn't matter.
EVENTS: Mapping[str, frozenset[str]] = {
    "task": frozenset(
        {
            "addattachment",
            "complete",
            "debug",
            "issue",
            "logdetail",
            "logissue",
            "prependpath",
            "setendpoint",
            "setprogress",
            "setsecret",
            "settaskvariable",
            "setvariable",
            "uploadfile",
            "uploadsummary",
        }
    ),
    "artifact": frozenset({"associate", "upload"}),
    "build": frozenset({"addbuildtag", "updatebuildnumber", "uploadlog"}),
    "codecoverage": frozenset({"enable", "publish"}),
    "release": frozenset({"updatereleasename"}),
    "results": frozenset({"publish"}),
    "telemetry": frozenset({"publish"}),
}
# The order matters: the percent sign comes last.
_REPLACED = {"%3B": ";", "%0D": "\r", "%0A": "\n", "%5D": "]", "%AZP25": "%"}
_RESULTS = ("Succeeded", "SucceededWithIssues", "Failed", "Canceled", "Skipped", "Abandoned")
_KEPT_ISSUES = 10


class BrokenCommand(Exception):
    """The agent would fail the step."""


class Command(NamedTuple):
    """A command as the agent understands it."""

    area: str
    event: str
    properties: dict[str, str]
    data: str


class Agent:
    """Reads the log of a step named `step`; `files` are the files that it finds, `secrets` the secret variables."""

    def __init__(self, *files: str, step: str = "gate", secrets: Mapping[str, str] | None = None) -> None:
        self._files = files
        self._step = step
        self._variables = {name.lower(): value for name, value in (secrets or {}).items()}
        self.masked: list[str] = []
        self.issues: dict[str, list[str]] = {"error": [], "warning": []}
        self.result = ""
        self.summaries: list[str] = []
        self.log: list[str] = []

    def read(self, line: str) -> None:
        """Obey the line, or log it."""
        command = command_of(line)
        if command is None:
            self.log.append(line)
            return
        if command.event not in EVENTS[command.area]:
            raise BrokenCommand(line)
        act = {
            "setsecret": self._mask,
            "setvariable": self._set,
            "logissue": self._issue,
            "complete": self._complete,
            "uploadsummary": self._attach,
        }[command.event]
        act(command)

    def ended(self, code: int) -> str:
        """The result of the step after its process has ended: the worse one of its command and its exit code."""
        given = _RESULTS.index(self.result or "Succeeded")
        return _RESULTS[max(given, _RESULTS.index("Failed" if code else "Succeeded"))]

    def variable(self, name: str) -> str:
        """An output variable of the step as a later step of the job sees it, with references expanded."""
        return self._expanded(f"{self._step}.{name}".lower(), ())

    def names(self) -> set[str]:
        """The names of the output variables, without the step's name."""
        return {name.partition(".")[2].upper() for name in self._variables if name.startswith(f"{self._step}.")}

    def _expanded(self, name: str, outer: tuple[str, ...]) -> str:
        """The value of a variable, with the variables that it refers to expanded."""
        value, position = self._variables[name], 0
        while (start := value.find("$(", position)) >= 0 and (end := value.find(")", start + 2)) >= 0:
            inner = value[start + 2 : end].lower()
            if inner not in self._variables or inner in (*outer, name):
                position = start + 1
                continue
            found = self._expanded(inner, (*outer, name))
            value = value[:start] + found + value[end + 1 :]
            position = start + len(found)
        return value

    def _mask(self, command: Command) -> None:
        if command.data:
            self.masked.append(command.data)

    def _set(self, command: Command) -> None:
        name = command.properties.get("variable")
        if not name:
            raise BrokenCommand(command)
        prefix = f"{self._step}." if command.properties.get("isoutput", "").lower() == "true" else ""
        self._variables[f"{prefix}{name}".lower()] = command.data

    def _issue(self, command: Command) -> None:
        kept = self.issues.get(command.properties.get("type", "").lower())
        if kept is None:
            raise BrokenCommand(command)
        if len(kept) < _KEPT_ISSUES:
            kept.append(command.data)

    def _complete(self, command: Command) -> None:
        result = command.properties.get("result", "")
        if result not in _RESULTS:
            raise BrokenCommand(command)
        self.result = max(self.result or "Succeeded", result, key=_RESULTS.index)

    def _attach(self, command: Command) -> None:
        if command.data not in self._files:
            raise BrokenCommand(command)
        self.summaries.append(command.data)


def command_of(line: str) -> Command | None:
    """The command after the first mark in a line, wherever that is."""
    start = line.find(MARK)
    return _command_at(line, start) if start >= 0 else None


def commands_at_worst(line: str) -> list[Command]:
    """Every command that the line could be to an agent that compares culture-sensitively, as .NET can.

    Such an agent skips ignorable characters when it searches for the mark, but counts the mark's length from its start.
    """
    found = (_command_at(line, start) for start in range(len(line)) if _matches(line, start))
    return [command for command in found if command]


def shown(line: str) -> tuple[str, str]:
    """How the page shows a line: its format, such as `group`, and its text."""
    if line.startswith("##[") and "]" in line:
        form, _, text = line[3:].partition("]")
        return form, text
    return "", line


def _command_at(line: str, start: int) -> Command | None:
    """The command whose mark begins at this position; None if the agent doesn't know its area."""
    end = line.find("]", start)
    if end < 0:
        return None
    name, blank, given = line[start + len(MARK) : end].partition(" ")
    parts = [part for part in name.split(".") if part]
    if len(parts) != 2 or parts[0].lower() not in EVENTS:
        return None
    pairs = (pair.lstrip("=").split("=", 1) for pair in given.split(";") if blank)
    properties = {pair[0].lower(): _unescaped(pair[1]) for pair in pairs if len(pair) == 2 and pair[1]}
    return Command(parts[0].lower(), parts[1].lower(), properties, _unescaped(line[end + 1 :]))


def _matches(line: str, start: int) -> bool:
    """Return True if the mark begins at this position; ignorable characters are skipped."""
    left = list(MARK)
    for character in line[start:]:
        if character == left[0]:
            left.pop(0)
        elif unicodedata.category(character) not in {"Cf", "Cc", "Mn", "Me", "Cn"}:
            return False
        if not left:
            return True
    return False


def _unescaped(text: str) -> str:
    """Undo the agent's escapes, one after another."""
    for escape, sign in _REPLACED.items():
        text = text.replace(escape, sign)
    return text


def outputs(step: Finished) -> dict[str, str]:
    """The variables of a later step. The key is masked, the most issues are kept, and the summary is a file."""
    agent = Agent(str(step.left.folder / "testgate-report" / "summary.md"))
    for line in step.lines:
        agent.read(line)
    assert agent.masked == [KEY]
    assert len(agent.summaries) == 1
    assert len(agent.issues["error"]) == 10
    assert agent.ended(step.left.code) == "Failed"
    return {name: agent.variable(name) for name in agent.names()}


DIALECT = Dialect(outputs, workspace=("SYSTEM_DEFAULTWORKINGDIRECTORY",), own_marks=re.compile(r"^##\[(?:end)?group\]"))
