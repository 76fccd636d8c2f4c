"""How is one mail handed to the relay? Each step of SMTP on its own, so that a failure has a phase.

Before the final dot a lost connection means "not accepted, try again"; after it, "nobody knows" (mail.md §0.2 and §4).
Libraries report both alike, so MAIL, RCPT, DATA, the body and the dot are own steps here, or one group where the relay
offers pipelining (RFC 2920).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import Sequence
from typing import cast

import aiosmtplib

from leadloom.domain.errors import BadInput, Unreachable
from leadloom.mail.answer import though_cancelled
from leadloom.mail.envelope import Envelope, envelope_commands
from leadloom.mail.phases import (
    Deferred,
    LostAfterDot,
    LostBeforeDot,
    Phase,
    Refused,
    Reply,
    judge,
    read_reply,
    without_addresses,
)
from leadloom.mail.relay import Relay
from leadloom.mail.wire import Said, Wire, WireLost

MAILS_PER_CONNECTION = 100
COMMAND_SECONDS = 60.0
"""Giving up before the dot is safe, so this may be shorter than the 5 minutes of RFC 5321 §4.5.3.2."""

_GROUP: tuple[Phase, ...] = ("mail", "rcpt", "data")
"""What is answered to an envelope that travels together."""


class Connection:
    """One kept connection. For each mail: `announce` and `pour` (together: `hand_over`), then `dot` or `abort`."""

    def __init__(self, relay: Relay, *, tls_context: ssl.SSLContext | None, dot_seconds: float) -> None:
        self._relay, self._tls_context, self._dot_seconds = relay, tls_context, dot_seconds
        self._wire: Wire | None = None
        self._offers: frozenset[str] = frozenset()
        """Extensions of RFC 5321 §2.2, in lower case."""
        self._mails = 0
        self._to: Counter[str] = Counter()
        """Mails it carried to hosts that bear only so many of one connection."""
        self._is_full = False
        self._needs_reset = False
        self._in_body = False
        self._ahead: Envelope | None = None
        """What was said with the dot before: its answers are on their way, or here."""
        self.has_taken = False
        """Whether the relay took a mail over it since it was opened: whoever hangs up then may only be restarting."""

    @property
    def is_open(self) -> bool:
        """True when the relay hasn't hung up, as far as we can see."""
        return self._wire is not None and self._wire.is_open

    @property
    def is_spent(self) -> bool:
        """True when it has carried as many mails as one connection should, or can carry none any more."""
        return self._has_carried_enough or self._in_body or self._ahead is not None or not self.is_open

    @property
    def _has_carried_enough(self) -> bool:
        return self._is_full or self._mails >= MAILS_PER_CONNECTION

    def carries(self, host: str, *, most: int) -> None:
        """The mail under way is for this host, which takes so many by one connection: after them it is spent."""
        self._to[host] += 1
        self._is_full = self._is_full or self._to[host] >= most

    async def open(self) -> str:
        """Connect, greet, secure and log in; returns the relay's greeting. Raises Unreachable."""
        relay = self._relay
        client = aiosmtplib.SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.user,
            password=relay.password,
            local_hostname=relay.hello or socket.gethostname(),
            timeout=COMMAND_SECONDS,
            use_tls=relay.tls == "smtps",
            start_tls={"always": True, "auto": None}.get(relay.tls, False),
            tls_context=self._tls_context,
        )
        try:
            greeting = await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            why = without_addresses(str(error)) or type(error).__name__
            raise Unreachable("The mail relay", f"{relay.host}:{relay.port}", why) from error
        except BaseException:
            client.close()
            raise
        self._wire = Wire(cast("asyncio.Transport", client.transport))
        self._offers = frozenset(client.esmtp_extensions)
        self._mails, self._needs_reset, self._in_body, self._ahead, self.has_taken = 0, False, False, None, False
        self._to, self._is_full = Counter(), False
        return greeting.message

    async def hand_over(self, sender: str, recipient: str, wire: bytes, *, envelope_id: str = "") -> None:
        """Envelope and mail but for its dot. Raises as `announce` and `pour` do."""
        await self.announce(sender, recipient, envelope_id=envelope_id)
        self.pour(wire)

    async def announce(self, sender: str, recipient: str, *, envelope_id: str = "") -> None:
        """Envelope and DATA: in a round trip where the relay offers pipelining, else in three.

        A relay that makes reports is asked for them, by `envelope_id` (see envelope_commands). A relay may have hung
        up on an idle connection at any time: then this connects anew, once.
        Raises Refused, Deferred, LostBeforeDot, Unreachable, BadInput.
        """
        is_ahead, self._ahead = self._is_ahead(Envelope(sender, recipient, envelope_id)), None
        kept = is_ahead or await self._fresh()
        if "pipelining" not in self._offers:
            await self.envelope(sender, recipient, envelope_id=envelope_id)
            await self._data()
            return
        try:
            if is_ahead:
                await self._answers(_GROUP)
            else:
                await self._group(
                    envelope_commands(sender, recipient, offers=self._offers.__contains__, envelope_id=envelope_id)
                )
        except (LostBeforeDot, Deferred) as lost:
            if not kept or self.is_open or lost.phase != "mail":
                raise
            await self.announce(sender, recipient, envelope_id=envelope_id)
            return
        self._mails += 1

    async def body(self, wire: bytes) -> None:
        """After `envelope`: hand over the whole mail but its dot. Raises Refused, Deferred, LostBeforeDot."""
        await self._data()
        self.pour(wire)

    def pour(self, wire: bytes) -> None:
        """Send the whole mail but its dot. Since DATA only `dot` or closing the connection is legal SMTP.

        Raises LostBeforeDot.
        """
        whole = wire if wire.endswith(b"\r\n") else wire + b"\r\n"
        if b"\n." in whole:
            whole = whole.replace(b"\n.", b"\n..")
        self._write("body", b"." + whole if whole.startswith(b".") else whole, replies=0)

    def _is_ahead(self, envelope: Envelope) -> bool:
        """Whether this was said with the dot before; what was said for another mail is given up with the connection."""
        if self._ahead is not None and self._ahead != envelope:
            self.close()
        return self._ahead is not None

    async def envelope(self, sender: str, recipient: str, *, envelope_id: str = "") -> None:
        """Say from whom and to whom, alone. After it, `abort` still keeps the connection.

        Connects anew and raises as `announce` does.
        """
        kept = await self._fresh()
        mail_from, rcpt_to = envelope_commands(
            sender, recipient, offers=self._offers.__contains__, envelope_id=envelope_id
        )
        try:
            await self._start(mail_from)
        except (LostBeforeDot, Deferred):
            if not kept or self.is_open:
                raise
            await self._reopen()
            await self._start(mail_from)
        self._mails += 1
        await self._command("rcpt", rcpt_to)

    async def dot(self, *, then: Envelope | None = None) -> Reply:
        """End the mail and wait for the answer, also when cancelled: the answer decides what became of the mail.

        With `then` the envelope of the next mail goes along where the relay offers pipelining (RFC 2920 §3.1 lets the
        end of a mail begin a group), and the next is that one's `announce`; or `abort`, which closes the connection.
        A cancel during the wait is delivered after it: this returns (or raises) what the relay said, and the next
        await of the task is cancelled. So record the outcome before awaiting anything unshielded.
        Raises Refused, Deferred, LostBeforeDot, LostAfterDot.
        """
        group = self._group_of(then) if then is not None else b""
        self._write("body", b".\r\n" + group, replies=1 + len(_GROUP) if group else 1)
        self._in_body, self._needs_reset, self._ahead = False, bool(group), then if group else None
        try:
            if self._wire is not None and not self._wire.has(1):
                await though_cancelled(self._wire.decided(self._dot_seconds))
            reply = self._judge("dot", self._taken("dot"))
            self.has_taken = True
            return reply
        finally:
            if (task := asyncio.current_task()) is not None and task.cancelling():
                self.close()

    def abort(self) -> None:
        """Give up the mail under way: nothing is sent. Once DATA is said only closing says so (decision 0006)."""
        if self._in_body or self._ahead is not None:
            self.close()

    def close(self) -> None:
        """End the connection at once; what the socket hasn't taken is thrown away, so no dot can follow."""
        if self._wire is not None:
            self._wire.abort()
        self._wire = None
        self._in_body, self._ahead = False, None

    def leave(self) -> None:
        """End the connection politely, without waiting for the answer."""
        if self._wire is not None and self.is_open and not self._in_body:
            self._wire.write(b"QUIT\r\n", replies=1)
            self._wire.close()
            self._wire = None
        self.close()

    async def _fresh(self) -> bool:
        """Connect anew when this connection can carry no mail; whether it had carried some and stays."""
        if self.is_spent:
            await self._reopen()
        return self._mails > 0

    async def _reopen(self) -> None:
        self.leave()
        await self.open()

    async def _data(self) -> None:
        await self._command("data", b"DATA")
        self._in_body = True

    async def _start(self, mail_from: bytes) -> None:
        if self._needs_reset:
            await self._command("mail", b"RSET")
            self._needs_reset = False
        # Before the answer: a MAIL that was refused needs no reset, but one too many does no harm.
        self._needs_reset = True
        await self._command("mail", mail_from)

    async def _group(self, commands: tuple[bytes, bytes]) -> None:
        """RSET where one is due, MAIL, RCPT and DATA in one write; DATA comes last, for its answer must be known."""
        phases: list[Phase] = [*_GROUP]
        lines = [*commands, b"DATA", b""]
        if self._needs_reset:
            phases.insert(0, "mail")
            lines.insert(0, b"RSET")
        self._needs_reset = True
        self._write("mail", b"\r\n".join(lines), replies=len(phases))
        await self._answers(phases)

    def _group_of(self, envelope: Envelope) -> bytes:
        """What may travel with the dot; nothing where only a new connection, or nobody, could take that mail."""
        if "pipelining" not in self._offers or self._has_carried_enough:
            return b""
        sender, recipient, envelope_id = envelope
        try:
            commands = envelope_commands(sender, recipient, offers=self._offers.__contains__, envelope_id=envelope_id)
        except (Refused, BadInput):
            return b""  # said again by its own announce, to whom it concerns
        return b"\r\n".join((*commands, b"DATA", b""))

    async def _answers(self, phases: Sequence[Phase]) -> None:
        """Each answer is read, whatever the one before says: else it would be taken for the next mail's."""
        await self._arrived(len(phases), COMMAND_SECONDS)
        no: Refused | Deferred | None = None
        for phase in phases:
            try:
                self._judge(phase, self._taken(phase))
            except (Refused, Deferred) as said:
                no = no or said
                if not self.is_open:
                    raise no from None
            else:
                self._in_body = phase == "data"
        if no is not None:
            await self._take_back_354(no.phase)
            raise no

    async def _take_back_354(self, refused_at: Phase) -> None:
        """A relay may say 354 though it refused the recipient: a dot alone ends what has no reader (RFC 2920 §3.1).

        With a recipient it took, a dot would mail an empty letter, so only closing helps.
        """
        if not self._in_body:
            return
        if refused_at != "rcpt":
            self.close()
            return
        try:
            self._write("body", b".\r\n", replies=1)
            await self._answer("dot")
        except (Refused, Deferred):
            self._in_body = False  # as it should be: "no valid recipients"
        except (LostBeforeDot, LostAfterDot):
            self.close()
        else:
            self.close()  # it took a letter to nobody: whatever it means, we don't go on with it

    async def _command(self, phase: Phase, line: bytes) -> Reply:
        self._write(phase, line + b"\r\n", replies=1)
        return await self._answer(phase)

    def _write(self, phase: Phase, data: bytes, *, replies: int) -> None:
        try:
            if self._wire is None:
                raise WireLost("the relay hung up")
            self._wire.write(data, replies=replies)
        except WireLost as error:
            self.close()
            raise LostBeforeDot(phase, without_addresses(str(error))) from error

    async def _answer(self, phase: Phase) -> Reply:
        await self._arrived(1, COMMAND_SECONDS)
        return self._judge(phase, self._taken(phase))

    async def _arrived(self, replies: int, seconds: float) -> None:
        if self._wire is None or self._wire.has(replies):
            return
        try:
            await self._wire.arrived(replies, seconds)
        except BaseException:
            # Cancelled while an answer is on its way: the connection would pair it with the next command.
            self.close()
            raise

    def _taken(self, phase: Phase) -> Said:
        try:
            if self._wire is None:
                raise WireLost("the relay hung up")
            return self._wire.take()
        except WireLost as error:
            self.close()
            why = without_addresses(str(error))
            raise (LostAfterDot(why) if phase == "dot" else LostBeforeDot(phase, why)) from error

    def _judge(self, phase: Phase, said: Said) -> Reply:
        if phase != "dot" and said.code == (354 if phase == "data" else 250):
            return Reply(said.code, None, "")  # nobody reads these words
        reply = read_reply(said.code, said.text)
        try:
            return judge(phase, reply)
        except (LostBeforeDot, LostAfterDot):
            self.close()
            raise
        finally:
            if reply.code == 421:
                self.close()  # RFC 5321 §3.8: the relay is closing, whatever else it says
