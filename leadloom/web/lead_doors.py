"""Where do forms of other makers post to? HubSpot's, Salesforce's Web-to-Lead and Google Ads', at another address.

The key of a source stands where they have an id of their own: HubSpot's form id, Salesforce's `oid`, Google's key. The
one kind of event it may claim is what a filled form is.
"""

from __future__ import annotations

import hashlib
import json
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.intake.capture import Door
from leadloom.domain.intake.doors import google_ads, hubspot, web_to_lead
from leadloom.domain.intake.doors.filled import Filled
from leadloom.domain.intake.identity import normal_email
from leadloom.domain.intake.scopes import Scope
from leadloom.domain.intake.tracked import Sender
from leadloom.domain.intake.traits import told_by
from leadloom.domain.lead import EventDraft, LeadDraft
from leadloom.domain.model import Json
from leadloom.runtime.settings import several
from leadloom.runtime.tracking import sender_of
from leadloom.web._public import address, arrivals_of, fields_of, house_of, user_agent
from leadloom.web._tracking import PREFLIGHT, tracking_of
from leadloom.web.security import open_to_other_sites

router = APIRouter(include_in_schema=False)


@router.post("/submissions/v3/integration/submit/{portal}/{form}")
@router.post("/submissions/v3/integration/secure/submit/{portal}/{form}")
@open_to_other_sites
async def from_hubspot(request: Request, portal: str, form: str) -> JSONResponse:
    """A HubSpot form: the form's id is the key, the portal's anything."""
    sender = await _sender(request, form)
    raw = await request.body()
    try:
        filled = hubspot.read(_json(raw), digest=hashlib.sha256(raw).hexdigest())
        await _take(request, hubspot.NAME, filled, sender)
    except BadInput as error:
        wrong: Json = [{"message": error.remedy, "errorType": "INVALID_EMAIL" if error.field == "email" else "ERROR"}]
        told = {"status": "error", "message": str(error), "errors": wrong}
        return JSONResponse(told, status_code=HTTPStatus.BAD_REQUEST)
    return JSONResponse({"inlineMessage": "Thanks for submitting the form."})


@router.options("/submissions/v3/integration/submit/{portal}/{form}")
async def preflight(portal: str, form: str) -> Response:
    """Any page may post a HubSpot form."""
    return Response(status_code=HTTPStatus.NO_CONTENT, headers=PREFLIGHT)


@router.post("/servlet/servlet.WebToLead")
@open_to_other_sites
async def from_web_to_lead(request: Request) -> Response:
    """A Web-to-Lead form: `oid` is the key. Leads back to `retURL` on hosts of ours or of LEADLOOM_RETURN_HOSTS."""
    fields = await fields_of(request)
    sender = await _sender(request, fields.get("oid", ""))
    said = f"{house_of(request).now():%Y-%m-%d}\n{json.dumps(sorted(fields.items()))}"
    filled = web_to_lead.read(fields, digest=hashlib.sha256(said.encode()).hexdigest())
    await _take(request, web_to_lead.NAME, filled, sender)
    back = fields.get("retURL", "")
    if _may_lead_to(request, back):
        return RedirectResponse(back, status_code=HTTPStatus.FOUND)
    return PlainTextResponse("Thank you. We have what you sent.")


@router.post("/webhooks/google-ads")
@open_to_other_sites
async def from_google_ads(request: Request) -> JSONResponse:
    """Google Ads' lead form: the key of its settings page is ours. Its test is answered, and makes nobody."""
    body = _json(await request.body())
    sender = await _sender(request, google_ads.key_of(body))
    filled = google_ads.read(body)
    if not filled.is_test:
        await _take(request, google_ads.NAME, filled, sender)
    return JSONResponse({})


async def _sender(request: Request, words: str) -> Sender:
    key = await tracking_of(request).keyring.key(words) if words else None
    if key is None or Scope.TRACK not in key.scopes:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "This key opens nothing: use one that `keys create` showed.")
    return sender_of(key, user_agent(request))


async def _take(request: Request, name: str, filled: Filled, sender: Sender) -> None:
    """Capture who filled it. Raises BadInput when nobody can be known by it."""
    at = house_of(request).now()
    door = Door(
        name=name,
        at=at,
        source=sender.source,
        wording=filled.wording,
        ip=filled.ip or address(request),
        page=filled.page,
        user_agent=user_agent(request) or None,
    )
    email = filled.traits.get("email")
    if not isinstance(email, str):
        raise BadInput("email", "", "A form needs a field `email`, so that we know who it is.")
    normal = normal_email(email)

    def read(definition: Definition) -> LeadDraft:
        more: dict[str, Json] = {"consent": True} if filled.wording else {}
        draft = told_by(filled.traits, email=normal, external_id=None, definition=definition, door=door, more=more)
        return draft.but(events=_event(filled, name, sender, definition, door))

    await arrivals_of(request).read(read, at=at)


def _event(filled: Filled, name: str, sender: Sender, definition: Definition, door: Door) -> tuple[EventDraft, ...]:
    """What a filled form is: the one kind its key may claim; a key of several, or of all, says only who it was."""
    kinds = tuple(sender.kinds or ())
    if len(kinds) != 1 or kinds[0] not in definition.events:
        return ()
    page: dict[str, Json] = {"page": door.page} if door.page else {}
    data: dict[str, Json] = {"form": name, **page, **filled.touch}
    return (EventDraft(kind=kinds[0], at=door.at, key=filled.key, channel=sender.source, data=data),)


def _may_lead_to(request: Request, target: str) -> bool:
    """Only to hosts that were named: else a link of ours would lead anybody anywhere."""
    settings = house_of(request).settings
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    ours = {urlsplit(settings.public_url).hostname, *(host.lower() for host in several(settings.return_hosts))}
    return parts.scheme in ("http", "https") and parts.hostname in ours and target.isprintable() and "\\" not in target


def _json(raw: bytes) -> Json:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The body is not JSON.") from error
