"""Claims the report directory for this step, before anything is sent, and removes what another job left in it.

Workspaces can outlive a job. A step that is killed must not hand out the reports of the step before
it, and steps that run side by side must not overwrite each other's reports.
"""

import contextlib
import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from testgate.edges.workspace import OWN_HIDDEN, Workspace
from testgate.errors import ReportError
from testgate.ports import ReportEntry

FILLED = "outputs.json"
JOB = "job"
_MOST_FOLDERS = 1000


def report_filenames(reports: Mapping[str, ReportEntry]) -> list[str]:
    """All files of the report directory, except for those of the CI."""
    return [*(entry.filename for entry in reports.values()), FILLED]


def claim(workspace: Workspace, given: str, job: str, names: Collection[str]) -> str:
    """Claim the directory, or the next free name if another step of this job uses it; return the claimed one.

    Files with these names are removed from it: another job left them. So are those in further
    directories that an earlier job claimed. `job` is "" if the CI doesn't identify its jobs; steps
    can't be distinguished then, and the directory is used without a claim.
    """
    given, job = given.rstrip("/") or given, workspace.redact(job)  # as it will be written to the file
    try:
        folder = _taken(workspace, given, job)
        _empty(workspace, folder, job, names)
        if folder == given and job:
            _empty_further(workspace, given, job, names)
    except (OSError, ReportError):
        return given  # the fault is reported when the reports are written
    return folder


def release(workspace: Workspace, folder: str, job: str) -> None:
    """Release the claim: from now on, `outputs.json` says which job the directory belongs to."""
    if job:
        workspace.discard(_mark(workspace, folder, workspace.redact(job)))


def folders(given: str) -> Iterator[str]:
    """The names to try in order: the given one, then with `-2` and so on."""
    yield given
    yield from (f"{given}-{number}" for number in range(2, _MOST_FOLDERS + 1))


def _taken(workspace: Workspace, given: str, job: str) -> str:
    """The first directory that no other step of the job has filled or claimed."""
    if not job:
        return given
    for folder in folders(given):
        mark = _mark(workspace, folder, job)
        if not workspace.create(mark):
            continue
        # Checked only now: a step that released its claim in the meantime filled the directory first.
        if _owner(workspace, folder) != job:
            return folder
        workspace.discard(mark)
    return given


def _mark(workspace: Workspace, folder: str, job: str) -> Path:
    """The file that only one step of the job can create; other jobs use other names."""
    return hidden(workspace, folder, job, "claim")


def hidden(workspace: Workspace, folder: str, job: str, kind: str) -> Path:
    """A hidden file of this job in a report directory.

    Raises:
        ReportError: the directory leads outside the workspace.

    """
    fingerprint = hashlib.sha256(job.encode("utf-8", errors="surrogatepass")).hexdigest()[:16]
    return workspace.place(folder) / f"{OWN_HIDDEN}{fingerprint}.{kind}"


def existing(workspace: Workspace, given: str) -> Iterator[str]:
    """The report directories that steps with this `report-dir` may have used."""
    for folder in folders(given.rstrip("/") or given):
        with contextlib.suppress(ReportError):
            if not workspace.has_folder(workspace.place(folder)):
                return
            yield folder


def claimed(workspace: Workspace, folder: str, job: str) -> bool:
    """Whether a step of this job claimed the directory and never released it."""
    try:
        workspace.read(_mark(workspace, folder, workspace.redact(job)))
    except (OSError, ValueError, ReportError):
        return False
    return True


def _empty(workspace: Workspace, folder: str, job: str, names: Collection[str]) -> None:
    """Remove what an earlier job left, including files that it couldn't clean up itself."""
    place, mine = workspace.place(folder), _mark(workspace, folder, job)
    for path in [*(place / name for name in names), *workspace.leftovers(place)]:
        if path != mine:
            workspace.discard(path)


def _empty_further(workspace: Workspace, given: str, job: str, names: Collection[str]) -> None:
    """Remove the reports of an earlier job's other steps: a pattern such as `testgate-report*` would match them."""
    for folder in list(folders(given))[1:]:
        if not workspace.has_folder(workspace.place(folder)):
            return
        mark = _mark(workspace, folder, job)
        if _owner(workspace, folder) in {"", job} or not workspace.create(mark):
            continue
        if _owner(workspace, folder) != job:  # another step may have filled it in the meantime
            _empty(workspace, folder, job, names)
        workspace.discard(mark)


def _owner(workspace: Workspace, folder: str) -> str:
    """The job that filled a directory; "" if none did."""
    try:
        held = json.loads(workspace.read(workspace.place(folder) / FILLED))
    except (OSError, ValueError, RecursionError):
        return ""
    return str(held.get(JOB, "")) if isinstance(held, dict) else ""
