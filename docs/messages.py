"""Reads from the source which messages end a step, and what the program says to do about each.

Nothing is run: the messages are where errors are created. What is only known later, such as a path, is an ellipsis.
"""

import ast
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from testgate import errors, publishing
from testgate.errors import GateError, InputError
from testgate.gate.remedies import remedy_for
from testgate.merging import verdict
from testgate.model import Conclusion
from testgate.runs import engine

UNKNOWN = "…"
# What the program says about a fault that has no remedy of its own: of a report, of a platform that doesn't answer, and
# of the reports of other jobs.
_DISK: str = publishing._DISK  # noqa: SLF001  # as above
_REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(("Unanswered", "Unavailable", "_Kind"), engine._remedy_of(GateError(""))),  # noqa: SLF001  # as above
        "RefusedReportError": verdict._REMEDY,  # noqa: SLF001  # as above
    }
)
_INVALID = InputError(["a", "b"])
_INPUTS: Mapping[str, str] = MappingProxyType({"{key}": "api-key", "{url}": "base-url"})
_LONGEST_TRAIL, _MOST_TEXTS = 8, 8
_NONE = 99
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function = ast.FunctionDef | ast.AsyncFunctionDef
Trail = tuple[ast.expr, ...]
# Faults of these end no step: they are warnings about a comment on a pull request.
_COMMENTS = frozenset({"forges", "commenting.py"})
# What creates an error: which argument is its message, what surrounds that, and which one is its remedy.
_MAKERS: Mapping[str, tuple[int, str, int]] = MappingProxyType(
    {
        "Overdue": (1, "run … {}", _NONE),
        "bad_answer": (0, "… answered … with {}: …", _NONE),
        "not_started": (_NONE, "… was not started: …", 2),
        "_Kind": (1, "…: {}", 2),
        "RefusedReportError": (0, "… {}", _NONE),
    }
)


class Advice(NamedTuple):
    """What a step may end with: a message, its conclusion, and what to do. `own`: the message has its own remedy."""

    message: str
    conclusion: Conclusion
    remedy: str
    own: bool


def advice(source: Path) -> list[Advice]:
    """All messages of the package in this folder that can end a step, in the order of their first words."""
    invalid = Advice("… inputs are invalid: …", _INVALID.conclusion, _INVALID.remedy, own=True)
    found: dict[str, Advice] = {invalid.message: invalid}
    for path in sorted(each for each in source.rglob("*.py") if not _COMMENTS & {*each.parts}):
        for each in _Module(ast.parse(path.read_text(encoding="utf-8"))).advice():
            known = found.get(f"{each.message} {each.remedy}")
            if re.search(r"\w", each.message) and (known is None or (each.own and not known.own)):
                found[f"{each.message} {each.remedy}"] = each
    return sorted(found.values(), key=lambda each: each.message.lstrip("… :`").lower())


def _conclusions() -> dict[str, Conclusion]:
    """The conclusion of each error that has a message of its own."""
    classes = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, GateError)]
    return {each.__name__: each.conclusion for each in classes if each is not errors.InputError}


class _Names(NamedTuple):
    """What names stand for in a function: from outside, as constants and arguments, and what it assigns itself."""

    given: Mapping[str, Sequence[ast.expr]]
    local: Mapping[str, Sequence[ast.expr]]

    def at(self, name: ast.Name) -> Sequence[ast.expr]:
        """The expressions that the name may stand for where it is used."""
        before = [each for each in self.local.get(name.id, []) if each.lineno < name.lineno]
        return sorted(before, key=lambda each: each.lineno)[-1:] or self.given.get(name.id, [])


class _Module:
    """One module: its constants and functions, and the errors that it creates."""

    def __init__(self, tree: ast.Module) -> None:
        self._tree = tree
        self._constants = _assigned(tree.body)
        self._functions = {node.name: node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS)}
        self._calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        self._errors = _with_subclasses(tree, _conclusions())

    def advice(self) -> Iterator[Advice]:
        """The messages of the errors that the module creates, and those of answers with a certain status."""
        for values in self._constants.get("_REMEDIES", []):
            yield from _by_status(values)
        for scope in [self._tree, *self._functions.values()]:
            creating = [node for node in _calls(scope) if _name_of(node) in {*self._errors, *_MAKERS}]
            if creating:
                names = self._names(scope)
                yield from (each for node in creating for each in self._created(node, names))

    def _names(self, function: ast.Module | Function) -> _Names:
        """What names may stand for inside a function, or outside of functions."""
        if isinstance(function, ast.Module):
            return _Names(self._constants, {})
        given = {**self._constants}
        parameters = [each.arg for each in function.args.args if each.arg != "self"]
        for call in self._calls:
            if _name_of(call) == function.name and len(call.args) <= len(parameters):
                for name, value in zip(parameters, call.args, strict=False):
                    given[name] = [*given.get(name, []), value]
        return _Names(given, _assigned(ast.walk(function)))

    def _created(self, node: ast.Call, names: _Names) -> Iterator[Advice]:
        """The messages of one call, if it creates an error."""
        name = _name_of(node)
        place, around, second = _MAKERS.get(name, (0, "{}", _NONE))
        given = next((each.value for each in node.keywords if each.arg == "remedy"), None)
        given = given or (node.args[second] if len(node.args) > second else None)
        messages = self._texts(node.args[place], names) if len(node.args) > place else [UNKNOWN]
        remedies = [each for each in (self._texts(given, names) if given else []) if each.strip(" …")]
        conclusion = self._errors.get(name, Conclusion.PLATFORM_ERROR)
        for message in messages:
            for remedy in remedies or [_REMEDIES.get(name) or usual(conclusion)]:
                yield Advice(_short(around.format(message)), conclusion, remedy, own=bool(remedies))

    def _texts(self, node: ast.expr, names: _Names, trail: Trail = ()) -> list[str]:
        """The texts that an expression may have. `trail` are the expressions that led here, against circles."""
        match node:
            case ast.Constant(value=str(text)):
                return [_named(text)]
            case ast.JoinedStr(values=parts):
                each = [self._texts(part, names, trail) for part in parts]
                return [_short("".join(texts)) for texts in itertools.islice(itertools.product(*each), _MOST_TEXTS)]
            case ast.IfExp(body=first, orelse=second):
                return _either(self._texts(first, names, trail), self._texts(second, names, trail))
            case ast.BoolOp(values=[first, second]):
                texts = [*self._texts(first, names, trail), *self._texts(second, names, trail)]
                return _once(text for text in texts if text.strip(UNKNOWN)) or [UNKNOWN]
        if node in trail or len(trail) > _LONGEST_TRAIL:
            return [UNKNOWN]
        return self._referred(node, names, (*trail, node)) or [UNKNOWN]

    def _referred(self, node: ast.expr, names: _Names, trail: Trail) -> list[str]:
        """The texts of what an expression refers to; none if that isn't known."""
        values: Sequence[ast.expr] = ()
        match node:
            case ast.FormattedValue(value=value, conversion=-1):
                values = [value]
            case ast.Name():
                values = names.at(node)
            case ast.Call(func=ast.Name(id=name)) if name in self._functions:
                return self._returned(self._functions[name], trail)
            case ast.Call(func=ast.Attribute(attr="_remedy"), args=[ast.Name() as only]):
                values = [only]
            case ast.Call(func=ast.Attribute(attr="strip" | "format", value=inner)):
                return [text.strip(f" {UNKNOWN}") for text in self._texts(inner, names, trail)]
        return _once(text for each in values for text in self._texts(each, names, trail))

    def _returned(self, function: Function, trail: Trail) -> list[str]:
        """The texts that a function may return."""
        names = self._names(function)
        returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value]
        return _once(text for value in returned for text in self._texts(value, names, trail))


def _with_subclasses(tree: ast.Module, known: Mapping[str, Conclusion]) -> dict[str, Conclusion]:
    """The errors, with those that the module derives from them."""
    derived = [
        (node.name, getattr(base, "id", ""))
        for node in tree.body
        if isinstance(node, ast.ClassDef)
        for base in node.bases
    ]
    return {**known, **{name: known[base] for name, base in derived if base in known}}


def _name_of(call: ast.Call) -> str:
    """The name of what is called, without the object that it belongs to."""
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _calls(scope: ast.AST) -> Iterator[ast.Call]:
    """The calls in a function, or those of a module that are outside of functions."""
    waiting = [*ast.iter_child_nodes(scope)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Call):
            yield node
        if not isinstance(node, _FUNCTIONS):
            waiting += ast.iter_child_nodes(node)


def _assigned(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    """The expressions that each name gets."""
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found.setdefault(name, []).append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found.setdefault(name, []).append(value)
            case ast.Assign(targets=[ast.Tuple(elts=names)], value=ast.Tuple(elts=values)):
                for each, value in zip(names, values, strict=True):
                    found.setdefault(getattr(each, "id", ""), []).append(value)
    return found


def _by_status(values: ast.expr) -> Iterator[Advice]:
    """The remedies of answers with a certain status of HTTP."""
    for key, value in zip(values.keys, values.values, strict=True) if isinstance(values, ast.Dict) else ():
        if isinstance(key, ast.Constant) and isinstance(key.value, int) and isinstance(value, ast.Constant):
            message = f"… answered {key.value}: …"
            yield Advice(message, Conclusion.PLATFORM_ERROR, _named(str(value.value)), own=True)


def usual(conclusion: Conclusion) -> str:
    """What the program says to do about a conclusion if no message says more; "" if there is always one that does."""
    left = f"Nothing, unless the log names runs that may still be running. {remedy_for(Conclusion.CANCELLED)}"
    known = {
        Conclusion.REPORT_ERROR: _DISK,
        Conclusion.INVALID_INPUT: _INVALID.remedy,
        Conclusion.CANCELLED: left,
    }
    return known.get(conclusion) or remedy_for(conclusion)


def _named(text: str) -> str:
    """The text with the names of the usual inputs."""
    for mark, name in _INPUTS.items():
        text = text.replace(mark, name)
    return text


def _short(text: str) -> str:
    """The text with one ellipsis where there were several."""
    while (shorter := text.replace("……", "…").replace("… …", "…").replace("(…) (…)", "(…)")) != text:
        text = shorter
    return text


def _either(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """The texts of both; an ellipsis if one of them is there or not."""
    both = [*first, *second]
    return [UNKNOWN] if "" in both and len(both) == 2 else _once(both)  # noqa: PLR2004  # a text, or nothing


def _once(texts: Iterable[str]) -> list[str]:
    """The texts without duplicates."""
    return [*dict.fromkeys(texts)]
