"""Who was at the fair? The 620 people whom the how-to on launching writes to, in four countries and two languages."""

from __future__ import annotations

from datetime import datetime

import yaml

from leadloom.domain.journeys.steps.branch import Branch
from leadloom.domain.lead import BasisDraft, BasisKind, LeadDraft
from leadloom.runtime.publishing import publish_all
from leadloom.store import leads, permissions, published
from leadloom.store.db import Db
from leadloom.store.permissions import Silence

PEOPLE = 620
JOURNEY = "welcome-four-degrees"
_HOMES = (("US", "en"), ("DE", "de"), ("SG", "en"), ("GB", "en"))
_SHY, _SILENT = 10, 68
"""Every tenth gave no permission; every 68th asked to be left alone."""


async def came(db: Db, at: datetime) -> None:
    """Everybody whose badge was scanned, with what they allowed."""
    async with db.transaction() as tx:
        book = await published.book(tx)
        drafts = [_draft(no, at) for no in range(PEOPLE)]
        await leads.capture_all(tx, drafts, book=book, at=at, actor="system")
        quiet = [_address(no) for no in range(1, PEOPLE, _SILENT)]
        await permissions.suppress(tx, [Silence(value=one, reason="asked by phone", at=at) for one in quiet])


async def tries_two_ways(db: Db, branch: str, *, after: str, at: datetime) -> None:
    """Publish all of the house, and the welcome with the branch that a page shows behind one of its steps."""
    await publish_all(db, at=at, by="samira-haddad")
    asked = Branch.model_validate(yaml.safe_load(branch)[0])
    async with db.transaction() as tx:
        welcome = next(one.journey for one in (await published.book(tx)).journeys if one.journey.name == JOURNEY)
        place = welcome.index(after) + 1
        steps = (*welcome.steps[:place], asked, *welcome.steps[place:])
        await published.publish_journey(tx, welcome.model_copy(update={"steps": steps}), at=at, by="priya-nair")


def _draft(no: int, at: datetime) -> LeadDraft:
    country, language = _HOMES[no % len(_HOMES)]
    basis = BasisDraft(kind=BasisKind.DOUBLE_OPT_IN, source="badge", wording="Kelvance may write to me.", at=at)
    return LeadDraft(
        email=_address(no), first_name="Visitor", last_name=f"No {no}", company=f"Cold Store {no}", country=country,
        language=language, role="quality", source="pharmalog", bases=() if no % _SHY == 0 else (basis,),
    )  # fmt: skip


def _address(no: int) -> str:
    return f"visitor{no}@store{no}.example"
