"""Whom to rehearse with when nobody is known yet? Invented leads, alike enough to a real list to plan by."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.lead import Account, Basis, BasisKind, Lead
from leadloom.domain.mails.mail_class import MARKETING
from leadloom.domain.mails.sending import needed_basis
from leadloom.domain.model import AccountId, LeadId
from leadloom.domain.rehearsal.cast import LeadAtStart
from leadloom.domain.rehearsal.engagement import draw
from leadloom.domain.stages.scoring import country_of
from leadloom.domain.standing import Standing

_PER_COMPANY = 3
"""World.md: 240 people at 90 companies."""


def strangers(definition: Definition, count: int, *, at: datetime, seed: int = 0) -> Iterator[LeadAtStart]:
    """So many leads nobody knows, three at a company: countries, roles and industries of the definition by turns.

    All of them may get marketing mail: who may not is left out of a campaign, so a rehearsal with strangers shows the
    most mail there can be. The same seed invents the same people.
    """
    countries = list(definition.mail.holidays) or [definition.company.home_country]
    roles = [*definition.fit.role.is_, *definition.fit.role.else_.is_]
    industries = [*definition.fit.industry.is_, None]
    for no in range(count):
        company = no // _PER_COMPANY
        lot = draw(seed, "country", str(company))
        account = Account(
            account_id=AccountId(uuid5(NAMESPACE_URL, f"leadloom:stranger-company/{seed}/{company}")),
            name=f"Company {company + 1}",
            industry=industries[company % len(industries)],
            sites=1 + company % 6,
            country=countries[int(lot * len(countries))],
        )
        lead_id = LeadId(uuid5(NAMESPACE_URL, f"leadloom:stranger/{seed}/{no}"))
        lead = Lead(
            lead_id=lead_id, account_id=account.account_id, email=f"stranger{no + 1}@company{company + 1}.example",
            country=account.country, role=roles[no % len(roles)], source=next(iter(definition.sources), None),
            created_at=at,
        )  # fmt: skip
        kinds = needed_basis(definition, "marketing", country_of(lead, account))
        kind = next((one for one in kinds or () if one is not BasisKind.IMPLIED), BasisKind.EXPRESS)
        basis = Basis(lead_id=lead_id, purpose=MARKETING, kind=kind, source="a rehearsal", at=at)
        standing = Standing(lead=lead, account=account, bases=(basis,), may_market=True)
        yield LeadAtStart(standing=standing)
