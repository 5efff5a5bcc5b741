"""`command: merge`: combine the reports of a matrix of jobs into one verdict and one set of reports."""

from testgate.commands.command import MOST_REPORTS, Command, CommandContext, Needs
from testgate.edges.patterns import matching, shown
from testgate.edges.step import Step
from testgate.errors import InputError
from testgate.gate.assembly import CommandResult
from testgate.inputs.reports import Expected
from testgate.merging.choosing import Chosen, choose
from testgate.merging.leg import Leg, RefusedReportError
from testgate.merging.reading import leg_of
from testgate.merging.verdict import merge
from testgate.results import Origin

MOST_BYTES = 200 * 1024 * 1024  # of all reports together


async def _merge(context: CommandContext) -> CommandResult:
    """Read the reports, choose one of each leg, and combine them.

    Raises:
        InputError: the pattern leads outside the workspace.

    """
    step, options = context.step, context.options
    legs, problems = _read(step, options.merge_from)
    build = step.platform.build
    here = Origin(build.workflow, build.run, build.attempt, build.commit)
    chosen = choose(legs, options.merge_expect or Expected(), here)
    merged = merge(Chosen(chosen.legs, [*problems, *chosen.problems], chosen.superseded))
    for leg in chosen.legs:
        step.console.line(f"{leg.name}: {leg.conclusion}, from {leg.path}")
    return CommandResult(merged=merged)


def _read(step: Step, pattern: str) -> tuple[list[Leg], list[str]]:
    """The legs whose reports match the pattern, and what is wrong with the other files.

    Raises:
        InputError: the pattern leads outside the workspace, or matches too much.

    """
    try:
        paths = matching(step.world.root, pattern, MOST_REPORTS)
    except ValueError as error:
        raise InputError([f"`merge-from`: {error}. Example: testgate-reports/**/ctrf.json"]) from error
    legs, problems, room = [], [], MOST_BYTES
    for path in paths:
        name = shown(step.world.root, path)
        try:
            text = step.workspace.read(path, room)
            room -= len(text)
            legs.append(leg_of(name, text, step.redact))
        except RefusedReportError as error:
            problems.append(f"{name} {error}")
        except UnicodeError:
            problems.append(f"{name} is not UTF-8 text")
        except OSError as error:
            problems.append(f"{name} cannot be read: {error.strerror}")
    return legs, problems


COMMAND = Command(
    _merge, requests=lambda _provider, _options, _mark: [], needs=lambda _lookup: Needs.REPORTS, combines=True
)
