"""The first stage of a step: its edges, and which provider, command and inputs it has. This never fails."""

import os.path
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from testgate import commands
from testgate.commands.command import Command, Needs
from testgate.composition.choosing import choose_provider
from testgate.edges.console import Console
from testgate.edges.journal import Journal
from testgate.edges.programs import Programs, for_programs
from testgate.edges.proxies import proxy_secrets
from testgate.edges.step import Step
from testgate.edges.workspace import Workspace
from testgate.edges.world import World
from testgate.inputs import required
from testgate.inputs.declaring import Options
from testgate.inputs.lookup import Lookup
from testgate.inputs.options import CommonOptions
from testgate.inputs.reading import secrets
from testgate.management import MANAGEMENT, ManagementEntry
from testgate.platforms import PLATFORMS, choose
from testgate.ports import Platform, Surroundings
from testgate.providers import ProviderEntry
from testgate.redact import SHORTEST_SECRET, Redactor


class Foundation(NamedTuple):
    """A step before its inputs are known to be valid. `models` are those of its inputs."""

    step: Step
    provider_name: str
    provider: ProviderEntry | None
    management: ManagementEntry | None
    command: Command
    models: Sequence[type[Options]]


def lay_foundation(world: World) -> Foundation:
    """Find out enough to log, hide secrets and leave reports, whatever the inputs are."""
    began, began_at = world.monotonic(), world.wall_clock()
    lookup = Lookup(world.environ, read_file=world.read_file)
    provider_name, provider = choose_provider(lookup, Workspace(world.root, str).read_given)
    models: list[type[Options]] = [CommonOptions, *([provider.options] if provider else [])]
    command_name = lookup.text("command").lower()
    command = commands.load(command_name if command_name in commands.COMMANDS else "run")
    management = _management(lookup, command, models)
    if management:
        models.append(management.options)
    sent = provider.secrets(lookup) if provider else ()
    found = list(dict.fromkeys(each for each in [*secrets(lookup, models), *sent] if len(each) >= SHORTEST_SECRET))
    step = _step(world, lookup, found, (began, began_at))
    return Foundation(step, provider_name, provider, management, command, models)


def _management(lookup: Lookup, command: Command, models: Sequence[type[Options]]) -> ManagementEntry | None:
    """Test management, if the command or an input is about it."""
    if command.needs(lookup) is not Needs.TEST_MANAGEMENT and not required.unknown_variables(lookup, models):
        return None
    entry = MANAGEMENT["testsigma"]()
    wanted = command.needs(lookup) is Needs.TEST_MANAGEMENT or required.mentions(lookup, [entry.options])
    return entry if wanted else None


def _step(world: World, lookup: Lookup, found: Sequence[str], began: tuple[float, float]) -> Step:
    """The edges of the step. `found` are the secrets among the inputs."""
    proxies = [each for each in proxy_secrets(world.environ) if len(each) >= SHORTEST_SECRET and each not in found]
    headers = [f"Bearer {each}" for each in found]  # as it is sent: a server may echo it in base64
    redact = Redactor([*found, *headers, *proxies])
    environ = for_programs(world.environ, Redactor(found))
    platform = _platform(world, lookup)
    console = Console(
        world.stream,
        redact=redact,
        defuse=platform.defuse,
        elapsed=lambda: world.monotonic() - began[0],
        debug=platform.debug or lookup.text("log-level").lower() == "debug",
    )
    console.live = console.live and _is_for_people(world, platform)
    workspace = Workspace(world.root, redact)
    programs = Programs(partial(world.run_program, environ=environ, redact=redact), redact)
    return Step(
        world=world,
        began=began[0],
        began_at=began[1],
        lookup=lookup,
        secrets=[*found, *proxies],
        redact=redact,
        platform=platform,
        console=console,
        workspace=workspace,
        journal=Journal(platform, console, workspace, world.wall_clock, programs),
    )


def _is_for_people(world: World, platform: Platform) -> bool:
    """Whether somebody looks at a terminal, who can see a line that changes; a CI may give one to a log."""
    return platform.for_people and not world.environ.get("CI") and world.environ.get("TERM") != "dumb"


def _platform(world: World, lookup: Lookup) -> Platform:
    """The CI that the user named, if it exists, or the one that detects itself."""
    named = lookup.text("platform").lower()
    name = choose(world.environ, named if named in PLATFORMS else "")
    return PLATFORMS[name].load(
        Surroundings(
            world.environ, world.token, world.wall_clock, world.has, str(world.root), world.read_file, os.path.isdir
        )
    )
