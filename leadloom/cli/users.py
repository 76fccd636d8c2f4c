"""Who may sign in to the console, and what may they? Add users, give roles, disable, enable, make links, list."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloom.cli._data import AsJson, By, ask, table, write
from leadloom.domain.access.passwords import checked
from leadloom.domain.model import Value
from leadloom.runtime import user_acts
from leadloom.runtime.passwords import Passwords
from leadloom.runtime.wiring import House
from leadloom.store import users
from leadloom.store.users import NewUser, User

app = typer.Typer(no_args_is_help=True, help="Users of the console: add, list, roles, disable, enable, reset.")

Who = Annotated[str, typer.Argument(help="Handle or mail address.")]
Roles = Annotated[list[str] | None, typer.Option("--role", help="A role of the definition, or admin. May be repeated.")]
Team = Annotated[str | None, typer.Option("--team", help="A team of the definition, instead of their own.")]
Regions = Annotated[
    list[str] | None, typer.Option("--region", help="A region of the definition, instead of their team's. Repeatable.")
]


class Link(Value):
    """A link with which a user sets their password."""

    handle: str
    link: str
    """Shown this once; it works once, for a day."""


@app.command()
def add(
    handle: Annotated[str, typer.Argument(help="As the definition names them, such as ines-carvalho.")],
    email: Annotated[str, typer.Argument(help="Their mail address.")],
    by: By,
    name: Annotated[str, typer.Option("--name", help="Their name.")],
    role: Roles = None,
    password: Annotated[
        bool, typer.Option("--password", help="Ask here for a password, instead of making a link.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Add a user and print the link with which they set a password, once, within a day."""
    new = NewUser(handle=handle, email=email, name=name, roles=tuple(role or ()))
    typed = checked(_typed(), names=(handle, email, name)) if password else None

    async def do(house: House) -> str:
        link = await user_acts.add(house, new, by=by)
        if typed is not None:
            await user_acts.give_password(house, Passwords(), handle, typed, by=by)
        return link

    link = ask(do)
    if typed is not None:
        write(Link(handle=handle, link=""), f"{handle} may sign in with the password you typed.", as_json=as_json)
    else:
        write(Link(handle=handle, link=link), f"{link}\n\nIt works once, within a day.", as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """All users: what they are, how they sign in, when they were seen last."""

    async def read(house: House) -> tuple[User, ...]:
        async with house.db.read() as tx:
            return await users.every(tx)

    rows = ask(read)
    drawn = table(
        "handle", "name", "mail", "roles", "team", "signs in by", "seen last", "disabled",
        rows=(
            (
                row.handle, row.name, row.email, ", ".join(row.roles), row.team,
                ", ".join(way for way, has in (("password", row.has_password), ("oidc", row.oidc_subject)) if has),
                row.seen_at, row.active_until,
            )
            for row in rows
        ),
        empty="No user yet. The first: users add ada ada@kelvance.example --name 'Ada Admin' --role admin",
    )  # fmt: skip
    write(rows, drawn, as_json=as_json)


@app.command()
def roles(
    who: Who, by: By, role: Roles = None, team: Team = None, region: Regions = None, as_json: AsJson = False
) -> None:
    """Give a user these roles and no others; it counts from their next request on."""

    async def do(house: House) -> User:
        regions = tuple(region or ())
        return await user_acts.give_roles(house, who, roles=tuple(role or ()), team=team, regions=regions, by=by)

    user = ask(do)
    write(user, f"{user.handle} is now {', '.join(user.roles) or 'without a role'}.", as_json=as_json)


@app.command()
def disable(
    who: Who,
    by: By,
    why: Annotated[str, typer.Option("--why", help="In words; kept with what you did.")],
    as_json: AsJson = False,
) -> None:
    """Let a user in no more: sessions and links end at once."""

    async def do(house: House) -> User:
        return await user_acts.shut_out(house, who, by=by, why=why)

    user = ask(do)
    write(user, f"{user.handle} comes in no more. users enable {user.handle} takes it back.", as_json=as_json)


@app.command()
def enable(who: Who, by: By, as_json: AsJson = False) -> None:
    """Let a disabled user in again."""

    async def do(house: House) -> User:
        return await user_acts.let_in_again(house, who, by=by)

    user = ask(do)
    write(user, f"{user.handle} may sign in again.", as_json=as_json)


@app.command()
def reset(
    who: Who,
    by: By,
    password: Annotated[bool, typer.Option("--password", help="Ask here for one, instead of making a link.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print a link with which a user sets a new password, once, within a day; links of before end."""
    typed = _typed() if password else None

    async def do(house: House) -> str:
        if typed is not None:
            await user_acts.give_password(house, Passwords(), who, typed, by=by)
            return ""
        return await user_acts.new_link(house, who, by=by)

    link = ask(do)
    said = f"{link}\n\nIt works once, within a day." if link else f"{who} has a new password; their sessions ended."
    write(Link(handle=who, link=link), said, as_json=as_json)


@app.command("end-sessions")
def end_sessions(who: Who, by: By, as_json: AsJson = False) -> None:
    """Sign a user out everywhere."""

    async def do(house: House) -> User:
        await user_acts.end_sessions(house, who, by=by)
        async with house.db.read() as tx:
            return await users.named(tx, who)

    user = ask(do)
    write(user, f"{user.handle} is signed out everywhere.", as_json=as_json)


def _typed() -> str:
    """Asked for on the terminal, twice, unseen: on a command line every process here could read it."""
    return typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
