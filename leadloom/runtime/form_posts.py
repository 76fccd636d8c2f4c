"""What becomes of a post of a form? A lead; or it is held for a look, with the reason. Never nothing in silence."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadloom.domain.errors import BadInput, Conflict, Permanent, Transient
from leadloom.domain.intake.capture import Door, read_form
from leadloom.domain.intake.form import AtMost, Form
from leadloom.domain.intake.form_post import BAIT
from leadloom.domain.mails.networks import is_public, network_of
from leadloom.domain.model import LeadId, Value
from leadloom.runtime.arrivals import Arrivals
from leadloom.runtime.wiring import House
from leadloom.store import audit, form_posts, leads, published, readings
from leadloom.store.audit import Note
from leadloom.store.form_posts import Code, HeldPost

log = logging.getLogger(__name__)

_MOST_NETWORKS = 20_000
"""Networks that are counted at a time; who hasn't posted for longest is forgotten first."""


class TakenAfterAll(Value):
    """What became of a held post."""

    post_id: UUID
    lead_id: LeadId | None
    """None: something still stands against it, and it stays."""
    why: str = ""


class Flood:
    """How many posts came from where lately: in this process, in its memory alone."""

    def __init__(self) -> None:
        """Nobody posted yet."""
        self._counts: OrderedDict[tuple[str, str], tuple[datetime, int]] = OrderedDict()

    def is_over(self, form: str, at_most: AtMost, address: str | None, at: datetime) -> bool:
        """Count one more post; whether its network has had its share of this span.

        An address that isn't public is a proxy before us that nobody named: to count it would shut out everybody.
        """
        if not is_public(address):
            return False
        network = network_of(address)
        since, count = self._counts.pop((form, network), (at, 0))
        if not since <= at < since + at_most.within:
            since, count = at, 0
        self._counts[form, network] = since, count + 1
        if len(self._counts) > _MOST_NETWORKS:
            self._counts.popitem(last=False)
        return count >= at_most.count


@dataclass(frozen=True)
class Post:
    """A post of a form that could be taken: nothing it needs is missing."""

    form: Form
    fields: Mapping[str, str]
    """What is about its lead."""
    door: Door
    bait: str = ""
    """What stood in the field no person sees."""


async def take(house: House, arrivals: Arrivals, flood: Flood, post: Post) -> LeadId | None:
    """The lead it is about; None when it is held for a look, which its sender can't tell from being taken.

    Twice is once, by its key. Raises BadInput for its sender to mend; Transient when Postgres is away, or when so
    many posts are held that nobody would look at this one: its sender is told to come back.
    """
    if post.bait:
        await _hold(house, post, "bait", f"somebody filled the field no person sees ({BAIT})")
        return None
    at_most = post.form.at_most
    if flood.is_over(post.form.name, at_most, post.door.ip, post.door.at):
        minutes = at_most.within.total_seconds() / 60
        await _hold(house, post, "flood", f"more than {at_most.count} posts of one network within {minutes:g} minutes")
        return None
    try:
        return (await arrivals.form(post.fields, post.door, at=post.door.at)).lead_id
    except (BadInput, Transient):
        raise
    except Exception as error:
        # A fault of ours: its sender sees that it failed, and what they wrote isn't lost over it.
        await _hold(house, post, "failed", f"it could not be taken: {type(error).__name__}")
        raise


async def join_readings(house: House, session: str, lead_id: LeadId) -> None:
    """What was read in the session that a form was posted from is its sender's. Safe to repeat.

    After the capture and apart from it: what was read decides nothing about whether somebody is a lead.
    """
    async with house.db.transaction() as tx:
        await readings.join(tx, session, lead_id, book=await published.book(tx), at=house.now())


async def take_after_all(house: House, post_id: UUID, *, by: str) -> TakenAfterAll:
    """Somebody looked: it is a person's. What still stands against it stays with it. Raises NotFound, Conflict."""
    at = house.now()
    async with house.db.read() as tx:
        held = await form_posts.get(tx, post_id)
        book = await published.book(tx)
    if held.state != "held":
        raise Conflict(f"The post {post_id} was decided before: forms held --all says by whom.")
    try:
        draft = read_form(held.fields, definition=book.definition, door=Door.model_validate(held.door))
        async with house.db.transaction() as tx:
            captured = await leads.capture(tx, draft, book=book, at=at, actor="lead")
            lead_id = captured.lead_id
            await form_posts.decide(tx, post_id, "taken", by=by, why="looked at", at=at, lead_id=lead_id)
            await audit.note(tx, _note(held, by, "took a held post", f"lead {captured.lead_id}", at))
    except Permanent as error:
        if isinstance(error, Conflict):
            raise
        async with house.db.transaction() as tx:
            await form_posts.failed_again(tx, post_id, _words(error))
        return TakenAfterAll(post_id=post_id, lead_id=None, why=_words(error))
    return TakenAfterAll(post_id=post_id, lead_id=captured.lead_id)


async def drop(house: House, post_id: UUID, *, by: str, why: str) -> HeldPost:
    """Somebody looked: it is nobody's. What it said goes after some days, in which it can be brought back.

    Raises NotFound, Conflict; BadInput without a why.
    """
    if not why.strip():
        raise BadInput("why", why, "Say in a few words why nobody needs it: it is kept.")
    at = house.now()
    async with house.db.transaction() as tx:
        held = await form_posts.get(tx, post_id)
        await form_posts.decide(tx, post_id, "dropped", by=by, why=why, at=at)
        await audit.note(tx, _note(held, by, "dropped a held post", why, at))
        return await form_posts.get(tx, post_id)


async def bring_back(house: House, post_id: UUID, *, by: str) -> HeldPost:
    """It was dropped by mistake: it waits again. Raises NotFound, Conflict."""
    at = house.now()
    async with house.db.transaction() as tx:
        dropped = await form_posts.get(tx, post_id)
        await form_posts.bring_back(tx, post_id)
        await audit.note(tx, _note(dropped, by, "brought back a dropped post", dropped.decided_why or "", at))
        return await form_posts.get(tx, post_id)


async def _hold(house: House, post: Post, code: Code, why: str) -> None:
    async with house.db.transaction() as tx:
        kept = await form_posts.keep(tx, post.form.name, post.fields, post.door, code=code, why=why, at=post.door.at)
    log.info("form post held", extra={"form": post.form.name, "code": code, "kept": kept is not None})
    if kept is None:
        raise Transient("So many posts wait for a look that this one was not kept: send it again later.")


def _note(held: HeldPost, by: str, action: str, why: str, at: datetime) -> Note:
    return Note(at=at, actor=by, action=action, subject=f"post {held.post_id} of the form {held.form}", why=why)


def _words(error: Permanent) -> str:
    """What was wrong, without the value: it may be somebody's address."""
    return f"{error.field}: {error.remedy}" if isinstance(error, BadInput) else type(error).__name__
