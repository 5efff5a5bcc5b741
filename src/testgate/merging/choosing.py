"""Which reports are merged: the newest of each leg, and none that is foreign, doubled or missing."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from testgate.inputs.reports import Expected
from testgate.merging.leg import Leg, RefusedReportError
from testgate.results import Origin


class Chosen(NamedTuple):
    """The legs to merge, in order, and what is wrong, in whole sentences. `superseded` are older attempts of a leg."""

    legs: Sequence[Leg]
    problems: Sequence[str] = ()
    superseded: Sequence[Leg] = ()


def choose(legs: Iterable[Leg], expected: Expected, here: Origin) -> Chosen:
    """The newest attempt of each leg, and what is missing, foreign or doubled."""
    problems: list[str] = []
    found: dict[str, list[Leg]] = {}
    every = sorted(legs, key=lambda leg: leg.path)
    builds = {(leg.origin.workflow, leg.origin.run) for leg in every}
    for leg in every:
        try:
            _check_build(leg, here, builds)
        except RefusedReportError as error:
            problems.append(f"{leg.path} {error}")
        else:
            found.setdefault(leg.name, []).append(leg)
    newest, older = [], []
    for name, group in sorted(found.items()):
        latest = max(leg.origin.attempt for leg in group)
        last = {leg.digest: leg for leg in group if leg.origin.attempt == latest}
        older += [leg for leg in group if leg.origin.attempt < latest]
        if len(last) > 1:
            paths = ", ".join(sorted(leg.path for leg in last.values()))
            problems.append(f"there are {len(last)} different reports of the leg {name!r}: {paths}")
        newest.append(max(last.values(), key=lambda leg: (leg.exit_code, leg.digest)))
    problems += _mixed(newest)
    problems += _missing([leg.name for leg in newest], expected)
    return Chosen(newest, problems, older)


def _check_build(leg: Leg, here: Origin, builds: Collection[tuple[str, str]]) -> None:
    """Refuse a report of another build. `builds` are those of all reports: they must be of one if ours is unknown.

    Raises:
        RefusedReportError: the CI says that it is one.

    """
    theirs = leg.origin
    if not here.run and len(builds) > 1:
        raise RefusedReportError(f"is of the build {theirs.run or '(unknown)'}, and others are of other ones")
    if here.run and not theirs.run:
        raise RefusedReportError(f"doesn't say which build it is of; this one is {here.run}")
    if here.run and (theirs.run != here.run or theirs.workflow != here.workflow):
        raise RefusedReportError(f"is of another build, {theirs.run}; this one is {here.run}")
    if here.commit and theirs.commit and theirs.commit != here.commit:
        raise RefusedReportError(f"is of another commit, {theirs.commit[:12]}; this one is {here.commit[:12]}")


def _mixed(legs: Sequence[Leg]) -> list[str]:
    """That demos and real runs are mixed."""
    demos = [leg.path for leg in legs if leg.demo]
    if not demos or len(demos) == len(legs):
        return []
    return [f"{', '.join(demos)} {'is' if len(demos) == 1 else 'are'} of the simulator, and the others are real"]


def _missing(names: Sequence[str], expected: Expected) -> list[str]:
    """What is missing of what was expected, and what was not expected."""
    there = ", ".join(names) or "none"
    if expected.names:
        missing = [name for name in expected.names if name not in names]
        unknown = [name for name in names if name not in expected.names]
        return [
            *(f"the leg {name!r} left no report (there: {there})" for name in missing),
            *(f"the leg {name!r} is not one that `merge-expect` names" for name in unknown),
        ]
    if expected.number is not None and len(names) != expected.number:
        return [f"`merge-expect` wants {expected.number} legs, and there are {len(names)}: {there}"]
    return [] if names else ["there is no report to merge"]
