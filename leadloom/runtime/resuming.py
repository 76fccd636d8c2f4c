"""How does an operator let mail go on: over a relay that rests, from a sender domain that complaints stopped?"""

from __future__ import annotations

from leadloom.domain.errors import NotFound
from leadloom.domain.model import Value
from leadloom.runtime.wiring import House
from leadloom.store import audit, group_faults, published, routes, sender_domains
from leadloom.store.group_faults import StoppedTemplate
from leadloom.store.sender_domains import SenderDomain


class Tried(Value):
    """A relay that is tried again."""

    relay: str
    groups: int
    """How many of its groups rested."""


async def try_relay(house: House, relay: str, *, by: str) -> Tried:
    """Try a relay of the definition at once; what waited for it is due. Twice finds nothing that rests.

    Raises:
        NotFound: The definition names no such relay.
    """
    async with house.db.transaction() as tx:
        names = [each.name for each in (await published.book(tx)).definition.mail.delivery.relays]
        if relay not in names:
            raise NotFound("relay", relay)
        groups = await routes.resume(tx, relay, at=house.now())
        note = audit.Note(at=house.now(), actor=by, action="tried a relay again", subject=f"relay {relay}", why="")
        await audit.note(tx, note)
    return Tried(relay=relay, groups=groups)


async def resume_sender(house: House, domain: str, *, why: str, by: str) -> tuple[SenderDomain, ...]:
    """Let a stopped sender domain go on; complaints are counted from now. Answers how it stands.

    Raises:
        NotFound: Nothing was ever counted for that domain.
    """
    async with house.db.transaction() as tx:
        await sender_domains.resume(tx, domain, at=house.now())
        subject = f"sender domain {domain}"
        note = audit.Note(at=house.now(), actor=by, action="resumed a sender domain", subject=subject, why=why)
        await audit.note(tx, note)
        return tuple(each for each in await sender_domains.every(tx) if each.domain == domain)


async def resume_template(house: House, template_hash: str, *, why: str, by: str) -> tuple[StoppedTemplate, ...]:
    """Let a stopped template go on; what comes back is counted from now. Answers how it stands.

    Raises:
        NotFound: No template of that hash was ever stopped.
    """
    async with house.db.transaction() as tx:
        await group_faults.resume(tx, template_hash, at=house.now())
        subject = f"template {template_hash}"
        note = audit.Note(at=house.now(), actor=by, action="resumed a template", subject=subject, why=why)
        await audit.note(tx, note)
        return tuple(each for each in await group_faults.every(tx) if each.template_hash.startswith(template_hash))
