"""Finds what the user named: exactly one target has the name, or the error says which have it, or nearly."""

import difflib
from collections.abc import Sequence

from testgate.errors import GateError, Refused
from testgate.model import Target
from testgate.ports import Provider
from testgate.runs.engine import Engine
from testgate.text import one_line, plural, tidy

MOST_PAGES = 100
_SHOWN = 10
_LONGEST = 100


async def resolve(name: str, provider: Provider, engine: Engine) -> Target:
    """The only target with this name.

    Raises:
        GateError: there is none, or there are several; also if the list can't be read.

    """
    try:
        filtered = await _listed(name, provider, engine, everything=False)
    except Refused as refusal:
        if refusal.credentials:
            raise
        filtered = {}
    found = _named(name, filtered)
    listed = filtered
    if not found:  # the filter may not be understood; and the nearest names are among the others
        listed = await _listed(name, provider, engine, everything=True)
        found = _named(name, listed)
    if len(found) == 1:
        return found[0]
    if found:
        raise several(name, found)
    raise missing(name, [*listed.values()])


def several(name: str, found: Sequence[Target]) -> GateError:
    """The error if a name is not unique."""
    ids = ", ".join(target.key for target in found[:_SHOWN]) + (", …" if len(found) > _SHOWN else "")
    message = f"{len(found)} plans are called {one_line(name, _LONGEST)!r}: {ids}"
    return GateError(message, remedy=f"Give the one that you mean by its id instead: {ids}.")


def missing(name: str, listed: Sequence[Target]) -> GateError:
    """The error if nothing has the name: the nearest names, if there are any."""
    names = {target.name.casefold(): target for target in reversed(listed)}
    near = [names[each] for each in difflib.get_close_matches(name.casefold(), names, n=5, cutoff=0.5)]
    shown = ", ".join(f"{one_line(target.name, _LONGEST)!r} ({target.key})" for target in near)
    among = f"; the nearest are {shown}" if shown else f" among {plural(len(listed), 'plan')}"
    remedy = "Write the name exactly as on the platform, also its upper and lower case, or give the id instead."
    message = f"no plan that this key can see is called {one_line(name, _LONGEST)!r}{among}"
    return GateError(message, remedy=remedy)


def _named(name: str, listed: dict[str, Target]) -> list[Target]:
    """The targets with exactly this name."""
    return [target for target in listed.values() if target.name == name]


async def _listed(name: str, provider: Provider, engine: Engine, *, everything: bool) -> dict[str, Target]:
    """The targets that the platform lists for the name, or all of them, by key."""
    listed: dict[str, Target] = {}
    cursor: str | None = None
    for _page in range(MOST_PAGES):
        page = await engine.ask(provider.seek(name, cursor, everything=everything))
        before = len(listed)
        for target in page.targets:
            listed.setdefault(target.key, target._replace(name=tidy(target.name, engine.redact)))
        cursor = page.next
        if cursor is None or len(listed) == before:  # some servers repeat the first page
            return listed
    raise GateError(
        f"the platform lists more than {len(listed)} plans; not all of them were searched for the name",
        remedy="Give the id instead of the name.",
    )
