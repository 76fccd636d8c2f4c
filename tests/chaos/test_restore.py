"""Is a backup safe? A restored database sends nothing until an operator says so, and then nothing a second time."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.answers import Look
from activities.lanes import LaneEffects
from leadloom.mail.compose import accepted_keys, wire_key
from leadloom.runtime.local.postgres import find_binaries
from leadloom.store import fence, uncertain
from leadloom.store.db import Db
from leadloom.store.fence import Fenced, Reconciled
from tests.chaos.conftest import PostOffice
from tests.store.acts import TUESDAY

LANE = "default/0"
LATER = TUESDAY + timedelta(hours=1)


async def run(*command: object) -> None:
    process = await asyncio.create_subprocess_exec(*map(str, command), stdout=asyncio.subprocess.DEVNULL)
    assert await process.wait() == 0, command


@asynccontextmanager
async def restored(post: PostOffice, dump: Path) -> AsyncIterator[PostOffice]:
    """The dump in a database of its own, on the same server, with the same relay beside it."""
    name = f"restored_{post.dsn.rpartition('_')[2]}"
    admin = await asyncpg.connect(post.dsn)
    await admin.execute(f'CREATE DATABASE "{name}"')
    dsn = f"{post.dsn.rpartition('/')[0]}/{name}"
    await run(find_binaries() / "psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-f", dump, dsn)
    db = await Db.open(dsn, size=4)
    try:
        tools = dataclasses.replace(post.tools, db=db)
        yield PostOffice(dsn, db, post.book, post.trap, tools)
    finally:
        await db.close()
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()


async def drain(post: PostOffice) -> None:
    await ActivityEnvironment().run(LaneEffects(post.tools).drain, Look(about=LANE, at=LATER))


async def due(post: PostOffice, *names: str, slot_in: timedelta = timedelta()) -> None:
    for name in names:
        await post.plan(await post.reader(name), mail_class="service")
    await post.rows("UPDATE message SET lane = $1, slot_at = $2 WHERE status = 'reserved'", LANE, LATER + slot_in)


async def reconcile(post: PostOffice, log: str, *, send_absent: bool) -> Reconciled:
    async with post.db.transaction() as tx:
        mails = await uncertain.every(tx)
        keys = {each.message_id: wire_key(each.message_id, secret=post.tools.wire_secret) for each in mails}
        return await fence.reconcile(tx, accepted_keys(log), keys=keys, send_absent=send_absent, at=LATER)


async def test_a_restore_drill(post: PostOffice, tmp_path: Path) -> None:
    # Given: mails went, a backup was made, and mail went on, also some that nobody had asked for at the backup.
    await due(post, "ana", "ben")
    await drain(post)
    await due(post, "cara", "dan", "eli", "finn")
    late = await post.reader("gina")
    dump = tmp_path / "backup.sql"
    await run(find_binaries() / "pg_dump", "-f", dump, post.dsn)
    finn = await the_mail_of(post, "finn")
    await post.rows("UPDATE message SET slot_at = slot_at + interval '1 day' WHERE message_id = $1::uuid", finn)
    await post.plan(late, mail_class="service")
    await post.rows(f"UPDATE message SET lane = '{LANE}' WHERE status = 'reserved'")
    await post.rows("UPDATE message SET slot_at = $1 WHERE status = 'reserved' AND slot_at < $1", LATER)
    await drain(post)
    assert len(post.trap.mails) == 6
    log = "\n".join(f"{mail.no} smtp[12]: message-id=<{mail.message_id.strip('<>')}>" for mail in post.trap.mails)

    async with restored(post, dump) as again:
        # When a worker starts on the backup: zero mails leave, and it says what to do.
        with pytest.raises(ApplicationError, match="Fenced"):
            await drain(again)
        with pytest.raises(Fenced, match="mail fence advance"):
            async with again.db.transaction() as tx:
                await fence.check(tx, epoch=1)
        assert len(post.trap.mails) == 6
        # When somebody says so, what may have gone since is listed, and still nothing of it leaves.
        async with again.db.transaction() as tx:
            assert await fence.advance(tx, at=LATER) == (2, 4)
        with pytest.raises(ApplicationError, match="Fenced"):
            await drain(again)
        told = dataclasses.replace(again, tools=dataclasses.replace(again.tools, epoch=2))
        await drain(told)
        assert len(post.trap.mails) == 6
        # Then the relay's log settles it: three were sent, the one it doesn't have is due and goes.
        assert await reconcile(told, log, send_absent=False) == Reconciled(sent=3, due_again=0, left=1)
        assert await reconcile(told, log, send_absent=True) == Reconciled(sent=0, due_again=1, left=0)
        # And a run that asks once more for what it had asked for after the backup sends no copy.
        await told.plan(late, mail_class="service")
        await told.rows("UPDATE message SET lane = $1, slot_at = $2 WHERE status = 'reserved'", LANE, LATER)
        await drain(told)
        assert len(post.trap.mails) == 7
        assert post.trap.duplicates() == {}
        assert await told.rows("SELECT FROM message WHERE status <> 'sent'") == []


async def the_mail_of(post: PostOffice, name: str) -> str:
    [row] = await post.rows(
        "SELECT message_id FROM message JOIN lead USING (lead_id) WHERE email LIKE $1 || '@%'", name
    )
    return str(row["message_id"])


async def test_a_dump_loaded_over_the_same_database_is_known_as_one(post: PostOffice, tmp_path: Path) -> None:
    await due(post, "ana")
    await drain(post)
    dump = tmp_path / "backup.sql"
    await run(find_binaries() / "pg_dump", "--clean", "-f", dump, post.dsn)
    await post.db.close()
    await run(find_binaries() / "psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-f", dump, post.dsn)
    db = await Db.open(post.dsn, size=2)
    try:
        async with db.read() as tx:
            assert await fence.is_restored(tx)
        with pytest.raises(Fenced):
            async with db.transaction() as tx:
                await fence.check(tx, epoch=1)
    finally:
        await db.close()


def test_a_log_gives_our_message_ids_whatever_else_stands_in_it() -> None:
    key = "abcdefgh234567abcdefgh"
    log = f"""Nov 22 postfix/cleanup[9]: 4F: message-id=<{key}@kelvance.example>
    {{"MessageId": "{key.upper()}@KELVANCE.EXAMPLE", "to": "ana@alder.example"}} <short@x.example>"""
    assert accepted_keys(log) == {key}
