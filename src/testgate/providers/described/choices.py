"""What a provider file lets a workflow choose, as models: the values that it gives, and the targets they select."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from testgate.providers.described.parts import Part, Table, Template


class Value(Part):
    """A value that the workflow gives, in `values`, or in `secret-values` if it is `secret`.

    A `list` is separated by commas; of a `map`, each entry is a line `name.key=value`. In a path, what has `segments`
    may be several, as in `folder/job`: this one stands between them, or none if it is empty. A map with `pairs` is sent
    as a list of objects with these two keys.
    """

    about: str
    example: str
    required: bool = False
    secret: bool = False
    list_: bool = False
    map: bool = False
    segments: Annotated[str, Field(pattern=r"[A-Za-z0-9_-]{0,40}")] | None = None
    pairs: tuple[str, str] | None = None
    type: Literal["text", "number", "boolean"] = "text"
    default: str = ""
    choices: Annotated[list[str], Field(default_factory=list)]

    @model_validator(mode="after")
    def _one_shape(self) -> "Value":
        """Refuse contradictions."""
        if self.list_ and self.map:
            raise ValueError("is both a `list` and a `map`")
        if self.default and (self.required or self.secret or self.map):
            raise ValueError("has a `default`, and is required, secret or a map")
        if (self.choices or self.map) and self.type != "text":
            raise ValueError("has a `type` beside `choices` or `map`")
        if self.pairs is not None and not self.map:
            raise ValueError("has `pairs`, which are for a `map`")
        return self


class Target(Part):
    """What `command: run` starts.

    Exactly one of these: `each`, the name of a list whose items are a target each; `together`, the name of a list that
    is one target; `any`, names of values of which one at least must be given for one target. `send` is what
    `{target.send}` stands for in the trigger.
    """

    each: str = ""
    together: str = ""
    any: Annotated[list[str], Field(default_factory=list)]
    name: Template
    send: Annotated[Table, Field(default_factory=dict)]

    @property
    def values(self) -> list[str]:
        """The names of the values that select it."""
        return [each for each in (self.each, self.together, *self.any) if each]

    @model_validator(mode="after")
    def _one_kind(self) -> "Target":
        """Accept one kind."""
        if sum(map(bool, (self.each, self.together, self.any))) != 1:
            raise ValueError("needs exactly one of `each`, `together` and `any`")
        return self
