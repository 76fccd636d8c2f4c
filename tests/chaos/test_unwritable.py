"""Does what somebody typed keep their mail from being written, and does a mail that can't be written keep its time?"""

from __future__ import annotations

from datetime import timedelta

from activities.letters import faulty
from tests.chaos.conftest import PostOffice
from tests.store.acts import TUESDAY

LATER = TUESDAY + timedelta(hours=1)


async def test_a_zone_nobody_knows_keeps_no_mail_from_its_reader(post: PostOffice) -> None:
    run = await post.reader()
    mail = await post.plan(run)
    await post.rows("UPDATE lead SET time_zone = 'somewhere'")
    assert await post.deliver(await post.claim(run[0])) == ["sent"]
    assert await post.status(mail) == "sent"


async def test_a_mail_that_cannot_be_written_waits_until_its_own_deadline(post: PostOffice) -> None:
    run = await post.reader()
    await post.plan(run)
    [before] = await post.rows("SELECT deadline FROM message")
    [draft] = await post.claim(run[0])
    await post.settle([faulty(draft.message_id, draft.claim, ValueError("a template"), LATER)])
    # Only a relay that says "later" for 48 hours ends it sooner: a template may be mended any day.
    [after] = await post.rows("SELECT status, deadline, deferred_since FROM message")
    assert (after["status"], after["deadline"], after["deferred_since"]) == ("deferred", before["deadline"], None)
