"""Which due mails go now, over which relay, and which wait for their turn? Rates that all lanes share, by rows."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.delivery_policy import Pace, Provider
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
    courses = _Courses(definition, hosting, known=known, rests=rests, at=at)
    for row in rows:
        course = courses.of(row["to_domain"], row["mail_class"])
        if row["template_hash"] in faulty and row["owner_id"] is None:
            kept[row["message_id"]] = Kept(at + BOOKED_AHEAD, "template_stopped", is_booked=False)
        elif course.waits and course.sender_domain in stopped:
            kept[row["message_id"]] = Kept(at + BOOKED_AHEAD, "sender_stopped", is_booked=False)
        elif course.way is not None:
            ways[row["message_id"]] = course.way
            booked = row["paced_at"] is not None and at - row["paced_at"] <= BOOKING_HOLDS
            dues.append(Due(row["message_id"], course.rates, course.warms, course.waits, booked))
        else:
            kept[row["message_id"]] = Kept(course.asks_again, "relay_rests", is_booked=False)
    kept |= await _grant(tx, dues, definition, at)
    await _keep(tx, kept)
    return Page({key: way for key, way in ways.items() if key not in kept}, len(kept))


class _Course(NamedTuple):
    """What decides about the way and the pace of mail of one class to one domain."""

    sender_domain: str
    waits: bool
    warms: str | None
    way: Way | None
    """None: each relay it may go by rests, or there is none."""
    asks_again: datetime
    rates: tuple[Rate, ...]


class _Courses:
    """The courses of a page, each found once: of some hundred firms' mail nearly all goes the same way."""

    def __init__(
        self,
        definition: Definition,
        hosting: Hosting,
        *,
        known: Collection[str],
        rests: Mapping[Group, datetime],
        at: datetime,
    ) -> None:
        self._definition, self._hosting, self._known, self._rests, self._at = definition, hosting, known, rests, at
        self._found: dict[tuple[str | None, str], _Course] = {}
        self._routes: dict[tuple[str, Provider], tuple[str | datetime | None, Limit | None]] = {}

    def of(self, to_domain: str | None, mail_class: str) -> _Course:
        """The course of such mail; None is an owner's domain."""
        if (course := self._found.get((to_domain, mail_class))) is None:
            course = self._found[to_domain, mail_class] = self._make((to_domain or "").lower(), mail_class)
        return course

    def _make(self, to_domain: str, mail_class: str) -> _Course:
        policy = self._definition.mail
        sender_domain, to = policy.domain_of(mail_class), self._hosting.of(to_domain)
        route, limit = self._route(sender_domain, to.provider)
        way = Way(route, to, limit) if isinstance(route, str) else None
        return _Course(
            sender_domain=sender_domain,
            waits=policy.classes[mail_class].capped,
            warms=sender_domain if sender_domain in policy.delivery.warm_up else None,
            way=way,
            asks_again=route if isinstance(route, datetime) else self._at + BOOKED_AHEAD,
            rates=tuple(self._rates(to_domain, way)) if way and to_domain else (),
        )

    def _route(self, sender_domain: str, provider: Provider) -> tuple[str | datetime | None, Limit | None]:
        if (found := self._routes.get((sender_domain, provider))) is None:
            delivery = self._definition.mail.delivery
            whose = (sender_domain, provider)
            route = route_of(delivery.relays, whose, known=self._known, rests=self._rests, at=self._at)
            limit = limit_of(delivery, route, provider) if isinstance(route, str) else None
            found = self._routes[whose] = route, limit
        return found

    def _rates(self, to_domain: str, way: Way) -> Iterator[Rate]:
        delivery, to = self._definition.mail.delivery, way.taken_in_by
        if (per_second := delivery.per_second.get(to.provider)) is not None:
            bucket = f"provider:{way.relay}/{to.provider}"
            yield Rate(bucket, timedelta(seconds=1 / per_second), max(1, round(per_second)), "provider_pace")
        if named_of(to_domain) is not None or self._definition.mql.is_free_mail(to_domain):
            return
        if (pace := delivery.per_recipient_domain) is not None:
            yield _rate(f"to:{to_domain}", pace)
        # A gateway counts its firms together, and a firm's own exchange all of its domains; once its MX was asked.
        if (pace := delivery.per_gateway) is not None and to.provider == "others" and to_domain in self._hosting.known:
            yield _rate(f"gateway:{to.host}", pace)


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
