"""Where an input's text comes from: four spellings of a variable, a secret's file, a list's numbered variables."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from testgate.inputs.numbered import accounted, counter, listed, number_of, numbered, pieces
from testgate.inputs.values import Fault, Given, closest
from testgate.text import one_line

STEP = "INPUT_"  # an input of this very step; the other prefixes may come from a job's environment
_OWN = "TESTGATE_"
_PREFIXES = (STEP, _OWN, "PLUGIN_")
_OUTPUTS = "TESTGATE_OUT_"
_FILE = "_FILE"
_LARGEST_FILE_CHARACTERS = 64 * 1024
_SHOWN_NAME = 80
_UNREADABLE = "?"
# Azure Pipelines leaves this in the place of a variable that does not exist, as secrets of a fork's build: no secret.
_NOT_THERE = re.compile(r"\$\([A-Za-z_][A-Za-z0-9_.]*\)")


def spellings(name: str) -> tuple[str, ...]:
    """The variables that hold the input, the first to be looked at first."""
    upper = name.upper()
    plain = upper.replace("-", "_")
    return tuple(dict.fromkeys((STEP + upper, *(prefix + plain for prefix in _PREFIXES))))


def _countable(name: str) -> list[str]:
    """The spellings that a number may follow: those that a shell can set."""
    return [spelling for spelling in spellings(name) if "-" not in spelling]


def is_input(variable: str) -> bool:
    """Whether a variable of the environment is in a place for inputs."""
    return variable.startswith(_PREFIXES)


class Lookup:
    """Finds the text of inputs in one environment.

    What is laid over an input, by its name, replaces whatever the environment says of it. Each
    file is read once, as it may be a pipe.
    """

    def __init__(
        self,
        environ: Mapping[str, str],
        *,
        read_file: Callable[[str], str],
        laid_over: Mapping[str, str] | None = None,
    ) -> None:
        """Take the environment and how to read a small file of UTF-8 text; that raises OSError or ValueError."""
        self._environ = environ
        self._read_file = read_file
        self._laid_over = dict(laid_over or {})
        self._contents: dict[str, str | Fault] = {}

    def lay_over(self, texts: Mapping[str, str]) -> "Lookup":
        """A lookup of the same environment with these texts over it; an empty one means "not given"."""
        upper = Lookup(self._environ, read_file=self._read_file, laid_over={**self._laid_over, **texts})
        upper._contents = self._contents  # a pipe cannot be read again
        return upper

    def text(self, name: str) -> str:
        """The text of an input that is no secret; "" where it is not given, and something where it cannot be read."""
        try:
            given = self.given(name, several=True)
        except Fault:
            return _UNREADABLE  # what is wrong is told where the input is read
        return given.text if given else ""

    def given(self, name: str, *, secret: bool = False, several: bool = False) -> Given | None:
        """The input, None where it is not given or empty; a secret may come from a file, several values numbered.

        Raises:
            Fault: the file or the numbered variables cannot be used, or the input is given in two ways.

        """
        if name in self._laid_over:
            text = self._laid_over[name].strip()
            return Given(text, "") if text else None
        return self.from_environment(name, secret=secret, several=several)

    def from_environment(self, name: str, *, secret: bool = False, several: bool = False) -> Given | None:
        """As `given`, whatever is laid over the input."""
        value = self._value(name, several=several)
        if secret and value and _NOT_THERE.fullmatch(value.text):
            value = None
        file = self._first(spelling + _FILE for spelling in spellings(name)) if secret else None
        if value and file:
            raise Fault(f"is given twice, by {value.variable} and by {file.variable}: keep one", shown="")
        return Given(self._content(file), file.variable) if file else value

    def everywhere(self, name: str) -> Iterator[Given]:
        """Each text that any spelling, file or layer holds for a secret, used or not: all are to be hidden."""
        if name in self._laid_over:
            yield Given(self._laid_over[name].strip(), "")
        for spelling in spellings(name):
            plain = self._first([spelling])
            yield from [plain] if plain and not _NOT_THERE.fullmatch(plain.text) else []
            yield from pieces(self._environ, spelling)
            file = self._first([spelling + _FILE])
            try:
                yield from [Given(self._content(file), file.variable)] if file else []
            except Fault:
                continue

    def variables(self) -> Iterable[str]:
        """The variables that look like inputs and are not empty."""
        return [
            variable
            for variable, value in self._environ.items()
            if variable.startswith(_PREFIXES) and not variable.startswith(_OUTPUTS) and value.strip()
        ]

    def variable(self, name: str) -> str:
        """The variable that gives the input, usable or not; "" where none does, or something is laid over it."""
        if name in self._laid_over:
            return ""
        for spelling in spellings(name):
            if spelling in _countable(name) and listed(self._environ, spelling):
                return counter(spelling)
            if self._first([spelling]):
                return spelling
        return ""

    def accounted(self, name: str) -> Iterable[str]:
        """The numbered variables that are a list's of this input, its count among them."""
        return [variable for spelling in _countable(name) for variable in accounted(self._environ, spelling)]

    def _value(self, name: str, *, several: bool) -> Given | None:
        """The input from the first spelling that is given, plain or numbered."""
        for spelling in spellings(name):
            found = self._first([spelling])
            if spelling in _countable(name):
                found = numbered(self._environ, spelling, several=several) or found
            if found:
                return found
        return None

    def _first(self, variables: Iterable[str]) -> Given | None:
        """The first of the variables that is not empty."""
        for variable in variables:
            text = self._environ.get(variable, "").strip()
            if text:
                return Given(text, variable)
        return None

    def _content(self, file: Given) -> str:
        """The trimmed text of the file; its path is never shown, as it may be a secret put in the wrong place."""
        if file.text not in self._contents:
            self._contents[file.text] = self._read(file)
        content = self._contents[file.text]
        if isinstance(content, Fault):
            raise Fault(content.what, shown="")
        return content

    def _read(self, file: Given) -> str | Fault:
        """The file's text, or what is wrong with the file."""
        which = f"the file that {file.variable} names"
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
    """The names of all inputs that exist, which of them are secrets, and which can hold several values."""

    every: frozenset[str]
    secret: frozenset[str]
    several: frozenset[str] = frozenset()


def strangers(lookup: Lookup, names: Names) -> list[str]:
    """A warning for each variable that looks like an input and is none.

    CIs set `PLUGIN_` variables of their own, so one is told only where it is nearly an input.
    """
    known = {spelling for name in names.every for spelling in spellings(name)}
    known |= {spelling + _FILE for name in names.secret for spelling in spellings(name)}
    known |= {variable for name in names.several for variable in lookup.accounted(name)}
    return [
        warning for variable in lookup.variables() if variable not in known for warning in _warnings(variable, names)
    ]


def _warnings(variable: str, names: Names) -> list[str]:
    """What to say of one unknown variable: nothing, or a sentence. Its value is never shown."""
    prefix = next(prefix for prefix in _PREFIXES if variable.startswith(prefix))
    name = variable.removeprefix(prefix).lower().replace("_", "-")
    shown = f"`{one_line(variable, _SHOWN_NAME)}`"
    if lone := _uncounted(variable, names):
        return [f"{shown} is ignored: `{lone}` does not count it"]
    if name.endswith("-file") and name.removesuffix("-file") in names.every - names.secret:
        return [f"{shown} is ignored: only secrets are read from files"]
    near = name if name in names.every else closest(name, sorted(names.every))
    if near:
        right = spellings(near)[0] if prefix == STEP else prefix + near.upper().replace("-", "_")
        return [f"{shown} is no input and is ignored: did you mean `{near if prefix == STEP else right}`?"]
    return [] if prefix not in {STEP, _OWN} else [f"{shown} is no input and is ignored"]


def _uncounted(variable: str, names: Names) -> str:
    """The count that should count this item of a list; "" where the variable is no such item."""
    spelling = variable.rpartition("_")[0]
    lists = {each for name in names.several for each in _countable(name)}
    return counter(spelling) if spelling in lists and number_of(variable, spelling) is not None else ""
