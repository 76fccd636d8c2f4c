"""What must somebody know who is offered a lead? One context, the same on the inbox, in the notice and in the CRM."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from leadloom.domain.consent.reach import Reach
from leadloom.domain.definitions.consent_policy import Channel
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.talk import Topic
from leadloom.domain.handoffs.hand_off import name_of
from leadloom.domain.handoffs.outcome import is_written
from leadloom.domain.lead import Account, Lead
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.windows import zone_of
from leadloom.domain.model import HandOffId, Instant, LeadId, OwnerId, Value
from leadloom.domain.stages.scoring import engagement, fit, left
from leadloom.domain.standing import ScoreEntry

LAST_TOUCHES = 5
ASKED, SCORED = "gate:asks", "gate:scored"
"""Who opened a hand-off, where the gate did: by which of its rules."""
_MOST_COUNTED = 2
_MOST_TOPICS = 3
_WORTH_SAYING = 0.5
"""Points that show as 0 are no reason."""
_OF_A_PIECE = 3
"""Slashes of `/m/site/piece`."""


class Touch(Value):
    """Something the person did, in the definition's words."""

    at: Instant
    words: str
    about: str = ""
    """The page it was about, by name; empty when it was about none."""
    path: str = ""
    """Where that page stands on our host; empty for none."""


class WeighedReason(Value):
    """Why the lead is offered: one thing, and how much it says."""

    words: str
    weight: str
    """Such as `+18 of 62`, `85 of 100`, `decides alone`; empty where nothing was counted."""


class Contact(Value):
    """Whether the owner may write to or call the person, in the words of the consent ledger."""

    channel: Channel
    may: bool
    why: str

    @property
    def said(self) -> str:
        """`You may call them: implied of …`."""
        does = "write to them" if self.channel == "mail" else "call them"
        return f"You may {'' if self.may else 'not '}{does}: {self.why}."


class Cared(Value):
    """Something the person cared about."""

    words: str
    path: str = ""
    """The page of it that they knew last, on our host; empty when it was no page."""


class Companion(Value):
    """A colleague of the lead who came along into the same hand-off."""

    lead_id: LeadId
    kind: str
    first_name: str | None
    last_name: str | None
    role: str | None

    @property
    def name(self) -> str:
        """First and last name as far as known."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or "a colleague"


class HandOffFacts(Value):
    """A hand-off as its row has it. Instants are UTC."""

    hand_off_id: HandOffId
    kind: str
    asked_by: str
    """`gate:asks`, `gate:scored`, `journey:<name>`, or the event that opened it."""
    why: tuple[str, ...]
    """What decided it, as it was written down then."""
    definition_version: int
    """By which version of the definition it was decided."""
    state: str
    owner: str | None
    owner_id: OwnerId | None
    pool: str | None
    assignment_no: int
    level: int
    opened_at: Instant
    accept_by: Instant | None
    first_try_by: Instant | None
    first_try_at: Instant | None
    decided_at: Instant | None = None
    decided_by: str | None = None
    decided_via: str | None = None
    notice_in_doubt: bool = False
    """The notice of this assignment may not have arrived."""


class Did(NamedTuple):
    """A touch as the log has it."""

    at: datetime
    kind: str
    site: str
    piece: str
    to: str
    """Where a link led."""
    question: str
    """What they asked in their own words."""


class Person(NamedTuple):
    """The lead of a hand-off, with everything the card is made of."""

    lead: Lead
    account: Account | None
    reach: Sequence[Reach]
    silent: bool
    """Nothing at all goes to their address."""
    did: Sequence[Did]
    """Their touches, newest first."""
    entries: Sequence[ScoreEntry]


class Card(HandOffFacts):
    """A hand-off as its owner sees it. Instants are UTC; whoever shows them puts them into the owner's zone."""

    kind_words: str
    lead: Lead
    company: str
    zone: str
    """The time zone the lead lives in."""
    reasons: tuple[WeighedReason, ...]
    """Two to four, most telling first, weighed as of the opening."""
    contacts: tuple[Contact, ...]
    """Mail, then phone."""
    cared: tuple[Cared, ...] = ()
    """Topics, latest first."""
    touches: tuple[Touch, ...] = ()
    """The last human touches, newest first."""
    question: str = ""
    """What they last asked in their own words."""
    next_step: str
    opener: str
    """What to begin with: about the topic, for the rep to change."""
    companions: tuple[Companion, ...] = ()

    @property
    def lead_name(self) -> str:
        """First and last name as far as known, else the address."""
        known = [part for part in (self.lead.first_name, self.lead.last_name) if part]
        return " ".join(known) or self.lead.email or "somebody we have no name for"

    @property
    def first_try_due(self) -> Instant | None:
        """When the first try is due; None while nobody accepted, and once there was one."""
        return None if self.first_try_at else self.first_try_by

    def local(self, at: datetime) -> str:
        """What the lead's own clock shows: `Tue 15:04`."""
        return f"{at.astimezone(ZoneInfo(self.zone)):%a %H:%M}"

    def contact(self, channel: Channel) -> Contact:
        """Whether that way is open."""
        return next(one for one in self.contacts if one.channel == channel)


def card_of(definition: Definition, facts: HandOffFacts, person: Person, companions: Sequence[Companion] = ()) -> Card:
    """The whole context of a hand-off."""
    lead, account = person.lead, person.account
    talk = definition.talk
    touched = [(each, talk.about(each.kind, _piece(each))) for each in person.did]
    kind = definition.hand_offs[facts.kind]
    return Card.built(
        **vars(facts),
        kind_words=kind.means,
        lead=lead,
        company=account.name if account else lead.company or "",
        zone=zone_of(lead, account, definition.company),
        reasons=tuple(_reasons(definition, facts, person)),
        contacts=tuple(_contact(definition, one, person) for one in person.reach),
        cared=tuple(_cared(touched))[:_MOST_TOPICS],
        touches=tuple(_touch(definition, each, topic) for each, topic in touched[:LAST_TOUCHES]),
        question=next((each.question for each in person.did if each.question), ""),
        next_step=talk.next_steps.get(facts.kind, f"Reach them within the time of a first try: {kind.means.lower()}."),
        opener=_opener(definition, facts, lead, touched),
        companions=tuple(companions),
    )


def _reasons(definition: Definition, facts: HandOffFacts, person: Person) -> Iterator[WeighedReason]:
    """What was asked or said first, then what brought most points, then who they are."""
    said = ""
    yield from (WeighedReason.built(words=reason, weight="") for reason in facts.why if is_written(reason))
    if facts.asked_by != SCORED and facts.why:
        said = facts.why[0]
        yield WeighedReason.built(words=said, weight="decides alone" if facts.asked_by == ASKED else "")
    total = engagement(person.entries, definition.half_life, at=facts.opened_at)
    counted = _counted(definition, person.entries, facts.opened_at)
    for kind, (points, times) in sorted(counted.items(), key=lambda one: (-one[1][0], one[0]))[:_MOST_COUNTED]:
        means = definition.events[kind].means
        if points >= _WORTH_SAYING and means != said:
            words = f"{means}, {times} times" if times > 1 else means
            yield WeighedReason.built(words=words, weight=f"+{points:.0f} of {total:.0f}")
    yield _fitting(definition, person)


def _counted(definition: Definition, entries: Sequence[ScoreEntry], at: datetime) -> dict[str, tuple[float, int]]:
    """Kind of event → what all of it still counted for at `at`, and how often it happened."""
    found: dict[str, tuple[float, int]] = {}
    for entry in entries:
        if entry.kind in definition.events and (points := left(entry, definition.half_life, at)):
            so_far, times = found.get(entry.kind, (0.0, 0))
            found[entry.kind] = (so_far + points, times + (points > 0))
    return found


def _fitting(definition: Definition, person: Person) -> WeighedReason:
    found = fit(definition, person.lead, account=person.account)
    met = [
        f"{line.value} sites" if line.name == "sites" else str(line.value)
        for line in found.lines
        if line.points > 0 and line.value is not None
    ]
    words = f"Fit {found.grade or found.letter}{': ' if met else ''}{', '.join(met)}"
    return WeighedReason.built(words=words, weight=f"{found.points} of 100")


def _contact(definition: Definition, reach: Reach, person: Person) -> Contact:
    """Marketing's permission suffices; one to one, a rep may write where the policy asks for none."""
    one_to_one = definition.mail.classes.get(MailClass.ONE_TO_ONE)
    free = one_to_one is not None and not one_to_one.basis and not person.silent and bool(person.lead.email)
    if reach.may or reach.channel != "mail" or not free:
        return Contact.built(channel=reach.channel, may=reach.may, why=reach.why)
    return Contact.built(channel="mail", may=True, why=f"one to one, in your own name; no marketing mail, {reach.why}")


def _piece(did: Did) -> str:
    """`site/piece` of the page it was about; empty when it was about none of ours."""
    if did.piece:
        return f"{did.site}/{did.piece}"
    place = urlsplit(did.to).path
    return place.removeprefix("/m/").strip("/") if place.startswith("/m/") and place.count("/") == _OF_A_PIECE else ""


def _touch(definition: Definition, did: Did, topic: Topic | None) -> Touch:
    piece = _piece(did)
    named = topic.means if topic is not None and piece in topic.pieces else _spoken(piece)
    return Touch.built(
        at=did.at,
        words=definition.events[did.kind].means if did.kind in definition.events else did.kind.replace("_", " "),
        about=named if piece else "",
        path=f"/m/{piece}" if piece else "",
    )


def _spoken(piece: str) -> str:
    return piece.rpartition("/")[2].replace("-", " ").capitalize()


def _cared(touched: Sequence[tuple[Did, Topic | None]]) -> Iterator[Cared]:
    said: set[str] = set()
    for did, topic in touched:
        piece = _piece(did)
        words = topic.means if topic is not None else _spoken(piece)
        if words and words not in said:
            said.add(words)
            yield Cared.built(words=words, path=f"/m/{piece}" if piece else "")


def _opener(
    definition: Definition, facts: HandOffFacts, lead: Lead, touched: Sequence[tuple[Did, Topic | None]]
) -> str:
    """Greeting, who calls, and a sentence about what they asked for, else about what they cared for last."""
    asks = {kind for kind, rule in definition.events.items() if rule.asks}
    known = [(did, topic) for did, topic in touched if topic is not None]
    topic = next((topic for _, topic in [*(one for one in known if one[0].kind in asks), *known]), None)
    hello = f"Hello {lead.first_name}" if lead.first_name else "Hello"
    house = definition.company.name
    me = f"{name_of(definition, facts.owner)} of {house}" if facts.owner else house
    return f"{hello}, this is {me}. {topic.opener if topic else definition.talk.otherwise}"
