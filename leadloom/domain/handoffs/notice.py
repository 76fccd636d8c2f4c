"""What does a notice say about a lead on offer? The card in words, with instants in the reader's own zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.hand_off_rules import RejectReason
from leadloom.domain.handoffs.card import Card, Touch
from leadloom.domain.handoffs.hand_off import name_of
from leadloom.domain.mails.template import CaredWords, HandOffWords, ReasonWords
from leadloom.domain.model import OwnerId

_LEVELS = ("", "You are the deputy.", "It has reached the manager.", "It is open to the pool.")
"""How far up a hand-off has gone, said to who gets it."""


def notice_words(
    definition: Definition, card: Card, *, zone: ZoneInfo, at: datetime, reader: OwnerId | None = None
) -> HandOffWords:
    """The whole context, for somebody whose clock is that of `zone`, as it is written at `at`.

    With a `reader` it is open only while they may answer it: who was passed over is told who has it.
    """
    return HandOffWords(
        kind_words=card.kind_words,
        why=card.why,
        definition_version=card.definition_version,
        accept_by=_clock(card.accept_by, zone),
        first_try_by=_clock(card.first_try_due, zone),
        level_words=_LEVELS[min(card.level, len(_LEVELS) - 1)],
        lead_name=card.lead_name,
        lead_company=card.company,
        lead_role=card.lead.title or card.lead.role or "",
        lead_country=card.lead.country or "",
        lead_email=card.lead.email or "",
        lead_phone=card.lead.phone or "",
        last_touches=tuple(_touched(touch, zone) for touch in card.touches),
        suggested_opener=card.opener,
        reasons=tuple(ReasonWords(words=one.words, weight=one.weight) for one in card.reasons),
        question=card.question,
        next_step=card.next_step,
        contacts=tuple(one.said for one in card.contacts),
        cared=tuple(CaredWords(words=one.words, path=one.path) for one in card.cared),
        companions=tuple(", ".join(part for part in (one.name, one.role) if part) for one in card.companions),
        lead_time=card.local(at),
        owner_name=name_of(definition, card.owner) if card.owner else "",
        place=zone.key.rpartition("/")[2].replace("_", " "),
        is_open=card.state == "offered" and (reader is None or card.owner_id in (None, reader)),
        decided=_decided(definition, card, zone),
        in_doubt=card.notice_in_doubt,
        chips=tuple(rule.label for _, rule in chips(definition)),
        chip_names=tuple(name for name, _ in chips(definition)),
    )


def chips(definition: Definition) -> tuple[tuple[str, RejectReason], ...]:
    """The reasons for giving a lead back by name, in the order of their keys, 1 to 9, then 0."""
    return tuple(sorted(definition.reject_reasons.items(), key=lambda one: (one[1].key - 1) % 10))


def _decided(definition: Definition, card: Card, zone: ZoneInfo) -> str:
    """`Dana Whitlock accepted it on Tue 03 Mar, 10:12, by link`, or who is asked now."""
    if card.decided_at is None:
        return f"{name_of(definition, card.owner)} is asked now" if card.owner else "It lies with everybody of its pool"
    who = name_of(definition, card.decided_by) if card.decided_by else "Somebody"
    return f"{who} {card.state} it on {_clock(card.decided_at, zone)}, by {card.decided_via}"


def _clock(instant: datetime | None, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%a %d %b, %H:%M}" if instant else ""


def _touched(touch: Touch, zone: ZoneInfo) -> str:
    about = f": {touch.about}" if touch.about else ""
    return f"{_clock(touch.at, zone)} · {touch.words}{about}"
