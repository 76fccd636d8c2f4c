"""What does a person want to get from us? Read from the rows that planning, claiming and the mark look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from leadloom.domain.lead import BasisDraft, EventDraft, Lead
from leadloom.domain.mails.mail_class import MARKETING
from leadloom.domain.mails.preferences import Choices, attributes_of, may_track, paused_until, told_by
from leadloom.domain.mails.send_rules import FEWER, PACE
from leadloom.domain.mails.sending import REFUSALS
from leadloom.domain.model import Instant, Json, LeadId, MessageId, Value
from leadloom.store import calendars, events, listeners, permissions
from leadloom.store.permissions import Silence
from leadloom.store.published import Book
from leadloom.store.tx import Tx, new_id, row_of

CHOSE = "preferences_told"
"""The event of a choice, where the definition has it."""


class Told(Value):
    """Through which mail a choice came, and what proves it."""

    message_id: MessageId
    origin: dict[str, Json]
    """What events say of where they come from."""
    proof: dict[str, Json]
    yes: BasisDraft
    """The permission that a yes to marketing mail is kept as."""


class Change(Value):
    """A choice that was kept."""

    change_id: UUID
    lead_id: LeadId
    at: Instant
    before: Choices
    after: Choices
    takes_back: UUID | None = None


async def read(tx: Tx, lead: Lead, *, at: datetime) -> Choices:
    """What the lead gets as things stand."""
    silences = await permissions.suppressions_of(tx, lead.email, lead.lead_id)
    held = await permissions.of_lead(tx, lead.lead_id)
    allowed = any(basis.purpose == MARKETING and basis.channel == "mail" and basis.holds(at) for basis in held)
    return Choices(
        marketing=allowed and not any(one.purpose == MARKETING and one.topic is None for one in silences),
        topics_off=tuple(sorted({one.topic for one in silences if one.topic is not None})),
        fewer=lead.attributes.get(PACE) == FEWER,
        paused_until=paused_until(lead, at),
        language=lead.language,
        tracking=may_track(lead.attributes),
    )


async def choose(
    tx: Tx, lead_id: LeadId, chosen: Choices, told: Told, *, book: Book, at: datetime, takes_back: Change | None = None
) -> Change | None:
    """Keep a choice with its proof, and let all that follows from it follow: mail is called off, held or planned anew
    in this very transaction, runs that listen look again. None, and nothing is written, when it changes nothing.
    """
    who = await calendars.locked_all(tx, [lead_id])
    lead, account = who[lead_id]
    before = await read(tx, lead, at=at)
    if chosen == before:
        return None
    after = lead.but(language=chosen.language, attributes=attributes_of(lead, chosen))
    if after != lead:
        await tx.run("tell_leads", rows=[row_of(after)])
    await _topics(tx, lead_id, before, chosen, at=at, takes_back=takes_back)
    if chosen.marketing and not before.marketing:
        await permissions.grant(tx, lead_id, [told.yes])
    change = Change(
        change_id=new_id(), lead_id=lead_id, at=at, before=before, after=chosen,
        takes_back=takes_back.change_id if takes_back else None,
    )  # fmt: skip
    rows = change.model_dump(mode="json", include={"before", "after"})
    keys = {"change_id": change.change_id, "lead_id": lead_id, "at": at, "takes_back": change.takes_back}
    await tx.run("keep_preference_change", **keys, **rows, message_id=told.message_id, proof=told.proof)
    await _tell(tx, change, told, book=book, at=at)
    await listeners.changed(tx, [lead_id])
    await calendars.replan_all(tx, {lead_id: at}, who={lead_id: (after, account)}, book=book)
    return change


async def last_change(tx: Tx, lead_id: LeadId) -> Change | None:
    """Their newest choice; the only one that can be taken back."""
    row = await tx.maybe("last_preference_change", lead_id=lead_id)
    return None if row is None else Change.model_validate(dict(row))


async def _topics(
    tx: Tx, lead_id: LeadId, before: Choices, chosen: Choices, *, at: datetime, takes_back: Change | None
) -> None:
    off = sorted({*chosen.topics_off} - {*before.topics_off})
    on = sorted({*before.topics_off} - {*chosen.topics_off})
    if off:
        silences = [
            Silence(
                scope="person", value=str(lead_id), purpose=MARKETING, topic=topic, at=at, by="lead",
                reason=permissions.UNSUBSCRIBED,
            )
            for topic in off
        ]  # fmt: skip
        await permissions.suppress(tx, silences)
        await tx.run("call_off_topics", lead_id=lead_id, topics=off, at=at, words=REFUSALS["topic_off"].words)
    if on:
        await tx.run("lift_topics", lead_id=lead_id, topics=on, at=at)
        if takes_back is not None:
            await tx.run("call_back_topics", lead_id=lead_id, topics=on, called_off_at=takes_back.at, at=at)


async def _tell(tx: Tx, change: Change, told: Told, *, book: Book, at: datetime) -> None:
    """The choice as events of the lead: it is a sign of life, and journeys that asked hear their answer."""
    kinds = [*told_by(change.before, change.after), CHOSE]
    if change.before.marketing and not change.after.marketing:
        kinds.append(permissions.UNSUBSCRIBED)
    data: Mapping[str, Json] = told.origin | _differing(change)
    drafts = [
        EventDraft(kind=kind, at=at, key=f"{kind}:{change.change_id}", data=dict(data))
        for kind in kinds
        if kind in book.definition.events
    ]
    await events.record(tx, change.lead_id, drafts, book=book, at=at)


def _differing(change: Change) -> dict[str, Json]:
    before, after = change.before.model_dump(mode="json"), change.after.model_dump(mode="json")
    return {name: value for name, value in after.items() if value != before[name]}
