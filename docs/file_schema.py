"""The JSON Schema of provider files, for editors: made from the parts that check them."""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from testgate.providers.described.checking import schema_of
from testgate.providers.described.document import Document
from testgate.providers.described.expressions import LONGEST, Expression
from testgate.providers.described.parts import as_list
from testgate.providers.described.readings import from_text


class FileSchema(GenerateJsonSchema):
    """How a provider file is described to editors: with the short forms, and without what they can't check."""

    def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> dict[str, Any]:
        """Both forms of a value that has a short one."""
        whole = super().function_before_schema(schema)
        short = schema["function"]["function"] in {as_list, from_text}
        return {"anyOf": [{"type": "string"}, whole]} if short else whole

    def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> dict[str, Any]:
        """An expression is a text of its own kind."""
        if schema["function"]["function"] is Expression:
            return {"type": "string", "maxLength": LONGEST, "description": "A JMESPath expression."}
        return super().function_after_schema(schema)


def made() -> str:
    """The JSON Schema of provider files, for editors."""
    generated = FileSchema(by_alias=True).generate(schema_of(Document))
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A TestGate provider file, format 1"}
    return json.dumps({**generated, **head}, indent=2) + "\n"
