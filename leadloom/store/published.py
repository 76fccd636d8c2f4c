"""Which words are in force? Definition, journeys and templates, immutable by content hash (law 9)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import Field

from leadloom.domain.consent.wording import ConsentText
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.regions import localised
from leadloom.domain.errors import NotFound
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.mails.template import TemplateBody
from leadloom.domain.model import Value
from leadloom.domain.stages.fit import country_of
from leadloom.domain.standing import CodeEntry, PublishedJourney, Standing
from leadloom.domain.wake import hand_off_looks
from leadloom.store import audit, owners, permissions
from leadloom.store.tx import Record, Tx

T = TypeVar("T", bound=Value)


class Judging(Value):
    """A definition as the leads of some country are judged by, and the number of the version it is."""

    definition: Definition
    version: int


class Book(Value):
    """What new decisions go by: the definition in force and the journeys new runs take."""

    definition: Definition
    definition_version: int
    """Number of the published version; every score entry and stage change names it."""
    journeys: tuple[PublishedJourney, ...]
    """In order of their name."""
    code: tuple[CodeEntry, ...]
    """Doors of the journeys as code, in order of their name."""
    local: dict[str, Judging] = Field(default_factory=dict[str, "Judging"])
    """Country → by what its leads are judged, where that isn't the definition in force everywhere."""
    pinned: dict[str, tuple[int, str]] = Field(default_factory=dict[str, tuple[int, str]])
    """Region → version and hash of the one it goes by, for regions that don't go by the newest yet."""

    def judging(self, country: str | None) -> Judging:
        """By what a lead of that country is judged."""
        here = self.local.get(country or "") if self.local else None
        return here or Judging.built(definition=self.definition, version=self.definition_version)

    def judges(self, standing: Standing) -> Definition:
        """By what that lead is judged."""
        return self.judging(country_of(standing.lead, standing.account)).definition

    def judging_by_country(self) -> dict[str, Definition]:
        """Country → by what its leads are judged, where that isn't the definition in force everywhere."""
        return {country: one.definition for country, one in self.local.items()}

    def in_country(self, country: str | None) -> Book:
        """The same book, its definition the one leads of that country are judged by; itself where none differs."""
        here = self.local.get(country or "")
        return self.but(definition=here.definition, definition_version=here.version) if here else self

    def version_in(self, region: str) -> tuple[int, str]:
        """Version and hash a region goes by; the hash of the newest is empty."""
        return self.pinned.get(region, (self.definition_version, ""))


class _Kept(Generic[T]):
    """Bodies already read by this process. A hash names one body for ever, so nothing here can grow stale."""

    _MOST = 512

    def __init__(self, kind: str, read: Callable[[object], T]) -> None:
        self.kind, self._read = kind, read
        self._by_hash: dict[str, T] = {}

    async def get(self, tx: Tx, content_hash: str) -> T:
        """The body of that hash. Raises NotFound."""
        kept = self._by_hash.get(content_hash)
        if kept is None:
            row = await tx.maybe("published_body", kind=self.kind, hash=content_hash)
            if row is None:
                raise NotFound(f"published {self.kind}", content_hash)
            if len(self._by_hash) >= self._MOST:
                self._by_hash.clear()
            kept = self._by_hash[content_hash] = self._read(row["body"])
        return kept


_definitions = _Kept("definition", Definition.model_validate)
_journeys = _Kept("journey", Journey.model_validate)
_doors = _Kept("code-journey", CodeEntry.model_validate)
_templates = _Kept("template", TemplateBody.model_validate)


_last_book: tuple[tuple[Record, ...], Book] | None = None
"""The rows the last book was bound of. They name every version in it, so the same rows are the same book."""


async def book(tx: Tx) -> Book:
    """What is in force now. Raises NotFound while no definition was ever published."""
    global _last_book
    in_force, known = tuple(await tx.all("in_force")), _last_book
    if known is None or known[0] != in_force:
        _last_book = known = in_force, await _bound(tx, in_force)
    return known[1]


async def _bound(tx: Tx, in_force: Sequence[Record]) -> Book:
    definition = next((row for row in in_force if row["kind"] == _definitions.kind), None)
    if definition is None:
        raise NotFound("published definition", "yet: publish definition.yaml first")
    live = await _definitions.get(tx, definition["hash"])
    pinned = {row["name"]: (row["version"], row["hash"]) for row in in_force if row["kind"] == "region"}
    return Book(
        definition=live,
        definition_version=definition["version"],
        pinned=pinned,
        local=await _local(tx, live, definition["version"], pinned),
        journeys=tuple(
            [
                PublishedJourney(hash=row["hash"], journey=await _journeys.get(tx, row["hash"]))
                for row in in_force
                if row["kind"] == _journeys.kind
            ]
        ),
        code=tuple([await _doors.get(tx, row["hash"]) for row in in_force if row["kind"] == _doors.kind]),
    )


async def definition_in_force(tx: Tx) -> Definition | None:
    """The definition alone, by one small question; None while none was ever published."""
    content_hash = await tx.value("definition_in_force")
    return None if content_hash is None else await _definitions.get(tx, content_hash)


async def definition(tx: Tx, content_hash: str) -> Definition:
    """The very version of the definition a hash names. Raises NotFound."""
    return await _definitions.get(tx, content_hash)


async def under(
    tx: Tx, book: Book, definition: Definition, version: int, *, pinned: dict[str, tuple[int, str]]
) -> Book:
    """The book as it would be under another version of the definition, with these regions on versions of their own."""
    local = await _local(tx, definition, version, pinned)
    return book.but(definition=definition, definition_version=version, local=local, pinned=pinned)


async def _local(tx: Tx, live: Definition, version: int, pinned: dict[str, tuple[int, str]]) -> dict[str, Judging]:
    """Regions with numbers of their own, or with a version of their own; most have neither and cost nothing."""
    found: dict[str, Judging] = {}
    for key, region in live.regions.items():
        if key not in pinned and not region.judges_otherwise():
            continue
        whose, no = live, version
        if key in pinned:
            no, content_hash = pinned[key]
            whose = await _definitions.get(tx, content_hash)
        here = Judging(definition=localised(whose, key), version=no)
        found |= dict.fromkeys(region.countries, here)
    return found


async def hash_in_force(tx: Tx, book: Book) -> str:
    """By what hash the definition in force is stored."""
    return (await tx.one("in_force_of", kind=_definitions.kind, name=book.definition.name))["hash"]


async def definition_of(tx: Tx, name: str, version: int) -> Definition:
    """The definition as one of its versions said it. Raises NotFound."""
    content_hash = await tx.value("published_version", kind=_definitions.kind, name=name, version=version)
    if content_hash is None:
        raise NotFound("version of the definition", version)
    return await _definitions.get(tx, content_hash)


async def journeys_in_force(tx: Tx) -> dict[str, Journey]:
    """Journeys as data by name, also while no definition is in force yet."""
    rows = [row for row in await tx.all("in_force") if row["kind"] == _journeys.kind]
    return {row["name"]: await _journeys.get(tx, row["hash"]) for row in rows}


async def journey(tx: Tx, content_hash: str) -> Journey:
    """The very version a run began with. Raises NotFound."""
    return await _journeys.get(tx, content_hash)


async def template(tx: Tx, content_hash: str) -> TemplateBody:
    """The very body a message row names. Raises NotFound."""
    return await _templates.get(tx, content_hash)


async def template_hash(tx: Tx, journey_name: str, mail: str) -> str:
    """The template in force for a mail of a journey (`hand-off` for owner notices). Raises NotFound."""
    row = await tx.maybe("in_force_of", kind=_templates.kind, name=f"{journey_name}/{mail}")
    if row is None:
        raise NotFound("published template", f"{journey_name}/{mail}")
    return row["hash"]


async def languages(tx: Tx) -> tuple[str, ...]:
    """What the letters in force to leads are written in, by ISO 639-1, sorted."""
    return tuple(row["language"] for row in await tx.all("languages_in_force"))


async def publish_definition(
    tx: Tx, definition: Definition, *, at: datetime, by: str, approved_by: str | None = None
) -> str:
    """Put a checked definition in force and let the owners follow it; its hash. The one in force again is nothing."""
    content_hash, is_new = await _publish(
        tx, _definitions.kind, definition.name, definition, at=at, by=by, approved_by=approved_by
    )
    if is_new:
        await owners.follow(tx, definition, at=at)
        await permissions.keep_rules(tx, definition)
        for row in await tx.all("open_hand_off_ids"):
            tx.look_again(hand_off_looks(row["hand_off_id"]))  # their calendar may be another one now
    return content_hash


async def publish_journey(tx: Tx, draft: Journey, *, at: datetime, by: str) -> str:
    """Put a checked journey in force for new runs; its hash. Runs under way keep theirs."""
    return (await _publish(tx, _journeys.kind, draft.name, draft, at=at, by=by))[0]


async def publish_code_journey(tx: Tx, entry: CodeEntry, *, at: datetime, by: str) -> str:
    """Put the door of a journey as code in force; its hash. The way is its worker build."""
    return (await _publish(tx, _doors.kind, entry.name, entry, at=at, by=by))[0]


async def publish_template(tx: Tx, journey_name: str, mail: str, body: TemplateBody, *, at: datetime, by: str) -> str:
    """Put a checked template in force for mails planned from now on; its hash."""
    return (await _publish(tx, _templates.kind, f"{journey_name}/{mail}", body, at=at, by=by))[0]


async def publish_consent_text(tx: Tx, name: str, text: ConsentText, *, at: datetime, by: str) -> str:
    """Keep a sentence that stands beside a box, so that what somebody saw can be shown years later; its hash."""
    return (await _publish(tx, "consent-text", name, text, at=at, by=by))[0]


async def _publish(
    tx: Tx, kind: str, name: str, content: Value, *, at: datetime, by: str, approved_by: str | None = None
) -> tuple[str, bool]:
    """Hash, and whether it is a new version. An older version published again is a new version with its old hash."""
    body = content.model_dump(mode="json", by_alias=True)
    content_hash = hash_of(body)
    await tx.value("lock_publishing", kind=kind, name=name)
    before = await tx.maybe("in_force_of", kind=kind, name=name)
    if before is not None and before["hash"] == content_hash:
        return content_hash, False
    said = {"hash": content_hash, "body": body, "in_order": body}
    version = await tx.value("publish", kind=kind, name=name, **said, at=at, by=by, approved_by=approved_by)
    await audit.note(
        tx,
        audit.Note(
            at=at,
            actor=by,
            action="published",
            subject=f"{kind} {name}",
            before=None if before is None else {"version": before["version"], "hash": before["hash"]},
            after={"version": version, "hash": content_hash},
        ),
    )
    return content_hash, True


def hash_of(body: object) -> str:
    """The name of a content: sha256 of its JSON as the model writes it.

    How a file is laid out doesn't matter. The order of names that are the author's own does: pages and mails show it.
    """
    return hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()
