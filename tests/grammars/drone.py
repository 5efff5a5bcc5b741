"""Harness's two readers of a step's file of outputs, written from their source: by lines, and by statements."""

import re

from tests.grammars import plain
from tests.grammars.dialect import Dialect, Finished

_SCANNED = 64 * 1024  # bytes of a line, with its line break
_BLANKS = "\t\v\f\r \u0085\u00a0"  # whitespace except for line breaks
_VARIABLE = re.compile(r"(\\)?\$(\()?\{?([A-Z0-9_]+)?\}?")
_NAME = re.compile(r"[\w./ \t-]*?(?=[=:])", re.ASCII)


class BrokenFile(Exception):
    """Harness would reject the whole file."""


def by_lines(text: str) -> dict[str, str]:
    """The outputs, as the older library reads them.

    Raises:
        BrokenFile: it would reject the file.

    """
    values: dict[str, str] = {}
    for raw in text.split("\n"):
        line = raw.removesuffix("\r")
        if len(raw.encode(errors="surrogatepass")) >= _SCANNED:
            raise BrokenFile(raw[:80])
        if not line.strip() or line.strip().startswith("#"):
            continue
        line = _without_comment(line)
        separator = re.search("[=:]", line)
        if separator is None:
            raise BrokenFile(line)
        name = re.sub(r"^\s*(?:export\s+)?", "", line[: separator.start()]).rstrip()
        values[name] = _value(line[separator.end() :].strip(" "), values)
    return values


def _without_comment(line: str) -> str:
    """The line up to a number sign; a single quote between two of these opens or closes a string."""
    kept: list[str] = []
    is_open = False
    for part in line.split("#"):
        closed = False
        if part.count('"') == 1 or part.count("'") == 1:
            closed, is_open = is_open, not is_open
        if closed or not kept or is_open:
            kept.append(part)
    return "#".join(kept)


def _value(text: str, values: dict[str, str]) -> str:
    """The value of a line."""
    if len(text) < 2:
        return text
    if text[0] == text[-1] == "'":
        return text[1:-1]
    if text[0] == text[-1] == '"':
        text = re.sub(r"\\(.)", lambda found: {"n": "\n", "r": "\r"}.get(found[1], found[0]), text[1:-1])
        text = re.sub(r"\\([^$])", r"\1", text)
    return _expanded(text, values)


def by_statements(text: str) -> dict[str, str]:
    """The outputs, as the newer library reads them.

    Raises:
        BrokenFile: it would reject the file.

    """
    values: dict[str, str] = {}
    rest = text.replace("\r\n", "\n").lstrip()
    while rest:
        if rest.startswith("#"):
            rest = rest.partition("\n")[2].lstrip()
            continue
        rest = re.sub(rf"^export[{_BLANKS}]+", "", rest)
        name = _NAME.match(rest)
        if name is None:
            raise BrokenFile(rest[:80])
        value, rest = _next_value(rest[name.end() + 1 :].lstrip(_BLANKS), values)
        values[name[0].rstrip()] = value
        rest = rest.lstrip()
    return values


def _next_value(text: str, values: dict[str, str]) -> tuple[str, str]:
    """The value at the beginning of the text, and the rest after it."""
    quote = text[:1]
    if quote not in {"'", '"'}:
        end = re.search(r"[\r\n]|\Z", text)
        line, rest = (text[: end.start()], text[end.start() :]) if end else (text, "")
        comment = [found.end() - 1 for found in re.finditer(f"[{_BLANKS}]#", line)]
        return _expanded(line[: comment[-1] if comment else None].strip(_BLANKS), values), rest
    closing = re.search(rf"(?<!\\){quote}", text[1:])
    if closing is None:
        raise BrokenFile(text[:80])
    inner, rest = text[1 : closing.start() + 1].strip(quote), text[closing.end() + 1 :]
    if quote == '"':
        escapes = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "b": "\b", "v": "\v", '"': '"'}
        inner = _expanded(re.sub(r"\\(.)", lambda found: escapes.get(found[1], found[0]), inner), values)
    return inner, rest


def _expanded(text: str, values: dict[str, str]) -> str:
    """The text with the names of earlier values expanded."""

    def expand(found: re.Match[str]) -> str:
        if found[1] or found[2]:
            return found[0][1:]
        return values.get(found[3], "") if found[3] else found[0]

    return _VARIABLE.sub(expand, text)


def outputs(step: Finished) -> dict[str, str]:
    """The outputs in Harness's file, on which both readers agree; Drone has no such file."""
    if "DRONE_OUTPUT" not in step.environ:
        return plain.outputs(step)
    text = step.own_file("DRONE_OUTPUT")
    assert by_lines(text) == by_statements(text)
    return by_lines(text)


DIALECT = Dialect(outputs, own_files=("DRONE_OUTPUT",))
