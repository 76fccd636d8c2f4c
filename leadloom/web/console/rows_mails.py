"""Which mails? The list behind each figure about mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from leadloom.domain.access.rights import Right
from leadloom.domain.definitions.delivery_policy import Provider
from leadloom.domain.facts import MessageStatus
from leadloom.store import deliverability, mail_hosts, rows
from leadloom.store.published import Book
from leadloom.store.rows import PLANNED, MailFilter, MailRow
from leadloom.web.console._listing import Asking, Cell, Column, Filter, List, Listed, choices, listed, name_of, routes
from leadloom.web.console._places import Place
from leadloom.web.console._spans import DAYS, since

STATUS_WORDS = {
    "sent": "sent",
    "planned": "planned",
    "under-way": "on their way at this moment",
    "waiting": "planned, and not on their way",
    MessageStatus.UNCERTAIN: "uncertain: nobody knows whether it arrived",
    MessageStatus.HELD: "held: sales talks with them, or a pause",
    MessageStatus.SUPPRESSED: "suppressed: must not go",
    MessageStatus.REFUSED: "refused by the relay",
    MessageStatus.EXPIRED: "expired: no longer worth sending",
    MessageStatus.CANCELLED: "cancelled: the run ended first",
}
"""What a person tells apart; `planned` is all that isn't settled."""
_UNDER_WAY = (MessageStatus.CLAIMED, MessageStatus.AT_DOT)
_TO = {"lead": "leads", "owner": "owners"}
_BACK = {"bounce": "a bounce", "complaint": "a complaint", "auto_reply": "an auto-reply", "reply": "a person's reply"}
KEPT_WORDS: Mapping[str, str] = {
    "warm_up": "a day of its domain's warm-up",
    "provider_pace": "the pace of its provider",
    "company_pace": "the pace of its company",
    "relay_rests": "a relay that rests",
    "sender_stopped": "a sender domain that complaints stopped",
    "template_stopped": "a template that came back for what it is",
}


def statuses_of(word: str | None) -> tuple[str, ...] | None:
    """The statuses a word of the filter means; None for all."""
    if word is None:
        return None
    some = {"planned": PLANNED, "under-way": _UNDER_WAY, "waiting": tuple(set(PLANNED) - set(_UNDER_WAY))}
    return some.get(word, (word,))


def word_of(status: MessageStatus) -> str:
    """Where a mail stands, in a word."""
    return "planned" if status in PLANNED else status.value


def _filters(book: Book) -> tuple[Filter, ...]:
    journeys = [published.journey.name for published in book.journeys] + [entry.name for entry in book.code]
    return (
        Filter(name="status", label="How it went", choices=choices(STATUS_WORDS)),
        Filter(name="to", label="To", choices=choices(_TO)),
        Filter(name="journey", label="Journey", choices=choices([*journeys, "hand-off"])),
        Filter(name="class", label="Class", choices=choices(list(book.definition.mail.classes))),
        Filter(name="campaign", label="Campaign"),
        Filter(name="domain", label="Sent from", choices=choices(sender_domains(book))),
        Filter(name="provider", label="Mailbox at", choices=choices(get_args(Provider))),
        Filter(name="host", label="Taken in by"),
        Filter(name="template", label="Template"),
        Filter(name="days", label="Within", choices=choices(DAYS)),
        Filter(name="back", label="Came back", choices=choices(_BACK)),
        Filter(name="kept", label="Waits for", choices=choices(KEPT_WORDS)),
    )


def sender_domains(book: Book) -> list[str]:
    """The domains that mails of any class are sent from."""
    policy = book.definition.mail
    return sorted({policy.domain_of(each) for each in policy.classes})


async def _read(asking: Asking) -> Listed:
    to, policy, domain = asking.get("to"), asking.book.definition.mail, asking.get("domain")
    which = MailFilter(
        to_owner=None if to is None else to == "owner",
        statuses=statuses_of(asking.get("status")),
        journey=asking.get("journey"),
        mail_class=asking.get("class"),
        campaign=asking.get("campaign"),
        mail_classes=tuple(each for each in policy.classes if policy.domain_of(each) == domain) if domain else None,
        since=since(asking),
        hosts=await _hosts(asking),
        kept_why=asking.get("kept"),
        came_back=asking.get("back"),
        template=asking.get("template"),
    )
    page = await rows.mails(asking.tx, which, asking.order, sight=asking.sight)
    return listed(page, lambda row: _cells(row, asking))


async def _hosts(asking: Asking) -> tuple[str, ...] | None:
    """The domains of readers whose mail the provider, or the host, asked for takes in; None for all."""
    provider, host = asking.get("provider"), asking.get("host")
    if provider is None and host is None:
        return None
    every = await deliverability.hosts(asking.tx)
    hosting = await mail_hosts.hosting(asking.tx, asking.book.definition, every)
    taken = {each: hosting.of(each) for each in every}
    return tuple(each for each, to in taken.items() if provider in (None, to.provider) and host in (None, to.host))


def _cells(row: MailRow, asking: Asking) -> tuple[Cell, ...]:
    went = Cell(at=row.sent_at) if row.sent_at else Cell(at=row.slot_at, note="planned for")
    reader = name_of(asking.book, row.owner) if row.owner else row.person
    return (
        Cell(text=row.mail, href=f"/mails/{row.message_id}", note=row.journey),
        Cell(text=reader, note=f"about {row.person}" if row.owner else row.company or ""),
        Cell(text=word_of(row.status), note=row.reason or ""),
        went,
        Cell(text=row.mail_class),
        Cell(text=name_of(asking.book, row.sender)),
        Cell(text="the lead's story", href=f"/leads/{row.lead_id}") if row.lead_id else Cell(),
    )


PLACE = Place(
    href="/rows/mails",
    words="Mails",
    means="Every mail, asked for once and sent at most once",
    row="daily",
    order=50,
    also=("/mails",),
)
router = routes(
    List(
        path="/rows/mails",
        title="Mails",
        hint="One row per mail: asked for once, sent at most once.",
        columns=(
            Column(label="Mail", sort="mail"),
            Column(label="To", sort="name"),
            Column(label="How it went", sort="status"),
            Column(label="When", sort="when"),
            Column(label="Class"),
            Column(label="Signed by"),
            Column(label="Lead"),
        ),
        first_sort="when",
        first_descending=True,
        empty="No mail is here. A journey asks for the next one when its step is due; it then shows up as planned.",
        filters=_filters,
        right=Right.SEE_MAILS,
        is_scoped=True,
        read=_read,
    )
)
