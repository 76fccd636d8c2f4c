"""Which due mails go now, over which relay, and which wait for their turn? Rates that all lanes share, by rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.delivery_policy import Pace
from leadloom.domain.mails.abreast import Limit, limit_of
from leadloom.domain.mails.mail_hosts import Hosting, TakenInBy
from leadloom.domain.mails.pace import BOOKED_AHEAD, BOOKING_HOLDS, Day, Due, Kept, Rate, grant
from leadloom.domain.mails.providers import named_of
from leadloom.domain.mails.routes import Group, route_of
from leadloom.domain.model import MessageId
from leadloom.store import mail_hosts
from leadloom.store.tx import Record, Tx

_DAY = timedelta(days=1)


class Way(NamedTuple):
    """Which way a mail goes."""

    relay: str
    taken_in_by: TakenInBy
    limit: Limit | None


class Page(NamedTuple):
    """Claimed mails, parted."""

    ways: Mapping[MessageId, Way]
    """Those that go now, and which way."""
    kept: int
    """How many wait."""


async def part(tx: Tx, rows: Sequence[Record], *, known: Collection[str], definition: Definition, at: datetime) -> Page:
    """Give each of these due, held mails its relay, or an instant at which it asks again. No try is burnt."""
    rests: dict[Group, datetime] = {
        (row["relay"], row["provider"]): row["rests_until"] for row in await tx.all("resting_routes")
    }
    stopped = {row["domain"] for row in await tx.all("stopped_senders")}
    faulty = {row["template_hash"] for row in await tx.all("stopped_templates")}
    hosting = await mail_hosts.hosting(tx, definition, {(row["to_domain"] or "").lower() for row in rows})
    ways: dict[MessageId, Way] = {}
    kept: dict[MessageId, Kept] = {}
    dues: list[Due] = []
    for row in rows:
        facts = _Facts.of(row, definition, hosting)
        route = route_of(
            definition.mail.delivery.relays, (facts.sender_domain, facts.to.provider), known=known, rests=rests, at=at
        )
        if row["template_hash"] in faulty and row["owner_id"] is None:
            kept[row["message_id"]] = Kept(at + BOOKED_AHEAD, "template_stopped", is_booked=False)
        elif facts.waits and facts.sender_domain in stopped:
            kept[row["message_id"]] = Kept(at + BOOKED_AHEAD, "sender_stopped", is_booked=False)
        elif isinstance(route, str):
            ways[row["message_id"]] = Way(route, facts.to, limit_of(definition.mail.delivery, route, facts.to.provider))
            dues.append(facts.due(row, route, definition, at))
        else:
            kept[row["message_id"]] = Kept(route or at + BOOKED_AHEAD, "relay_rests", is_booked=False)
    kept |= await _grant(tx, dues, definition, at)
    await _keep(tx, kept)
    return Page({key: way for key, way in ways.items() if key not in kept}, len(kept))


class _Facts(NamedTuple):
    """What decides about one mail's way and pace."""

    sender_domain: str
    to_domain: str
    to: TakenInBy
    is_known: bool
    """Whether its MX was asked."""
    waits: bool

    @classmethod
    def of(cls, row: Record, definition: Definition, hosting: Hosting) -> _Facts:
        to_domain = (row["to_domain"] or "").lower()
        policy = definition.mail
        return cls(
            sender_domain=policy.domain_of(row["mail_class"]),
            to_domain=to_domain,
            to=hosting.of(to_domain),
            is_known=to_domain in hosting.known,
            waits=policy.classes[row["mail_class"]].capped,
        )

    def due(self, row: Record, relay: str, definition: Definition, at: datetime) -> Due:
        booked = row["paced_at"] is not None and at - row["paced_at"] <= BOOKING_HOLDS
        warms = self.sender_domain if self.sender_domain in definition.mail.delivery.warm_up else None
        rates = tuple(self._rates(relay, definition)) if self.to_domain else ()
        return Due(row["message_id"], rates, warms, self.waits, booked)

    def _rates(self, relay: str, definition: Definition) -> list[Rate]:
        delivery, found = definition.mail.delivery, list[Rate]()
        if (per_second := delivery.per_second.get(self.to.provider)) is not None:
            bucket = f"provider:{relay}/{self.to.provider}"
            apart, burst = timedelta(seconds=1 / per_second), max(1, round(per_second))
            found.append(Rate(bucket, apart, burst, "provider_pace"))
        if named_of(self.to_domain) is not None or definition.mql.is_free_mail(self.to_domain):
            return found
        if (pace := delivery.per_recipient_domain) is not None:
            found.append(_rate(f"to:{self.to_domain}", pace))
        # A gateway counts its firms together, and a firm's own exchange all of its domains.
        if (pace := delivery.per_gateway) is not None and self.is_known and self.to.provider == "others":
            found.append(_rate(f"gateway:{self.to.host}", pace))
        return found


def _rate(bucket: str, pace: Pace) -> Rate:
    return Rate(bucket, pace.within / pace.count, pace.count, "company_pace")


async def _grant(tx: Tx, dues: Sequence[Due], definition: Definition, at: datetime) -> Mapping[MessageId, Kept]:
    buckets = sorted({rate.bucket for due in dues for rate in due.rates})
    rows = await tx.all("held_paces", buckets=buckets) if buckets else []
    days, today = await _days(tx, {due.warms for due in dues if due.warms}, definition, at)
    granted = grant(dues, free_at={row["bucket"]: row["free_at"] for row in rows}, days=days, at=at)
    if granted.free_at:
        free = sorted(granted.free_at.items())
        await tx.run("take_paces", buckets=[name for name, _ in free], free_ats=[when for _, when in free])
    if warmed := {domain: count for domain, count in sorted(granted.warmed.items()) if domain in days}:
        domains = list(warmed)
        await tx.run("take_warm_days", domains=domains, days=[today] * len(domains), sents=list(warmed.values()))
    return granted.kept


async def _days(tx: Tx, domains: Collection[str], definition: Definition, at: datetime) -> tuple[dict[str, Day], date]:
    zone = ZoneInfo(definition.company.time_zone)
    today = at.astimezone(zone).date()
    limits = await warm_up_limits(tx, definition, domains, today=today)
    warming = sorted(domain for domain, limit in limits.items() if limit is not None)
    if not warming:
        return {}, today
    rows = await tx.all("held_warm_days", domains=warming, days=[today] * len(warming))
    sent = {row["domain"]: row["sent"] for row in rows}
    next_at = datetime.combine(today + _DAY, time(0), zone)
    return {each: Day(max(0, (limits[each] or 0) - sent.get(each, 0)), next_at) for each in warming}, today


async def warm_up_limits(
    tx: Tx, definition: Definition, domains: Collection[str], *, today: date
) -> dict[str, int | None]:
    """What these domains that warm up may send today; None of one that is through."""
    curves = {domain: definition.mail.delivery.warm_up[domain] for domain in sorted(domains)}
    if not curves:
        return {}
    firsts = [curve.from_ for curve in curves.values()]
    rows = await tx.all("warm_days_before", domains=list(curves), firsts=firsts, today=today)
    before: dict[str, list[int]] = {row["domain"]: row["sents"] for row in rows}
    return {domain: curve.limit(before.get(domain, ())) for domain, curve in curves.items()}


async def _keep(tx: Tx, kept: Mapping[MessageId, Kept]) -> None:
    if kept:
        waits = list(kept.values())
        await tx.run(
            "keep_back",
            message_ids=list(kept),
            untils=[each.until for each in waits],
            codes=[each.code for each in waits],
            paced_ats=[each.until if each.is_booked else None for each in waits],
        )


async def forget(tx: Tx, *, at: datetime) -> None:
    """Drop what says nothing any more: there is a row for each firm that was written to. Twice is fine."""
    await tx.run("forget_paces", before=at - _DAY)
