"""Which browsers are signed in, and who tried to? Only hashes of tokens: who reads the database can't be anybody."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from leadloom.domain.access.patience import FREE_OF_AN_ADDRESS, FREE_TRIES, REMEMBERED, Failures, next_try_at, wait_left
from leadloom.domain.access.viewer import Person
from leadloom.domain.model import Instant, Value
from leadloom.store.tx import Tx, new_id
from leadloom.store.users import hash_of

LIVES = timedelta(days=7)
"""Then one signs in again, used or not."""
IDLE = timedelta(hours=12)
"""Not seen for so long, a session has ended: a night, not a weekend."""
_SEEN_EVERY = timedelta(minutes=1)
_KEPT = timedelta(days=30)
_ADDRESS_WINDOW = timedelta(minutes=15)


class Session(Value):
    """One request's session, and whose."""

    session_id: UUID
    user_id: UUID
    person: Person
    seen_at: Instant


class SessionRow(Value):
    """A session as its user sees it."""

    session_id: UUID
    agent: str
    way: str
    began_at: Instant
    seen_at: Instant
    expires_at: Instant


async def begin(tx: Tx, user_id: UUID, token: str, *, agent: str, way: str, at: datetime) -> UUID:
    """Keep a new session, never one that was there before it: a token planted in a browser opens nothing."""
    session_id = new_id()
    await tx.run(
        "keep_session", session_id=session_id, user_id=user_id, hash=hash_of(token), agent=agent, way=way, at=at,
        expires_at=at + LIVES,
    )  # fmt: skip
    return session_id


async def of_token(tx: Tx, token: str, *, at: datetime) -> Session | None:
    """Whose request it is; None when the session ended, or its user may not come any more."""
    row = await tx.maybe("session_of", hash=hash_of(token), at=at, idle_since=at - IDLE)
    if row is None:
        return None
    told = {name: row[name] for name in ("handle", "name", "roles", "team", "regions")}
    return Session(
        session_id=row["session_id"], user_id=row["user_id"], person=Person.model_validate(told), seen_at=row["seen_at"]
    )


def is_due(session: Session, at: datetime) -> bool:
    """Whether it is time to note that the session is in use."""
    return at - session.seen_at >= _SEEN_EVERY


async def seen(tx: Tx, session_id: UUID, *, at: datetime) -> None:
    """Note that it is in use."""
    await tx.run("see_session", session_id=session_id, at=at)


async def of_user(tx: Tx, user_id: UUID, *, at: datetime) -> tuple[SessionRow, ...]:
    """Where somebody is signed in, used last first."""
    rows = await tx.all("sessions_of_user", user_id=user_id, at=at, idle_since=at - IDLE)
    return tuple(SessionRow.model_validate(dict(row)) for row in rows)


async def end(tx: Tx, user_id: UUID, session_id: UUID, *, by: str, at: datetime) -> bool:
    """Let one session of theirs open nothing any more; False when it had ended, or is another's."""
    return await tx.maybe("end_session", user_id=user_id, session_id=session_id, by=by, at=at) is not None


async def end_all(tx: Tx, user_id: UUID, *, by: str, at: datetime, but: UUID | None = None) -> int:
    """End all their sessions but one; how many."""
    return await tx.run("end_sessions_of_user", user_id=user_id, by=by, at=at, but=but)


class Try(Value):
    """Who wants in, as far as one can tell before the password is looked at."""

    account: str
    """A hash of what was typed."""
    address: str
    device: str | None
    """A browser that signed in to this account before."""


async def admit(tx: Tx, trying: Try, *, at: datetime) -> timedelta | int:
    """Let a try be looked at, and note it as wrong until it was: its number; or how long to wait first."""
    await tx.run("turn_for_sign_in", account=trying.account)
    row = await tx.one(
        "failed_sign_ins", **vars(trying), since=at - REMEMBERED, address_since=at - _ADDRESS_WINDOW
    )  # fmt: skip
    account = Failures(count=row["of_account"], last_at=row["of_account_at"])
    address = Failures(count=row["of_address"], last_at=row["of_address_at"])
    found = [next_try_at(account, free=FREE_TRIES), next_try_at(address, free=FREE_OF_AN_ADDRESS)]
    if left := wait_left(found, at):
        return left
    return await tx.value("try_sign_in", at=at, **vars(trying))


async def succeeded(tx: Tx, sign_in_id: int, *, at: datetime) -> None:
    """The try was right; what is old is forgotten by the way."""
    await tx.run("sign_in_succeeded", sign_in_id=sign_in_id)
    await tx.run("forget_sign_ins", before=at - _KEPT)
