"""What is a lead's score, now or at any time, and why? From the ledger, under the definition that was in force then."""

from __future__ import annotations

from datetime import datetime

from leadloom.domain.definitions.regions import localised, region_of
from leadloom.domain.errors import BadInput
from leadloom.domain.model import LeadId, Value
from leadloom.domain.stages.company import CompanyScore
from leadloom.domain.stages.explanation import Explanation, explained
from leadloom.domain.stages.scoring import country_of
from leadloom.store import company_scores, lead_story, leads, rescoring
from leadloom.store.published import Book
from leadloom.store.tx import Tx


class LeadScore(Value):
    """A lead's score in words, as of an instant."""

    lead_id: LeadId
    person: str
    explanation: Explanation
    company: CompanyScore | None = None
    """Of the company as a whole; None for who is at none."""


async def of_lead(tx: Tx, lead_id: LeadId, *, book: Book, at: datetime, as_of: datetime | None = None) -> LeadScore:
    """The score at `at`, or as it was known at `as_of`. Fit is by what we know of the lead today, whenever it is asked
    for: who they are has no history. Raises NotFound, and BadInput for an instant that hasn't come.
    """
    if as_of is not None and as_of > at:
        raise BadInput("at", as_of.isoformat(), "A score can be told up to now: write an instant that has been.")
    lead = await leads.get(tx, lead_id)
    standing = await lead_story.read(tx, lead, book=book, at=as_of or at)
    country = country_of(lead, standing.account)
    judging = book.judging(country)
    definition, version = judging.definition, judging.version
    if as_of is not None:
        definition, version = await rescoring.definition_at(tx, as_of)
        definition = localised(definition, region_of(definition, country))
    told = explained(
        definition,
        version,
        lead,
        account=standing.account,
        entries=standing.entries,
        responses=standing.recent,
        at=as_of or at,
    )
    person = " ".join(part for part in (lead.first_name, lead.last_name) if part) or lead.email or "no name yet"
    company = None
    if lead.account_id is not None:
        rules = book.model_copy(update={"definition": definition})
        company = await company_scores.of_account(tx, lead.account_id, book=rules, at=as_of or at)
    return LeadScore(lead_id=lead_id, person=person, explanation=told, company=company)
