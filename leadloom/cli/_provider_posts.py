"""Which posts of mail providers wait for a person, and what does the person say? Commands of `mail hooks`."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, ask, read_id, table, write
from leadloom.runtime import provider_posts as taking
from leadloom.runtime.provider_posts import TakenPost
from leadloom.runtime.wiring import House
from leadloom.store import provider_posts
from leadloom.store.provider_posts import KeptPost

app = typer.Typer(no_args_is_help=True, help="Posts of mail providers that wait for a person.")

Which = Annotated[str, typer.Argument(metavar="POST", help="Its id, as `mail hooks list` prints it.")]


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Events that couldn't be taken, and subscriptions to confirm, oldest first. --json shows what was posted."""

    async def read(house: House) -> tuple[KeptPost, ...]:
        async with house.db.read() as tx:
            return await provider_posts.every(tx)

    rows = ask(read)
    drawn = table(
        "post", "provider", "what", "came", "tries", "why",
        rows=((row.post_id, row.provider, row.kind, row.at, row.tries, row.why) for row in rows),
        empty="No post of a provider waits for anybody.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


@app.command()
def retry(post: Which, by: By, as_json: AsJson = False) -> None:
    """Take a kept event again, such as after an update that can read it."""

    async def take(house: House) -> TakenPost:
        return await taking.retry(house, read_id("post", post), by=by)

    taken = ask(take)
    words = "It still can't be taken: mail hooks list says why." if taken.kept else f"Post {post} is taken."
    write(taken, words, as_json=as_json)


@app.command()
def confirm(post: Which, by: By, as_json: AsJson = False) -> None:
    """Say yes to a subscription of Amazon SNS: from then on its topic may tell us of our mails."""

    async def say_yes(house: House) -> KeptPost:
        return await taking.confirm(house, read_id("post", post), by=by)

    write(ask(say_yes), f"The subscription of post {post} is confirmed.", as_json=as_json)


@app.command()
def drop(
    post: Which,
    by: By,
    why: Annotated[str, typer.Option("--why", help="In words; kept with what you did.")],
    as_json: AsJson = False,
) -> None:
    """Let a post go: an event we need not know, or a subscription nobody asked for."""

    async def let_go(house: House) -> KeptPost:
        return await taking.drop(house, read_id("post", post), by=by, why=why)

    write(ask(let_go), f"Post {post} is dropped.", as_json=as_json)
