"""Who is meant by these keys? Read, then claimed in one order, so that two who tell of one person make one lead."""

from __future__ import annotations

from collections.abc import Sequence

from leadloom.domain.intake.identity import IdentityKey, Recognised, identity_keys, recognise
from leadloom.domain.lead import LeadDraft
from leadloom.domain.model import LeadId
from leadloom.store.tx import Tx, new_id


async def known_as(tx: Tx, keys: Sequence[IdentityKey]) -> dict[IdentityKey, LeadId]:
    """Which lead has which of the keys, in order of the keys. Keys that nobody has are missing."""
    rows = await tx.all("leads_known_as", **_columns(keys)) if keys else []
    return {IdentityKey(row["kind"], row["value"]): row["lead_id"] for row in rows}


async def recognise_all(tx: Tx, drafts: Sequence[LeadDraft]) -> list[Recognised]:
    """Whom each draft means, in turn, and claims the keys that nobody has: also for leads that have no row yet.

    Claims come before any lock on leads or accounts and in order of the keys, so two pages of the same people wait for
    one another instead of deadlocking. Raises BadInput for an address that is none.
    """
    asked = [identity_keys(draft) for draft in drafts]
    new_ids = [LeadId(new_id()) for _ in drafts]
    # As if nobody were known: what holds for nearly every page of new people takes one look.
    found = recognise(asked, {}, new_ids)
    wanted = {key: each.lead_id for each in found for key in each.claims}
    if not wanted:
        return found
    theirs, ours = await _know_or_claim(tx, wanted)
    if len(ours) == len(wanted):
        return found
    if len(ours) + len(theirs) < len(wanted):
        # Another capture of one of these people committed while our claim waited for it: theirs is the lead.
        theirs = await known_as(tx, [key for key in wanted if key not in ours])
    found = recognise(asked, theirs, new_ids)
    moved = {key: each.lead_id for each in found for key in each.claims if wanted[key] != each.lead_id}
    if moved:
        await tx.run("move_keys", **_columns(list(moved)), lead_ids=list(moved.values()))
    return found


async def _know_or_claim(
    tx: Tx, wanted: dict[IdentityKey, LeadId]
) -> tuple[dict[IdentityKey, LeadId], set[IdentityKey]]:
    """Whose the keys were before, and those that are ours now; one is in neither when it was taken a moment ago."""
    theirs, ours = dict[IdentityKey, LeadId](), set[IdentityKey]()
    for row in await tx.all("know_or_claim_keys", **_columns(list(wanted)), lead_ids=list(wanted.values())):
        key = IdentityKey(row["kind"], row["value"])
        if row["lead_id"] is None:
            ours.add(key)
        else:
            theirs[key] = row["lead_id"]
    return theirs, ours


def _columns(keys: Sequence[IdentityKey]) -> dict[str, list[str]]:
    return {"kinds": [key.kind for key in keys], "values": [key.value for key in keys]}
