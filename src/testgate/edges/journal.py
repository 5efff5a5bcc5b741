"""What must outlive the process: the intent before a trigger, ids at once after it, outputs at the end.

Written as it happens: a process that is killed leaves what a cleanup needs.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from testgate.acts import Act, Append, Execute, Print
from testgate.edges.console import Console
from testgate.edges.programs import Programs
from testgate.edges.workspace import Workspace
from testgate.errors import ReportError
from testgate.model import Origin, Run, Target
from testgate.ports import Platform
from testgate.redact import SHORTEST_SECRET
from testgate.text import tidy


class Journal:
    """Does what the CI's adapter says, and remembers what could not be done.

    `wall_clock` gives epoch seconds. `failures` are reports and outputs that could not be written.
    `early` is called with the first outputs as soon as there are any.
    """

    def __init__(
        self,
        platform: Platform,
        console: Console,
        workspace: Workspace,
        wall_clock: Callable[[], float],
        programs: Programs,
    ) -> None:
        """Take the CI, the log, the files, and what runs the CI's programs."""
        self._platform = platform
        self._console = console
        self._workspace = workspace
        self._wall_clock = wall_clock
        self._programs = programs
        self._intents: list[dict[str, str | int]] = []
        self._runs: list[Run] = []
        self.failures: list[ReportError] = []
        self.early: Callable[[Mapping[str, str]], None] = lambda _outputs: None

    @property
    def runs(self) -> Sequence[Run]:
        """The runs that were started, in order."""
        return tuple(self._runs)

    def perform(self, acts: Sequence[Act]) -> None:
        """Print, append and execute; a file that cannot be written is told once and remembered."""
        for act in acts:
            match act:
                case Print(line):
                    self._console.act(line)
                case Append(path, text):
                    self.attempt(partial(self._workspace.append, Path(path), text))
                case Execute(command, text):
                    self._programs.run(command, self._workspace.redact(text))

    def settle(self, seconds: float) -> None:
        """Wait for the CI's programs, so long at most; one that failed is told and remembered.

        What is said after that corrects what was said before: it is tried again.
        """
        failed = self._programs.settle(seconds)
        if failed is not None:
            self.attempt(partial(_fail, failed))
            self._programs.resume()

    def attempt(self, write: Callable[[], None]) -> bool:
        """Write something; tell and remember if it fails, the same failure once. True if it was written."""
        try:
            write()
        except ReportError as error:
            if error.message not in {known.message for known in self.failures}:
                self._console.line(f"warning: {error}")
                self.failures.append(error)
            return False
        return True

    def mask(self, secrets: Sequence[str]) -> None:
        """Have the CI hide the secrets, before anything else is printed; short ones would hide the log."""
        for secret in secrets:
            if len(secret) < SHORTEST_SECRET:
                continue
            for act in self._platform.mask(secret):
                if isinstance(act, Print):
                    self._console.mask(act.line)

    def intend(self, target: Target, mark: str) -> None:
        """Keep what a cleanup needs to look for a run whose trigger got no answer."""
        self._intents.append({"target": target.key, "mark": mark, "at": int(self._wall_clock())})
        self.perform(self._platform.remember({"intents": json.dumps(self._intents)}))

    def started(self, run: Run) -> None:
        """Hand out the id at once: what comes after may be a kill."""
        self._runs.append(run)
        ids = [each.id for each in self._runs]
        state = [
            {"id": each.id, "target": each.target.key, "ours": each.origin is Origin.STARTED} for each in self._runs
        ]
        told = {"run-id": ids[0], "run-ids": ",".join(ids), "run-url": self._runs[0].url}
        outputs = {name: tidy(value, self._workspace.redact) for name, value in told.items()}
        # The state first, and the outputs without delay: a kill may come between them.
        self.perform([*self._platform.remember({"runs": json.dumps(state)}), *self._platform.outputs(outputs)])
        self.early(outputs)

    def finish(self, outputs: Mapping[str, str], to_stop: Sequence[str]) -> None:
        """Hand out all outputs; tell a cleanup that the step came to its end, and which runs it could not stop."""
        self.perform(self._platform.outputs(outputs))
        self.perform(self._platform.remember({"to-stop": json.dumps(list(to_stop)), "ended": "true"}))


def _fail(error: ReportError) -> None:
    """Raise what was found elsewhere, so that it is told like the rest."""
    raise error
