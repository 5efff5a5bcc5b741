"""The edges of a step, put together as the program does."""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

from testgate.edges.console import Console
from testgate.edges.journal import Journal
from testgate.edges.programs import Done, Programs, Runner
from testgate.edges.signals import Signals
from testgate.edges.step import Step
from testgate.edges.workspace import Workspace
from testgate.edges.world import World
from testgate.inputs.lookup import Lookup
from testgate.ports import Platform
from testgate.redact import Redactor


def no_programs(command: Sequence[str], _text: str, _seconds: float) -> Done:
    """Run a program on a machine that has none."""
    raise FileNotFoundError(2, "No such file or directory", command[0])


def step_of(
    platform: Platform,
    root: Path,
    stream: TextIO | None = None,
    *,
    secrets: Sequence[str] = (),
    run_program: Runner = no_programs,
    programs: Programs | None = None,
    clock: Callable[[], float] = lambda: 0.0,
    wall_clock: Callable[[], float] = lambda: 1_700_000_000.0,
    debug: bool = False,
) -> Step:
    """A step of this CI in a folder, with an empty environment."""
    redact = Redactor(secrets)
    world = World(
        {}, stream or io.StringIO(), root, Signals(), monotonic=clock, wall_clock=wall_clock, run_program=run_program
    )
    began = clock()
    console = Console(world.stream, redact=redact, defuse=platform.defuse, elapsed=lambda: clock() - began, debug=debug)
    workspace = Workspace(root, redact)
    return Step(
        world=world,
        began=began,
        began_at=wall_clock(),
        lookup=Lookup({}, read_file=world.read_file),
        secrets=secrets,
        redact=redact,
        platform=platform,
        console=console,
        workspace=workspace,
        journal=Journal(platform, console, workspace, wall_clock, programs or Programs(run_program, redact)),
    )
