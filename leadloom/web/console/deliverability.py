"""Is our mail taken? What stands still, how mails were received, what came back, what a doctor says of the domains."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import get_args
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.delivery_policy import Provider
from leadloom.domain.definitions.hand_off_rules import OwnerEntry
from leadloom.domain.errors import BadInput, NotFound
from leadloom.domain.finding import Finding
from leadloom.domain.mails.mail_hosts import Hosting
from leadloom.domain.model import Instant, Value
from leadloom.domain.returns.kind import Kind
from leadloom.runtime import resuming
from leadloom.runtime.dns import Dns
from leadloom.runtime.mail_doctor import BOUNCES, Look, examine_mail
from leadloom.store import deliverability, mail_hosts, paces, published, routes, sender_domains
from leadloom.store.deliverability import CameBackCount, Received, Waiting
from leadloom.store.routes import Resting
from leadloom.store.sender_domains import SenderDomain
from leadloom.store.tx import Tx
from leadloom.web._public import fields_of
from leadloom.web.console._figures import Figure
from leadloom.web.console._guard import needs
from leadloom.web.console._places import Place
from leadloom.web.console._spans import DAYS, span_of
from leadloom.web.console._stopped_templates import Stopped, stopped
from leadloom.web.console._taken_in_by import TakenIn, taken_in
from leadloom.web.console._visit import Looking, Visit, back_to
from leadloom.web.console.rows_mails import KEPT_WORDS
from leadloom.web.console.rows_returns import KIND_WORDS

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_OPERATION)])
PLACE = Place(
    href="/deliverability",
    words="Deliverability",
    means="Whether our mail is taken, and what came back for it",
    order=10,
)

_LONGEST_WHY = 500


class Line(Value):
    """How mails of a sender domain, or to a provider, were received."""

    name: str
    sent: Figure
    refused: Figure
    bounced: Figure
    complained: Figure
    warm_up: str = ""
    """How far a domain that warms up is today."""
    state: SenderDomain | None = None
    """What complaints said of a sender domain when they were last counted."""

    @property
    def share_bounced(self) -> float | None:
        """Refused and bounced, of all that was tried; None when nothing was."""
        tried = self.sent.number + self.refused.number
        return (self.bounced.number + self.refused.number) / tried if tried else None

    @property
    def share_complained(self) -> float | None:
        """Of what was sent."""
        return self.complained.number / self.sent.number if self.sent.number else None


class Back(Value):
    """Things of one kind that came back."""

    words: str
    reason: str
    all: Figure
    asking: Figure


class Kept(Value):
    """Due mails that wait for one thing."""

    words: str
    mails: Figure
    next_at: Instant


class Sight(Value):
    """All that the page shows."""

    days: str
    resting: tuple[Resting, ...]
    stopped: tuple[SenderDomain, ...]
    templates: tuple[Stopped, ...]
    domains: tuple[Line, ...]
    providers: tuple[Line, ...]
    back: tuple[Back, ...]
    kept: tuple[Kept, ...]
    taken_in: TakenIn


@router.get("/deliverability")
async def show(visit: Visit, days: str = "7") -> HTMLResponse:
    """The page."""
    return await _page(visit, days=days)


@router.get("/deliverability/doctor")
async def ask_doctor(visit: Visit) -> HTMLResponse:
    """What `doctor mail` says, asked now: DNS, relays and the public address take some seconds."""
    settings = visit.house.settings
    findings = await examine_mail(Look(settings=settings, dns=Dns(settings.dns_resolver), at=visit.at))
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
    worst: tuple[Finding, ...] = tuple(one for one in findings if one.verdict != "ok")
    return visit.page("console/doctor.html", book, findings=findings, worst=worst)


@router.post("/deliverability/relays/{relay}", dependencies=[needs(Right.OPERATE)])
async def try_relay(visit: Visit, relay: str) -> Response:
    """Try a relay that rests again, in the name of the seat."""
    return await _acted(visit, lambda fields, seat: resuming.try_relay(visit.house, relay, by=seat.handle))


@router.post("/deliverability/senders/{domain}", dependencies=[needs(Right.OPERATE)])
async def resume_sender(visit: Visit, domain: str) -> Response:
    """Let a sender domain go on that complaints stopped, in the name of the seat, with what was mended."""

    async def act(fields: Mapping[str, str], seat: OwnerEntry) -> object:
        why = _why(fields, "Say what was mended; it is kept with what you did.")
        return await resuming.resume_sender(visit.house, domain, why=why, by=seat.handle)

    return await _acted(visit, act)


@router.post("/deliverability/templates/{template}", dependencies=[needs(Right.OPERATE)])
async def resume_template(visit: Visit, template: str) -> Response:
    """Let a template go on that several sent back, in the name of the seat, with what they found."""

    async def act(fields: Mapping[str, str], seat: OwnerEntry) -> object:
        why = _why(fields, "Say what you found; it is kept with what you did.")
        return await resuming.resume_template(visit.house, template, why=why, by=seat.handle)

    return await _acted(visit, act)


def _why(fields: Mapping[str, str], remedy: str) -> str:
    """Raises BadInput."""
    if not (why := fields.get("why", "").strip()[:_LONGEST_WHY]):
        raise BadInput("why", "", remedy)
    return why


async def _acted(visit: Looking, act: Callable[[Mapping[str, str], OwnerEntry], Awaitable[object]]) -> Response:
    """Do it for the seat, then show the page again; what was wrong stands on it."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.read() as tx:
            seat = visit.seated(await published.book(tx))
        await act(fields, seat)
    except BadInput as bad:
        return await _page(visit, problem=bad.remedy, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except NotFound as missing:
        return await _page(visit, problem=str(missing), status=HTTPStatus.NOT_FOUND)
    return back_to(fields.get("back", ""), PLACE.href)


async def _page(
    visit: Looking, *, days: str = "7", problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        sight = await _sight(tx, book.definition, days=days, at=visit.at)
    return visit.page(
        "console/deliverability.html", book, status=status, problem=problem, sight=sight, spans=DAYS, bounces=BOUNCES,
        policy=book.definition.mail.delivery,
    )  # fmt: skip


async def _sight(tx: Tx, definition: Definition, *, days: str, at: datetime) -> Sight:
    since = at - span_of(days)
    received = await deliverability.received(tx, since=since)
    counted = await sender_domains.every(tx)
    hosting = await mail_hosts.hosting(tx, definition, {each.host for each in received})
    return Sight(
        days=days,
        resting=await routes.every(tx),
        stopped=tuple(each for each in counted if each.stopped_at is not None),
        domains=_by_domain(definition, received, counted, await _warmth(tx, definition, at), days),
        providers=_by_provider(hosting, received, days),
        back=tuple(_back(each, days) for each in await deliverability.came_back(tx, since=since)),
        kept=tuple(_kept(each) for each in await deliverability.waiting(tx)),
        templates=await stopped(tx),
        taken_in=await taken_in(tx, definition),
    )


async def _warmth(tx: Tx, definition: Definition, at: datetime) -> dict[str, str]:
    """Sender domain → how far its warm-up is today, for those that have a limit today."""
    day = at.astimezone(ZoneInfo(definition.company.time_zone)).date()
    sent = await deliverability.warmed(tx, day=day)
    limits = await paces.warm_up_limits(tx, definition, definition.mail.delivery.warm_up, today=day)
    return {
        domain: f"warming up: {sent.get(domain, 0):,} of {limit:,} today"
        for domain, limit in limits.items()
        if limit is not None
    }


def _by_domain(
    definition: Definition,
    received: Iterable[Received],
    counted: Iterable[SenderDomain],
    warmth: Mapping[str, str],
    days: str,
) -> tuple[Line, ...]:
    policy, known = definition.mail, {each.domain: each for each in counted}
    of_domain: dict[str, list[Received]] = {policy.domain_of(each): [] for each in policy.classes}
    for each in received:
        of_domain.setdefault(policy.domain_of(each.mail_class), []).append(each)
    return tuple(
        _line(domain, rows, {"domain": domain, "days": days}).model_copy(
            update={"warm_up": warmth.get(domain, ""), "state": known.get(domain)}
        )
        for domain, rows in sorted(of_domain.items())
    )


def _by_provider(hosting: Hosting, received: Iterable[Received], days: str) -> tuple[Line, ...]:
    of_provider: dict[Provider, list[Received]] = {each: [] for each in get_args(Provider)}
    for each in received:
        of_provider[hosting.provider(each.host)].append(each)
    return tuple(_line(name, rows, {"provider": name, "days": days}) for name, rows in of_provider.items() if rows)


def _line(name: str, rows: list[Received], said: Mapping[str, str]) -> Line:
    def figure(number: int, **more: str) -> Figure:
        return Figure(number=number, href=f"/rows/mails?{urlencode({**said, 'to': 'lead', **more})}")

    return Line(
        name=name,
        sent=figure(sum(each.sent for each in rows), status="sent"),
        refused=figure(sum(each.refused for each in rows), status="refused"),
        bounced=figure(sum(each.bounced for each in rows), status="sent", back="bounce"),
        complained=figure(sum(each.complained for each in rows), status="sent", back="complaint"),
    )


def _back(count: CameBackCount, days: str) -> Back:
    said = {"kind": count.kind, "days": days} | ({"reason": count.reason} if count.reason else {})
    return Back(
        words=KIND_WORDS[Kind(count.kind)],
        reason=(count.reason or "").replace("_", " "),
        all=Figure(number=count.count, href=f"/rows/returns?{urlencode(said)}"),
        asking=Figure(number=count.asking, href=f"/rows/returns?{urlencode({**said, 'asks': 'yes'})}"),
    )


def _kept(row: Waiting) -> Kept:
    href = f"/rows/mails?{urlencode({'kept': row.kept_why})}"
    return Kept(words=KEPT_WORDS[row.kept_why], mails=Figure(number=row.count, href=href), next_at=row.next_at)
