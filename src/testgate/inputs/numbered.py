"""Lists in numbered variables, as Bitbucket passes them to a pipe: `NAME_COUNT=2`, `NAME_0`, `NAME_1`.

NAME is a spelling of an input. The items are joined as lines, which lists and maps are read from.
"""

from collections.abc import Collection, Iterator, Mapping

from testgate.inputs.values import Fault, Given

MOST_ITEMS = 1000
_COUNT = "_COUNT"
_LONGEST_COUNT = 9


def count_variable(name: str) -> str:
    """The variable with the number of items."""
    return name + _COUNT


def numbered_list(environ: Mapping[str, str], name: str, *, several: bool) -> Given | None:
    """The items as lines; None if there are none. `several`: whether the input can be a list.

    Raises:
        Fault: they are invalid. It names variables but shows no values, as these may be secrets.

    """
    count = _counted(environ, name)
    if count == 0:
        return None
    if not several:
        raise Fault(f"takes a single value, but {count_variable(name)} makes it a list", shown="")
    if environ.get(name, "").strip():
        raise Fault(f"is set twice, by {name} and by {count_variable(name)}: remove one", shown="")
    if count is None or count > MOST_ITEMS:
        raise Fault(f"cannot be read: {count_variable(name)} must be a whole number from 0 to {MOST_ITEMS}", shown="")
    variables = [f"{name}_{number}" for number in range(count)]
    missing = next((variable for variable in variables if variable not in environ), "")
    if missing:
        raise Fault(f"is incomplete: {count_variable(name)} is {count}, but {missing} is not set", shown="")
    items = [environ[variable].strip() for variable in variables]
    broken = next((variable for variable, item in zip(variables, items, strict=True) if _several_lines(item)), "")
    if broken:
        raise Fault(f"has an item with several lines ({broken}): each item must be one line", shown="")
    text = "\n".join(items).strip()
    return Given(text, count_variable(name), numbered=True) if text else None


def every_item(environ: Mapping[str, str], name: str) -> Iterator[Given]:
    """The texts of all numbered variables, counted or not: every part of a secret must be hidden."""
    for variable, value in environ.items():
        if value.strip() and item_number(variable, name) is not None:
            yield Given(value.strip(), variable, numbered=True)


def is_list(environ: Mapping[str, str], name: str) -> bool:
    """Whether a list is given, valid or not."""
    return _counted(environ, name) != 0


def list_variables(environ: Mapping[str, str], name: str) -> Collection[str]:
    """The variables that belong to a list: its count, and the items that the count includes."""
    count = _counted(environ, name)
    if count is None or count > MOST_ITEMS:  # a fault elsewhere; which items were meant is unknown
        return {count_variable(name), *(variable for variable in environ if item_number(variable, name) is not None)}
    return {count_variable(name), *(f"{name}_{number}" for number in range(count))}


def item_number(variable: str, name: str) -> int | None:
    """The number at the end of an item's variable; None if the variable isn't an item of this list."""
    number = variable.removeprefix(f"{name}_")
    return int(number) if number != variable and _is_count(number) else None


def _counted(environ: Mapping[str, str], name: str) -> int | None:
    """The number of items: 0 without a count, None if the count isn't a number."""
    count = environ.get(count_variable(name), "").strip() or "0"
    return int(count) if _is_count(count) else None


def _is_count(text: str) -> bool:
    """Whether the text is a number of a reasonable length."""
    return text.isascii() and text.isdigit() and len(text) <= _LONGEST_COUNT


def _several_lines(item: str) -> bool:
    """Whether an item would be split into several."""
    return "\n" in item or "\r" in item
