"""How a drain's mails reach the relay: body, durable mark, dot, over each kept connection one after the other."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack

from activities.abreast import Abreast
from activities.carriage import Carriage, Mail
from activities.heard import Heard
from activities.ledger import Ledger
from activities.tools import Tools
from leadloom.domain.errors import Unreachable
from leadloom.domain.mails.outcome import Deferred, Released, SendOutcome
from leadloom.domain.mails.retries import asked_delay, next_try
from leadloom.domain.model import MessageId

_LOW = 250
"""With so few claimed mails left the next page is claimed, while these are sent: claiming takes about as long."""


async def deliver(tools: Tools, pages: AsyncIterator[Sequence[Mail]], ledger: Ledger) -> Heard:
    """Send pages of claimed mails over the pools; when it returns, how each ended is written.

    What isn't begun when the caller is cancelled, or its relay takes nothing, is released: surely not sent, due again.
    Answers which groups of mail are to be left alone. Safe to repeat: a mark belongs to a claim.
    Raises Transient when Postgres didn't hear the end: what had its dot is uncertain, at most a mail a connection.
    """
    round_ = _Round(tools, pages, ledger)
    carriers = [
        asyncio.create_task(round_.carry(relay)) for relay, pool in tools.relays.items() for _ in range(pool.size)
    ]
    try:
        await asyncio.gather(*carriers)
    finally:
        for carrier in carriers:
            carrier.cancel()
        await asyncio.wait(carriers)
        await round_.end()
        await ledger.written()
    return round_.heard


class _Round:
    """What the connections of one drain share: the mails that wait for one, and what the relays said last."""

    def __init__(self, tools: Tools, pages: AsyncIterator[Sequence[Mail]], ledger: Ledger) -> None:
        self._tools, self._pages, self._ledger = tools, pages, ledger
        self._mails: dict[str, deque[Mail]] = {relay: deque() for relay in tools.relays}
        self._moved: asyncio.Event | None = None
        """Set whenever a mail was taken or claimed, or a relay rests, for who waits for it."""
        self._claiming: asyncio.Task[None] | None = None
        self._claimed_all = False
        self._open: dict[MessageId, Mail] = {}
        self._abreast: Abreast[Mail] = Abreast(tools.seats)
        self.heard = Heard()

    async def carry(self, relay: str) -> None:
        """Send mails of a relay until none is left, giving the connection back when another lane wants it."""
        while (mail := await self._next(relay)) is not None:
            async with AsyncExitStack() as held:
                try:
                    connection = await held.enter_async_context(self._tools.relays[relay].connection())
                except Unreachable as away:
                    self.ended(self._not_reached(mail, str(away)))
                    continue
                carriage = Carriage(self, self._ledger, connection, pool=self._tools.relays[relay])
                await carriage.carry(mail)
                # Held until its last mail's outcome is written: at most one a connection isn't.
                if carriage.last is not None:
                    await self._ledger.written(carriage.last)

    async def end(self) -> None:
        """Give back what has no outcome. What stands at its dot keeps its mark: this releases claims only."""
        if self._claiming is not None:
            await asyncio.wait([self._claiming])
        self._abreast.end()
        for mail in self._open.values():
            self._ledger.settle(Released(message_id=mail.message_id, claim=mail.claim))
        self._ledger.hurry()

    async def _next(self, relay: str) -> Mail | None:
        while True:
            while not self._mails[relay] and not self._is_over(relay):
                if self._waiting > _LOW:
                    self._moved = self._moved or asyncio.Event()
                    await self._moved.wait()  # enough is claimed, for other relays
                else:
                    await asyncio.shield(self._claim_ahead())
            mail = self.at_hand(relay)
            if mail is not None or self.heard.rests_whole(relay) or not self._abreast.holds_some(relay):
                return mail
            await self._abreast.freed()

    @property
    def _waiting(self) -> int:
        return sum(len(mails) for relay, mails in self._mails.items() if not self.heard.rests_whole(relay))

    def abounds(self, relay: str) -> bool:
        """Whether more mails wait than the relay has connections."""
        return len(self._mails[relay]) > self._tools.relays[relay].size

    def rests(self, mail: Mail) -> bool:
        """Whether the mail shouldn't go now."""
        return self.heard.rests(mail.relay, mail.provider)

    def at_hand(self, relay: str) -> Mail | None:
        """The next mail that is claimed and may go, taken."""
        mails = self._mails[relay]
        while not self.heard.rests_whole(relay):
            if (mail := self._abreast.readmitted(relay)) is not None:
                if not self.heard.rests(relay, mail.provider):
                    return mail
                self._abreast.ended(mail.message_id)
                continue
            if not mails:
                return None
            mail = mails.popleft()
            self._tell_moved()
            if len(mails) <= _LOW and self._waiting <= _LOW and not self._is_over(relay):
                self._claim_ahead()
            if not self.heard.rests(relay, mail.provider) and self._abreast.admits(mail):
                return mail
        return None

    def _is_over(self, relay: str) -> bool:
        # Once anything rests nothing is claimed: the next drain knows where else it may go.
        return self._claimed_all or bool(self.heard.resting) or self.heard.rests_whole(relay)

    def _tell_moved(self) -> None:
        moved, self._moved = self._moved, None
        if moved is not None:
            moved.set()

    def _claim_ahead(self) -> asyncio.Task[None]:
        """The claim that is under way, or a new one. Raises what the last one failed with."""
        if self._claiming is None or self._claiming.done():
            if self._claiming is not None:
                self._claiming.result()
            self._claiming = asyncio.create_task(self._claim())
        return self._claiming

    async def _claim(self) -> None:
        try:
            page = await anext(self._pages, None)
        finally:
            self._tell_moved()
        self._claimed_all = page is None
        for mail in page or ():
            self._mails[mail.relay].append(mail)
        self._open |= {mail.message_id: mail for mail in page or ()}

    def _not_reached(self, mail: Mail, why: str) -> SendOutcome:
        """Nobody heard of the mail: with another relay it goes there at once, and it was no try."""
        outcome = self.noted(mail, self.later(mail, why), of_relay=True)
        if len(self._mails) > 1:
            return Released(message_id=mail.message_id, claim=mail.claim)
        return outcome

    def later(self, mail: Mail, why: str, *, asked: str = "") -> Deferred:
        """When it is tried again."""
        first = self._tools.patience.first_retry
        again = max(
            next_try(mail.tries, mail.message_id, owner=mail.for_owner, first=first),
            asked_delay(asked, mail.message_id),
        )
        return Deferred(message_id=mail.message_id, claim=mail.claim, until=self._ledger.at + again, reply=why[:300])

    def noted(self, mail: Mail, outcome: SendOutcome, *, of_relay: bool = False) -> SendOutcome:
        """What a relay said of one mail may be true of all."""
        self.heard.note(mail.relay, "*" if of_relay else mail.provider, outcome)
        if self.heard.resting:
            self._tell_moved()  # whoever waited for this relay's mails to become few
        return outcome

    def ended(self, outcome: SendOutcome) -> None:
        """It has ended so."""
        del self._open[outcome.message_id]
        self._abreast.ended(outcome.message_id)
        self._ledger.settle(outcome)
