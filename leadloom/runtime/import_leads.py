"""How do the rows of a list become leads? Each page through the one write path, as history unless it is live."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.intake.columns import LEAD_FIELDS, ColumnMap, look_unique, map_columns
from leadloom.domain.intake.identity import identity_keys
from leadloom.domain.intake.import_row import LeadChoices, LeadRows
from leadloom.domain.intake.listed_event import ListedEvent
from leadloom.domain.intake.told_row import Dates, Fault, remembered
from leadloom.domain.lead import BasisDraft, BasisKind, LeadDraft
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.sending import needed_basis
from leadloom.domain.model import Json
from leadloom.runtime.how_to_read import HowToRead, translations
from leadloom.runtime.imported import Tally
from leadloom.runtime.importing import Taken
from leadloom.runtime.spellings import Spellings, companies_known
from leadloom.runtime.table import Head
from leadloom.store import imports, leads
from leadloom.store.published import Book
from leadloom.store.tx import Tx

_NO_STAGE = (
    "{{n}} rows don't say how far they came: the new leads of them stand at {stage}. "
    "Say it with --stage NAME or --map stage=COLUMN."
)


class LeadList(HowToRead):
    """What an operator says about a list of leads."""

    basis: str | None = None
    """Why everybody in it may be written to; `implied` or `implied:purchase` runs out as the definition says."""
    collected_on: str | None = None
    source: str | None = None
    """Where that permission was given, in words."""
    list_source: str | None = None
    stage: str | None = None
    keep_existing: bool = False
    start_journeys: bool = False
    event: ListedEvent | None = None
    """What each row is, beside a person: taken as news, so journeys hear of it."""

    @property
    def is_news(self) -> bool:
        """Whether what the rows say happens now, and not in another system's past."""
        return self.start_journeys or self.event is not None


class LeadWork:
    """Reads and takes the rows of one list of leads."""

    noun: imports.Noun = "leads"

    def __init__(self, table: Head, how: LeadList, book: Book, *, at: datetime, rehearsal: bool = False) -> None:
        """Raises BadInput for what can't be: two columns for one field, no column that says who a lead is …"""
        self._book, self._how = book, how
        self.columns = _columns(table, how)
        choices = LeadChoices(
            values=translations(how.value, tuple(LEAD_FIELDS)),
            dates=Dates(order=how.dates, zone=how.zone),
            stage=how.stage,
            source=how.list_source,
            basis=_basis(how, book.definition, at),
            event=how.event,
        )
        self._rows = LeadRows(book.definition, self.columns, choices)
        self._companies = Spellings()
        self._needed = remembered(lambda country: needed_basis(book.definition, MailClass.MARKETING, country) or ())
        self._met: set[int] | None = set() if rehearsal else None
        """Who was in earlier pages, which a rehearsal has rolled back: 64 bits each."""

    def read(
        self, cells: Sequence[str], tally: Tally, *, import_id: str, at: datetime
    ) -> LeadDraft | tuple[Fault, ...]:
        """The lead of a row, or its faults."""
        told = self._rows.read(cells, import_id=import_id, at=at)
        if isinstance(told, LeadDraft):
            definition = self._book.definition
            if "stage" not in told.events[0].data:
                tally.notes[_NO_STAGE.format(stage=definition.first_stage)] += 1
            if told.source is not None and told.source not in definition.sources:
                tally.sources[told.source] += 1
            if told.email is not None and told.bases:
                needed = self._needed(told.country or "")
                tally.mailable += any(basis.kind in needed for basis in told.bases)
        return told

    async def take(self, tx: Tx, drafts: Sequence[LeadDraft], tally: Tally, *, at: datetime) -> list[Taken | Fault]:
        """Capture a page of leads. Companies that are known by another spelling are read as the known ones."""
        names = [draft.company for draft in drafts if draft.company]
        called = await self._companies.told(names, lambda asked: companies_known(tx, asked), tally)
        page = [
            draft.model_copy(update={"company": called[draft.company]})
            if draft.company and called[draft.company] != draft.company
            else draft
            for draft in drafts
        ]
        captured = await leads.capture_all(
            tx, page, book=self._book, at=at, actor="system",
            keep_existing=self._how.keep_existing, history=not self._how.is_news,
        )  # fmt: skip
        tally.changed_fields.update(field for who in captured for field in who.fields)
        return [
            Taken(
                outcome="new" if who.is_new and not self._knew(draft) else "changed" if who.changed else "unchanged",
                lead_id=who.lead_id,
                opted_out=draft.opted_out,
            )
            for draft, who in zip(page, captured, strict=True)
        ]

    def example(self, draft: LeadDraft) -> dict[str, Json]:
        """The lead as it would be kept, without what is the same for all."""
        told = draft.model_dump(mode="json", exclude={"events", "bases"}, exclude_defaults=True)
        stage = draft.events[0].data.get("stage")
        return {**told, "stage": stage} if stage else told

    def _knew(self, draft: LeadDraft) -> bool:
        """Whether a rehearsal met the person before; never, where pages are kept."""
        if self._met is None:
            return False
        keys = {hash(key) for key in identity_keys(draft)}
        known = not keys.isdisjoint(self._met)
        self._met |= keys
        return known


def _columns(table: Head, how: LeadList) -> ColumnMap:
    fields, asked = dict(LEAD_FIELDS), how.map
    if how.event is not None:
        fields, asked = {**fields, **how.event.fields()}, [*asked, *how.event.asked()]
    columns = map_columns(table.names, fields, asked)
    if columns.has("email") or columns.has("external_id"):
        return columns
    unique = look_unique(table.names, table.sample)
    remedy = "Map one: --map 'external_id=COLUMN', or make an address: --map 'email={COLUMN}@leads.example'."
    if unique:
        one = unique[0]
        remedy = (
            f"{one!r} has another value in each of the first {len(table.sample)} rows: --map 'external_id={one}', "
            f"or make an address of it: --map 'email={{{one}}}@leads.example'."
        )
    raise BadInput("columns", ", ".join(table.names), f"None of them says who a lead is. {remedy}")


def _basis(how: LeadList, definition: Definition, at: datetime) -> BasisDraft | None:
    told = {"basis": how.basis, "collected-on": how.collected_on, "source": how.source}
    missing = [name for name, value in told.items() if not value]
    if len(missing) == len(told):
        return None
    if how.basis is None or how.collected_on is None or how.source is None or missing:
        raise BadInput(missing[0], None, "A permission has a kind, a day and a source: give all three, or none.")
    kind, _, which = how.basis.partition(":")
    usable = [one.value for one in BasisKind if one not in (BasisKind.NONE, BasisKind.SERVICE)]
    if kind not in usable:
        raise BadInput("basis", how.basis, f"Use one of: {', '.join(usable)}.")
    collected = _collected(how.collected_on, at)
    until = collected + _implied(definition, which or "enquiry") if kind == BasisKind.IMPLIED else None
    if until is not None and until <= at:
        raise BadInput("collected-on", how.collected_on, f"That implied permission ran out on {until:%Y-%m-%d}.")
    return BasisDraft(kind=BasisKind(kind), source=how.source, at=collected, until=until)


def _collected(text: str, at: datetime) -> datetime:
    try:
        collected = datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)
    except ValueError:
        raise BadInput("collected-on", text, "Write the day as 2026-03-02.") from None
    if collected > at:
        raise BadInput("collected-on", text, f"That day is still to come; it is {at:%Y-%m-%d}.")
    return collected


def _implied(definition: Definition, which: str) -> timedelta:
    ends = {name: rule.for_ for name, rule in definition.consent.from_events.items() if rule.kind is BasisKind.IMPLIED}
    spans = {name: span for name, span in ends.items() if span is not None}
    if which not in spans:
        raise BadInput("basis", f"implied:{which}", f"Use one of: {', '.join(f'implied:{one}' for one in spans)}.")
    return spans[which]
