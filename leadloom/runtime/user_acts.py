"""What does an administrator do with users? Add, give roles, shut out, let in again, send a link; each is noted."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection

from leadloom.domain.access.passwords import checked
from leadloom.domain.access.rights import ADMIN
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.mails.address import read_address
from leadloom.domain.model import Json
from leadloom.runtime.passwords import Passwords
from leadloom.runtime.wiring import House
from leadloom.store import audit, published, sessions, users
from leadloom.store.audit import Note
from leadloom.store.tx import Tx
from leadloom.store.users import NewUser, User

_HANDLE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 80


async def add(house: House, new: NewUser, *, by: str) -> str:
    """Add a user; the address of the link with which they set their password. Raises BadInput, Conflict."""
    async with house.db.transaction() as tx:
        await check(tx, new)
        await users.keep(tx, new, by=by, at=house.now())
        after: Json = {"roles": list(new.roles), "team": new.team, "regions": list(new.regions)}
        await _note(tx, house, new.handle, "added a user", by=by, after=after)
        return await _link(tx, house, await users.named(tx, new.handle), by=by)


async def check(tx: Tx, new: NewUser) -> None:
    """Raise BadInput for what no user can be."""
    if not _HANDLE.fullmatch(new.handle) or len(new.handle) > _LONGEST:
        raise BadInput("handle", new.handle[:_LONGEST], "Write it as the definition writes owners: ines-carvalho.")
    if not new.name.strip() or not new.name.isprintable() or len(new.name) > _LONGEST:
        raise BadInput("name", new.name[:_LONGEST], f"Write 1 to {_LONGEST} characters.")
    read_address(new.email, field="email")
    definition = await _definition(tx)
    check_roles(definition, new.roles, team=new.team, regions=new.regions)


def check_roles(
    definition: Definition | None, roles: Collection[str], *, team: str | None, regions: Collection[str]
) -> None:
    """Raise BadInput for a role, a team or a region nobody declared."""
    known = {ADMIN, *(definition.access.roles if definition else ())}
    if definition and not definition.access.roles:
        known |= {entry.role for entry in definition.owners}
    for role in roles:
        if role not in known:
            raise BadInput("role", role, f"Use one of: {', '.join(sorted(known))}.")
    if team is not None and (definition is None or team not in definition.access.teams):
        teams = ", ".join(definition.access.teams) if definition else ""
        raise BadInput("team", team, f"Use one of: {teams or 'the definition has none yet'}.")
    for region in regions:
        if definition is None or region not in definition.regions:
            names = ", ".join(definition.regions) if definition else ""
            raise BadInput("region", region, f"Use one of: {names or 'the definition has none yet'}.")


async def give_roles(
    house: House, name: str, *, roles: tuple[str, ...], team: str | None, regions: tuple[str, ...], by: str
) -> User:
    """Let a user be that from their next request on. Raises NotFound, BadInput, Conflict for the last administrator."""
    async with house.db.transaction() as tx:
        user = await users.named(tx, name)
        check_roles(await _definition(tx), roles, team=team, regions=regions)
        if ADMIN not in roles:
            await _keep_one_admin(tx, house, user)
        await users.set_roles(tx, user.user_id, roles=roles, team=team, regions=regions)
        before: Json = {"roles": list(user.roles), "team": user.team, "regions": list(user.regions)}
        after: Json = {"roles": list(roles), "team": team, "regions": list(regions)}
        await _note(tx, house, user.handle, "gave roles", by=by, before=before, after=after)
        return await users.named(tx, name)


async def shut_out(house: House, name: str, *, by: str, why: str) -> User:
    """Let nothing open for a user from now on; their sessions and links end. Raises NotFound, Conflict."""
    at = house.now()
    async with house.db.transaction() as tx:
        user = await users.named(tx, name)
        await _keep_one_admin(tx, house, user)
        await users.set_active(tx, user.user_id, until=at)
        await users.void_links(tx, user.user_id, at=at)
        await sessions.end_all(tx, user.user_id, by=by, at=at)
        await _note(tx, house, user.handle, "disabled a user", by=by, why=why)
        return await users.named(tx, name)


async def let_in_again(house: House, name: str, *, by: str) -> User:
    """Let a user sign in again, with the password of before. Raises NotFound."""
    async with house.db.transaction() as tx:
        user = await users.named(tx, name)
        await users.set_active(tx, user.user_id, until=None)
        await _note(tx, house, user.handle, "enabled a user", by=by)
        return await users.named(tx, name)


async def new_link(house: House, name: str, *, by: str) -> str:
    """A link with which a user sets a password, once; those of before end. Raises NotFound, Conflict for who is out."""
    async with house.db.transaction() as tx:
        user = await users.named(tx, name)
        if not user.is_active(house.now()):
            raise Conflict(f"{user.handle} is disabled: users enable {user.handle}, then make the link.")
        await _note(tx, house, user.handle, "made a link for a password", by=by)
        return await _link(tx, house, user, by=by)


async def give_password(house: House, passwords: Passwords, name: str, password: str, *, by: str) -> None:
    """Set a user's password for them; their sessions and links end. Raises NotFound, BadInput."""
    async with house.db.read() as tx:
        user = await users.named(tx, name)
    hashed = await passwords.hashed(checked(password, names=(user.handle, user.email, user.name)))
    async with house.db.transaction() as tx:
        await users.set_password(tx, user.user_id, hashed)
        await users.void_links(tx, user.user_id, at=house.now())
        await sessions.end_all(tx, user.user_id, by=by, at=house.now())
        await _note(tx, house, user.handle, "set a user's password", by=by)


async def end_sessions(house: House, name: str, *, by: str) -> int:
    """End all sessions of a user; how many. Raises NotFound."""
    async with house.db.transaction() as tx:
        user = await users.named(tx, name)
        ended = await sessions.end_all(tx, user.user_id, by=by, at=house.now())
        await _note(tx, house, user.handle, "ended all sessions", by=by, after={"sessions": ended})
        return ended


async def _link(tx: Tx, house: House, user: User, *, by: str) -> str:
    token = secrets.token_urlsafe(32)
    await users.keep_link(tx, user.user_id, token, by=by, at=house.now())
    return f"{house.settings.public_url}/sign-in/link/{token}"


async def _keep_one_admin(tx: Tx, house: House, user: User) -> None:
    """Raises Conflict when nobody but this user looks after users."""
    others = [one for one in await users.every(tx) if ADMIN in one.roles and one.is_active(house.now())]
    if [one.user_id for one in others] == [user.user_id]:
        raise Conflict(f"{user.handle} is the only administrator: make somebody else one first.")


async def _definition(tx: Tx) -> Definition | None:
    """The one in force; None while there is none, so that the first administrator can be added before it."""
    try:
        return (await published.book(tx)).definition
    except NotFound:
        return None


async def _note(tx: Tx, house: House, handle: str, action: str, *, by: str, **more: Json) -> None:
    note = {"at": house.now(), "actor": by, "action": action, "subject": f"user {handle}", **more}
    await audit.note(tx, Note.model_validate(note))
