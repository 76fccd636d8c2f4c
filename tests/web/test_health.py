"""Can a probe tell alive from ready, and do the metrics count without naming anybody?"""

from __future__ import annotations

from pathlib import Path

from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.web.site import Site, open_site


async def test_the_process_is_alive_whatever_else_is_away(site: Site) -> None:
    assert (await site.client.get("/healthz")).status_code == 200


async def test_without_temporal_it_is_not_ready_and_says_why(db: Db, dsn: str, book: Book, tmp_path: Path) -> None:
    async with open_site(db, dsn, book, tmp_path, temporal_address="127.0.0.1:1") as site:
        answer = await site.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["ready"] is False
    assert any("Temporal" in reason for reason in answer.json()["reasons"])


async def test_a_database_that_lacks_a_migration_is_not_ready(db: Db, dsn: str, book: Book, tmp_path: Path) -> None:
    async with open_site(db, dsn, book, tmp_path, temporal_address="127.0.0.1:1") as site:
        await site.rows("DELETE FROM migration")
        answer = await site.client.get("/readyz")
    assert any("migration" in reason for reason in answer.json()["reasons"])


async def test_the_metrics_count_mails_and_what_is_stuck_and_name_nobody(site: Site) -> None:
    await site.sent_mail()
    answer = await site.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'leadloom_messages{status="sent"} 1' in answer.text
    for name in ("leadloom_outbox_waiting", "leadloom_stuck", "leadloom_unowned"):
        assert f"# TYPE {name} gauge" in answer.text
    assert "meridian" not in answer.text
