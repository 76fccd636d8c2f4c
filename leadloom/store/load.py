"""Who would be offered how many leads? The routing of hand-offs played through, before any is opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from leadloom.domain.handoffs.pool_members import PlayedPools
from leadloom.domain.handoffs.routing import OwnerFacts, Situation
from leadloom.domain.model import AccountId, Instant, LeadId, OwnerId
from leadloom.domain.stages.reevaluation import Verdicts
from leadloom.store import owners, pools, standing
from leadloom.store.hand_offs import joined_kinds
from leadloom.store.published import Book
from leadloom.store.tx import Tx

POOL = "pool "
"""Begins the name of a pool among owners."""


async def open_now(tx: Tx) -> Counter[str]:
    """Open offers by owner; those of a pool under its name."""
    return Counter({row["who"]: row["open"] for row in await tx.all("open_load")})


class Router:
    """Offers leads page by page, in the order they would be offered, and remembers who has what."""

    def __init__(self, book: Book, at: Instant) -> None:
        self._book, self._at = book, at
        self.added: Counter[str] = Counter()
        self.joining = 0
        """Leads whose company has a hand-off already: they join it."""
        self._pools: PlayedPools | None = None
        self._taken: set[tuple[AccountId | LeadId, str]] = set()

    async def offer(self, tx: Tx, verdicts: Sequence[Verdicts]) -> dict[LeadId, str]:
        """Whom each lead goes to: an owner's handle, `pool NAME`, or nothing for one that joins a colleague's."""
        handed = [each for each in verdicts if each.hand_off is not None]
        if not handed:
            return {}
        leads = {one: lead for one, (lead, _) in (await standing.seen(tx, [e.lead_id for e in handed])).items()}
        accounts = await standing.accounts(tx, (lead.account_id for lead in leads.values()))
        facts = await self._facts(tx)
        dealt = await self._pools_now(tx, facts)
        handles: dict[OwnerId, str] = {owner.owner_id: owner.handle for owner in await owners.roster(tx)}
        await self._taken_already(tx, handed, leads={one: lead.account_id for one, lead in leads.items()})
        found: dict[LeadId, str] = {}
        for each in handed:
            lead = leads[each.lead_id]
            company = lead.account_id or lead.lead_id
            if (company, each.track) in self._taken or (lead.lead_id, each.track) in self._taken:
                self.joining += 1
                continue
            account = accounts[lead.account_id] if lead.account_id else None
            whom = Situation(
                lead=lead,
                account=account,
                account_owner=handles.get(account.owner_id) if account and account.owner_id else None,
                lead_owner=handles.get(lead.owner_id) if lead.owner_id else None,
                at=self._at,
            )
            routed = dealt.route(each.hand_off.kind if each.hand_off else "", whom, facts)
            found[each.lead_id] = routed.owner or f"{POOL}{routed.pool}"
            self.added[found[each.lead_id]] += 1
            self._taken.add((company, each.track))
        return found

    async def _pools_now(self, tx: Tx, facts: Mapping[str, OwnerFacts]) -> PlayedPools:
        """The pools as they stand at the first page, and as they were dealt on by those before."""
        if self._pools is None:
            absent = [handle for handle, one in facts.items() if one.absent]
            definition = self._book.definition
            members = await pools.seen(tx, definition=definition, absent=absent, at=self._at)
            self._pools = PlayedPools(definition, members)
        return self._pools

    async def _facts(self, tx: Tx) -> dict[str, OwnerFacts]:
        absent = await owners.absent_handles(tx, self._at)
        known = [*(o.handle for o in await owners.roster(tx)), *(o.handle for o in self._book.definition.owners)]
        return {handle: OwnerFacts(handle=handle, absent=handle in absent) for handle in known}

    async def _taken_already(
        self, tx: Tx, handed: Sequence[Verdicts], *, leads: dict[LeadId, AccountId | None]
    ) -> None:
        kinds = {kind for each in handed if each.hand_off for kind in joined_kinds(self._book, each.hand_off.kind)}
        companies = [account_id for account_id in leads.values() if account_id is not None]
        told = {"lead_ids": list(leads), "account_ids": companies, "kinds": sorted(kinds)}
        for row in await tx.all("company_has_hand_off", **told):
            self._taken |= {(row["lead_id"], row["track"])}
            if row["account_id"] is not None:
                self._taken |= {(row["account_id"], row["track"])}
