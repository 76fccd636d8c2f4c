"""What follows from what came back? Each effect under the lead's lock, in the transaction that keeps the return."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.mails.preferences import PAUSED_UNTIL
from leadloom.domain.model import Json, LeadId, MessageId
from leadloom.domain.returns.kind import Kind, Reason
from leadloom.domain.returns.policy import DEAD_WORDS, Effect, effect_of, suppresses
from leadloom.store import errands, events, leads, passing_on, permissions, returns, uncertain
from leadloom.store.permissions import MARKETING, Silence
from leadloom.store.published import Book
from leadloom.store.returns import CameBack, ReturnedMail
from leadloom.store.tx import Tx

LONGEST_ABSENCE = timedelta(days=366)
"""A later date of return is a misreading, or nobody who comes back."""
REPAIR = timedelta(days=30)
"""How long mail to somebody who left is held back: time to find out who looks after it now."""


class Followed(NamedTuple):
    """What was done, in words, and whether a person should look."""

    done: list[str]
    asks: bool = False


class Scene(NamedTuple):
    """What came back, for which mail of which lead."""

    tx: Tx
    return_id: UUID
    came: CameBack
    mail: ReturnedMail | None
    lead_id: LeadId
    book: Book
    at: datetime

    @property
    def is_proven(self) -> bool:
        """Whether it is surely about this mail: an address alone anybody can write."""
        return self.came.matched_by in ("token", "message_id")


async def follow(scene: Scene) -> Followed:
    """Let follow what its kind asks for. The lead is locked. Twice is prevented by whoever keeps the return."""
    settled = await _settle(scene)
    followed = await _of_kind(scene)
    return Followed([*settled, *followed.done], followed.asks)


async def _of_kind(scene: Scene) -> Followed:
    match scene.came.kind:
        case Kind.BOUNCE:
            return await _bounced(scene)
        case Kind.COMPLAINT:
            return await _complained(scene)
        case Kind.REPLY:
            return await _replied(scene)
        case Kind.AUTO_REPLY:
            return await _away(scene)
        case Kind.UNSUBSCRIBE:
            return await _unsubscribed(scene)
        case Kind.UNKNOWN:
            return Followed([], asks=True)
        case Kind.DELAYED | Kind.DELIVERED:
            return Followed([])


async def _settle(scene: Scene) -> list[str]:
    """Whatever comes back for a mail proves that the relay had it; only a delay leaves open what becomes of it."""
    if scene.mail is None or not scene.is_proven or scene.came.kind is Kind.UNKNOWN:
        return []
    why = f"a {scene.came.kind} came back for it"
    done = await uncertain.settle_by_evidence(scene.tx, scene.mail.message_id, by=scene.came.via, why=why, at=scene.at)
    return ["the uncertain mail is settled as sent"] if done else []


async def _bounced(scene: Scene) -> Followed:
    reason = scene.came.reason or Reason.UNKNOWN
    effect = effect_of(Kind.BOUNCE, reason)
    if effect in (Effect.SLOW_GROUP, Effect.TEMPLATE_FAULT, Effect.LOOK):
        return Followed([], asks=True)
    if effect is Effect.NOTHING:
        return Followed([])
    if not scene.is_proven:
        return Followed(["nothing: only its address says whose mail it was"], asks=True)
    before = await returns.bounces_before(
        scene.tx, scene.lead_id, scene.came.address, reason, return_id=scene.return_id
    )
    alive_at = await returns.last_life(scene.tx, scene.lead_id, scene.book.definition)
    if not suppresses(reason, before, alive_at=alive_at, at=scene.came.at):
        return Followed([f"noted: {reason}, time {len(before) + 1}"])
    lead = await leads.get(scene.tx, scene.lead_id)
    if scene.came.address is not None and lead.email != scene.came.address:
        silence = Silence(value=scene.came.address, reason=DEAD_WORDS[reason], at=scene.at)
        await permissions.suppress(scene.tx, [silence])
        return Followed(["an address they had before is suppressed"])
    told: dict[str, Json] = {"reason": DEAD_WORDS[reason], "status": scene.came.status}
    await _record(scene, "bounced", f"bounced:{_about(scene)}", told)
    return Followed(["the address is suppressed"])


async def _complained(scene: Scene) -> Followed:
    if not scene.is_proven:
        return Followed(["nothing: only its address says whose mail it was"], asks=True)
    await _record(scene, "complained", f"complained:{_about(scene)}", {})
    return Followed(["the address is suppressed for every purpose"])


async def _replied(scene: Scene) -> Followed:
    await _record(scene, "reply", f"reply:{scene.return_id}", {})
    given = await errands.give(scene.tx, scene.lead_id, scene.mail, errands.REPLY, book=scene.book, at=scene.at)
    passed_on = await _pass_on(scene)
    return Followed(["the reply is recorded", *given.words, *passed_on], asks=given.owner is None)


async def _pass_on(scene: Scene) -> list[str]:
    """To who signed the mail, if it surely answers that one: nobody else's words may reach a colleague as a lead's."""
    if scene.mail is None or not scene.is_proven:
        return []
    return await passing_on.ask(
        scene.tx, scene.return_id, scene.mail.message_id, scene.lead_id, book=scene.book, at=scene.at
    )


async def _away(scene: Scene) -> Followed:
    """No reply, no no: a machine answered. Whoever left gets no more mail, and nobody they name gets any."""
    if scene.came.has_left:
        given = await errands.give(scene.tx, scene.lead_id, scene.mail, errands.LEFT, book=scene.book, at=scene.at)
        held = await _hold(scene, (scene.at + REPAIR).date())
        return Followed(["left the company", *given.words, *held], asks=given.owner is None)
    return Followed(await _hold(scene, scene.came.returns_on))


async def _hold(scene: Scene, until: date | None) -> list[str]:
    """Hold marketing mail back until that day, unless they asked for longer themselves."""
    if until is None or not scene.at.date() < until <= (scene.at + LONGEST_ABSENCE).date():
        return []
    lead = await leads.get(scene.tx, scene.lead_id)
    asked = lead.attributes.get(PAUSED_UNTIL)
    if lead.email is None or (isinstance(asked, str) and asked >= until.isoformat()):
        return []
    kept: dict[str, Json] = {PAUSED_UNTIL: until.isoformat()}
    draft = LeadDraft(email=lead.email, attributes=kept)
    await leads.capture(scene.tx, draft, book=scene.book, at=scene.at, actor="system")
    return [f"marketing mail is held until {until:%d %B %Y}"]


async def _unsubscribed(scene: Scene) -> Followed:
    lead = await leads.get(scene.tx, scene.lead_id)
    silences = await permissions.suppressions_of(scene.tx, lead.email, lead.lead_id)
    if any(silence.purpose == MARKETING and silence.topic is None for silence in silences):
        return Followed(["nothing: marketing mail had ended before"])
    await _record(scene, "unsubscribed", None if lead.email else f"unsubscribed:{_about(scene)}", {})
    return Followed(["marketing mail has ended"])


async def _record(scene: Scene, kind: str, key: str | None, told: dict[str, Json]) -> None:
    data = told | {"return_id": str(scene.return_id), "via": scene.came.via}
    if scene.mail is not None:
        mail = scene.mail
        data |= {"message_id": str(mail.message_id), "journey": mail.journey, "mail": mail.mail}
    draft = EventDraft(kind=kind, at=scene.came.at, key=key, actor="lead", data=data)
    await events.record(scene.tx, scene.lead_id, [draft], book=scene.book, at=scene.at)


def _about(scene: Scene) -> MessageId | UUID:
    return scene.mail.message_id if scene.mail else scene.return_id
