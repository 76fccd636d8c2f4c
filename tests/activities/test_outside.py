"""Does another system get what a step tells it, signed and once, and is each of its answers taken for what it is?"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.exceptions import ApplicationError

from activities import posting
from activities.answers import TRANSIENT, OutsideCall
from activities.outside import OutsideEffects
from activities.posting import Poster
from activities.tools import Tools
from leadloom.domain.journeys import posts
from leadloom.domain.mails.links import Signer
from leadloom.domain.model import EnrolmentId, LeadId
from leadloom.mail.smtp import SmtpPool
from leadloom.store import enrolments, published
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import receiver, world
from tests.receiver import KEY, KEY_NAME, Receiver
from tests.store import acts
from tests.store.acts import TUESDAY, WALL
from tests.store.test_effects import WAIT, enters, publish

STEPS = (
    "steps:\n  - {do: webhook, id: tell, endpoint: crm, with: [role, plan]}\n"
    "  - {do: notify, id: say, channel: sales-alerts, words: Somebody is unhappy}\n"
)


@pytest.fixture
def crm() -> Iterator[Receiver]:
    with receiver.receiving() as found:
        yield found


@dataclass
class Desk:
    """A run that stands at a step which tells another system."""

    db: Db
    book: Book
    lead_id: LeadId
    run: EnrolmentId
    keys: dict[str, str]
    effects: OutsideEffects

    def call(self, step: str = "tell", visit: int = 1) -> OutsideCall:
        return OutsideCall(about=str(self.run), step=step, visit=visit, at=TUESDAY)

    async def goes_on(self) -> None:
        async with self.db.transaction() as tx:
            await enrolments.called(tx, self.run, "tell", 1, book=self.book, at=TUESDAY)
        await acts.advance(self.db, self.book, self.run)


@pytest.fixture
async def desk(db: Db, book: Book, crm: Receiver) -> Desk:
    await crm.is_in_force(db, world.MONDAY)
    book = await publish(db, STEPS + WAIT)
    lead_id, run = await enters(db, book, attributes={"plan": "annual"})
    assert (await acts.advance(db, book, run)).activity == "post_webhook"
    keys = {KEY_NAME: KEY}
    poster = Poster(keys.get)
    tools = Tools(
        db=db, smtp=SmtpPool.from_url("smtp://127.0.0.1:9", size=1), signer=Signer(["signs links in tests"]),
        public_url="http://leadloom.example", wire_secret="makes ids in tests", epoch=1, wall_now=lambda: WALL,
        new_claim=uuid4, poster=poster,
    )  # fmt: skip
    return Desk(db, book, lead_id, run, keys, OutsideEffects(tools))


async def test_a_message_is_signed_and_says_the_same_each_time(desk: Desk, crm: Receiver) -> None:
    await desk.effects.post_webhook(desk.call())
    await desk.effects.post_webhook(desk.call().but(at=TUESDAY + timedelta(days=1)))
    first, second = crm.posts
    assert (first.path, first.said["data"]["lead"]) == ("/crm", str(desk.lead_id))
    assert first.said["data"]["fields"] == {"role": "quality", "plan": "annual"}
    assert (first.body, first.headers["webhook-id"]) == (second.body, second.headers["webhook-id"])
    wanted = posts.signed(
        first.body, message_id=first.headers["webhook-id"], at=WALL, key=posts.key_of(KEY, name=KEY_NAME)
    )
    assert {name: first.headers[name] for name in wanted} == wanted


async def test_a_channel_is_told_in_its_own_form_with_a_link_and_no_name(desk: Desk, crm: Receiver) -> None:
    await desk.goes_on()
    await desk.effects.notify_channel(desk.call("say"))
    [post] = crm.posts
    assert post.said == {"text": f"Somebody is unhappy\nhttp://leadloom.example/leads/{desk.lead_id}"}
    assert "webhook-signature" not in post.headers


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 410, 422])
async def test_an_answer_that_says_never_is_not_asked_again_and_nobody_is_followed(
    desk: Desk, crm: Receiver, status: int
) -> None:
    crm.answers = [status]
    with pytest.raises(ApplicationError, match=f"the endpoint crm answered {status}") as refused:
        await desk.effects.post_webhook(desk.call())
    assert (refused.value.type, refused.value.non_retryable) == ("Refused", True)
    assert [post.path for post in crm.posts] == ["/crm"]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
async def test_an_answer_that_says_later_is_asked_again(desk: Desk, crm: Receiver, status: int) -> None:
    crm.answers = [status]
    with pytest.raises(ApplicationError) as later:
        await desk.effects.post_webhook(desk.call())
    assert (later.value.type, later.value.non_retryable) == (TRANSIENT, False)
    await desk.effects.post_webhook(desk.call())


async def test_silence_is_not_waited_for_long(desk: Desk, crm: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "_LONGEST_S", 0.2)
    crm.silent_s = 1.0
    with pytest.raises(ApplicationError, match=r"the endpoint crm did not answer: TimeoutError") as silent:
        await desk.effects.post_webhook(desk.call())
    assert silent.value.type == TRANSIENT


async def test_nobody_listening_is_waited_for(desk: Desk, crm: Receiver) -> None:
    crm.url = "http://127.0.0.1:9"
    await crm.is_in_force(desk.db, TUESDAY)
    with pytest.raises(ApplicationError, match="the endpoint crm did not answer: ConnectionRefusedError") as away:
        await desk.effects.post_webhook(desk.call())
    assert away.value.type == TRANSIENT


async def test_who_speaks_no_http_is_waited_for(desk: Desk, crm: Receiver) -> None:
    async def mumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 mail.example ESMTP\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(mumble, "127.0.0.1", 0)
    crm.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    await crm.is_in_force(desk.db, TUESDAY)
    with pytest.raises(ApplicationError, match="the endpoint crm did not answer: RemoteProtocolError"):
        await desk.effects.post_webhook(desk.call())
    server.close()


@pytest.mark.parametrize("holds", [None, "not a key"])
async def test_without_a_key_nothing_is_posted(desk: Desk, crm: Receiver, holds: str | None) -> None:
    del desk.keys[KEY_NAME]
    desk.keys.update({KEY_NAME: holds} if holds else {})
    with pytest.raises(ApplicationError, match=KEY_NAME) as keyless:
        await desk.effects.post_webhook(desk.call())
    assert (keyless.value.type, keyless.value.non_retryable, crm.posts) == ("NoKey", True, [])


async def test_an_endpoint_that_was_withdrawn_is_named(desk: Desk, db: Db, crm: Receiver) -> None:
    async with db.transaction() as tx:
        withdrawn = world.definition().but(endpoints={})
        await published.publish_definition(tx, withdrawn, at=TUESDAY, by="samira-haddad")
    with pytest.raises(ApplicationError, match="the definition in force has no endpoint crm"):
        await desk.effects.post_webhook(desk.call())


async def test_a_run_that_went_on_or_ended_meanwhile_tells_nothing(desk: Desk, crm: Receiver) -> None:
    await desk.effects.post_webhook(desk.call(visit=2))
    await desk.goes_on()
    await desk.effects.post_webhook(desk.call())
    assert crm.posts == []
