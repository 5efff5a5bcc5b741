"""The way out of a step: where its reports go, and publishing them."""

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from testgate.commands.command import MOST_REPORTS, Needs
from testgate.composition import bringing
from testgate.composition.foundation import Foundation
from testgate.composition.ready import Ready
from testgate.edges import places
from testgate.edges.claims import release, report_filenames
from testgate.edges.places import Places
from testgate.edges.step import Step
from testgate.errors import InputError, ReportError
from testgate.gate.remedies import remedy_for
from testgate.inputs.options import CommonOptions, demo_wanted
from testgate.model import Conclusion
from testgate.model import Origin as RunOrigin
from testgate.ports import CTRF, JUNIT, NOTIFY, ReportEntry
from testgate.reports import NOTICES, REPORTS
from testgate.results import Gate, Origin, Policy, Verdict

if TYPE_CHECKING:
    from testgate.composition.commenting import Commenter
    from testgate.composition.remembering import Memory
    from testgate.publishing import Publisher


_MERGED = "testgate-merged"  # where the reports go if those to merge are in the default directory


@dataclass(eq=False, repr=False)
class Ending:
    """What publishing needs, filled in as far as the step gets; the defaults are for invalid inputs."""

    options: CommonOptions | None = None
    memory: "Memory | None" = None
    commenter: "Commenter | None" = None
    places: Places | None = None
    policy: Policy = field(default_factory=Policy)


def take_places(ready: Ready) -> Places:
    """Decide where reports go.

    Raises:
        InputError: a path cannot be used.

    """
    step, options = ready.foundation.step, ready.options
    problems = places.problems_with(
        step,
        {
            "report-dir": options.report_dir,
            "junit-file": options.junit_file,
            "notify-file": options.notify_file,
            "history-file": options.history_file,
        },
    )
    if options.tolerate_known_failures and not options.history_file:
        problems.append(
            "`tolerate-known-failures`: needs `history-file`, which says what failed before. Example: false"
        )
    # Where nobody may look, pathlib raises.
    if options.ca_file and not os.path.isfile(step.world.root / options.ca_file):  # noqa: PTH113
        problems.append(f"`ca-file`: there is no file {options.ca_file}. Example: /etc/ssl/certs/company-ca.pem")
    if options.on_retry != "run" and not options.history_file:
        problems.append("`on-retry`: needs `history-file`, which says what the earlier attempt began. Example: run")
    if not problems:
        problems += _clashes(ready)
    problems += bringing.problems(ready)
    if problems:
        raise InputError(problems)
    return _claimed(step, _folder(ready), options.junit_file or "", options.notify_file or "")


def _clashes(ready: Ready) -> list[str]:
    """What is wrong with `notify-file`, if another report has its place."""
    step, options = ready.foundation.step, ready.options
    if not options.notify_file:
        return []
    place = step.workspace.place
    taken = {place(f"{options.report_dir}/{name}"): name for name in report_filenames(REPORTS)}
    given = {"junit-file": options.junit_file, "history-file": options.history_file}
    taken |= {place(path): f"`{name}`" for name, path in given.items() if path}
    other = taken.get(place(options.notify_file))
    return [f"`notify-file`: {options.notify_file} is the place of {other}. Example: notify.json"] if other else []


def _folder(ready: Ready) -> str:
    """The report directory. What is to be merged must not be taken for what an earlier job left there.

    Raises:
        InputError: the user wants the reports where those to merge are.

    """
    step, options = ready.foundation.step, ready.options
    if ready.foundation.command.needs(step.lookup) is not Needs.REPORTS:
        return options.report_dir
    from testgate.edges.patterns import matching, shown  # for those who merge

    try:
        paths = matching(step.world.root, options.merge_from, MOST_REPORTS)
    except ValueError:
        return options.report_dir  # the command says what is wrong
    name = Path(options.report_dir).name
    folders = {part for path in paths for part in Path(shown(step.world.root, path)).parts[:-1]}
    if not any(part == name or part.startswith(f"{name}-") for part in folders):
        return options.report_dir
    if "report_dir" in options.given:
        raise InputError([f"`report-dir`: {options.report_dir} holds reports to merge. Example: {_MERGED}"])
    return _MERGED


def _fallback_places(step: Step) -> Places:
    """Where reports go if the inputs are invalid: as far as they give usable paths."""
    return _claimed(step, places.fallback(step), places.usable(step, "junit-file"), places.usable(step, "notify-file"))


def _claimed(step: Step, folder: str, junit_file: str, notify_file: str) -> Places:
    """Claim a report directory."""
    junit = REPORTS[JUNIT].filename
    given = {junit: junit_file, _notice(step).filename: notify_file}
    wanted = Places(folder, {name: path for name, path in given.items() if path})
    return places.take(step, wanted, report_filenames(REPORTS), [junit])


def _notice(step: Step) -> ReportEntry:
    """The message for the chat that the inputs name, or for the default one if they are invalid."""
    given = step.lookup.text("notify-format").lower()
    return NOTICES.get(given) or NOTICES[CommonOptions.fields["notify_format"].default]


def wanted_reports(step: Step, reports_at: Places) -> Mapping[str, ReportEntry]:
    """The reports of the step. The message comes first: it is small, and a cancelled step has little time."""
    entry = _notice(step)
    return {**({NOTIFY: entry} if entry.filename in reports_at.moved else {}), **REPORTS}


def publisher(
    step: Step,
    reports_at: Places,
    options: CommonOptions | None,
    memory: "Memory | None" = None,
    commenter: "Commenter | None" = None,
) -> "Publisher":
    """What writes the reports and outputs, the history, and the comment."""
    from testgate.publishing import Publisher  # needed only after the trigger

    return Publisher(
        step,
        wanted_reports(step, reports_at),
        reports_at,
        job_summary=options.job_summary if options else True,
        annotations=options.annotations if options else True,
        remember=memory.save if memory else None,
        comment=commenter.comment if commenter else None,
    )


def gate_without_runs(foundation: Foundation, verdict: Verdict, remedy: str) -> Gate:
    """The gate of a step that never got to a run, or lost it to a bug."""
    step = foundation.step
    return Gate(
        title=step.lookup.text("title") or "TestGate",
        verdict=verdict,
        exit_code=verdict.conclusion.exit_code,
        remedy=remedy,
        left_running=[each.id for each in step.journal.runs],
        to_stop=[each.id for each in step.journal.runs if each.origin is RunOrigin.STARTED],
        to_find=step.journal.unanswered,
        seconds=step.elapsed,
        started_at=step.began_at,
        demo=demo_wanted(step.lookup),
        provider=foundation.provider_name,
        leg=" ".join(step.lookup.text("leg").split()),
    )


def gate_after_bug(foundation: Foundation, error: Exception) -> Gate:
    """The gate of a step that ran into a bug."""
    log_bug(foundation.step, error)
    verdict = Verdict(Conclusion.INTERNAL_ERROR, f"a bug in TestGate: {type(error).__name__}")
    return gate_without_runs(foundation, verdict, remedy_for(Conclusion.INTERNAL_ERROR))


def log_bug(step: Step, error: Exception) -> None:
    """Log a traceback, and where to report it."""
    step.log_bug(error)
    step.console.line(remedy_for(Conclusion.INTERNAL_ERROR))


def _withdraw(step: Step, written: Places) -> None:
    """Remove what may have been written before the bug, and would be believed: by a merge, or in a chat."""
    names = [REPORTS[CTRF].filename, *({_notice(step).filename} & written.moved.keys())]
    for name in names:
        with contextlib.suppress(ReportError):
            step.workspace.discard(step.workspace.place(written.path(name)))


def publish(foundation: Foundation, ending: Ending, gate: Gate) -> int:
    """Write reports and outputs; returns the exit code."""
    step = foundation.step
    reports_at, job = Places(), ""
    try:
        build = step.platform.build
        origin = Origin(build.workflow, build.run, build.attempt, build.commit)
        gate = gate._replace(build_title=build.title, build_url=build.url, build_job=build.job, origin=origin)
        job = build.job
        reports_at = ending.places or _fallback_places(step)
        return publisher(step, reports_at, ending.options, ending.memory, ending.commenter).publish(gate, ending.policy)
    except Exception as error:  # noqa: BLE001  # a bug on the way out: red, with what could be written
        log_bug(step, error)
        _withdraw(step, reports_at)
        return Conclusion.INTERNAL_ERROR.exit_code
    finally:
        with contextlib.suppress(ReportError):
            release(step.workspace, reports_at.folder, job)
