"""Does the consent report say the same of everybody as the mark would, and do its numbers open their people?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from leadloom.domain.lead import BasisDraft, BasisKind
from leadloom.store import consent_report, permissions
from leadloom.store.consent_report import MAILABLE
from leadloom.store.db import Db
from leadloom.store.permissions import Silence, Withdrawal
from leadloom.store.published import Book
from leadloom.store.rows import Order
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

WEEK = timedelta(days=7)


async def bring(db: Db, book: Book, name: str, country: str | None, *bases: BasisDraft, **rest: object) -> None:
    domain = f"{name}.example"
    told = {"email": f"{name}@{domain}", "company": name, "country": country, "bases": bases, **rest}
    await acts.capture(db, book, world.draft(name, **told), TUESDAY)


async def test_everybody_is_counted_once_by_what_their_mail_rests_on(db: Db, book: Book, dsn: str) -> None:
    tick = world.permission(at=TUESDAY)
    confirmed = world.permission(BasisKind.DOUBLE_OPT_IN, at=TUESDAY)
    implied = BasisDraft(kind=BasisKind.IMPLIED, source="a fair", at=TUESDAY, until=TUESDAY + WEEK)
    for name, country, bases in (
        ("anna", "DE", (confirmed,)), ("bert", "DE", (tick,)), ("cleo", "DE", ()), ("dora", "FR", (tick,)),
        ("emil", "CA", (implied,)), ("fred", None, (tick,)), ("gina", "US", (tick, implied)), ("hugo", "FR", (tick,)),
        ("iris", "FR", (tick,)), ("jonas", "FR", (implied,)),
    ):  # fmt: skip
        await bring(db, book, name, country, *bases)
    [hugo] = await acts.rows(dsn, "SELECT lead_id FROM lead WHERE email = 'hugo@hugo.example'")
    async with db.transaction() as tx:
        await permissions.take_back(tx, [Withdrawal(lead_id=hugo["lead_id"], source="by phone", at=TUESDAY)], [])
        await permissions.suppress(tx, [Silence(scope="domain", value="iris.example", reason="a list", at=TUESDAY)])
    async with db.read() as tx:
        now = await consent_report.report(tx, at=TUESDAY)
        later = await consent_report.report(tx, at=TUESDAY + WEEK)
        page = await consent_report.people(tx, "FR", None, Order(sort="name", limit=2), at=TUESDAY)
        rest = await consent_report.people(tx, "FR", None, Order(sort="name", limit=2, after=page.next), at=TUESDAY)
        may = await consent_report.people(tx, None, MAILABLE, Order(sort="name"), at=TUESDAY)
    said = {line.country: line.by_state for line in now.countries}
    assert said == {
        "DE": {"double-opt-in": 1, "waits": 1, "none": 1},
        "FR": {"express": 1, "none": 1, "suppressed": 1, "not enough": 1},
        "CA": {"implied": 1},
        "?": {"waits": 1},
        "US": {"express": 1},
    }
    assert [row.person for row in (*page.rows, *rest.rows)] == sorted(row.person for row in (*page.rows, *rest.rows))
    assert (page.total, len(page.rows) + len(rest.rows)) == (4, 4)
    assert may.total == sum(line.mailable for line in now.countries) == 4
    # A week later the implied one has ended by itself, and the questions have run out.
    then = Counter[str]()
    for line in later.countries:
        then.update(line.by_state)
    assert (then["implied"], then["waits"], then["not enough"]) == (0, 0, 0)
    assert [(one.asked, one.confirmed, one.waiting, one.rate) for one in now.cohorts] == [(2, 0, 2, None)]
    assert [(one.asked, one.confirmed, one.waiting, one.rate) for one in later.cohorts] == [(2, 0, 0, 0.0)]
