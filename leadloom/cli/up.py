"""Everything on this machine in one word: database, Temporal, mail trap, workers and console, until Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import AsyncGenerator, Coroutine
from time import monotonic
from typing import Annotated

import typer

from leadloom.cli import _example_world as example
from leadloom.cli._data import AsJson
from leadloom.cli._door import talk
from leadloom.domain.errors import NotFound, Unreachable
from leadloom.domain.model import Value
from leadloom.runtime.local.kept import write_whole
from leadloom.runtime.local.stack import DATABASE, Running, stack
from leadloom.runtime.microsites import SiteFolder
from leadloom.runtime.moving_in import wake_everything
from leadloom.runtime.publishing import Drafts, publish_all, read_drafts
from leadloom.runtime.serving import Door, serving
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import House, opened, tools_of
from leadloom.runtime.workers import working
from leadloom.store import migrate, published, server
from leadloom.web.app import create_app

SINGLE = True
app = typer.Typer()


class Up(Value):
    """Where everything is."""

    console: str
    microsites: tuple[str, ...]
    temporal: str | None
    """Temporal's own page, when the server is ours."""
    database: str
    """Where, without its password."""
    mail: str | None
    """The folder of trapped mails; None when they go to a relay."""
    state: str


@app.command()
def up(
    empty: Annotated[bool, typer.Option("--empty", help="Begin without the example world.")] = False,
    as_json: AsJson = False,
) -> None:
    """Start everything, the example world's 90 days ending now, and keep it running. Ctrl-C stops all of it."""
    if not asyncio.run(_until_told(_up(_near(Settings()), empty=empty, as_json=as_json))):
        talk.print("Stopped. The same command goes on where this one was.", highlight=False)


def _near(settings: Settings) -> Settings:
    """On this machine alone, choosing a seat is enough, unless somebody said otherwise."""
    is_said = "sign_in" in settings.model_fields_set
    return settings if is_said or not settings.is_near else settings.model_copy(update={"sign_in": "seats"})


async def _until_told(work: Coroutine[None, None, None]) -> bool:
    """Whether the work came to its own end; Ctrl-C and SIGTERM cut it short, a second one its tidying up."""
    task = asyncio.ensure_future(work)
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return False
    return True


async def _up(settings: Settings, *, empty: bool, as_json: bool) -> None:
    began = monotonic()
    talk.print("Starting …", highlight=False)
    async with stack(settings) as running:
        has_played = await _make_ready(running, empty=empty)
        async with _working(running) as house:
            await _publish(running, house, just_played=has_played)
            web = create_app(house)
            async with serving(web, Door(port=running.web_port), house.settings) as console:
                talk.print(f"Up after {monotonic() - began:.1f} s.", highlight=False)
                _say(running, house, as_json=as_json)
                await _until_lost(running, console)


async def _make_ready(running: Running, *, empty: bool) -> bool:
    """Suit the database to this code, and fill a new one of ours; whether the example world was played just now."""
    dsn = running.settings.database_url or ""
    if running.postgres is not None and example.was_cut_short(running.folder):
        talk.print("The example world was cut short while it was played; it begins anew.", highlight=False)
        await server.drop_database(running.postgres.url(DATABASE))
        await server.ensure_database(dsn)
    await migrate.migrate(dsn)
    # Somebody's own database never gets our invented people.
    if empty or running.postgres is None or await _is_in_use(running.settings):
        return False
    talk.print("Playing the example world's 90 days into the new database (once) …", highlight=False)
    await example.play_into(running.settings, running.folder, told=_Progress())
    return True


class _Progress:
    """Says how far the play is, in tenths."""

    def __init__(self) -> None:
        self._tenths = 0

    def __call__(self, share: float, words: str) -> None:
        if int(share * 10) > self._tenths:
            self._tenths = int(share * 10)
            talk.print(f"  {share:4.0%}  {words}", highlight=False)


async def _is_in_use(settings: Settings) -> bool:
    async with opened(settings) as house, house.db.read() as tx:
        try:
            await published.book(tx)
        except NotFound:
            return False
    return True


@contextlib.asynccontextmanager
async def _working(running: Running) -> AsyncGenerator[House]:
    async with opened(running.settings) as house, tools_of(house) as tools, working(house, tools):
        yield house


async def _publish(running: Running, house: House, *, just_played: bool) -> None:
    """Publish the drafts if a file changed since the last time; after a play, let what is open move over.

    What is in force may differ from the files without any of them having changed: the played world's definition has
    a second version. So the files are compared with what they were, not with what is in force.
    """
    drafts = read_drafts()
    seen, now = running.folder / "drafts", _fingerprint(drafts)
    if not just_played and not (seen.exists() and seen.read_text() == now):
        await publish_all(house.db, at=house.now(), by=drafts.definition.owner, drafts=drafts)
    write_whole(seen, now)
    if just_played:
        await wake_everything(house.db, at=house.now())


def _fingerprint(drafts: Drafts) -> str:
    contents = [drafts.definition, *drafts.journeys, *drafts.code, *drafts.templates.values()]
    return published.hash_of([content.model_dump(mode="json", by_alias=True) for content in contents])


async def _until_lost(running: Running, console: asyncio.Task[None]) -> None:
    """Return never; raise when a part is gone, so that everything stops and says so."""
    lost = asyncio.create_task(running.lost())
    try:
        done, _ = await asyncio.wait({lost, console}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        lost.cancel()
    said = lost.result() if lost in done else "the console ended"
    raise Unreachable("The local stack", str(running.folder), f"{said}. Nothing is lost; start again: make up")


def _say(running: Running, house: House, *, as_json: bool) -> None:
    where = Up(
        console=running.settings.public_url,
        microsites=tuple(running.settings.public_url + site.home for site in SiteFolder().sites().by_name.values()),
        temporal=running.temporal_page,
        database=house.db.where,
        mail=str(running.trap.folder) if running.trap else None,
        state=str(running.folder),
    )
    if as_json:
        sys.stdout.write(json.dumps(where.model_dump(), indent=2) + "\n")
    else:
        sys.stdout.write("\n".join(_lines(where)) + "\n")
    sys.stdout.flush()


def _lines(where: Up) -> list[str]:
    lines = [f"Console    {where.console}/", *(f"Microsite  {address}" for address in where.microsites)]
    if where.temporal:
        lines.append(f"Temporal   {where.temporal}")
    lines.append(f"Postgres   {where.database}")
    if where.mail:
        lines.append(f"Mail       {where.mail}")
    return [
        *lines,
        "",
        "To try, here or in another terminal:",
        f"  open {where.console}/ and take a seat",
        "  python starter.py handoffs list",
        "  python starter.py reports funnel",
        "  python starter.py doctor",
        "Ctrl-C stops everything.",
    ]
