"""Is a lead among those somebody sees? One condition, for lists and for single pages."""

from __future__ import annotations

from uuid import UUID

from leadloom.domain.access.viewer import Sight
from leadloom.store.names import Fragment
from leadloom.store.tx import Tx

EVERYBODY = Sight(all=True)

NAMED = {
    "lead_id": "lead",
    "lead": "lead",
    "hand_off_id": "hand-off",
    "message_id": "mail",
    "task_id": "task",
}
"""Name in an address → what its id is of."""

_CONDITION = """(l.owner_id IN (SELECT owner_id FROM owner WHERE handle = ANY ({1}::text[]))
    OR EXISTS (SELECT FROM hand_off offered
                LEFT JOIN assignment asked ON asked.hand_off_id = offered.hand_off_id
                LEFT JOIN owner holder ON holder.owner_id = asked.owner_id
                WHERE offered.lead_id = l.lead_id
                  AND (holder.handle = ANY ({1})
                       OR ({2}::boolean AND offered.state = 'offered' AND offered.owner_id IS NULL)))
    OR EXISTS (SELECT FROM task given
                 JOIN owner doer ON doer.owner_id = given.owner_id
                WHERE given.lead_id = l.lead_id AND doer.handle = ANY ({1}))
    OR upper(COALESCE(NULLIF(l.country, ''), NULLIF(a.country, ''))) = ANY ({3}::text[]))"""
"""Owned, offered at any time, open to a pool, a task about it, in a country. {1} handles, {2} pools, {3} countries."""


def within(sight: Sight) -> Fragment:
    """The condition over the aliases `l` (lead) and `a` (its account, outer joined)."""
    if sight.all:
        return Fragment("TRUE")
    return Fragment(_CONDITION, (list(sight.handles), sight.pools, [one.upper() for one in sight.countries]))


async def is_in(tx: Tx, name: str, key: UUID, sight: Sight) -> bool:
    """Whether what an address names is about a lead they see; what there is nothing of is: its page says so."""
    row = await tx.all_where("lead_in_sight", within(sight), noun=NAMED[name], key=key)
    return bool(row) or not await tx.value("is_of_a_lead", noun=NAMED[name], key=key)
