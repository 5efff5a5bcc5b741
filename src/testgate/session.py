"""Acts: starts the loop, puts engine and ports together, and runs the command on it."""

import asyncio
import datetime as dt
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from testgate import __version__
from testgate.commands.cleanup import Memory
from testgate.edges.console import Console
from testgate.edges.journal import Journal
from testgate.edges.signals import Signals
from testgate.errors import InputError
from testgate.gate.assembly import CommandResult
from testgate.gate.quarantine import Quarantine
from testgate.gate.verdict import judge
from testgate.inputs.options import CommonOptions
from testgate.model import Conclusion, Run, RunReport, Target, Verdict
from testgate.ports import Platform, Provider, Transport
from testgate.runs.diagnosing import Diagnosis
from testgate.runs.engine import Engine, Halted, Limits
from testgate.runs.polling import Poller
from testgate.runs.progress import Progress
from testgate.runs.recording import Recorder
from testgate.runs.workflow import RunContext, RunOptions
from testgate.text import plural, tidy
from testgate.wire import Request

T = TypeVar("T")

_JUDGING = frozenset({"run", "attach", "rerun"})  # a stop must not fail over a file that only a verdict needs
_PRELOAD_SECONDS = 1.0  # after the start: the trigger is on the wire by then, and the wait has begun
_CLEANUP_SECONDS = 60.0


class World(Protocol):
    """What comes from outside; times are in seconds."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of the process."""

    @property
    def signals(self) -> Signals:
        """The signals that ask for an end."""

    @property
    def monotonic(self) -> Callable[[], float]:
        """A clock that never jumps."""

    @property
    def wall_clock(self) -> Callable[[], float]:
        """Epoch seconds."""

    @property
    def chance(self) -> Callable[[], float]:
        """Random numbers from 0 to 1."""

    @property
    def token(self) -> Callable[[], str]:
        """Random tokens."""


class Session:
    """One command on one loop."""

    def __init__(  # noqa: PLR0913  # everything that acts
        self,
        options: CommonOptions,
        provider: Provider,
        *,
        console: Console,
        journal: Journal,
        platform: Platform,
        redact: Callable[[str], str],
        world: World,
        began: float,
        preload: Callable[[], object],
        read: Callable[[str], str],
        record: Callable[[Engine], Recorder] | None = None,
    ) -> None:
        """Take the inputs, the provider and the edges.

        `preload` loads what the end needs, while waiting. `record` makes what writes results down,
        None where that is not wanted.
        """
        self._options = options
        self._provider = provider
        self._console = console
        self._journal = journal
        self._platform = platform
        self._redact = redact
        self._world = world
        self._began = began
        self._preload = preload
        self._record = record
        self._quarantine = self._read_quarantine(read)

    def dry_run(self, first: Sequence[Request]) -> Verdict:
        """Print what would be sent; `first` is what comes before the platform is asked for anything."""
        from testgate.commands.dry_run import lines, requests_of  # for this command only

        asked = requests_of(self._provider, self._options.command, self._options.stop_scope, self._mark())
        requests = [*first, *asked]
        for line in lines(requests):
            self._console.line(line)
        return Verdict(Conclusion.DRY_RUN, f"{plural(len(requests), 'request')} shown, and nothing sent")

    def play(self) -> CommandResult:
        """Run the command to its end."""
        return asyncio.run(self._on_loop(self._play, self._options.timeout))

    def clean_up(self, memory: Memory) -> bool:
        """Stop what the main step left; True where nothing of it goes on."""

        async def act(engine: Engine) -> bool:
            from testgate.commands.cleanup import clean_up  # for the second executable only

            try:
                return await engine.until_halted(clean_up(memory, self._provider, engine, self._console.line))
            except Halted:
                return False

        return asyncio.run(self._on_loop(act, _CLEANUP_SECONDS))

    async def _on_loop(self, act: Callable[[Engine], Awaitable[T]], timeout_seconds: float) -> T:
        """Act with an engine; a signal is an event of the loop."""
        options, world, loop = self._options, self._world, asyncio.get_running_loop()
        limits = Limits(
            timeout=timeout_seconds,
            request_timeout=options.request_timeout,
            max_outage=options.max_outage,
            requests_per_second=options.requests_per_second,
            poll_interval=options.poll_interval,
            max_parallel=options.max_parallel,
        )
        engine = Engine(
            self._transport(),
            limits,
            self._console,
            chance=world.chance,
            started=loop.time() - (world.monotonic() - self._began),
            redact=self._redact,
            wall_clock=world.wall_clock,
        )
        world.signals.react(lambda heard: loop.call_soon_threadsafe(self._cancel, engine, heard))
        loop.call_later(_PRELOAD_SECONDS, self._preload)
        try:
            return await act(engine)
        finally:
            world.signals.react(None)
            engine.close()

    async def _play(self, engine: Engine) -> CommandResult:
        """The command."""
        try:
            if self._options.command == "check":
                return await self._check(engine)
            if self._options.command == "stop":
                return await self._stop(engine)
            if self._options.command == "create-test-run" and self._record is not None:
                from testgate.commands.create_test_run import create_test_run  # for this command only

                return await create_test_run(self._record(engine))
            return await self._run(engine)
        except Halted as halt:
            return CommandResult(
                verdict=Verdict(halt.conclusion, "the step had to end before it was done"), halted=engine.halted
            )

    async def _run(self, engine: Engine) -> CommandResult:
        """`run`, `attach` and `rerun`: they differ in where the first run comes from."""
        from testgate.commands.rerun import rerun  # beside its siblings
        from testgate.commands.run import run  # as above

        options, provider = self._options, self._provider
        begins = provider.targets() if options.command == "run" else provider.attached()
        ports = RunContext(
            provider=provider,
            engine=engine,
            poller=Poller(engine, provider),
            journal=self._journal,
            teller=Progress(self._console, self._world.monotonic, several=len(begins) > 1),
            diagnosis=Diagnosis(provider, engine, self._redact),
            redact=self._redact,
            label=self._quarantine.label,
        )
        plan = RunOptions(
            wait=options.wait,
            rerun_failed=options.rerun_failed,
            wait_busy=options.on_busy == "wait",
            policy=options.policy(),
            stop_at=options.stops,
            mark=self._mark,
        )
        recorder = self._record(engine) if self._record else None
        if recorder is not None:
            await recorder.begin()
        title = tidy(f"Running {', '.join(each.name for each in _targets(begins))}", self._redact)
        self._journal.perform(self._platform.group(title))
        reports: Sequence[RunReport] = await (
            rerun(plan, ports) if options.command == "rerun" else run(begins, plan, ports)
        )
        self._console.end_progress()
        self._journal.perform(self._platform.end_group(title))
        played = CommandResult(reports, halted=engine.halted, quarantine=self._quarantine)
        return played if recorder is None else await self._recorded(played, recorder)

    async def _recorded(self, played: CommandResult, recorder: Recorder) -> CommandResult:
        """The same, once its results are written down: a record, and no part of the verdict."""
        await recorder.finish(judge(played.reports, self._options.policy()))
        for warning in recorder.warnings:
            self._journal.perform(self._platform.problem("warning", "Test management", tidy(warning, self._redact)))
        notes = [*recorder.notes, *recorder.warnings]
        return played._replace(test_run=recorder.test_run.id if recorder.test_run else "", notes=notes)

    async def _stop(self, engine: Engine) -> CommandResult:
        """`stop`: the runs that are named, or everybody's."""
        from testgate.commands.stop import stop_everything, stop_named  # for this command only

        if self._options.stop_scope == "all":
            return CommandResult(verdict=await stop_everything(self._provider, engine), halted=engine.halted)
        progress = Progress(self._console, self._world.monotonic, several=len(self._provider.attached()) > 1)
        return CommandResult(await stop_named(self._provider, engine, progress), halted=engine.halted)

    async def _check(self, engine: Engine) -> CommandResult:
        """`check`: questions only."""
        from testgate.commands.check import check  # for this command only

        verdict, remedy = await check(self._provider, engine, self._console.line, self._world.environ)
        return CommandResult(verdict=verdict, remedy=remedy, halted=engine.halted)

    def _cancel(self, engine: Engine, heard: signal.Signals) -> None:
        """Have the step close down."""
        self._console.event(f"{heard.name}: closing down; the same signal again ends at once")
        engine.halt(Conclusion.CANCELLED)

    def _transport(self) -> Transport:
        """The real network."""
        from testgate.edges.transport import RequestsTransport  # bad inputs are told without loading it

        return RequestsTransport(f"testgate/{__version__}", ca_file=self._options.ca_file)

    def _mark(self) -> str:
        """CI run and attempt, and a random part: jobs of a matrix share the former two."""
        return "-".join(filter(None, ("testgate", self._platform.build.mark, self._world.token()[:8])))

    def _read_quarantine(self, read: Callable[[str], str]) -> Quarantine:
        """The quarantine as it holds today, UTC."""
        name = self._options.quarantine_file
        if not name or self._options.command not in _JUDGING:
            return Quarantine()
        from testgate.gate.quarantine import QuarantineError, parse  # for those who have one

        today = dt.datetime.fromtimestamp(self._world.wall_clock(), dt.UTC).date()
        try:
            return parse(read(name), today)
        except QuarantineError as error:
            problems = [f"`quarantine-file`: {name} {problem}" for problem in error.problems]
        except UnicodeError:
            problems = [f"`quarantine-file`: {name} is not UTF-8 text"]
        except OSError as error:
            problems = [
                f"`quarantine-file`: {name} cannot be read: {error.strerror}. Example: .testgate/quarantine.toml"
            ]
        raise InputError(problems)


def _targets(begins: Sequence[Target | Run]) -> Sequence[Target]:
    """What is run."""
    return [begin.target if isinstance(begin, Run) else begin for begin in begins]
