"""May somebody come in, and how do they leave? A password, a link that sets one, and the sessions that follow."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from leadloom.domain.access import agents
from leadloom.domain.access.passwords import LONGEST, checked
from leadloom.domain.errors import BadInput, LeadloomError, Permanent
from leadloom.domain.model import Json, Value
from leadloom.runtime.passwords import Passwords
from leadloom.runtime.wiring import House
from leadloom.store import audit, sessions, users
from leadloom.store.audit import Note
from leadloom.store.sessions import Session, Try
from leadloom.store.tx import Tx
from leadloom.store.users import User, hash_of

_LONGEST_AGENT = 300
_NOBODY = "somebody"


class Caller(Value):
    """From where somebody asks to be let in."""

    address: str
    agent: str
    """What their browser calls itself."""
    known_as: UUID | None = None
    """The user this browser signed in as before, as a signed cookie says."""
    device: str | None = None
    """The name it got then."""


class WrongPassword(Permanent):
    """Name and password don't go together. It says no more, whoever asks."""

    def __init__(self) -> None:
        super().__init__("Name and password don't go together. A forgotten password: ask an administrator for a link.")


class TooSoon(LeadloomError):
    """Too many wrong tries; the next one is looked at after a while."""

    def __init__(self, wait: timedelta) -> None:
        seconds = max(1, round(wait.total_seconds()))
        words = f"{seconds} seconds" if seconds < 120 else f"{seconds // 60} minutes"
        super().__init__(f"Too many wrong tries. Wait {words}, then try again.")
        self.seconds = seconds


class SignedIn(Value):
    """Somebody who is in."""

    user: User
    token: str
    """For their browser's cookie; kept nowhere else."""


async def by_password(house: House, passwords: Passwords, *, name: str, password: str, caller: Caller) -> SignedIn:
    """Let somebody in. Raises WrongPassword, TooSoon."""
    at = house.now()
    async with house.db.transaction() as tx:
        user = await users.maybe_named(tx, name)
        trying = _try(name, user, caller)
        admitted = await sessions.admit(tx, trying, at=at)
        kept = await users.password_hash(tx, user.user_id) if user else None
    if isinstance(admitted, timedelta):
        raise TooSoon(admitted)
    is_right = await passwords.is_right(kept, password[: LONGEST * 4])
    if not is_right or user is None or kept is None or not user.is_active(at):
        await _note_failure(house, user)
        raise WrongPassword
    stronger = await passwords.hashed(password) if passwords.is_weak(kept) else None
    async with house.db.transaction() as tx:
        await sessions.succeeded(tx, admitted, at=at)
        if stronger is not None:
            await users.set_password(tx, user.user_id, stronger)
        return await begin(tx, house, user, caller, way="password")


async def begin(tx: Tx, house: House, user: User, caller: Caller, *, way: str) -> SignedIn:
    """Begin a session with a token nobody had before, and note it."""
    token, at = secrets.token_urlsafe(32), house.now()
    agent = agents.family(caller.agent[:_LONGEST_AGENT])
    await sessions.begin(tx, user.user_id, token, agent=agent, way=way, at=at)
    after: Json = {"with": agent, "way": way}
    await audit.note(tx, Note(at=at, actor=user.handle, action="signed in", subject=f"user {user.handle}", after=after))
    return SignedIn(user=user, token=token)


async def sign_out(house: House, session: Session) -> None:
    """End this session. Twice is once."""
    handle = session.person.handle
    async with house.db.transaction() as tx:
        if await sessions.end(tx, session.user_id, session.session_id, by=handle, at=house.now()):
            await audit.note(
                tx, Note(at=house.now(), actor=handle, action="signed out", subject=f"user {handle}")
            )  # fmt: skip


async def end_session(house: House, session: Session, session_id: UUID) -> None:
    """End one of one's own sessions from another. Twice is once."""
    handle = session.person.handle
    async with house.db.transaction() as tx:
        if await sessions.end(tx, session.user_id, session_id, by=handle, at=house.now()):
            await audit.note(
                tx, Note(at=house.now(), actor=handle, action="ended a session", subject=f"user {handle}")
            )  # fmt: skip


async def change_password(house: House, passwords: Passwords, session: Session, *, old: str, new: str) -> int:
    """Change one's own password; how many other sessions ended with it. Raises BadInput, which repeats neither."""
    handle, at = session.person.handle, house.now()
    async with house.db.transaction() as tx:
        user = await users.named(tx, handle)
        admitted = await sessions.admit(tx, Try(account=hash_of(handle), address="", device="own"), at=at)
        kept = await users.password_hash(tx, user.user_id)
    if isinstance(admitted, timedelta):
        raise BadInput("old", "…", str(TooSoon(admitted)))
    if not await passwords.is_right(kept, old[: LONGEST * 4]):
        raise BadInput("old", "…", "That isn't your password of now. Nothing was changed.")
    hashed = await passwords.hashed(checked(new, names=(user.handle, user.email, user.name)))
    async with house.db.transaction() as tx:
        await sessions.succeeded(tx, admitted, at=at)
        await users.set_password(tx, user.user_id, hashed)
        await users.void_links(tx, user.user_id, at=at)
        ended = await sessions.end_all(tx, user.user_id, by=handle, at=at, but=session.session_id)
        note = Note(at=at, actor=handle, action="changed their password", subject=f"user {handle}")
        await audit.note(tx, note)
    return ended


async def by_link(house: House, passwords: Passwords, *, token: str, password: str, caller: Caller) -> SignedIn:
    """Set a password by a link, once, and let them in; other sessions end. Raises BadInput."""
    at = house.now()
    async with house.db.read() as tx:
        user = await users.of_link(tx, token, at=at)
    if user is None:
        raise LinkIsOver
    hashed = await passwords.hashed(checked(password, names=(user.handle, user.email, user.name)))
    async with house.db.transaction() as tx:
        if not await users.use_link(tx, token, at=at):
            raise LinkIsOver  # somebody was faster, with the same link
        await users.set_password(tx, user.user_id, hashed)
        await sessions.end_all(tx, user.user_id, by=user.handle, at=at)
        note = Note(at=at, actor=user.handle, action="set their password by a link", subject=f"user {user.handle}")
        await audit.note(tx, note)
        return await begin(tx, house, user, caller, way="link")


class LinkIsOver(Permanent):
    """The link was used, replaced by a newer one, or is too old."""

    def __init__(self) -> None:
        super().__init__("This link has been used, or is too old. Ask an administrator for a new one.")


def _try(name: str, user: User | None, caller: Caller) -> Try:
    """By the user, whichever of their names was typed; else by a hash of it: people type their password there."""
    account = hash_of(user.handle if user else name.strip().casefold())
    is_known = user is not None and caller.known_as == user.user_id
    return Try(account=account, address=caller.address, device=caller.device if is_known else None)


async def _note_failure(house: House, user: User | None) -> None:
    handle = user.handle if user else _NOBODY
    why = "not active" if user and not user.is_active(house.now()) else ""
    note = Note(at=house.now(), actor=handle, action="failed to sign in", subject=f"user {handle}", why=why)
    async with house.db.transaction() as tx:
        await audit.note(tx, note)
