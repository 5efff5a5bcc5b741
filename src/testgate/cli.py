"""Puts the parts together: reads the environment once, chooses adapters, runs, and always ends the same way.

Only this room knows the registries.
"""

import contextlib
import os
import random
import secrets as random_tokens
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from testgate import __version__, demo, management
from testgate.edges.claims import claim, release
from testgate.edges.console import Console
from testgate.edges.journal import Journal
from testgate.edges.programs import Programs, Runner, run_program
from testgate.edges.signals import Signals
from testgate.edges.workspace import Workspace
from testgate.errors import GateError, InputError, ReportError
from testgate.gate.assembly import gate_of
from testgate.gate.remedies import remedy_for
from testgate.inputs.lookup import Lookup, spellings
from testgate.inputs.options import CommonOptions, demo_problems, demo_wanted
from testgate.inputs.reading import Inputs, Options, Rules, declared, read, secrets
from testgate.inputs.values import Fault
from testgate.model import Conclusion, Gate, Origin, Policy, Verdict
from testgate.platforms import PLATFORMS, choose
from testgate.ports import Platform, Provider, Surroundings
from testgate.providers import PROVIDERS
from testgate.publishing import REPORT_FILES, Places, Publisher
from testgate.redact import SHORTEST_SECRET, Redactor
from testgate.reports import REPORTS
from testgate.runs.engine import Engine
from testgate.runs.recording import Recorder
from testgate.session import Session
from testgate.wire import Request

_CREATE = "create-test-run"
_COMMANDS_ON_RUNS = frozenset({"attach", "rerun", "stop"})


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
    has: Callable[[str], bool] = lambda program: shutil.which(program) is not None
    run_program: Runner = run_program


def main() -> int:
    """Run the step that the environment describes; return the exit code."""
    return _started(lambda step: step.main())


def clean_up() -> int:
    """Run the cleanup after a step: the second executable of the image."""
    return _started(lambda step: step.clean_up())


def _started(act: Callable[["Step"], int]) -> int:
    """Listen to signals before anything else, then act."""
    signals = Signals()
    signals.install()
    if sys.argv[1:]:
        from testgate.usage import usage  # for people at a terminal

        sys.stdout.write(usage(sys.argv[1:]))
        return 0 if sys.argv[1] in {"--help", "-h", "--version"} else Conclusion.INVALID_INPUT.exit_code
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    return act(Step(World(dict(os.environ), sys.stdout, Path.cwd(), signals)))


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
        self._management = self._wanted_management()
        if self._management:
            self._models.append(self._management.options)
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
        self._journal = Journal(
            self._platform,
            self._console,
            self._workspace,
            world.wall_clock,
            Programs(world.run_program, self._redact),
        )
        self._options: CommonOptions | None = None
        self._record: Callable[[Engine], Recorder] | None = None
        self._create_requests: list[Request] = []
        self._places = Places()
        self._placed = False

    def main(self) -> int:
        """Do what is asked for; whatever happens, leave outputs and reports."""
        self._journal.mask(self._secrets)
        try:
            if self._platform.hint:
                self._console.line(f"hint: {self._platform.hint}")
            gate = self._gate()
        except InputError as error:
            gate = self._without_runs(Verdict(error.conclusion, error.message), error.remedy)
            if len(error.problems) > 1:
                gate = gate._replace(notes=[f"invalid input: {problem}" for problem in error.problems])
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

    def clean_up(self) -> int:
        """Stop what the main step left going; never red, as the main step has said what there was to say."""
        self._journal.mask(self._secrets)
        from testgate.commands.cleanup import recall  # the main step does without

        prefix = "STATE_"
        state = {
            name.removeprefix(prefix): text for name, text in self._world.environ.items() if name.startswith(prefix)
        }
        memory = recall(state)
        if demo_wanted(self._lookup) or not (memory.runs or memory.intents):
            self._console.line("Nothing was left running.")
            return 0
        try:
            options, provider = self._prepared()
            if not memory.ended and (not options.wait or options.on_cancel == "leave"):
                self._console.line("What still runs was left on purpose.")
                return 0
            clean = self._performance(options, provider).clean_up(memory)
        except GateError as error:
            self._console.line(f"warning: the cleanup was not possible: {error}")
            return 0
        if not clean:
            warning = "A run that this job started may still go on; see the log of its cleanup."
            self._journal.perform(self._platform.problem("warning", "TestGate cleanup", warning))
        return 0

    def _wanted_management(self) -> management.ManagementEntry | None:
        """Test management, where an input speaks of it."""
        marks = ("TEST_MANAGEMENT", "TEST-MANAGEMENT", "TEST_RUN_", "TEST-RUN-", "TEST_CASE_", "TEST-CASE-")
        spoken = any(mark in variable for variable in self._lookup.variables() for mark in marks)
        wanted = spoken or self._lookup.text("command").lower() == _CREATE
        return management.MANAGEMENT["testsigma"]() if wanted else None

    def _recorder(self, inputs: Inputs) -> Callable[[Engine], Recorder] | None:
        """What makes the recorder, where test management is switched on."""
        entry = self._management
        command = inputs.of(CommonOptions).command
        if (
            entry is None
            or inputs.of(CommonOptions).demo
            or not (self._lookup.text(entry.switch) or command == _CREATE)
        ):
            return None
        if command not in {_CREATE, "run", "attach", "rerun"}:
            return None
        build = self._platform.build
        title = build.title or inputs.of(CommonOptions).title or "TestGate"
        self._create_requests = [entry.build(inputs).create(title, self._began_at, build.url).request]
        return lambda engine: Recorder(
            entry.build(inputs),
            engine,
            title,
            self._began_at,
            build.url,
            mapping=entry.mapping(inputs),
            closes=entry.closes(inputs),
            redact=self._redact,
        )

    def _choose_platform(self) -> Platform:
        """The CI that the user named, if there is such a one, else the one that detects itself."""
        named = self._lookup.text("platform")
        name = choose(self._world.environ, named if named in PLATFORMS else "")
        world = self._world
        return PLATFORMS[name].load(
            Surroundings(world.environ, world.token, world.wall_clock, world.has, str(world.root))
        )

    def _gate(self) -> Gate:
        """Read the inputs, act, judge."""
        options, provider = self._prepared()
        self._place(options)
        where = "the embedded simulator" if options.demo else options.base_url or "the platform's usual address"
        self._console.line(f"TestGate {__version__}: {options.command} on {options.provider}, {where}")
        performance = self._performance(options, provider)
        if options.dry_run:
            return self._without_runs(performance.dry_run(self._create_requests), "")
        played = performance.play()
        for report in played.reports:
            if report.fault is not None and not isinstance(report.fault, GateError):
                self._tell_bug(report.fault)
        return gate_of(
            played,
            options,
            signal=self._world.signals.first,
            seconds=self._world.monotonic() - self._began,
            started_at=self._began_at,
        )

    def _prepared(self) -> tuple[CommonOptions, Provider]:
        """Typed inputs and the provider made from them; what the inputs say of places is held against the disk."""
        inputs = self._read_inputs()
        options = inputs.of(CommonOptions)
        for warning in inputs.warnings:
            self._console.line(f"warning: {warning}")
        if self._provider_entry is None:
            raise InputError([f"`provider`: {self._provider_name} is not known"])
        self._options = options
        self._record = self._recorder(inputs)
        key = options.api_key.get_secret_value() if options.api_key else ""
        return options, self._provider_entry.build(options.base_url, key, inputs, options.run_id)

    def _performance(self, options: CommonOptions, provider: Provider) -> Session:
        """Everything that acts, on the real network."""
        return Session(
            options,
            provider,
            console=self._console,
            journal=self._journal,
            platform=self._platform,
            redact=self._redact,
            world=self._world,
            began=self._began,
            preload=lambda: [load() for load in REPORTS.values()],
            read=read_small_file,
            record=self._record,
        )

    def _place(self, options: CommonOptions) -> None:
        """Decide where reports go, before anything is sent; hand out early what is known early."""
        problems = []
        for name, given in (("report-dir", options.report_dir), ("junit-file", options.junit_file)):
            try:
                self._workspace.place(given or "testgate-report")
            except ReportError as error:
                problems.append(f"`{name}`: {error}. {error.remedy} Example: testgate-report")
        if options.ca_file and not self._world.root.joinpath(options.ca_file).is_file():
            problems.append(f"`ca-file`: there is no file {options.ca_file}. Example: /etc/ssl/certs/company-ca.pem")
        if problems:
            raise InputError(problems)
        self._take_places(options.report_dir, options.junit_file or "")
        self._journal.early = self._publisher(options).hand_out_early

    def _take_places(self, report_dir: str, junit_file: str) -> None:
        """Take a report directory for this step, and remove what an earlier job left where reports will be."""
        names = {*REPORT_FILES, *self._platform.files({})}
        folder = claim(self._workspace, report_dir, self._platform.build.job, names)
        if folder not in {report_dir, report_dir.rstrip("/")}:
            self._console.line(f"{report_dir} is another step's; the reports go to {folder}")
        self._places, self._placed = Places(folder, junit_file), True
        for name in filter(None, (junit_file, self._places.scanned(self._platform.junit_folder))):
            with contextlib.suppress(ReportError):  # told when the report is written
                self._workspace.discard(self._workspace.place(name))

    def _take_fallback_places(self) -> None:
        """Where the reports of a step go whose inputs cannot be used: as far as they say, if that is a place."""
        folder = self._usable_place("report-dir") or self._places.folder
        self._take_places(folder, self._usable_place("junit-file"))

    def _usable_place(self, name: str) -> str:
        """What an input says of a place; "" where it says nothing that can be used."""
        with contextlib.suppress(ReportError, Fault):
            given = self._lookup.given(name)
            if given:
                self._workspace.place(given.text)
                return given.text
        return ""

    def _read_inputs(self) -> Inputs:
        """Typed inputs, or every problem at once."""
        lookup = self._lookup
        problems = demo_problems(lookup)
        required = self._required()
        if demo_wanted(lookup):
            scenario = lookup.text("demo-scenario") or "failing"
            if self._provider_entry and scenario in demo.SCENARIOS and not problems:
                self._demo = demo.start(self._provider_name, scenario)
                mine = {name: text for name, text in self._demo.defaults.items() if not lookup.text(name)}
                nothing_else = dict.fromkeys(self._provider_entry.selects, "")
                lookup = lookup.lay_over({**mine, **nothing_else, **self._demo.inputs})
            required = {}
        choices = {"provider": [*PROVIDERS], "platform": [*PLATFORMS]}
        rules = Rules(required=required, choices=choices, problems=problems, foreign=self._foreign())
        return read(lookup, self._models, rules)

    def _foreign(self) -> dict[str, str]:
        """The inputs of the other providers, which are loaded only where a variable is none of our own."""
        own = {each.name for each in declared(self._models)}
        ours = {spelling for name in own for spelling in spellings(name)}
        if all(variable in ours for variable in self._lookup.variables()):
            return {}
        others = {name: load().options for name, load in PROVIDERS.items() if name != self._provider_name}
        return {each.name: name for name, model in others.items() for each in declared([model]) if each.name not in own}

    def _required(self) -> dict[str, str]:
        """Inputs that the command cannot do without, and why."""
        command = self._lookup.text("command").lower() or "run"
        why = f"required for command {command}"
        if command == _CREATE:
            return dict.fromkeys(self._management.required if self._management else (), why)
        needed: dict[str, str] = {}
        if self._management and self._lookup.text(self._management.switch):
            needed = dict.fromkeys(self._management.required, "required for test management")
        if command in _COMMANDS_ON_RUNS and self._lookup.text("stop-scope").lower() != "all":
            needed |= {"run-id": why}
        elif command == "run" and self._provider_entry:
            needed |= self._missing_selection(self._provider_entry.selects, why)
        always = self._provider_entry.required if self._provider_entry else {}
        withheld = self._platform.withheld(read_small_file)
        return {
            "api-key": f"{why}, and it is empty here. {withheld}" if withheld else why,
            **always,
            **needed,
        }

    def _missing_selection(self, selects: Sequence[str], why: str) -> dict[str, str]:
        """The first of the inputs that select what is run, where none of them is given."""
        if any(self._lookup.text(name) for name in selects):
            return {}
        first, *others = selects
        return {first: f"{why}: this, or one of {', '.join(others)}" if others else why}

    def _without_runs(self, verdict: Verdict, remedy: str) -> Gate:
        """The gate of a step that never came to a run, or lost it to a bug."""
        left = [each.id for each in self._journal.runs]
        ours = [each.id for each in self._journal.runs if each.origin is Origin.STARTED]
        return Gate(
            title=self._lookup.text("title") or "TestGate",
            verdict=verdict,
            exit_code=verdict.conclusion.exit_code,
            remedy=remedy,
            left_running=left,
            to_stop=ours,
            seconds=self._world.monotonic() - self._began,
            started_at=self._began_at,
            demo=demo_wanted(self._lookup),
            provider=self._provider_name,
        )

    def _publisher(self, options: CommonOptions | None) -> Publisher:
        """What writes reports and outputs."""
        return Publisher(
            console=self._console,
            journal=self._journal,
            platform=self._platform,
            workspace=self._workspace,
            reports=REPORTS,
            places=self._places,
            job_summary=options.job_summary if options else True,
            annotations=options.annotations if options else True,
        )

    def _finish(self, gate: Gate) -> int:
        """Write reports and outputs; inputs that cannot be used are replaced by their defaults."""
        options, job = self._options, ""
        try:
            build = self._platform.build
            gate, job = gate._replace(build_title=build.title, build_url=build.url), build.job
            if not self._placed:
                self._take_fallback_places()
            return self._publisher(options).finish(gate, options.policy() if options else Policy())
        except Exception as error:  # noqa: BLE001  # a bug on the way out: red, with what could be written
            self._tell_bug(error)
            return Conclusion.INTERNAL_ERROR.exit_code
        finally:
            with contextlib.suppress(ReportError):
                release(self._workspace, self._places.folder, job)

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
