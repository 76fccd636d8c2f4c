"""May somebody come in whom the company's accounts name? Their groups say what they are; with none, they don't."""

from __future__ import annotations

from leadloom.domain.access.groups import Granted, handle_of, read_rules
from leadloom.domain.errors import Permanent
from leadloom.domain.model import Json
from leadloom.runtime.oidc import Identity
from leadloom.runtime.signing_in import Caller, SignedIn, begin
from leadloom.runtime.wiring import House
from leadloom.store import audit, published, users
from leadloom.store.audit import Note
from leadloom.store.tx import Tx
from leadloom.store.users import NewUser, User

_BY = "the company's accounts"


class NotLetIn(Permanent):
    """Known there, and not let in here; says whom to ask."""


async def by_company(house: House, identity: Identity, caller: Caller) -> SignedIn:
    """Let in whom the provider proves. Raises NotLetIn in words for who it is about."""
    rules = read_rules(house.settings.oidc_groups)
    granted = rules.of(identity.groups) if rules else None
    try:
        async with house.db.transaction() as tx:
            user = await _user(tx, house, identity, granted)
            if granted is not None:
                user = await _follow_groups(tx, house, user, granted)
            return await begin(tx, house, user, caller, way="oidc")
    except NotLetIn as refused:
        await _note_refusal(house, identity, str(refused))
        raise


async def _user(tx: Tx, house: House, identity: Identity, granted: Granted | None) -> User:
    """Whose account it is: known by it, else by the verified address, else somebody new. Raises NotLetIn."""
    whom = " or ".join(await users.admins(tx, at=house.now())) or "whoever runs Leadloom here"
    if granted is not None and not granted.roles:
        raise NotLetIn(
            f"None of your groups gives you a role here. Ask {whom} which group that is, and to be put in it."
        )
    user = await users.of_subject(tx, identity.issuer, identity.subject)
    if user is None and identity.email is not None:
        user = await users.maybe_named(tx, identity.email)
        if user is not None:
            await users.bind(tx, user.user_id, issuer=identity.issuer, subject=identity.subject)
    if user is None:
        user = await _new(tx, house, identity, granted, whom)
    if not user.is_active(house.now()):
        raise NotLetIn(f"You don't come in here any more. Ask {whom}.")
    return user


async def _new(tx: Tx, house: House, identity: Identity, granted: Granted | None, whom: str) -> User:
    if granted is None:
        raise NotLetIn(f"Nobody has added you yet. Ask {whom}.")
    if identity.email is None:
        raise NotLetIn(f"Your company's account has no mail address that is verified. Ask {whom}.")
    domain = (await published.book(tx)).definition.company.domain
    handle = handle_of(identity.email, domain=domain)
    new = NewUser(
        handle=handle,
        email=identity.email,
        name=(identity.name or handle)[:80],
        oidc_issuer=identity.issuer,
        oidc_subject=identity.subject,
    )
    if await users.maybe_named(tx, handle) is not None:
        raise NotLetIn(f"Somebody else is called {handle} here. Ask {whom} to add you under another handle.")
    await users.keep(tx, new, by=_BY, at=house.now())
    note = Note(at=house.now(), actor=_BY, action="added a user", subject=f"user {handle}")
    await audit.note(tx, note)
    return await users.named(tx, handle)


async def _follow_groups(tx: Tx, house: House, user: User, granted: Granted) -> User:
    """Their groups are what counts: a role that was given by hand goes, one that was taken there is taken here."""
    before: Json = {"roles": list(user.roles), "team": user.team, "regions": list(user.regions)}
    after: Json = {"roles": list(granted.roles), "team": granted.team, "regions": list(granted.regions)}
    if before == after:
        return user
    await users.set_roles(tx, user.user_id, **granted.model_dump())
    note = Note(
        at=house.now(), actor=_BY, action="gave roles", subject=f"user {user.handle}", before=before, after=after
    )  # fmt: skip
    await audit.note(tx, note)
    return await users.named(tx, user.handle)


async def _note_refusal(house: House, identity: Identity, why: str) -> None:
    async with house.db.transaction() as tx:
        user = await users.of_subject(tx, identity.issuer, identity.subject)
        handle = user.handle if user else "somebody"
        note = Note(at=house.now(), actor=handle, action="failed to sign in", subject=f"user {handle}", why=why)
        await audit.note(tx, note)
