"""The second stage of a step: valid inputs and the provider made from them. Nothing has been sent yet."""

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

from testgate import commands, demo
from testgate.commands.command import Needs
from testgate.composition.choosing import DEFAULT_PROVIDER
from testgate.composition.foundation import Foundation
from testgate.errors import InputError
from testgate.inputs import required
from testgate.inputs.lookup import STEP, Lookup
from testgate.inputs.options import CommonOptions, demo_problems, demo_wanted
from testgate.inputs.reading import Inputs, Rules, problem_with_choice, read
from testgate.platforms import PLATFORMS
from testgate.ports import Provider
from testgate.providers import CODED, PROVIDERS


class Ready(NamedTuple):
    """A step with valid inputs."""

    foundation: Foundation
    inputs: Inputs
    options: CommonOptions
    provider: Provider


@contextlib.contextmanager
def make_ready(foundation: Foundation) -> Iterator[Ready]:
    """Valid inputs and the provider made from them, while a demo's simulator runs.

    Raises:
        InputError: with every problem; nothing was sent. If the provider is unknown, that is the only one: what else
            is right depends on it.

    """
    if foundation.provider is None:
        step = foundation.step
        problem = problem_with_choice(step.lookup, CommonOptions, "provider", [*PROVIDERS], step.redact)
        raise InputError([problem])
    with _demo(foundation) as (lookup, problems):
        needed = ({} if demo_wanted(lookup) else _required(foundation)) | _needed_for_comment(foundation)
        rules = Rules(
            required=needed,
            choices={"command": commands.COMMANDS, "provider": [*PROVIDERS], "platform": [*PLATFORMS]},
            examples=foundation.provider.examples,
            problems=[*problems, *_of_values(foundation)],
            foreign=_foreign(foundation),
        )
        inputs = read(lookup, foundation.models, rules)
        options = inputs.of(CommonOptions)
        if options.provider_file:
            options = options.replacing(provider=foundation.provider_name)
            inputs = inputs.replacing(options)
        for warning in inputs.warnings:
            foundation.step.console.line(f"warning: {warning}")
        key = options.api_key.reveal() if options.api_key else ""
        provider = foundation.provider.build(options.base_url, key, inputs, options.run_id)
        yield Ready(foundation, inputs, options, provider)


@contextlib.contextmanager
def _demo(foundation: Foundation) -> Iterator[tuple[Lookup, list[str]]]:
    """The inputs, replaced by those of a simulator if a demo is wanted, and what is wrong with the demo."""
    lookup = foundation.step.lookup
    if not demo_wanted(lookup):
        yield lookup, []
        return
    problems = demo_problems(lookup)
    name = foundation.provider_name
    if foundation.provider is not None and name not in demo.SIMULATED:
        problems.append(f"`demo`: there is no simulator of the provider {name}. Example: {DEFAULT_PROVIDER}")
    scenario = lookup.text("demo-scenario") or "failing"
    if problems or foundation.provider is None or scenario not in demo.SCENARIOS:
        yield lookup, problems
        return
    simulator = demo.start(name, scenario)
    try:
        defaults = {name: text for name, text in simulator.defaults.items() if not lookup.text(name)}
        nothing_else = dict.fromkeys(foundation.provider.selects, "")
        yield lookup.override({**defaults, **nothing_else, **simulator.inputs}), problems
    finally:
        simulator.stop()


def _offline(foundation: Foundation) -> bool:
    """Whether saved answers are read, so that nothing is sent."""
    lookup = foundation.step.lookup
    return lookup.text("command").lower() == "check" and bool(lookup.text("answers"))


def _required(foundation: Foundation) -> dict[str, str]:
    """The inputs that the command cannot work without, and why."""
    lookup, management, provider = foundation.step.lookup, foundation.management, foundation.provider
    why = f"required for command {lookup.text('command').lower() or 'run'}"
    needs = foundation.command.needs(lookup)
    if _offline(foundation):
        return {}
    if needs is Needs.TEST_MANAGEMENT:
        return dict.fromkeys(management.required if management else (), why)
    if needs is Needs.REPORTS:
        return {"merge-expect": why}
    platform = foundation.step.platform
    needed: dict[str, str] = {}
    if provider is None or provider.needs_key:
        needed = required.api_key(why, platform.withheld(foundation.step.world.read_file) or platform.secrets_place)
    if provider:
        needed |= provider.required
    if management and lookup.text(management.switch):
        needed |= dict.fromkeys(management.required, "required for test management")
    if needs is Needs.RUN_IDS:
        needed |= {"run-id": why}
    elif needs is Needs.SELECTION and provider and not provider.described:
        needed |= required.selection(lookup, provider.selects, why)
    return needed


def _of_values(foundation: Foundation) -> list[str]:
    """What is wrong with the values of a described platform, or that another one gets some."""
    lookup, provider = foundation.step.lookup, foundation.provider
    needs = foundation.command.needs(lookup)
    apart = demo_wanted(lookup) or needs in {Needs.REPORTS, Needs.TEST_MANAGEMENT} or _offline(foundation)
    if provider is None or (apart and not provider.broken):
        return []
    if provider.described:
        return [*provider.problems(lookup, needs is Needs.SELECTION)]
    what = f"the provider {foundation.provider_name} has inputs of its own. Example: {', '.join(provider.selects[:1])}"
    given = [name for name in ("values", "secret-values") if lookup.variable(name).startswith(STEP)]
    return [f"`{name}`: {what}" for name in given if lookup.text(name)]


def _needed_for_comment(foundation: Foundation) -> dict[str, str]:
    """The token that a comment is written with, except where the CI may withhold it."""
    step = foundation.step
    if step.lookup.text("comment").lower() not in {"true", "changes"} or not foundation.command.has_verdict:
        return {}
    if step.platform.from_fork(step.world.read_file):
        return {}
    return {"forge-token": "required for `comment`: the token that the comment is written with"}


def _foreign(foundation: Foundation) -> dict[str, str]:
    """The inputs of other providers, which are loaded only if there is a variable that this step doesn't know."""
    if not required.unknown_variables(foundation.step.lookup, foundation.models):
        return {}
    others = {name: load().options for name, load in CODED.items() if name != foundation.provider_name}
    return required.foreign(foundation.models, others)
