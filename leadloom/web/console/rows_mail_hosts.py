"""Who takes in the mail of which domain? The list behind each figure about MX."""

from __future__ import annotations

from typing import get_args

from leadloom.domain.access.rights import Right
from leadloom.domain.definitions.delivery_policy import Provider
from leadloom.domain.mails.mail_hosts import Hosting
from leadloom.domain.mails.providers import declared_of
from leadloom.store import mail_hosts
from leadloom.store.mail_hosts import KnownHost
from leadloom.store.published import Book
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, held_whole, routes

_STATES = {"none": "takes no mail", "unanswered": "DNS gave no answer"}


def _filters(_book: Book) -> tuple[Filter, ...]:
    return (
        Filter(name="host", label="Taken in by"),
        Filter(name="provider", label="Provider", choices=choices(get_args(Provider))),
        Filter(name="state", label="Which", choices=choices(_STATES)),
    )


async def _read(asking: Asking) -> Listed:
    every = await mail_hosts.every(asking.tx)
    hosting = await mail_hosts.hosting(asking.tx, asking.book.definition, [each.domain for each in every])
    return held_whole([_cells(each, hosting) for each in every if _is_asked_for(each, hosting, asking)], asking)


def _is_asked_for(row: KnownHost, hosting: Hosting, asking: Asking) -> bool:
    to = hosting.of(row.domain)
    state = asking.get("state")
    return (
        asking.get("host") in (None, to.host)
        and asking.get("provider") in (None, to.provider)
        and (state != "none" or not row.takes_mail)
        and (state != "unanswered" or row.failure is not None)
    )


def _cells(row: KnownHost, hosting: Hosting) -> tuple[Cell, ...]:
    to = hosting.of(row.domain)
    is_declared = declared_of(row.domain, hosting.declared) is not None
    return (
        Cell(text=row.domain),
        Cell(text=to.host, note="declared in the definition" if is_declared else ""),
        _said(row),
        Cell(at=row.wall_asked_at),
        Cell(at=row.wall_until),
    )


def _said(row: KnownHost) -> Cell:
    if not row.takes_mail:
        return Cell(text="takes no mail", note="its MX is a single dot (RFC 7505)", mark="bad")
    named = ", ".join(row.exchanges)
    if row.failure is not None:
        return Cell(text=named or "nothing yet", note=f"no answer: {row.failure}", mark="bad")
    return Cell(text=named or "its name says enough")


router = routes(
    List(
        path="/rows/mail-hosts",
        title="Who takes mail in",
        hint="One row per domain we write to: who takes its mail in, as its MX said when DNS was asked.",
        columns=(
            Column(label="Domain"),
            Column(label="Counted with"),
            Column(label="MX"),
            Column(label="Asked"),
            Column(label="Believed until"),
        ),
        first_sort="",
        first_descending=False,
        empty="DNS was asked about nobody here. A sweep asks about the domains of mail that goes within the hour.",
        right=Right.SEE_OPERATION,
        filters=_filters,
        read=_read,
    )
)
