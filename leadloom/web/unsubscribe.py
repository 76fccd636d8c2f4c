"""How does somebody stop our mail, or choose it again? A page to look at, a post that acts (RFC 8058); no login."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from leadloom.domain.definitions.definition import Company, Definition
from leadloom.domain.definitions.mail_policy import PersonCap
from leadloom.domain.errors import BadInput
from leadloom.domain.journeys.conditions import span_words
from leadloom.domain.mails.links import PATHS, Purpose
from leadloom.domain.mails.mail_class import MARKETING
from leadloom.runtime import responses
from leadloom.runtime.responses import Preferences
from leadloom.runtime.wiring import House
from leadloom.web._public import address, company_of, definition_of, fields_of, house_of, page, user_agent
from leadloom.web.security import open_to_other_sites

router = APIRouter(include_in_schema=False)


@router.api_route("/u/{token}", methods=["GET", "HEAD"])
async def ask(request: Request, token: str) -> HTMLResponse:
    """A page with one button. Looking changes nothing: gateways look at every link."""
    house = house_of(request)
    house.signer.read_mail(Purpose.UNSUBSCRIBE, token)
    return page("unsubscribe.html", at=house.now(), company=await company_of(house), done=False, preferences=None)


@router.post("/u/{token}")
@open_to_other_sites
async def unsubscribe(request: Request, token: str) -> HTMLResponse:
    """Ends marketing mail at once: 200, no redirect, no cookie, whatever the body says, also the tenth time."""
    house = house_of(request)
    await responses.unsubscribe(house, token, at=house.now())
    message_id = house.signer.read_mail(Purpose.UNSUBSCRIBE, token)
    preferences = PATHS[Purpose.PREFERENCES] + house.signer.mail(Purpose.PREFERENCES, message_id)
    company = await company_of(house)
    return page("unsubscribe.html", at=house.now(), company=company, done=True, preferences=preferences)


@router.api_route("/p/{token}", methods=["GET", "HEAD"])
async def preferences(request: Request, token: str) -> HTMLResponse:
    """What the reader gets from us, and the choice."""
    house = house_of(request)
    known = await responses.read_preferences(house, token, at=house.now())
    return _preferences(house, await definition_of(house), known, saved=False)


@router.post("/p/{token}")
@open_to_other_sites
async def prefer(request: Request, token: str) -> HTMLResponse:
    """Keep the choice; a yes is kept with its proof."""
    house = house_of(request)
    chosen = (await fields_of(request)).get("marketing")
    if chosen not in ("yes", "no"):
        raise BadInput("marketing", chosen, "Choose yes or no.")
    definition = await definition_of(house)
    known = await responses.prefer(
        house,
        token,
        marketing=chosen == "yes",
        wording=_wording(definition.company),
        proof={"ip": address(request), "page": PATHS[Purpose.PREFERENCES], "user_agent": user_agent(request)},
        at=house.now(),
    )
    return _preferences(house, definition, known, saved=True)


def _preferences(house: House, definition: Definition, known: Preferences | None, *, saved: bool) -> HTMLResponse:
    return page(
        "preferences.html",
        at=house.now(),
        company=definition.company,
        known=known,
        saved=saved,
        wording=_wording(definition.company),
        caps=[
            f"at most {cap.count} in {span_words(cap.within)}" for cap in definition.mail.per_person if _is_for_all(cap)
        ],
    )


def _is_for_all(cap: PersonCap) -> bool:
    """Whether it counts every marketing mail: a cap on one topic is no promise about the rest."""
    return cap.topics is None and cap.counts(MARKETING, None)


def _wording(company: Company) -> str:
    """The very sentence beside the choice; it is kept as proof."""
    return f"Yes, {company.name} may write to me about its subject. I can stop at any time."
