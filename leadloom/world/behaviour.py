"""What people of the world do, and when: drawn once per name, so that two played worlds are the same. Pure.

The planted truth that reports must recover stands in truth.yaml; this file is how it comes about.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from leadloom.domain.model import Instant, Json, Value
from leadloom.world.people import Person
from leadloom.world.seeds import between, happens, share

_LARGE = 8
"""Sites from which on a customer tries the loggers at a second depot."""
WEBINAR_DAYS = (15, 50)
"""Days of the world on which `Audit Season` is held, 15:00 UTC."""


class Act(Value):
    """One thing somebody does at an instant of business time."""

    at: Instant
    do: Literal["arrive", "tell", "click", "answer", "unsubscribe"]
    what: str = ""
    """For `arrive` and `tell`: the event's kind. For `answer`: which answer of the mail's question."""
    mail: int | None = None
    """The mail's number in the trap."""
    data: dict[str, Json] = Field(default_factory=dict)


class MailCame(Value):
    """A mail lies in somebody's mailbox. Only its number and what it is: the mailbox keeps the rest (law 2)."""

    number: int
    journey: str
    mail: str


def agenda(person: Person, begins: datetime) -> list[Act]:
    """All that a person does of their own accord, oldest first; the first act makes them known to us."""
    arrives = begins + timedelta(hours=person.arrives_h)
    acts = [Act(at=arrives, do="arrive", what=_FIRST_EVENT[person.source], data=_seat(person, begins, arrives))]
    acts += _SOURCE_STORY[person.source](person, begins, arrives)
    return sorted(acts, key=lambda act: act.at)


_FIRST_EVENT = {
    "microsite": "guide_requested", "webinar": "webinar_registered", "pharmalog": "expo_scanned",
    "prospecting": "sales_first_touch", "search-ads": "ad_answered", "polar-lane": "partner_introduced",
    "referral": "referral_given",
}  # fmt: skip


def _later(arrives: datetime, days: float, *name: object) -> datetime:
    """Some office hour about that many days later (whole minutes, so that runs agree)."""
    minutes = int(days * 1440 + between(0, 420, "minute", *name))
    return arrives + timedelta(minutes=minutes)


_PIECES = ("nine-minutes", "excursion", "lane-map", "excursion", "lane-map")
"""What of the microsite they read, in turn."""


def _told(person: Person, arrives: datetime, what: str, days: float, *, piece: str = "") -> Act:
    data: dict[str, Json] = {"piece": piece} if piece else {}
    if what == "calculator_finished":
        data = {"cost": f"{1000 + person.number * 37 % 9000:,}"}
    return Act(at=_later(arrives, days, person.number, what, days), do="tell", what=what, data=data)


def _reads(person: Person, arrives: datetime) -> list[Act]:
    """Articles, the calculator and the price page, by warmth."""
    warmth, number = person.warmth, person.number
    acts = [
        _told(person, arrives, "article_read", 0.2 + 2.5 * place, piece=_PIECES[place])
        for place in range(int(warmth * 5))
    ]
    if warmth > 0.55:
        acts.append(_told(person, arrives, "calculator_finished", between(2, 9, "calculator", number)))
    if warmth > 0.65:
        acts.append(_told(person, arrives, "price_page", between(3, 12, "price", number)))
    if happens(0.04, "careers", number):
        acts.append(_told(person, arrives, "careers_page", 4))
    return acts


def _microsite(person: Person, begins: datetime, arrives: datetime) -> list[Act]:
    acts = _reads(person, arrives)
    if person.warmth > 0.72 and happens(0.5, "demo", person.number):
        acts.append(_told(person, arrives, "demo_requested", between(4, 14, "demo", person.number)))
    return acts


def _next_webinar(begins: datetime, arrives: datetime) -> datetime | None:
    held = [begins + timedelta(days=day, hours=15) for day in WEBINAR_DAYS]
    return next((at for at in held if at > arrives), None)


def _seat(person: Person, begins: datetime, arrives: datetime) -> dict[str, Json]:
    """What the form says of the seat somebody takes."""
    coming = _next_webinar(begins, arrives) if person.source == "webinar" else None
    return {"webinar_at": coming.isoformat(), "starts": f"{coming:%H:%M} UTC"} if coming else {}


def _webinar(person: Person, begins: datetime, arrives: datetime) -> list[Act]:
    acts: list[Act] = []
    coming = _next_webinar(begins, arrives)
    if coming is not None and not happens(0.7, "attends", person.number):
        # The list of attendance is brought in on the next morning.
        acts.append(Act(at=coming + timedelta(hours=18), do="tell", what="webinar_missed"))
    elif coming is not None:
        asked: dict[str, Json] = dict(_QUESTION) if happens(0.3, "asks", person.number) else {}
        acts.append(Act(at=coming + timedelta(minutes=55), do="tell", what="webinar_attended", data=asked))
        if happens(0.6, "guide", person.number):
            acts.append(Act(at=coming + timedelta(minutes=90 + person.number), do="tell", what="guide_requested"))
        acts += _reads(person, coming)
    if person.warmth > 0.6 and happens(0.35, "call", person.number):
        acts.append(_told(person, coming or arrives, "call_requested", between(1, 6, "call", person.number)))
    return acts


def _pharmalog(person: Person, begins: datetime, arrives: datetime) -> list[Act]:
    # Staff at the fair ticked "wants a call" generously: that is how wrong data reaches the reps.
    acts = _reads(person, arrives) if person.warmth > 0.3 else []
    if happens(0.5, "call", person.number):
        acts.append(_told(person, arrives, "call_requested", between(0.5, 4, "call", person.number)))
    return acts


def _prospecting(person: Person, begins: datetime, arrives: datetime) -> list[Act]:
    acts: list[Act] = []
    if not person.out_of_reach and happens(0.4, "reads", person.number):
        acts += _reads(person, arrives + timedelta(days=2))
        acts.append(_told(person, arrives, "guide_requested", between(1, 5, "guide", person.number)))
    if person.warmth > 0.4:
        acts.append(_told(person, arrives, "meeting_agreed", between(2, 12, "meeting", person.number)))
    return acts


def _search_ads(person: Person, begins: datetime, arrives: datetime) -> list[Act]:
    # Ads are clicked by those who were coming anyway: loved by last touch, no lift.
    acts = _reads(person, arrives)
    if happens(0.5, "guide", person.number):
        acts.append(_told(person, arrives, "guide_requested", 0.1))
    if person.warmth > 0.6 and happens(0.4, "price", person.number):
        acts.append(_told(person, arrives, "price_requested", between(1, 9, "asks", person.number)))
    return acts


def _polar_lane(person: Person, begins: datetime, arrives: datetime) -> list[Act]:
    acts: list[Act] = []
    if not person.out_of_reach and happens(0.35, "reads", person.number):
        acts += _reads(person, arrives)
    if person.warmth > 0.45:
        acts.append(_told(person, arrives, "partner_need_told", between(1, 8, "need", person.number)))
    return acts


def _referral(person: Person, begins: datetime, arrives: datetime) -> list[Act]:
    return [_told(person, arrives, "demo_requested", between(0.1, 2, "demo", person.number))]


_SOURCE_STORY = {
    "microsite": _microsite, "webinar": _webinar, "pharmalog": _pharmalog, "prospecting": _prospecting,
    "search-ads": _search_ads, "polar-lane": _polar_lane, "referral": _referral,
}  # fmt: skip


def react(person: Person, came: MailCame, now: datetime) -> list[Act]:
    """What a person does about a mail: mostly nothing. The answer belongs to (person, journey, mail)."""
    if person.out_of_reach and came.journey != "onboarding-to-advocate":
        return []
    name = (person.number, came.journey, came.mail)
    read_at = now + timedelta(minutes=int(between(20, 60 * 30, "reads", *name)))
    if came.journey == "onboarding-to-advocate":
        return _as_customer(person, came, read_at)
    if came.journey in _READ_AND_KEPT:
        return []
    if came.journey == "welcome-four-degrees" and came.mail == "one-question" and happens(0.5, "answers", *name):
        return [Act(at=read_at, do="answer", mail=came.number, what=_one_question(person))]
    if happens(0.015, "leaves", *name) and came.journey != "hand-raise":
        return [Act(at=read_at, do="unsubscribe", mail=came.number)]
    if share("clicks", *name) < 0.1 + 0.5 * person.warmth:
        follows = [Act(at=read_at, do="click", mail=came.number)]
        if happens(0.5, "goes on", *name):
            follows.append(
                Act(at=read_at + timedelta(minutes=7), do="tell", what="article_read", data={"piece": _PIECES[0]})
            )
        if came.journey == "welcome-four-degrees" and person.warmth > 0.6 and happens(0.12, "talks", *name):
            follows.append(Act(at=read_at + timedelta(minutes=25), do="tell", what="talk_requested"))
        return follows
    return []


_READ_AND_KEPT = ("deal-support", "renewal-and-second-site", "webinar-audit-season")
"""Letters people of the world read and answer by what they do at other doors: a click would be a touch, and touches are
planted elsewhere."""
_QUESTION: dict[str, Json] = {
    "question": "Who signs for a gap nobody saw?",
    "answer": "Whoever was on duty, with the reason beside it, on the day it is found.",
}


def _one_question(person: Person) -> str:
    if person.warmth > 0.6:
        return "audit_date_told"
    return "exploring_told" if person.warmth > 0.3 else "not_us_told"


def _as_customer(person: Person, came: MailCame, read_at: datetime) -> list[Act]:
    """Customers put loggers to work and, after 75 days, answer the one question."""
    if came.mail == "hana-and-the-plan":
        return [
            Act(at=read_at + timedelta(days=2), do="tell", what="logger_live"),
            Act(at=read_at + timedelta(days=12), do="tell", what="loggers_80"),
            Act(at=read_at + timedelta(days=24), do="tell", what="audit_report_made", data={"minutes": "9"}),
        ]
    if came.mail == "tune-alarms" and person.company.sites >= _LARGE:
        return [Act(at=read_at + timedelta(days=9), do="tell", what="second_site_live", data={"site": "depot 2"})]
    if came.mail == "one-question":
        answer = "promoter_told" if person.warmth > 0.5 else "detractor_told"
        return [Act(at=read_at, do="answer", mail=came.number, what=answer)]
    if came.mail == "ask-reference":
        return [Act(at=read_at + timedelta(days=1), do="tell", what="reference_given")]
    return []
