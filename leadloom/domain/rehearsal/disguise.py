"""How is a run told without its person? Every personal text becomes another of the same shape, always the same one.

Nothing is kept because it looks harmless: only words of closed lists (a country, a role, a stage), what the journey
itself writes, and values of fields the journey asks about, as far as their answer depends on them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import string
from collections.abc import Iterable, Iterator
from datetime import date
from uuid import NAMESPACE_URL, UUID, uuid5

from leadloom.domain.facts import Facts
from leadloom.domain.journeys.conditions import everything_in
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_paths import conditions_of
from leadloom.domain.journeys.steps.split import Split, arm_at, fraction
from leadloom.domain.lead import Account, Basis, Event, Lead
from leadloom.domain.model import Json, LeadId, OwnerId
from leadloom.domain.rehearsal.recorded import Decided, Look, RecordedRun

CLOSED = ("country", "role", "time_zone", "language", "source")
"""Fields of a lead that hold words of lists, never their own."""
_SHORTEST = 3
"""Letters of a word that is kept within a longer text: shorter ones stand in any name."""
_ASKED = re.compile(r"^asked [^:]+:")
_OF_RUN = re.compile(r"^run/[^/]+/")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ][\d:.+Z-]*)?")


class Disguise:
    """One export's disguise: the same text under the same key is always the same other text."""

    def __init__(self, journey: Journey, *, key: bytes) -> None:
        """`key` is a secret of the installation: without it nobody finds the person by trying names."""
        self._key, self._journey = key, journey
        self._whole = frozenset(word.lower() for word in _literals(journey))
        self._kept = sorted((word for word in self._whole if len(word) >= _SHORTEST), key=len, reverse=True)
        self._fields = frozenset(_fields(journey))

    def run(self, recorded: RecordedRun) -> RecordedRun:
        """The same run of nobody."""
        return recorded.but(
            looks=tuple(self._look(look) for look in recorded.looks),
            mails=tuple(mail.but(message_id=self._id(mail.message_id)) for mail in recorded.mails),
        )

    def text(self, text: str) -> str:
        """Letters for letters, digits for digits; what the journey itself writes stays."""
        if text.lower() in self._whole:
            return text
        pieces, at = list[str](), 0
        shape = self._of_shape(text)
        lowered = text.lower()
        while at < len(text):
            kept = next((word for word in self._kept if lowered.startswith(word, at)), None)
            length = len(kept) if kept else 1
            pieces.append(text[at : at + length] if kept else shape[at])
            at += length
        return "".join(pieces)

    def _look(self, look: Look) -> Look:
        return look.but(
            facts=self._facts(look.facts),
            decided=tuple(self._decided(one, _told_of(look.facts)) for one in look.decided),
        )

    def _decided(self, one: Decided, told: frozenset[str]) -> Decided:
        """Decisions are told in the journey's own words; values of the lead may stand among their reasons, and who of
        us was asked.
        """
        why = {
            name: self._value(value, kept=name in self._fields) if name in told else value
            for name, value in one.why.items()
        }
        return one.but(why=why, did=_ASKED.sub("asked somebody:", one.did))

    def _facts(self, facts: Facts) -> Facts:
        lead_id = self._lead_id(facts.lead.lead_id)
        return facts.but(
            lead=self._lead(facts.lead, lead_id),
            account=None if facts.account is None else self._account(facts.account),
            events=tuple(self._event(event, lead_id) for event in facts.events),
            bases=tuple(self._basis(basis, lead_id) for basis in facts.bases),
            mails=tuple(mail.but(message_id=self._id(mail.message_id)) for mail in facts.mails),
            tags=tuple(self.text(tag) for tag in facts.tags),
            runs_begun=tuple(run.but(key=_OF_RUN.sub("run/another/", run.key)) for run in facts.runs_begun),
        )

    def _lead(self, lead: Lead, lead_id: LeadId) -> Lead:
        texts = {name: self.text(value) for name, value in lead if isinstance(value, str) and name not in CLOSED}
        attributes = {name: self._value(value, kept=name in self._fields) for name, value in lead.attributes.items()}
        owner = None if lead.owner_id is None else OwnerId(self._id(lead.owner_id))
        if lead.email is not None:
            name, _, domain = texts["email"].partition("@")
            texts["email"] = f"{name}@{domain}.example"
        account = None if lead.account_id is None else self._id(lead.account_id)
        return lead.but(**texts, attributes=attributes, owner_id=owner, account_id=account, lead_id=lead_id)

    def _account(self, account: Account) -> Account:
        domain = None if account.domain is None else f"{self.text(account.domain)}.example"
        owner = None if account.owner_id is None else self._id(account.owner_id)
        account_id = self._id(account.account_id)
        return account.but(account_id=account_id, name=self.text(account.name), domain=domain, owner_id=owner)

    def _event(self, event: Event, lead_id: LeadId) -> Event:
        data = {name: self._value(value, kept=name in self._fields) for name, value in event.data.items()}
        actor = event.actor if event.actor in ("lead", "system") else self.text(event.actor)
        return event.but(lead_id=lead_id, data=data, key=None, actor=actor)

    def _basis(self, basis: Basis, lead_id: LeadId) -> Basis:
        return basis.but(lead_id=lead_id, source="a form", wording="", proof={})

    def _value(self, value: Json, *, kept: bool) -> Json:
        """A told value; `kept` when the journey asks for it, and numbers and days then stay as they are."""
        match value:
            case bool() | None:
                return value
            case str():
                return value if kept and _is_day(value) else self.text(value)
            case int() | float():
                return value if kept else self._number(value)
            case dict():
                return {name: self._value(inner, kept=kept) for name, inner in value.items()}
            case list():
                return [self._value(inner, kept=kept) for inner in value]

    def _number(self, value: float) -> Json:
        digits = self._of_shape(str(value))
        return int(digits) if isinstance(value, int) else float(digits)

    def _of_shape(self, text: str) -> str:
        stream = self._stream(text)
        return "".join(_alike(character, next(stream)) for character in text)

    def _stream(self, text: str) -> Iterator[int]:
        block = 0
        while True:
            yield from hmac.new(self._key, f"{block}/{text}".encode(), hashlib.sha256).digest()
            block += 1

    def _id(self, known: UUID) -> UUID:
        return uuid5(NAMESPACE_URL, hmac.new(self._key, known.bytes, hashlib.sha256).hexdigest())

    def _lead_id(self, lead_id: LeadId) -> LeadId:
        """Another id that draws the same arm in every split of the journey."""
        wanted, other = list(_arms(self._journey, lead_id)), LeadId(self._id(lead_id))
        while list(_arms(self._journey, other)) != wanted:
            other = LeadId(self._id(other))
        return other


def _alike(character: str, drawn: int) -> str:
    if character.isdigit():
        # A number that begins with 0 is another shape.
        return string.digits[1 + drawn % 9]
    if character.isupper():
        return string.ascii_uppercase[drawn % 26]
    return string.ascii_lowercase[drawn % 26] if character.isalpha() else character


def _told_of(facts: Facts) -> frozenset[str]:
    """The names under which something of the lead or their company may stand among reasons."""
    return frozenset({*Lead.model_fields, *Account.model_fields, *facts.lead.attributes} - set(CLOSED))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return _DAY.fullmatch(text) is not None


def _arms(journey: Journey, lead_id: LeadId) -> Iterator[str]:
    for step in journey.steps:
        if isinstance(step, Split):
            yield arm_at(step.arms, fraction(lead_id, step.experiment or f"{journey.name}/{step.id}")).name


def _fields(journey: Journey) -> Iterator[str]:
    """The fields and the values of events it asks about."""
    for _, condition in conditions_of(journey):
        for one in everything_in(condition):
            yield from (name for name in (one.field, *(one.data or {})) if name)
    for step in journey.steps:
        told = vars(step).get("field")
        if isinstance(told, str):
            yield told
    if journey.enter.date is not None:
        yield journey.enter.date.field


def _literals(journey: Journey) -> Iterable[str]:
    """The texts that a condition of the journey compares with: what an answer depends on."""
    for _, condition in conditions_of(journey):
        for one in everything_in(condition):
            told: list[Json] = [one.is_, one.contains, *(one.one_of or ()), *(one.data or {}).values()]
            told += one.tag or ()
            yield from (value for value in told if isinstance(value, str) and value)
    for pool in journey.streams.values():
        yield from (item.piece for item in pool if item.piece)
