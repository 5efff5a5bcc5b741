"""Reads typed inputs, and reports all problems at once, each with the name of its input.

This module knows no vendors: callers pass in the models of options, and the rules that depend on the
command and the provider.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Literal, NamedTuple, TypeVar, cast, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from testgate.errors import InputError
from testgate.inputs.lookup import STEP, Lookup, Names, unknown_variable_warnings
from testgate.inputs.values import Fault, Kind, choice
from testgate.redact import Redactor
from testgate.text import one_line

_SHOWN_VALUE = 60


class Options(BaseModel):
    """Base class of the models. The field `api_key` is the input `api-key`.

    The annotation of a field contains its `Kind` and, if the documents group it, the heading as a `StrEnum`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


M = TypeVar("M", bound=Options)


class Rules(NamedTuple):
    """Rules beyond the models, by the names of inputs.

    `required`: why an input must be given ("required for command run"). `choices`: the words that an
    input accepts, if only the caller knows them. `examples` replace those of the models. `foreign`:
    inputs of other providers, with the name of the provider. `known`: other inputs that exist.
    `problems`: those that the caller has already found.
    """

    required: Mapping[str, str] = {}
    choices: Mapping[str, Sequence[str]] = {}
    examples: Mapping[str, str] = {}
    foreign: Mapping[str, str] = {}
    known: Collection[str] = ()
    problems: Sequence[str] = ()


class Input(NamedTuple):
    """An input as its model declares it; `default` and `example` are formatted as users would write them.

    `group` is its heading in the documents; "" if its model has a heading of its own. `choices` are the
    words that it accepts, if the model knows them.
    """

    name: str
    default: str
    description: str
    example: str
    required: bool
    secret: bool
    group: str = ""
    choices: Sequence[str] = ()


class Inputs:
    """Valid instances of the models, one per model, and warnings about the environment."""

    def __init__(self, instances: Mapping[type[Options], Options], warnings: Sequence[str]) -> None:
        self._instances = dict(instances)
        self.warnings = tuple(warnings)

    def of(self, model: type[M]) -> M:
        """The instance of a model.

        Raises:
            KeyError: the model was not read.

        """
        return cast("M", self._instances[model])

    def replacing(self, instance: Options) -> "Inputs":
        """The same with another instance of its model."""
        return Inputs({**self._instances, type(instance): instance}, self.warnings)


class _Field(NamedTuple):
    """A field of a model, as an input."""

    attribute: str
    info: FieldInfo
    kind: Kind

    @property
    def name(self) -> str:
        """The input's name."""
        return self.attribute.replace("_", "-")

    @property
    def example(self) -> str:
        """A valid value."""
        return str((self.info.examples or [""])[0])

    @property
    def default(self) -> str:
        """The default as users would write it; "" if there is none."""
        if self.info.is_required():
            return ""
        return self.kind.write(self.info.get_default(call_default_factory=True))

    @property
    def group(self) -> str:
        """The heading of the input in the documents; "" if its model has a heading of its own."""
        return next((str(mark) for mark in self.info.metadata if isinstance(mark, StrEnum)), "")

    def problem(self, what: str, shown: str = "", hint: str = "", example: str = "") -> str:
        """Describe a fault, with the part of the value that may be shown, and an example."""
        value = f" (given: {shown})" if shown and not self.kind.secrets else ""
        meant = f"; did you mean {hint}?" if hint and not self.kind.secrets else "."
        example = " ".join((example or self.example).splitlines())
        return f"`{self.name}`: {what}{value}{meant} Example: {example}"


def read(lookup: Lookup, models: Sequence[type[Options]], rules: Rules = Rules()) -> Inputs:  # noqa: B008  # immutable
    """Read all models.

    Raises:
        InputError: with every problem of every model, and without secrets.

    """
    redact = Redactor(secrets(lookup, models))
    instances: dict[type[Options], Options] = {}
    problems = [*rules.problems]
    for model in models:
        instance, faults = _instance(model, lookup, rules, redact)
        problems += faults
        if instance is not None:
            instances[model] = instance
    mistaken, warnings = _foreign(lookup, models, rules)
    problems += mistaken
    warnings += unknown_variable_warnings(lookup, _names(models, rules))
    if problems:
        raise InputError(problems, warnings)
    return Inputs(instances, warnings)


def problem_with_choice(
    lookup: Lookup, model: type[Options], name: str, words: Sequence[str], redact: Callable[[str], str]
) -> str:
    """Describe what is wrong with an input that accepts these words; "" if nothing is."""
    field = next(each for each in _all_fields([model]) if each.name == name)
    text = ""
    try:
        given = lookup.given(name)
        text = given.text if given else ""
        choice(text, words)
    except Fault as fault:
        shown = one_line(redact(text if fault.shown is None else fault.shown), _SHOWN_VALUE)
        return field.problem(fault.what, shown, fault.hint)
    return ""


def secrets(lookup: Lookup, models: Sequence[type[Options]]) -> list[str]:
    """Everything that was given as a secret, valid or not, for the CI to mask and the log to hide."""
    found: dict[str, None] = {}
    for field in _all_fields(models):
        if field.kind.secrets is not None:
            for given in lookup.everywhere(field.name):
                found.update(dict.fromkeys(secret for secret in field.kind.secrets(given) if secret))
    return [*found]


def declared(models: Sequence[type[Options]]) -> list[Input]:
    """Every input of the models, in order. The documents are generated from this."""
    return [
        Input(
            name=field.name,
            default=field.default,
            description=field.info.description or "",
            example=field.example,
            required=field.info.is_required(),
            secret=field.kind.secrets is not None,
            group=field.group,
            choices=get_args(field.info.annotation) if get_origin(field.info.annotation) is Literal else (),
        )
        for field in _all_fields(models)
    ]


def _all_fields(models: Sequence[type[Options]]) -> Iterator[_Field]:
    """The fields of all models."""
    for model in models:
        for attribute, info in model.model_fields.items():
            kind = next((mark for mark in info.metadata if isinstance(mark, Kind)), None)
            if kind is None:
                raise TypeError(f"{model.__name__}.{attribute} has no kind")
            yield _Field(attribute, info, kind)


def _instance(model: type[M], lookup: Lookup, rules: Rules, redact: Redactor) -> tuple[M | None, list[str]]:
    """Read one model: an instance, or its problems."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in _all_fields([model]):
        text = ""
        try:
            given = lookup.given(field.name, secret=field.kind.secrets is not None, several=field.kind.several)
            if given is None:
                if field.name in rules.required:
                    example = rules.examples.get(field.name, "")
                    problems[field.attribute] = field.problem(rules.required[field.name], example=example)
                continue
            text = given.text
            if field.name in rules.choices:
                given = given._replace(text=choice(text, rules.choices[field.name]))
            values[field.attribute] = field.kind.read(given)
        except Fault as fault:
            shown = one_line(redact(text if fault.shown is None else fault.shown), _SHOWN_VALUE)
            problems[field.attribute] = field.problem(fault.what, shown, one_line(redact(fault.hint), _SHOWN_VALUE))
    return _validated(model, values, problems)


def _validated(model: type[M], values: Mapping[str, Any], problems: Mapping[str, str]) -> tuple[M | None, list[str]]:
    """Validate the values: an instance, or the known problems together with those that the model finds."""
    found = [*problems.values()]
    try:
        instance = model.model_validate(values)
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False, include_context=False)
    else:
        return (None, found) if found else (instance, [])
    fields = {field.attribute: field for field in _all_fields([model])}
    for detail in details:
        field = fields.get(str(detail["loc"][0])) if detail["loc"] else None
        said = "required" if detail["type"] == "missing" else detail["msg"].removeprefix("Value error, ")
        if field is None:
            found += [] if problems else [said]  # a rule about several fields: only if each of them is valid
        elif field.attribute not in problems:
            found.append(field.problem("is not valid" if field.kind.secrets and said != "required" else said))
    return None, found


def _foreign(lookup: Lookup, models: Sequence[type[Options]], rules: Rules) -> tuple[list[str], list[str]]:
    """Problems and warnings about inputs that belong to another provider.

    Among the step's own inputs they are a mistake; in the job's environment they may be for another step.
    """
    own = {field.name for field in _all_fields(models)}
    problems, warnings = [], []
    for name, provider in rules.foreign.items():
        variable = "" if name in own else lookup.variable(name)
        if variable.startswith(STEP):
            what = "belongs to another provider: remove it, or set `provider`"
            problems.append(f"`{name}`: {what}. Example: provider: {provider}")
        elif variable:
            warnings.append(f"`{variable}` is ignored: it belongs to the provider {provider}")
    return problems, warnings


def _names(models: Sequence[type[Options]], rules: Rules) -> Names:
    """The names of all inputs. Those of other providers could be secrets or lists; nothing more is known here."""
    fields = [*_all_fields(models)]
    others = {*rules.known, *rules.foreign}
    return Names(
        every=frozenset({*(field.name for field in fields), *others}),
        several=frozenset({*(field.name for field in fields if field.kind.several), *others}),
        secret=frozenset({*(field.name for field in fields if field.kind.secrets), *others}),
    )
