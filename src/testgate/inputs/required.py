"""Which inputs a step requires, and which ones belong to another provider. Pure."""

from collections.abc import Mapping, Sequence

from testgate.inputs.declaring import Options
from testgate.inputs.lookup import Lookup, spellings
from testgate.inputs.reading import declared


def selection(lookup: Lookup, selects: Sequence[str], why: str) -> dict[str, str]:
    """Require the first of the inputs that select what to run, if none of them is given."""
    if any(lookup.text(name) for name in selects):
        return {}
    first, *others = selects
    rest = f"one of {', '.join(others)}" if len(others) > 1 else "".join(others)
    return {first: f"{why}: this, or {rest}" if others else why}


def api_key(why: str, advice: str) -> dict[str, str]:
    """Require the platform's key; `advice` says why the CI provides no secrets here, or where it keeps them."""
    return {"api-key": f"{why}, and it is empty here. {advice}" if advice else why}


def unknown_variables(lookup: Lookup, models: Sequence[type[Options]]) -> bool:
    """Whether a variable looks like an input and isn't in these models."""
    known = {spelling for each in declared(models) for spelling in spellings(each.name)}
    return any(variable not in known for variable in lookup.variables())


def foreign(models: Sequence[type[Options]], others: Mapping[str, type[Options]]) -> dict[str, str]:
    """The inputs that only other providers have, with the names of these providers."""
    own = {each.name for each in declared(models)}
    return {each.name: name for name, model in others.items() for each in declared([model]) if each.name not in own}


def mentions(lookup: Lookup, models: Sequence[type[Options]]) -> bool:
    """Whether a variable sets an input of these models, or resembles one: it starts like their names."""
    prefixes = {"-".join(each.name.split("-")[:2]) for each in declared(models) if each.name.count("-") > 1}
    return any(_starts(variable, prefixes) for variable in lookup.variables())


def _starts(variable: str, prefixes: set[str]) -> bool:
    """Whether the variable, without the prefix of its spelling, starts like one of the inputs."""
    name = variable.lower().replace("_", "-")
    return any(f"-{prefix}-" in name for prefix in prefixes)
