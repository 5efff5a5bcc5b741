"""The comment of a step on its pull request: whether one is wanted, where, and with what time."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from testgate.composition.ready import Ready
from testgate.edges.step import Step
from testgate.errors import PlatformError, Refused, ReportError, Unanswered, Unavailable
from testgate.inputs.options import CommonOptions
from testgate.model import Conclusion
from testgate.ports.forge import Forge
from testgate.results import Gate
from testgate.wire import Call, Reply, Request

T = TypeVar("T")

SECONDS = 20.0  # for everything about the comment
_REQUEST_SECONDS = 10.0
_FORBIDDEN = frozenset({403, 404})
_WITHOUT = frozenset({Conclusion.TRIGGERED, Conclusion.DRY_RUN})


class Commenter:
    """Writes the comment of a step at its end."""

    def __init__(self, ready: Ready) -> None:
        self._step = ready.foundation.step
        self._options = ready.options
        self._has_verdict = ready.foundation.command.has_verdict

    def comment(self, gate: Gate) -> tuple[str, str]:
        """Write it; returns a level, and what was done or why not. What can be expected doesn't raise."""
        token = self._options.forge_token
        against = self._against(gate)
        if token is None or against[1]:
            return against
        try:
            return self._written(gate, token.reveal())
        except ReportError as error:
            return "warning", f"No comment was written: {error}. {error.remedy}"
        except TimeoutError:
            return "warning", f"It isn't known whether the comment was written: that took longer than {SECONDS:g} s"
        except asyncio.CancelledError:
            return "", "It isn't known whether the comment was written: the step was cancelled meanwhile"

    def _against(self, gate: Gate) -> tuple[str, str]:
        """Why there is no comment, with a level; "" twice if there is one."""
        if not self._has_verdict:
            return "", "`comment` has no effect: only commands with a verdict on tests write one"
        if self._step.world.signals.first is not None or gate.verdict.conclusion in _WITHOUT:
            return "", "`comment` has no effect on a step that is cancelled, or has no verdict"
        if self._options.forge_token is None:
            return "notice", "No comment was written: `forge-token` is empty, since the CI may withhold it from forks"
        return "", ""

    def _written(self, gate: Gate, token: str) -> tuple[str, str]:
        """Write it where the pull request is."""
        from testgate.forges import forge_of

        forge = forge_of(self._step.world.environ, self._step.platform.build, token)
        if forge is None:
            return "notice", "No comment was written: nothing says where the pull request is; see docs/comments.md"
        try:
            return "", f"comment {self._step.world.run_loop(self._post(forge, gate))}"
        except PlatformError as error:
            return _level(error), _sentence(error, forge)

    async def _post(self, forge: Forge, gate: Gate) -> str:
        """Write the comment in the time that there is; a signal ends it at once."""
        from testgate.publishing.commenting import Comments
        from testgate.publishing.marker import marker_of
        from testgate.reports.comment import render
        from testgate.runs.engine import Engine, Limits
        from testgate.runs.halt import Halt

        step, loop, task = self._step, asyncio.get_running_loop(), asyncio.current_task()
        halt = Halt(loop.time() + SECONDS)
        limits = Limits(SECONDS, request_timeout=min(_REQUEST_SECONDS, self._options.request_timeout))
        transport = _Trusting(step, self._options)
        engine = Engine(
            transport,
            limits,
            step.console,
            halt,
            chance=step.world.chance,
            redact=step.redact,
            wall_clock=step.world.wall_clock,
            server=forge.name,
        )
        comments = Comments(
            forge,
            _Asking(engine.ask, loop.time, loop.time() + SECONDS),
            lambda room: step.redact(render(gate, html=forge.html, room=room)),
            marker_of(gate, step.platform.build),
            only_changes=self._options.comment == "changes",
            green=gate.verdict.conclusion.green,
        )
        if task is not None:
            step.world.signals.react(lambda _received: loop.call_soon_threadsafe(task.cancel))
        try:
            async with asyncio.timeout(SECONDS):
                return await comments.post()
        finally:
            step.world.signals.react(None)
            halt.close()


class _Asking:
    """Asks through the engine. A server that asks for a longer pause than there is time isn't asked again."""

    def __init__(self, ask: Callable[..., Any], clock: Callable[[], float], until: float) -> None:
        self._ask = ask
        self._clock = clock
        self._until = until

    async def __call__(self, call: Call[T]) -> T:
        """Return the answer."""
        asked: T = await self._ask(call._replace(read=partial(self._read, call)), closing=True)
        return asked

    def _read(self, call: Call[T], reply: Reply) -> T:
        """Read the reply."""
        try:
            return call.read(reply)
        except Unavailable as fault:
            pause = fault.retry_after_seconds or 0.0
            if self._clock() + pause < self._until:
                raise
            raise PlatformError(f"{fault}, and asks for a pause of {pause:g} s") from fault


class _Trusting:
    """The network with the usual certificate authorities, or with those of `ca-file` if the forge's is among them."""

    def __init__(self, step: Step, options: CommonOptions) -> None:
        self._usual = step.world.transport(None, step.redact)
        self._own = step.world.transport(options.ca_file, step.redact) if options.ca_file else None

    async def send(self, request: Request, timeout_seconds: float) -> Reply:
        """Send the request; nothing of it has left if a certificate isn't trusted."""
        try:
            return await self._usual.send(request, timeout_seconds)
        except Unanswered as fault:
            if self._own is None or fault.maybe_arrived or fault.about != "TLS":
                raise
            return await self._own.send(request, timeout_seconds)


def _level(error: PlatformError) -> str:
    """A missing permission is worth a hint, as on pull requests from forks; the rest a warning."""
    return "notice" if isinstance(error, Refused) and error.status in _FORBIDDEN else "warning"


def _sentence(error: PlatformError, forge: Forge) -> str:
    """What failed, and what to do."""
    advice = f". {forge.advice}" if isinstance(error, Refused) else ""
    return f"The comment on {forge.name} was not written: {error}{advice}"
