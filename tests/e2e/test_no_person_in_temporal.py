"""Law 2: workflow ids, inputs, signals, memos, results, summaries and failures carry ids and words without persons."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Iterator
from datetime import timedelta

import asyncpg
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment

from activities.timing import names_failures
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.lead import BasisDraft, BasisKind, LeadDraft
from leadloom.domain.wake import CLOCK_AHEAD, JOURNEYS_QUEUE
from leadloom.store import answering, events, inbox, leads, published
from tests.house import TestHouse, a_house
from tests.world import happened

TOKENS = {
    field: f"zq{field.replace('_', '')}{number:03d}xv"
    for number, field in enumerate(
        ("email", "first_name", "last_name", "company", "title", "phone", "attribute", "ip", "agent", "text", "told")
    )
}


def planted(at: object) -> LeadDraft:
    """A lead whose every personal field is a word that occurs nowhere else."""
    return LeadDraft.model_validate(
        {
            "email": f"{TOKENS['email']}@planted.example",
            "first_name": TOKENS["first_name"],
            "last_name": TOKENS["last_name"],
            "company": TOKENS["company"],
            "title": TOKENS["title"],
            "phone": TOKENS["phone"],
            "country": "US",
            "role": "quality",
            "industry": "hospital",
            "sites": 5,
            "source": "microsite",
            "attributes": {"note": TOKENS["attribute"]},
            "events": (happened("guide_requested", at),),
            "bases": (
                BasisDraft(
                    kind=BasisKind.EXPRESS,
                    source="form",
                    wording="Yes.",
                    at=at,  # type: ignore[arg-type]  an instant, passed through
                    proof={"ip": TOKENS["ip"], "agent": TOKENS["agent"]},
                ),
            ),
        }
    )


async def a_whole_story(house: TestHouse) -> None:
    """Captured, nurtured, asks to talk, is rejected with words about a person, comes back, unsubscribes."""
    at = await house.now()
    async with house.db.transaction() as tx:
        book = await published.book(tx)
        captured = await leads.capture(tx, planted(at), book=book, at=at, actor="form")
    await house.pass_time(timedelta(days=10))
    told = {"cost": TOKENS["told"]}
    for kind, data in (("calculator_finished", told), ("demo_requested", {})):
        at = await house.now()
        async with house.db.transaction() as tx:
            await events.record(tx, captured.lead_id, [happened(kind, at, data=data)], book=book, at=at)
    await house.pass_time(timedelta(minutes=3))
    at = await house.now()
    async with house.db.transaction() as tx:
        (offer,) = await inbox.list_open(tx)
        no = Decision(kind="reject", by="marcus-oyelaran", via="page", reason="wrong-person", text=TOKENS["text"])
        await answering.decide(tx, offer.hand_off_id, offer.assignment_no, no, book=book, at=at)
    await house.pass_time(timedelta(days=5))
    at = await house.now()
    async with house.db.transaction() as tx:
        await events.record(tx, captured.lead_id, [happened("unsubscribed", at)], book=book, at=at)
    await house.pass_time(timedelta(days=200))


def words(value: object) -> Iterator[str]:
    """Every string in a history as JSON, payloads decoded."""
    match value:
        case dict():
            for key, inner in value.items():
                if key == "data" and isinstance(inner, str):
                    yield base64.b64decode(inner).decode("utf-8", "replace")
                yield str(key)
                yield from words(inner)
        case list():
            for inner in value:
                yield from words(inner)
        case str():
            yield value
        case _:
            pass


async def found_in(environment: WorkflowEnvironment, workflow_ids: list[str]) -> set[str]:
    """Which tokens stand anywhere in these workflows' ids and histories."""
    found: set[str] = set()
    for workflow_id in workflow_ids:
        history = await environment.client.get_workflow_handle(workflow_id).fetch_history()
        text = "\n".join([workflow_id, *words(json.loads(history.to_json()))]).lower()
        found |= {field for field, token in TOKENS.items() if token in text}
    return found


async def test_no_word_of_a_person_is_in_any_history_or_log_and_the_scan_would_find_one(
    dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # A round of sweeps a week leaves the same kinds of traces as one a day, in a seventh of the histories.
    async with a_house(dsn, maintenance_every=timedelta(days=7)) as house:
        await a_whole_story(house)
        connection = await asyncpg.connect(dsn)
        told = await connection.fetch("SELECT DISTINCT workflow, workflow_id FROM outbox")
        held = str(await connection.fetch("SELECT l::text FROM lead l")).lower()
        await connection.close()
        workflow_ids = [*(row["workflow_id"] for row in told), "maintenance"]
        assert {row["workflow"] for row in told} >= {"Nurture", "HandOff", "LeadLifecycle", "MailLane", "BuyingCircle"}
        assert TOKENS["email"] in held, "the story must really hold what the scan looks for"
        assert any(TOKENS["first_name"] in mail.text.lower() for mail in house.trap.mails)

        assert await found_in(house.environment, workflow_ids) == set()
        assert {field for field, token in TOKENS.items() if token in caplog.text.lower()} == set()

        await house.environment.client.start_workflow(
            "Nurture", TOKENS["email"], id="planted", task_queue=JOURNEYS_QUEUE, memo={CLOCK_AHEAD: 0.0}
        )
        assert await found_in(house.environment, ["planted"]) == {"email"}


async def test_a_failure_whose_driver_quotes_a_row_leaves_only_its_kind() -> None:
    @names_failures
    async def effect() -> None:
        raise asyncpg.UniqueViolationError(f"Key (email)=({TOKENS['email']}@planted.example) already exists.")

    with pytest.raises(ApplicationError) as caught:
        await effect()
    assert TOKENS["email"] not in f"{caught.value!r} {caught.value.message} {caught.value.details}"
    assert caught.value.__cause__ is None
    assert "UniqueViolation" in str(caught.value)
