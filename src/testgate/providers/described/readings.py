"""What a provider file reads from answers about runs and tests, as models: words, amounts and counters."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from testgate.model import Outcome, RunResult, Status
from testgate.providers.described.expressions import Expression
from testgate.providers.described.parts import Part, Template
from testgate.shapes import folded

ListOfWords = Annotated[list[str], Field(default=[])]


class Amount(Part):
    """A duration or a time: where it stands, and in which unit. A text alone stands for seconds."""

    path: Expression
    unit: Literal["s", "ms", "min"] = "s"

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        """Read the short form."""
        return {"path": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe both forms for editors."""
        return {"anyOf": [{"type": "string"}, handler.resolve_ref_schema(handler(schema))]}


class Words(Part):
    """Lists of words, of which none stands in two, in any spelling."""

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        """Refuse a word in two lists."""
        seen: dict[str, str] = {}
        for name, words in self.model_dump().items():
            for word in words:
                other = seen.setdefault(folded(word), name)
                if other != name:
                    raise ValueError(f"has the word {word!r} in two lists: {other} and {name.replace('_', '-')}")
        return self


class States(Words):
    """The words of a run's state. A word in none of these lists waits, unless it means an end in every language of the
    field; then its end counts, and green needs every other proof.

    `ended` says nothing about the result, `not-executed` that nothing ran, `aborted` that the platform gave the run up.
    """  # noqa: D205  # the second sentence belongs to the first

    queued: ListOfWords
    running: ListOfWords
    passed: ListOfWords
    failed: ListOfWords
    stopped: ListOfWords
    aborted: ListOfWords
    ended: ListOfWords
    not_executed: ListOfWords

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


class Outcomes(Words):
    """The words of a test's result. A word in none of these lists is an error, and is shown as it is.

    A test that is `lost` broke for lack of a machine.
    """

    passed: ListOfWords
    failed: ListOfWords
    error: ListOfWords
    skipped: ListOfWords
    not_run: ListOfWords
    lost: ListOfWords

    def table(self) -> Mapping[str, tuple[Outcome, bool]]:
        """Outcome, and whether the machine was lost, by folded word."""
        plain = {outcome: getattr(self, outcome.value.replace("-", "_")) for outcome in Outcome}
        return {
            **{folded(word): (outcome, False) for outcome, words in plain.items() for word in words},
            **{folded(word): (Outcome.ERROR, True) for word in self.lost},
        }


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

    @model_validator(mode="after")
    def _one_way(self) -> "Counts":
        """Accept one of the two ways."""
        listed = [self.rows, self.label, self.count]
        placed = [self.total, self.passed, self.failed, self.errors, self.skipped, self.not_run]
        if any(listed) and (not all(listed) or any(placed)):
            raise ValueError("needs `rows`, `label` and `count` together, and nothing else; or a place for each number")
        if not any(listed) and not any(placed):
            raise ValueError('says where no number stands. Example: { passed = "summary.passed" }')
        return self


class Same(Part):
    """A value that an answer must have, if it has it: otherwise the answer is not about our run."""

    path: Expression
    is_: Template
    what: str = "run"
