"""Who did what, when, and what was so before? Acts of people, signing in and out, users; the newest first."""

from __future__ import annotations

import json
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from leadloom.domain.access.rights import Right
from leadloom.domain.model import Json
from leadloom.store import audit as notes
from leadloom.store import published
from leadloom.store.audit import NoteFilter
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_AUDIT)])
PLACE = Place(href="/audit", words="Audit", means="Who did what, and what was so before", order=91)


@router.get("/audit")
async def show(
    visit: Visit, actor: str = "", action: str = "", subject: str = "", before: int | None = None
) -> HTMLResponse:
    """A page of notes, and the way to older ones."""
    said = {name: text.strip() for name, text in (("actor", actor), ("action", action), ("subject", subject)) if text}
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        told = await notes.told(tx, NoteFilter.model_validate(said), before_id=before)
    older = f"/audit?{urlencode({**said, 'before': told.next})}" if told.next is not None else ""
    return visit.page(
        "console/audit.html", book, told=told, older=older, actor=actor, action=action, subject=subject,
        is_later_page=before is not None, change=_change,
        names={note.actor: name_of(book, note.actor) for note in told.notes},
    )  # fmt: skip


def _change(before: Json, after: Json) -> str:
    """What was so before and is so now, as far as they differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        moved = {name: (before.get(name), now) for name, now in after.items() if before.get(name) != now}
        return "; ".join(f"{name}: {_said(was)} → {_said(now)}" for name, (was, now) in moved.items())
    if isinstance(after, dict):
        return "; ".join(f"{name}: {_said(now)}" for name, now in after.items() if now not in (None, [], ""))
    return _said(after) if after is not None else ""


def _said(value: Json) -> str:
    if value is None or value == []:
        return "nothing"
    if isinstance(value, list):
        return ", ".join(_said(one) for one in value)
    return value if isinstance(value, str) else json.dumps(value)
