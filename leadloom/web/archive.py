"""Where does anybody read letters of ours without an address: /archive, each letter, and a feed of them?"""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.utils import format_datetime
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from markupsafe import escape

from leadloom.domain.mails.language import DEFAULT, chosen, say_date
from leadloom.domain.model import Value
from leadloom.runtime.mail_archive import Archive, Letter
from leadloom.web._public import company_of, house_of, page, templates

router = APIRouter(include_in_schema=False)

_KEPT = "public, max-age=300"
_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https: data:; form-action 'none'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""A letter's styles stand in its elements; nothing in it runs."""


class Line(Value):
    """A letter as the list shows it."""

    path: str
    subject: str
    day: str
    language: str
    others: tuple[tuple[str, str], ...]
    """(language, path)."""
    sent: datetime


class Words(Value):
    """What the list and the feed say themselves."""

    name: str
    """Of the language, in itself."""
    title: str
    lead: str
    none: str
    by_feed: str
    """Around the link, which stands at `{}`."""
    about: str
    """Of the feed, with the company's name at `{}`."""


WORDS = {
    "en": Words(
        name="in English",
        title="Letters",
        lead="What we write to people who allow it, to read without an address. Nobody is counted here.",
        none="No letter stands here yet.",
        by_feed="New ones come by {}, too.",
        about="What {} writes to people who allow it.",
    ),
    "de": Words(
        name="auf Deutsch",
        title="Briefe",
        lead="Was wir denen schreiben, die es erlauben; zu lesen ohne eine Adresse. Hier wird niemand gezählt.",
        none="Hier steht noch kein Brief.",
        by_feed="Neue kommen auch über {}.",
        about="Was {} denen schreibt, die es erlauben.",
    ),
}


def _feed(language: str) -> str:
    return "/archive/feed.xml" + ("" if language == DEFAULT else f"?lang={language}")


@router.api_route("/archive", methods=["GET", "HEAD"])
async def index(request: Request) -> Response:
    """The letters, newest first, in the language `lang` asks for or the browser speaks, as far as we speak it."""
    house = house_of(request)
    language = request.query_params.get("lang") or _spoken(request)
    lines = [_line(one, language) for one in await _shown(request)]
    ours = language if language in WORDS else DEFAULT
    answer = page(
        "archive.html", at=house.now(), company=await company_of(house), letters=lines, language=ours, say=WORDS[ours],
        other=[(code, words.name) for code, words in WORDS.items() if code != ours], feed=_feed(ours),
    )  # fmt: skip
    answer.headers["Vary"] = "Accept-Language"
    return _kept(request, answer)


@router.api_route("/archive/feed.xml", methods=["GET", "HEAD"])
async def feed(request: Request) -> Response:
    """The same for feed readers, in the company's own language or in the one `lang` asks for."""
    house = house_of(request)
    asked = request.query_params.get("lang", "")
    language = asked if asked in WORDS else DEFAULT
    company = await company_of(house)
    xml = (
        templates()
        .get_template("archive_feed.html")
        .render(
            letters=[_line(one, language) for one in await _shown(request)],
            say=WORDS[language],
            language=language,
            feed=_feed(language),
            base=house.settings.public_url.rstrip("/"),
            name=company.name if company else "",
            dated=format_datetime,
        )
    )
    return _kept(request, Response(xml, media_type="application/rss+xml"))


@router.api_route("/archive/{journey}/{mail}", methods=["GET", "HEAD"])
async def letter(request: Request, journey: str, mail: str) -> Response:
    """One letter, filled for nobody; `lang` asks for another language it is written in."""
    one = await _archive(request).letter(f"{journey}/{mail}", at=house_of(request).now())
    asked = request.query_params.get("lang", "")
    said = one.mails.get(asked) or next(iter(one.mails.values()))
    headers = {"Content-Security-Policy": _CSP, "Content-Language": said.language}
    return _kept(request, HTMLResponse(_as_page(said.html, said.subject), headers=headers))


def _archive(request: Request) -> Archive:
    """The one of the process: it remembers what was sent."""
    state = request.app.state
    if not hasattr(state, "archive"):
        house = house_of(request)
        state.archive = Archive(house.db, house.settings.public_url)
    return state.archive


async def _shown(request: Request) -> list[Letter]:
    return [one for one in await _archive(request).letters(at=house_of(request).now()) if one.mails]


def _spoken(request: Request) -> str:
    """The first language a browser names."""
    first = request.headers.get("accept-language", "").partition(",")[0].partition(";")[0]
    return first.strip()[:2].lower() or DEFAULT


def _line(one: Letter, language: str) -> Line:
    said = one.mails.get(language) or next(iter(one.mails.values()))
    first = next(iter(one.mails))

    def path(code: str) -> str:
        return f"/archive/{one.name}" + (f"?lang={code}" if code != first else "")

    sent = one.sent_at
    assert sent is not None, "what was never sent isn't shown"
    return Line(
        path=path(said.language),
        subject=said.subject,
        day=say_date(sent.date(), language=chosen([said.language], one.mails, otherwise=DEFAULT)),
        language=said.language,
        others=tuple((code, path(code)) for code in one.mails if code != said.language),
        sent=sent,
    )


def _as_page(html: str, subject: str) -> str:
    """The letter as a page of its own: with a heading and a main part, for whoever hears it."""
    head, opening, rest = html.partition("<body")
    if not opening:
        return html  # a layout of one's own, which is no document
    tag, end, body = rest.partition(">")
    heading = f'<main><h1 style="left:-99rem;position:absolute">{escape(subject)}</h1>'
    # The letter's own footer is no footer of this page: it lies within its main part.
    inner = body.replace(' role="contentinfo"', "").replace("</body>", "</main></body>", 1)
    return f"{head}{opening}{tag}{end}{heading}{inner}"


def _kept(request: Request, answer: Response) -> Response:
    """304 for who has it already: it says nothing of anybody, so anybody may keep it for a while."""
    tag = f'"{hashlib.blake2b(answer.body, digest_size=12).hexdigest()}"'
    headers = {"Cache-Control": _KEPT, "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    answer.headers.update(headers)
    return answer
