"""Puts the parts together: reads the environment once, chooses adapters, runs, and always ends the same way.

Only this room knows the registries.
"""

import asyncio
import os
import random
import secrets as random_tokens
import signal
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from testgate import __version__, demo
from testgate.commands.run import run
from testgate.console import Console
from testgate.ending import Ending, Places, free_folder
from testgate.engine import Engine, Limits
from testgate.errors import GateError, InputError
from testgate.files import Workspace
from testgate.inputs import Inputs, Options, Rules, read, secrets
from testgate.inputs.lookup import Lookup
from testgate.inputs.options import CommonOptions, demo_problems, demo_wanted
from testgate.journal import Journal
from testgate.model import Conclusion, Gate, JudgedRun, Policy, RunReport, Status, Verdict
from testgate.platforms import PLATFORMS, choose
from testgate.ports import Platform, Provider, Transport
from testgate.progress import Progress
from testgate.providers import PROVIDERS
from testgate.redact import SHORTEST_SECRET, Redactor
from testgate.remedies import remedy_for
from testgate.reports import REPORTS
from testgate.signals import EXIT_CODES, Signals
from testgate.text import plural
from testgate.verdict import decide, judge

_PRELOAD_SECONDS = 1.0  # after the start: the trigger is on the wire by then, and the wait has begun


@dataclass(frozen=True)
class World:
    """All that a step takes from outside. Times are in seconds."""

    environ: Mapping[str, str]
    stream: TextIO
    root: Path
    signals: Signals
    monotonic: Callable[[], float] = time.monotonic
    wall_clock: Callable[[], float] = time.time
    chance: Callable[[], float] = random.random
    token: Callable[[], str] = lambda: random_tokens.token_hex(8)


def main() -> int:
    """Run the step that the environment describes; return the exit code."""
    signals = Signals()
    signals.install()
    if sys.argv[1:]:
        from testgate.usage import usage  # noqa: PLC0415  # for people at a terminal

        sys.stdout.write(usage(sys.argv[1:]))
        return 0 if sys.argv[1] in {"--help", "-h", "--version"} else Conclusion.INVALID_INPUT.exit_code
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    return Step(World(dict(os.environ), sys.stdout, Path.cwd(), signals)).main()


class Step:
    """One step of a job, from its inputs to its exit code."""

    def __init__(self, world: World) -> None:
        """Find out enough to speak: the CI, the secrets to hide, where reports go."""
        self._world = world
        self._began = world.monotonic()
        self._began_at = world.wall_clock()
        self._demo: demo.Demo | None = None
        self._lookup = Lookup(world.environ, read_file=read_small_file)
        self._provider_name = self._lookup.text("provider") or "testsigma"
        load = PROVIDERS.get(self._provider_name)
        self._provider_entry = load() if load else None
        self._models: list[type[Options]] = [CommonOptions]
        if self._provider_entry:
            self._models.append(self._provider_entry.options)
        self._secrets = [each for each in secrets(self._lookup, self._models) if len(each) >= SHORTEST_SECRET]
        self._redact = Redactor(self._secrets)
        self._platform = self._choose_platform()
        self._console = Console(
            world.stream,
            redact=self._redact,
            defuse=self._platform.defuse,
            elapsed=lambda: world.monotonic() - self._began,
            debug=self._platform.debug or self._lookup.text("log-level").lower() == "debug",
        )
        self._workspace = Workspace(world.root, self._redact)
        self._journal = Journal(self._platform, self._console, self._workspace, world.wall_clock)
        self._options: CommonOptions | None = None

    def main(self) -> int:
        """Do what is asked for; whatever happens, leave outputs and reports."""
        self._journal.mask(self._secrets)
        try:
            gate = self._gate()
        except InputError as error:
            for problem in error.problems:
                self._console.line(f"invalid input: {problem}")
            gate = self._without_runs(Verdict(error.conclusion, error.message), error.remedy)
        except GateError as error:
            gate = self._without_runs(Verdict(error.conclusion, error.message), error.remedy)
        except Exception as error:  # noqa: BLE001  # a bug: told as one, and the reports are written all the same
            self._tell_bug(error)
            reason = f"a bug in TestGate: {type(error).__name__}"
            gate = self._without_runs(Verdict(Conclusion.INTERNAL_ERROR, reason), remedy_for(Conclusion.INTERNAL_ERROR))
        finally:
            if self._demo is not None:
                self._demo.stop()
        return self._finish(gate)

    def _choose_platform(self) -> Platform:
        """The CI that the user named, if there is such a one, else the one that detects itself."""
        named = self._lookup.text("platform")
        name = choose(self._world.environ, named if named in PLATFORMS else "")
        return PLATFORMS[name].load(self._world.environ, self._world.token)

    def _gate(self) -> Gate:
        """Read the inputs, run, judge."""
        inputs = self._read_inputs()
        options = self._options = inputs.of(CommonOptions)
        for warning in inputs.warnings:
            self._console.line(f"warning: {warning}")
        if self._provider_entry is None:
            raise InputError([f"`provider`: {self._provider_name} is not known"])
        key = options.api_key.get_secret_value() if options.api_key else ""
        provider = self._provider_entry.build(options.base_url, key, inputs)
        where = "the embedded simulator" if options.demo else options.base_url or "the platform's usual address"
        self._console.line(f"TestGate {__version__}: {options.command} on {options.provider}, {where}")
        title = options.title or ", ".join(target.name for target in provider.targets())
        self._journal.perform(self._platform.group(f"Running {title}"))
        reports, halted = asyncio.run(self._play(provider, options))
        self._console.end_progress()
        self._journal.perform(self._platform.end_group())
        return self._judge(reports, options, halted)

    def _read_inputs(self) -> Inputs:
        """Typed inputs, or every problem at once."""
        lookup = self._lookup
        problems = demo_problems(lookup)
        required = self._required()
        if demo_wanted(lookup):
            scenario = lookup.text("demo-scenario") or "failing"
            if self._provider_entry and scenario in demo.SCENARIOS and not problems:
                self._demo = demo.start(self._provider_name, scenario)
                lookup = lookup.lay_over(self._demo.inputs)
            required = {}
        choices = {"provider": [*PROVIDERS], "platform": [*PLATFORMS]}
        return read(lookup, self._models, Rules(required=required, choices=choices, problems=problems))

    def _required(self) -> dict[str, str]:
        """Inputs that the command cannot do without, and why."""
        why = f"required for command {self._lookup.text('command') or 'run'}"
        withheld = self._platform.withheld(read_small_file)
        needed = dict.fromkeys(self._provider_entry.required if self._provider_entry else (), why)
        return {"api-key": f"{why}, and it is empty here. {withheld}" if withheld else why, **needed}

    async def _play(self, provider: Provider, options: CommonOptions) -> tuple[Sequence[RunReport], Conclusion | None]:
        """Run everything on the loop; a signal is an event of it."""
        world, loop = self._world, asyncio.get_running_loop()
        limits = Limits(
            timeout=options.timeout,
            request_timeout=options.request_timeout,
            max_outage=options.max_outage,
            requests_per_second=options.requests_per_second,
            poll_interval=options.poll_interval,
            max_parallel=options.max_parallel,
        )
        lived = world.monotonic() - self._began
        engine = Engine(
            self._transport(),
            limits,
            self._console,
            chance=world.chance,
            started=loop.time() - lived,
            redact=self._redact,
        )
        world.signals.react(lambda heard: loop.call_soon_threadsafe(self._cancel, engine, heard))
        loop.call_later(_PRELOAD_SECONDS, _preload)
        progress = Progress(self._console, world.monotonic, several=len(provider.targets()) > 1)
        try:
            reports = await run(
                provider,
                engine,
                self._journal,
                progress,
                redact=self._redact,
                mark=self._mark,
                wait=options.wait,
            )
        finally:
            world.signals.react(None)
            engine.close()
        return reports, engine.halted

    def _cancel(self, engine: Engine, heard: signal.Signals) -> None:
        """Have the step close down."""
        self._console.event(f"{heard.name}: closing down; the same signal again ends at once")
        engine.halt(Conclusion.CANCELLED)

    @staticmethod
    def _transport() -> Transport:
        """The real network."""
        from testgate.transport import RequestsTransport  # noqa: PLC0415  # bad inputs are told without loading it

        return RequestsTransport(f"testgate/{__version__}")

    def _mark(self) -> str:
        """CI run and attempt, and a random part: jobs of a matrix share the former two."""
        return "-".join(filter(None, ("testgate", self._platform.build.mark, self._world.token()[:8])))

    def _judge(self, reports: Sequence[RunReport], options: CommonOptions, halted: Conclusion | None) -> Gate:
        """The gate of runs that were played."""
        policy = options.policy()
        runs = judge(reports, policy)
        verdict, exit_code = decide(runs, policy)
        for report in reports:
            if report.fault is not None and not isinstance(report.fault, GateError):
                self._tell_bug(report.fault)
        heard = self._world.signals.first
        if halted is Conclusion.CANCELLED and heard is not None:
            verdict = verdict._replace(
                conclusion=Conclusion.CANCELLED, reason=f"cancelled by {heard.name}; {verdict.reason}"
            )
            exit_code = EXIT_CODES[heard]
        return Gate(
            title=options.title or ", ".join(run_.name for run_ in runs),
            verdict=verdict,
            exit_code=exit_code,
            runs=runs,
            remedy=_remedy(runs, verdict.conclusion),
            notes=_notes(runs),
            left_running=[report.run.id for report in reports if report.run and not _ended(report)],
            seconds=self._world.monotonic() - self._began,
            started_at=self._began_at,
            demo=options.demo,
            provider=options.provider,
        )

    def _without_runs(self, verdict: Verdict, remedy: str) -> Gate:
        """The gate of a step that never came to a run, or lost it to a bug."""
        started = self._journal.runs
        return Gate(
            title=self._lookup.text("title") or "TestGate",
            verdict=verdict,
            exit_code=verdict.conclusion.exit_code,
            remedy=remedy,
            left_running=[each.id for each in started],
            seconds=self._world.monotonic() - self._began,
            started_at=self._began_at,
            demo=demo_wanted(self._lookup),
            provider=self._provider_name,
        )

    def _finish(self, gate: Gate) -> int:
        """Write reports and outputs; inputs that cannot be used are replaced by their defaults."""
        options = self._options
        places = Places(options.report_dir, options.junit_file or "") if options else Places()
        places = places._replace(folder=free_folder(self._workspace, places.folder, self._platform.build.job))
        if options and places.folder != options.report_dir:
            self._console.line(f"{options.report_dir} is another step's; the reports go to {places.folder}")
        ending = Ending(
            console=self._console,
            journal=self._journal,
            platform=self._platform,
            workspace=self._workspace,
            reports=REPORTS,
            places=places,
            job_summary=options.job_summary if options else True,
            annotations=options.annotations if options else True,
        )
        try:
            return ending.finish(gate, options.policy() if options else Policy())
        except Exception as error:  # noqa: BLE001  # a bug on the way out: red, with what could be written
            self._tell_bug(error)
            return Conclusion.INTERNAL_ERROR.exit_code

    def _tell_bug(self, error: Exception) -> None:
        """A traceback, without secrets, and whom to tell."""
        self._console.line("".join(traceback.format_exception(error)))
        self._console.line(remedy_for(Conclusion.INTERNAL_ERROR))


def read_small_file(path: str) -> str:
    """The text of a small file; what is longer than anybody needs is cut.

    Raises:
        OSError: it cannot be read.
        UnicodeError: it is not UTF-8.

    """
    with Path(path).open(encoding="utf-8") as file:
        return file.read(1_000_000)


def _preload() -> None:
    """Load what the end needs, while waiting."""
    for load in REPORTS.values():
        load()


def _ended(report: RunReport) -> bool:
    """Whether the platform said that the run is over."""
    return report.snapshot is not None and report.snapshot.status is Status.ENDED


def _remedy(runs: Sequence[JudgedRun], conclusion: Conclusion) -> str:
    """What to do: the fault's own advice, else the conclusion's."""
    for run_ in runs:
        fault = run_.report.fault
        if run_.verdict.conclusion is conclusion and isinstance(fault, GateError) and fault.remedy:
            return fault.remedy
    return remedy_for(conclusion)


def _notes(runs: Sequence[JudgedRun]) -> list[str]:
    """What people should know beside the verdict."""
    undetailed = sum(1 for run_ in runs for test in run_.report.tests if test.seconds is None and not test.message)
    listed = sum(len(run_.report.tests) for run_ in runs)
    if listed and undetailed == listed:
        return [f"The platform gave no messages and no durations for {plural(listed, 'test')}."]
    return []
