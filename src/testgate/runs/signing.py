"""Requests that need the token of a login: it is asked for once, kept, and asked for again when it is refused."""

import asyncio
from collections.abc import Callable

from testgate.errors import NEVER_LEFT, BadAnswer, Unanswered, Unavailable
from testgate.ports import Transport
from testgate.wire import Call, Reply, Request

_UNAUTHORIZED = 401


class SignedIn:
    """Sends requests with the token of a login; see `ports.Transport`. `learned` is told of each token, to hide it.

    A request that is refused with 401 was not acted on, so it is sent once more with a new token.
    """

    def __init__(
        self, transport: Transport, login: Call[str], redact: Callable[[str], str], learned: Callable[[str], None]
    ) -> None:
        self._transport = transport
        self._login = login
        self._redact = redact
        self._learned = learned
        self._token = ""
        self._asking = asyncio.Lock()

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        """Send once, with a valid token."""
        if not request.signed_in:
            return await self._transport.send(request, timeout_seconds)
        token = await self._other_than("", timeout_seconds)
        reply = await self._transport.send(request.with_token(token), timeout_seconds)
        if reply.status == _UNAUTHORIZED:
            token = await self._other_than(token, timeout_seconds)
            reply = await self._transport.send(request.with_token(token), timeout_seconds)
        return reply._replace(request=request)

    async def _other_than(self, refused: str, timeout_seconds: float) -> str:
        """A token that isn't the refused one. Whatever goes wrong here, the request itself has not left."""
        async with self._asking:
            if self._token in {"", refused}:
                self._token = ""
                self._token = await self._new(timeout_seconds)
            return self._token

    async def _new(self, timeout_seconds: float) -> str:
        """Log in."""
        try:
            reply = await self._transport.send(self._login.request, timeout_seconds)
            token = self._login.read(reply._replace(redact=self._redact))
        except asyncio.CancelledError:
            raise asyncio.CancelledError(NEVER_LEFT) from None
        except (Unanswered, Unavailable, BadAnswer) as fault:
            lasting = isinstance(fault, Unanswered) and fault.lasting
            about = fault.about if isinstance(fault, Unanswered) else ""
            message = f"the login failed: {fault}"
            raise Unanswered(message, maybe_arrived=False, lasting=lasting, remedy=fault.remedy, about=about) from fault
        self._learned(token)
        return token
