"""Which forms are there, and which of their posts wait for a look? Take one after all, or let it go."""

from __future__ import annotations

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from leadloom.domain.access.rights import Right
from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.intake.form import said
from leadloom.domain.model import Json, Value
from leadloom.runtime import form_posts as posts
from leadloom.store import form_posts, published
from leadloom.store.form_posts import DROPPED_KEPT, KEPT, MOST_HELD, HeldPost
from leadloom.store.published import Book
from leadloom.web._form_page import forms_of
from leadloom.web._public import fields_of
from leadloom.web.console._guard import needs
from leadloom.web.console._listing import name_of
from leadloom.web.console._places import Place
from leadloom.web.console._visit import Visit, back_to

router = APIRouter(include_in_schema=False, dependencies=[needs(Right.SEE_OPERATION, whole=True)])
PLACE = Place(
    href="/forms", words="Forms", means="What forms ask, and posts that wait for a look", row="more", order=55
)

_AT_A_TIME = 100
_LONGEST_WHY = 300
_CODES = {
    "bait": "It looks like a machine's",
    "flood": "It came with a flood",
    "failed": "It could not be taken",
}
_LABELS = {"ip": "Network address", "page": "Posted on", "user_agent": "Browser", "source": "Source", "event": "Event"}
"""What is told of the door, in the order it is shown."""


class FormLine(Value):
    """A form as the list shows it."""

    name: str
    title: str
    event: str
    languages: tuple[str, ...]
    asks: int
    held: int


@router.get("/forms")
async def show(visit: Visit, form: str = "") -> HTMLResponse:
    """The forms, the posts that wait (of one form or of all), and those let go lately."""
    return await _page(visit, form=form)


@router.get("/forms/held/{post_id}")
async def one(visit: Visit, post_id: UUID) -> HTMLResponse:
    """One post: what was typed, where it came from, what stands against it."""
    return await _one(visit, post_id)


@router.post("/forms/held/{post_id}", dependencies=[needs(Right.STEER_RUNS)])
async def act(visit: Visit, post_id: UUID) -> Response:
    """Take it after all, let it go, or bring it back, in the name of the seat."""
    fields = await fields_of(visit.request)
    visit.check_form(fields.get("token", ""))
    try:
        async with visit.house.db.read() as tx:
            seat = visit.seated(await published.book(tx))
        match fields.get("do"):
            case "take":
                taken = await posts.take_after_all(visit.house, post_id, by=seat.handle)
                if taken.lead_id is None:
                    return await _one(visit, post_id, f"It still can't be taken: {taken.why}", HTTPStatus.CONFLICT)
                return back_to(f"/leads/{taken.lead_id}")
            case "drop":
                why = fields.get("why", "").strip()[:_LONGEST_WHY]
                await posts.drop(visit.house, post_id, by=seat.handle, why=why)
            case "bring-back":
                await posts.bring_back(visit.house, post_id, by=seat.handle)
                return back_to(f"/forms/held/{post_id}")
            case other:
                raise BadInput("do", (other or "")[:20], "Press one of the buttons of the page.")
    except Conflict as conflict:
        return await _one(visit, post_id, str(conflict), HTTPStatus.CONFLICT)
    except BadInput as bad:
        return await _one(visit, post_id, bad.remedy, HTTPStatus.UNPROCESSABLE_ENTITY)
    return back_to("/forms")


async def _page(visit: Visit, *, form: str = "") -> HTMLResponse:
    async with visit.house.db.read() as tx:
        book = await published.book(tx)
        waiting = {line.form: line.held for line in await form_posts.waiting(tx)}
        held = await form_posts.listed(tx, form=form or None, limit=_AT_A_TIME)
        dropped = await form_posts.lately_dropped(tx)
    return visit.page(
        "console/forms.html",
        book,
        lines=_lines(visit, waiting),
        waiting=sum(waiting.values()),
        held=held,
        dropped=dropped,
        names={one.decided_by: name_of(book, one.decided_by) for one in dropped if one.decided_by},
        codes=_CODES,
        form=form,
        most=_AT_A_TIME,
        kept=_retention(),
    )


def _lines(visit: Visit, waiting: dict[str, int]) -> tuple[FormLine, ...]:
    """Every form, and those that were taken away while posts of theirs wait."""
    forms = forms_of(visit.request).by_name
    lines = [
        FormLine(
            name=one.name,
            title=said(one.title, one.language),
            event=one.event,
            languages=tuple(one.languages),
            asks=len(one.asks),
            held=waiting.get(one.name, 0),
        )
        for one in forms.values()
    ]
    gone = [name for name in waiting if name not in forms]
    lines += [FormLine(name=name, title="", event="", languages=(), asks=0, held=waiting[name]) for name in gone]
    return tuple(lines)


async def _one(
    visit: Visit, post_id: UUID, problem: str = "", status: HTTPStatus = HTTPStatus.OK
) -> HTMLResponse:  # fmt: skip
    async with visit.house.db.read() as tx:
        book, post = await published.book(tx), await form_posts.get(tx, post_id)
    return visit.page(
        "console/form_post.html",
        book,
        status=status,
        problem=problem,
        post=post,
        typed=tuple((name.replace("_", " ").capitalize(), text) for name, text in post.fields.items() if text),
        came=tuple(_came(post)),
        boxes=_boxes(post),
        codes=_CODES,
        who=_who(book, post),
        kept=_retention(),
    )


def _came(post: HeldPost) -> list[tuple[str, str]]:
    told = [(words, post.door.get(name)) for name, words in _LABELS.items()]
    return [
        (words, str(value).replace("_", " ") if words == _LABELS["event"] else str(value))
        for words, value in told
        if value
    ]


def _boxes(post: HeldPost) -> tuple[str, ...]:
    """The sentences beside the boxes that were ticked."""
    allows: Json = post.door.get("allows") or []
    each = allows if isinstance(allows, list) else []
    return tuple(str(box.get("wording", "")) for box in each if isinstance(box, dict))


def _who(book: Book, post: HeldPost) -> str:
    if post.decided_by is None or post.decided_by == "system":
        return "nobody: it was let go by itself" if post.decided_by else ""
    return name_of(book, post.decided_by)


def _retention() -> dict[str, int]:
    return {"held": KEPT.days, "dropped": DROPPED_KEPT.days, "most": MOST_HELD}
