"""Which posts of forms did no lead come of, why, and what did somebody decide about them?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.intake.capture import Door
from leadloom.domain.model import Instant, Json, LeadId, Value
from leadloom.store.tx import Tx, new_id

Code = Literal["bait", "flood", "failed"]
MOST_HELD = 5_000
"""Posts that wait at a time: more than a person looks at; beyond, senders are told to come back."""
KEPT = timedelta(days=90)
"""So long a held post keeps what it says."""
DROPPED_KEPT = timedelta(days=7)
"""So long a post that somebody dropped keeps it, to be brought back if that was a mistake."""


class HeldPost(Value):
    """A post that waits for a look, or what became of one."""

    post_id: UUID
    form: str
    code: Code
    why: str
    """Names nobody."""
    fields: dict[str, str]
    """What was typed; empty once it is taken, and a week after it was dropped."""
    door: dict[str, Json]
    tries: int
    at: Instant
    state: Literal["held", "taken", "dropped"]
    decided_at: Instant | None = None
    decided_by: str | None = None
    decided_why: str | None = None
    lead_id: LeadId | None = None


async def keep(
    tx: Tx, form: str, fields: Mapping[str, str], door: Door, *, code: Code, why: str, at: datetime
) -> UUID | None:
    """Hold a post; the same again is the same row. None when too many wait: then it is not kept."""
    kept = {_keepable(name): _keepable(text) for name, text in fields.items()}
    told = {"fields": kept, "door": door.model_dump(mode="json")}
    # The key of a shown form is in neither: a machine that opens it anew for each post fills no table.
    digest = hashlib.sha256(json.dumps(told["fields"], sort_keys=True).encode()).hexdigest()
    values = {"form": form, "code": code, "why": why, "digest": digest, "at": at, "most": MOST_HELD, **told}
    row = await tx.maybe("keep_form_post", post_id=new_id(), **values)
    return None if row is None else row["post_id"]


def _keepable(text: str) -> str:
    """What no Postgres text holds (NUL, halves of characters) as the sign for what can't be read."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


async def listed(tx: Tx, *, form: str | None = None, decided_too: bool = False, limit: int) -> tuple[HeldPost, ...]:
    """What waits, oldest first."""
    rows = await tx.all("form_posts", form=form, decided_too=decided_too, most=limit)
    return tuple(HeldPost.model_validate(dict(row)) for row in rows)


class Waiting(Value):
    """Posts of one form that wait for a look."""

    form: str
    held: int


async def waiting(tx: Tx) -> tuple[Waiting, ...]:
    """How many wait, form by form; forms without any are left out."""
    return tuple(Waiting.model_validate(dict(row)) for row in await tx.all("form_posts_waiting"))


async def lately_dropped(tx: Tx, *, limit: int = 20) -> tuple[HeldPost, ...]:
    """Posts somebody dropped that can still be brought back, the last first."""
    return tuple(HeldPost.model_validate(dict(row)) for row in await tx.all("form_posts_dropped", most=limit))


async def get(tx: Tx, post_id: UUID) -> HeldPost:
    """One of them. Raises NotFound."""
    row = await tx.maybe("form_post", post_id=post_id)
    if row is None:
        raise NotFound("held post", post_id)
    return HeldPost.model_validate(dict(row))


async def failed_again(tx: Tx, post_id: UUID, why: str) -> None:
    """It was tried once more, in vain: it stays."""
    await tx.run("form_post_failed", post_id=post_id, why=why)


async def decide(
    tx: Tx,
    post_id: UUID,
    state: Literal["taken", "dropped"],
    *,
    by: str,
    why: str,
    at: datetime,
    lead_id: LeadId | None = None,
) -> None:
    """Taken after all, or dropped. Raises Conflict when somebody decided before."""
    values = {"post_id": post_id, "state": state, "by": by, "why": why, "at": at, "lead_id": lead_id}
    if await tx.maybe("decide_form_post", **values) is None:
        raise Conflict(f"The post {post_id} was decided before: forms held --all says by whom.")


async def bring_back(tx: Tx, post_id: UUID) -> None:
    """A dropped one waits again, with what it said. Raises Conflict when that has gone, or it waits already."""
    if await tx.maybe("bring_back_form_post", post_id=post_id) is None:
        raise Conflict(
            f"The post {post_id} can't be brought back: it wasn't dropped by somebody in the last "
            f"{DROPPED_KEPT.days} days, or the same came in again and waits."
        )


async def drop_old(tx: Tx, *, at: datetime) -> int:
    """Let go of what nobody looked at for `KEPT`, and of what dropped ones said; how many. Safe to repeat: by state."""
    await tx.run("empty_dropped_form_posts", before=at - DROPPED_KEPT)
    return await tx.run("drop_old_form_posts", at=at, before=at - KEPT)
