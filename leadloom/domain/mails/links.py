"""Which signed addresses a mail carries, and what a token that comes back says.

A token is `purpose, key id, payload, tag` in bytes: ids only, nothing personal. The tag is a keyed BLAKE2b of 16
bytes (mail.md §2), with the purpose as personalisation too, so that a token of one purpose never serves another.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from leadloom.domain.errors import BadInput, Permanent
from leadloom.domain.mails.networks import network_of
from leadloom.domain.mails.token_spelling import from_mailbox, from_web, to_mailbox, to_web
from leadloom.domain.model import HandOffId, Instant, MessageId, OwnerId, TaskId, Value

_TAG = 16
_SHORTEST_SECRET = 16


class Purpose(StrEnum):
    """What a token is for; one letter, the first byte of the token."""

    CLICK = "c"
    OPEN = "o"
    UNSUBSCRIBE = "u"
    PREFERENCES = "p"
    ANSWER = "a"
    HAND_OFF = "h"
    REPLY = "r"
    BOUNCE = "b"
    REVIEW = "v"
    TASK = "k"
    OWN_DATA = "d"
    ERASE = "e"
    CONFIRM = "y"
    VIEW = "w"
    TRIAL = "x"
    READER = "m"
    ASSET = "g"


PATHS = {
    Purpose.CLICK: "/t/c/",
    Purpose.OPEN: "/t/o/",
    Purpose.UNSUBSCRIBE: "/u/",
    Purpose.PREFERENCES: "/p/",
    Purpose.ANSWER: "/a/",
    Purpose.HAND_OFF: "/h/",
    Purpose.REVIEW: "/v/",
    Purpose.TASK: "/k/",
    Purpose.OWN_DATA: "/d/",
    Purpose.ERASE: "/e/",
    Purpose.CONFIRM: "/y/",
    Purpose.VIEW: "/w/",
    Purpose.TRIAL: "/x/",
}
"""Where on our host a token of a purpose is answered; others stand in mail addresses, or in a page's query."""


class BadLink(Permanent):
    """A link we can't act on; its words are fit to be shown."""


class TamperedLink(BadLink):
    """The token isn't ours, was cut or changed, or its key was withdrawn."""

    def __init__(self) -> None:
        super().__init__("This link isn't complete. Open it from the mail again, or copy the whole address.")


class WrongPurpose(BadLink):
    """A token of ours, used at an address it wasn't made for."""

    def __init__(self, made_for: Purpose, used_for: Purpose) -> None:
        super().__init__(f"This link was made to {_WORDS[made_for]}, not to {_WORDS[used_for]}. Open it from the mail.")
        self.made_for, self.used_for = made_for, used_for


class ExpiredLink(BadLink):
    """A token of ours whose time is over."""

    def __init__(self, expired_at: datetime) -> None:
        super().__init__(f"This link ended on {expired_at:%d %B %Y, %H:%M} UTC. Ask for a new one or use the inbox.")
        self.expired_at = expired_at


_WORDS = {
    Purpose.CLICK: "open a page",
    Purpose.OPEN: "count an opening",
    Purpose.UNSUBSCRIBE: "unsubscribe",
    Purpose.PREFERENCES: "change preferences",
    Purpose.ANSWER: "answer a question",
    Purpose.HAND_OFF: "decide a hand-off",
    Purpose.REPLY: "reply",
    Purpose.BOUNCE: "report a bounce",
    Purpose.REVIEW: "look at a mail before it goes",
    Purpose.TASK: "answer a task",
    Purpose.OWN_DATA: "read your own data",
    Purpose.ERASE: "erase your data",
    Purpose.CONFIRM: "confirm that we may write",
    Purpose.VIEW: "read a mail in a browser",
    Purpose.TRIAL: "try a mail",
    Purpose.READER: "say who reads",
    Purpose.ASSET: "open something that was asked for",
}


TrialAct = Literal["follow", "answer", "unsubscribe", "prefer", "view"]
"""What a link of a test mail would do in the real one."""
_TRIAL_ACTS: dict[str, TrialAct] = {"f": "follow", "a": "answer", "u": "unsubscribe", "p": "prefer", "v": "view"}


class TrialLink(Value):
    """A link of a test mail: it does nothing."""

    act: TrialAct
    about: str
    """The address it leads to, or the event it would record; empty for the rest."""


class ClickLink(Value):
    """A tracked link: the mail and the place in its list of links, counted from 1."""

    message_id: MessageId
    no: int


class AnswerLink(Value):
    """A one-question link: the mail and the event the answer records."""

    message_id: MessageId
    event: str


class HandOffLink(Value):
    """An owner's link to decide one assignment of a hand-off."""

    hand_off_id: HandOffId
    assignment_no: int
    owner_id: OwnerId
    expires_at: Instant


class ReviewLink(Value):
    """An owner's link to look at a mail before it goes."""

    message_id: MessageId
    owner_id: OwnerId
    expires_at: Instant


class TaskLink(Value):
    """An owner's link to answer a task."""

    task_id: TaskId
    owner_id: OwnerId
    expires_at: Instant


class Signer:
    """Makes and reads tokens. The first key signs; the others still read, so keys rotate without dead links."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take the secrets, newest first. Raises BadInput when there is none or one is shorter than 16 characters."""
        if not keys or any(len(key) < _SHORTEST_SECRET for key in keys):
            remedy = f"Give at least one secret of {_SHORTEST_SECRET} characters or more, newest first."
            raise BadInput("link keys", f"{len(keys)} key(s)", remedy)
        self._keys = [hashlib.blake2b(key.encode(), digest_size=32).digest() for key in keys]

    def click(self, message_id: MessageId, no: int) -> str:
        """Token of the mail's link number `no`, counted from 1."""
        return self._web(Purpose.CLICK, message_id.bytes + struct.pack(">H", no))

    def read_click(self, token: str) -> ClickLink:
        """Which link of which mail was clicked. Raises BadLink."""
        payload = self._read(Purpose.CLICK, from_web(token))
        message_id, no = struct.unpack(">16sH", payload)
        return ClickLink(message_id=MessageId(UUID(bytes=message_id)), no=no)

    def answer(self, message_id: MessageId, event: str) -> str:
        """Token that records `event` when it is posted."""
        return self._web(Purpose.ANSWER, message_id.bytes + event.encode())

    def read_answer(self, token: str) -> AnswerLink:
        """Which answer was given. Raises BadLink."""
        payload = self._read(Purpose.ANSWER, from_web(token))
        return AnswerLink(message_id=MessageId(UUID(bytes=payload[:16])), event=payload[16:].decode())

    def mail(self, purpose: Purpose, message_id: MessageId) -> str:
        """Token for an open, an unsubscribe, a reader …: says the mail and nothing else."""
        return self._web(purpose, message_id.bytes)

    def read_mail(self, purpose: Purpose, token: str) -> MessageId:
        """The mail a token of `mail` was made for. Raises BadLink."""
        return MessageId(UUID(bytes=self._read(purpose, from_web(token))))

    def ending(self, purpose: Purpose, message_id: MessageId, *, ends_at: datetime) -> str:
        """Token for what may be done through a mail until `ends_at` (kept to the second)."""
        return self._web(purpose, struct.pack(">16sQ", message_id.bytes, int(ends_at.timestamp())))

    def read_ending(self, purpose: Purpose, token: str, *, at: datetime) -> MessageId:
        """The mail a token of `ending` was made for. Raises BadLink; ExpiredLink from its end on."""
        message_id, seconds = struct.unpack(">16sQ", self._read(purpose, from_web(token)))
        ends_at = datetime.fromtimestamp(seconds, tz=UTC)
        if at >= ends_at:
            raise ExpiredLink(ends_at)
        return MessageId(UUID(bytes=message_id))

    def asset(self, name: str) -> str:
        """Token that opens an asset such as `four-degrees/guide` for whoever has it; it names nobody."""
        return self._web(Purpose.ASSET, name.encode())

    def read_asset(self, token: str) -> str:
        """Which asset the token opens. Raises BadLink."""
        return self._read(Purpose.ASSET, from_web(token)).decode()

    def in_address(self, purpose: Purpose, message_id: MessageId) -> str:
        """Token that survives as local part of an address: at most 64 bytes of lower-case base32 (relays fold case)."""
        return to_mailbox(self._sign(purpose, message_id.bytes))

    def read_address(self, purpose: Purpose, token: str) -> MessageId:
        """The mail a token of `in_address` was made for, whatever its case. Raises BadLink."""
        return MessageId(UUID(bytes=self._read(purpose, from_mailbox(token))))

    def trial(self, act: TrialAct, about: str) -> str:
        """Token of a link of a test mail: says what it would do, and whose mail it is not even to us."""
        return self._web(Purpose.TRIAL, act[:1].encode() + about.encode())

    def read_trial(self, token: str) -> TrialLink:
        """What a link of a test mail would do. Raises BadLink."""
        payload = self._read(Purpose.TRIAL, from_web(token)).decode()
        return TrialLink(act=_TRIAL_ACTS[payload[:1]], about=payload[1:])

    def network_mark(self, message_id: MessageId, address: str) -> str:
        """Equal for visits of one mail from one network (/24, /48), and telling nothing without our secret."""
        network = network_of(address)
        if not network:
            return ""
        return hashlib.blake2b(network.encode(), key=self._keys[-1], salt=message_id.bytes, digest_size=6).hexdigest()

    def hand_off(self, hand_off_id: HandOffId, assignment_no: int, *, owner_id: OwnerId, expires_at: datetime) -> str:
        """Token with which this owner decides this assignment until `expires_at` (kept to the second)."""
        times = struct.pack(">HQ", assignment_no, int(expires_at.timestamp()))
        return self._web(Purpose.HAND_OFF, hand_off_id.bytes + owner_id.bytes + times)

    def read_hand_off(self, token: str, *, at: datetime) -> HandOffLink:
        """Which assignment the link decides. Raises BadLink; ExpiredLink from `expires_at` on."""
        payload = self._read(Purpose.HAND_OFF, from_web(token))
        hand_off_id, owner_id, assignment_no, seconds = struct.unpack(">16s16sHQ", payload)
        expires_at = datetime.fromtimestamp(seconds, tz=UTC)
        if at >= expires_at:
            raise ExpiredLink(expires_at)
        return HandOffLink(
            hand_off_id=HandOffId(UUID(bytes=hand_off_id)),
            assignment_no=assignment_no,
            owner_id=OwnerId(UUID(bytes=owner_id)),
            expires_at=expires_at,
        )

    def review(self, message_id: MessageId, *, owner_id: OwnerId, expires_at: datetime) -> str:
        """Token with which this owner holds, edits or skips this mail until `expires_at` (kept to the second)."""
        payload = struct.pack(">16s16sQ", message_id.bytes, owner_id.bytes, int(expires_at.timestamp()))
        return self._web(Purpose.REVIEW, payload)

    def read_review(self, token: str, *, at: datetime) -> ReviewLink:
        """Which mail the link is about, and whose link it is. Raises BadLink; ExpiredLink from `expires_at` on."""
        message_id, owner_id, seconds = struct.unpack(">16s16sQ", self._read(Purpose.REVIEW, from_web(token)))
        expires_at = datetime.fromtimestamp(seconds, tz=UTC)
        if at >= expires_at:
            raise ExpiredLink(expires_at)
        return ReviewLink(
            message_id=MessageId(UUID(bytes=message_id)), owner_id=OwnerId(UUID(bytes=owner_id)), expires_at=expires_at
        )

    def task(self, task_id: TaskId, *, owner_id: OwnerId, expires_at: datetime) -> str:
        """Token with which this owner answers this task until `expires_at` (kept to the second)."""
        payload = struct.pack(">16s16sQ", task_id.bytes, owner_id.bytes, int(expires_at.timestamp()))
        return self._web(Purpose.TASK, payload)

    def read_task(self, token: str, *, at: datetime) -> TaskLink:
        """Which task the link answers, and whose link it is. Raises BadLink; ExpiredLink from `expires_at` on."""
        task_id, owner_id, seconds = struct.unpack(">16s16sQ", self._read(Purpose.TASK, from_web(token)))
        expires_at = datetime.fromtimestamp(seconds, tz=UTC)
        if at >= expires_at:
            raise ExpiredLink(expires_at)
        return TaskLink(
            task_id=TaskId(UUID(bytes=task_id)), owner_id=OwnerId(UUID(bytes=owner_id)), expires_at=expires_at
        )

    def _web(self, purpose: Purpose, payload: bytes) -> str:
        return to_web(self._sign(purpose, payload))

    def _sign(self, purpose: Purpose, payload: bytes) -> bytes:
        key = self._keys[0]
        signed = purpose.encode() + key[:1] + payload
        return signed + _tag(key, signed)

    def _read(self, used_for: Purpose, token: bytes | None) -> bytes:
        """The payload of a token signed by any of our keys for this purpose; None was no spelling of ours."""
        if token is None:
            raise TamperedLink
        signed, tag = token[:-_TAG], token[-_TAG:]
        # The key id is one byte of the derived key: two keys may share it, so it narrows the choice, no more.
        keys = [key for key in self._keys if key[:1] == signed[1:2]]
        if not any(hmac.compare_digest(_tag(key, signed), tag) for key in keys):
            raise TamperedLink
        made_for = Purpose(signed[:1].decode())
        if made_for is not used_for:
            raise WrongPurpose(made_for, used_for)
        return signed[2:]


def _tag(key: bytes, signed: bytes) -> bytes:
    return hashlib.blake2b(signed, key=key, person=b"leadloom-" + signed[:1], digest_size=_TAG).digest()
