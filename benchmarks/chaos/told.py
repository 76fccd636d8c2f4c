"""How is the balance told? In lines a person reads, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from benchmarks.chaos.balance import Balance
from benchmarks.chaos.story import Played

_MOST_LISTED = 50


def story(played: Played, *, planned: int) -> str:
    """The balance of one run."""
    books, strokes = played.books, played.strokes
    killed = ", ".join(f"{part} {count}" for part, count in strokes.kills.items())
    lines = [
        f"Leads        {books.leads}, of them {books.opted_out} opted out",
        f"Enrolments   {books.enrolled}: {_counts(books.outcomes)}" + _left_out(books),
        f"Strikes      {played.struck} of {planned} in {played.seconds:.0f} s; killed: {killed}",
        f"             met a fault: {_counts(played.hits)}; replies lost: {strokes.lost_replies}; "
        f"workers started again: {played.restarts}",
        f"Mails        {sum(books.ledger.values())} in the ledger: {_counts(books.ledger)}; "
        f"{books.accepted} accepted by the relay",
        *_listed("Twice", books.twice),
        *_listed("Lost", books.lost),
        *_listed("Stuck", books.stuck),
        *_listed("Unbooked", books.unbooked),
        *_listed("Against a no", books.against_a_no),
        *_uncertain(books),
    ]
    verdict = "The books close." if not books.faults else f"The books do not close: {'; '.join(books.faults)}."
    return "\n".join([*lines, verdict])


def _left_out(books: Balance) -> str:
    return f"; without a run: {_counts(books.left_out)}" if books.left_out else ""


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"


def _listed(name: str, entries: Sequence[str]) -> list[str]:
    more = [f"             and {len(entries) - _MOST_LISTED} more"] if len(entries) > _MOST_LISTED else []
    return [f"{name:<13}{len(entries)}", *(f"             {entry}" for entry in entries[:_MOST_LISTED]), *more]


def _uncertain(books: Balance) -> list[str]:
    words = [
        f"lead {mail.lead_id}, {mail.step}: {mail.why}; the relay "
        + ("has it" if mail.relay_has_it else "does not have it")
        for mail in books.uncertain
    ]
    head, *rest = _listed("Uncertain", words)
    has = sum(mail.relay_has_it for mail in books.uncertain)
    return [f"{head} (at most {books.most_uncertain} explained); the relay has {has} of them", *rest]


def comparison(quiet: Played, unlike: Sequence[str]) -> str:
    """What the quiet run says beside the broken one."""
    books = quiet.books
    said = (
        f"Quiet run    {quiet.seconds:.0f} s: {books.enrolled} enrolments: {_counts(books.outcomes)}; "
        f"{books.accepted} mails accepted, {len(books.uncertain)} uncertain"
    )
    same = "The totals are the same, but for the uncertain mails."
    return "\n".join([said, *(f"             {each}" for each in unlike), same if not unlike else "The totals differ."])


def as_json(broken: Played, quiet: Played | None, unlike: Sequence[str]) -> str:
    """Everything for machines."""
    whole: dict[str, object] = {"broken": _played(broken)}
    if quiet is not None:
        whole |= {"quiet": _played(quiet), "differences": list(unlike)}
    return json.dumps(whole, indent=1)


def _played(played: Played) -> dict[str, object]:
    books = played.books.model_dump(mode="json", exclude={"delivered", "unsure"})
    return {
        "closes": not played.books.faults, "faults": played.books.faults, "balance": books,
        "strokes": played.strokes.model_dump(), "struck": played.struck, "hits": played.hits,
        "seconds": round(played.seconds, 1),
    }  # fmt: skip
