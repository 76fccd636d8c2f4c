"""Are migrations applied once, in order, whole or not at all, and never after an edit?"""

from __future__ import annotations

import asyncio
from pathlib import Path

import asyncpg
import pytest

from leadloom.store.migrate import MIGRATIONS_FOLDER, WrongSchema, check, migrate, read_migrations
from tests.services import Databases

SCHEMA = MIGRATIONS_FOLDER.parent / "schema.sql"

CATALOG = {
    "columns": """
        SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
               pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum)
          FROM pg_class c
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
         WHERE c.relnamespace = 'public'::regnamespace""",
    "constraints": """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
          FROM pg_constraint WHERE connamespace = 'public'::regnamespace""",
    "indexes": "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "views": "SELECT viewname, definition FROM pg_views WHERE schemaname = 'public'",
    "functions": """
        SELECT proname, pg_get_functiondef(oid) FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'""",
    "comments": """
        SELECT c.relname, obj_description(c.oid, 'pg_class')
          FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace""",
}


async def catalog(dsn: str) -> set[tuple[object, ...]]:
    """Everything Postgres knows about our schema, except the migrator's own table."""
    connection = await asyncpg.connect(dsn)
    rows = {(part, *row) for part, query in CATALOG.items() for row in await connection.fetch(query)}
    await connection.close()
    return {row for row in rows if row[1] not in {"migration", "migration_pkey"}}


@pytest.fixture
async def empty(databases: Databases):
    """URL of a database without anything."""
    async with databases.fresh() as url:
        yield url


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two small migrations."""
    (tmp_path / "0001_pre_first.sql").write_text("CREATE TABLE first (n integer);")
    (tmp_path / "0002_post_second.sql").write_text("CREATE TABLE second (n integer);")
    return tmp_path


async def tables(dsn: str) -> set[str]:
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    return {row["tablename"] for row in rows}


async def test_schema_sql_is_what_all_migrations_give(empty: str, dsn: str) -> None:
    connection = await asyncpg.connect(empty)
    await connection.execute(SCHEMA.read_text(encoding="utf-8"))
    await connection.close()
    from_schema, from_migrations = await catalog(empty), await catalog(dsn)
    assert len(from_migrations) > 100
    assert from_schema ^ from_migrations == set()


async def test_each_migration_is_applied_once(empty: str, folder: Path) -> None:
    assert await migrate(empty, folder=folder) == ["0001_pre_first", "0002_post_second"]
    assert await migrate(empty, folder=folder) == []
    assert await tables(empty) == {"first", "second", "migration"}


async def test_before_a_deploy_only_what_suits_the_old_code_is_applied(empty: str, folder: Path) -> None:
    (folder / "0003_pre_third.sql").write_text("CREATE TABLE third (n integer);")
    assert await migrate(empty, only="pre", folder=folder) == ["0001_pre_first"]


async def test_an_edited_migration_is_refused_by_name(empty: str, folder: Path) -> None:
    await migrate(empty, folder=folder)
    (folder / "0001_pre_first.sql").write_text("CREATE TABLE first (n bigint);")
    with pytest.raises(WrongSchema, match=r"0001_pre_first\.sql was edited"):
        await migrate(empty, folder=folder)
    with pytest.raises(WrongSchema, match=r"0001_pre_first\.sql was edited"):
        await check(empty, folder=folder)


async def test_a_migration_that_comes_too_late_is_refused(empty: str, folder: Path) -> None:
    await migrate(empty, folder=folder)
    (folder / "0001_pre_another.sql").write_text("SELECT 1;")
    with pytest.raises(WrongSchema, match="higher number"):
        await migrate(empty, folder=folder)


async def test_a_migration_that_fails_leaves_nothing_and_those_before_it_stay(empty: str, folder: Path) -> None:
    (folder / "0003_pre_broken.sql").write_text("CREATE TABLE half (n integer); SELECT nonsense;")
    with pytest.raises(asyncpg.UndefinedColumnError):
        await migrate(empty, folder=folder)
    assert await tables(empty) == {"first", "second", "migration"}


async def test_an_index_can_be_built_concurrently_outside_a_transaction(empty: str, folder: Path) -> None:
    late = "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS first_n ON first (n);"
    (folder / "0003_pre_index.sql").write_text(late)
    assert (await migrate(empty, folder=folder))[-1] == "0003_pre_index"


async def test_migrators_that_meet_apply_each_migration_once(empty: str, folder: Path) -> None:
    late = "-- no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS first_n ON first (n);"
    (folder / "0003_pre_index.sql").write_text(late)
    done = await asyncio.gather(*(migrate(empty, folder=folder) for _ in range(4)))
    assert sorted(len(each) for each in done) == [0, 0, 0, 3]


async def test_a_start_on_an_old_database_says_what_to_run_and_changes_nothing(empty: str) -> None:
    with pytest.raises(WrongSchema, match=r"python starter\.py db migrate"):
        await check(empty)
    assert await tables(empty) == set()


async def test_a_start_is_fine_while_only_post_migrations_are_due(empty: str, folder: Path) -> None:
    await migrate(empty, only="pre", folder=folder)
    await check(empty, folder=folder)


async def test_a_start_is_fine_on_a_database_that_knows_more_than_the_code(dsn: str, tmp_path: Path) -> None:
    await check(dsn, folder=tmp_path)


def test_a_file_out_of_form_is_named(tmp_path: Path) -> None:
    (tmp_path / "1_first.sql").write_text("SELECT 1;")
    with pytest.raises(WrongSchema, match=r"1_first\.sql"):
        read_migrations(tmp_path)


def test_our_own_migrations_are_in_form() -> None:
    assert read_migrations()[0].name == "0001_pre_first_line"
