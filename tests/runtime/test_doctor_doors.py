"""Does the doctor see a way in for mail that is set and shut, and name its cure without its password?"""

from __future__ import annotations

import ssl
from datetime import timedelta
from pathlib import Path

import pytest

from leadloom.domain.finding import Finding
from leadloom.mail.reception import Port
from leadloom.runtime.doctor_doors import waiting, ways_in
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import wall_now
from leadloom.store import provider_posts
from leadloom.store.db import Db
from tests.imap_server import imap_server
from tests.mail.test_reception import Box, certificate, tls
from tests.store.acts import TUESDAY
from tests.web import providers

__all__ = ["certificate", "tls"]

ABROAD = Settings(public_url="https://go.kelvance.example")


async def look(*, days: int = 0, **settings: object) -> dict[str, Finding]:
    """All findings by what they are about, so many days from now."""
    at = wall_now() + timedelta(days=days)
    found = [finding async for finding in ways_in(ABROAD.model_copy(update=settings), wall_at=at)]
    return {finding.what: finding for finding in found}


async def test_a_house_of_the_internet_without_a_way_in_is_warned_and_one_of_this_machine_is_not() -> None:
    assert (await look())["ways in"].verdict == "warn"
    assert await look(public_url="http://127.0.0.1:8321") == {}


async def test_every_way_that_is_open_is_well(certificate: Path, tls: ssl.SSLContext) -> None:
    port = Port(Box(), "mx.kelvance.example", tls)
    async with port.serving("127.0.0.1", 0) as server, imap_server() as imap:
        where = server.sockets[0].getsockname()[1]
        imap.deliver(b"Subject: waits\r\n\r\n")
        found = await look(
            inbound_listen=f"0.0.0.0:{where}", inbound_certificate=certificate, imap_url=imap.url, **providers.SETTINGS
        )
        assert found["SMTP in"].says == f"127.0.0.1:{where} answers, with TLS"
        assert "1 mail(s) wait in INBOX" in found["mailbox"].says
        # The certificate of the tests ends tomorrow.
        assert {what for what, finding in found.items() if finding.verdict != "ok"} == {"certificate for mail"}
        assert (await look(inbound_listen=f"127.0.0.1:{where}", days=2, inbound_certificate=certificate))[
            "certificate for mail"
        ].verdict == "fail"


@pytest.mark.parametrize(
    ("what", "settings"),
    [
        ("SMTP in", {"inbound_listen": "127.0.0.1:9"}),
        ("SMTP in", {"inbound_listen": "mx.kelvance.example"}),
        ("certificate for mail", {"inbound_listen": "127.0.0.1:9", "inbound_certificate": Path("none.pem")}),
        ("mailbox", {"imap_url": "imap://returns:secret@127.0.0.1:9"}),
        ("mailbox", {"imap_url": "imap://secret"}),
        ("webhook of Amazon SES", {"ses_topics": "our-topic"}),
        ("webhook of SendGrid", {"sendgrid_key": "c2VjcmV0"}),
        ("webhook of Postmark", {"postmark_login": "postmark:secret"}),
    ],
)
async def test_what_is_set_and_cannot_work_fails_with_its_cure(what: str, settings: dict[str, object]) -> None:
    finding = (await look(**settings))[what]
    assert finding.verdict == "fail"
    assert finding.fix
    assert "secret" not in finding.says + finding.fix


async def test_a_post_that_waits_for_a_person_is_told(db: Db) -> None:
    async with db.transaction() as tx:
        assert [finding async for finding in waiting(tx)] == []
        await provider_posts.keep(tx, "ses", {}, kind="subscription", why="confirm it", at=TUESDAY)
        [finding] = [finding async for finding in waiting(tx)]
    assert (finding.verdict, finding.says) == ("warn", "1 post(s) wait, first: ses, confirm it")
