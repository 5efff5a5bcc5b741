"""Builds requests from a provider file: placeholders become values, and secrets go only where they are hidden."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote

from testgate.errors import PlatformError
from testgate.providers.described.given import Given
from testgate.providers.described.opening import Opening
from testgate.providers.described.parts import Ask
from testgate.providers.described.templates import (
    SPREAD,
    Placeholder,
    Scope,
    as_text,
    filled,
    filled_text,
    pieces,
    placeholders,
)
from testgate.wire import TOKEN, Credential, Request

_XML = "application/xml, text/xml, */*;q=0.5"


class Asker(NamedTuple):
    """Builds the requests of a file to the API at `base_url`."""

    opening: Opening
    base_url: str
    key: str
    given: Given

    def __repr__(self) -> str:
        """Hide the key."""
        return f"Asker({self.opening.name!r}, {self.base_url!r})"

    def request(self, ask: Ask, scope: Scope, *, xml: bool = False, signed: bool = True) -> Request:
        """Return the request, with everything that it carries.

        Raises:
            PlatformError: something is needed that nothing is known of.

        """
        names = {**self.values, **scope}
        carried = names if signed else {**names, "key": self.key}  # only a login carries the key itself
        body = filled(ask.body, carried) if ask.body is not None else None
        fields = self._texts(ask.form, carried) if ask.form is not None else None
        first, *further = self.credentials() if signed else (None,)
        return Request(
            method=ask.method,
            url=self._address(ask) + path_of(ask.path, names, self.opening.joints),
            query=self._texts(ask.query, names),
            body=body,
            credential=first,
            private=self._private(ask.body) | self._private(ask.form),
            fields=fields,
            further=tuple(each for each in further if each is not None),
            headers=ask.headers,
            accept=_XML if xml else "application/json",
        )

    def _address(self, ask: Ask) -> str:
        """The address that a request goes to: one of its own counts only beside that of the file."""
        return ask.base_url if ask.base_url and self.base_url == self.opening.base_url else self.base_url

    def credentials(self) -> list[Credential | None]:
        """What authenticates a request; a single None if nothing does."""
        auth, names = self.opening.auth, {**self.values, "key": self.key, "token": TOKEN}
        found = [
            *(Credential(name, str(filled_text(text, names) or "")) for name, text in auth.headers.items()),
            *(
                Credential(name, str(filled_text(text, names) or ""), in_query=True)
                for name, text in auth.query.items()
            ),
        ]
        if auth.basic is not None:
            user, password = (filled_text(text, names) or "" for text in auth.basic)
            found.insert(0, Credential("Authorization", basic(user, password)))
        return [*found] or [None]

    @property
    def values(self) -> dict[str, Any]:
        """What the workflow gave, by placeholder."""
        return {f"value.{name}": value for name, value in self.given.values.items()}

    def _texts(self, table: Mapping[str, str | int | list[str]], names: Scope) -> dict[str, str]:
        """A query or a form."""
        found = {}
        if SPREAD in table:
            spread = filled({SPREAD: table[SPREAD]}, names)
            found = {name: as_text(value) for name, value in spread.items()}
        for name, value in table.items():
            if name == SPREAD:
                continue
            text = filled_text(value, names) if isinstance(value, str) else str(value)
            if text is not None:
                found[name] = text
        return found

    def _private(self, table: Mapping[str, Any] | None) -> frozenset[str]:
        """The keys of a body whose values hold a secret."""
        hidden = {"key", *(f"value.{name}" for name in self.given.secret if name in self.given.values)}
        found = {
            name: names
            for name, value in (table or {}).items()
            if (names := {str(each) for each, _alone in placeholders(value)} & hidden)
        }
        maps = (self.given.values.get(name.removeprefix("value.")) for name in found.get(SPREAD, ()))
        return frozenset({*found, *(key for each in maps if isinstance(each, Mapping) for key in each)})


def basic(user: str, password: str) -> str:
    """The value of the header for a user and a password."""
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()


def path_of(path: str, names: Scope, joints: Mapping[str, str] = MappingProxyType({})) -> str:
    """A path with its placeholders filled in: each value stays in its segment, unless it may be several.

    Raises:
        PlatformError: a value leads to another path, or isn't known.

    """
    return "/".join(_segment(segment, names, joints) for segment in path.split("/"))


def _segment(segment: str, names: Scope, joints: Mapping[str, str]) -> str:
    """One segment, or the several of a value that is a path itself."""
    parts = pieces(segment) if segment else []
    if not any(isinstance(each, Placeholder) for each in parts):
        return segment
    text = filled_text(segment, names) or ""
    several = len(parts) == 1 and parts[0] in joints
    segments = text.split("/") if several else [text]
    if not all(each.strip(".") for each in segments):
        raise PlatformError(f"{text!r} cannot be a part of a path")
    between = f"/{joints[parts[0]]}/" if several and joints[parts[0]] else "/"
    return between.join(quote(each, safe="") for each in segments)


def sent_secrets(opening: Opening, key: str, given: Given) -> Sequence[str]:
    """Other spellings in which a secret is sent, such as the one of `Basic`, for the log to hide."""
    asker = Asker(opening, "", key, given)
    try:
        found = [each.value for each in asker.credentials() if each is not None and TOKEN not in each.value]
    except PlatformError:
        return ()  # a value is missing, which is reported as a problem
    shown = {as_text(value) for name, value in given.values.items() if name not in given.secret}
    return [part for value in found if value not in shown for part in (value, value.rpartition(" ")[2]) if part]
