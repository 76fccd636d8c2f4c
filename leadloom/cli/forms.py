"""Which forms are there, are they sound, and which of their posts wait for a look?"""

from __future__ import annotations

from collections import Counter
from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, Limit, ask, read_id, table, write
from leadloom.domain.errors import Faulty
from leadloom.domain.intake.form import Form, said
from leadloom.domain.model import Value
from leadloom.runtime import form_posts as posts
from leadloom.runtime import publishing
from leadloom.runtime.form_posts import TakenAfterAll
from leadloom.runtime.forms import FormFolder, lint
from leadloom.runtime.wiring import House
from leadloom.store import form_posts
from leadloom.store.form_posts import HeldPost

app = typer.Typer(no_args_is_help=True, help="Forms: list, show, lint, and the posts that are held.")

Which = Annotated[str, typer.Argument(metavar="POST", help="Its id, as `forms held` prints it.")]


class Linted(Value):
    """How many forms are sound."""

    forms: int
    faults: tuple[str, ...]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Every form: where it is, what it records, what it asks."""
    forms = FormFolder().forms()
    drawn = table(
        "form", "address", "event", "source", "languages", "asks",
        rows=(
            (form.name, f"/f/{form.name}", form.event, form.source, " ".join(form.languages), " ".join(form.fields))
            for form in forms.by_name.values()
        ),
        empty="There is no form yet: docs/how-to/make-a-form.md.",
    )  # fmt: skip
    write(tuple(forms.by_name.values()), drawn, as_json=as_json)


@app.command()
def show(name: Annotated[str, typer.Argument(metavar="FORM")], as_json: AsJson = False) -> None:
    """One form in words: what it asks of whom, what it promises, who may frame it."""
    forms = FormFolder().forms()
    form = forms.named(name)
    asks = table(
        "field", "label", "needed",
        rows=(
            (one.field, said(forms.parts.fields[one.field].label, form.language), "yes" if one.needed else "")
            for one in form.asks
        ),
    )  # fmt: skip
    write(form, "\n".join(_words(form)), asks, as_json=as_json)


@app.command("lint")
def lint_(as_json: AsJson = False) -> None:
    """Look through all forms; exit 6 with every fault, its file, line and remedy."""
    faults = lint(publishing.definition_draft())
    if faults and not as_json:
        raise Faulty("The forms", list(faults))
    linted = Linted(forms=len(FormFolder().forms().by_name), faults=faults)
    write(linted, f"{linted.forms} forms, nothing is wrong with them.", as_json=as_json)
    if faults:
        raise typer.Exit(6)


@app.command()
def held(
    form: Annotated[str | None, typer.Option("--form", help="Only posts of this form.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Decided ones, too.")] = False,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """Posts no lead was made of, oldest first, with the reason. --json shows what was typed."""

    async def read(house: House) -> tuple[HeldPost, ...]:
        async with house.db.read() as tx:
            return await form_posts.listed(tx, form=form, decided_too=everything, limit=limit)

    rows = ask(read)
    drawn = table(
        "post", "form", "came", "tries", "why", "state", "by",
        rows=((row.post_id, row.form, row.at, row.tries, row.why, row.state, row.decided_by) for row in rows),
        empty="No post of a form waits for a look.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


@app.command()
def take(post: Which, by: By, as_json: AsJson = False) -> None:
    """It is a person's: make a lead of it after all, as if it had come in at its time."""

    async def work(house: House) -> TakenAfterAll:
        return await posts.take_after_all(house, read_id("post", post), by=by)

    taken = ask(work)
    words = f"It is lead {taken.lead_id} now." if taken.lead_id else f"It still can't be taken: {taken.why}"
    write(taken, words, as_json=as_json)
    if taken.lead_id is None:
        raise typer.Exit(1)


@app.command()
def drop(
    post: Which,
    by: By,
    why: Annotated[str, typer.Option("--why", help="In words; kept with what you did.")],
    as_json: AsJson = False,
) -> None:
    """It is a machine's: let it go. For a week it can be brought back; then what it said goes."""

    async def work(house: House) -> HeldPost:
        return await posts.drop(house, read_id("post", post), by=by, why=why)

    write(ask(work), f"Post {post} is dropped. Was that wrong? forms bring-back {post}", as_json=as_json)


@app.command("bring-back")
def bring_back(post: Which, by: By, as_json: AsJson = False) -> None:
    """It was dropped by mistake: it waits for a look again."""

    async def work(house: House) -> HeldPost:
        return await posts.bring_back(house, read_id("post", post), by=by)

    write(ask(work), f"Post {post} waits for a look again.", as_json=as_json)


def _words(form: Form) -> list[str]:
    needed = Counter(question.needed for question in form.asks)
    lines = [
        f"{said(form.title, form.language)} (/f/{form.name})",
        f"A post of it is {form.event}, from {form.source}; it needs {needed[True]} of {len(form.asks)} fields.",
    ]
    if form.ask_at_most:
        lines.append(f"It asks {form.ask_at_most} at a time, and of whom we know by a link only what is unknown.")
    lines += [
        f"Box for {box.purpose}, unticked, wording {box.version}: {said(box.box, form.language)}"
        for box in form.consents
    ]
    lines.append(f"May be framed by: {', '.join(form.frames) or 'nobody'}")
    lines.append(f"May lead to: {', '.join(form.redirects) or 'its own thanks only'}")
    span = form.at_most.within.total_seconds() / 60
    lines.append(f"Above {form.at_most.count} posts of one network in {span:g} minutes, further ones are held.")
    return lines
