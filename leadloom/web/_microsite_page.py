"""How does a page of a microsite come about: who reads, what is offered to them, how long may it be kept?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import format_datetime
from functools import partial
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import Markup

from leadloom.domain.intake.form import Form
from leadloom.domain.mails.links import BadLink, Purpose
from leadloom.domain.mails.own_pages import for_reader
from leadloom.domain.microsites.calculator import Input, Sum, work_out
from leadloom.domain.microsites.site import Piece, SiteTrack, before_and_after
from leadloom.domain.microsites.slot import Stands, shown
from leadloom.domain.model import LeadId
from leadloom.runtime.microsites import Microsite, Microsites
from leadloom.store import answered, readings
from leadloom.web import _form_page
from leadloom.web._public import company_of, house_of, page, templates

KEPT = "public, max-age=300"
"""Pages that say nothing of anybody, and nothing that was filled in."""
_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}
_NAMED = re.compile(r"<title.*?</title>|<desc.*?</desc>|role=\"img\" aria-labelledby=\"[^\"]*\" ", re.DOTALL)
_MOST_FURTHER = 2
CALCULATOR_HERE = "<p>[calculator]</p>\n"
"""Where in its text a piece has its calculator; else behind it."""


@dataclass(frozen=True)
class Reading:
    """Who reads a piece, as far as their link says."""

    lead_id: LeadId | None = None
    token: str = ""
    opens: bool = False
    """They may see the asset."""
    read: frozenset[str] = field(default_factory=frozenset[str])
    """Pieces of the site they have read."""
    stands: Stands | None = None
    """Where they stand with us; None of somebody we don't know."""


def sites_of(request: Request) -> Microsites:
    """The sites there are now."""
    return request.app.state.sites.sites()


async def reading_of(request: Request, site: Microsite, piece: Piece | None = None) -> Reading:
    """Who came by a link of ours, and what it opens. A link that is cut is nobody's and opens nothing: no error."""
    house, asked = house_of(request), request.query_params
    opens = piece is not None and _opens(request, f"{site.name}/{piece.name}")
    if not (token := asked.get("r", "")):
        return Reading(opens=opens)
    try:
        message_id = house.signer.read_mail(Purpose.READER, token)
    except BadLink:
        return Reading(opens=opens)
    async with house.db.read() as tx:
        if (mail := await answered.mail(tx, message_id)) is None:
            return Reading(opens=opens)
        read = await readings.read_by(tx, mail.lead_id, site.name)
        stands = await readings.stands(tx, mail.lead_id) if site.site.slots else None
    return Reading(mail.lead_id, token, opens=True, read=read, stands=stands)


def in_slot(site: Microsite, place: str, reading: Reading) -> dict[str, str] | None:
    """What stands in that place of the site for this reader, its way on signed for them; None: nothing."""
    slot = site.site.slots.get(place)
    said = shown(slot, reading.stands) if slot is not None else None
    if said is None:
        return None
    told: dict[str, str] = said.model_dump()
    return {**told, "to": for_reader(said.to, reading.token)} if reading.token else told


def _opens(request: Request, asset: str) -> bool:
    try:
        return house_of(request).signer.read_asset(request.query_params.get("key", "")) == asset
    except BadLink:
        return False


@dataclass(frozen=True)
class Head:
    """What a page says of itself to whoever lists it."""

    title: str
    summary: str
    path: str = ""
    """Below the site's first page."""


async def draw(
    request: Request,
    site: Microsite,
    template: str,
    head: Head,
    *,
    status: HTTPStatus = HTTPStatus.OK,
    private: bool = False,
    shows: Mapping[str, object] | None = None,
) -> Response:
    """A page of the site in its frame. `private` ones are kept nowhere and tell no other site where they are."""
    house = house_of(request)
    home = f"{house.settings.public_url.rstrip('/')}{site.home}"
    token = request.query_params.get("r", "")
    usual = {"track": None, "track_name": "", "robots": "noindex" if private else "", "counted": True, "piece": None}
    answer = page(
        template,
        at=house.now(),
        company=await company_of(house),
        status=status,
        site=site,
        title=head.title,
        summary=head.summary,
        canonical=f"{home}/{head.path}" if head.path else home,
        link=_linking(site, token),
        unnamed=_unnamed,
        shows={**usual, **(shows or {})},
    )
    private = private or bool(token) or "key" in request.query_params
    return _kept(request, answer, private=private or status is not HTTPStatus.OK)


async def draw_piece(request: Request, site: Microsite, piece: Piece, reading: Reading) -> Response:
    """A piece, or an asset, or the form that asks for it."""
    front, name = piece.front, request.query_params.get("t", "")
    track = site.site.tracks.get(name)
    track = track if track is not None and piece.name in track.pieces else None
    opened = front.kind == "asset" and reading.opens
    values: dict[str, object] = {
        "author": site.site.authors.get(front.author or ""),
        "track": track,
        "track_name": name if track else "",
        "offer": site.site.offer,
        "offered": _is_offered(site, piece, track, reading),
        "slot": in_slot(site, "piece-end", reading) if front.kind == "article" else None,
        "further": _further(site, piece, track),
        "opened": opened,
        "counted": front.kind == "article" or opened,
        "calculator": None,
        "here": CALCULATOR_HERE,
        "form": None,
    }
    if front.calculator is not None:
        values |= _sum_values(request, site, piece)
    if front.form is not None and not opened:
        values |= await _form_values(request, site, front.form, reading)
        if isinstance(result := values.get("sum"), Sum):
            carried = {**result.figures, "currency": result.currency}
            values["hidden"] = {**_form_page.hidden_of(values), "figures": urlencode(carried)}
    shown = piece if opened or front.kind != "asset" else piece.but(html=_first_part(piece.html))
    template = "microsite/guide.html" if opened else "microsite/piece.html"
    head, private = Head(front.title, front.summary, piece.name), opened or values["form"] is not None
    return await draw(request, site, template, head, private=private, shows={**values, "piece": shown})


def draw_sum(request: Request, site: Microsite, piece: Piece) -> Response:
    """The sum alone, for the page that shows it as one types."""
    values = _sum_values(request, site, piece)
    html = templates().get_template("microsite/_sum.html").render(**values)
    return HTMLResponse(html, headers=_PRIVATE)


async def missing(request: Request, site: Microsite) -> Response:
    """What there is, for whoever looked for something else."""
    head = Head("There is no such page", site.site.stand)
    return await draw(
        request, site, "microsite/missing.html", head, status=HTTPStatus.NOT_FOUND, shows={"robots": "noindex"}
    )


def feed(request: Request, site: Microsite) -> Response:
    """The RSS feed of the site's articles."""
    articles = [piece for piece in site.pieces.values() if piece.front.kind == "article"]
    xml = (
        templates()
        .get_template("microsite/feed.html")
        .render(
            site=site,
            base=house_of(request).settings.public_url.rstrip("/"),
            pieces=sorted(articles, key=lambda piece: (piece.front.date, piece.name), reverse=True),
            dated=_dated,
        )
    )
    return _kept(request, Response(xml, media_type="application/rss+xml"), private=False)


def preview(request: Request, site: Microsite) -> Response:
    """The site's picture."""
    return _kept(request, Response(site.preview, media_type="image/png"), private=False)


def _dated(day: date) -> str:
    return format_datetime(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _linking(site: Microsite, token: str) -> Callable[[str], str]:
    """Addresses within the site; who came by a link of ours takes it along."""

    def link(path: str) -> str:
        address = f"{site.home}/{path}" if path else site.home
        return address + (f"{'&' if '?' in address else '?'}r={token}" if _plain(token) else "")

    return link


def _plain(token: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9_=.-]{1,200}", token))


def _is_offered(site: Microsite, piece: Piece, track: SiteTrack | None, reading: Reading) -> bool:
    """Whether the server knows that they read enough: by who they are, or by how far into a track they are. The rest
    know it themselves, by their script."""
    if (offer := site.site.offer) is None:
        return False
    read = len(reading.read | {piece.name})
    return read >= offer.after or (track is not None and track.pieces.index(piece.name) + 1 >= offer.after)


def _further(site: Microsite, piece: Piece, track: SiteTrack | None) -> list[Piece]:
    if piece.front.kind != "article":
        return []
    if track is not None:
        _, after = before_and_after(track, piece.name)
        return [site.pieces[after]] if after else []
    order = [*site.site.order, *site.site.order]
    place = order.index(piece.name) + 1
    return [site.pieces[name] for name in order[place : place + _MOST_FURTHER] if name != piece.name]


async def _form_values(request: Request, site: Microsite, name: str, reading: Reading) -> dict[str, object]:
    forms = _form_page.forms_of(request)
    form: Form = forms.named(name)
    reader = await _form_page.reader_of(request, form, reading.token)
    return _form_page.values_of(request, form, forms.parts, reader, posted={"lang": site.site.language}, errors={})


def _sum_values(request: Request, site: Microsite, piece: Piece) -> dict[str, object]:
    calculator = site.calculators[piece.front.calculator or ""]
    asked: Mapping[str, str] = request.query_params
    result = work_out(calculator, asked)
    assumed = [one for one in calculator.inputs if one.assumed]
    return {
        "calculator": calculator,
        "sum": result,
        "keepable": piece.front.form is not None,
        "labels": {one.name: one.label for one in calculator.inputs},
        "figure": partial(_field, result),
        "assumed_changed": any(one.name in asked and asked[one.name] != f"{one.start:g}" for one in assumed),
    }


def _field(result: Sum, one: Input) -> Markup:
    return Markup(templates().get_template("microsite/_figure.html").render(one=one, sum=result))


def _first_part(html: str) -> str:
    """What everybody may read of an asset: up to its first heading."""
    return html.partition("<h2")[0]


def _unnamed(svg: str) -> Markup:
    """A figure as decoration beside the words that say the same: without its own name."""
    return Markup(_NAMED.sub("", svg))


def _kept(request: Request, answer: Response, *, private: bool) -> Response:
    """How long it may be kept, by whom; 304 for who has it already."""
    if private:
        answer.headers.update(_PRIVATE)
        return answer
    tag = f'"{hashlib.blake2b(answer.body, digest_size=12).hexdigest()}"'
    headers = {"Cache-Control": KEPT, "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    answer.headers.update(headers)
    return answer
