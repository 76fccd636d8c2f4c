"""How do editors and other programs know what a journey may say? The JSON schema of its file, made from its model."""

from __future__ import annotations

import ast
import inspect
import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from leadloom.domain.journeys.journey import Journey

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SPAN: JsonSchemaValue = {
    "type": "string",
    "pattern": r"^\s*\d+(\.\d+)?\s*[mhdw]\s*$",
    "examples": ["45m", "2h", "3d", "1w"],
}
_CLOCK: JsonSchemaValue = {"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$", "examples": ["08:30"]}


class _AsFilesSay(GenerateJsonSchema):
    """Spans and clocks are said as `3d` and `08:30`; no title repeats a name."""

    def timedelta_schema(self, schema: Any) -> JsonSchemaValue:
        """`3d`."""
        del schema
        return dict(_SPAN)

    def time_schema(self, schema: Any) -> JsonSchemaValue:
        """`08:30`."""
        del schema
        return dict(_CLOCK)

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Editors show the name itself."""
        del schema
        return False


def journey_schema() -> dict[str, Any]:
    """The schema (draft 2020-12) of a journey's file, each name with the words that explain it."""
    schema = Journey.model_json_schema(by_alias=True, schema_generator=_AsFilesSay)
    models = {model.__name__: model for model in _models_in(Journey)}
    for name, part in (("Journey", schema), *schema.get("$defs", {}).items()):
        if name in models:
            _explain(part, models[name])
    return {"$schema": DIALECT, "title": "A journey of Leadloom", **schema}


def schema_text() -> str:
    """The schema as the file docs/reference/journey.schema.json says it."""
    return json.dumps(journey_schema(), indent=1, ensure_ascii=False) + "\n"


def _explain(part: dict[str, Any], model: type[BaseModel]) -> None:
    """Put the docstrings of a model and its fields where editors look for them."""
    part.pop("title", None)
    part["description"] = " ".join((inspect.getdoc(model) or "").split())
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            for name, words in _said_of_fields(base).items():
                field = model.model_fields.get(name)
                said = part.get("properties", {}).get(field.alias or name) if field else None
                if isinstance(said, dict):
                    said["description"] = words


@cache
def _said_of_fields(model: type[BaseModel]) -> Mapping[str, str]:
    """Field → the words below it in the source."""
    [body] = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    assert isinstance(body, ast.ClassDef)  # the source of a class is one
    return {
        field.target.id: " ".join(words.value.value.split())
        for field, words in zip(body.body, body.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(words, ast.Expr)
        and isinstance(words.value, ast.Constant)
        and isinstance(words.value.value, str)
    }


def _models_in(root: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The models a journey is made of: all of its own rooms that were imported with it."""
    room = root.__module__.rsplit(".", 1)[0]
    for name, module in list(sys.modules.items()):
        if name.startswith(room):
            for _, thing in inspect.getmembers(module, inspect.isclass):
                if issubclass(thing, BaseModel) and thing.__module__ == name:
                    yield thing
