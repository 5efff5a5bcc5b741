"""One step of a CI job, before its inputs are known to be valid: enough to log, hide secrets and leave reports."""

import traceback
from collections.abc import Sequence
from typing import NamedTuple

from testgate.edges.console import Console
from testgate.edges.journal import Journal
from testgate.edges.workspace import Workspace
from testgate.edges.world import World
from testgate.inputs.lookup import Lookup
from testgate.ports import Platform
from testgate.redact import Redactor


class Step(NamedTuple):
    """The edges of a step. `began` is on the monotonic clock, `began_at` in epoch seconds."""

    world: World
    began: float
    began_at: float
    lookup: Lookup
    secrets: Sequence[str]
    redact: Redactor
    platform: Platform
    console: Console
    workspace: Workspace
    journal: Journal

    def learn(self, secret: str) -> None:
        """Hide a secret that became known only now, in everything from here on."""
        self.redact.learn(secret)
        self.journal.mask([secret])

    @property
    def elapsed(self) -> float:
        """Seconds since the step began."""
        return self.world.monotonic() - self.began

    def log_bug(self, error: BaseException) -> None:
        """Log a traceback, without secrets."""
        self.console.line("".join(traceback.format_exception(error)))
