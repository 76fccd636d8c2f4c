"""How people of the world act on the product: through the doors anybody uses, with the mails they really got."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from temporalio import activity

from leadloom.domain.definitions.hand_off_rules import Calendar
from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.intake.visits import Visit
from leadloom.domain.lead import BasisDraft, BasisKind, EventDraft, LeadDraft
from leadloom.domain.mails.links import PATHS, Purpose
from leadloom.domain.model import Instant, Json, LeadId, Value
from leadloom.domain.stages.scoring import engagement
from leadloom.runtime import responses
from leadloom.runtime.local.trapped_mail import TrappedMail
from leadloom.runtime.wiring import House
from leadloom.store import answering, attempts, deals, events, hand_offs, leads, published, rescoring
from leadloom.store.hand_offs import HandOff
from leadloom.store.tx import Tx
from leadloom.world.behaviour import Act, MailCame
from leadloom.world.people import Person, person
from leadloom.world.reps import Notice, RepAct, amount_of, product_for, respond

log = logging.getLogger(__name__)

_CURRENCY = {"US": "USD", "CA": "USD", "BR": "USD", "SG": "SGD", "MY": "SGD", "AU": "SGD"}
_WORDING = "Yes, write to me about temperature in transport. I can end it with one click."


class ActOrder(Value):
    """What a person does now."""

    number: int
    act: Act
    at: Instant


class RepActOrder(Value):
    """What a rep does now."""

    handle: str
    act: RepAct
    at: Instant


class MailToRep(Value):
    """A mail lies in a rep's mailbox."""

    handle: str
    calendar: Calendar
    came: MailCame
    at: Instant


@dataclass
class Mailboxes:
    """Every mail of the world by its number in the trap."""

    mails: list[TrappedMail]

    def mail(self, number: int) -> TrappedMail:
        """The mail of that number, from 1."""
        return self.mails[number - 1]

    def token(self, number: int, purpose: Purpose) -> list[str]:
        """Tokens of the mail's links of one purpose, in reading order."""
        path = PATHS[purpose]
        behind = (link.split(path, 1)[1] for link in self.mail(number).links if path in link)
        return [re.split(r"[/?#]", each, maxsplit=1)[0] for each in behind]


class WorldEffects:
    """Acts of persons and reps. All are keyed, so that a repeated activity is the same act."""

    def __init__(self, house: House, mailboxes: Mailboxes, number_of: Mapping[str, int]) -> None:
        """`number_of` says who lives at an address."""
        self._house, self._mailboxes, self._number_of = house, mailboxes, number_of
        self._address_of = {number: address for address, number in number_of.items()}

    @activity.defn
    async def act(self, order: ActOrder) -> None:
        """A person's act. Twice is once: captures and events carry a key of (person, act, planned instant)."""
        who, act = person(order.number), order.act
        match act.do:
            case "arrive":
                await self._arrive(who, act, order.at)
            case "tell":
                await self._tell(who, act, order.at)
            case "click":
                for token in self._tokens(act, Purpose.CLICK)[:1]:
                    await responses.follow_click(self._house, token, _BY_HAND, at=order.at)
                    await responses.judge_now(self._house, token, at=order.at)
            case "answer":
                await self._answer(who, act, order.at)
            case "unsubscribe":
                for token in self._tokens(act, Purpose.UNSUBSCRIBE)[:1]:
                    await responses.unsubscribe(self._house, token, at=order.at)

    def _tokens(self, act: Act, purpose: Purpose) -> list[str]:
        return self._mailboxes.token(act.mail, purpose) if act.mail is not None else []

    async def _arrive(self, who: Person, act: Act, at: datetime) -> None:
        event = EventDraft(kind=act.what, at=at, key=_key(who, act), channel=who.source, data=act.data)
        draft = _introduces(who, event, at)
        async with self._house.db.transaction() as tx:
            await leads.capture(tx, draft, book=await published.book(tx), at=at, actor=f"world:{who.source}")

    async def _tell(self, who: Person, act: Act, at: datetime) -> None:
        draft = EventDraft(kind=act.what, at=at, key=_key(who, act), channel=_channel(who, act), data=act.data)
        async with self._house.db.transaction() as tx:
            book = await published.book(tx)
            if act.what == "guide_requested":
                await leads.capture(tx, _introduces(who, draft, at), book=book, at=at, actor="world:guide")
            else:
                await events.record(tx, await self._lead(tx, who), [draft], book=book, at=at)

    async def _answer(self, who: Person, act: Act, at: datetime) -> None:
        for token in self._tokens(act, Purpose.ANSWER):
            if self._house.signer.read_answer(token).event == act.what:
                date = (at + timedelta(days=70 + who.number % 60)).date().isoformat()
                told = {"audit_date": date} if act.what == "audit_date_told" else {}
                await responses.answer_question(self._house, token, told=told, at=at)
                return

    async def _lead(self, tx: Tx, who: Person) -> LeadId:
        return await leads.find(tx, self._address_of[who.number])

    @activity.defn
    async def respond(self, mail: MailToRep) -> list[RepAct]:
        """What a rep will do about a notice. Changes nothing; here because working time reads holiday tables."""
        notice = await self._notice(mail.came)
        if notice is None:
            return []
        return respond(mail.handle, notice, person(notice.person), mail.calendar, mail.at)

    async def _notice(self, came: MailCame) -> Notice | None:
        """What a notice is about; None when it is about no hand-off."""
        tokens = self._mailboxes.token(came.number, Purpose.HAND_OFF)
        if not tokens:
            return None
        link = self._house.signer.read_hand_off(tokens[0], at=_LONG_AGO)
        async with self._house.db.read() as tx:
            offer = await hand_offs.get(tx, link.hand_off_id)
            lead = await leads.get(tx, offer.lead_id)
            earned = await self._points(tx, offer) if offer.kind == _SCORED else None
        if lead.email is None or lead.email not in self._number_of:
            return None
        return Notice(
            number=came.number,
            hand_off_id=link.hand_off_id,
            assignment_no=link.assignment_no,
            kind=offer.kind,
            step=came.mail,
            person=self._number_of[lead.email],
            points=earned,
        )

    async def _points(self, tx: Tx, offer: HandOff) -> float:
        """Engagement when the lead was offered: what the reasons of the letter add up to."""
        ledger = (await rescoring.entries(tx, [offer.lead_id])).get(offer.lead_id, ())
        half_life = (await published.book(tx)).definition.half_life
        return engagement(ledger, half_life, at=offer.opened_at)

    @activity.defn
    async def rep_act(self, order: RepActOrder) -> bool:
        """A rep's act; False when somebody else was first. Twice is once: decisions are compare-and-set."""
        act = order.act
        try:
            match act.do:
                case "accept" | "reject":
                    await self._decide(order)
                case "give_back":
                    await self._give_back(order)
                case "try":
                    await self._try(order)
                case "meet":
                    await self._meet(order)
                case "open_deal" | "close_deal":
                    await self._deal(order)
        except (Conflict, NotFound) as said:
            log.info("a rep came too late", extra={"do": act.do, "said": type(said).__name__})
            return False
        return True

    async def _decide(self, order: RepActOrder) -> None:
        act = order.act
        token = self._mailboxes.token(act.notice.number, Purpose.HAND_OFF)[0]
        link = self._house.signer.read_hand_off(token, at=order.at)
        decision = _decision(order.handle, act, order.at, via_link=True)
        async with self._house.db.transaction() as tx:
            book = await published.book(tx)
            await answering.decide(tx, link.hand_off_id, link.assignment_no, decision, book=book, at=order.at)

    async def _give_back(self, order: RepActOrder) -> None:
        decision = _decision(order.handle, order.act, order.at, via_link=False)
        async with self._house.db.transaction() as tx:
            book = await published.book(tx)
            await answering.give_back(tx, order.act.notice.hand_off_id, decision, book=book, at=order.at)

    async def _try(self, order: RepActOrder) -> None:
        key = f"world:{order.act.notice.hand_off_id}:try:{order.act.at.isoformat()}"
        made = attempts.Attempt(by=order.handle, via="phone", key=key, reached=order.act.reached)
        async with self._house.db.transaction() as tx:
            book = await published.book(tx)
            await attempts.attempt(tx, order.act.notice.hand_off_id, made, book=book, at=order.at)

    async def _meet(self, order: RepActOrder) -> None:
        who = person(order.act.notice.person)
        draft = EventDraft(
            kind="meeting_held",
            at=order.at,
            key=f"world:{who.number}:met:{order.act.at.isoformat()}",
            actor=order.handle,
        )
        async with self._house.db.transaction() as tx:
            await events.record(tx, await self._lead(tx, who), [draft], book=await published.book(tx), at=order.at)

    async def _deal(self, order: RepActOrder) -> None:
        who, act = person(order.act.notice.person), order.act
        external_id = f"K-{who.number:04d}"
        async with self._house.db.transaction() as tx:
            book = await published.book(tx)
            lead_id = await self._lead(tx, who)
            known = next((deal for deal in await deals.of_lead(tx, lead_id) if deal.external_id == external_id), None)
            if act.do == "close_deal" and known is None:
                return
            closed = act.do == "close_deal"
            draft = deals.DealDraft(
                external_id=external_id,
                name=f"{product_for(who)} for {who.company.name}",
                lead_id=lead_id,
                owner=order.handle,
                product=product_for(who),
                amount=Decimal(amount_of(who)),
                currency=_CURRENCY.get(who.company.country, "EUR"),
                created_at=known.created_at if known else order.at,
                stage=("won" if act.won else "lost") if closed else "open",
                closed_at=order.at if closed else None,
                lost_because="no-budget" if closed and not act.won else None,
            )
            await deals.save(tx, draft, book=book, at=order.at)


_SCORED = "scored-mql"
_BY_HAND = Visit(user_agent="Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
_LONG_AGO = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""Reading a link's ids needs no freshness; deciding by it does."""


def _key(who: Person, act: Act) -> str:
    return f"world:{who.number}:{act.what}:{act.at.isoformat()}"


def _channel(who: Person, act: Act) -> str | None:
    """Which source a touch belongs to: webinars and the microsite are marketing's, whoever found the person first."""
    if act.what.startswith("webinar"):
        return "webinar"
    if act.what in ("meeting_agreed", "partner_need_told", "sales_first_touch", "partner_introduced"):
        return who.source
    return "microsite" if who.source in ("prospecting", "polar-lane") else who.source


def _introduces(who: Person, event: EventDraft, at: datetime) -> LeadDraft:
    """What a person tells about themselves on a form or at a booth; where data is wrong it is wrong here."""
    at_fault = who.wrong_data
    return LeadDraft(
        email=who.email,
        first_name=None if at_fault else who.first_name,
        last_name=who.last_name,
        company=who.company.name,
        country=who.company.country,
        role=who.role,
        title=who.title,
        phone="+1 212 555 0199" if at_fault else f"+1 212 555 01{who.number % 100:02d}",
        time_zone=who.company.time_zone,
        industry=who.company.industry,
        sites=who.company.sites,
        source=who.source,
        attributes=_attributes(who, event),
        events=(event,),
        bases=_allows(who, at) if event.kind in _ASKS_ON_A_FORM else (),
    )


def _attributes(who: Person, event: EventDraft) -> dict[str, Json]:
    kind: dict[str, Json] = {"kind": who.kind} if who.kind != "buyer" else {}
    return {**kind, **{name: event.data[name] for name in ("webinar_at",) if name in event.data}}


_ASKS_ON_A_FORM = ("guide_requested", "webinar_registered", "ad_answered", "referral_given")


def _allows(who: Person, at: datetime) -> tuple[BasisDraft, ...]:
    if not who.allows_mail:
        return ()
    kind = BasisKind.DOUBLE_OPT_IN if who.company.country in ("DE", "AT", "CH") else BasisKind.EXPRESS
    return (BasisDraft(kind=kind, source=f"form:{who.source}", wording=_WORDING, at=at, proof={"page": "/f/guide"}),)


def _decision(handle: str, act: RepAct, at: datetime, *, via_link: bool) -> Decision:
    via = "link" if via_link else "page"
    if act.do == "accept":
        return Decision(kind="accept", by=handle, via=via)
    return Decision(
        kind="reject",
        by=handle,
        via=via,
        reason=act.reason,
        text=act.text or ("Somebody in logistics" if act.reason == "wrong-person" else None),
        until=at + timedelta(days=act.days) if act.days else None,
        sub_reason="need" if act.reason == "no-fit" else None,
    )
