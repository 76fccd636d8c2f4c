"""What came back? The list behind each figure about bounces, complaints and answers."""

from __future__ import annotations

from leadloom.domain.access.rights import Right
from leadloom.domain.returns.kind import Kind, Reason
from leadloom.store import rows_of_returns
from leadloom.store.published import Book
from leadloom.store.rows_of_returns import ReturnedRow, ReturnFilter
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, listed, routes
from leadloom.web.console._spans import DAYS, since

KIND_WORDS = {
    Kind.BOUNCE: "bounce: it was not delivered",
    Kind.DELAYED: "delayed: they go on trying",
    Kind.DELIVERED: "delivered, with a proof",
    Kind.COMPLAINT: "complaint: called spam",
    Kind.AUTO_REPLY: "auto-reply: a machine answered",
    Kind.REPLY: "reply of a person",
    Kind.UNSUBSCRIBE: "unsubscribe by mail",
    Kind.UNKNOWN: "unknown: no rule says what",
}
_MATCHED = {"token": "our own token", "message_id": "a Message-ID of ours", "address": "the address alone"}


def _filters(_book: Book) -> tuple[Filter, ...]:
    return (
        Filter(
            name="kind", label="What it is", choices=choices({kind.value: words for kind, words in KIND_WORDS.items()})
        ),
        Filter(name="reason", label="Why", choices=choices([reason.value for reason in Reason])),
        Filter(name="days", label="When", choices=choices(DAYS)),
        Filter(name="template", label="Template"),
        Filter(name="asks", label="Which", choices=choices({"yes": "only what a person should look at"})),
    )


async def _read(asking: Asking) -> Listed:
    which = ReturnFilter(
        kind=asking.get("kind"),
        reason=asking.get("reason"),
        since=since(asking),
        asks=asking.has("asks"),
        template=asking.get("template"),
    )
    return listed(await rows_of_returns.returns(asking.tx, which, asking.order), _cells)


def _cells(row: ReturnedRow) -> tuple[Cell, ...]:
    code = " ".join(part for part in (str(row.code or ""), row.status or "") if part)
    known = f"known by {_MATCHED[row.matched_by]}" if row.matched_by else "nobody knows whose it is"
    state = "looked at" if row.looked_by else "somebody should look" if row.asks else ""
    return (
        Cell(text=row.kind.replace("_", " "), note=(row.reason or "").replace("_", " ")),
        Cell(text=row.person, href=f"/leads/{row.lead_id}", note=known)
        if row.lead_id
        else Cell(text=row.address or "", note=known),
        Cell(at=row.at),
        Cell(text=row.mail or "", href=f"/mails/{row.message_id}" if row.mail else "", note=f"through {row.via}"),
        Cell(text=code, note=row.why),
        Cell(text="; ".join(row.done), note=state, mark="bad" if row.asks and not row.looked_by else ""),
    )


router = routes(
    List(
        path="/rows/returns",
        title="What came back",
        hint="One row per thing that came back for a mail of ours, with the rule that read it and what followed.",
        columns=(
            Column(label="What", sort="kind"),
            Column(label="Whose", sort="name"),
            Column(label="When", sort="when"),
            Column(label="For", sort="via"),
            Column(label="It said"),
            Column(label="What followed"),
        ),
        first_sort="when",
        first_descending=True,
        empty="Nothing came back. Bounces, complaints and answers stand here as soon as a mailbox, the port for mail "
        "or a provider's webhook brings them; the how-to on receiving mail connects one.",
        filters=_filters,
        right=Right.SEE_OPERATION,
        read=_read,
    )
)
