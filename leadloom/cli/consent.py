"""On which permission may we write to or call somebody? One person's log, the report over all, and a no by phone."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Literal

import typer

from leadloom.cli._data import AsJson, By, Limit, ask, table, write
from leadloom.cli._door import talk
from leadloom.domain.consent.reach import Reach, statement
from leadloom.domain.errors import BadInput
from leadloom.domain.lead import Basis
from leadloom.domain.model import Instant, Value
from leadloom.runtime.wiring import House
from leadloom.store import audit, consent_report, leads, permissions, published, standing, sunset
from leadloom.store.consent_report import STATES, ConsentReport
from leadloom.store.permissions import Withdrawal
from leadloom.store.rows import Order, Page
from leadloom.store.sunset import SilentRow

app = typer.Typer(no_args_is_help=True, help="Consent: show one person's log, report, who never answered, withdraw.")

Who = Annotated[str, typer.Argument(metavar="LEAD", help="Id or address of a lead.")]
On = Annotated[str | None, typer.Option("--on", help="As of the end of this day, such as 2026-03-02; else now.")]


class Shown(Value):
    """What one person allowed."""

    at: Instant
    reach: tuple[Reach, ...]
    log: tuple[Basis, ...]
    statement: tuple[str, ...]


@app.command()
def show(lead: Who, on: On = None, as_json: AsJson = False) -> None:
    """May we mail them, may we call them, and why; and all they allowed and took back, with the sentence they saw."""
    shown = ask(lambda house: _show(house, lead, _at(on, house)))
    drawn = [
        *(f"{one.channel}: {'yes' if one.may else 'no'}, {one.why}" for one in shown.reach),
        table(
            "when", "act", "channel", "kind", "source", "until", "ended", "sentence", "version",
            rows=(
                (one.at, one.act, one.channel, one.kind, one.source, one.until, one.revoked_at, one.wording,
                 (one.text_hash or "")[:12])
                for one in shown.log
            ),
            empty="They said nothing yet.",
        ),
    ]  # fmt: skip
    write(shown, *drawn, as_json=as_json)


@app.command()
def silent(
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="Within so many days from now.")] = 30,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """Who gets our letters, never answered one, and is asked next whether to go on (the definition's sunset policy)."""

    async def read(house: House) -> Page[SilentRow]:
        at = house.now()
        async with house.db.read() as tx:
            definition = (await published.book(tx)).definition
            order = Order(sort="at", limit=limit)
            return await sunset.silent(tx, definition, order, until=at + timedelta(days=days), at=at)

    found = ask(read)
    drawn = table(
        "lead", "name", "company", "letters", "the first", "asked",
        rows=((row.lead_id, row.person, row.company, row.letters, row.first_at, row.ends_at) for row in found.rows),
        empty="Nobody: the definition has no sunset policy, or whoever gets our letters has answered.",
    )  # fmt: skip
    write(found.rows, drawn, as_json=as_json)


@app.command()
def report(on: On = None, as_json: AsJson = False) -> None:
    """How many may be mailed, by country and basis, how many wait for their confirmation, and how many gave it."""

    async def read(house: House) -> ConsentReport:
        async with house.db.read() as tx:
            return await consent_report.report(tx, at=_at(on, house))

    found = ask(read)
    states = [state for state in STATES if any(state in line.by_state for line in found.countries)]
    by_country = table(
        "country", "people", "may be mailed", *states,
        rows=((one.country, one.people, one.mailable, *(one.by_state.get(state, 0) for state in states))
              for one in found.countries),
        empty="Nobody with an address is known.",
    )  # fmt: skip
    cohorts = table(
        "ticked in", "asked", "confirmed", "waiting", "ran out", "rate",
        rows=(
            (one.month, one.asked, one.confirmed, one.waiting, one.ran_out,
             "" if one.rate is None else f"{one.rate:.0%}")
            for one in found.cohorts
        ),
        empty="Nobody was asked to confirm a tick.",
    )  # fmt: skip
    write(found, by_country, cohorts, as_json=as_json)


@app.command()
def withdraw(
    lead: Who,
    by: By,
    why: Annotated[str, typer.Option("--why", help="How they said so, in words; kept in the log.")],
    channel: Annotated[str, typer.Option("--channel", help="mail or phone.")] = "mail",
    as_json: AsJson = False,
) -> None:
    """Note that somebody said no by another way: it ends every permission for that channel. The log keeps them."""
    if channel not in ("mail", "phone"):
        raise BadInput("channel", channel, "Write mail or phone.")
    which: Literal["mail", "phone"] = "mail" if channel == "mail" else "phone"

    async def act(house: House) -> Shown:
        at = house.now()
        async with house.db.transaction() as tx:
            lead_id = await leads.find(tx, lead)
            await standing.lock(tx, [lead_id])
            no = Withdrawal(lead_id=lead_id, channel=which, source=why, at=at, proof={"by": by})
            await permissions.take_back(tx, [no], [])
            subject = f"lead {lead_id}"
            await audit.note(tx, audit.Note(at=at, actor=by, action="withdrew a permission", subject=subject, why=why))
        return await _show(house, lead, at)

    shown = ask(act)
    talk.print(f"Every permission for {which} ended.", soft_wrap=True)
    write(shown, *(f"{one.channel}: {'yes' if one.may else 'no'}, {one.why}" for one in shown.reach), as_json=as_json)


async def _show(house: House, lead: str, at: datetime) -> Shown:
    async with house.db.read() as tx:
        book = await published.book(tx)
        person = await leads.get(tx, await leads.find(tx, lead))
        homes = await standing.accounts(tx, [person.account_id]) if person.account_id else {}
        log = await permissions.of_lead(tx, person.lead_id)
        silences = [one for one in await permissions.suppressions_of(tx, person.email, person.lead_id) if one.at <= at]
        home = homes.get(person.account_id) if person.account_id else None
        reach = permissions.reach_of(book.definition, person, home, log, silences, at=at)
        until_then = tuple(one for one in log if one.at <= at)
        return Shown(at=at, reach=reach, log=until_then, statement=statement(log, at))


def _at(on: str | None, house: House) -> datetime:
    if on is None:
        return house.now()
    try:
        return datetime.combine(datetime.strptime(on, "%Y-%m-%d").date(), time.max, tzinfo=UTC)  # noqa: DTZ007  a day
    except ValueError:
        raise BadInput("on", on, "Write the day as 2026-03-02.") from None
