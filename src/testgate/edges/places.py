"""Decides where the reports of a step go, before anything is sent."""

import contextlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from testgate.edges.claims import claim, folders
from testgate.edges.step import Step
from testgate.errors import ReportError
from testgate.inputs.values import Fault

DEFAULT_FOLDER = "testgate-report"
_MOST_NAMES = 1_000
OTHER_FOLDER = "test-reports"  # an example of another one


class Places(NamedTuple):
    """Where reports go, as users know the paths. `moved` holds reports with a path of their own, by filename."""

    folder: str = DEFAULT_FOLDER
    moved: Mapping[str, str] = {}

    def path(self, filename: str) -> str:
        """The path of a report."""
        return self.moved.get(filename) or f"{self.folder.rstrip('/')}/{filename}"

    def copy(self, filename: str, scanned: str) -> str:
        """The path of a second copy in the folder that the CI scans; "" if it scans none, or the user chose a path."""
        if not scanned or self.moved.get(filename):
            return ""
        return f"{scanned}/{Path(self.folder).name}{Path(filename).suffix}"


def problems_with(step: Step, given: Mapping[str, str | None]) -> list[str]:
    """The inputs whose paths cannot be used, each with the reason and an example."""
    problems = []
    for name, path in given.items():
        try:
            if path:
                step.workspace.place(path)
        except ReportError as error:
            example = DEFAULT_FOLDER if path != DEFAULT_FOLDER else OTHER_FOLDER
            problems.append(f"`{name}`: {error}. {error.remedy} Example: {example}")
    return problems


def fallback(step: Step) -> str:
    """Where reports go if the inputs are invalid: where they say if that can be used, else in the default directory.

    If that is a link that leads outside, the next name is used that isn't.
    """
    given = usable(step, "report-dir")
    if given:
        return given
    for folder in folders(DEFAULT_FOLDER):
        with contextlib.suppress(ReportError):
            step.workspace.place(folder)
            if folder != DEFAULT_FOLDER:
                step.console.line(f"{DEFAULT_FOLDER} cannot be used; writing reports to {folder}")
            return folder
    return DEFAULT_FOLDER


def usable(step: Step, name: str) -> str:
    """The path that an input gives; "" if it gives none that can be used."""
    with contextlib.suppress(ReportError, Fault):
        given = step.lookup.given(name)
        if given:
            step.workspace.place(given.text)
            return given.text
    return ""


def take(step: Step, wanted: Places, filenames: Collection[str], scanned: Collection[str]) -> Places:
    """Claim a report directory for this step, and remove the reports of an earlier job.

    `filenames` are all files of the report directory, `scanned` those with a copy in the folder that
    the CI scans. Returns the places with the directory that was claimed.
    """
    folder = claim(step.workspace, wanted.folder, step.platform.build.job, {*filenames, *step.platform.files({})})
    if folder not in {wanted.folder, wanted.folder.rstrip("/")}:
        step.console.line(f"{wanted.folder} is in use by another step; writing reports to {folder}")
    moved = {name: _free(step, path) for name, path in wanted.moved.items()}
    places = wanted._replace(folder=folder, moved=moved)
    copies = (places.copy(filename, step.platform.junit_folder) for filename in scanned)
    for path in filter(None, (*places.moved.values(), *copies)):
        with contextlib.suppress(ReportError):  # reported when the file is written
            step.workspace.discard(step.workspace.place(path))
    return places


def _free(step: Step, given: str) -> str:
    """The path, or the next free name if an earlier step of this job wrote its report there."""
    job = step.platform.build.job
    path = Path(given)
    for number in range(1, _MOST_NAMES):
        name = given if number == 1 else str(path.with_name(f"{path.stem}-{number}{path.suffix}"))
        with contextlib.suppress(ReportError):
            if job and _written_by(job) in step.workspace.beginning(step.workspace.place(name)):
                continue
            if number > 1:
                step.console.line(f"{given} is the report of another step; writing to {name}")
            return name
    return given


def _written_by(job: str) -> str:
    """What the beginning of a JUnit report of this job contains."""
    for sign, entity in (("&", "&amp;"), ('"', "&quot;"), ("<", "&lt;"), (">", "&gt;")):
        job = job.replace(sign, entity)
    return f'<property name="build-job" value="{job}"'
