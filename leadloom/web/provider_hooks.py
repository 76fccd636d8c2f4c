"""Where do mail providers post what became of our mails? Proven first, then read; without a proof nothing is said."""

from __future__ import annotations

import json
from collections.abc import Sequence
from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from leadloom.domain.model import Json, Value
from leadloom.runtime import provider_posts
from leadloom.runtime.provider_posts import TakenPost
from leadloom.runtime.provider_proof import (
    MAILGUN_WINDOW,
    NotProven,
    SnsPost,
    prove_mailgun,
    prove_postmark,
    prove_sendgrid,
    prove_sns,
)
from leadloom.runtime.settings import several
from leadloom.runtime.wiring import wall_now
from leadloom.store.provider_posts import token_stands
from leadloom.web._public import house_of
from leadloom.web.security import open_to_other_sites

router = APIRouter(prefix="/webhooks", include_in_schema=False)


class _Signature(Value):
    timestamp: str
    token: str
    signature: str


@router.post("/ses")
@open_to_other_sites
async def ses(request: Request) -> JSONResponse:
    """Amazon SES through SNS: signed by SNS, and from a topic of ours."""
    house = house_of(request)
    topics = _set_up(house.settings.ses_topics)
    try:
        post = SnsPost.model_validate(_json(await request.body()))
        await prove_sns(post, topics=topics, certificate=request.app.state.sns_certificates, wall_at=wall_now())
    except (NotProven, ValidationError) as error:
        raise _refused() from error
    return _answer(await provider_posts.take_sns(house, post))


@router.post("/sendgrid")
@open_to_other_sites
async def sendgrid(request: Request) -> JSONResponse:
    """SendGrid's Event Webhook: signed over the very bytes, with the key from its settings page."""
    house = house_of(request)
    keys = _set_up(house.settings.sendgrid_key)
    body = await request.body()
    timestamp = request.headers.get("x-twilio-email-event-webhook-timestamp", "")
    signature = request.headers.get("x-twilio-email-event-webhook-signature", "")
    try:
        prove_sendgrid(body, timestamp=timestamp, signature=signature, keys=keys, wall_at=wall_now())
    except NotProven as error:
        raise _refused() from error
    told = _json(body)
    return _answer(await provider_posts.take_post(house, "sendgrid", told if isinstance(told, list) else [told]))


@router.post("/mailgun")
@open_to_other_sites
async def mailgun(request: Request) -> JSONResponse:
    """Mailgun's webhooks: a signed token, which counts for the body it first came with."""
    house = house_of(request)
    keys = _set_up(house.settings.mailgun_key)
    body = await request.body()
    told = _json(body)
    try:
        given = _Signature.model_validate(told.get("signature") if isinstance(told, dict) else None)
        prove_mailgun(**given.model_dump(), keys=keys, wall_at=wall_now())
    except (NotProven, ValidationError) as error:
        raise _refused() from error
    at, before = wall_now(), wall_now() - 2 * MAILGUN_WINDOW
    async with house.db.transaction() as tx:
        stands = await token_stands(tx, "mailgun", given.token, body, wall_at=at, wall_before=before)
    if not stands:
        raise _refused()
    return _answer(await provider_posts.take_post(house, "mailgun", [told]))


@router.post("/postmark")
@open_to_other_sites
async def postmark(request: Request) -> JSONResponse:
    """Postmark's webhooks: it signs nothing, so the name and password in its settings are the proof."""
    house = house_of(request)
    logins = _set_up(house.settings.postmark_login)
    try:
        prove_postmark(request.headers.get("authorization", ""), logins=logins)
    except NotProven as error:
        raise _refused() from error
    return _answer(await provider_posts.take_post(house, "postmark", [_json(await request.body())]))


def _set_up(setting: str | None) -> Sequence[str]:
    """What stands in the setting. A provider that isn't set up isn't there: raises HTTPException 404."""
    if not (found := several(setting)):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


def _refused() -> HTTPException:
    return HTTPException(HTTPStatus.UNAUTHORIZED, "This isn't signed as it should be.")


def _json(body: bytes) -> Json:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The body is not JSON.") from error


def _answer(taken: TakenPost) -> JSONResponse:
    """200, also for what was kept: sent again, it would be the same."""
    return JSONResponse(taken.model_dump())
