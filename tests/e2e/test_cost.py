"""What does a lead's journey cost Temporal? A promise of the design, counted on the server itself."""

from __future__ import annotations

import asyncio

import dkim

from leadloom.mail.dkim_keys import DkimKey
from leadloom.runtime.wiring import signatory_of
from tests.acts_in_house import comes, run_of
from tests.live_house import LiveHouse

MOST_EVENTS = 24
MOST_TRANSITIONS = 12


def is_signed_by_us(wire: bytes, keys: tuple[DkimKey, ...]) -> bool:
    """Whether a stranger, who asks DNS for the key, believes the first signature."""
    zone = {f"{key.record_name}.": key.record.encode() for key in keys}
    return bool(dkim.verify(wire, dnsfunc=lambda name, timeout=5: zone.get(name.decode())))


async def test_three_mails_and_two_waits_cost_at_most_24_events_and_12_transitions(live: LiveHouse) -> None:
    async with live.worker():
        ana = await comes(live, "ana.torres", "promoter_told")
        run = live.temporal.get_workflow_handle(f"run/{(await run_of(live, ana, 'three-letters')).enrolment_id}")
        async with asyncio.timeout(30):
            assert await run.result() == "finished"
            await live.trap.arrived(3)
        told = (await run.describe()).raw_description.workflow_execution_info
        print(
            f"{told.history_length} events, {told.state_transition_count} transitions, {told.history_size_bytes} bytes"
        )
        keys = signatory_of(live.house.settings).keys
        assert [is_signed_by_us(mail.raw, keys) for mail in live.trap.mails] == [True, True, True]
        assert told.history_length <= MOST_EVENTS
        assert told.state_transition_count <= MOST_TRANSITIONS
