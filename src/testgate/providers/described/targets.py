"""What the values of a provider file select. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from testgate.model import Target as Wanted
from testgate.providers.described.given import Given
from testgate.providers.described.opening import Opening, Target
from testgate.providers.described.refs import Chosen
from testgate.providers.described.templates import as_text, filled_text


def targets_of(document: Opening, given: Given) -> Sequence[Wanted]:
    """One target for each item of a list, or one for all of what was given."""
    return [found for target in document.targets for found in _targets(target, given)]


def _targets(target: Target, given: Given) -> Iterator[Wanted]:
    """The targets of one kind."""
    if target.each:
        for item in given.values.get(target.each, ()):
            yield _wanted(target, given, f"{target.each} {as_text(item)}", item)
    elif target.together:
        items = given.values.get(target.together)
        if items:
            yield _wanted(target, given, f"{target.together} {','.join(map(as_text, items))}", items)
    elif chosen := [name for name in target.any if name in given.values]:
        key = " ".join(f"{name}={_written(given.values[name])}" for name in chosen)
        yield _wanted(target, given, key, None)


def _wanted(target: Target, given: Given, key: str, it: Any) -> Wanted:  # noqa: ANN401  # an item or a list
    """A target with its name."""
    names = {f"value.{name}": value for name, value in given.values.items() if name not in given.secret}
    count = len(it) if isinstance(it, list) else 1
    name = filled_text(target.name, {**names, "it": it, "count": str(count)}) or key
    return Wanted(key, " ".join(name.split()), Chosen(it, dict(target.send) or None, request=target.request).text)


def _written(value: object) -> str:
    """A value as a part of a key."""
    return ",".join(map(as_text, value)) if isinstance(value, list) else as_text(value)
