"""How is a person forgotten? What says who it was goes, in one transaction; what is counted stays (GDPR 17)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import datetime

from leadloom.domain.errors import BadInput, Conflict
from leadloom.domain.intake.identity import is_work_mail
from leadloom.domain.journeys.runs import ExitRun
from leadloom.domain.model import LeadId, Value
from leadloom.domain.wake import hand_off_looks, lifecycle_looks
from leadloom.store import audit, calendars, runs
from leadloom.store.published import Book
from leadloom.store.tx import Asked, Record, Tx

ERASED = "erased"
"""Outcome of the runs it ends, and reason of the mark that keeps them out of marketing."""


_SHORTEST = 6
"""Characters; what is shorter may be anybody's number."""


class Erasure(Value):
    """Who is to be forgotten, and who says so."""

    lead_id: LeadId
    by: str
    """A handle, or `lead`."""
    why: str


async def erase(tx: Tx, what: Erasure, *, book: Book, at: datetime) -> None:
    """Forget the person: open runs end, planned mail and offers are taken back, what names them goes from every table,
    and a mark of each address keeps a later list from bringing them back into marketing. The lead's row, its log and
    its mails stay without them, so figures stay what they were. Twice is once.

    Raises NotFound; BadInput without a why; Conflict when they were erased before.
    """
    if not what.why.strip():
        raise BadInput("why", what.why, "Say why in a few words, without naming them: it is kept.")
    lead_id = what.lead_id
    lead, _ = await calendars.locked(tx, lead_id)
    known = await tx.one("names_of_lead", lead_id=lead_id)
    if known["erased_at"] is not None:
        raise Conflict(f"They were erased on {known['erased_at']:%Y-%m-%d}: nothing is left of them.")
    await _end(tx, lead_id, at)
    had_work_mail = lead.email is not None and is_work_mail(book.definition, lead.email)
    for name, params in _forgetting(what, known, had_work_mail=had_work_mail, at=at):
        await tx.run(name, **params)
    tx.look_again(lifecycle_looks(lead_id))
    said = re.sub(_pattern(_words(known)), "[erased]", what.why, flags=re.IGNORECASE)
    note = audit.Note(at=at, actor=what.by, action="erased a person", subject=f"lead {lead_id}", why=said)
    await audit.note(tx, note)


async def _end(tx: Tx, lead_id: LeadId, at: datetime) -> None:
    rows = await tx.all("open_runs_of_erased", lead_id=lead_id)
    await runs.leave(tx, [ExitRun(enrolment_id=row["enrolment_id"], outcome=ERASED) for row in rows], at=at)
    for row in await tx.all("close_hand_offs_of_erased", lead_id=lead_id, at=at):
        tx.look_again(hand_off_looks(row["hand_off_id"]))
    await tx.run("take_back_mail_of_erased", lead_id=lead_id, at=at)


def _forgetting(what: Erasure, known: Record, *, had_work_mail: bool, at: datetime) -> Iterable[Asked]:
    """Statement by statement; what names others' rows by what stands in theirs comes before theirs is gone."""
    lead_id, account_id = what.lead_id, known["account_id"]
    pattern, addresses = _pattern(_words(known)), _addresses(known)
    yield "mark_silences_of_erased", {"addresses": addresses, "at": at, "by": what.by}
    yield "forget_silences", {"addresses": addresses}
    own = ("events", "waits", "resumes", "offers", "companions", "support_requests", "appeals", "hand_offs", "tags",
           "clocks", "matches", "keys",
           "duplicates", "lead_keys", "match_faults", "merged_rows", "merges", "enrichments")  # fmt: skip
    for noun in (*own, "answers", "choices", "visits", "readings", "visitors"):
        yield f"forget_{noun}", {"lead_id": lead_id}
    for noun in ("bases", "tasks"):
        yield f"forget_{noun}", {"lead_id": lead_id, "at": at}
    for noun in ("stage_words", "steps", "runs", "mails"):
        yield f"forget_{noun}", {"lead_id": lead_id, "pattern": pattern}
    yield "forget_returned", {"lead_id": lead_id, "addresses": addresses}
    yield "forget_notes", {"subject": f"lead {lead_id}", "pattern": pattern}
    for place in ("cells", "in_provider_posts", "in_dropped", "in_campaigns", "in_checks", "in_lanes", "in_silences"):
        yield f"forget_{place}", {"pattern": pattern}
    yield "forget_form_posts", {"pattern": pattern, "at": at}
    theirs = {"lead_id": lead_id, "account_id": account_id, "pattern": pattern}
    for place in ("deals", "odds", "in_events_of_colleagues", "in_mails_of_colleagues"):
        yield f"forget_{place}", theirs
    yield "forget_in_offers_of_colleagues", {"account_id": account_id, "pattern": pattern}
    traces = ("company_keys", "company_aliases", "company_matches", "company_enrichments", "company_notes")
    for noun in ("pace_of_company", *traces, "company"):
        yield f"forget_{noun}", {"lead_id": lead_id, "account_id": account_id}
    yield "forget_lead", {"lead_id": lead_id, "at": at, "had_work_mail": had_work_mail}


def _addresses(known: Record) -> list[str]:
    told = [known["email"], *known["returned_from"], *(key for key in known["keys"] if "@" in key)]
    return sorted({one for one in told if one})


def _words(known: Record) -> list[str]:
    """What can mean nobody else in a row that isn't theirs: addresses, ids of other systems, a phone, the full name."""
    name = " ".join(part for part in (known["first_name"], known["last_name"]) if part)
    words = [*_addresses(known), *known["keys"], known["phone"], name if " " in name else None]
    return sorted({word for word in words if word and len(word) >= _SHORTEST}, key=len, reverse=True)


def _pattern(words: Iterable[str]) -> str:
    """A pattern for Postgres and Python alike: any of the words, whole, as text or as JSON writes it."""
    spelled = {form for word in words for form in (word, json.dumps(word, ensure_ascii=False)[1:-1])}
    if not spelled:
        return r"x\Ay"
    any_of = "|".join(sorted((_escaped(form) for form in spelled), key=len, reverse=True))
    return rf"(?<![A-Za-z0-9._%+-])(?:{any_of})(?![A-Za-z0-9-])(?!\.[A-Za-z0-9])"


def _escaped(word: str) -> str:
    return re.sub(r"([^\w\s@])", r"\\\1", word)
