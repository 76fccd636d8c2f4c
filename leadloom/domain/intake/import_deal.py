"""Which deal does one row of an imported list tell? Its own words and whose it is, or why the row can't be taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

from pydantic import Field

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.intake.cells import Unreadable, When, amount, one_line
from leadloom.domain.intake.columns import ColumnMap
from leadloom.domain.intake.told_row import Dates, Fault, RowReader, ToldRow, Translations
from leadloom.domain.model import Json, Value

Stage = Literal["open", "won", "lost"]

STAGES: Mapping[str, Stage] = {
    "open": "open", "won": "won", "closed won": "won", "closed-won": "won", "closedwon": "won",
    "lost": "lost", "closed lost": "lost", "closed-lost": "lost", "closedlost": "lost",
}  # fmt: skip
"""How CRMs write the three stages a deal can have here, lower case; `--value` translates all others."""

_LONGEST = 255


class DealChoices(Value):
    """What an operator said about a list of deals that its cells don't say."""

    values: Translations = Field(default_factory=dict)
    dates: Dates = Dates()
    stage: Stage | None = None
    """How the deals ended whose row has a close but doesn't say how."""
    currency: str | None = None
    """Of amounts whose row doesn't say."""


class ToldDeal(Value):
    """A deal as its row tells it, before we know whose it is."""

    external_id: str
    name: str
    lead: str | None
    """External id or mail address of its lead; None in a list that names companies only."""
    company: str | None
    owner: str | None
    """Handle of one of our owners."""
    product: str | None
    track: str
    amount: Decimal | None
    currency: str | None
    created: When | None
    """None: the row doesn't say, so the close must stand for it."""
    stage: Stage
    closed: When | None
    lost_because: str | None
    attributes: dict[str, Json]


class DealRows:
    """Reads the rows of one list of deals, in order: a deal told twice in one list is refused the second time."""

    def __init__(self, definition: Definition, columns: ColumnMap, choices: DealChoices) -> None:
        """Raises BadInput when nothing says whose the deals are, and for a currency that is none."""
        self._definition, self._columns, self._choices = definition, columns, choices
        if not columns.has("lead") and not columns.has("company"):
            raise BadInput("lead", None, "No column says whose a deal is. Name it: --map 'lead=COLUMN'.")
        if choices.currency is not None and choices.currency != _iso(choices.currency):
            raise BadInput("currency", choices.currency, "Write its ISO 4217 code, such as USD.")
        self._reader = RowReader(columns, choices.values)
        self._owners = {
            spelling.casefold(): entry.handle for entry in definition.owners for spelling in (entry.handle, entry.name)
        }
        self._seen: set[int] = set()

    def read(self, cells: Sequence[str], *, at: datetime) -> ToldDeal | tuple[Fault, ...]:
        """The deal of a row that has as many cells as the header; or every fault of it."""
        row = self._reader.read(cells)
        lead, external_id = self._whose(row)
        stage, created, closed = self._times(row, at)
        money, currency = self._money(row)
        track = row.must("track", self._track) or self._definition.tracks[0]
        lost_because = row.must("lost_because", self._reason)
        name, company, product = (row.must(field, _name) for field in ("name", "company", "product"))
        owner = row.may("owner", lambda text: self._owners.get(one_line(text).casefold()))
        if row.faults or external_id is None:
            return tuple(row.faults)
        return ToldDeal(
            external_id=external_id,
            name=name or external_id,
            lead=lead,
            company=company,
            owner=owner,
            product=product,
            track=track,
            amount=money,
            currency=currency,
            created=created,
            stage=stage,
            closed=closed,
            lost_because=lost_because if stage == "lost" else None,
            attributes=row.attributes,
        )

    def _whose(self, row: ToldRow) -> tuple[str | None, str | None]:
        """The deal's lead and its own id, which is the lead's where the list has no column for it."""
        lead = row.must("lead", one_line)
        external_id = row.must("deal", _name)
        if external_id is None and not self._columns.has("deal"):
            external_id = lead
        if self._columns.has("lead") and lead is None:
            row.fault("lead", "The row doesn't say whose deal it is. Give its lead's id or address.")
        elif external_id is None:
            row.fault("deal", "The row has no id, so told again it would be another deal. Name one: --map deal=COLUMN.")
        elif (seen := hash(external_id)) in self._seen:
            row.fault("deal", f"{external_id!r} was told by an earlier row. Give each deal one row and an id.")
        else:
            self._seen.add(seen)
        return lead, external_id

    def _times(self, row: ToldRow, at: datetime) -> tuple[Stage, When | None, When | None]:
        """How the deal stands, when it was opened and when it closed; what contradicts itself is a fault."""

        def day(field: str) -> When | None:
            return row.must(field, lambda text: self._choices.dates.past(text, at))

        created, won, lost, stage = day("created_at"), day("won_at"), day("lost_at"), row.must("stage", _stage)
        if row.faults:
            return "open", None, None
        if won and lost:
            row.fault("won_at", "The deal is won and lost. Leave one of the two blank.")
        stage = stage or ("won" if won else "lost" if lost else None)
        # The close of an open deal is what somebody hopes for: read only where the deal is closed.
        closed = None if stage == "open" else won or lost or day("closed_at")
        stage = stage or (self._choices.stage if closed else "open")
        if stage is None:
            row.fault("stage", "The deal is closed, but won or lost? Map a column, or say --stage won.")
        elif stage != "open" and closed is None:
            row.fault("closed_at", f"The deal is {stage}, but since when? Name the day: --map closed_at=COLUMN.")
        elif created is None and closed is None:
            row.fault("created_at", "Nothing says when the deal was opened. Name the day: --map created_at=COLUMN.")
        return stage or "open", created, _in_order(row, created, closed)

    def _money(self, row: ToldRow) -> tuple[Decimal | None, str | None]:
        money = row.must("amount", amount)
        currency = row.must("currency", _currency) or self._choices.currency
        if money is not None and currency is None:
            row.fault("currency", "An amount has a currency. Say which: --currency USD.")
        return money, currency if money is not None else None

    def _track(self, text: str) -> str:
        if text not in self._definition.tracks:
            raise Unreadable(f"{text[:40]!r} is no track. Use one of: {', '.join(self._definition.tracks)}.")
        return text

    def _reason(self, text: str) -> str:
        if text not in self._definition.reject_reasons:
            keys = ", ".join(self._definition.reject_reasons)
            raise Unreadable(f"{text[:40]!r} is no reason. Use one of: {keys}; --value translates.")
        return text


def _in_order(row: ToldRow, created: When | None, closed: When | None) -> When | None:
    if created is None or closed is None or closed.at >= created.at:
        return closed
    if closed.day_only and closed.at.date() == created.at.date():
        # The day of the close is known, its hour isn't: it can't have been before the deal was there.
        return closed.model_copy(update={"at": created.at})
    row.fault("closed_at", f"It closed on {closed.at:%Y-%m-%d}, before it was opened ({created.at:%Y-%m-%d}).")
    return closed


def _stage(text: str) -> Stage:
    known = STAGES.get(one_line(text).casefold())
    if known is None:
        raise Unreadable(f"{text[:40]!r} is not open, won or lost. Translate it: --value 'stage:{text[:40]}=open'.")
    return known


def _name(text: str) -> str:
    bare = one_line(text)
    if len(bare) > _LONGEST:
        raise Unreadable(f"has {len(bare)} characters; the most is {_LONGEST}.")
    return bare


def _currency(text: str) -> str:
    if (code := _iso(text)) is None:
        raise Unreadable(f"{text[:40]!r} is no currency. Write its ISO 4217 code, such as USD.")
    return code


def _iso(text: str) -> str | None:
    bare = text.upper()
    return bare if len(bare) == len("USD") and bare.isascii() and bare.isalpha() else None
