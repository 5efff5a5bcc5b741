"""What is remembered with a target and a run of a described platform, as the text that the core passes along."""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from testgate.providers.described.expressions import Expression
from testgate.shapes import id_of, text_of

_LONGEST = 2000
MARK: Final = "run.mark"
"""The placeholder for the mark with which a run was started; nobody knows it of a run that somebody else started."""


class Kept(NamedTuple):
    """Values that an answer had, by name."""

    values: Mapping[str, str]

    @property
    def text(self) -> str:
        """The values as a text; "" if there are none."""
        return json.dumps(dict(self.values), sort_keys=True) if self.values else ""


def keep(known: Mapping[str, str], places: Mapping[str, Expression], data: object) -> Kept:
    """The known values, with those that this answer has at these places."""
    found = {name: value for name, place in places.items() if (value := _harmless(place(data)))}
    return Kept({**known, **found})


def kept_of(ref: str) -> Mapping[str, str]:
    """The values that a run's `ref` holds."""
    return {name: value for name, value in _object(ref).items() if isinstance(value, str)}


class Chosen(NamedTuple):
    """What a target of ours starts: the item that it stands for, what the trigger sends, or a rerun.

    `request` is its own line of the trigger, `rerun` the run whose tests are run again: its id and `ref`, and the
    failed tests by id and by case.
    """

    it: Any = None
    send: Mapping[str, Any] | None = None
    rerun: Mapping[str, Any] | None = None
    request: str | None = None

    @property
    def text(self) -> str:
        """Itself as a text."""
        return json.dumps({name: value for name, value in self._asdict().items() if value is not None})


def chosen_of(ref: str) -> Chosen:
    """What the `ref` of a target says."""
    data = _object(ref)
    return Chosen(data.get("it"), data.get("send"), data.get("rerun"), data.get("request"))


def _harmless(value: object) -> str:
    """A value that may become part of a request: an id, or a short text on one line."""
    text = text_of(value)
    return id_of(value) or (text if len(text) <= _LONGEST and text.isprintable() else "")


def _object(text: str) -> dict[str, Any]:
    """A JSON object; empty for anything else."""
    try:
        data = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
