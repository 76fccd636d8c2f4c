"""How does a page for people outside come about: its template, its words, its form fields, its visitor?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Literal, cast
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from fastapi import HTTPException, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from leadloom.domain.definitions.definition import Company, Definition
from leadloom.domain.definitions.field_help import field_help
from leadloom.domain.intake.visits import LONGEST_AGENT, Visit
from leadloom.runtime.arrivals import Arrivals
from leadloom.runtime.wiring import House
from leadloom.store import published
from leadloom.web.console import _words

PAGES = Path(__file__).parent / "pages"
_UTC = ZoneInfo("UTC")
_PLAIN_FORM = "application/x-www-form-urlencoded"
_FORMS = (_PLAIN_FORM, "multipart/form-data")
_MOST_FIELDS = 60


@cache
def templates() -> Environment:
    """An unknown name fails loudly; everything is escaped."""
    environment = Environment(
        loader=FileSystemLoader(PAGES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    # Cast: jinja2 leaves the type of its filters to be inferred from its own.
    filters = cast("dict[str, Callable[..., object]]", environment.filters)
    filters.update(when=_words.when, due=_words.due, field_help=field_help)
    return environment


def page(
    template: str,
    *,
    at: datetime,
    zone: ZoneInfo = _UTC,
    company: Company | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    shows: Mapping[str, object] | None = None,
    **values: object,
) -> HTMLResponse:
    """The filled template; `shows` are further values, by name.

    `at` and `zone` serve the words for instants; `company` is None when we can't know it.
    """
    html = templates().get_template(template).render(at=at, zone=zone, company=company, **{**values, **(shows or {})})
    return HTMLResponse(html, status_code=status)


def house_of(request: Request) -> House:
    """The house the app was made for."""
    return request.app.state.house


def arrivals_of(request: Request) -> Arrivals:
    """The doors that the app's forms and calls share."""
    return request.app.state.arrivals


async def definition_of(house: House) -> Definition:
    """The definition in force. Raises NotFound while none was published."""
    async with house.db.read() as tx:
        return (await published.book(tx)).definition


async def company_of(house: House) -> Company:
    """In whose name a page speaks."""
    return (await definition_of(house)).company


async def fields_of(request: Request, *, most: int = _MOST_FIELDS) -> dict[str, str]:
    """The text fields of a posted form, `most` of them; of two with one name the last. Files are refused.

    Raises HTTPException 415 for anything but a form, 400 for a broken one.
    """
    kind = content_type(request)
    if kind not in _FORMS:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Send a form: {' or '.join(_FORMS)}.")
    if kind == _PLAIN_FORM:
        return _parsed(await request.body(), most)
    async with request.form(max_files=0, max_fields=most) as form:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}


async def chosen_of(request: Request, name: str) -> tuple[str, ...]:
    """All values of a field of a plain form that may come several times, such as a row of boxes."""
    body = (await request.body()).decode("latin-1")
    return tuple(value for each, value in parse_qsl(body, max_num_fields=_MOST_FIELDS) if each == name)


def _parsed(body: bytes, most: int) -> dict[str, str]:
    """The fields of the form every browser sends; Starlette's parser takes them apart byte by byte."""
    try:
        return dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True, max_num_fields=most))
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"Send at most {most} fields.") from error


def content_type(request: Request) -> str:
    """The media type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def visit_of(request: Request) -> Visit:
    """How the address was asked for, as the browser says."""
    hints = " ".join(request.headers.get(name, "") for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))
    prefetch = any(word in hints.lower() for word in ("prefetch", "prerender", "preview"))
    method: Literal["GET", "HEAD"] = "HEAD" if request.method == "HEAD" else "GET"
    return Visit(user_agent=user_agent(request), prefetch=prefetch, method=method, address=address(request) or "")


def user_agent(request: Request) -> str:
    """What the visitor's program calls itself, on one line."""
    return " ".join(request.headers.get("user-agent", "").split())[:LONGEST_AGENT]


def address(request: Request) -> str | None:
    """The visitor's IP. Behind a proxy, uvicorn puts it here when told whom to trust (--forwarded-allow-ips)."""
    return request.client.host if request.client else None
