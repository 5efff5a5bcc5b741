"""Whose a report directory is: taken before anything is sent, and emptied of what another job left in it.

Workspaces are kept from job to job. A step that is killed before its end must not hand on the
reports of the one before it, and gates that run side by side must not write over each other's.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from pathlib import Path

from testgate.edges.workspace import OWN_HIDDEN, Workspace
from testgate.errors import ReportError

FILLED = "outputs.json"
JOB = "job"
_MOST_FOLDERS = 1000


def claim(workspace: Workspace, given: str, job: str, names: Collection[str]) -> str:
    """Take the directory, or the next free name where another step of this job has it; the one that was taken.

    Files of these names are removed there: another job left them. So are those in the further
    directories that an earlier job took. Where the CI does not name its jobs, `job` is "": then
    nobody can tell steps apart, and the directory is taken as it is.
    """
    given, job = given.rstrip("/") or given, workspace.redact(job)  # as it will stand in the file
    try:
        folder = _taken(workspace, given, job)
        _empty(workspace, folder, job, names)
        if folder == given and job:
            _empty_further(workspace, given, job, names)
    except (OSError, ReportError):
        return given  # what is wrong with it is told when the reports are written
    return folder


def release(workspace: Workspace, folder: str, job: str) -> None:
    """Let go of the directory, now that `outputs.json` says whose it is."""
    if job:
        workspace.discard(_mark(workspace, folder, workspace.redact(job)))


def _folders(given: str) -> Iterator[str]:
    """The names in their order: the one given, then `-2` and so on."""
    yield given
    yield from (f"{given}-{number}" for number in range(2, _MOST_FOLDERS + 1))


def _taken(workspace: Workspace, given: str, job: str) -> str:
    """The first directory that no other step of the job has filled, or is about to fill."""
    if not job:
        return given
    for folder in _folders(given):
        mark = _mark(workspace, folder, job)
        if not workspace.create(mark):
            continue
        # Only now: a step that let go of it meanwhile has filled it before.
        if _owner(workspace, folder) != job:
            return folder
        workspace.discard(mark)
    return given


def _mark(workspace: Workspace, folder: str, job: str) -> Path:
    """The file that only one step of the job can create: of another job's it has another name."""
    told_apart = hashlib.sha256(job.encode("utf-8", errors="surrogatepass")).hexdigest()[:16]
    return workspace.place(folder) / f"{OWN_HIDDEN}{told_apart}.claim"


def _empty(workspace: Workspace, folder: str, job: str, names: Collection[str]) -> None:
    """Remove what an earlier job left, and what it could not tidy away itself."""
    place, mine = workspace.place(folder), _mark(workspace, folder, job)
    for path in [*(place / name for name in names), *place.glob(f"{OWN_HIDDEN}*")]:
        if path != mine:
            workspace.discard(path)


def _empty_further(workspace: Workspace, given: str, job: str, names: Collection[str]) -> None:
    """Remove the reports of an earlier job's further steps: a pattern such as `testgate-report*` would find them."""
    for folder in list(_folders(given))[1:]:
        if not workspace.place(folder).is_dir():
            return
        mark = _mark(workspace, folder, job)
        if _owner(workspace, folder) in {"", job} or not workspace.create(mark):
            continue
        if _owner(workspace, folder) != job:  # another step may have filled it meanwhile
            _empty(workspace, folder, job, names)
        workspace.discard(mark)


def _owner(workspace: Workspace, folder: str) -> str:
    """The job that filled a directory; "" where nobody did."""
    try:
        held = json.loads((workspace.place(folder) / FILLED).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ""
    return str(held.get(JOB, "")) if isinstance(held, dict) else ""
