"""What does an owner do through the signed link of a notice? See the offer, answer it, note a try; no login needed."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import Conflict
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.handoffs.deciding import Decided
from leadloom.domain.handoffs.hand_off import calendar_of, name_of
from leadloom.domain.mails.links import HandOffLink
from leadloom.domain.model import Instant, Value
from leadloom.runtime.responses import Reach
from leadloom.store import answered, answering, attempts, cards, hand_offs, owners, published
from leadloom.store.answered import UsedLink
from leadloom.store.attempts import Attempt
from leadloom.store.cards import Card
from leadloom.store.hand_offs import HandOff
from leadloom.store.owners import Owner
from leadloom.store.tx import Tx

VIA_LINK = "link"


class Choice(Value):
    """What the reader of a link decided."""

    kind: Literal["accept", "reject", "recycle"]
    reason: str | None = None
    text: str | None = None
    until: Instant | None = None
    sub_reason: str | None = None


class Offer(Value):
    """All that the page of a hand-off link shows. Instants are UTC."""

    link: HandOffLink
    reader: Owner
    hand_off: HandOff
    card: Card
    tries: int
    used: UsedLink | None
    definition: Definition

    @property
    def standing(self) -> Literal["open", "mine", "moved", "decided"]:
        """Whether the reader may answer, works the lead, was passed over, or is too late."""
        now = self.hand_off
        if now.state == "offered":
            return "open" if now.assignment_no == self.link.assignment_no else "moved"
        works_it = now.state == "accepted" and now.closed_at is None and now.owner_id == self.link.owner_id
        return "mine" if works_it else "decided"

    def first_try_due(self, at: datetime) -> datetime:
        """When the first try is due; were the lead accepted at `at`, as long as nobody has."""
        if self.card.first_try_due is not None:
            return self.card.first_try_due
        contract = self.definition.hand_offs[self.hand_off.kind]
        return calendar_of(self.definition, self.reader.handle).add(at, contract.first_try)

    @property
    def holder(self) -> str:
        """Who has it now, by name."""
        owner = self.hand_off.owner
        return name_of(self.definition, owner) if owner else f"the pool {self.hand_off.pool}"

    @property
    def decider(self) -> str:
        """Who decided, by name."""
        by = self.hand_off.decided_by
        return name_of(self.definition, by) if by else "somebody"


async def read_offer(reach: Reach, token: str, *, at: datetime) -> Offer:
    """The offer behind a link, whatever became of it. Raises BadLink, NotFound."""
    link = reach.signer.read_hand_off(token, at=at)
    async with reach.db.read() as tx:
        return await _offer(tx, link, at)


async def decide_offer(reach: Reach, token: str, choice: Choice, *, at: datetime) -> Decided:
    """Accept, reject or recycle as the link's owner; the store keeps the audit note, with `via` link.

    Raises BadLink, NotFound, BadInput for what a chip still asks for, Conflict naming who was faster.
    """
    link = reach.signer.read_hand_off(token, at=at)
    async with reach.db.transaction() as tx:
        book = await published.book(tx)
        reader = await owners.get(tx, link.owner_id)
        decision = _decision(reader, choice)
        decided = await answering.decide(tx, link.hand_off_id, link.assignment_no, decision, book=book, at=at)
        await answered.use(tx, link, outcome=decided.state, at=at)
        return decided


async def give_back_offer(reach: Reach, token: str, choice: Choice, *, at: datetime) -> Decided:
    """Reject or recycle a lead the link's owner has accepted; apart, so that a late answer undoes nobody's acceptance.

    Raises BadLink, NotFound, BadInput, Conflict unless the reader works the lead.
    """
    link = reach.signer.read_hand_off(token, at=at)
    async with reach.db.transaction() as tx:
        offer = await _worked(tx, link, at)
        book = await published.book(tx)
        decision = _decision(offer.reader, choice)
        decided = await answering.give_back(tx, link.hand_off_id, decision, book=book, at=at)
        await answered.use(tx, link, outcome=f"given back: {decided.state}", at=at)
        return decided


async def note_attempt(reach: Reach, token: str, *, seen: int, reached: bool, at: datetime) -> None:
    """Record that the link's owner tried to reach the lead; the first try stops its clock.

    `seen` is the number of tries the reader's page showed: the same button pressed twice is one try. Raises BadLink,
    NotFound, Conflict unless the reader works the lead.
    """
    link = reach.signer.read_hand_off(token, at=at)
    async with reach.db.transaction() as tx:
        offer = await _worked(tx, link, at)
        key = f"try:{link.hand_off_id}:{offer.reader.handle}:{seen + 1}"
        made = Attempt(by=offer.reader.handle, via=VIA_LINK, key=key, reached=reached)
        await attempts.attempt(tx, link.hand_off_id, made, book=await published.book(tx), at=at)
        await answered.use(tx, link, outcome="reached" if reached else "tried", at=at)


def _decision(reader: Owner, choice: Choice) -> Decision:
    return Decision(by=reader.handle, via=VIA_LINK, **choice.model_dump())


async def _worked(tx: Tx, link: HandOffLink, at: datetime) -> Offer:
    """The offer, when its reader works the lead. Raises Conflict."""
    offer = await _offer(tx, link, at)
    match offer.standing:
        case "mine":
            return offer
        case "open":
            raise Conflict("Accept the lead first. Nothing was changed.")
        case "moved":
            raise Conflict(f"This offer is over: the lead is with {offer.holder}. Nothing was changed.")
        case "decided":
            state = offer.hand_off.state
            raise Conflict(f"{offer.decider} {state} this lead, and it is not yours to work. Nothing was changed.")


async def _offer(tx: Tx, link: HandOffLink, at: datetime) -> Offer:
    definition = (await published.book(tx)).definition
    now = await hand_offs.get(tx, link.hand_off_id)
    return Offer(
        link=link,
        reader=await owners.get(tx, link.owner_id),
        hand_off=now,
        card=await cards.read(tx, link.hand_off_id, definition=definition, at=at),
        tries=await answered.tries_made(tx, now.lead_id, since=now.opened_at),
        used=await answered.used(tx, link),
        definition=definition,
    )
