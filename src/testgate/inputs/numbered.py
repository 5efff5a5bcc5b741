"""Lists that arrive as numbered variables, as Bitbucket hands a list to a pipe: `NAME_COUNT=2`, `NAME_0`, `NAME_1`.

NAME is a spelling of an input. The items become lines, which is how lists and maps are read.
"""

from collections.abc import Collection, Iterator, Mapping

from testgate.inputs.values import Fault, Given

MOST_ITEMS = 1000
_COUNT = "_COUNT"
_LONGEST_COUNT = 9


def counter(name: str) -> str:
    """The variable that says how many items there are."""
    return name + _COUNT


def numbered(environ: Mapping[str, str], name: str, *, several: bool) -> Given | None:
    """The items as lines; None where there are none. `several`: whether the input can hold a list at all.

    Raises:
        Fault: they cannot be used. It names variables and shows no value: that may be a secret.

    """
    count = _counted(environ, name)
    if count == 0:
        return None
    if not several:
        raise Fault(f"holds one value, but {counter(name)} makes it a list", shown="")
    if environ.get(name, "").strip():
        raise Fault(f"is given twice, by {name} and by {counter(name)}: keep one", shown="")
    if count is None or count > MOST_ITEMS:
        raise Fault(f"cannot be read: {counter(name)} must be a whole number from 0 to {MOST_ITEMS}", shown="")
    variables = [f"{name}_{number}" for number in range(count)]
    missing = next((variable for variable in variables if variable not in environ), "")
    if missing:
        raise Fault(f"is incomplete: {counter(name)} is {count}, and there is no {missing}", shown="")
    items = [environ[variable].strip() for variable in variables]
    broken = next((variable for variable, item in zip(variables, items, strict=True) if _several_lines(item)), "")
    if broken:
        raise Fault(f"has an item of several lines, {broken}: an item is one line", shown="")
    text = "\n".join(items).strip()
    return Given(text, counter(name), numbered=True) if text else None


def pieces(environ: Mapping[str, str], name: str) -> Iterator[Given]:
    """What stands in any numbered variable, counted or not: of a secret all is to be hidden."""
    for variable, value in environ.items():
        if value.strip() and number_of(variable, name) is not None:
            yield Given(value.strip(), variable, numbered=True)


def listed(environ: Mapping[str, str], name: str) -> bool:
    """Whether a list is given, usable or not."""
    return _counted(environ, name) != 0


def accounted(environ: Mapping[str, str], name: str) -> Collection[str]:
    """The variables that are a list's: its count, and the items that this counts. Nothing where no list is given."""
    count = _counted(environ, name)
    if count is None or count > MOST_ITEMS:  # told as a fault; which of the items are meant is not known
        return {counter(name), *(variable for variable in environ if number_of(variable, name) is not None)}
    return {counter(name), *(f"{name}_{number}" for number in range(count))}


def number_of(variable: str, name: str) -> int | None:
    """The number at the end of an item's variable; None where it is no item of this name."""
    number = variable.removeprefix(f"{name}_")
    return int(number) if number != variable and _is_count(number) else None


def _counted(environ: Mapping[str, str], name: str) -> int | None:
    """How many items there are to be: 0 without a count, None where the count is no number."""
    count = environ.get(counter(name), "").strip() or "0"
    return int(count) if _is_count(count) else None


def _is_count(text: str) -> bool:
    """Whether the text is a number of a length that can be read."""
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_COUNT


def _several_lines(item: str) -> bool:
    """Whether an item would become more than one."""
    return "\n" in item or "\r" in item
