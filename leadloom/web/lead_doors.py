"""Where do forms of other makers post to? HubSpot's, Salesforce's Web-to-Lead and Google Ads', at another address.

The key of a source stands where they have an id of their own: HubSpot's form id, Salesforce's `oid`, Google's key. The
one kind of event it may claim is what a filled form is. What can't be taken waits in the list of dropped events.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.doors import google_ads, hubspot, web_to_lead
from leadloom.domain.intake.doors.posted import Posted
from leadloom.domain.intake.scopes import Scope
from leadloom.domain.intake.tracked import Sender
from leadloom.domain.model import Json
from leadloom.runtime import lead_forms
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
    """A HubSpot form: the form's id is the key, the portal's anything. Its page tells its reader of a wrong address."""
    sender = await _sender(request, form)
    raw = await request.body()
    try:
        await _take(request, hubspot.NAME, _json(raw), hashlib.sha256(raw).hexdigest(), sender)
    except BadInput as error:
        wrong: Json = [{"message": error.remedy, "errorType": "INVALID_EMAIL" if error.field == "email" else "ERROR"}]
        told = {"status": "error", "message": f"{error.field}: {error.remedy}", "errors": wrong}
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
    with suppress(BadInput):  # kept: a page elsewhere has nobody to tell, as Salesforce's has not
        await _take(request, web_to_lead.NAME, dict(fields), hashlib.sha256(said.encode()).hexdigest(), sender)
    back = fields.get("retURL", "")
    if _may_lead_to(request, back):
        return RedirectResponse(back, status_code=HTTPStatus.FOUND)
    return PlainTextResponse("Thank you. We have what you sent.")


@router.post("/webhooks/google-ads")
@open_to_other_sites
async def from_google_ads(request: Request) -> JSONResponse:
    """Google Ads' lead form: the key of its settings page is ours. Its test is answered, and makes nobody."""
    raw = await request.body()
    body = _json(raw)
    sender = await _sender(request, google_ads.key_of(body))
    with suppress(BadInput):  # kept: sent again it would be the same
        told = {name: value for name, value in body.items() if name != "google_key"} if isinstance(body, dict) else body
        await _take(request, google_ads.NAME, told, hashlib.sha256(raw).hexdigest(), sender)
    return JSONResponse({})


async def _sender(request: Request, words: str) -> Sender:
    key = await tracking_of(request).keyring.key(words) if words else None
    if key is None or Scope.TRACK not in key.scopes:
        raise HTTPException(HTTPStatus.UNAUTHORIZED, "This key opens nothing: use one that `keys create` showed.")
    return sender_of(key, user_agent(request))


async def _take(request: Request, maker: str, body: Json, digest: str, sender: Sender) -> None:
    """Capture who filled it. Raises BadInput when nobody can be known by it: then it is on the list."""
    posted = Posted(
        maker=maker, body=body, digest=digest, ip=address(request), user_agent=user_agent(request) or None
    )  # fmt: skip
    await lead_forms.take(house_of(request), arrivals_of(request), posted, sender)


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
