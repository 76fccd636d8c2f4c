"""Does mail keep the pace of who really takes it in, and never go to who takes none? A real DNS server on loopback."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from temporalio.testing import ActivityEnvironment

from activities.answers import Look
from activities.mail_hosts import MailHostEffects
from leadloom.domain.mails.mail_hosts import SaidByMx
from leadloom.runtime.mail_exchanges import MailExchanges
from leadloom.store import mail_hosts, suppressions
from tests.chaos.conftest import PostOffice
from tests.chaos.test_relays import LATER, count, deliver_by, drain, due
from tests.dns_server import Zone, a_dns_server
from tests.store.acts import WALL

GOOGLE = ["1 aspmx.l.google.com.", "5 alt1.aspmx.l.google.com."]


async def asks(
    post: PostOffice, server: str, *, after: timedelta = timedelta(), at_slot: timedelta = timedelta()
) -> int:
    """A sweep, so long after the first by the wall's clock."""
    tools = dataclasses.replace(post.tools, mx=MailExchanges(server), wall_now=lambda: WALL + after)
    sweep = MailHostEffects(tools).ask_mail_hosts
    return await ActivityEnvironment().run(sweep, Look(about="", at=LATER + at_slot))


async def move(post: PostOffice, domain: str, how_many: int) -> None:
    """So many of the readers get their mail somewhere else."""
    await post.rows(
        "UPDATE lead SET email = split_part(email, '@', 1) || '@' || $1 WHERE lead_id IN"
        " (SELECT lead_id FROM lead ORDER BY lead_id LIMIT $2)", domain, how_many,
    )  # fmt: skip


async def known(post: PostOffice) -> dict[str, mail_hosts.KnownHost]:
    async with post.db.read() as tx:
        return {each.domain: each for each in await mail_hosts.every(tx)}


async def test_a_firm_at_google_keeps_the_pace_of_google_and_firms_behind_one_gateway_share_one(
    post: PostOffice,
) -> None:
    await deliver_by(post, per_second={"google": 1}, per_gateway={"count": 2, "within": "1m"})
    await due(post, 12, domain="birch-freight.com")
    await move(post, "alder-cargo.com", 8)
    await move(post, "cedar-cold.com", 4)
    gateway = ["10 mx0a-0042.pphosted.com."]
    zone: Zone = {
        "birch-freight.com MX": gateway,
        "alder-cargo.com MX": ["10 mx1-us1.ppe-hosted.com."],
        "cedar-cold.com MX": GOOGLE,
    }
    async with a_dns_server(zone) as server:
        assert await asks(post, server) == 3
        assert await asks(post, server) == 0
    found = await known(post)
    assert {domain: (each.provider, each.host) for domain, each in found.items()} == {
        "birch-freight.com": ("others", "proofpoint"),
        "alder-cargo.com": ("others", "proofpoint"),
        "cedar-cold.com": ("google", "google"),
    }
    assert found["cedar-cold.com"].exchanges == ("aspmx.l.google.com", "alt1.aspmx.l.google.com")
    await drain(post, LATER)
    went = [mail.recipients[0].rpartition("@")[2] for mail in post.trap.mails]
    assert went.count("cedar-cold.com") == 2, "Google's pace: one a second, and one within a second of its time"
    assert len(went) - went.count("cedar-cold.com") == 2, "both firms behind the gateway together"
    assert await count(post, "kept_why = 'provider_pace'") == 2
    assert await count(post, "kept_why = 'company_pace'") == 6


async def test_what_the_definition_declares_is_stronger_than_what_dns_says(post: PostOffice) -> None:
    await deliver_by(post, per_second={"google": 1}, hosted={"cedar-cold.com": "others"})
    await due(post, 5, domain="cedar-cold.com")
    async with a_dns_server({"cedar-cold.com MX": GOOGLE}) as server:
        await asks(post, server)
    await drain(post, LATER)
    assert len(post.trap.mails) == 5


async def test_a_domain_that_takes_no_mail_gets_none_and_the_ledger_says_why_until_it_takes_some_again(
    post: PostOffice,
) -> None:
    await deliver_by(post)
    leads = await due(post, 2, domain="parked-domain.com")
    zone: Zone = {"parked-domain.com MX": ["0 ."]}
    async with a_dns_server(zone) as server:
        await asks(post, server)
        await drain(post, LATER)
        assert post.trap.mails == []
        reasons = {row["reason"] for row in await post.rows("SELECT reason FROM message WHERE status = 'suppressed'")}
        assert len(reasons) == 1
        assert "takes no mail (RFC 7505)" in reasons.pop()
        # It is asked again when mail is to go and what it said has run out; nobody lifts anything by hand.
        await due_again(post)
        zone["parked-domain.com MX"] = ["10 mx.parked-domain.com."]
        assert await asks(post, server, after=timedelta(minutes=59)) == 0
        assert await asks(post, server, after=timedelta(hours=2)) == 1
    async with post.db.read() as tx:
        [lifted] = await suppressions.listed(tx, scope="domain", value="parked-domain.com", lifted_too=True)
    assert (lifted.by, lifted.lifted_by, lifted.lifted_why) == ("system", "system", "its MX names a host again")
    await drain(post, LATER)
    assert len(post.trap.mails) == len(leads)


async def test_who_lifts_it_by_hand_is_believed(post: PostOffice) -> None:
    await deliver_by(post)
    await due(post, 1, domain="parked-domain.com")
    async with a_dns_server({"parked-domain.com MX": ["0 ."]}) as server:
        await asks(post, server)
        async with post.db.transaction() as tx:
            [stands] = await suppressions.listed(tx, scope="domain", value="parked-domain.com")
            why = "They told us on the phone that it works."
            await suppressions.lift(tx, stands.suppression_id, why=why, by="samira-haddad", at=LATER)
        await asks(post, server, after=timedelta(hours=2))
    async with post.db.read() as tx:
        assert await suppressions.listed(tx, scope="domain", value="parked-domain.com") == ()


async def test_a_dns_that_is_away_holds_up_nothing_and_what_it_said_before_stands(post: PostOffice) -> None:
    await deliver_by(post)
    await due(post, 2, domain="cedar-cold.com")
    async with a_dns_server({"cedar-cold.com MX": GOOGLE}) as server:
        await asks(post, server)
    await asks(post, server, after=timedelta(days=8))
    found = (await known(post))["cedar-cold.com"]
    assert (found.provider, found.exchanges[0]) == ("google", "aspmx.l.google.com")
    assert found.failure is not None
    await drain(post, LATER)
    assert len(post.trap.mails) == 2


async def test_nobody_is_asked_about_names_that_say_it_themselves(post: PostOffice) -> None:
    await deliver_by(post)
    await due(post, 2, domain="gmail.com")
    await move(post, "alder.example", 1)
    asked: list[str] = []

    class Nobody(MailExchanges):
        async def of(self, domain: str) -> SaidByMx:
            asked.append(domain)
            return await super().of(domain)

    tools = dataclasses.replace(post.tools, mx=Nobody("127.0.0.1:9"))
    assert await ActivityEnvironment().run(MailHostEffects(tools).ask_mail_hosts, Look(about="", at=LATER)) == 2
    assert asked == []
    assert {domain: each.host for domain, each in (await known(post)).items()} == {
        "gmail.com": "google",
        "alder.example": "alder.example",
    }


async def due_again(post: PostOffice) -> None:
    """The same mails, as if they had just been planned."""
    await post.rows("UPDATE message SET status = 'reserved', settled_at = NULL, reason = NULL")
