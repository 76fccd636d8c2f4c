"""What does the example world look like in a test: the real definition, a small journey, and templates to send?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.lead import BasisDraft, BasisKind, EventDraft, LeadDraft
from leadloom.domain.mails.template import TemplateBody
from leadloom.store import published
from leadloom.store.db import Db
from leadloom.store.published import Book

MONDAY = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
"""A working hour in New York, Berlin's afternoon."""

SMALL_JOURNEY = """
name: small
purpose: Shows the mechanics in a test, two mails and one question.
owner: priya-nair
sender: ines-carvalho
enter: {events: [guide_requested]}
exit:
  - {events: [demo_requested, price_requested, call_requested], outcome: asked to talk}
  - {events: [unsubscribed], outcome: unsubscribed}
goal: [calculator_finished]
steps:
  - {do: send, id: guide, mail: guide, class: service}
  - {do: wait, id: pause, for: 3d}
  - {do: send, id: dock, mail: dock}
  - {do: wait_for, id: heard, events: [link_clicked, reply], within: 5d, then: end, otherwise: end}
"""


@cache
def definition() -> Definition:
    """The repository's own definition.yaml."""
    path = Path(__file__).resolve().parents[1] / "definition.yaml"
    return Definition.model_validate(DraftText(path.name, path.read_text(encoding="utf-8")).data)


def small_journey() -> Journey:
    """A journey that lets in who asks for the guide."""
    return Journey.model_validate(DraftText("small.yaml", SMALL_JOURNEY).data)


def template(subject: str, *, for_owner: bool = False) -> TemplateBody:
    """A template that passed its checks, with little to say."""
    return TemplateBody(
        subject=subject,
        html=f"<p>{{{{ greeting }}}} {subject}</p><a href='{{{{ unsubscribe_url }}}}'>stop</a>",
        text=f"{{{{ greeting }}}} {subject} {{{{ unsubscribe_url }}}}",
        says_how_to_stop=not for_owner,
        says_who_and_why=True,
        for_owner=for_owner,
    )


async def publish(db: Db) -> Book:
    """Publish all of it, and the book it makes."""
    at = MONDAY - timedelta(days=30)
    async with db.transaction() as tx:
        await published.publish_definition(tx, definition(), at=at, by="samira-haddad")
        await published.publish_journey(tx, small_journey(), at=at, by="priya-nair")
        for mail in ("guide", "dock"):
            await published.publish_template(tx, "small", mail, template(mail), at=at, by="priya-nair")
        for notice in ("offer", "remind", "escalated", "first-try-missed", "unclear", "too-late"):
            body = template(notice, for_owner=True)
            await published.publish_template(tx, "hand-off", notice, body, at=at, by="priya-nair")
        for news in ("raised-ended", "appealed", "appeal-ended"):
            body = template(news, for_owner=True)
            await published.publish_template(tx, "hand-off-news", news, body, at=at, by="priya-nair")
        await published.publish_template(tx, "task", "asked", template("asked", for_owner=True), at=at, by="priya-nair")
        return await published.book(tx)


def happened(kind: str, at: datetime = MONDAY, **rest: object) -> EventDraft:
    """An event by the lead, a human."""
    return EventDraft.model_validate({"kind": kind, "at": at, **rest})


def draft(name: str = "ana.torres", *events: EventDraft, **rest: object) -> LeadDraft:
    """A quality manager at an American pharma distributor; `name` is also the local part of the address."""
    first, _, last = name.partition(".")
    words = {
        "email": f"{name}@meridian-pharma.example",
        "first_name": first.title(),
        "last_name": last.title() or None,
        "company": "Meridian Pharma",
        "country": "US",
        "role": "quality",
        "industry": "pharma distribution",
        "sites": 4,
        "source": "microsite",
        "events": events,
    }
    return LeadDraft.model_validate({**words, **rest})


def permission(kind: BasisKind = BasisKind.EXPRESS, at: datetime = MONDAY) -> BasisDraft:
    """A permission for marketing mail, given on a form."""
    return BasisDraft(kind=kind, source="guide form", wording="Yes, write to me.", at=at, proof={"page": "/guide"})
