"""Who looks at a page, at what instant, in which zone, and may a form that comes back act for them?

A seat is a choice, no login yet: it says in whose name a form acts. Forms are guarded all the same, so that no other
site can act through a browser that has this console open: a SameSite cookie, a token, and the app's look at where a
post came from (security.py).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.datastructures import URL

from leadloom.domain.definitions.hand_off_rules import OwnerEntry
from leadloom.domain.errors import BadInput
from leadloom.runtime.wiring import House
from leadloom.store.published import Book
from leadloom.web.console._pages import PAGE_CSP, pages
from leadloom.web.console._places import places

SEAT = "seat"
FORM = "form"
FORM_LIVES = timedelta(days=1)
"""A tab left open over night still works; one from last week asks to be opened again."""
SEAT_LIVES = timedelta(days=90)


@dataclass(frozen=True)
class Looking:
    """One request to the console."""

    request: Request
    house: House
    at: datetime
    """Business time, once per request: everything on a page is of one instant."""

    def seat(self, book: Book) -> OwnerEntry | None:
        """In whose name forms act; None until somebody chose, or when the definition no longer names them."""
        handle = self.request.cookies.get(SEAT)
        return next((entry for entry in book.definition.owners if entry.handle == handle), None)

    def seated(self, book: Book) -> OwnerEntry:
        """Who acts. Raises BadInput until somebody chose a seat: nothing is done in nobody's name."""
        if (seat := self.seat(book)) is None:
            raise BadInput("seat", None, "Say first in whose name you act: choose your seat at the top of the page.")
        return seat

    def zone(self, book: Book) -> ZoneInfo:
        """The viewer's zone: their calendar's, else the company's."""
        seat = self.seat(book)
        name = book.definition.calendars[seat.calendar].zone if seat else book.definition.company.time_zone
        return ZoneInfo(name)

    def page(
        self, template: str, book: Book, *, status: HTTPStatus = HTTPStatus.OK, csp: str = PAGE_CSP, **values: object
    ) -> HTMLResponse:
        """The filled template, with everything the frame around it needs."""
        session = self.request.cookies.get(FORM) or secrets.token_urlsafe(24)
        frame = {
            "at": self.at,
            "zone": self.zone(book),
            "book": book,
            "definition": book.definition,
            "seat": self.seat(book),
            "here": self.request.url.path,
            "places": places(),
            "back": _local(self.request.url),
            "token": self._tokens().dumps(session),
        }
        html = pages().get_template(template).render(**frame, **values)
        response = HTMLResponse(html, status_code=status, headers={"Content-Security-Policy": csp})
        response.headers["Cache-Control"] = "no-store"
        if FORM not in self.request.cookies:
            self._cookie(response, FORM, session, FORM_LIVES)
        return response

    def check_form(self, token: str) -> None:
        """Raises HTTPException 403 unless the form is one of ours, shown to this very browser."""
        session = self.request.cookies.get(FORM)
        try:
            told = self._tokens().loads(token, max_age=int(FORM_LIVES.total_seconds()))
        except BadData:
            told = None
        if session is None or told is None or not secrets.compare_digest(str(told), session):
            detail = "This form was not sent from its own page, or is too old. Open the page again and send it there."
            raise HTTPException(HTTPStatus.FORBIDDEN, detail)

    def take_seat(self, response: RedirectResponse, handle: str) -> None:
        """Remember in whose name forms act."""
        self._cookie(response, SEAT, handle, SEAT_LIVES)

    def _tokens(self) -> URLSafeTimedSerializer:
        # itsdangerous signs with the last key of a list, our settings name the newest first.
        return URLSafeTimedSerializer(self.house.settings.signing_keys()[::-1], salt="leadloom.console.form")

    def _cookie(self, response: HTMLResponse | RedirectResponse, name: str, value: str, lives: timedelta) -> None:
        response.set_cookie(
            name,
            value,
            max_age=int(lives.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=self.request.url.scheme == "https",
        )


def back_to(place: str, otherwise: str = "/") -> RedirectResponse:
    """After a form: to a page of ours. Any other address would let a link lead people away from here."""
    parts = urlsplit(place)
    ours = place.startswith("/") and not place.startswith(("//", "/\\")) and not parts.netloc
    return RedirectResponse(place if ours else otherwise, status_code=HTTPStatus.SEE_OTHER)


def _local(url: URL) -> str:
    return url.path + (f"?{url.query}" if url.query else "")


def _looking(request: Request) -> Looking:
    house: House = request.app.state.house
    return Looking(request=request, house=house, at=house.now())


Visit = Annotated[Looking, Depends(_looking)]
