"""Finds the text of an input: in a variable of any spelling, a secret's file, or a list's numbered variables."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from testgate.inputs.numbered import count_variable, every_item, is_list, item_number, list_variables, numbered_list
from testgate.inputs.values import Fault, Given, closest
from testgate.text import one_line

STEP = "INPUT_"  # an input of this step; variables with other prefixes may come from the job's environment
_OWN = "TESTGATE_"
_PREFIXES = (STEP, _OWN, "PLUGIN_")
_OUTPUTS = "TESTGATE_OUT_"
_FILE = "_FILE"
_LARGEST_FILE_CHARACTERS = 64 * 1024
_SHOWN_NAME = 80
_UNREADABLE = "?"
# Azure Pipelines leaves this text if a variable doesn't exist, such as a secret in a build of a fork.
_UNDEFINED = re.compile(r"\$\([A-Za-z_][A-Za-z0-9_.]*\)")


def spellings(name: str) -> tuple[str, ...]:
    """The variables that can set the input, in order of precedence."""
    upper = name.upper()
    plain = upper.replace("-", "_")
    return tuple(dict.fromkeys((STEP + upper, *(prefix + plain for prefix in _PREFIXES))))


def _countable(name: str) -> list[str]:
    """The spellings that a list can be numbered in: those that a shell can set."""
    return [spelling for spelling in spellings(name) if "-" not in spelling]


def is_input(variable: str) -> bool:
    """Whether a variable of the environment is in a place for inputs."""
    return variable.startswith(_PREFIXES)


class Lookup:
    """Finds the text of inputs in one environment.

    `read_file` gives the UTF-8 text of a small file, and raises OSError or ValueError. Each file is
    read only once, as it may be a pipe. `overrides` replaces inputs by name, whatever the environment
    contains.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        read_file: Callable[[str], str],
        overrides: Mapping[str, str] | None = None,
    ) -> None:
        self._environ = environ
        self._read_file = read_file
        self._overrides = dict(overrides or {})
        self._contents: dict[str, str | Fault] = {}

    def override(self, texts: Mapping[str, str]) -> "Lookup":
        """A lookup of the same environment with these texts for some inputs; an empty text unsets an input."""
        other = Lookup(self._environ, read_file=self._read_file, overrides={**self._overrides, **texts})
        other._contents = self._contents  # a pipe cannot be read again
        return other

    def text(self, name: str) -> str:
        """The text of an input that isn't a secret; "" if it isn't given, and some text if it can't be read."""
        try:
            given = self.given(name, several=True)
        except Fault:
            return _UNREADABLE  # the fault is reported when the input is read
        return given.text if given else ""

    def given(self, name: str, *, secret: bool = False, several: bool = False) -> Given | None:
        """The input; None if it is empty or not given.

        A `secret` may come from a file, and `several` values from numbered variables.

        Raises:
            Fault: the file or the numbered variables are invalid, or the input is set in two ways.

        """
        if name in self._overrides:
            text = self._overrides[name].strip()
            return Given(text, "") if text else None
        return self.from_environment(name, secret=secret, several=several)

    def from_environment(self, name: str, *, secret: bool = False, several: bool = False) -> Given | None:
        """Like `given`, but ignoring overrides."""
        value = self._value(name, several=several)
        if secret and value and _UNDEFINED.fullmatch(value.text):
            value = None
        file = self._first(spelling + _FILE for spelling in spellings(name)) if secret else None
        if value and file:
            raise Fault(f"is set twice, by {value.variable} and by {file.variable}: remove one", shown="")
        return Given(self._content(file), file.variable) if file else value

    def everywhere(self, name: str) -> Iterator[Given]:
        """Yield every text that any variable, file or override has for a secret, used or not: all must be hidden."""
        if name in self._overrides:
            yield Given(self._overrides[name].strip(), "")
        for spelling in spellings(name):
            plain = self._first([spelling])
            yield from [plain] if plain and not _UNDEFINED.fullmatch(plain.text) else []
            yield from every_item(self._environ, spelling)
            file = self._first([spelling + _FILE])
            try:
                yield from [Given(self._content(file), file.variable)] if file else []
            except Fault:
                continue

    def variables(self) -> Iterable[str]:
        """The variables that look like inputs and aren't empty."""
        return [
            variable
            for variable, value in self._environ.items()
            if variable.startswith(_PREFIXES) and not variable.startswith(_OUTPUTS) and value.strip()
        ]

    def variable(self, name: str) -> str:
        """The variable that sets the input, validly or not; "" if there is none, or if the input is overridden."""
        if name in self._overrides:
            return ""
        for spelling in spellings(name):
            if spelling in _countable(name) and is_list(self._environ, spelling):
                return count_variable(spelling)
            if self._first([spelling]):
                return spelling
        return ""

    def list_variables(self, name: str) -> Iterable[str]:
        """The numbered variables that belong to a list of this input, including its count."""
        return [variable for spelling in _countable(name) for variable in list_variables(self._environ, spelling)]

    def _value(self, name: str, *, several: bool) -> Given | None:
        """The input in the first spelling that is set, plain or numbered."""
        for spelling in spellings(name):
            found = self._first([spelling])
            if spelling in _countable(name):
                found = numbered_list(self._environ, spelling, several=several) or found
            if found:
                return found
        return None

    def _first(self, variables: Iterable[str]) -> Given | None:
        """The first of the variables that isn't empty."""
        for variable in variables:
            text = self._environ.get(variable, "").strip()
            if text:
                return Given(text, variable)
        return None

    def _content(self, file: Given) -> str:
        """The trimmed text of the file. Its path is never shown: it may be a secret in the wrong variable."""
        if file.text not in self._contents:
            self._contents[file.text] = self._read(file)
        content = self._contents[file.text]
        if isinstance(content, Fault):
            raise Fault(content.what, shown="")
        return content

    def _read(self, file: Given) -> str | Fault:
        """The text of the file, or what is wrong with it."""
        which = f"the file named by {file.variable}"
        try:
            content = self._read_file(file.text)
        except UnicodeError:
            return Fault(f"{which} is not UTF-8 text")
        except (OSError, ValueError) as error:
            return Fault(f"{which} cannot be read ({getattr(error, 'strerror', None) or 'not a path'})")
        if len(content) > _LARGEST_FILE_CHARACTERS:
            return Fault(f"{which} is larger than 64 kB")
        return content.removeprefix("\ufeff").strip() or Fault(f"{which} is empty")


class Names(NamedTuple):
    """The names of all inputs, of those that are secrets, and of those that can have several values."""

    every: frozenset[str]
    secret: frozenset[str]
    several: frozenset[str] = frozenset()


def unknown_variable_warnings(lookup: Lookup, names: Names) -> list[str]:
    """A warning for each variable that looks like an input but isn't one.

    CIs set `PLUGIN_` variables of their own, so these are reported only if they resemble an input.
    """
    known = {spelling for name in names.every for spelling in spellings(name)}
    known |= {spelling + _FILE for name in names.secret for spelling in spellings(name)}
    known |= {variable for name in names.several for variable in lookup.list_variables(name)}
    return [
        warning for variable in lookup.variables() if variable not in known for warning in _warnings(variable, names)
    ]


def _warnings(variable: str, names: Names) -> list[str]:
    """The warning about an unknown variable, if there should be one. Its value is never shown."""
    prefix = next(prefix for prefix in _PREFIXES if variable.startswith(prefix))
    name = variable.removeprefix(prefix).lower().replace("_", "-")
    shown = f"`{one_line(variable, _SHOWN_NAME)}`"
    if lone := _uncounted(variable, names):
        return [f"{shown} is ignored: `{lone}` does not include it"]
    if name.endswith("-file") and name.removesuffix("-file") in names.every - names.secret:
        return [f"{shown} is ignored: only secrets are read from files"]
    near = name if name in names.every else closest(name, sorted(names.every))
    if near:
        right = spellings(near)[0] if prefix == STEP else prefix + near.upper().replace("-", "_")
        return [f"{shown} is not an input and is ignored; did you mean `{near if prefix == STEP else right}`?"]
    return [] if prefix not in {STEP, _OWN} else [f"{shown} is not an input and is ignored"]


def _uncounted(variable: str, names: Names) -> str:
    """The count that should include this item of a list; "" if the variable isn't an item."""
    spelling = variable.rpartition("_")[0]
    lists = {each for name in names.several for each in _countable(name)}
    return count_variable(spelling) if spelling in lists and item_number(variable, spelling) is not None else ""
