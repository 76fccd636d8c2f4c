"""How does a connection carry mails, one after the other? Envelope, durable mark, dot; with the dot the next envelope.

The body goes out while the mark is written (decision 0048).
"""

from __future__ import annotations

from contextlib import suppress
from itertools import count
from typing import NamedTuple, Protocol
from uuid import UUID

from activities.ledger import Ledger, MarkLost
from activities.letters import UNWRITABLE, Ready, faulty
from leadloom.domain.definitions.delivery_policy import Provider
from leadloom.domain.errors import Unreachable
from leadloom.domain.mails.abreast import Limit
from leadloom.domain.mails.ours import is_ours
from leadloom.domain.mails.outcome import Deferred, Refused, Released, SendOutcome, Sent, Uncertain
from leadloom.domain.model import MessageId
from leadloom.mail import phases
from leadloom.mail.answer import Answer, though_cancelled
from leadloom.mail.connection import Connection
from leadloom.mail.envelope import Envelope
from leadloom.mail.smtp import SmtpPool

_TURN = 10
"""Mails a connection carries before it is given to another lane that waits for one."""


class Mail(Protocol):
    """A claimed mail that can be written."""

    @property
    def message_id(self) -> MessageId: ...

    @property
    def claim(self) -> UUID: ...

    @property
    def tries(self) -> int: ...

    @property
    def for_owner(self) -> bool: ...

    @property
    def relay(self) -> str: ...

    @property
    def provider(self) -> Provider: ...

    @property
    def host(self) -> str: ...

    @property
    def limit(self) -> Limit | None: ...

    def write(self) -> Ready:
        """Its bytes. Raises one of UNWRITABLE."""
        ...


class Going(NamedTuple):
    """A mail as it goes."""

    mail: Mail
    ready: Ready
    envelope: Envelope


class Round(Protocol):
    """What a connection asks of the drain it works for."""

    def at_hand(self, relay: str) -> Mail | None:
        """The next mail that is claimed and may go, taken."""
        ...

    def abounds(self, relay: str) -> bool:
        """Whether more mails wait than the relay has connections."""
        ...

    def rests(self, mail: Mail) -> bool:
        """Whether the mail shouldn't go now."""
        ...

    def later(self, mail: Mail, why: str, *, asked: str = "") -> Deferred:
        """When it is tried again."""
        ...

    def noted(self, mail: Mail, outcome: SendOutcome, *, of_relay: bool = False) -> SendOutcome:
        """What a relay said of one mail may be true of all."""
        ...

    def ended(self, outcome: SendOutcome) -> None:
        """It has ended so."""
        ...


class Carriage:
    """The mails of one connection, in one turn of it."""

    def __init__(self, round_: Round, ledger: Ledger, connection: Connection, *, pool: SmtpPool) -> None:
        """The connection is one of the pool's."""
        self._round, self._ledger, self._connection, self._pool = round_, ledger, connection, pool
        self._turn = 0
        self.last: MessageId | None = None
        """The mail before: its outcome is written with the mark of the next, or earlier."""
        self._following: Going | None = None
        """What was begun with the dot of the mail before."""

    async def carry(self, mail: Mail) -> None:
        """This mail and those that follow it, until none is at hand or the connection is wanted."""
        going = self._written(mail)
        if going is None:
            going = self._next(mail.relay)
        for self._turn in count(1):
            if going is None:
                return
            self._round.ended(await self._send(going))
            self.last = going.mail.message_id
            if self._ledger.is_behind:
                await self._ledger.written()
            # Not kept while a claim is awaited: a busy lane waits for its next mails, others may have theirs.
            going = self._as_begun() or self._next(going.mail.relay)

    def _as_begun(self) -> Going | None:
        following, self._following = self._following, None
        if following is None or not self._round.rests(following.mail):
            return following
        self._connection.abort()
        self._round.ended(Released(message_id=following.mail.message_id, claim=following.mail.claim))
        return None

    def _next(self, relay: str) -> Going | None:
        if self._turn >= _TURN and self._pool.is_wanted:
            return None
        while (mail := self._round.at_hand(relay)) is not None:
            if (going := self._written(mail)) is not None:
                return going
        return None

    def _written(self, mail: Mail) -> Going | None:
        try:
            ready = mail.write()
        except UNWRITABLE as error:
            self._round.ended(faulty(mail.message_id, mail.claim, error, self._ledger.at))
            return None
        return Going(mail, ready, Envelope(ready.envelope_from, ready.recipient, str(ready.message_id)))

    async def _send(self, going: Going) -> SendOutcome:
        """One mail, phase by phase: the phase of a failure says whether the mail may be tried again."""
        mail, round_ = going.mail, self._round
        try:
            return round_.noted(mail, await self._speak(going))
        except phases.Refused as refusal:
            said = _words(refusal.enhanced, refusal.reply)
            if is_ours(refusal.code, said):
                return round_.noted(mail, round_.later(mail, f"{refusal.code} {said}"))
            return round_.noted(mail, _refused(going.ready, refusal, said))
        except phases.LostAfterDot as lost:
            return Uncertain(message_id=mail.message_id, claim=mail.claim, reply=lost.why)
        except phases.Deferred as deferral:
            later = round_.later(mail, f"{deferral.code} {deferral.reply}", asked=deferral.reply)
            return round_.noted(mail, later)
        except phases.LostBeforeDot as lost:
            later = round_.later(mail, str(lost))
            # Connections that carried mail may all be lost at once, by one restart: the next, fresh one tells more.
            return later if self._connection.has_taken else round_.noted(mail, later, of_relay=True)
        except Unreachable as away:
            return round_.noted(mail, round_.later(mail, str(away)), of_relay=True)
        except MarkLost as failure:
            return round_.later(mail, str(failure))

    async def _speak(self, going: Going) -> Sent | Released:
        mail, connection = going.mail, self._connection
        sender, recipient, envelope_id = going.envelope
        await connection.announce(sender, recipient, envelope_id=envelope_id)
        if (limit := mail.limit) is not None and limit.per_connection is not None:
            connection.carries(mail.host, most=limit.per_connection)
        marking = self._ledger.ask(mail.message_id, mail.claim, after=self.last)
        # The rest while Postgres writes, and behind the other connections, whose marks then go in the same group.
        await though_cancelled(_others_first())
        try:
            connection.pour(going.ready.wire)
        except phases.LostBeforeDot:
            with suppress(MarkLost):
                await though_cancelled(marking)  # how it ended is not said before what it is
            raise
        if self._round.abounds(mail.relay):
            # Where fewer mails wait than there are connections, each is another's.
            self._following = self._next(mail.relay)
        if not await though_cancelled(marking):
            connection.abort()
            return Released(message_id=mail.message_id, claim=mail.claim)
        reply = await connection.dot(then=self._following and self._following.envelope)
        return Sent.built(message_id=mail.message_id, claim=mail.claim, reply=f"{reply.code} {reply.text}")


def _others_first() -> Answer[None]:
    """A turn of the loop, which no cancel cuts short: a mark was asked for, and what it says must be heard."""
    turn: Answer[None] = Answer()
    turn.get_loop().call_soon(turn.set_result, None)
    return turn


def _refused(ready: Ready, refusal: phases.Refused, said: str) -> Refused:
    told = {"code": refusal.code, "reply": said, "phase": refusal.phase}
    return Refused.model_validate({"message_id": ready.message_id, "claim": ready.claim, **told})


def _words(enhanced: str | None, reply: str) -> str:
    return reply if enhanced is None or enhanced in reply else f"{enhanced} {reply}"
