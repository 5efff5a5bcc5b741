"""Reads typed inputs, and reports all problems at once, each with the name of its input.

This module knows no vendors: callers pass in the models of options, and the rules that depend on the
command and the provider.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar, cast

from testgate.errors import InputError
from testgate.inputs.declaring import Field, Options
from testgate.inputs.lookup import STEP, Lookup, Names, unknown_variable_warnings
from testgate.inputs.values import Fault, choice
from testgate.redact import Redactor
from testgate.text import one_line

_SHOWN_VALUE = 60


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
    field = next(each for each in model.fields.values() if each.name == name)
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
            default=field.written_default,
            description=field.description,
            example=field.example,
            required=field.required,
            secret=field.kind.secrets is not None,
            group=field.group,
            choices=field.choices,
        )
        for field in _all_fields(models)
    ]


def _all_fields(models: Sequence[type[Options]]) -> Iterator[Field]:
    """The fields of all models."""
    return (field for model in models for field in model.fields.values())


def _instance(model: type[M], lookup: Lookup, rules: Rules, redact: Redactor) -> tuple[M | None, list[str]]:
    """Read one model: an instance, or its problems."""
    values: dict[str, Any] = {}
    problems: list[str] = []
    for field in model.fields.values():
        text = ""
        try:
            given = lookup.given(field.name, secret=field.kind.secrets is not None, several=field.kind.several)
            if given is None:
                if why := rules.required.get(field.name, "required" if field.required else ""):
                    problems.append(field.problem(why, example=rules.examples.get(field.name, "")))
                continue
            text = given.text
            if field.name in rules.choices:
                given = given._replace(text=choice(text, rules.choices[field.name]))
            values[field.attribute] = field.kind.read(given)
        except Fault as fault:
            shown = one_line(redact(text if fault.shown is None else fault.shown), _SHOWN_VALUE)
            problems.append(field.problem(fault.what, shown, one_line(redact(fault.hint), _SHOWN_VALUE)))
    if problems:
        return None, problems
    instance = model(**values)
    problems += instance.contradictions()
    return (None, problems) if problems else (instance, [])


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
