"""State that must survive a kill: the intent before a trigger, ids right after it, outputs at the end.

Everything is written as it happens, so that a process that is killed leaves what a cleanup needs.
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from testgate.acts import Act, Append, Execute, Print
from testgate.edges.console import Console
from testgate.edges.programs import Programs
from testgate.edges.workspace import Workspace
from testgate.errors import ReportError
from testgate.model import Intent, Origin, Run, Target
from testgate.ports import Platform
from testgate.redact import SHORTEST_SECRET
from testgate.text import tidy


@dataclass(eq=False, repr=False)
class Attempt:
    """Whether something could be written."""

    succeeded: bool = False


class Journal:
    """Carries out what the CI's adapter says, and remembers what failed.

    `wall_clock` gives epoch seconds. `failures` are reports and outputs that could not be written.
    `on_first_outputs` is called as soon as the first outputs are known, `on_state` with the whole state whenever
    it changes.
    """

    def __init__(
        self,
        platform: Platform,
        console: Console,
        workspace: Workspace,
        wall_clock: Callable[[], float],
        programs: Programs,
    ) -> None:
        self._platform = platform
        self._console = console
        self._workspace = workspace
        self._wall_clock = wall_clock
        self._programs = programs
        self._decorators = programs.apart()
        self._intents: list[dict[str, str | int]] = []
        self._runs: list[Run] = []
        self._state: dict[str, str] = {}
        self.failures: list[ReportError] = []
        self._undecorated: list[ReportError] = []
        self.on_first_outputs: Callable[[Mapping[str, str]], None] = lambda _outputs: None
        self.on_state: Callable[[Mapping[str, str]], None] = lambda _state: None

    @property
    def runs(self) -> Sequence[Run]:
        """The runs that were started, in order."""
        return tuple(self._runs)

    @property
    def unanswered(self) -> Sequence[Intent]:
        """The triggers that no run answers; each run answers the first one of its target."""
        answered = [run.target.key for run in self._runs]
        left = []
        for each in self._intents:
            target = str(each["target"])
            if target in answered:
                answered.remove(target)
            else:
                left.append(Intent(target, str(each["mark"]), str(each["mark"])))
        return tuple(left)

    def perform(self, acts: Sequence[Act], *, decorates: bool = False) -> None:
        """Print, append and execute; a file that cannot be written is reported once and remembered.

        What only `decorates` the build's page is read by no later step: if it fails, that is reported, and no more.
        """
        for act in acts:
            match act:
                case Print(line):
                    self._console.act(line)
                case Append(path, text):
                    with self.attempt(decorates=decorates):
                        self._workspace.append(Path(path), text)
                case Execute(command, text):
                    programs = self._decorators if decorates else self._programs
                    programs.run(command, self._workspace.redact(text))

    def settle(self, seconds: float) -> None:
        """Wait for the CI's programs, up to this long; one that failed is reported and remembered.

        Outputs that are handed out after that correct earlier ones, so programs are tried again.
        """
        failed = self._programs.settle(seconds)
        if failed is not None:
            self.failed(failed)
            self._programs.resume()
        undecorated = self._decorators.settle(seconds / 4)  # they started with the others, so most are done
        if undecorated is not None:
            self.failed(undecorated, decorates=True)
            self._decorators.resume()

    @contextlib.contextmanager
    def attempt(self, *, decorates: bool = False) -> Iterator[Attempt]:
        """Write something in the block. A `ReportError` is reported and remembered, the same one only once."""
        attempt = Attempt()
        try:
            yield attempt
            attempt.succeeded = True
        except ReportError as error:
            self.failed(error, decorates=decorates)

    def failed(self, error: ReportError, *, decorates: bool = False) -> None:
        """Report and remember that something could not be written, the same failure only once."""
        known = self._undecorated if decorates else self.failures
        if error.message not in {each.message for each in known}:
            self._console.line(f"warning: {error}")
            known.append(error)

    def mask(self, secrets: Sequence[str]) -> None:
        """Make the CI hide the secrets, before anything else is printed; short ones would hide the log."""
        for secret in secrets:
            if len(secret) < SHORTEST_SECRET:
                continue
            for act in self._platform.mask(secret):
                if isinstance(act, Print):
                    self._console.mask(act.line)

    def intend(self, target: Target, mark: str) -> None:
        """Remember what a cleanup needs to look for a run whose trigger got no answer."""
        self._intents.append({"target": target.key, "mark": mark, "at": int(self._wall_clock())})
        self._remember({"intents": json.dumps(self._intents)})

    def started(self, run: Run) -> None:
        """Hand out the id at once: the process may be killed at any moment."""
        self._runs.append(run)
        ids = [each.id for each in self._runs]
        first = {"run-id": ids[0], "run-ids": ",".join(ids), "run-url": self._runs[0].url}
        outputs = {name: tidy(value, self._workspace.redact) for name, value in first.items()}
        # The state first, and the outputs without delay: a kill may come between them.
        self._remember({"runs": self._noted_runs}, self._platform.outputs(outputs))
        self.on_first_outputs(outputs)

    def learned(self, run: Run) -> None:
        """Remember what a run is known by since it was started: a cleanup may need it to stop the run."""
        for place, known in enumerate(self._runs):
            if known.id == run.id and known.ref != run.ref:
                self._runs[place] = known._replace(ref=run.ref)
                self._remember({"runs": self._noted_runs})

    @property
    def _noted_runs(self) -> str:
        """The runs as a cleanup reads them."""
        state = [
            {"id": each.id, "target": each.target.key, "ours": each.origin is Origin.STARTED}
            | ({"ref": each.ref} if each.ref else {})
            for each in self._runs
        ]
        return json.dumps(state)

    def finish(
        self,
        outputs: Mapping[str, str],
        to_stop: Sequence[str],
        *,
        to_find: Sequence[Intent] = (),
        left: Sequence[str] = (),
    ) -> None:
        """Hand out all outputs; remember that the step ended, and which runs it could not stop, find, or left."""
        self.perform(self._platform.outputs(outputs))
        numbers = {each.mark: each.build_no for each in to_find}
        lost = [{**each, "build-no": numbers[str(each["mark"])]} for each in self._intents if each["mark"] in numbers]
        state = {"to-stop": json.dumps(list(to_stop)), "left": json.dumps(list(left)), "ended": "true"}
        self._remember({"intents": json.dumps(lost), **state} if self._intents else state)

    def _remember(self, values: Mapping[str, str], then: Sequence[Act] = ()) -> None:
        """Remember values for the cleanup, and do what must follow without delay."""
        self._state.update(values)
        self.perform([*self._platform.remember(values), *then])
        self.on_state(self._state)
