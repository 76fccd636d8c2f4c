"""How do the rows of a list become deals? Each under its lead, as history; what contradicts itself is set apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import uuid4  # noqa: TID251  a company's mention needs some id of a person, and there is none

from leadloom.domain.intake.cells import When
from leadloom.domain.intake.columns import DEAL_FIELDS, map_columns
from leadloom.domain.intake.companies import Mention
from leadloom.domain.intake.import_deal import DealChoices, DealRows, Stage, ToldDeal
from leadloom.domain.intake.told_row import Dates, Fault
from leadloom.domain.lead import LeadDraft
from leadloom.domain.model import AccountId, Json, LeadId
from leadloom.runtime.how_to_read import HowToRead, translations
from leadloom.runtime.imported import Tally
from leadloom.runtime.importing import Taken
from leadloom.runtime.spellings import Spellings, companies_known
from leadloom.runtime.table import Table
from leadloom.store import accounts, deals, imports
from leadloom.store.deals import DealDraft, Saved
from leadloom.store.imports import ToldLead
from leadloom.store.published import Book
from leadloom.store.tx import Tx

OPENED_UNKNOWN = "{n} deals don't say when they were opened: the day of their close stands for it."
NO_AMOUNT = "{n} deals tell no amount (blank or 0): they are in no sum of money."


class DealList(HowToRead):
    """What an operator says about a list of deals."""

    stage: Stage | None = None
    """How the deals ended that have a close and don't say how."""
    currency: str | None = None


class _Known(NamedTuple):
    """What the house knows of a page's people, companies and products."""

    leads: Mapping[str, ToldLead]
    companies: Mapping[str, AccountId]
    products: Mapping[str, str]


class DealWork:
    """Reads and takes the rows of one list of deals."""

    noun: imports.Noun = "deals"

    def __init__(self, table: Table, how: DealList, book: Book) -> None:
        """Raises BadInput for what can't be: two columns for one field, no column that says whose a deal is …"""
        self._book = book
        self.columns = map_columns(table.names, DEAL_FIELDS, how.map)
        choices = DealChoices(
            values=translations(how.value, tuple(DEAL_FIELDS)),
            dates=Dates(order=how.dates, zone=how.zone),
            stage=how.stage,
            currency=how.currency,
        )
        self._rows = DealRows(book.definition, self.columns, choices)
        self._products, self._companies = Spellings(), Spellings()

    def read(self, cells: Sequence[str], tally: Tally, *, import_id: str, at: datetime) -> ToldDeal | tuple[Fault, ...]:
        """The deal of a row, or its faults."""
        told = self._rows.read(cells, at=at)
        if isinstance(told, ToldDeal):
            tally.notes[OPENED_UNKNOWN] += told.created is None
            tally.notes[NO_AMOUNT] += told.amount is None
        return told

    async def take(self, tx: Tx, drafts: Sequence[ToldDeal], tally: Tally, *, at: datetime) -> list[Taken | Fault]:
        """Save a page of deals, each that says something new. One whose lead nobody knows is refused."""
        known = await self._known(tx, drafts, tally, at=at)
        whose = [known.leads.get(told.lead) if told.lead else None for told in drafts]
        told_well = [(told, lead) for told, lead in zip(drafts, whose, strict=True) if lead or not told.lead]
        page = [_draft(told, lead, known) for told, lead in told_well]
        saved = {
            one.deal.external_id: one
            for one in await deals.save_all(tx, page, book=self._book, at=at, history=True)
        }  # fmt: skip
        return [
            _taken(saved[told.external_id], told, lead) if told.external_id in saved else _nobodys(told)
            for told, lead in zip(drafts, whose, strict=True)
        ]

    def example(self, draft: ToldDeal) -> dict[str, Json]:
        """The deal as its row tells it."""
        return draft.model_dump(mode="json", exclude_none=True)

    async def _known(self, tx: Tx, drafts: Sequence[ToldDeal], tally: Tally, *, at: datetime) -> _Known:
        products = [told.product for told in drafts if told.product]
        return _Known(
            leads=await imports.leads_told(tx, list({told.lead for told in drafts if told.lead})),
            companies=await self._homes(tx, [told.company for told in drafts if told.company], tally, at=at),
            products=await self._products.told(products, lambda names: imports.products_alike(tx, names), tally),
        )

    async def _homes(self, tx: Tx, names: Sequence[str], tally: Tally, *, at: datetime) -> Mapping[str, AccountId]:
        """Told company → its account. Where deals have no leads, companies nobody knew are made."""
        spelled = await self._companies.told(names, lambda asked: companies_known(tx, asked), tally)
        alike = await imports.companies_alike(tx, list(set(spelled.values())))
        known = {name: account_id for name, (_, account_id) in alike.items()}
        news = [name for name in dict.fromkeys(spelled.values()) if name not in known]
        if news and not self.columns.has("lead"):
            mentions = [
                Mention(lead_id=LeadId(uuid4()), draft=LeadDraft(company=name), email=None, company=name, is_news=True)
                for name in news
            ]
            made = await accounts.find_or_make_all(tx, mentions, self._book.definition, at=at)
            known |= {name: home for name, home in zip(news, made.homes, strict=True) if home is not None}
        return {told: known[name] for told, name in spelled.items() if name in known}


def _draft(told: ToldDeal, lead: ToldLead | None, known: _Known) -> DealDraft:
    opened = told.created or told.closed
    if opened is None:
        raise AssertionError("a deal that was read has a day")
    attributes = dict(told.attributes)
    account_id = known.companies.get(told.company) if told.company else None
    if told.company and account_id is None:
        attributes["company"] = told.company
    return DealDraft(
        external_id=told.external_id,
        name=told.name,
        lead_id=lead.lead_id if lead else None,
        account_id=account_id,
        owner=told.owner,
        product=known.products[told.product] if told.product else None,
        track=told.track,
        amount=told.amount,
        currency=told.currency,
        created_at=opened.at,
        created_day_only=opened.day_only,
        stage=told.stage,
        closed_at=told.closed.at if told.closed else None,
        closed_day_only=told.closed.day_only if told.closed else False,
        lost_because=told.lost_because,
        attributes=attributes,
    )


def _taken(saved: Saved, told: ToldDeal, lead: ToldLead | None) -> Taken:
    outcome = "new" if saved.before is None else "unchanged" if saved.before == saved.deal else "changed"
    return Taken(outcome=outcome, lead_id=lead.lead_id if lead else None, quarantine=_backwards(told, lead))


def _nobodys(told: ToldDeal) -> Fault:
    who = (told.lead or "")[:80]
    why = f"Nobody is known as {who!r}. Import the leads first, with the column of their id as external_id."
    return Fault(field="lead", why=why)


def _backwards(told: ToldDeal, lead: ToldLead | None) -> Fault | None:
    """Why a deal stays out of the velocity: it closed before its lead was met, which no clock can be right about."""
    if lead is None or told.closed is None or not _is_before(told.closed, lead.created_at):
        return None
    closed, met = f"{told.closed.at:%Y-%m-%d}", f"{lead.created_at:%Y-%m-%d}"
    return Fault(field="closed_at", why=f"It closed on {closed}, before its lead was first met on {met}.")


def _is_before(closed: When, met_at: datetime) -> bool:
    return closed.at.date() < met_at.date() if closed.day_only else closed.at < met_at
