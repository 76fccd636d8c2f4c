"""Does the API do what its OpenAPI document says, whatever a stranger sends it?

By hand, and longer: `LEADLOOM_FUZZ=200 ./dev test tests/web/test_openapi.py` (examples for each operation).
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from leadloom.domain.intake.scopes import Scope
from leadloom.runtime.wiring import wall_now
from leadloom.store import intake_keys
from leadloom.store.db import Db
from leadloom.store.intake_keys import KeyOrder
from leadloom.store.published import Book
from tests.served import serving
from tests.store import acts

EXAMPLES = int(os.environ.get("LEADLOOM_FUZZ", "4"))
KEY = "llk_of_the_fuzzer"
CHECKS = [
    schemathesis.checks.not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance,
]  # fmt: skip


@pytest.fixture
async def url(db: Db, dsn: str, book: Book, tmp_path: Path) -> AsyncIterator[str]:
    async with db.transaction() as tx:
        order = KeyOrder(name="fuzzer", public=False, scopes=tuple(Scope), by="leo-novak")
        await intake_keys.keep(tx, KEY, order, at=wall_now())
    with serving(dsn, tmp_path, LEADLOOM_API_KEY="another") as server:
        yield server.url


async def test_nothing_a_stranger_sends_is_answered_otherwise_than_documented(url: str, dsn: str) -> None:
    async with httpx.AsyncClient(base_url=url, headers=_bearer()) as client:
        told = (await client.post("/v1/leads", json={"email": "ana@meridian.example"})).json()
    load_all_checks()
    schema = schemathesis.openapi.from_url(f"{url}/v1/openapi.json")
    assert str(schema.raw_schema["openapi"]).startswith("3.1")
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in operations:

        @settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
            phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @schemathesis_given(operation)
        def tried(case: schemathesis.Case) -> None:
            if "lead_id" in case.path_parameters and len(str(case.body)) % 2:
                case.path_parameters["lead_id"] = told["lead_id"]
            case.call_and_validate(headers=_bearer(), checks=CHECKS, timeout=20)

        tried()
    assert len(operations) >= 14
    assert (await acts.rows(dsn, "SELECT count(*) AS n FROM lead"))[0]["n"] >= 1


def schemathesis_given(operation: schemathesis.schemas.APIOperation):  # type: ignore[no-untyped-def, type-arg]  what they return has no name
    """Hypothesis' decorator: cases a client may send, and cases none should."""
    from hypothesis import given
    from hypothesis import strategies as st

    positive = operation.as_strategy(generation_mode=schemathesis.GenerationMode.POSITIVE)
    try:
        negative = operation.as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE)
    except Exception:  # an operation that takes anything can't be sent anything wrong
        return given(positive)
    return given(st.one_of(positive, negative))


def _bearer() -> dict[str, str]:
    return {"Authorization": f"Bearer {KEY}"}
