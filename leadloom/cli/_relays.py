"""Which relays and sender domains stand still, why, and how does an operator let them go on?"""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, ask, table, write
from leadloom.domain.model import Value
from leadloom.runtime import resuming
from leadloom.runtime.wiring import House
from leadloom.store import group_faults, published, routes, sender_domains
from leadloom.store.group_faults import StoppedTemplate
from leadloom.store.routes import Resting
from leadloom.store.sender_domains import SenderDomain

Relay = Annotated[str, typer.Argument(metavar="RELAY", help="Its name in the definition (mail.delivery.relays).")]
Domain = Annotated[str, typer.Argument(metavar="DOMAIN", help="As `mail senders` prints it.")]


class RelayState(Value):
    """A relay, and what of it rests."""

    relay: str
    domains: tuple[str, ...] | None
    has_address: bool
    """Whether this process knows its URL."""
    resting: tuple[Resting, ...]


def relays(as_json: AsJson = False) -> None:
    """The relays in their order, and which groups of mail (a provider, or `*` for all) rest, since when and why."""

    async def read(house: House) -> tuple[RelayState, ...]:
        known = {"main", *house.settings.further_relays()}
        async with house.db.read() as tx:
            book, resting = await published.book(tx), await routes.every(tx)
        return tuple(
            RelayState(
                relay=each.name, domains=each.domains, has_address=each.name in known,
                resting=tuple(one for one in resting if one.relay == each.name),
            )
            for each in book.definition.mail.delivery.relays
        )  # fmt: skip

    rows = ask(read)
    drawn = table(
        "relay", "sends for", "group", "state", "tried again", "since", "in vain",
        rows=(line for row in rows for line in _lines(row)), empty="The definition names no relay.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


def _lines(row: RelayState) -> list[tuple[object, ...]]:
    domains = "all domains" if row.domains is None else ", ".join(row.domains)
    if not row.has_address:
        return [(row.relay, domains, "", "no address: name it in SMTP_URLS", None, None, None)]
    if not row.resting:
        return [(row.relay, domains, "", "takes mail", None, None, None)]
    return [
        (row.relay, domains, "all" if one.provider == "*" else one.provider, f"rests: {one.why}", one.rests_until,
         one.since, one.failures)
        for one in row.resting
    ]  # fmt: skip


def try_relay(relay: Relay, by: By, as_json: AsJson = False) -> None:
    """Try a relay that rests again at once; what waited for it is due."""

    tried = ask(lambda house: resuming.try_relay(house, relay, by=by))
    write(tried, f"{relay} is tried again; {tried.groups} of its groups rested.", as_json=as_json)


def senders(as_json: AsJson = False) -> None:
    """Sender domains with mail and complaints of the last days: 0.1 % alarms, 0.3 % stops what may wait."""

    async def read(house: House) -> tuple[SenderDomain, ...]:
        async with house.db.read() as tx:
            return await sender_domains.every(tx)

    rows = ask(read)
    drawn = table(
        "domain", "sent", "complaints", "share", "state", "since",
        rows=(
            (row.domain, row.sent, row.complaints, f"{row.complaints / max(row.sent, 1):.2%}", _state(row),
             row.stopped_at or row.alarm_since)
            for row in rows
        ),
        empty="Nobody has complained, so nothing was counted yet.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


def _state(row: SenderDomain) -> str:
    if row.stopped_at is not None:
        return "stopped: too many complaints"
    return "alarm" if row.alarm_since is not None else "fine"


def resume_sender(
    domain: Domain,
    why: Annotated[str, typer.Option("--why", help="What was mended; kept with what you did.")],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Let a stopped sender domain go on; complaints are counted from now."""

    resumed = ask(lambda house: resuming.resume_sender(house, domain, why=why, by=by))
    write(resumed, f"{domain} goes on; complaints are counted from now.", as_json=as_json)


def templates(as_json: AsJson = False) -> None:
    """Mails that came back from several for what they are, and so go to nobody until somebody looked."""

    async def read(house: House) -> tuple[StoppedTemplate, ...]:
        async with house.db.read() as tx:
            return await group_faults.every(tx)

    rows = ask(read)
    drawn = table(
        "template", "hash", "came back", "sent", "reasons", "state", "since",
        rows=(
            (row.name, row.template_hash[:12], row.refused, row.sent, row.why,
             "stopped" if row.stopped_at else "goes on", row.stopped_at or row.resumed_at)
            for row in rows
        ),
        empty="No template came back for what it is.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


def resume_template(
    template: Annotated[str, typer.Argument(metavar="HASH", help="As `mail templates` prints it, or longer.")],
    why: Annotated[str, typer.Option("--why", help="What you found; kept with what you did.")],
    by: By,
    as_json: AsJson = False,
) -> None:
    """Let a stopped template go on; what comes back is counted from now. A mended one needs none: it is another."""

    resumed = ask(lambda house: resuming.resume_template(house, template, why=why, by=by))
    write(resumed, f"{template} goes on; what comes back is counted from now.", as_json=as_json)
