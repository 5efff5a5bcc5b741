"""A provider file, format 1: a test platform described as data. `docs/providers.md` is its manual."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from testgate.providers.described.parts import Part, Template
from testgate.providers.described.results import Results
from testgate.providers.described.sections import (
    Answers,
    Auth,
    Check,
    Details,
    Find,
    Login,
    Poll,
    Queue,
    Rerun,
    Stop,
    Target,
    Trigger,
    Value,
)
from testgate.shapes import is_id

Proof = Literal["live", "samples", "documents"]


class Document(Part):
    """A whole file."""

    schema_: str = Field(default="", alias="$schema")
    format: Literal[1]
    name: Annotated[str, Field(min_length=1, max_length=60)]
    about: str = ""
    documentation: str = ""
    proof: Proof | None = None
    notes: Annotated[list[str], Field(default_factory=list)]
    base_url: str = ""
    link: Template = ""
    auth: Auth = Field(default_factory=lambda: Auth.model_construct(headers={}, query={}))
    login: Login | None = None
    answers: Answers = Field(default_factory=Answers.model_construct)
    values: Annotated[dict[str, Value], Field(default_factory=dict)]
    targets: Annotated[list[Target], Field(min_length=1)]
    trigger: Trigger
    queue: Queue | None = None
    poll: Poll
    results: Results
    rerun: Rerun | None = None
    stop: Stop | None = None
    find: Find | None = None
    details: Details | None = None
    checks: Annotated[list[Check], Field(min_length=1)]

    @property
    def kept(self) -> Mapping[str, None]:
        """The names of what is kept with a run, in order."""
        queue = self.queue.keep if self.queue else {}
        return dict.fromkeys([*self.trigger.keep, *queue, *self.poll.keep])

    @model_validator(mode="before")
    @classmethod
    def _names(cls, data: Any) -> Any:  # noqa: ANN401  # checked later
        """Refuse names that no line of `values` could have."""
        values = data.get("values") if isinstance(data, dict) else None
        odd = [name for name in values if not is_id(name) or "." in name] if isinstance(values, dict) else []
        if odd:
            raise ValueError(f"has a value with the name {odd[0]!r}: use letters, digits and hyphens")
        return data
