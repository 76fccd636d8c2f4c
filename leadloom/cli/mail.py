"""How does mail go out, and what does nobody know about? Lanes, uncertain mail, coming letters, the fence."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType

from leadloom.cli import (
    _coming,
    _gallery,
    _mail_archive,
    _mail_hosts,
    _mail_keys,
    _provider_posts,
    _receive,
    _relays,
    _returns,
    _trial,
    _visits,
)
from leadloom.cli._data import AsJson, By, ask, read_id, table, write
from leadloom.cli._door import talk
from leadloom.domain.errors import BadInput
from leadloom.domain.model import MessageId, Value
from leadloom.mail.compose import accepted_keys, wire_key
from leadloom.runtime.wiring import House
from leadloom.store import audit, fence, lanes, published, uncertain
from leadloom.store.fence import Reconciled
from leadloom.store.lanes import LaneLoad
from leadloom.store.tx import Tx
from leadloom.store.uncertain import Settlement, UncertainMail, Verdict

app = typer.Typer(
    no_args_is_help=True, help="Lanes, uncertain mails, letters that are coming, the fence, and the keys that sign."
)
uncertain_app = typer.Typer(no_args_is_help=True, help="Mails whose answer after the dot was lost.")
fence_app = typer.Typer(no_args_is_help=True, help="The restore epoch: who may send.")
app.add_typer(uncertain_app, name="uncertain")
for _command in (_coming.upcoming, _coming.hold, _coming.release, _coming.skip, _coming.edit, _receive.receive):
    app.command()(_command)
app.add_typer(fence_app, name="fence")
for _command in (
    _relays.relays, _relays.try_relay, _relays.senders, _relays.resume_sender, _relays.templates,
    _relays.resume_template, _mail_hosts.hosts,
):  # fmt: skip
    app.command()(_command)
app.add_typer(_mail_keys.keys_app, name="keys")
app.command()(_gallery.gallery)
app.command()(_trial.test)
app.command()(_mail_archive.archive)
app.add_typer(_provider_posts.app, name="hooks")
app.add_typer(_visits.visits_app, name="visits")
app.add_typer(_returns.app, name="returns")

LaneName = Annotated[str, typer.Argument(metavar="LANE", help="Its name, as `mail lanes` prints it; `all` for all.")]
Why = Annotated[str, typer.Option("--why", help="In words; kept with what you did.")]

Change = Callable[[Tx, str], Awaitable[None]]

_VERDICTS: dict[str, Verdict] = {"sent": "sent", "not-sent": "not sent", "resend": "resend"}


class Settled(Value):
    """What an uncertain mail was settled as."""

    message_id: MessageId
    verdict: Verdict


class Fence(Value):
    """Who may send."""

    epoch: int
    in_doubt: int
    """Mails that may have gone since the backup: `mail uncertain list`."""


@app.command("lanes")
def lanes_(as_json: AsJson = False) -> None:
    """The lanes: how many mails wait in each, until when it sleeps, why it stands still."""
    rows = ask(_lanes)
    write(rows, _draw(rows), as_json=as_json)


@app.command()
def pause(lane: LaneName, why: Why, by: By, as_json: AsJson = False) -> None:
    """Stop a lane before its next dot. Nothing is lost: what becomes late is planned anew when it goes on."""

    async def stop(tx: Tx, name: str) -> None:
        await lanes.pause(tx, name, why=f"{by}: {why}")

    _change(lane, stop, by=by, action="paused a lane", why=why, as_json=as_json)


@app.command()
def resume(lane: LaneName, by: By, as_json: AsJson = False) -> None:
    """Let a lane go on."""
    _change(lane, lanes.resume, by=by, action="resumed a lane", why="", as_json=as_json)


@uncertain_app.command("list")
def list_uncertain(as_json: AsJson = False) -> None:
    """Mails that may or may not have arrived, oldest first. The relay's log knows more: ask it by the time."""

    async def read(house: House) -> tuple[UncertainMail, ...]:
        async with house.db.read() as tx:
            return await uncertain.every(tx)

    rows = ask(read)
    drawn = table(
        "message", "journey", "mail", "class", "to", "dot at", "why",
        rows=(
            (row.message_id, row.journey, row.mail, row.mail_class,
             f"owner {row.owner_id}" if row.owner_id else f"lead {row.lead_id}", row.dot_at, row.reason)
            for row in rows
        ),
        empty="No uncertain mails.",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


@uncertain_app.command("settle")
def settle_uncertain(
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="Its id, as `mail uncertain list` prints it.")],
    verdict: Annotated[str, typer.Argument(help="sent, not-sent or resend (never for marketing).")],
    why: Why,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Say what became of an uncertain mail, by evidence or decision."""
    if verdict not in _VERDICTS:
        raise BadInput("verdict", verdict, f"Say {', '.join(_VERDICTS)}.")
    settlement = Settlement(verdict=_VERDICTS[verdict], by=by, why=why)
    about = MessageId(read_id("message", message))

    async def settle(house: House) -> Settled:
        async with house.db.transaction() as tx:
            book = await published.book(tx)
            await uncertain.settle(tx, about, settlement, book=book, at=house.now())
        return Settled(message_id=about, verdict=settlement.verdict)

    write(ask(settle), f"Message {about} is settled as {settlement.verdict}.", as_json=as_json)


@uncertain_app.command("reconcile")
def reconcile_uncertain(
    file: Annotated[Path, typer.Argument(help="The relay's log, or any file with the Message-IDs it accepted.")],
    by: By,
    send_absent: Annotated[
        bool, typer.Option("--send-absent", help="Send what the file doesn't have: it covers all since the backup.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Settle uncertain mails by a relay's log: what it has was sent, and is never sent again. Twice is fine."""
    try:
        log = accepted_keys(file.read_text(encoding="utf-8", errors="replace"))
    except OSError as error:
        raise BadInput("file", str(file), f"Name a file this process may read: {error.strerror}.") from error
    if not log:
        raise BadInput("file", str(file), "It holds no Message-ID of ours: give lines with <…@your-domain>.")

    async def settle(house: House) -> Reconciled:
        secret = house.settings.message_id_secret()
        async with house.db.transaction() as tx:
            mails = await uncertain.every(tx)
            keys = {each.message_id: wire_key(each.message_id, secret=secret) for each in mails}
            found = await fence.reconcile(tx, log, keys=keys, send_absent=send_absent, at=house.now())
            why = f"{len(log)} Message-IDs in {file.name}"
            note = audit.Note(at=house.now(), actor=by, action="reconciled with a log", subject="fence", why=why)
            await audit.note(tx, note)
        return found

    found = ask(settle)
    said = f"{found.sent} were sent, {found.due_again} are due now, {found.left} are still uncertain."
    write(found, said, as_json=as_json)


@fence_app.command("advance")
def advance_fence(by: By, why: Why, as_json: AsJson = False) -> None:
    """After restoring a database: shut out every worker and claim of before. Restart workers with the new epoch."""

    async def advance(house: House) -> Fence:
        async with house.db.transaction() as tx:
            advanced = await fence.advance(tx, at=house.now())
            note = audit.Note(
                at=house.now(), actor=by, action="advanced the fence", subject="fence", after=advanced.epoch, why=why
            )
            await audit.note(tx, note)
        return Fence(epoch=advanced.epoch, in_doubt=advanced.in_doubt)

    now = ask(advance)
    talk.print(f"Restart the workers with LEADLOOM_EPOCH={now.epoch}.", highlight=False)
    if now.in_doubt:
        talk.print("Settle what is in doubt by the relay's log first: mail uncertain reconcile FILE.", highlight=False)
    said = f"The epoch is {now.epoch}; {now.in_doubt} mails may have gone since the backup (mail uncertain list)."
    write(now, said, as_json=as_json)


async def _lanes(house: House) -> tuple[LaneLoad, ...]:
    async with house.db.read() as tx:
        return await lanes.every(tx)


def _change(lane: str, change: Change, *, by: str, action: str, why: str, as_json: bool) -> None:
    """Change one lane or all of them, with a note beside it; then show how they stand."""

    async def act(house: House) -> tuple[LaneLoad, ...]:
        async with house.db.transaction() as tx:
            names = [each.lane for each in await lanes.every(tx)] if lane == "all" else [lane]
            for name in names:
                await change(tx, name)
                note = audit.Note(at=house.now(), actor=by, action=action, subject=f"lane {name}", why=why)
                await audit.note(tx, note)
        return tuple(each for each in await _lanes(house) if each.lane in names)

    rows = ask(act)
    write(rows, _draw(rows), as_json=as_json)


def _draw(rows: tuple[LaneLoad, ...]) -> RenderableType:
    return table(
        "lane", "waiting", "per second", "state", "until",
        rows=(
            (row.lane, row.waiting, f"{row.per_second:g}", _state(row), row.rests_until or row.parked_until)
            for row in rows
        ),
        empty="No lanes yet: they come with the first mail.",
    )  # fmt: skip


def _state(row: LaneLoad) -> str:
    if row.paused_why is not None:
        return f"paused: {row.paused_why}"
    if row.rests_why is not None:
        return f"leaves the relay alone: {row.rests_why}"
    return "asleep" if row.parked else "draining"
