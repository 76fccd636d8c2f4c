"""What becomes of what a provider posts? Each event is taken for itself; what can't be is kept for a person."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from uuid import UUID

from leadloom.domain.errors import BadInput, Conflict, Permanent
from leadloom.domain.model import Json, Value
from leadloom.domain.providers import mailgun, postmark, sendgrid, ses
from leadloom.domain.returns.kind import ProviderEvent
from leadloom.runtime import returns
from leadloom.runtime.provider_proof import SnsPost
from leadloom.runtime.sns_certificates import confirm_subscription
from leadloom.runtime.wiring import House
from leadloom.store import audit, provider_posts
from leadloom.store.audit import Note
from leadloom.store.provider_posts import KeptPost

log = logging.getLogger(__name__)

Reader = Callable[[Json], tuple[ProviderEvent, ...]]

READERS: dict[str, Reader] = {each.PROVIDER: each.read for each in (ses, sendgrid, mailgun, postmark)}
"""Provider → what reads one of its events."""


class TakenPost(Value):
    """What became of a post."""

    taken: int = 0
    ignored: int = 0
    """Events nobody acts on: opens, clicks, tests, mail of others that goes by the same account."""
    kept: int = 0
    """Events that couldn't be taken and wait for a person."""


async def take_post(house: House, provider: str, events: Sequence[Json]) -> TakenPost:
    """Take every event of a proven post. One that can't be read or acted on harms no other: it is kept, and listed.

    Twice is once: events have ids. Raises Transient when Postgres is away, and then the provider posts it again.
    """
    taken = ignored = kept = 0
    for raw in events:
        try:
            count = await _take(house, provider, raw)
        except Permanent as error:
            kept += 1
            why = _words(error)
            async with house.db.transaction() as tx:
                await provider_posts.keep(tx, provider, raw, kind="event", why=why, at=house.now())
            log.warning("provider event kept", extra={"provider": provider, "error": type(error).__name__})
        else:
            taken, ignored = taken + count, ignored + (count == 0)
    return TakenPost(taken=taken, ignored=ignored, kept=kept)


async def _take(house: House, provider: str, raw: Json) -> int:
    """How many of its events are about mail or leads of ours."""
    taken = 0
    for event in READERS[provider](raw):
        at = event.at + house.settings.clock_ahead  # the provider's clock is the wall's
        taken += await returns.take_event(house, event.but(at=at), at=house.now()) is not None
    return taken


async def take_sns(house: House, post: SnsPost) -> TakenPost:
    """What SNS posted, proven: an event, or the question whether we want the topic, which a person answers."""
    if post.type == "Notification":
        return await take_post(house, ses.PROVIDER, [_message_of(post)])
    if post.type == "SubscriptionConfirmation":
        raw: Json = {"topic": post.topic, "message_id": post.message_id, "subscribe_url": post.subscribe_url}
        why = f"confirm the subscription to {post.topic}: mail hooks confirm"
        async with house.db.transaction() as tx:
            await provider_posts.keep(tx, ses.PROVIDER, raw, kind="subscription", why=why, at=house.now())
        log.warning("a subscription waits to be confirmed", extra={"provider": ses.PROVIDER})
        return TakenPost(kept=1)
    return TakenPost(ignored=1)


def _message_of(post: SnsPost) -> Json:
    """The JSON inside the envelope; words that are none, such as SES's test, stand as they are and are ignored."""
    try:
        return json.loads(post.message)
    except ValueError:
        return {"words": post.message}


async def retry(house: House, post_id: UUID, *, by: str) -> TakenPost:
    """Take a kept event again. Still in vain: it stays, with what is wrong now. Raises NotFound, Conflict."""
    kept = await _kept(house, post_id)
    if kept.kind != "event":
        raise Conflict(f"Post {post_id} is a subscription: mail hooks confirm.")
    try:
        count = await _take(house, kept.provider, kept.raw)
    except Permanent as error:
        async with house.db.transaction() as tx:
            await provider_posts.failed_again(tx, post_id, _words(error))
        return TakenPost(kept=1)
    await _done(house, kept, by=by, action="took a provider's event", why="")
    return TakenPost(taken=count, ignored=int(count == 0))


async def confirm(house: House, post_id: UUID, *, by: str) -> KeptPost:
    """Say yes to a subscription that Amazon asked for. Raises NotFound, Conflict, Unreachable."""
    kept = await _kept(house, post_id)
    if kept.kind != "subscription" or not isinstance(kept.raw, dict):
        raise Conflict(f"Post {post_id} is an event: mail hooks retry.")
    await confirm_subscription(str(kept.raw.get("subscribe_url")))
    await _done(house, kept, by=by, action="confirmed a subscription", why=str(kept.raw.get("topic")))
    return kept


async def drop(house: House, post_id: UUID, *, by: str, why: str) -> KeptPost:
    """Let it go. Raises NotFound."""
    kept = await _kept(house, post_id)
    await _done(house, kept, by=by, action="dropped a provider's post", why=why)
    return kept


async def _kept(house: House, post_id: UUID) -> KeptPost:
    async with house.db.read() as tx:
        return await provider_posts.get(tx, post_id)


async def _done(house: House, kept: KeptPost, *, by: str, action: str, why: str) -> None:
    note = Note(at=house.now(), actor=by, action=action, subject=f"{kept.provider} post {kept.post_id}", why=why)
    async with house.db.transaction() as tx:
        await provider_posts.drop(tx, kept.post_id)
        await audit.note(tx, note)


def _words(error: Permanent) -> str:
    """What was wrong, without the value: it may be somebody's address."""
    return f"{error.field}: {error.remedy}" if isinstance(error, BadInput) else type(error).__name__
