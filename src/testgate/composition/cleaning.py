"""The cleanup after a step: what is known of the step, and what it says where nothing is."""

from testgate.commands.cleanup import Memory, named, recall, together
from testgate.composition.foundation import lay_foundation
from testgate.composition.keeping import LEAVES, keeper
from testgate.composition.ready import Ready, make_ready
from testgate.edges.step import Step
from testgate.edges.world import World
from testgate.errors import GateError
from testgate.inputs.options import demo_wanted
from testgate.session import Session
from testgate.text import tidy

_NOTHING = "The main step recorded no run to stop."


def clean_up(world: World) -> int:
    """Stop what the main step left running. Always green: the main step has already given its verdict."""
    foundation = lay_foundation(world)
    step = foundation.step
    step.journal.mask(step.secrets)
    if demo_wanted(step.lookup):
        step.console.line("The step was a demo: its simulator ended with it, and nothing is left.")
        return 0
    memory = recall(step.platform.recalled())
    if memory is not None:
        _name(step, memory)
        if memory.empty:
            return 0
    try:
        with make_ready(foundation) as ready:
            _stop(ready, memory)
    except GateError as error:
        what = _unknown(step) if memory is None else f"May still be running: {named(memory)}."
        _warn(step, f"Nothing was stopped: the cleanup was not possible ({error}). {what}")
    return 0


def _stop(ready: Ready, told: Memory | None) -> None:
    """Stop the runs that the runner told of, or those in the report directory."""
    step, options = ready.foundation.step, ready.options
    if told is not None:
        leaves = not told.ended and (not options.wait or options.on_cancel == "leave")
        memory, complete = told.leaving() if leaves else told, True
        _say_left(step, memory if leaves else Memory())
    else:
        memory, complete = _kept(ready)
        if complete or not memory.empty:
            _name(step, memory)
    stopped = memory.empty or Session(step, options, ready.provider, preload=lambda: None).clean_up(memory)
    if not stopped:
        _warn(step, f"A run that this job started may still be running ({named(memory)}); see the log of its cleanup.")
    if not complete:
        _warn(step, _unknown(step))


def _kept(ready: Ready) -> tuple[Memory, bool]:
    """What the steps of this job kept in the report directory, and whether that is everything."""
    states = list(keeper(ready).kept(ready.options.report_dir))
    known = []
    for state in states:
        memory = recall(state or {})
        if memory is not None:
            leaves = not memory.ended and bool((state or {}).get(LEAVES))
            known.append(memory.leaving() if leaves else memory)
    return together(known), bool(known) and len(known) == len(states)


def _name(step: Step, memory: Memory) -> None:
    """Name every run before anything can go wrong."""
    if not memory.empty:
        step.console.line(f"May still be running: {named(memory)}")
    elif not memory.left:
        step.console.line(_NOTHING)
    _say_left(step, memory)


def _say_left(step: Step, memory: Memory) -> None:
    """Say which runs were left on purpose."""
    for run in memory.left:
        step.console.line(f"Run {run} was left running on purpose.")


def _unknown(step: Step) -> str:
    """What to do if nothing is known of the step."""
    mark = step.platform.build.mark
    begins = f", with a build number that begins with testgate-{mark}," if mark else ""
    return (
        "The runner handed nothing of the step to its cleanup, so it cannot know whether a run was left running. "
        f"Look on the platform for runs that this job started{begins} and stop those that you don't want: there, or "
        "with `command: stop` and `run-id`."
    )


def _warn(step: Step, text: str) -> None:
    """Warn people where the CI shows problems."""
    step.journal.perform(step.platform.problem("warning", "TestGate cleanup", tidy(text, step.redact)))
