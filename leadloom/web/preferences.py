"""What does a reader want from us? A page without a login: looking changes nothing, each choice can be taken back."""

from __future__ import annotations

from datetime import date, datetime
from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from leadloom.domain.definitions.definition import Company, Definition
from leadloom.domain.definitions.mail_policy import PersonCap
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.journeys.conditions import span_words
from leadloom.domain.mails.links import PATHS, Purpose
from leadloom.domain.mails.mail_class import MARKETING
from leadloom.domain.mails.preferences import LONGEST_PAUSE, Choices, pause_day
from leadloom.domain.model import Json
from leadloom.runtime import own_data, preferences
from leadloom.runtime.preferences import Preferences, Said
from leadloom.runtime.wiring import House
from leadloom.web._public import address, definition_of, fields_of, house_of, page, user_agent
from leadloom.web.security import open_to_other_sites

router = APIRouter(include_in_schema=False)

_TOPIC = "topic."
_WHOLE = "whole"


@router.api_route("/p/{token}", methods=["GET", "HEAD"])
async def look(request: Request, token: str) -> HTMLResponse:
    """What the reader gets from us, and the choice."""
    house = house_of(request)
    known = await preferences.read_preferences(house, token, at=house.now())
    return _page(house, await definition_of(house), known)


@router.post("/p/{token}")
@open_to_other_sites
async def act(request: Request, token: str) -> HTMLResponse:
    """Keep the choice, or take the last one back; a yes is kept with its proof."""
    house, fields = house_of(request), await fields_of(request)
    definition, at = await definition_of(house), house.now()
    proof: dict[str, Json] = {
        "ip": address(request),
        "page": PATHS[Purpose.PREFERENCES],
        "user_agent": user_agent(request),
    }
    said = Said(wording=_wording(definition.company), proof=proof, at=at)
    if "take_back" in fields:
        change_id = _change_id(fields["take_back"])
        try:
            known = await preferences.take_back(house, token, change_id, said)
        except Conflict as error:
            known = await preferences.read_preferences(house, token, at=at)
            return _page(house, definition, known, _Heard(problem=str(error)))
        return _page(house, definition, known, _Heard(saved=True, taken_back=True))
    if "wish" in fields:
        return await _ask(house, token, fields["wish"], definition)
    try:
        wanted = _Wanted.read(fields, definition, at)
    except BadInput as error:
        if error.field != "pause":
            raise
        known = await preferences.read_preferences(house, token, at=at)
        return _page(house, definition, known, _Heard(pause=fields["pause"], error=error.remedy))
    known = await preferences.choose(house, token, wanted.of, said)
    return _page(house, definition, known, _Heard(saved=True))


async def _ask(house: House, token: str, wish: str, definition: Definition) -> HTMLResponse:
    """Their data, or their erasure: by a mail to them, because this link may have been passed on."""
    if wish not in ("data", "erasure"):
        raise BadInput("wish", wish[:20], "Use one of the buttons of the page.")
    try:
        heard = _Heard(wish=str(await own_data.ask(house, token, wish, at=house.now())))
    except Conflict as error:
        heard = _Heard(problem=str(error))
    known = await preferences.read_preferences(house, token, at=house.now())
    return _page(house, definition, known, heard)


class _Wanted(NamedTuple):
    """What a form says."""

    marketing: bool
    topics_off: tuple[str, ...]
    fewer: bool
    paused_until: date | None
    language: str
    tracking: bool
    whole: bool
    """The form of the page; else one that says yes or no and leaves everything else as it is."""

    @classmethod
    def read(cls, fields: dict[str, str], definition: Definition, at: datetime) -> _Wanted:
        """Raises BadInput for a choice that is none."""
        marketing = _one_of(fields, "marketing", ("yes", "no")) == "yes"
        if fields.get("form") != _WHOLE:
            return cls(marketing, (), fewer=False, paused_until=None, language="", tracking=True, whole=False)
        off = tuple(sorted(topic for topic in definition.mail.topics if _TOPIC + topic not in fields))
        return cls(
            marketing,
            off,
            fewer=_one_of(fields, "often", ("usual", "fewer"), otherwise="usual") == "fewer",
            paused_until=pause_day(fields.get("pause", ""), at),
            language=fields.get("language", ""),
            tracking="tracking" in fields,
            whole=True,
        )

    def of(self, now: Choices, known: Preferences) -> Choices:
        """The choices that stand, changed as the form says. Raises BadInput for a language we don't write in."""
        if not self.whole:
            return now.but(marketing=self.marketing)
        language = now.language if self.language in ("", known.language) else self.language
        if language != now.language and language not in known.languages:
            raise BadInput("language", language[:20], f"Choose one of {', '.join(known.languages.values())}.")
        gone = {topic for topic in now.topics_off if topic not in self.topics_off and topic not in known.topics}
        return Choices(
            marketing=self.marketing,
            topics_off=tuple(sorted({*self.topics_off} | gone)),
            fewer=self.fewer,
            paused_until=self.paused_until,
            language=language,
            tracking=self.tracking,
        )


def _one_of(fields: dict[str, str], name: str, words: tuple[str, ...], otherwise: str | None = None) -> str:
    said = fields.get(name, otherwise)
    if said not in words:
        raise BadInput(name, said and said[:20], f"Choose {' or '.join(words)}.")
    return said


def _change_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput("take_back", text[:40], "Use the button of the page.") from None


class _Heard(NamedTuple):
    """What a page says of what was just posted."""

    saved: bool = False
    taken_back: bool = False
    problem: str = ""
    """What could not be done."""
    wish: str = ""
    """What becomes of a wish for their data."""
    pause: str | None = None
    """What was typed as a day, when it is none."""
    error: str = ""
    """What is wrong with it."""

    @property
    def status(self) -> HTTPStatus:
        """What it means in HTTP."""
        if self.error:
            return HTTPStatus.UNPROCESSABLE_ENTITY
        return HTTPStatus.CONFLICT if self.problem else HTTPStatus.OK


def _page(house: House, definition: Definition, known: Preferences | None, heard: _Heard = _Heard()) -> HTMLResponse:  # noqa: B008  it is immutable
    at, fewer = house.now(), definition.mail.fewer
    return page(
        "preferences.html",
        at=at,
        status=heard.status,
        company=definition.company,
        known=known,
        heard=heard,
        topics=definition.mail.topics,
        wording=_wording(definition.company),
        caps=[_cap_words(cap) for cap in definition.mail.per_person if _is_for_all(cap)],
        fewer=_cap_words(fewer) if fewer is not None else None,
        tomorrow=date.fromordinal(at.date().toordinal() + 1),
        latest=(at + LONGEST_PAUSE).date(),
    )


def _cap_words(cap: PersonCap) -> str:
    return f"at most {cap.count} in {span_words(cap.within)}"


def _is_for_all(cap: PersonCap) -> bool:
    """Whether it counts every marketing mail: a cap on one topic is no promise about the rest."""
    return cap.topics is None and cap.counts(MARKETING, None)


def _wording(company: Company) -> str:
    """The very sentence beside the choice; it is kept as proof."""
    return f"Yes, {company.name} may write to me about its subject. I can stop at any time."
