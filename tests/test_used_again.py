"""Is a database that another test has used as good as one nobody has used?"""

from __future__ import annotations

import asyncpg
import pytest

from tests import services, used_again
from tests.store.acts import rows

SPEAKS = """
INSERT INTO account (account_id, name, created_at) VALUES (gen_random_uuid(), 'Used', '2026-03-02');
INSERT INTO audit (at, actor, action, subject) VALUES ('2026-03-02', 'somebody', 'did', 'something');
UPDATE fence SET epoch = epoch + 7;
"""
LOOKS = """
SELECT (SELECT count(*) FROM account) AS accounts, (SELECT count(*) FROM audit) AS notes,
       (SELECT epoch FROM fence) AS epoch, (SELECT count(*) FROM migration) AS migrations
"""


async def does(dsn: str, statements: str) -> None:
    connection = await asyncpg.connect(dsn)
    await connection.execute(statements)
    await connection.close()


async def test_rows_go_rows_that_were_there_come_back_and_numbers_begin_at_one(dsn: str) -> None:
    fresh, [before] = await used_again.seen(dsn), await rows(dsn, LOOKS)
    await does(dsn, SPEAKS)
    assert await used_again.cleared(dsn, fresh)
    assert await rows(dsn, LOOKS) == [before]
    await does(dsn, SPEAKS)
    assert [row["audit_id"] for row in await rows(dsn, "SELECT audit_id FROM audit")] == [1]


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE lead ADD CONSTRAINT poisoned CHECK (last_event_no < 2)",
        "ALTER TABLE lead ALTER COLUMN email SET DEFAULT 'nobody@nowhere.example'",
        "ALTER TABLE lead RENAME COLUMN email TO address",
        "CREATE TABLE more (n integer)",
        "DROP INDEX published_hash",
        "CREATE VIEW everybody AS SELECT * FROM lead",
        "CREATE OR REPLACE FUNCTION told_text(told jsonb) RETURNS text LANGUAGE sql AS $$ SELECT 'nothing' $$",
        "TRUNCATE lead CASCADE",
    ],
)
async def test_what_has_another_shape_is_not_used_again(dsn: str, change: str) -> None:
    fresh = await used_again.seen(dsn)
    await does(dsn, change)
    assert not await used_again.cleared(dsn, fresh)


async def test_what_has_grown_is_not_used_again(dsn: str) -> None:
    fresh = await used_again.seen(dsn)
    many = used_again.MOST_GROWTH // 1000
    crowd = f"SELECT gen_random_uuid(), n || repeat('x', 1000), '2026-03-02' FROM generate_series(1, {many}) n"
    await does(dsn, f"INSERT INTO account (account_id, name, created_at) {crowd}")
    assert not await used_again.cleared(dsn, fresh)


async def test_the_next_test_gets_the_same_one_under_another_name_and_nobody_is_connected_to_it(
    databases: services.Databases, template: str
) -> None:
    oid = "SELECT oid FROM pg_database WHERE datname = current_database()"
    async with databases.fresh(template) as first:
        forgotten = await asyncpg.connect(first)
        was = await forgotten.fetchval(oid)
        await forgotten.execute(SPEAKS)
    async with databases.fresh(template) as second:
        assert second != first
        assert [row["oid"] for row in await rows(second, oid)] == [was]
        with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError)):
            await forgotten.fetchval("SELECT 1")
        with pytest.raises(asyncpg.InvalidCatalogNameError):
            await asyncpg.connect(first)
