"""What changed since the baseline, as a whole. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

from testgate.model import Change, EarlierBuild
from testgate.results import JudgedRun, changed
from testgate.text import one_line, plural


class Since(NamedTuple):
    """How many tests changed in which way. `build` is the earlier build; None if the runs have different ones.

    `branch` is the branch that it is from, if that isn't the one of this build.
    """

    new: int
    known: int
    fixed: int
    tolerated: int
    build: EarlierBuild | None
    branch: str

    @property
    def sentence(self) -> str:
        """`2 new failures, 3 known, 1 test fixed`."""
        parts = [plural(self.new, "new failure")] if self.new else []
        if self.known:
            parts.append(f"{self.known} known" if self.new else plural(self.known, "known failure"))
        if self.fixed:
            parts.append(f"{plural(self.fixed, 'test')} fixed")
        return ", ".join(parts)

    @property
    def excuse(self) -> str:
        """`2 known failures were tolerated`; "" if none were."""
        if not self.tolerated:
            return ""
        return f"{plural(self.tolerated, 'known failure')} {'was' if self.tolerated == 1 else 'were'} tolerated"

    @property
    def place(self) -> str:
        """What people call the baseline: `#41`, `#41 of main`."""
        if self.build is None:
            return "earlier builds"
        return " of ".join(filter(None, (one_line(self.build.label), one_line(self.branch))))


def since(runs: Sequence[JudgedRun]) -> Since | None:
    """What changed; None if no run has a baseline, or no test failed now or then."""
    baselines = [run.report.baseline for run in runs if run.report.baseline]
    if not baselines:
        return None
    places = {(each.build, each.branch) for each in baselines}
    build, branch = places.pop() if len(places) == 1 else (None, "")
    new, known, fixed = (changed(runs, each) for each in (Change.NEW, Change.KNOWN, Change.FIXED))
    tolerated = sum(test.tolerated and test.bad for run in runs for test in run.report.tests)
    return Since(new, known, fixed, tolerated, build, branch) if new or known or fixed else None
