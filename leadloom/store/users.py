"""Who may sign in to the console, and what are they? Never deleted: the audit names them."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.model import Instant, Value
from leadloom.store.tx import Tx, new_id

LINK_LIVES = timedelta(hours=24)
"""How long an invitation or a reset waits to be used."""


class User(Value):
    """Somebody of ours, without their password."""

    user_id: UUID
    handle: str
    email: str
    name: str
    roles: tuple[str, ...]
    team: str | None
    regions: tuple[str, ...]
    has_password: bool
    oidc_issuer: str | None
    oidc_subject: str | None
    active_from: Instant
    active_until: Instant | None
    """From then on nothing opens for them; None: for good."""
    created_at: Instant
    seen_at: Instant | None
    """When one of their sessions was used last, to the minute."""

    def is_active(self, at: datetime) -> bool:
        """Whether they may sign in."""
        return self.active_from <= at and (self.active_until is None or self.active_until > at)


class NewUser(Value):
    """Somebody to let in."""

    handle: str
    email: str
    name: str
    roles: tuple[str, ...] = ()
    team: str | None = None
    regions: tuple[str, ...] = ()
    oidc_issuer: str | None = None
    oidc_subject: str | None = None


def hash_of(token: str) -> str:
    """What is kept of a token of 32 random bytes: no slower hash would make those harder to guess."""
    return hashlib.sha256(token.encode()).hexdigest()


async def keep(tx: Tx, new: NewUser, *, by: str, at: datetime) -> UUID:
    """Add a user. Raises Conflict when the handle or the address is somebody's."""
    row = await tx.maybe("keep_user", user_id=new_id(), by=by, at=at, **vars(new))
    if row is None:
        raise Conflict(f"{new.handle} or {new.email} is a user already: users list shows them.")
    return row["user_id"]


async def every(tx: Tx) -> tuple[User, ...]:
    """All users, those who may sign in first."""
    return tuple(User.model_validate(dict(row)) for row in await tx.all("users"))


async def named(tx: Tx, name: str) -> User:
    """The user of that handle or mail address. Raises NotFound."""
    if (user := await maybe_named(tx, name)) is None:
        raise NotFound("user", name)
    return user


async def maybe_named(tx: Tx, name: str) -> User | None:
    """The user of that handle or mail address, if there is one."""
    row = await tx.maybe("user_named", name=name.strip())
    return None if row is None else User.model_validate(dict(row))


async def of_subject(tx: Tx, issuer: str, subject: str) -> User | None:
    """Whom the company's accounts mean; None when nobody has come with that account."""
    row = await tx.maybe("user_of_subject", issuer=issuer, subject=subject)
    return None if row is None else User.model_validate(dict(row))


async def bind(tx: Tx, user_id: UUID, *, issuer: str, subject: str) -> None:
    """Note which account of the company's is theirs. Raises Conflict when they have another."""
    if await tx.maybe("bind_subject", user_id=user_id, issuer=issuer, subject=subject) is None:
        raise Conflict("This user signs in with another account of the company's.")


async def password_hash(tx: Tx, user_id: UUID) -> str | None:
    """What a typed password is compared with; None when they have none."""
    return await tx.value("password_of_user", user_id=user_id)


async def set_password(tx: Tx, user_id: UUID, hashed: str) -> None:
    """From now on this one opens."""
    await tx.run("set_password", user_id=user_id, password_hash=hashed)


async def set_roles(
    tx: Tx, user_id: UUID, *, roles: tuple[str, ...], team: str | None, regions: tuple[str, ...]
) -> None:
    """What they may from now on; sessions under way have it at their next request."""
    await tx.run("set_user_roles", user_id=user_id, roles=roles, team=team, regions=regions)


async def set_active(tx: Tx, user_id: UUID, *, until: datetime | None) -> None:
    """Let them in until then; None: for good."""
    await tx.run("set_user_active", user_id=user_id, until=until)


async def admins(tx: Tx, *, at: datetime) -> tuple[str, ...]:
    """Names of the administrators, for whoever must ask one."""
    return tuple(row["name"] for row in await tx.all("admins", at=at))


async def keep_link(tx: Tx, user_id: UUID, token: str, *, by: str, at: datetime) -> None:
    """Keep a link that sets their password; those of before open nothing any more."""
    await tx.run("void_links_of_user", user_id=user_id, at=at)
    await tx.run("keep_user_link", hash=hash_of(token), user_id=user_id, at=at, by=by, expires_at=at + LINK_LIVES)


async def of_link(tx: Tx, token: str, *, at: datetime) -> User | None:
    """Whose link it is; None when it was used, is too old or no link at all."""
    row = await tx.maybe("user_of_link", hash=hash_of(token), at=at)
    return None if row is None else await named(tx, row["handle"])


async def use_link(tx: Tx, token: str, *, at: datetime) -> bool:
    """Use it up; False when somebody did."""
    return await tx.maybe("use_user_link", hash=hash_of(token), at=at) is not None


async def void_links(tx: Tx, user_id: UUID, *, at: datetime) -> None:
    """Let no link of theirs set a password."""
    await tx.run("void_links_of_user", user_id=user_id, at=at)
