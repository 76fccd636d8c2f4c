"""Who looks at a page, at what instant, in which zone, and may a form that comes back act for them?

Whoever signed in acts in the name of the owner with their handle; on the local stack (`seats`) one only chooses a seat.
Forms are guarded either way, so that no other site can act through a browser that has this console open: a SameSite
cookie, a token bound to the session, and the app's look at where a post came from (security.py).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.datastructures import URL

from leadloom.domain.access.masking import masked
from leadloom.domain.access.rights import Right
from leadloom.domain.access.viewer import ONLOOKER, Person, Sight, Viewer, viewer_of
from leadloom.domain.definitions.hand_off_rules import OwnerEntry
from leadloom.domain.errors import BadInput
from leadloom.runtime.oidc import Errand
from leadloom.runtime.signing_in import Caller, SignedIn
from leadloom.runtime.wiring import House
from leadloom.store import published, sessions
from leadloom.store.published import Book
from leadloom.store.sessions import LIVES, Session
from leadloom.web._public import address, user_agent
from leadloom.web.console._pages import PAGE_CSP, pages
from leadloom.web.console._places import places

SEAT = "seat"
FORM = "form"
SEATED = "seated"
KNOWN = "known"
ERRAND = "errand"
ERRAND_LIVES = timedelta(minutes=10)
"""So long somebody may take to sign in with the company's account."""
SESSION, SESSION_BY_HTTPS = "session", "__Host-session"
KNOWN_FOR = timedelta(days=180)
"""So long a browser that signed in once is told from a stranger's."""
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
    viewer: Viewer | None = None
    """Who looks, and what they may; None: nobody who signed in."""
    session: Session | None = None
    """Theirs; None on the local stack, where a seat is a choice."""

    @property
    def has_seats(self) -> bool:
        """Whether one only chooses who one is."""
        return self.house.settings.sign_in == "seats"

    def seat(self, book: Book) -> OwnerEntry | None:
        """In whose name forms act; None until somebody chose, or when the definition doesn't name them."""
        person = self.viewer.person if self.viewer else None
        handle = person.handle if person else None
        return next((entry for entry in book.definition.owners if entry.handle == handle), None)

    def seated(self, book: Book) -> OwnerEntry:
        """Who acts. Raises BadInput for whoever has no seat: nothing is done in nobody's name."""
        if (seat := self.seat(book)) is None:
            remedy = "Say first in whose name you act: choose your seat at the top of the page."
            if self.session is not None:
                remedy = f"The definition names no owner {self.session.person.handle}: you may look, not act."
            raise BadInput("seat", None, remedy)
        return seat

    def may(self, right: Right | str) -> bool:
        """Whether who looks has the right."""
        return self.viewer is not None and self.viewer.may(right)

    @property
    def sight(self) -> Sight:
        """Whose leads they see."""
        return self.viewer.sight if self.viewer else Sight()

    def masked(self, text: str, book: Book) -> str:
        """What they may read of it: without the right to see them, addresses and phone numbers are unreadable."""
        if self.viewer is None or self.may(Right.SEE_ADDRESSES):
            return text
        definition = book.definition
        phones = [entry.phone for entry in definition.owners if entry.phone]
        return masked(text, domains={definition.company.domain, definition.mail.from_domain}, phones=phones)

    def zone(self, book: Book) -> ZoneInfo:
        """The viewer's zone: their calendar's, else the company's."""
        seat = self.seat(book)
        name = book.definition.calendars[seat.calendar].zone if seat else book.definition.company.time_zone
        return ZoneInfo(name)

    def page(
        self,
        template: str,
        book: Book,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        csp: str = PAGE_CSP,
        masks: bool = True,
        **values: object,
    ) -> HTMLResponse:
        """The filled template, with everything the frame around it needs; `masks` is off for pages about no lead."""
        session = self.request.cookies.get(FORM) or secrets.token_urlsafe(24)
        frame = {
            "at": self.at,
            "zone": self.zone(book),
            "book": book,
            "definition": book.definition,
            "seat": self.seat(book),
            "here": self.request.url.path,
            "places": [place for place in places() if self.viewer and place.needs <= self.viewer.rights],
            "user": self.session.person if self.session else None,
            "has_seats": self.has_seats,
            "may": self.may,
            "sees": self.sight.words,
            "back": _local(self.request.url),
            "token": self._tokens().dumps(self._bound(session)),
        }
        html = pages().get_template(template).render(**frame, **values)
        response = HTMLResponse(
            self.masked(html, book) if masks else html, status_code=status, headers={"Content-Security-Policy": csp}
        )
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
        if session is None or told is None or not secrets.compare_digest(str(told), self._bound(session)):
            detail = "This form was not sent from its own page, or is too old. Open the page again and send it there."
            raise HTTPException(HTTPStatus.FORBIDDEN, detail)

    def take_seat(self, response: RedirectResponse, handle: str) -> None:
        """Remember in whose name forms act, and since when somebody sits here; an empty handle leaves the seat."""
        self._cookie(response, SEAT, handle, SEAT_LIVES if handle else timedelta(0))
        if SEATED not in self.request.cookies:
            self._cookie(response, SEATED, self.at.isoformat(), SEAT_LIVES)

    @property
    def seated_since(self) -> datetime:
        """When the first seat was taken in this browser: what was done before was somebody else."""
        try:
            since = datetime.fromisoformat(self.request.cookies.get(SEATED, ""))
        except ValueError:
            return self.at
        return since if since.tzinfo else self.at

    def come_in(self, response: RedirectResponse, signed_in: SignedIn) -> None:
        """Give the browser its session's token, and a name to be known by when it comes again; old forms end."""
        self._cookie(response, self.session_cookie, signed_in.token, LIVES)
        known = {"user": str(signed_in.user.user_id), "device": secrets.token_urlsafe(12)}
        self._cookie(response, KNOWN, self._tokens(KNOWN).dumps(known), KNOWN_FOR)
        self._cookie(response, FORM, secrets.token_urlsafe(24), FORM_LIVES)

    def go_out(self, response: RedirectResponse) -> None:
        """Let the browser forget its session."""
        self._cookie(response, self.session_cookie, "", timedelta(0))

    def keep_errand(self, response: Response, errand: Errand | None) -> None:
        """Let the browser keep what it must come back to from the company's accounts; None: it is done."""
        told = self._tokens(ERRAND).dumps(errand.model_dump()) if errand else ""
        self._cookie(response, ERRAND, told, ERRAND_LIVES if errand else timedelta(0))

    def errand(self) -> Errand | None:
        """What it was sent away with; None when that was long ago, or in another browser."""
        told = self.request.cookies.get(ERRAND, "")
        try:
            return Errand.model_validate(self._tokens(ERRAND).loads(told, max_age=int(ERRAND_LIVES.total_seconds())))
        except (BadData, ValueError):
            return None

    def caller(self) -> Caller:
        """From where somebody asks to be let in."""
        plain = Caller(address=address(self.request) or "", agent=user_agent(self.request))
        try:
            lives = int(KNOWN_FOR.total_seconds())
            known = self._tokens(KNOWN).loads(self.request.cookies.get(KNOWN, ""), max_age=lives)
            return plain.but(known_as=UUID(known["user"]), device=str(known["device"]))
        except (BadData, KeyError, TypeError, ValueError):
            return plain

    @property
    def is_safe(self) -> bool:
        """Whether people reach us by https."""
        public = urlsplit(self.house.settings.public_url).scheme
        return "https" in (public, self.request.url.scheme)

    @property
    def session_cookie(self) -> str:
        """By https a browser refuses to take one of this name from anywhere but us (RFC 6265bis, 4.1.3.2)."""
        return SESSION_BY_HTTPS if self.is_safe else SESSION

    def _bound(self, form: str) -> str:
        """What a form's token is good for: this browser, and the session it was shown in."""
        return f"{form} {self.session.session_id}" if self.session else form

    def _tokens(self, of: str = FORM) -> URLSafeTimedSerializer:
        # itsdangerous signs with the last key of a list, our settings name the newest first.
        return URLSafeTimedSerializer(self.house.settings.signing_keys()[::-1], salt=f"leadloom.console.{of}")

    def _cookie(self, response: Response, name: str, value: str, lives: timedelta) -> None:
        response.set_cookie(
            name,
            value,
            max_age=int(lives.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=self.is_safe,
        )


def back_to(place: str, otherwise: str = "/") -> RedirectResponse:
    """After a form: to a page of ours. Any other address would let a link lead people away from here."""
    parts = urlsplit(place)
    ours = place.startswith("/") and not place.startswith(("//", "/\\")) and not parts.netloc
    return RedirectResponse(place if ours else otherwise, status_code=HTTPStatus.SEE_OTHER)


def _local(url: URL) -> str:
    return url.path + (f"?{url.query}" if url.query else "")


async def _looking(request: Request) -> Looking:
    house: House = request.app.state.house
    visit = Looking(request=request, house=house, at=house.now())
    if visit.has_seats:
        return await _at_a_seat(visit)
    if not (token := request.cookies.get(visit.session_cookie)):
        return visit
    async with house.db.at_once() as tx:
        if (session := await sessions.of_token(tx, token, at=visit.at)) is None:
            return visit
        definition = await published.definition_in_force(tx)
        if sessions.is_due(session, visit.at):
            await sessions.seen(tx, session.session_id, at=visit.at)
    viewer = viewer_of(session.person, definition) if definition else None
    return replace(visit, session=session, viewer=viewer)


async def _at_a_seat(visit: Looking) -> Looking:
    if not (handle := visit.request.cookies.get(SEAT)):
        return replace(visit, viewer=ONLOOKER)
    async with visit.house.db.at_once() as tx:
        definition = await published.definition_in_force(tx)
    entry = next((one for one in definition.owners if one.handle == handle), None) if definition else None
    if definition is None or entry is None:
        return replace(visit, viewer=ONLOOKER)
    person = Person(handle=entry.handle, name=entry.name, roles=(entry.role,))
    return replace(visit, viewer=viewer_of(person, definition))


Visit = Annotated[Looking, Depends(_looking)]
