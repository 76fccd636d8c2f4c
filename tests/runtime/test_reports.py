"""Can all reports be had of one moment, for a page or a file?"""

from __future__ import annotations

import asyncpg

from leadloom.domain.reports.classes import CreditClass
from leadloom.runtime import reports
from leadloom.store import published
from leadloom.store.db import Db
from tests import hand_cases
from tests.hand_cases import day


async def test_all_reports_are_of_one_moment_and_one_definition(dsn: str, db: Db) -> None:
    async with db.transaction() as tx:
        await published.publish_definition(tx, hand_cases.definition(), at=day("2022-01-01"), by="samira-haddad")
    rows = await asyncpg.connect(dsn)
    for name, case in hand_cases.DEALS.items():
        await hand_cases.plant_lead(rows, name, source="webinar")
        await hand_cases.plant_touches(rows, name, case.touches)
        await hand_cases.plant_deal(rows, name, case)
    await rows.close()

    found = await reports.everything(db, day("04-30"))

    frames = [found.funnel.frame, found.velocity.frame, found.pipeline.frame, found.sla.frame]
    assert {(frame.as_of, frame.definition, frame.definition_version) for frame in frames} == {
        (day("04-30"), "kelvance", 1)
    }
    assert found.pipeline.deals_by_class() == {
        CreditClass.GENERATED: 2,
        CreditClass.ENHANCED: 1,
        CreditClass.SALES_ONLY: 3,
        CreditClass.PARTNER_ONLY: 0,
    }
    assert found.mails_per_day == ()
