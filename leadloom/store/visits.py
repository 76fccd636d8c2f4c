"""Who asked for the tracked addresses of our mails? Kept raw, judged together a minute later, told as events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from leadloom.domain.intake.visits import JUDGED_AFTER, MOST_VISITS, RULES, Hit, Judged, VisitVerdict, judge
from leadloom.domain.lead import EventDraft
from leadloom.domain.model import Instant, Json, MessageId, Value
from leadloom.domain.stages.ledger import POINTS_TAKEN_BACK
from leadloom.store import answered, events, standing, uncertain
from leadloom.store.answered import AnsweredMail
from leadloom.store.published import Book
from leadloom.store.tx import Tx, new_id

_PAGE = 500
"""Visits of one look of the sweep."""
_FIRST = UUID(int=0)


class KeptVisit(Hit):
    """A visit with its verdict."""

    visit_id: UUID
    verdict: VisitVerdict | None = None
    """None until it is judged."""
    why: str | None = None
    rules: int | None = None
    judged_at: Instant | None = None
    earlier: tuple[dict[str, Json], ...] = ()

    @property
    def hit(self) -> Hit:
        """What the rules look at."""
        return Hit(**{name: getattr(self, name) for name in Hit.model_fields})


class VisitCount(Value):
    """What was asked for of a mail, raw and by verdict."""

    journey: str
    mail: str
    kind: str
    raw: int
    human: int
    proxy: int
    machine: int
    unsure: int
    waiting: int
    """Not judged yet."""


class Rejudged(Value):
    """What judging anew changed."""

    visits: int
    changed: int
    became_human: int
    ceased_to_be: int
    """Were human and are no more: their points are taken back."""


async def keep(tx: Tx, mail: AnsweredMail, hit: Hit) -> None:
    """Keep a visit; beyond MOST_VISITS of one mail nothing is kept."""
    said = hit.model_dump()
    ids = {"visit_id": new_id(), "message_id": mail.message_id, "lead_id": mail.lead_id}
    await tx.run("keep_visit", **ids, **said, most=MOST_VISITS)


async def of_mail(tx: Tx, message_id: MessageId) -> tuple[KeptVisit, ...]:
    """All visits of a mail, first to last."""
    return tuple(KeptVisit(**row) for row in await tx.all("visits_of", message_id=message_id))


async def counts(tx: Tx, *, since: datetime) -> tuple[VisitCount, ...]:
    """By journey, mail and kind."""
    return tuple(VisitCount(**row) for row in await tx.all("visit_counts", since=since))


async def due(tx: Tx, *, at: datetime) -> tuple[MessageId, ...]:
    """Mails with visits to be judged at `at`."""
    rows = await tx.all("visits_due", due=at - JUDGED_AFTER, most=_PAGE)
    return tuple(MessageId(row["message_id"]) for row in rows)


async def judged_by_other_rules(tx: Tx, *, since: datetime, after: MessageId | None = None) -> tuple[MessageId, ...]:
    """A page of mails with visits that other rules judged, in order of their ids."""
    rows = await tx.all("visits_by_rules", rules=RULES, since=since, after=after or _FIRST, most=_PAGE)
    return tuple(MessageId(row["message_id"]) for row in rows)


async def settle(tx: Tx, message_id: MessageId, *, book: Book, at: datetime, whole: bool = False) -> int:
    """Judge the visits of a mail that have waited long enough (`whole`: all), and write their events; how many.

    Safe to repeat: what is judged is left alone, and an event is once a day for each link and verdict.
    """
    mail = await answered.mail(tx, message_id)
    if mail is None:
        return 0
    await standing.lock(tx, [mail.lead_id])  # what the sweep and a command judge at once is judged once
    every = await of_mail(tx, message_id)
    waiting = [each for each in every if each.judged_at is None and (whole or each.at <= at - JUDGED_AFTER)]
    said = [(each, judge(each.hit, [one.hit for one in every], sent_at=mail.sent_at)) for each in waiting]
    if not said:
        return 0
    await _write(tx, said, at)
    drafts = [draft for each, judged in said if (draft := _event(mail, each, judged)) is not None]
    if drafts:
        await events.record(tx, mail.lead_id, drafts, book=book, at=at)
    if any(judged.verdict is VisitVerdict.HUMAN for _, judged in said):
        why = "a person did it: link clicked"
        await uncertain.settle_by_evidence(tx, mail.message_id, by="a visit", why=why, at=at)
    return len(said)


async def rejudge(tx: Tx, message_id: MessageId, *, book: Book, at: datetime) -> Rejudged:
    """Judge anew what other rules judged, and let the events follow. Safe to repeat: by the number of the rules.

    Who turns out to be human is told like a person's past: scored, without waking any journey. Who turns out not to be
    loses the points; what was done because of them (a stage, a hand-off) stays, as nobody can undo a call.
    """
    mail = await answered.mail(tx, message_id)
    if mail is None:
        return Rejudged(visits=0, changed=0, became_human=0, ceased_to_be=0)
    await standing.lock(tx, [mail.lead_id])
    every = await of_mail(tx, message_id)
    old = [each for each in every if each.judged_at is not None and each.rules != RULES]
    said = [(each, judge(each.hit, [one.hit for one in every], sent_at=mail.sent_at)) for each in old]
    await _write(tx, said, at)
    changed = [(each, judged) for each, judged in said if judged.verdict is not each.verdict]
    became = [(each, judged) for each, judged in changed if judged.verdict is VisitVerdict.HUMAN]
    ceased = [(each, judged) for each, judged in changed if each.verdict is VisitVerdict.HUMAN]
    still = {_key(mail, each, each.verdict) for each in await of_mail(tx, message_id) if each.verdict is not None}
    for each, judged in ceased:
        if (key := _key(mail, each, VisitVerdict.HUMAN)) not in still:
            await _take_back(tx, mail, key, judged, book=book, at=at)
    drafts = [draft for each, judged in became if (draft := _event(mail, each, judged)) is not None]
    if drafts:
        await events.record(tx, mail.lead_id, drafts, book=book, at=at, history=True)
    return Rejudged(visits=len(said), changed=len(changed), became_human=len(became), ceased_to_be=len(ceased))


async def _write(tx: Tx, said: Iterable[tuple[KeptVisit, Judged]], at: datetime) -> None:
    rows = [{"visit_id": each.visit_id, "verdict": judged.verdict, "why": judged.why} for each, judged in said]
    await tx.run("judge_visits", rows=rows, rules=RULES, at=at)


async def _take_back(tx: Tx, mail: AnsweredMail, key: str, judged: Judged, *, book: Book, at: datetime) -> None:
    taken = await tx.all(
        "take_back_event", lead_id=mail.lead_id, key=key, verdict=judged.verdict.as_event, why=judged.why, rules=RULES
    )
    drafts = [
        EventDraft(
            kind=POINTS_TAKEN_BACK, at=at, key=f"taken-back/{key}:rules-{RULES}", actor="system",
            data={"of": row["no"], "why": judged.why},
        )
        for row in taken
    ]  # fmt: skip
    if drafts:
        await events.record(tx, mail.lead_id, drafts, book=book, at=at, history=True)


def _key(mail: AnsweredMail, hit: Hit, verdict: VisitVerdict) -> str:
    # The verdict is part of the key: a gateway that looks first must not hide the reader who comes after.
    what = f"click:{mail.message_id}:{hit.link}" if hit.kind == "click" else f"open:{mail.message_id}"
    return f"{what}:{hit.at:%Y-%m-%d}:{verdict}"


def _event(mail: AnsweredMail, hit: Hit, judged: Judged) -> EventDraft | None:
    """What happened, once a day per link and verdict; None for the link that no reader sees."""
    told: dict[str, Json] = {
        "message_id": str(mail.message_id),
        "journey": mail.journey,
        "mail": mail.mail,
        "verdict_why": judged.why,
    }
    if hit.kind == "click":
        if not 1 <= hit.link <= len(mail.links):
            return None
        told |= {"link": hit.link, "to": mail.links[hit.link - 1]}
    return EventDraft(
        kind="link_clicked" if hit.kind == "click" else "mail_opened",
        at=hit.at,
        key=_key(mail, hit, judged.verdict),
        verdict=judged.verdict.as_event,
        data=told,
    )
