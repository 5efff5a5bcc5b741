"""Keeps the state for the cleanup in the report directory, since some runners don't hand it over.

The directory belongs to the workspace, where anybody can write. So the state is sealed with the platform's key: what
it says was written by a step of this job that has the key, and by nobody else.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping

from testgate.edges.claims import claimed, existing, hidden
from testgate.edges.seals import Seal
from testgate.edges.workspace import Workspace
from testgate.errors import ReportError

_KIND = "state"


class Keeper:
    """Keeps the state of the steps of one job. `key` is the platform's key; without it or a job, nothing is kept."""

    def __init__(self, workspace: Workspace, job: str, key: str) -> None:
        self._workspace = workspace
        self._job = job
        self._seal = Seal(key)
        self._possible = bool(job and key)

    def keep(self, folder: str, state: Mapping[str, str]) -> None:
        """Write the state of this step. A failure costs only the cleanup's knowledge, and it says so then."""
        if not self._possible:
            return
        kept = {"state": dict(state), "seal": self._seal.of(self._job, dict(state))}
        with contextlib.suppress(ReportError):
            self._workspace.write(hidden(self._workspace, folder, self._job, _KIND), [json.dumps(kept)])

    def kept(self, given: str) -> Iterator[Mapping[str, str] | None]:
        """The state of each step of this job with this `report-dir`; None for a step whose state isn't there."""
        for folder in existing(self._workspace, given) if self._possible else ():
            state = self._read(folder)
            if state is not None or claimed(self._workspace, folder, self._job):
                yield state

    def _read(self, folder: str) -> Mapping[str, str] | None:
        """The state in a directory; None if there is none, or somebody else wrote it."""
        try:
            kept = json.loads(self._workspace.read(hidden(self._workspace, folder, self._job, _KIND)))
            state = {str(name): str(text) for name, text in kept["state"].items()}
            return state if self._seal.holds(str(kept["seal"]), self._job, state) else None
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, ReportError):
            return None
