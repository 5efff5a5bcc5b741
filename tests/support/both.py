"""Testifly in both forms, as code and as a file, with the same readers."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from testgate.errors import InputError
from testgate.model import Page, Reported, Run, Snapshot, Target
from testgate.ports import Provider
from testgate.providers.described.asking import Asker
from testgate.providers.described.document import Document
from testgate.providers.described.given import read, selection_problems
from testgate.providers.described.loading import load
from testgate.providers.described.provider import Described
from testgate.providers.testifly import Testifly, TestiflyOptions
from testgate.wire import Reply
from tests.support.replies import inputs

FILE = Path(__file__).parents[1] / "providers" / "described" / "testifly.toml"
BASE = "https://testifly.example"


@cache
def document() -> Document:
    """Return the file."""
    return load(FILE.read_text(encoding="utf-8"), FILE.name)


class Form(NamedTuple):
    """One of the two forms."""

    described: bool

    def provider(self, given: Mapping[str, str]) -> Provider:
        """Build the provider from inputs, which the file calls values."""
        if not self.described:
            return Testifly(BASE, "key", inputs(dict(given), TestiflyOptions).of(TestiflyOptions))
        plain = {name: ",".join(text.splitlines()) for name, text in given.items()}
        values, problems = read(document(), plain, {})
        problems += selection_problems(document(), values)
        if problems:
            raise InputError(problems)
        return Described(Asker(document(), BASE, "key", values))

    def _any(self, project: str = "p1", agent: str = "") -> Provider:
        """Build a provider for readers."""
        return self.provider({"project-id": project, "feature-id": "f1", **({"agent-name": agent} if agent else {})})

    def target(self) -> Target:
        """Return a target."""
        return self._any().targets()[0]

    def started(self, reply: Reply) -> Run:
        """Read the answer to a trigger."""
        return self._any().trigger(self.target(), "mark").read(reply)

    def snapshots(self, reply: Reply, agent: str = "") -> Sequence[Snapshot]:
        """Read the answer to a poll."""
        return self._any(agent=agent).poll([self.run("j"), self.run("6804f1d1d2d4e0a1c1a0d123")]).read(reply)

    def report_of(self, ref: str) -> str:
        """The report's id that a run's `ref` holds."""
        from testgate.providers.described.refs import kept_of

        return kept_of(ref).get("report", "") if self.described else ref

    def run(self, run_id: str, report: str = "") -> Run:
        """Return a run that has a report."""
        ref = f'{{"report": "{report}"}}' if self.described and report else report
        return Run(run_id, self.target(), ref=ref)

    def page(
        self, reply: Reply, report: str = "6804f1e2d2d4e0a1c1a0d456", project: str = "67f8cb3fe236b8d41b7700ac"
    ) -> Page:
        """Read a report."""
        call = self._any(project).results(self.run("j", report), None)
        assert call is not None
        return call.read(reply)

    def reported(self, reply: Reply) -> Reported:
        """Read the counters of a report."""
        call = self._any().live(self.run("j", "r1"))
        assert call is not None
        return call.read(reply)
