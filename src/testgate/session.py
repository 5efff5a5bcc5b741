"""Runs a command on an event loop, with an engine, a deadline and signals."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from testgate.commands.command import Command, CommandContext
from testgate.edges.step import Step
from testgate.gate.assembly import CommandResult
from testgate.gate.quarantine import Quarantine
from testgate.inputs.options import CommonOptions
from testgate.model import Conclusion, Target
from testgate.ports import Provider, Transport
from testgate.results import RunReport, Verdict
from testgate.runs.attempts import EarlierAttempt
from testgate.runs.engine import Engine, Limits
from testgate.runs.halt import Halt, Halted

if TYPE_CHECKING:
    from testgate.commands.cleanup import Memory
    from testgate.runs.recording import Recorder

T = TypeVar("T")

_PRELOAD_SECONDS = 1.0  # after the start: the trigger has been sent by then, and the wait has begun
_CLEANUP_SECONDS = 60.0


@dataclass(eq=False, repr=False)
class Session:
    """Everything that a command of this step needs. `preload` loads what the end needs, during the wait.

    `recorder` makes what records results; it is None if that isn't wanted. `recall` adds what earlier builds say to a
    report, and `earlier` is what an earlier attempt of this job began.
    """

    step: Step
    options: CommonOptions
    provider: Provider
    preload: Callable[[], object]
    quarantine: Quarantine = field(default_factory=Quarantine)
    recorder: "Callable[[Engine], Recorder] | None" = None
    recall: Callable[[RunReport], RunReport] = lambda report: report
    earlier: Callable[[Target], EarlierAttempt | None] = lambda _target: None
    expected: Callable[[Target], float | None] = lambda _target: None

    def mark(self) -> str:
        """A build number that no other run has: jobs of a matrix share the CI's run and attempt."""
        step = self.step
        return "-".join(filter(None, ("testgate", step.platform.build.mark, step.world.token()[:8])))

    def run(self, command: Command) -> CommandResult:
        """Run the command to its end."""

        async def act(engine: Engine) -> CommandResult:
            try:
                return await command.run(self._context(engine))
            except Halted as halt:
                verdict = Verdict(halt.conclusion, "the step had to end before it was done")
                return CommandResult(verdict=verdict, halted=engine.halt.reason)

        return self.step.world.run_loop(self._on_loop(act, self.options.timeout))

    def clean_up(self, memory: "Memory") -> bool:
        """Stop what the main step left; True if nothing of it is still running."""

        async def act(engine: Engine) -> bool:
            from testgate.commands.cleanup import clean_up

            try:
                return await engine.halt.until(clean_up(memory, self.provider, engine, self.step.console.line))
            except Halted:
                return False

        return self.step.world.run_loop(self._on_loop(act, _CLEANUP_SECONDS))

    def _context(self, engine: Engine) -> CommandContext:
        """What a command works with."""
        return CommandContext(
            step=self.step,
            options=self.options,
            provider=self.provider,
            engine=engine,
            mark=self.mark,
            quarantine=self.quarantine,
            recorder=self.recorder(engine) if self.recorder else None,
            recall=self.recall,
            earlier=self.earlier,
            expected=self.expected,
        )

    async def _on_loop(self, act: Callable[[Engine], Awaitable[T]], timeout_seconds: float) -> T:
        """Act with an engine; signals become events of the loop."""
        step, loop = self.step, asyncio.get_running_loop()
        halt = Halt(loop.time() - step.elapsed + timeout_seconds)
        engine = Engine(
            self._transport(),
            self._limits(timeout_seconds),
            step.console,
            halt,
            chance=step.world.chance,
            redact=step.redact,
            wall_clock=step.world.wall_clock,
        )
        step.world.signals.react(lambda received: loop.call_soon_threadsafe(self._cancel, halt, received))
        loop.call_later(_PRELOAD_SECONDS, self.preload)
        step.world.loaded()
        try:
            return await act(engine)
        finally:
            step.world.signals.react(None)
            halt.close()

    def _transport(self) -> Transport:
        """The network; if the platform wants a login, with what logs in."""
        step = self.step
        transport, login = step.world.transport(self.options.ca_file, step.redact), self.provider.login()
        if login is None:
            return transport
        from testgate.runs.signing import SignedIn  # for platforms that have a login

        return SignedIn(transport, login, step.redact, step.learn)

    def _limits(self, timeout_seconds: float) -> Limits:
        """The user's limits."""
        options = self.options
        return Limits(
            timeout=timeout_seconds,
            request_timeout=options.request_timeout,
            max_outage=options.max_outage,
            requests_per_second=options.requests_per_second,
            poll_interval=options.poll_interval,
            max_parallel=options.max_parallel,
            queue_timeout=options.queue_timeout,
            stall_timeout=options.stall_timeout,
        )

    def _cancel(self, halt: Halt, received: signal.Signals) -> None:
        """Make the step close down."""
        self.step.console.event(f"{received.name}: closing down; the same signal again ends the step at once")
        halt.request(Conclusion.CANCELLED)
