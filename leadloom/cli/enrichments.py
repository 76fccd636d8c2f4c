"""What were providers asked about companies and leads, what failed, and shall it be asked again, let go, or undone?"""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, Limit, ask, read_id, table, write
from leadloom.cli._enrichment import say
from leadloom.domain.enrichment.taking import Change
from leadloom.domain.errors import BadInput
from leadloom.domain.model import Value
from leadloom.runtime import enriching
from leadloom.runtime.wiring import House
from leadloom.store import company_links, enriched, enrichments, leads, published
from leadloom.store.enrichments import About, Run

app = typer.Typer(
    no_args_is_help=True,
    help="What providers were asked about companies and leads: list, retry what failed, let it go, undo what was told.",
)

Which = Annotated[str, typer.Argument(metavar="ENRICHMENT", help="The id `enrichments list` prints.")]
Why = Annotated[str, typer.Option("--why", help="Why, in words; kept.")]


class AskedAgain(Value):
    """How many questions are due now."""

    questions: int


class Settled(Value):
    """Whom an enrichment was about that was undone or let go."""

    about: str
    """`account` or `lead`, and its id."""


@app.command("list")
def list_(
    company: Annotated[str | None, typer.Option("--company", help="Only about this one.")] = None,
    lead: Annotated[str | None, typer.Option("--lead", help="Only about this one.")] = None,
    failed: Annotated[bool, typer.Option("--failed", help="Only what waits to be asked again.")] = False,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Questions to providers, the latest first: what was sent, what came of it, and what failed why."""
    if company is not None and lead is not None:
        raise BadInput("lead", lead, "Name a company or a lead, not both.")

    async def read(house: House) -> tuple[Run, ...]:
        async with house.db.read() as tx:
            account_id = None if company is None else await company_links.find(tx, company)
            lead_id = None if lead is None else await leads.find(tx, lead)
            return await enrichments.log(tx, About(account_id, lead_id), only_failed=failed, limit=limit)

    found = ask(read)
    drawn = table(
        "enrichment", "about", "provider", "by", "at", "sent", "end", "taken", "error", "again",
        rows=(
            (
                r.run_id, r.name if r.lead_id is None else f"lead {r.lead_id}", r.provider, r.asked_by, r.at,
                ", ".join(r.sent), r.state, ", ".join(f"{v.field} {v.value}" for v in r.values if v.is_taken), r.error,
                "when somebody asks" if r.waits_for_somebody else r.next_try_at,
            )
            for r in found
        ),
        empty="No question waits." if failed else "Nobody was asked about anybody yet.",
    )  # fmt: skip
    write(found, drawn, as_json=as_json)


@app.command()
def retry(
    by: By,
    enrichment: Annotated[str | None, typer.Argument(metavar="ENRICHMENT", help="Left out: --all.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that failed, by a worker, as fast as it may.")] = False,
    provider: Annotated[str | None, typer.Option("--provider", help="With --all: only questions to this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask again what failed: one question at once, or all of them."""
    if (enrichment is None) is not every:
        raise BadInput("enrichment", enrichment, "Name one question, or say --all.")
    if enrichment is not None:
        run_id = read_id("enrichment", enrichment)

        async def one(house: House) -> list[Change]:
            return await enriching.retry(house.db, run_id, by=by, now=house.now)

        say(ask(one), as_json=as_json)
        return

    async def all_(house: House) -> int:
        async with house.db.transaction() as tx:
            return await enrichments.ask_all_again(tx, provider, by=by, at=house.now())

    due = ask(all_)
    write(AskedAgain(questions=due), f"Due now: {due}. A worker asks them within a minute or so.", as_json=as_json)


@app.command("let-go")
def let_go(enrichment: Which, why: Why, by: By, as_json: AsJson = False) -> None:
    """Let a question go that failed: it waits no more, and isn't asked again by itself."""
    run_id = read_id("enrichment", enrichment)

    async def work(house: House) -> Settled:
        async with house.db.transaction() as tx:
            return _settled(await enrichments.let_go(tx, run_id, by=by, why=why, at=house.now()))

    done = ask(work)
    write(done, f"Let go: the question about {done.about}.", as_json=as_json)


@app.command()
def undo(enrichment: Which, why: Why, by: By, as_json: AsJson = False) -> None:
    """Take back what one question brought, as far as it still stands so."""
    run_id = read_id("enrichment", enrichment)

    async def work(house: House) -> Settled:
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            return _settled(await enriched.undo(tx, run_id, by=by, why=why, book=book, at=house.now()))

    done = ask(work)
    write(done, f"The {done.about} is as it was before.", as_json=as_json)


def _settled(about: About) -> Settled:
    return Settled(about=about.subject)
