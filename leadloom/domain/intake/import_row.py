"""Who is the person in one row of an imported list? A draft for the one write path, or why the row can't be taken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from pydantic import Field

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.intake import listed_event, told
from leadloom.domain.intake.cells import Unreadable, When, one_line, yes_or_no
from leadloom.domain.intake.columns import ColumnMap
from leadloom.domain.intake.countries import country_code
from leadloom.domain.intake.identity import normal_email
from leadloom.domain.intake.listed_event import ListedEvent
from leadloom.domain.intake.roles import role_of
from leadloom.domain.intake.told_row import Dates, Fault, RowReader, ToldRow, Translations, remembered, short
from leadloom.domain.lead import BasisDraft, EventDraft, LeadDraft
from leadloom.domain.mails.windows import is_zone
from leadloom.domain.model import Json, Value
from leadloom.domain.stages.stage_moves import IMPORTED

_KEPT_BY_ONE_NAME = ("street", "city", "state", "postal_code")
"""Fields that are known by many headers and have no place of their own."""
_FEWEST_DIGITS = 5
"""Fewer is no telephone number."""
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
"""A number as Excel writes a long one into a CSV: its last digits are gone."""
_FIRST_NAME, _LAST_NAME, _COMPANY, _TITLE = map(short, ("first_name", "last_name", "company", "title"))


class LeadChoices(Value):
    """What an operator said about a list that its cells don't say."""

    values: Translations = Field(default_factory=dict)
    dates: Dates = Dates()
    stage: str | None = None
    """Where the leads stood whose row doesn't say."""
    source: str | None = None
    """A key of the definition's sources, for rows that don't say."""
    basis: BasisDraft | None = None
    """What everybody in the list allowed, but those who said no."""
    event: ListedEvent | None = None
    """What each row is, beside a person."""


class LeadRows:
    """Reads the rows of one list. Holds no row back: what it remembers are spellings it has understood."""

    def __init__(self, definition: Definition, columns: ColumnMap, choices: LeadChoices) -> None:
        """Raises BadInput for a stage, source or event the definition lacks, and for a stage with a promise."""
        self._definition, self._choices = definition, choices
        self._reader = RowReader(columns, choices.values)
        self._country = remembered(country_code)
        self._role = remembered(lambda text: role_of(definition, text))
        self._source = remembered(lambda text: source_key(definition, text))
        self._when = remembered(choices.dates.read)
        if choices.stage is not None:
            _stage(definition, choices.stage)
        if choices.event is not None:
            listed_event.check(definition, choices.event)
        if choices.source is not None and choices.source not in definition.sources:
            raise BadInput("list-source", choices.source, f"Use one of: {', '.join(definition.sources)}.")

    def read(self, cells: Sequence[str], *, import_id: str, at: datetime) -> LeadDraft | tuple[Fault, ...]:
        """The draft of a row that has as many cells as the header, as `cells.said` reads them; or every fault of it.

        What can't be read but isn't needed (country, phone, role …) is kept as an attribute under its header.
        """
        row = self._reader.read(cells)
        email = row.must("email", normal_email)
        external_id = row.must("external_id", _id)
        if not email and not external_id and not row.faults:
            row.fault("email", "The row says neither an address nor an id: whose is it?")
        created = row.must("created_at", lambda text: self._choices.dates.past(text, at, read=self._when))
        stage = row.must("stage", lambda text: _stage(self._definition, text)) or self._choices.stage
        opted_out = row.must("opt_out", yes_or_no) or False
        not_to_call = row.must("do_not_call", yes_or_no)
        happened = self._happened(row, import_id, at)
        if row.faults:
            return tuple(row.faults)
        _phone_from_mobile(row)
        return LeadDraft.built(
            **self._person(row),
            email=email,
            external_id=external_id,
            created_at=created.at if created else None,
            opted_out=opted_out,
            events=(_imported(import_id, stage, created, at), *((happened,) if happened else ())),
            bases=(self._choices.basis,) if self._choices.basis and email and not opted_out else (),
            attributes=_attributes(row, not_to_call),  # last: what a field can't be is kept there
        )

    def _happened(self, row: ToldRow, import_id: str, at: datetime) -> EventDraft | None:
        listed, dates = self._choices.event, self._choices.dates
        return listed_event.happened(row, listed, dates, import_id=import_id, at=at) if listed else None

    def _person(self, row: ToldRow) -> dict[str, str | int | None]:
        """The fields that say what kind of person it is, none of them needed."""
        first, last = _names(row)
        role, title = self._work(row)
        return {
            "first_name": first,
            "last_name": last,
            "source": row.may("source", self._source) or self._choices.source,
            "company": row.may("company", _COMPANY),
            "country": row.may("country", self._country),
            "role": role,
            "title": title,
            "phone": row.may("phone", _phone),
            "time_zone": row.may("time_zone", lambda text: text if is_zone(text) else None),
            "language": row.may("language", _language),
            "industry": row.may("industry", self._industry),
            "sites": row.may("sites", _sites),
        }

    def _work(self, row: ToldRow) -> tuple[str | None, str | None]:
        """The role the definition knows, and the words the person goes by unless they are that very role."""
        title = row.may("title", _TITLE)
        role = row.may("role", self._role)
        role = role or (self._role(title) if title else None)
        return role, None if title and title.casefold() == role else title

    def _industry(self, text: str) -> str | None:
        return next((known for known in self._definition.fit.industry.is_ if known == text.casefold()), None)


def source_key(definition: Definition, text: str) -> str | None:
    """The one spelling of a source: a key or label of the definition in any case, else the text in lower case.

    None when it is too long for the name of a source.
    """
    folded = one_line(text).casefold()
    known = {key.casefold(): key for key in definition.sources}
    known |= {source.label.casefold(): key for key, source in definition.sources.items()}
    key = known.get(folded) or known.get(folded.replace(" ", "-")) or folded.replace(" ", "-")
    return key if len(key) <= told.LONGEST["source"] else None


def _stage(definition: Definition, text: str) -> str:
    stages = {stage.name: stage.kind for stage in definition.stages}
    if text not in stages:
        text = definition.meant(text) or text
    if text not in stages:
        raise BadInput("stage", text, f"Use one of: {', '.join(stages)}; --value stage:THEIRS=OURS translates.")
    if stages[text] == "sla":
        raise BadInput("stage", text, "That stage has a promise whose clock began elsewhere. Name another.")
    return text


def _imported(import_id: str, stage: str | None, created: When | None, at: datetime) -> EventDraft:
    data: dict[str, Json] = {"import": import_id}
    if stage is not None:
        data["stage"] = stage
    if created is not None and created.day_only:
        data["precision"] = "day"
    return EventDraft.built(kind=IMPORTED, at=created.at if created else at, actor="system", data=data)


def _id(text: str) -> str:
    bare = one_line(text)
    if len(bare) > told.LONGEST["external_id"]:
        raise Unreadable(f"has {len(bare)} characters; an id has at most {told.LONGEST['external_id']}.")
    return bare


def _attributes(row: ToldRow, not_to_call: bool | None) -> dict[str, Json]:
    kept: dict[str, Json] = {field: one_line(row.texts[field]) for field in _KEPT_BY_ONE_NAME if field in row.texts}
    if "mobile" in row.texts:
        kept["mobile"] = one_line(row.texts["mobile"])
    if not_to_call is not None:
        kept["do_not_call"] = not_to_call
    return {**row.attributes, **kept}


def _phone_from_mobile(row: ToldRow) -> None:
    if "phone" not in row.texts and "mobile" in row.texts:
        row.texts["phone"] = row.texts.pop("mobile")


def _names(row: ToldRow) -> tuple[str | None, str | None]:
    """First and last name; a full name is parted at its first space, or turned at its comma."""
    first, last = row.may("first_name", _FIRST_NAME), row.may("last_name", _LAST_NAME)
    if first or last:
        return first, last
    return row.may("full_name", _parted) or (None, None)


def _parted(text: str) -> tuple[str | None, str | None] | None:
    bare = one_line(text)
    if "," in bare:
        family, _, given = (part.strip() for part in bare.partition(","))
    else:
        given, _, family = bare.partition(" ")
    longest = min(told.LONGEST["first_name"], told.LONGEST["last_name"])
    return (given or None, family or None) if max(len(given), len(family)) <= longest else None


def _phone(text: str) -> str | None:
    bare = one_line(text)
    digits = sum(map(str.isdigit, bare))
    is_number = digits >= _FEWEST_DIGITS and not _ROUNDED.fullmatch(bare)
    return bare if is_number and len(bare) <= told.LONGEST["phone"] else None


def _language(text: str) -> str | None:
    bare = text.replace("_", "-").partition("-")[0].lower()
    return bare if bare.isascii() and bare.isalpha() and len(bare) in (2, 3) else None


def _sites(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= len("100000") else None
