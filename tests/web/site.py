"""What tests of the public pages stand on: the real app, a real database, a sent mail, an offer in a mailbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import httpx

from leadloom.domain.mails.links import Purpose, Signer
from leadloom.domain.mails.outcome import Sent
from leadloom.domain.model import HandOffId, LeadId, MessageId
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import House, wall_now
from leadloom.store import inbox, messages, owners
from leadloom.store.db import Db
from leadloom.store.messages import Written
from leadloom.store.published import Book
from leadloom.web.app import create_app
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
LINKS = ("https://kelvance.example/dock", "/m/four-degrees/guide", "https://kelvance.example/price")
SECRET = "a secret of these tests alone"


@dataclass
class Site:
    """The app as a visitor meets it. Business time stands at `TUESDAY` but for the real moments that pass."""

    house: House
    client: httpx.AsyncClient
    book: Book
    dsn: str

    @property
    def db(self) -> Db:
        return self.house.db

    @property
    def signer(self) -> Signer:
        return self.house.signer

    async def rows(self, query: str, *values: object) -> list[dict[str, object]]:
        """What the database says, asked from outside our code."""
        return [dict(row) for row in await acts.rows(self.dsn, query, *values)]

    async def row_counts(self) -> dict[str, int]:
        """Rows of every table: a request that changed nothing leaves them alike."""
        tables = [str(row["relname"]) for row in await self.rows("SELECT relname FROM pg_stat_user_tables ORDER BY 1")]
        [counts] = await self.rows("SELECT " + ", ".join(f"(SELECT count(*) FROM {one}) AS {one}" for one in tables))
        return {table: int(str(count)) for table, count in counts.items()}

    async def count(self, table: str) -> int:
        return int(str((await self.rows(f"SELECT count(*) AS n FROM {table}"))[0]["n"]))

    async def events(self, *kinds: str) -> list[dict[str, object]]:
        query = "SELECT kind, verdict, data, key, actor, channel FROM event WHERE kind = ANY ($1) ORDER BY lead_id, no"
        return await self.rows(query, list(kinds))

    async def sent_mail(
        self, name: str = "ana.torres", *, sent_at: datetime = TUESDAY - timedelta(hours=1)
    ) -> MessageId:
        """A mail of the small journey, gone through every step of the ledger, with `LINKS` in its list."""
        _, enrolment_id = await acts.in_journey(self.db, self.book, name, at=sent_at)
        await acts.advance(self.db, self.book, enrolment_id, at=sent_at)
        query = "SELECT message_id, lane FROM message WHERE enrolment_id = $1 ORDER BY asked_at"
        row = (await self.rows(query, enrolment_id))[0]
        (claimed,) = await acts.claim(
            self.db, self.book, str(row["lane"]), at=sent_at, made_of=lambda _: Written("{}", LINKS)
        )
        key = {"message_id": claimed.message_id, "claim": claimed.claim}
        async with self.db.transaction() as tx:
            await messages.mark_at_dot(tx, [(claimed.message_id, claimed.claim)], at=sent_at)
            await messages.settle(tx, [Sent(**key, reply="250 ok")], book=self.book, at=sent_at)
        return claimed.message_id

    def link(self, purpose: Purpose, message_id: MessageId) -> str:
        """The path of a signed page of that mail."""
        return f"/{purpose}/{self.signer.mail(purpose, message_id)}"

    async def offer(
        self, name: str = "ana.torres", handle: str = "marcus-oyelaran", **rest: object
    ) -> tuple[LeadId, HandOffId]:
        """A lead who asked for a demo a minute ago, offered to the owner their country leads to."""
        at = TUESDAY - timedelta(minutes=1)
        lead_id = await acts.capture(
            self.db, self.book, world.draft(name, world.happened("demo_requested", at), **rest), at
        )
        async with self.db.read() as tx:
            return lead_id, (await inbox.list_open(tx, handle))[-1].hand_off_id

    async def offer_link(
        self,
        hand_off_id: HandOffId,
        handle: str = "marcus-oyelaran",
        *,
        no: int = 1,
        expires_at: datetime = TUESDAY + timedelta(days=14),
    ) -> str:
        """The path of the link in that owner's notice."""
        async with self.db.read() as tx:
            owner = await owners.named(tx, handle)
        return "/h/" + self.signer.hand_off(hand_off_id, no, owner_id=owner.owner_id, expires_at=expires_at)


@asynccontextmanager
async def open_site(db: Db, dsn: str, book: Book, state: Path, **settings: object) -> AsyncIterator[Site]:
    """The app without Temporal: whoever looks again is asked by rows, never by these pages."""
    ahead = (TUESDAY - wall_now()).total_seconds()
    values = {
        "database_url": dsn,
        "state": state,
        "clock_ahead_s": ahead,
        "api_key": None,
        "sign_in": "seats",
        **settings,
    }
    house = House(Settings().model_copy(update=values), db, Signer([SECRET]), None)
    transport = httpx.ASGITransport(create_app(house), client=("203.0.113.7", 4711), raise_app_exceptions=False)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://kelvance.example", headers={"User-Agent": BROWSER, "Accept": "text/html"}
    ) as client:
        yield Site(house, client, book, dsn)
