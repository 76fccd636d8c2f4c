"""Whose is a tracked event: a known lead's, a new one's, or a visitor's whom nobody has identified yet?

A mail address in traits says who somebody is; a user id says it once a lead has it. A browser belongs to the one person
who was identified in it. When a second known person is, it is shared: from then on it says nothing about anybody, and
neither is taken for the other (features.md B18).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from leadloom.domain.intake.identity import IdentityKey
from leadloom.domain.intake.tracked import Dropped, Reason, Tracked, storable
from leadloom.domain.model import Json, LeadId

BROWSER, USER = "a:", "u:"
"""What the name of a visitor begins with: made by a browser or device, or a user id no lead has yet."""


class KnownLead(NamedTuple):
    """Who has a key."""

    lead_id: LeadId
    email: str | None


class KnownVisitor(NamedTuple):
    """What is known of a visitor."""

    lead_id: LeadId | None
    known_by: IdentityKey | None
    """A key of that lead."""
    same_as: str | None
    """The user id it was said to be, while no lead has that."""
    is_shared: bool
    told: Mapping[str, Json]
    """Traits it told before anybody knew who it is."""


class Known(NamedTuple):
    """What the rows say about everybody a page of calls names."""

    keys: Mapping[IdentityKey, KnownLead]
    visitors: Mapping[str, KnownVisitor]
    """By name; those that are the same as one of them are here, too."""


@dataclass
class Person:
    """One lead of a page, known or about to be."""

    lead_id: LeadId | None
    known_by: IdentityKey | None = None
    """A key that the lead has."""
    email: str | None = None
    """Told on this page."""
    external_id: str | None = None
    """Told on this page."""
    traits: dict[str, Json] = field(default_factory=dict)
    is_told: bool = False
    """Something was said about them that their row may not have."""
    calls: list[Tracked] = field(default_factory=list)
    """What they did, in the order it was told."""
    visitors: dict[str, None] = field(default_factory=dict)
    """Names whose history becomes theirs."""


@dataclass
class Stranger:
    """A visitor nobody has identified."""

    calls: list[Tracked] = field(default_factory=list)
    traits: dict[str, Json] = field(default_factory=dict)
    same_as: str | None = None


@dataclass
class Sorted:
    """Whose everything of a page is."""

    people: list[Person] = field(default_factory=list)
    strangers: dict[str, Stranger] = field(default_factory=dict)
    shared: dict[str, None] = field(default_factory=dict)
    """Browsers in which a second known person was identified just now."""
    dropped: list[tuple[Tracked, Dropped]] = field(default_factory=list)


def asked_about(calls: Iterable[Tracked]) -> tuple[list[IdentityKey], list[str]]:
    """The keys and the visitors that `sort_out` must know, each once and in order."""
    keys, names = dict[IdentityKey, None](), dict[str, None]()
    for call in calls:
        if call.email:
            keys[IdentityKey("email", call.email)] = None
        for user in (call.user_id, call.previous_id):
            if user:
                keys[IdentityKey("external_id", user)] = None
                names[USER + user] = None
        for browser in (call.anonymous_id, call.previous_id):
            if browser:
                names[BROWSER + browser] = None
    return sorted(keys), sorted(names)


def sort_out(calls: Sequence[Tracked], known: Known, *, public: bool) -> Sorted:
    """Whose each call is, taken in turn: what one of them told is known to the next."""
    page = _Page(known, public=public)
    for call in calls:
        try:
            page.take(call)
        except Dropped as dropped:
            page.out.dropped.append((call, dropped))
    return page.out


class _Page:
    def __init__(self, known: Known, *, public: bool) -> None:
        self._known, self._public = known, public
        self.out = Sorted()
        self._people: dict[IdentityKey | LeadId, Person] = {}
        self._homes: dict[str, Person] = {}
        """Visitors identified on this page."""

    def take(self, call: Tracked) -> None:
        person = self._identified(call)
        if call.type == "alias":
            self._alias(call, person)
            return
        if person is None:
            self._stay(call)
            return
        if call.traits and (call.type in ("identify", "group") or call.email):
            person.traits.update(_told_traits(call))
            person.is_told = True
        person.calls.append(call)

    def _identified(self, call: Tracked) -> Person | None:
        """Who is meant, or None for somebody nobody knows."""
        user = self._by(IdentityKey("external_id", call.user_id)) if call.user_id else None
        if call.email:
            return self._by_mail(call, call.email, user)
        if user is not None:
            self._at_home(call.anonymous_id, user)
            return user
        return None if call.user_id or not call.anonymous_id else self._of_browser(BROWSER + call.anonymous_id)

    def _by_mail(self, call: Tracked, email: str, user: Person | None) -> Person:
        """A page's own word may not give one person another's address: there, the address says who it is."""
        key = IdentityKey("email", email)
        keeps_id = not (self._public and user is not None and _has_another_address(user, key))
        person = (user if keeps_id else None) or self._by(key)
        if person is None:
            person = Person(None)
            self.out.people.append(person)
        person.email = email
        if self._by(key) is None:
            self._people[key] = person
        if keeps_id and call.user_id:
            person.external_id = person.external_id or call.user_id
            self._people.setdefault(IdentityKey("external_id", call.user_id), person)
            self._join(USER + call.user_id, person)
        person.is_told = True
        self._at_home(call.anonymous_id, person)
        return person

    def _by(self, key: IdentityKey) -> Person | None:
        if key not in self._people and (lead := self._known.keys.get(key)) is not None:
            address = IdentityKey("email", lead.email) if lead.email else None
            self._people[key] = self._lead(lead.lead_id, address or key)
        return self._people.get(key)

    def _lead(self, lead_id: LeadId, known_by: IdentityKey | None) -> Person:
        if lead_id not in self._people:
            person = Person(lead_id, known_by)
            self.out.people.append(person)
            self._people[lead_id] = person
        return self._people[lead_id]

    def _of_browser(self, name: str) -> Person | None:
        """The one person who was identified in this browser."""
        if name in self.out.shared:
            return None
        if name in self._homes:
            return self._homes[name]
        visitor = self._known.visitors.get(name)
        if visitor is None or visitor.is_shared or visitor.lead_id is None:
            return None
        return self._lead(visitor.lead_id, visitor.known_by)

    def _at_home(self, anonymous_id: str | None, person: Person) -> None:
        if anonymous_id:
            self._join(BROWSER + anonymous_id, person)

    def _join(self, name: str, person: Person) -> None:
        """Its history becomes theirs, unless it is somebody else's: then it is nobody's from now on."""
        visitor = self._known.visitors.get(name)
        if name in self.out.shared or (visitor is not None and visitor.is_shared):
            return
        before = self._of_browser(name)
        if before is not None and before is not person:
            self.out.shared[name] = None
            return
        self._homes[name] = person
        person.visitors[name] = None
        # What was said and done before, in this page and in rows, under this name and those that were told to be it.
        for other, stranger in list(self.out.strangers.items()):
            if other == name or stranger.same_as == name:
                del self.out.strangers[other]
                self._homes[other] = person
                person.visitors[other] = None
                person.calls += stranger.calls
                person.traits = {**stranger.traits, **person.traits}
        for other, row in self._known.visitors.items():
            if other == name or (row.same_as == name and not row.is_shared and row.lead_id is None):
                self._homes[other] = person
                person.visitors[other] = None
                if row.told and row.lead_id is None:
                    person.traits = {**row.told, **person.traits}
                    person.is_told = True

    def _alias(self, call: Tracked, person: Person | None) -> None:
        """One who was known by another name: a browser's, or a user id from before."""
        if not call.user_id or not call.previous_id:
            raise Dropped(Reason.UNREADABLE, "An alias call needs `userId` and `previousId`.")
        before = self._by(IdentityKey("external_id", call.previous_id))
        if person is None and before is not None:
            # The old name is a lead's, the new one nobody's yet: the lead gets it.
            if before.known_by is not None and before.known_by.kind == "external_id":
                raise Dropped(Reason.NOBODY, "The lead of `previousId` has no mail address yet: identify it first.")
            before.external_id, before.is_told = call.user_id, True
            self._people[IdentityKey("external_id", call.user_id)] = before
            self._join(USER + call.user_id, before)
            return
        if person is not None and before is not None and before is not person:
            raise Dropped(Reason.TWO_PEOPLE, "Both names are leads of their own: look at them, and merge them by hand.")
        for name in (BROWSER + call.previous_id, USER + call.previous_id):
            if person is not None:
                self._join(name, person)
            elif not self._is_somebodys(name):
                self._stranger(name).same_as = USER + call.user_id

    def _is_somebodys(self, name: str) -> bool:
        visitor = self._known.visitors.get(name)
        return name in self._homes or (visitor is not None and (visitor.is_shared or visitor.lead_id is not None))

    def _stay(self, call: Tracked) -> None:
        """Kept until somebody is identified for it."""
        browser = BROWSER + call.anonymous_id if call.anonymous_id else None
        if call.user_id:
            name = USER + call.user_id
            if browser and not self._is_somebodys(browser):
                self._stranger(browser).same_as = name
        elif browser:
            name = browser
        else:
            raise Dropped(Reason.NOBODY, "It names nobody: neither `userId` nor `anonymousId`, and no mail address.")
        stranger = self._stranger(name)
        if call.type in ("identify", "group"):
            stranger.traits.update({str(storable(name)): storable(told) for name, told in _told_traits(call).items()})
        stranger.calls.append(call)

    def _stranger(self, name: str) -> Stranger:
        return self.out.strangers.setdefault(name, Stranger())


def _has_another_address(person: Person, key: IdentityKey) -> bool:
    told = IdentityKey("email", person.email) if person.email else person.known_by
    return told is not None and told.kind == "email" and told != key


def _told_traits(call: Tracked) -> dict[str, Json]:
    """What the traits say of the person; a group's are their company's."""
    if call.type != "group":
        return dict(call.traits)
    name, industry = call.traits.get("name"), call.traits.get("industry")
    company: dict[str, Json] = {"company": name} if isinstance(name, str) else {}
    return {**company, "industry": industry} if isinstance(industry, str) else company
