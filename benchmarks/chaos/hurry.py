"""How does a journey of weeks run in a minute? The real files with their waits scaled, windows and caps lifted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.mail_policy import Cap, Window
from leadloom.domain.journeys.journey import Journey, Step
from leadloom.domain.journeys.steps.wait import Wait
from leadloom.domain.journeys.steps.wait_for import WaitFor
from leadloom.runtime.publishing import Drafts, publish_all, read_drafts
from leadloom.store.db import Db

JOURNEY = "welcome-four-degrees"
MAIL_DOMAIN = "leads.example"
"""Where the invented addresses live. No company: else everybody would work at the same one."""
MAILED_FROM = "kelvance.example"
"""What Message-IDs end in."""
_DAY = timedelta(days=1)
_ALL_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NO_LIMIT = Cap(count=1_000_000, within=_DAY)
"""For a company; a person has no cap at all."""


def at_any_hour(definition: Definition) -> Definition:
    """The same definition, but mail goes at any hour and as often as a journey asks."""
    window = Window.model_validate({"days": _ALL_WEEK, "from": time(0), "until": "24:00"})
    free_at = {"window": window, "holidays": (), "pauses": (), "per_person": (), "per_company": _NO_LIMIT}
    mail = definition.mail.model_copy(update=free_at)
    free = (*definition.mql.free_mail, MAIL_DOMAIN)
    return definition.model_copy(update={"mail": mail, "mql": definition.mql.model_copy(update={"free_mail": free})})


def hurried(journey: Journey, day: timedelta) -> Journey:
    """The same journey, each day of its waits lasting `day`. How long a mail is worth sending stays as it is."""
    factor = day / _DAY
    return journey.model_copy(update={"steps": tuple(_hurried(step, factor) for step in journey.steps)})


def _hurried(step: Step, factor: float) -> Step:
    scaled: dict[str, object] = {}
    if isinstance(step, Wait | WaitFor) and step.to_day is not None:
        scaled["to_day"] = step.to_day * factor
    if isinstance(step, Wait) and step.for_ is not None:
        scaled["for_"] = step.for_ * factor
    if isinstance(step, WaitFor) and step.within is not None:
        scaled["within"] = step.within * factor
    return step.model_copy(update=scaled)


async def publish(
    db: Db, changed: Callable[[Definition], Definition] = at_any_hour, *, day: timedelta, at: datetime
) -> Journey:
    """Put all drafts of this repository in force, hurried; the journey of the story."""
    drafts: Drafts = read_drafts()
    journeys = tuple(hurried(journey, day) for journey in drafts.journeys)
    drafts = replace(drafts, definition=changed(drafts.definition), journeys=journeys)
    await publish_all(db, at=at, by="samira-haddad", drafts=drafts)
    return next(journey for journey in journeys if journey.name == JOURNEY)
