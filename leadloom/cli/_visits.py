"""Who asked for links and pictures of our mails, and what do better rules say of it? Commands of `mail visits`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, ask, read_id, read_span, table, write
from leadloom.cli._door import talk
from leadloom.domain.intake.visits import RULES
from leadloom.domain.model import MessageId
from leadloom.runtime.wiring import House
from leadloom.store import audit, published, visits
from leadloom.store.visits import KeptVisit, Rejudged, VisitCount

visits_app = typer.Typer(no_args_is_help=True, help="Who followed links and opened mails: raw, and by verdict.")

Within = Annotated[str, typer.Option("--within", help="Of the last so long, such as 30d.")]


@visits_app.command("counts")
def counts(within: Within = "90d", as_json: AsJson = False) -> None:
    """Visits of each mail, raw and by verdict. Scores, alerts and reports go by `human` alone."""
    span = read_span("within", within)

    async def read(house: House) -> tuple[VisitCount, ...]:
        async with house.db.read() as tx:
            return await visits.counts(tx, since=house.now() - span)

    rows = ask(read)
    drawn = table(
        "journey", "mail", "kind", "raw", "human", "proxy", "machine", "unsure", "not judged yet",
        rows=(
            (row.journey, row.mail, row.kind, row.raw, row.human, row.proxy, row.machine, row.unsure, row.waiting)
            for row in rows
        ),
        empty="Nobody followed a link or opened a mail.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


@visits_app.command("list")
def list_(
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="The mail's id, as the lead's page shows it.")],
    as_json: AsJson = False,
) -> None:
    """Each visit of one mail with its verdict, and the rule that gave it."""
    about = MessageId(read_id("message", message))

    async def read(house: House) -> tuple[KeptVisit, ...]:
        async with house.db.read() as tx:
            return await visits.of_mail(tx, about)

    rows = ask(read)
    drawn = table(
        "at", "kind", "link", "agent", "verdict", "why", "rules",
        rows=(
            (row.at, row.kind, row.link if row.kind == "click" else "", row.agent, row.verdict or "waits", row.why,
             row.rules)
            for row in rows
        ),
        empty="Nobody asked for anything of this mail.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


@visits_app.command("rejudge")
def rejudge(
    by: By,
    why: Annotated[str, typer.Option("--why", help="In words; kept with what you did.")],
    within: Within = "90d",
    as_json: AsJson = False,
) -> None:
    """Judge anew what older rules judged. Who was no human loses the points; whoever was one gets them. Can go on."""
    span = read_span("within", within)

    async def act(house: House) -> Rejudged:
        since, done = house.now() - span, Rejudged(visits=0, changed=0, became_human=0, ceased_to_be=0)
        after: MessageId | None = None
        while True:
            async with house.db.read() as tx:
                page = await visits.judged_by_other_rules(tx, since=since, after=after)
            if not page:
                break
            for after in page:
                async with house.db.transaction() as tx:
                    done = _sum(done, await visits.rejudge(tx, after, book=await published.book(tx), at=house.now()))
        async with house.db.transaction() as tx:
            said = done.model_dump(mode="json")
            subject = f"visits by rules {RULES}"
            await audit.note(
                tx, audit.Note(at=house.now(), actor=by, action="rejudged", subject=subject, after=said, why=why)
            )
        return done

    done = ask(act)
    if not done.visits:
        talk.print(f"All visits of the last {span // timedelta(days=1)} days are judged by rules {RULES}.")
    line = (
        f"{done.visits} visits judged anew, {done.changed} otherwise: {done.became_human} are human now,"
        f" {done.ceased_to_be} no more."
    )
    write(done, line, as_json=as_json)


def _sum(one: Rejudged, other: Rejudged) -> Rejudged:
    return Rejudged(**{name: getattr(one, name) + getattr(other, name) for name in Rejudged.model_fields})
