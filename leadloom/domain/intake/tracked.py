"""What does one call of a tracking client tell? Segment's shape, read leniently; what can't be read is dropped.

Specification: segment.com/docs/connections/spec (identify, track, page, screen, group, alias) and what five clients
were seen to send (their own differences are taken as they come: null ids, `originalTimestamp`, `sentAt` per item).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from leadloom.domain.errors import BadInput, Permanent
from leadloom.domain.intake.identity import normal_email
from leadloom.domain.intake.meanings import Meanings
from leadloom.domain.intake.told import LONGEST, LONGEST_ATTRIBUTE, LONGEST_ATTRIBUTE_NAME, MOST_ATTRIBUTES
from leadloom.domain.intake.touch import clean, touch_of
from leadloom.domain.model import Json

TYPES = ("identify", "track", "page", "screen", "group", "alias")
LARGEST = 32 * 1024
"""Bytes of one event, as Segment takes them."""

_OLDEST = timedelta(days=20 * 365)
_LONGEST_ID = LONGEST["external_id"]
_ABOUT_PAGES = frozenset({"url", "referrer", "path", "search", "title"})
_ABOUT_PEOPLE = frozenset({"email", "phone", "name", "firstname", "lastname", "first_name", "last_name", "username"})
"""Properties that name a person: an event says what happened, and who they are is told by traits."""


class Reason(StrEnum):
    """Why an event wasn't taken. The values stand in rows and answers: only ever add to them."""

    UNREADABLE = "unreadable"
    TOO_LARGE = "too-large"
    NOBODY = "nobody"
    UNKNOWN_EVENT = "unknown-event"
    NOT_YOURS = "not-yours"
    TWO_PEOPLE = "two-people"
    TOO_MANY = "too-many"
    NO_ADDRESS = "no-address"
    """A form of another maker, whose mail address is none."""
    NO_FORM = "no-form"
    """A post to a form's address that isn't what its maker sends."""
    FAILED = "failed"
    """A form of another maker that failed by a fault of ours."""


class Dropped(Permanent):
    """This event can't be taken now; it waits in the list of dropped events."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason, self.why = reason, why


class Drop(NamedTuple):
    """An event that can't be taken now, as it waits for a person."""

    key_id: UUID
    key: str
    """The client's own name for it."""
    type: str
    name: str
    reason: str
    why: str
    raw: Json
    at: datetime


class Sender(NamedTuple):
    """Whose key a call came with, and what it may say."""

    key_id: UUID
    public: bool
    """Everybody can read the key: it claims only what the definition lets it, and overwrites nothing that is known."""
    source: str | None = None
    """A key of the definition's sources: whose touches these are."""
    kinds: frozenset[str] | None = None
    """The only kinds it may claim; None: all that a key of its sort may."""
    machine: str = ""
    """Why the program that sent it is a machine; empty for browsers, and for servers, which speak of others."""

    def may_claim(self, kind: str, meanings: Meanings) -> bool:
        """Whether an event of this kind is this key's to tell."""
        return (self.kinds is None or kind in self.kinds) and (not self.public or kind in meanings.public)


class Heard(NamedTuple):
    """When a call came in."""

    at: datetime
    """Business time."""
    wall_at: datetime
    """The same moment on the wall: what clients' own clocks are compared with."""


class Tracked(NamedTuple):
    """One call, read. A tuple, because thousands come in a second."""

    type: str
    key: str
    """Its name for good: the same call sent again has the same."""
    name: str
    """Of an event or a screen."""
    user_id: str | None
    anonymous_id: str | None
    previous_id: str | None
    email: str | None
    """Normalised: the one trait that says who somebody is."""
    traits: Mapping[str, Json]
    properties: Mapping[str, Json]
    touch: Mapping[str, Json]
    at: datetime
    sender: Sender
    raw: Json
    """As it came, to be kept if it can't be taken."""

    def kind(self, meanings: Meanings) -> str | None:
        """The kind of event it is; None for what is none: a view of a page, or what is said of a person.

        Raises Dropped for a name nobody knows, and for what its key may not tell.
        """
        if self.type == "track":
            kind = meanings.named(self.name)
            if kind is None:
                raise Dropped(Reason.UNKNOWN_EVENT, f"No kind of event is called {self.name!r}: give it one as a name.")
        elif self.type in ("page", "screen"):
            kind = meanings.page(str(self.touch.get("page", "")), str(self.touch.get("utm_medium", "")))
        else:
            return None
        if kind is not None and not self.sender.may_claim(kind, meanings):
            raise Dropped(Reason.NOT_YOURS, f"This key may not tell of {kind}.")
        return kind


def read(item: Json, *, sender: Sender, heard: Heard, sent_at: Json = None) -> Tracked:
    """Read one call. Raises Dropped, with what is wrong in words.

    `sent_at` is what the batch says; with it the client's clock is set right: an event counts as long ago as the client
    says it was when it sent it; without it, by the clock on our wall.
    """
    if not isinstance(item, dict):
        raise Dropped(Reason.UNREADABLE, "An event is a JSON object.")
    what = item.get("type")
    if what not in TYPES:
        raise Dropped(Reason.UNREADABLE, f"`type` is none of {', '.join(TYPES)}.")
    context, properties = _object(item, "context"), _object(item, "properties")
    # Clients that tell traits beside an event put them into its context.
    traits = _object(item, "traits") or _object(context, "traits")
    name = item.get("event" if what == "track" else "name") or properties.get("name") or ""
    if what == "track" and not (isinstance(name, str) and name.strip()):
        raise Dropped(Reason.UNREADABLE, "A track call needs the name of its `event`.")
    return Tracked(
        type=str(what),
        key=_key(item),
        name=clean(name, 200) if isinstance(name, str) else "",
        user_id=_id(item, "userId"),
        anonymous_id=_id(item, "anonymousId"),
        previous_id=_id(item, "previousId") if what == "alias" else None,
        email=_email(traits) if what != "group" else None,
        traits=traits,
        properties=properties,
        touch=touch_of(context, properties) if what != "alias" else {},
        at=_at(item, sent_at, heard),
        sender=sender,
        raw=item,
    )


def drop_of(item: Json, why: Dropped, *, sender: Sender, heard: Heard) -> Drop:
    """What is kept of a call that can't be read; of one that is too large only what says which it was."""
    call: dict[str, Json] = item if isinstance(item, dict) else {"was": item}
    named = [call.get(name) for name in ("type", "event", "name")]
    kind, event, name = (clean(value, 200) if isinstance(value, str) else "" for value in named)
    if why.reason is Reason.TOO_LARGE:
        call = {name: value for name, value in call.items() if isinstance(value, str) and len(value) <= _LONGEST_ID}
    return Drop(sender.key_id, _key(call), kind, event or name, str(why.reason), why.why, storable(call), heard.at)


def drop(call: Tracked, why: Dropped) -> Drop:
    """What is kept of a call that was read and can't be taken."""
    said = (call.key, call.type, call.name, str(why.reason), why.why)
    return Drop(call.sender.key_id, *said, raw=storable(call.raw), at=call.at)


def storable(value: Json) -> Json:
    """Postgres keeps no NUL and no half of a character in JSON; nothing else is changed."""
    match value:
        case str():
            return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
        case dict():
            return {str(storable(name)): storable(inner) for name, inner in value.items()}
        case list():
            return [storable(inner) for inner in value]
        case _:
            return value


def data_of(tracked: Tracked) -> dict[str, Json]:
    """What the event keeps of the call: its touch, and its properties made flat; who it was about is left out."""
    told: dict[str, Json] = dict(tracked.touch)
    for name, value in flat(tracked.properties).items():
        if len(told) >= MOST_ATTRIBUTES:
            told["left_out"] = "more properties than an event keeps"
            break
        if name not in _ABOUT_PAGES and name.casefold() not in _ABOUT_PEOPLE:
            told.setdefault(name, value)
    if tracked.type == "screen" and tracked.name:
        told["screen"] = tracked.name
    return told


def flat(values: Mapping[str, Json]) -> dict[str, Json]:
    """Nested objects as `outer.inner`, lists as text: what a row of names and values can keep."""
    kept: dict[str, Json] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            inside = {f"{name}.{inner}": _scalar(each) for inner, each in value.items()}
        else:
            inside = {name: _scalar(value)}
        for full, each in inside.items():
            label = clean(full, LONGEST_ATTRIBUTE_NAME)
            if label and each is not None and each != "":
                kept[label] = each
    return kept


def _scalar(value: Json) -> Json:
    match value:
        case str():
            return clean(value, LONGEST_ATTRIBUTE)
        case None | bool() | int() | float():
            return value
        case _:
            return clean(json.dumps(value, ensure_ascii=False), LONGEST_ATTRIBUTE)


def _object(holder: Mapping[str, Json], name: str) -> dict[str, Json]:
    value = holder.get(name)
    return value if isinstance(value, dict) else {}


def _id(item: Mapping[str, Json], name: str) -> str | None:
    value = item.get(name)
    if value is None or value == "":
        return None
    text = str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or len(text) > _LONGEST_ID or not text.isprintable():
        raise Dropped(Reason.UNREADABLE, f"`{name}` is a text of at most {_LONGEST_ID} characters on one line.")
    return text.strip() or None


def _key(item: Mapping[str, Json]) -> str:
    """The client's own name of the call; without one, what it says: sent again, it says the same."""
    told = item.get("messageId")
    if isinstance(told, str) and 0 < len(told) <= _LONGEST_ID and told.isprintable():
        return f"track:{told}"
    said = {name: value for name, value in item.items() if name not in ("sentAt", "receivedAt", "writeKey")}
    return f"track:{hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()}"


def _email(traits: Mapping[str, Json]) -> str | None:
    told = traits.get("email")
    if not isinstance(told, str) or not told.strip():
        return None
    try:
        return normal_email(told)
    except BadInput as error:
        raise Dropped(Reason.UNREADABLE, f"traits.email: {error.remedy}") from error


def _at(item: Mapping[str, Json], sent_at: Json, heard: Heard) -> datetime:
    """When it happened, by our clock; never later than we heard of it."""
    told = _instant(item.get("originalTimestamp")) or _instant(item.get("timestamp"))
    if told is None:
        return heard.at
    # What it sends is older than its sending by what its own clock says, however wrong that clock is.
    age = (_instant(item.get("sentAt")) or _instant(sent_at) or heard.wall_at) - told
    return heard.at - min(max(age, timedelta()), _OLDEST)


def _instant(value: Json) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        told = datetime.fromisoformat(value)
        return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
