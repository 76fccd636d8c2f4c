"""What does a notice look like in a channel, and what does another system get? Bodies of posts, ready to be sent.

Blocks as Slack takes them by an incoming webhook (Block Kit); Mattermost and others read at least their `text`.
"""

from __future__ import annotations

import json
from datetime import datetime

from leadloom.domain.handoffs.card import Card
from leadloom.domain.mails.template import HandOffWords
from leadloom.domain.model import Json, Value

OFFERED = "hand_off.notice"
"""The `type` of a message to another system."""
_LONGEST_HEADER, _LONGEST_TEXT = 150, 2900
"""Characters that Slack takes of a header and of a section (150 and 3,000), less what escaping may add."""
_OPENS = {
    "offer": "For you", "escalated": "Now with you", "remind": "Reminder", "first-try-missed": "Not called yet",
}  # fmt: skip


class NoticeLinks(Value):
    """Where its buttons lead: pages that change nothing until a button there is pressed."""

    accept: str
    give_back: str
    lead: str


def channel_body(mail: str, words: HandOffWords, links: NoticeLinks) -> bytes:
    """The notice as blocks: who, until when, why, what next, a way to begin, how to reach them, buttons."""
    who = words.lead_name or words.lead_company or "a lead"
    title = f"{_OPENS.get(mail, 'About')}: {who}"
    due = f"Answer by {words.accept_by}" if words.is_open else f"First call by {words.first_try_by}"
    when = f"{due}, {words.place} time" if words.place else due
    place = ", ".join(part for part in (words.lead_role, words.lead_company, words.lead_country) if part)
    why = "\n".join(f"• {one.words}{f' ({one.weight})' if one.weight else ''}" for one in words.reasons)
    reach = "\n".join(part for part in (words.lead_phone, words.lead_email, *words.contacts) if part)
    with_ = f"With {words.owner_name}. " if words.owner_name else ""
    blocks: list[Json] = [
        {"type": "header", "text": {"type": "plain_text", "text": title[:_LONGEST_HEADER]}},
        _section(f"*{_safe(place)}*\n{_safe(with_)}{_safe(when)}"),
        _section(f"*Why now*\n{_safe(why)}"),
        _section(f"*What to do next*\n{_safe(words.next_step)}\n>{_safe(words.suggested_opener)}"),
        _section(f"*How to reach them*\n{_safe(reach)}"),
        {"type": "actions", "elements": _buttons(words, links)},
    ]
    return _written({"text": f"{_safe(title)}. {_safe(when)}. {links.accept}", "blocks": blocks})


def system_body(mail: str, card: Card, links: NoticeLinks, *, at: datetime) -> bytes:
    """The notice for another system: ids, the context, and instants as it can read them."""
    data: dict[str, Json] = {
        "hand_off": str(card.hand_off_id),
        "notice": mail,
        "kind": card.kind,
        "offer": card.assignment_no,
        "state": card.state,
        "owner": card.owner,
        "pool": card.pool,
        "accept_by": card.accept_by.isoformat() if card.accept_by else None,
        "first_try_by": card.first_try_due.isoformat() if card.first_try_due else None,
        "lead": {
            "id": str(card.lead.lead_id),
            "name": card.lead_name,
            "email": card.lead.email,
            "phone": card.lead.phone,
            "company": card.company,
            "country": card.lead.country,
        },
        "reasons": [{"words": one.words, "weight": one.weight} for one in card.reasons],
        "contacts": [{"channel": one.channel, "may": one.may, "why": one.why} for one in card.contacts],
        "definition_version": card.definition_version,
        "next_step": card.next_step,
        "opener": card.opener,
        "links": links.model_dump(),
    }
    return _written({"type": OFFERED, "timestamp": at.isoformat(), "data": data})


def _buttons(words: HandOffWords, links: NoticeLinks) -> list[Json]:
    if not words.is_open:
        return [_button("Open the lead", links.lead, style=None)]
    return [_button("Accept", links.accept, style="primary"), _button("Give it back", links.give_back, style=None)]


def _button(words: str, url: str, *, style: str | None) -> Json:
    told: dict[str, Json] = {"type": "button", "text": {"type": "plain_text", "text": words}, "url": url}
    return told | {"style": style} if style else told


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:_LONGEST_TEXT]}}


def _safe(text: str) -> str:
    """Slack's three control characters: nobody's words can mention a channel or fake a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _written(body: dict[str, Json]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
