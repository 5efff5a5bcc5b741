"""What a provider file reads from answers about runs and tests: words, amounts and counters."""

from collections.abc import Mapping
from dataclasses import field
from typing import Annotated, Literal

from testgate.model import Outcome, RunResult, Status
from testgate.providers.described.expressions import Expression
from testgate.providers.described.marks import Prepared
from testgate.providers.described.part import Part, part
from testgate.providers.described.parts import Template
from testgate.shapes import folded


@part
class Amount(Part):
    """A duration or a time: where it stands, and in which unit. A text alone stands for seconds."""

    path: Expression
    unit: Literal["s", "ms", "min"] = "s"


def from_text(value: object) -> object:
    """Read the short form of an amount."""
    return {"path": value} if isinstance(value, str) else value


AnyAmount = Annotated[Amount, Prepared(from_text)]


@part
class Words(Part):
    """Lists of words, of which none stands in two, in any spelling."""

    def __post_init__(self) -> None:
        """Refuse a word in two lists."""
        seen: dict[str, str] = {}
        for name, words in vars(self).items():
            for word in words:
                other = seen.setdefault(folded(word), name)
                if other != name:
                    raise ValueError(f"has the word {word!r} in two lists: {other} and {name.replace('_', '-')}")


@part
class States(Words):
    """The words of a run's state. A word in none of these lists waits, unless it means an end in every language of the
    field; then its end counts, and green needs every other proof.

    `ended` says nothing about the result, `not-executed` that nothing ran, `aborted` that the platform gave the run up.
    """  # noqa: D205  # the second sentence belongs to the first

    queued: list[str] = field(default_factory=list)
    running: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    stopped: list[str] = field(default_factory=list)
    aborted: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    not_executed: list[str] = field(default_factory=list)

    def table(self) -> Mapping[str, tuple[Status, RunResult | None, bool]]:
        """Status, result, and whether the platform gave it up, by folded word."""
        ends = {
            RunResult.PASSED: self.passed,
            RunResult.FAILED: self.failed,
            RunResult.STOPPED: self.stopped,
            RunResult.NOT_EXECUTED: self.not_executed,
            RunResult.UNKNOWN: self.ended,
        }
        return {
            **{folded(word): (Status.QUEUED, None, False) for word in self.queued},
            **{folded(word): (Status.RUNNING, None, False) for word in self.running},
            **{folded(word): (Status.ENDED, result, False) for result, words in ends.items() for word in words},
            **{folded(word): (Status.ENDED, RunResult.STOPPED, True) for word in self.aborted},
        }


@part
class Outcomes(Words):
    """The words of a test's result. A word in none of these lists is an error, and is shown as it is.

    A test that is `lost` broke for lack of a machine.
    """

    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    error: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    not_run: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)

    def table(self) -> Mapping[str, tuple[Outcome, bool]]:
        """Outcome, and whether the machine was lost, by folded word."""
        plain = {outcome: getattr(self, outcome.value.replace("-", "_")) for outcome in Outcome}
        return {
            **{folded(word): (outcome, False) for outcome, words in plain.items() for word in words},
            **{folded(word): (Outcome.ERROR, True) for word in self.lost},
        }


@part
class Counts(Part):
    """Where an answer says how many tests there are: a place for each number, or `rows` with `label` and `count`."""

    total: Expression | None = None
    passed: Expression | None = None
    failed: Expression | None = None
    errors: Expression | None = None
    skipped: Expression | None = None
    not_run: Expression | None = None
    rows: Expression | None = None
    label: Expression | None = None
    count: Expression | None = None

    def __post_init__(self) -> None:
        """Accept one of the two ways."""
        listed = [self.rows, self.label, self.count]
        placed = [self.total, self.passed, self.failed, self.errors, self.skipped, self.not_run]
        if any(listed) and (not all(listed) or any(placed)):
            raise ValueError("needs `rows`, `label` and `count` together, and nothing else; or a place for each number")
        if not any(listed) and not any(placed):
            raise ValueError('says where no number stands. Example: { passed = "summary.passed" }')


@part
class Same(Part):
    """A value that an answer must have, if it has it: otherwise the answer is not about our run."""

    path: Expression
    is_: Template
    what: str = "run"
