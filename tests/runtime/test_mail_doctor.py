"""Does `doctor mail` see what mailbox providers refuse mail for, and name its cure? DNS is a server of the test's."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from leadloom.domain.errors import BadInput
from leadloom.domain.finding import Finding, is_well
from leadloom.mail.dkim_keys import DkimKey, make_key
from leadloom.mail.relay import Relay
from leadloom.runtime.dns import Dns
from leadloom.runtime.doctor_of_ways import examine_page, examine_tls
from leadloom.runtime.local.mail_trap import MailTrap
from leadloom.runtime.mail_doctor import Look, examine_mail
from leadloom.runtime.settings import Settings
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.dns_server import Zone, a_dns_server, txt
from tests.mail.test_relay import Inbox, a_relay, certificate
from tests.store import acts
from tests.store.acts import TUESDAY

__all__ = ["certificate"]
OURS, RELAY = "kelvance.example", "relay.provider.example"
SECRET = "x" * 32


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[DkimKey, DkimKey]]:
    """A folder with two keys of our domain."""
    folder = tmp_path_factory.mktemp("dkim")
    return folder, (
        make_key(folder, OURS, "s1", algorithm="rsa"),
        make_key(folder, OURS, "s2", algorithm="ed25519"),
    )


def whole(keys: tuple[DkimKey, DkimKey]) -> Zone:
    """DNS in which nothing is missing."""
    return {
        f"{OURS} TXT": [txt("v=spf1 include:_spf.provider.example mx -all"), txt("something-else=1")],
        f"{OURS} MX": ["20 mx2.kelvance.example.", "10 mx.kelvance.example."],
        "mx.kelvance.example A": ["198.51.100.7"],
        "_spf.provider.example TXT": [txt("v=spf1 ip4:192.0.2.0/25 ip6:2001:db8::/32 ~all")],
        f"{RELAY} A": ["192.0.2.25"],
        "25.2.0.192.in-addr.arpa PTR": [f"{RELAY}."],
        f"_dmarc.{OURS} TXT": [txt(f"v=DMARC1; p=reject; rua=mailto:dmarc@{OURS}")],
        **{f"{key.record_name} TXT": [txt(key.record)] for key in keys},
    }


Mend = Callable[[Zone], object]


async def look(zone: Zone, folder: Path | None, **changed: object) -> dict[str, Finding]:
    """What is found with that DNS; no relay or console answers, which is not looked at here."""
    settings = _settings(folder)
    async with a_dns_server(zone) as server:
        asked = Look(settings=settings, dns=Dns(server), at=TUESDAY, domains=(OURS,))
        for name, value in changed.items():
            object.__setattr__(asked, name, value)
        return {finding.what: finding for finding in await examine_mail(asked)}


def _settings(folder: Path | None) -> Settings:
    return Settings(
        smtp_url=f"smtp://{RELAY}:1",
        public_url="http://127.0.0.1:1",
        secret=SECRET,
        dkim_keys=folder,
        database_url=None,
    )


async def test_a_domain_with_everything_in_place_is_well(keys: tuple[Path, tuple[DkimKey, DkimKey]]) -> None:
    found = await look(whole(keys[1]), keys[0])
    of_dns = {what: one for what, one in found.items() if OURS in what or "PTR" in what}
    assert [(what, one.says) for what, one in of_dns.items() if one.verdict != "ok"] == []
    assert {what: one.says for what, one in of_dns.items()} == {
        f"SPF {OURS}": "-all, 2 of 10 questions",
        f"DKIM s1._domainkey.{OURS}": "rsa, 2048 bits, ours",
        f"DKIM s2._domainkey.{OURS}": "ed25519, 256 bits, ours",
        f"DMARC {OURS}": f"p=reject, reports to mailto:dmarc@{OURS}",
        f"alignment {OURS}": f"SPF ({OURS}) and DKIM (d={OURS}) may vouch for From",
        f"bounces to {OURS}": "MX mx.kelvance.example, mx2.kelvance.example",
        "PTR 192.0.2.25": f"{RELAY}, and back",
    }


def without(name: str) -> Mend:
    return lambda zone: zone.pop(name)


def saying(name: str, *texts: str) -> Mend:
    return lambda zone: zone.update({name: [txt(text) for text in texts]})


def plain(name: str, *records: str) -> Mend:
    return lambda zone: zone.update({name: records})


SPF, DMARC = f"{OURS} TXT", f"_dmarc.{OURS} TXT"
S1 = f"s1._domainkey.{OURS} TXT"


@pytest.mark.parametrize(
    ("mend", "what", "verdict", "says", "fix"),
    [
        (without(SPF), f"SPF {OURS}", "fail", "no record", "v=spf1 include:"),
        (saying(SPF, "v=spf1 -all", "v=spf1 mx -all"), f"SPF {OURS}", "fail", "2 records", "Leave one"),
        (saying(SPF, "v=spf1 +all"), f"SPF {OURS}", "fail", "anybody may send", "-all"),
        (saying(SPF, "v=spf1 ip4:192.0.2.25"), f"SPF {OURS}", "warn", "nothing of whoever isn't named", "-all"),
        (saying(SPF, "v=spf1 mx -all"), f"SPF {OURS}", "warn", "192.0.2.25", "Add what your relay"),
        (saying(SPF, "v=spf1 include:gone.example -all"), f"SPF {OURS}", "fail", "gone.example", "Mend"),
        (saying(SPF, "v=spf1 ipv4:192.0.2.25 -all"), f"SPF {OURS}", "fail", "no mechanism", "Mend"),
        (saying(SPF, "v=spf1 ip4:192.0.2.300 -all"), f"SPF {OURS}", "fail", "names no network", "Mend"),
        (saying(SPF, "v=spf1 " + "a " * 11 + "-all"), f"SPF {OURS}", "fail", "more than 10", "Take out"),
        (saying(SPF, f"v=spf1 include:{OURS} -all"), f"SPF {OURS}", "fail", "more than 10", "Take out"),
        (saying(SPF, "v=spf1 redirect=_spf.provider.example"), f"SPF {OURS}", "ok", "~all, 1 of 10", ""),
        (saying(SPF, "v=spf1 exists:%{i}.x.example ~all"), f"SPF {OURS}", "ok", "~all", ""),
        (without(S1), f"DKIM s1._domainkey.{OURS}", "fail", "no key in DNS", "IN TXT"),
        (saying(S1, "v=DKIM1; k=rsa; p="), f"DKIM s1._domainkey.{OURS}", "fail", "revoked", "IN TXT"),
        (saying(S1, "v=DKIM1; k=rsa; p=MIIB"), f"DKIM s1._domainkey.{OURS}", "fail", "another key", "IN TXT"),
        (saying(S1, "v=DKIM1; k=ed25519; p=MIIB"), f"DKIM s1._domainkey.{OURS}", "fail", "kind ed25519", "IN TXT"),
        (saying(S1, "p=a", "p=b"), f"DKIM s1._domainkey.{OURS}", "fail", "2 records", "Leave one"),
        (without(DMARC), f"DMARC {OURS}", "fail", "no policy", f"_dmarc.{OURS}: v=DMARC1; p=none"),
        (saying(DMARC, "v=DMARC1; rua=mailto:a@b.example"), f"DMARC {OURS}", "fail", "no policy", "p=none"),
        (saying(DMARC, "v=DMARC1; p=none"), f"DMARC {OURS}", "warn", "nobody gets the reports", "rua="),
        (saying(DMARC, "v=DMARC1; p=none", "v=DMARC1; p=reject"), f"DMARC {OURS}", "fail", "2 records", "Leave one"),
        (plain(f"{OURS} MX", "0 ."), f"bounces to {OURS}", "fail", "null MX", "Publish an MX"),
        (without(f"{OURS} MX"), f"bounces to {OURS}", "fail", "nothing can come back", "Publish an MX"),
        (without("25.2.0.192.in-addr.arpa PTR"), "PTR 192.0.2.25", "warn", "no name", "leads back"),
        (plain("25.2.0.192.in-addr.arpa PTR", "x.example."), "PTR 192.0.2.25", "warn", "x.example doesn't", "leads"),
        (without(f"{RELAY} A"), "relay main", "fail", "no address", "SMTP_URL"),
    ],
)  # fmt: skip
async def test_what_is_wrong_in_dns_is_found_with_its_cure(
    keys: tuple[Path, tuple[DkimKey, DkimKey]], mend: Mend, what: str, verdict: str, says: str, fix: str
) -> None:
    zone = whole(keys[1])
    mend(zone)
    found = (await look(zone, keys[0]))[what]
    assert (found.verdict, says in found.says, fix in found.fix) == (verdict, True, True), found


async def test_a_key_says_more_than_that_it_is_there(
    keys: tuple[Path, tuple[DkimKey, DkimKey]], tmp_path: Path
) -> None:
    rsa, _ = keys[1]
    what = f"DKIM s1._domainkey.{OURS}"
    for change, verdict in ((" t=y;", "warn"), (" h=sha1;", "fail"), (" s=web;", "fail"), (" s=email; t=s;", "ok")):
        zone = whole(keys[1]) | {S1: [txt(rsa.record.replace("k=rsa;", f"k=rsa;{change}"))]}
        assert (await look(zone, keys[0]))[what].verdict == verdict, change


async def test_when_the_relay_signs_its_selector_is_looked_up_and_else_asked_for(
    keys: tuple[Path, tuple[DkimKey, DkimKey]],
) -> None:
    zone = whole(keys[1])
    asked = (await look(zone, None))[f"DKIM {OURS}"]
    assert (asked.verdict, "--selector" in asked.fix) == ("warn", True)
    found = await look(zone, None, selectors=("s1",))
    assert found[f"DKIM s1._domainkey.{OURS}"].says == "rsa, 2048 bits"
    assert found[f"DKIM {OURS}"].says == "the relay signs, with s1"
    weak_key = rsa_key(65537, 1024).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    short = f"v=DKIM1; p={base64.b64encode(weak_key).decode()}"
    weak = (await look(zone | {S1: [txt(short)]}, None, selectors=("s1",)))[f"DKIM s1._domainkey.{OURS}"]
    assert (weak.verdict, weak.says) == ("warn", "rsa, 1024 bits; 2048 are advised (RFC 8301)")


async def test_a_subdomain_is_covered_from_above_and_strictness_is_heeded(
    keys: tuple[Path, tuple[DkimKey, DkimKey]],
) -> None:
    news = f"news.{OURS}"
    zone = whole(keys[1]) | {f"{news} TXT": [txt("v=spf1 include:_spf.provider.example -all")], f"{news} MX": ["1 mx."]}
    found = await look(zone, keys[0], domains=(news,))
    assert found[f"DMARC {news}"].says == f"p=reject, from _dmarc.{OURS}, reports to mailto:dmarc@{OURS}"
    assert found[f"alignment {news}"].says == f"SPF ({news}) and DKIM (d={OURS}) may vouch for From"
    strict = zone | {DMARC: [txt("v=DMARC1; p=reject; adkim=s; sp=none; rua=mailto:a@b.example")]}
    found = await look(strict, keys[0], domains=(news,))
    assert found[f"DMARC {news}"].says.startswith("p=none")
    assert found[f"alignment {news}"].verdict == "fail" and "adkim=s" in found[f"alignment {news}"].says


async def test_of_several_relays_each_is_looked_at_and_those_that_may_send_are_in_spf(
    keys: tuple[Path, tuple[DkimKey, DkimKey]],
) -> None:
    zone = whole(keys[1]) | {"second.example A": ["198.51.100.99"]}
    found = await look(
        zone, keys[0], settings=_settings(keys[0]).model_copy(update={"smtp_urls": "b=smtp://second.example:1"})
    )
    assert found["PTR 198.51.100.99"].verdict == "warn"
    assert found["TLS of b"].verdict == found["TLS of main"].verdict == "fail"
    assert "198.51.100.99" in found[f"SPF {OURS}"].says


async def test_a_domain_without_a_key_beside_those_that_have_one_is_said(
    keys: tuple[Path, tuple[DkimKey, DkimKey]],
) -> None:
    found = (await look(whole(keys[1]), keys[0], domains=("alder.example",)))["DKIM alder.example"]
    assert (found.verdict, found.fix) == ("fail", "Make one: python starter.py mail keys make alder.example.")


async def test_dns_that_does_not_answer_is_one_finding_and_not_a_guess(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leadloom.runtime.dns.PATIENCE_S", 0.2)
    settings = Settings(smtp_url=None, public_url="http://127.0.0.1:1", secret=SECRET, database_url=None)
    found = await examine_mail(Look(settings=settings, dns=Dns("127.0.0.1:9"), at=TUESDAY, domains=(OURS,)))
    assert [one.what for one in found if OURS in one.what] == [f"DNS of {OURS}"]
    assert not is_well(found)
    with pytest.raises(BadInput, match="LEADLOOM_DNS_RESOLVER"):
        Dns("resolver.example")


async def of_relay(url: str, trust: ssl.SSLContext | None = None) -> Finding:
    return await examine_tls("main", Relay.from_url(url), trust)


async def test_the_relays_tls_is_asked_for_and_its_certificate_verified(certificate: tuple[Path, Path]) -> None:
    trust = ssl.create_default_context(cafile=certificate[1])
    async with a_relay(Inbox(), certificate, implicit=False) as port:
        assert "certificate is verified" in (await of_relay(f"smtp://u:wrong@127.0.0.1:{port}", trust)).says
        never = await of_relay(f"smtp://127.0.0.1:{port}?starttls=never", trust)
        assert (never.verdict, "starttls=never" in never.fix) == ("warn", True)
    async with a_relay(Inbox(), certificate, implicit=True) as port:
        assert (await of_relay(f"smtps://u:p@127.0.0.1:{port}", trust)).verdict == "ok"
    gone = await examine_tls("b", Relay.from_url("smtp://127.0.0.2:1"), trust)
    assert (gone.verdict, gone.fix) == ("fail", "Start it, or correct its address in SMTP_URL or SMTP_URLS.")
    async with MailTrap() as trap:
        assert "nobody between" in (await of_relay(trap.url)).says


@contextlib.asynccontextmanager
async def a_console(status: int, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Something at the public address that answers every request alike."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status} x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls) as server:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def of_page(url: str, trust: ssl.SSLContext | None = None) -> Finding:
    return await examine_page(Settings(public_url=url, secret=SECRET), trust)


async def test_the_page_behind_list_unsubscribe_is_looked_at_over_https(certificate: tuple[Path, Path]) -> None:
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(certificate[1], certificate[0])
    async with a_console(200, serving) as url:
        assert (await of_page(url, ssl.create_default_context(cafile=certificate[1]))).verdict == "ok"
        stranger = await of_page(url)
        assert (stranger.verdict, "certificate" in stranger.says.lower()) == ("fail", True)
    async with a_console(301) as url:
        assert "without a redirect" in (await of_page(url)).fix
    assert (await of_page("http://go.kelvance.example")).fix.startswith("Set LEADLOOM_PUBLIC_URL to https")
    assert "let the world reach it" in (await of_page("http://127.0.0.1:1")).fix


@pytest.mark.parametrize(
    ("sent", "complained", "verdict"), [(299, 1, "ok"), (2000, 1, "ok"), (1000, 1, "warn"), (900, 3, "fail")]
)
async def test_complaints_warn_from_one_in_a_thousand_and_fail_from_three(
    db: Db, dsn: str, book: Book, sent: int, complained: int, verdict: str
) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    others = [
        await acts.capture(db, book, world.draft(f"lead.{no}", world.happened("guide_requested", TUESDAY)))
        for no in range(complained - 1)
    ]
    for each in (lead_id, *others):
        await acts.happens(db, book, each, world.happened("complained", TUESDAY + timedelta(hours=1)))
    await acts.rows(dsn, _COPIES, sent, TUESDAY)
    at = TUESDAY + timedelta(days=1)
    found = await of_rows(dsn, at)
    assert found["complaints, 7 days"].verdict == found["complaints, 30 days"].verdict == verdict
    assert found["complaints, 7 days"].says.startswith(f"{complained} of {sent} mails")
    assert found["bounces, 7 days"].verdict == "ok"
    assert "0 of 0 mails" in (await of_rows(dsn, at + timedelta(days=8)))["complaints, 7 days"].says


async def test_complaints_are_told_by_sender_domain_and_by_provider(db: Db, dsn: str, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    await acts.rows(dsn, "UPDATE lead SET email = 'ana.torres@gmail.com' WHERE lead_id = $1", lead_id)
    await acts.rows(dsn, _COPIES, 400, TUESDAY)
    [mail] = await acts.rows(dsn, "SELECT message_id FROM message WHERE sent_at = $1 LIMIT 1", TUESDAY)
    said = world.happened("complained", TUESDAY + timedelta(hours=1), data={"message_id": str(mail["message_id"])})
    await acts.happens(db, book, lead_id, said)
    found = await of_rows(dsn, TUESDAY + timedelta(days=1))
    told = {what: each.says for what, each in found.items() if what.startswith("complaints ")}
    assert sorted(told) == ["complaints from kelvance.example, 7 days", "complaints to google, 7 days"]
    assert all(says.startswith("1 of 400 mails") for says in told.values())
    assert {found[what].verdict for what in told} == {"warn"}


async def of_rows(dsn: str, at: datetime) -> dict[str, Finding]:
    settings = Settings(smtp_url=None, public_url="http://127.0.0.1:1", secret=SECRET, database_url=dsn)
    async with a_dns_server({}) as server:
        return {one.what: one for one in await examine_mail(Look(settings=settings, dns=Dns(server), at=at))}


_COPIES = """
INSERT INTO message (message_id, enrolment_id, step, visit, lead_id, mail, template_hash, mail_class, sender, lane,
                     priority, status, asked_at, not_before, slot_at, deadline, sent_at)
SELECT gen_random_uuid(), enrolment_id, step, 100 + n, lead_id, mail, template_hash, mail_class, sender, lane,
       priority, 'sent', asked_at, not_before, slot_at, deadline, $2
  FROM message, generate_series(1, $1::int) AS n
"""
