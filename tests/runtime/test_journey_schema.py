"""Does the published schema say what a journey may say, and is a journey the same wherever it was written down?"""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Faulty
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import read_journey
from leadloom.domain.journeys.journey_text import SCHEMA_LINE, journey_json, journey_yaml
from leadloom.domain.model import Json
from leadloom.runtime import catalog
from leadloom.runtime.journey_schema import journey_schema
from leadloom.web import journeys_api
from tests.cli.conftest import Command
from tests.cli.conftest import command as command

SCHEMA = journey_schema()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)  # fmt: skip


def whatever(annotation: Any, metadata: tuple[Any, ...] = (), *, depth: int = 3) -> st.SearchStrategy[Any]:
    """Any value of a field, whatever the grammar grows to: made from the types themselves."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is Json or "JsonValue" in str(annotation):
        return JSON if origin is None else st.dictionaries(st.text(), JSON, max_size=2)
    if origin is typing.Annotated:
        return whatever(inner[0], inner[1:], depth=depth)
    if origin is typing.Literal:
        return st.sampled_from(inner)
    if origin is tuple:
        return st.lists(whatever(inner[0], depth=depth), max_size=2 if depth else 0).map(tuple)
    if origin is dict:
        return st.dictionaries(st.text(), whatever(inner[1], depth=depth), max_size=2)
    if origin in (typing.Union, types.UnionType):
        kinds = [kind for kind in inner if depth or not (isinstance(kind, type) and issubclass(kind, BaseModel))]
        return st.one_of([whatever(kind, depth=depth) for kind in kinds])
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return any_of(annotation, depth=depth - 1)
    bounds = {name: value for one in metadata for name in ("gt", "ge", "le") if (value := getattr(one, name, None))}
    low, high = bounds.get("ge", 0 if any(hasattr(one, "gt") for one in metadata) else None), bounds.get("le")
    plain = {
        str: st.text(),
        bool: st.booleans(),
        int: st.integers(low, high),
        float: st.floats(low, high, exclude_min=low == 0, allow_nan=False, allow_infinity=False),
        timedelta: st.timedeltas(timedelta(), timedelta(days=2000)),
        date: st.dates(),
        time: st.times().map(lambda clock: clock.replace(second=0, microsecond=0)),
        type(None): st.none(),
    }
    return plain[annotation]


@st.composite
def any_of(draw: st.DrawFn, model: type[BaseModel], *, depth: int) -> BaseModel:
    fields: dict[str, Any] = {}
    for name, field in model.model_fields.items():
        if field.is_required() or (depth >= 0 and draw(st.booleans())):
            fields[name] = draw(of_field(field, depth))
    return model(**fields)


def of_field(field: FieldInfo, depth: int) -> st.SearchStrategy[Any]:
    return whatever(field.annotation, tuple(field.metadata), depth=max(depth, 0))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(any_of(Journey, depth=4))
def test_any_journey_is_the_same_as_yaml_as_json_and_as_the_api_says_it(journey: Journey) -> None:
    text = journey_yaml(journey)
    assert text.startswith(SCHEMA_LINE)
    assert read_journey(DraftText("any.yaml", text)) == journey
    assert Journey.model_validate(json.loads(json.dumps(journey_json(journey)))) == journey
    whole = json.loads(json.dumps(journey.model_dump(mode="json", by_alias=True)))
    assert Journey.model_validate(whole) == journey
    assert faults(SCHEMA, whole) == []
    assert faults(SCHEMA, journey_json(journey)) == []


@pytest.mark.parametrize("path", catalog.journey_files(), ids=lambda path: path.stem)
def test_every_journey_we_ship_fits_the_schema_and_survives_every_way_of_writing_it(path: Path) -> None:
    draft = DraftText(path.name, path.read_text(encoding="utf-8"))
    journey = read_journey(draft)
    assert faults(SCHEMA, json.loads(json.dumps(draft.data, default=str))) == []
    written = journey_yaml(journey)
    assert read_journey(DraftText(path.name, written)) == journey
    assert journey_yaml(read_journey(DraftText(path.name, written))) == written
    assert Journey.model_validate(journey_json(journey)) == journey


def a_step(**step: Json) -> dict[str, Json]:
    head: dict[str, Json] = {"name": "x", "purpose": "x", "owner": "o", "sender": "s", "enter": {"events": ["reply"]}}
    return {**head, "steps": [{"id": "one", **step}]}


@pytest.mark.parametrize(
    "said",
    [
        a_step(do="wiat"),
        a_step(do="wait", **{"for": "soon"}),
        a_step(do="wait", until="25:00"),
        a_step(do="send"),
        a_step(do="send", mail="x", sneder="y"),
        a_step(do="branch", cases="all", otherwise="end"),
        {**a_step(do="wait", to_day=3), "priority": 9},
        {**a_step(do="wait", to_day=3), "audience": "everybody"},
    ],
    ids=lambda said: json.dumps(said.get("steps", said))[:60],
)
def test_the_schema_refuses_what_the_reader_refuses(said: dict[str, Any]) -> None:
    assert faults(SCHEMA, said) != []
    with pytest.raises(Faulty):
        read_journey(DraftText("x.yaml", json.dumps(said)))


def test_every_name_in_the_schema_is_explained() -> None:
    parts = {"Journey": SCHEMA, **SCHEMA["$defs"]}
    silent = [
        f"{name}.{field}"
        for name, part in parts.items()
        for field, said in part.get("properties", {}).items()
        if field not in ("do", "id", "enter") and "description" not in said
    ]
    assert silent == []


async def test_the_command_line_and_the_api_say_what_the_file_for_editors_says(command: Command) -> None:
    published = json.loads((catalog.ROOT / "docs/reference/journey.schema.json").read_text(encoding="utf-8"))
    assert published == SCHEMA, "Run: ./dev run docs/generate.py"
    assert (await command("journeys", "schema")).json == SCHEMA
    app = FastAPI()
    app.include_router(journeys_api.router)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://here") as client:
        answer = await client.get("/v1/journeys/schema")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/schema+json")
    assert answer.json() == SCHEMA


@dataclasses.dataclass(frozen=True)
class Fault:
    """Where a value breaks the schema."""

    place: str
    words: str


def faults(schema: dict[str, Any], value: Any, place: str = "$") -> list[Fault]:
    """A validator of as much of JSON schema as ours uses; it refuses a schema that uses more."""
    unknown = set(schema) - {
        "$ref", "$defs", "$schema", "title", "description", "default", "examples", "discriminator", "type", "const",
        "enum", "format", "pattern", "minimum", "maximum", "exclusiveMinimum", "anyOf", "oneOf", "items", "properties",
        "required", "additionalProperties",
    }  # fmt: skip
    assert not unknown, f"teach this validator {unknown}"
    if "$ref" in schema:
        return faults(SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], value, place)
    if (of := schema.get("oneOf") or schema.get("anyOf")) is not None:
        tried = [faults(one, value, place) for one in of]
        fitting = [one for one in tried if not one]
        wanted = len(fitting) == 1 if "oneOf" in schema else bool(fitting)
        return [] if wanted else [Fault(place, f"fits {len(fitting)} of {len(tried)}")]
    return [*_own(schema, value, place), *_within(schema, value, place)]


KINDS: dict[str, tuple[type, ...]] = {
    "string": (str,), "number": (int, float), "integer": (int,), "boolean": (bool,), "null": (type(None),),
    "array": (list, tuple), "object": (dict,),
}  # fmt: skip


def _own(schema: dict[str, Any], value: Any, place: str) -> list[Fault]:
    kind = schema.get("type")
    if kind and (not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [Fault(place, f"is no {kind}")]
    checks = {
        "const": lambda said: value == said,
        "enum": lambda said: value in said,
        "format": lambda said: said == "date" and re.fullmatch(r"\d{4}-\d\d-\d\d", value) is not None,
        "pattern": lambda said: re.search(said, value) is not None,
        "minimum": lambda said: value >= said,
        "maximum": lambda said: value <= said,
        "exclusiveMinimum": lambda said: value > said,
    }
    asked = {name: fits for name, fits in checks.items() if name in schema}
    return [Fault(place, f"{name} {schema[name]}") for name, fits in asked.items() if not fits(schema[name])]


def _within(schema: dict[str, Any], value: Any, place: str) -> list[Fault]:
    found: list[Fault] = []
    if isinstance(value, dict):
        known = schema.get("properties", {})
        found += [Fault(place, f"lacks {name}") for name in schema.get("required", ()) if name not in value]
        for name, inner in value.items():
            more = known.get(name, schema.get("additionalProperties", {}))
            if more is False:
                found.append(Fault(place, f"there is no {name}"))
            elif isinstance(more, dict):
                found += faults(more, inner, f"{place}.{name}")
    if isinstance(value, list | tuple) and "items" in schema:
        found += [fault for no, one in enumerate(value) for fault in faults(schema["items"], one, f"{place}[{no}]")]
    return found
