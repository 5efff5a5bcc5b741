"""Every declared input: what is read has the type that its field promises."""

from typing import get_type_hints

import pytest
from pydantic import ConfigDict, TypeAdapter

from testgate.inputs.declaring import Field, Options
from testgate.inputs.options import CommonOptions
from testgate.inputs.values import Given
from testgate.management.testsigma import ManagementOptions
from testgate.providers.testifly import TestiflyOptions
from testgate.providers.testsigma import TestsigmaOptions
from testgate.redact import Secret

MODELS: tuple[type[Options], ...] = (CommonOptions, TestsigmaOptions, TestiflyOptions, ManagementOptions)
FIELDS = [pytest.param(model, field, id=field.name) for model in MODELS for field in model.fields.values()]


def promised(model: type[Options], field: Field) -> TypeAdapter[object]:
    """What checks a value against the annotation of a field, as strictly as type checkers do."""
    config = ConfigDict(strict=True, arbitrary_types_allowed=True)
    return TypeAdapter(get_type_hints(model)[field.attribute], config=config)


@pytest.mark.parametrize(("model", "field"), FIELDS)
def test_an_input_has_the_type_of_its_field(model: type[Options], field: Field) -> None:
    """By default, and as it is read from its example; that of a secret is a sentence, so another one is read."""
    example = field.example
    if field.kind.secrets:
        example = "name=s3cret" if field.kind.several else "s3cret"
    for value in (field.default, field.kind.read(Given(example, "INPUT_X"))):
        promised(model, field).validate_python(value)


@pytest.mark.parametrize(("model", "field"), FIELDS)
def test_a_written_default_is_read_as_the_default(model: type[Options], field: Field) -> None:
    """The documents show it."""
    if field.written_default:
        assert field.kind.read(Given(field.written_default, "INPUT_X")) == field.default, model


def test_a_secret_shows_only_when_it_is_asked_for() -> None:
    """Neither in a message nor beside other values; equal ones are one value."""
    secret = Secret("s3cret")
    assert "s3cret" not in f"{secret} {secret!r} {[secret]}"
    assert (secret.reveal(), len({secret, Secret("s3cret"), Secret("other")})) == ("s3cret", 2)
    assert secret != "s3cret"
