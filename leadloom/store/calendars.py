"""When does each mail of a person go? Loads a lead's calendar under its lock and writes what the pure plan answers.

Locks are always taken in one order (leads by id, their accounts, lanes, message rows), so that planners of one
company wait for each other and never deadlock.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.facts import MessageStatus, SentMail
from leadloom.domain.lead import Account, Lead
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.mails.slots import Calendar, Slot, SlotCode, Taken, TooLate, Wish, plan
from leadloom.domain.model import LeadId, MessageId
from leadloom.store import lanes, standing
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

LATE = timedelta(minutes=10)
"""A mail that went, or waited, this much longer than its slot moves the rest of the calendar (design law 6)."""
PAGE = 200
"""Leads one sweep plans in one transaction."""


async def lock(tx: Tx, lead_ids: Iterable[LeadId]) -> None:
    """Hold these leads, then their accounts, until the transaction ends. Several leads only before any account."""
    ids = sorted(set(lead_ids))
    if ids:
        await standing.lock(tx, ids)
        await tx.all("lock_accounts_of_leads", lead_ids=ids)


Whom = tuple[Lead, Account | None]
"""A lead and their company."""


async def locked(tx: Tx, lead_id: LeadId) -> Whom:
    """The lead and their account, held until the transaction ends. Raises NotFound."""
    return (await locked_all(tx, [lead_id]))[lead_id]


async def locked_all(tx: Tx, lead_ids: Iterable[LeadId]) -> dict[LeadId, Whom]:
    """The leads and their accounts, held until the transaction ends. Raises NotFound."""
    found = await standing.lock(tx, lead_ids)
    await hold_companies(tx, list(found))
    accounts = await standing.accounts(tx, (lead.account_id for lead, _ in found.values()))
    return {
        lead_id: (lead, accounts[lead.account_id] if lead.account_id else None) for lead_id, (lead, _) in found.items()
    }


async def hold_companies(tx: Tx, lead_ids: Sequence[LeadId]) -> None:
    """Hold the accounts of leads that are held already."""
    await tx.all("lock_accounts_of_leads", lead_ids=lead_ids)


async def replan_all(
    tx: Tx, at_of: Mapping[LeadId, datetime], *, who: Mapping[LeadId, Whom], book: Book
) -> dict[MessageId, SentMail]:
    """Pack unclaimed mail anew, each lead's from its instant on; as many statements as for one lead.

    What fits nowhere before its deadline expires, with the reason. Releases mail whose hold has ended. Wakes a lane
    that would sleep through an earlier slot. `who` holds at least these leads, locked by `locked_all`. Answers how
    each mail stands that was planned.
    """
    lead_ids = sorted(at_of)
    held = await tx.all("hold_lanes_of_leads", lead_ids=lead_ids)
    if any(row["some_held"] for row in held):
        ats = [at_of[lead_id] for lead_id in lead_ids]
        await tx.run("release_ended_holds_of_leads", lead_ids=lead_ids, ats=ats)
    rows = await tx.all("unclaimed_of_leads", lead_ids=lead_ids)
    if not rows:
        return {}
    rules = _rules.under(book.definition)
    answers = await _plan(tx, rows, who, rules, at_of)
    await _write(tx, rows, answers, who=who, rules=rules, at_of=at_of)
    before = {row["message_id"]: row for row in rows}
    return {answer.message_id: _planned(before[answer.message_id], answer) for answer in answers}


async def release_holds(tx: Tx, lead_id: LeadId, *, book: Book, at: datetime) -> None:
    """A conversation ended: plan what it held, for everybody at the lead's company."""
    await _replan_all(tx, await tx.all("held_leads_of_company", lead_id=lead_id), book, at)


async def sweep_holds(tx: Tx, *, book: Book, at: datetime) -> int:
    """Repair: plan mail whose hold ended unnoticed, expire what was held past its worth. Answers how many leads."""
    rows = await tx.all("leads_with_ended_holds", at=at, page_limit=PAGE)
    await _replan_all(tx, rows, book, at)
    if rows:
        lead_ids, reason = [row["lead_id"] for row in rows], "it was held until its deadline"
        await tx.run("expire_held_of_leads", lead_ids=lead_ids, reason=reason, at=at)
    return len(rows)


async def hold_free(tx: Tx, lead_ids: Iterable[LeadId]) -> dict[LeadId, Whom]:
    """Of these leads those nobody else holds just now, with their accounts, held as by `locked_all`."""
    rows = await tx.all("free_leads", lead_ids=sorted(set(lead_ids)))
    return await locked_all(tx, [row["lead_id"] for row in rows]) if rows else {}


async def _replan_all(tx: Tx, rows: Sequence[Record], book: Book, at: datetime) -> None:
    if rows:
        who = await locked_all(tx, [row["lead_id"] for row in rows])
        await replan_all(tx, dict.fromkeys(who, at), who=who, book=book)


class _KeptRules:
    """The rules of the definition in force, with the holidays of each country worked out once, not at each plan."""

    def __init__(self) -> None:
        self._kept: SendRules | None = None

    def under(self, definition: Definition) -> SendRules:
        if self._kept is None or self._kept.definition is not definition:
            self._kept = SendRules(definition)
        return self._kept


_rules = _KeptRules()


async def _plan(
    tx: Tx,
    rows: Sequence[Record],
    who: Mapping[LeadId, Whom],
    rules: SendRules,
    at_of: Mapping[LeadId, datetime],
) -> list[Slot | TooLate]:
    """One answer for each row; leads of one company by turns, so that each sees what the one before took."""
    definition = rules.definition
    wishes: dict[LeadId, list[Wish]] = {}
    for row in rows:
        wishes.setdefault(row["lead_id"], []).append(_wish(row, definition, at_of[row["lead_id"]]))
    capped = [lead_id for lead_id, each in wishes.items() if any(wish.capped for wish in each)]
    ids = [row["message_id"] for row in rows]
    taken = await _Taken.read(tx, [who[lead_id][0] for lead_id in capped], ids, rules, min(at_of.values()))
    answers: list[Slot | TooLate] = []
    for lead_id, mine in wishes.items():
        lead, account = who[lead_id]
        calendar = Calendar.built(taken=tuple(taken.of_person(lead)))
        planned = plan(calendar, mine, rules.of(lead, account), taken.of_company(lead))
        taken.move(planned)
        answers += planned
    return answers


class _Taken:
    """What is taken of some people's weeks and of their companies' hours, moved along while they are planned."""

    def __init__(self, rows: Iterable[Record], wishes: Iterable[MessageId]) -> None:
        self._rows = {row["message_id"]: row for row in rows}
        self._wishes = frozenset(wishes)
        self._at: dict[MessageId, datetime] = {key: row["at"] for key, row in self._rows.items()}

    @classmethod
    async def read(
        cls, tx: Tx, people: Sequence[Lead], wishes: Iterable[MessageId], rules: SendRules, at: datetime
    ) -> _Taken:
        """Nothing is read, and nothing taken, for mail without caps. `wishes` are what may still be moved."""
        if not people:
            return cls([], [])
        policy = rules.definition.mail
        rows = await tx.all(
            "taken_of_leads",
            lead_ids=[lead.lead_id for lead in people],
            account_ids=[lead.account_id for lead in people if lead.account_id is not None],
            capped=[name for name, rule in policy.classes.items() if rule.capped],
            since=at - rules.longest_span,
        )
        return cls(rows, wishes)

    def of_person(self, lead: Lead) -> list[Taken]:
        """What the person got, or may be getting right now: a lane holds what is planned but no wish of ours."""
        return [
            Taken.built(at=self._at[key], mail_class=row["mail_class"], topic=row["topic"])
            for key, row in self._rows.items()
            if row["lead_id"] == lead.lead_id and self._stands(row)
        ]

    def of_company(self, lead: Lead) -> list[datetime]:
        """What is taken of the company's hour: sent or planned, but not this person's own wishes."""
        if lead.account_id is None:
            return [one.at for one in self.of_person(lead)]
        return sorted(
            self._at[key]
            for key, row in self._rows.items()
            if row["account_id"] == lead.account_id and (row["lead_id"] != lead.lead_id or self._stands(row))
        )

    def _stands(self, row: Record) -> bool:
        return row["stands"] or row["message_id"] not in self._wishes

    def move(self, planned: Iterable[Slot | TooLate]) -> None:
        """Let the next of the company see where these went."""
        for answer in planned:
            if answer.message_id not in self._rows:
                continue
            if isinstance(answer, Slot):
                self._at[answer.message_id] = answer.at
            else:
                del self._rows[answer.message_id]


def _wish(row: Record, definition: Definition, at: datetime) -> Wish:
    policy = definition.mail.classes[row["mail_class"]]
    return Wish(
        message_id=row["message_id"],
        priority=row["priority"],
        mail_class=row["mail_class"],
        topic=row["topic"],
        asked_at=row["asked_at"],
        not_before=max(row["not_before"], at),
        deadline=row["deadline"],
        capped=policy.capped,
        windowed=policy.windowed,
        jitter=timedelta(seconds=row["jitter_s"]),
        stands_at=row["slot_at"],
        has_come=_has_come(row, at),
    )


def _has_come(row: Record, at: datetime) -> bool:
    """Whether a lane is about to take it: planned before, and neither early nor so late that it is planned anew."""
    return row["asked_at"] < at and max(row["slot_at"], row["not_before"]) <= at < row["slot_at"] + LATE


async def _write(
    tx: Tx,
    rows: Sequence[Record],
    answers: Iterable[Slot | TooLate],
    *,
    who: Mapping[LeadId, Whom],
    rules: SendRules,
    at_of: Mapping[LeadId, datetime],
) -> None:
    before = {row["message_id"]: row for row in rows}
    moved: list[dict[str, object]] = []
    earliest: dict[str, datetime] = {}
    for answer in answers:
        row = before[answer.message_id]
        if isinstance(answer, TooLate):
            await _expire(tx, answer.message_id, answer.why, at_of[row["lead_id"]])
            continue
        zone = rules.zone_of(*who[row["lead_id"]])
        # Where it stands, it stands for the reason that moved it there, though nothing would keep it from there now.
        stays = not answer.why and answer.at == row["slot_at"]
        why, codes = (row["slot_why"], row["slot_codes"]) if stays else (list(answer.why), list(answer.codes))
        slot = {"slot_at": answer.at, "slot_why": why, "slot_codes": codes, "zone": zone.name}
        if any(row[name] != value for name, value in slot.items()):
            is_new = row["asked_at"] == at_of[row["lead_id"]]
            also = {"zone_by": zone.told_by, "is_new": is_new, "late_why": _makes_late(answer.codes)}
            moved.append({"message_id": answer.message_id, **slot, **also})
        earliest[row["lane"]] = min(answer.at, earliest.get(row["lane"], answer.at))
    await tx.many("move_slot", moved)
    await lanes.nudge(tx, earliest)


def _makes_late(codes: Sequence[SlotCode]) -> str | None:
    """What moved a mail behind where it was due: the window is there beforehand, so a cap says more."""
    if any(code in ("cap", "company_cap") for code in codes):
        return "cap"
    return "window" if codes else None


def _planned(row: Record, answer: Slot | TooLate) -> SentMail:
    slot = isinstance(answer, Slot)
    return SentMail(
        message_id=answer.message_id,
        step=row["step"],
        visit=row["visit"],
        status=row["status"] if slot else MessageStatus.EXPIRED,
        slot_at=answer.at if slot else row["slot_at"],
    )


async def _expire(tx: Tx, message_id: object, reason: str, at: datetime) -> None:
    await tx.run("expire_message", message_id=message_id, reason=reason, at=at)
