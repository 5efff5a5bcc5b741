"""Writes the comment on the pull request: one, updated in place, whoever else writes at the same time.

Nothing here affects the verdict. A comment is created once: if it is unknown whether that had an effect, the comments
are read again until it shows, and it isn't sent again. Of several comments with one marker, all writers keep the one
with the lowest id, and delete the others.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from testgate.errors import BadAnswer, PlatformError, Refused, Unanswered, Unavailable
from testgate.ports.forge import Comment, Forge
from testgate.publishing.marker import Marker, read
from testgate.wire import Call

T = TypeVar("T")

MOST_PAGES = 50
_ROUNDS = 8
_LOOKS = 4  # for a comment whose creation is in doubt
_PAUSE_SECONDS = 1.0
_SHORTEST = 1_000  # characters: nothing that is refused at this length is too long
_TOO_LONG = frozenset({400, 413, 422})
_GATEWAYS = frozenset({408, 502, 504})  # what is behind them may still be at work
_FORBIDDEN, _CONFLICT = 403, 409
_OVERTAKEN = frozenset({404, _CONFLICT, 410})  # somebody else was faster


class Ask(Protocol):
    """Sends a call, as often as it may be sent; see `runs.engine`."""

    async def __call__(self, call: Call[T]) -> T:
        """Return the answer, or raise the errors of the engine."""


@dataclass(eq=False, repr=False)
class Comments:
    """The comment of one step on one forge.

    `render` makes the text in at most so many bytes. `only_changes`: an unchanged result isn't written again, and a
    `green` one only where there is a comment already.
    """

    forge: Forge
    ask: Ask
    render: Callable[[int], str]
    marker: Marker
    only_changes: bool = False
    green: bool = False
    _room: int = field(default=0, init=False)
    _myself: str | None = field(default=None, init=False)
    _foreign: set[str] = field(default_factory=set, init=False)
    _missed: set[str] = field(default_factory=set, init=False)
    _looks_left: int | None = field(default=None, init=False)

    async def post(self) -> str:
        """Write the comment; returns what was done, in a clause.

        Raises:
            PlatformError: it could not be written, or it is unknown whether it was.

        """
        change = self.forge.change or await self._found()
        if not change:
            return "not written: there is no open pull request for this build"
        self._room = self.forge.longest
        for _round in range(_ROUNDS):
            mine = await self._mine(change)
            done = await self._renewed(change, mine) if mine else await self._created(change)
            if done:
                return f"{done} ({self.forge.name}, number {change})"
        raise PlatformError("others changed the comment at the same time, again and again")

    async def _found(self) -> str:
        """The number of the open pull request, the lowest if there are several; "" if there is none."""
        refusal: Refused | None = None
        for question in self.forge.changes():
            try:
                numbers = await self.ask(question)
            except Refused as fault:  # GitHub doesn't know a commit that was never pushed to it, say
                refusal = fault
                continue
            refusal = None
            if numbers:
                return min(numbers, key=_rank)
        if refusal is not None:
            raise refusal
        return ""

    async def _mine(self, change: str) -> list[Comment]:
        """Our comments, the oldest first."""
        found: list[Comment] = []
        for page in range(1, MOST_PAGES + 1):
            comments, more = await self.ask(self.forge.comments(change, page))
            found += [each for each in comments if each.id and each.id not in self._foreign and self._is_marked(each)]
            if not more:
                break
        else:
            raise PlatformError("the pull request has too many comments to find ours among them")
        if found and self._myself is None:
            self._myself = await self._who()
        return sorted(filter(self._is_mine, found), key=lambda comment: _rank(comment.id))

    def _is_marked(self, comment: Comment) -> bool:
        """Whether the comment begins with our marker."""
        marker = read(comment.body)
        return marker is not None and marker.key == self.marker.key

    def _is_mine(self, comment: Comment) -> bool:
        """Whether we wrote the comment: anybody can copy a marker. A token that may not ask this is a program's."""
        return comment.author == self._myself if self._myself else comment.automatic

    async def _who(self) -> str:
        """The author of our comments; "" if the token may not ask."""
        try:
            return await self.ask(self.forge.myself())
        except Refused:
            return ""

    async def _created(self, change: str) -> str:
        """Create the comment, unless it isn't wanted or was sent; "" if the comments must be read again."""
        if self.only_changes and self.green:
            return "not written: all is well, and there was no comment before"
        if self._looks_left is not None:
            return await self._look_again()
        try:
            created = await self._written(lambda body: self.forge.create(change, body))
        except (Unanswered, BadAnswer, Unavailable, Refused) as fault:
            return await self._not_created(fault)
        self._myself = created.author or self._myself
        mine = await self._mine(change)
        return "written" if not mine or [each.id for each in mine] == [created.id] else ""

    async def _not_created(self, fault: PlatformError) -> str:
        """Wait before the comments are read again.

        Raises:
            PlatformError: the forge doesn't want the comment.

        """
        if may_be_there(fault):
            self._looks_left = _LOOKS  # from now on, it is only looked for
            return await self._look_again()
        if not (isinstance(fault, Unavailable) or (isinstance(fault, Refused) and fault.status == _CONFLICT)):
            raise fault
        wish = fault.retry_after_seconds if isinstance(fault, Unavailable) else None
        await asyncio.sleep(max(_PAUSE_SECONDS, wish or 0.0))
        return ""

    async def _look_again(self) -> str:
        """Wait before the comments are read again.

        Raises:
            PlatformError: that was done often enough.

        """
        if not self._looks_left:
            raise PlatformError("it is unknown whether the comment was written, and it was not sent again")
        self._looks_left -= 1
        await asyncio.sleep(_PAUSE_SECONDS)
        return ""

    async def _renewed(self, change: str, mine: Sequence[Comment]) -> str:
        """Update the first of our comments, if that is wanted, and delete the others; "" if they must be read again."""
        keep, *doubles = mine
        done = self._settled(keep)
        if not done:
            try:
                await self._written(lambda body: self.forge.update(change, keep, body))
            except Refused as fault:
                return await self._overtaken(keep, fault)
            done = "updated"
        for double in doubles:
            try:
                await self.ask(self.forge.delete(change, double))
            except Refused as fault:  # another writer has deleted it
                if fault.status not in _OVERTAKEN:
                    raise
        return done

    def _settled(self, comment: Comment) -> str:
        """Why the comment needs no update, in a clause; "" if it does."""
        said = read(comment.body)
        if said is not None and said.is_newer_than(self.marker):
            return "left alone: a later build has written it"
        if self.only_changes and said is not None and said.says == self.marker.says:
            return "left alone: nothing has changed"
        return "left alone: it says the same" if comment.body.split() == self._body().split() else ""

    async def _overtaken(self, comment: Comment, fault: Refused) -> str:
        """Read the comments again after a conflict. A comment that we may not change isn't ours.

        Raises:
            Refused: the refusal has another reason.

        """
        if fault.status == _FORBIDDEN or (fault.missing and comment.id in self._missed):
            self._foreign.add(comment.id)
        elif fault.status not in _OVERTAKEN:
            raise fault
        self._missed.add(comment.id)
        await asyncio.sleep(_PAUSE_SECONDS)
        return ""

    async def _written(self, call_of: Callable[[str], Call[T]]) -> T:
        """Send the text, and a shorter one as long as it may be too long."""
        while True:
            body = self._body()
            try:
                return await self.ask(call_of(body))
            except Refused as fault:
                self._room = max(_SHORTEST, len(body) // 2)
                if fault.status not in _TOO_LONG or len(self._body()) >= len(body):
                    raise

    def _body(self) -> str:
        """The whole comment: the marker, and the text in the room that is left."""
        marker = self.marker.line(html=self.forge.html)
        return f"{marker}\n\n{self.render(self._room - len(marker) - 2)}"


def may_be_there(fault: PlatformError) -> bool:
    """Whether the comment may have been created, although the call failed."""
    match fault:
        case Unanswered():
            return fault.maybe_arrived
        case Unavailable():
            return fault.status in _GATEWAYS
        case Refused():
            return not fault.certain
        case _:
            return True


def _rank(number: str) -> tuple[int, ...]:
    """The order of ids: numbers, or several numbers with colons."""
    return tuple(int(part) if part.isascii() and part.isdigit() else -1 for part in number.split(":"))
