"""Does a rehearsal count the same on one process and on several, and does it tell how far it is?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from leadloom.domain.rehearsal.cast import Cue, Setting
from leadloom.domain.rehearsal.engagement import slider
from leadloom.domain.rehearsal.happenings import Happens
from leadloom.domain.rehearsal.rehearsed import summed_up
from leadloom.domain.rehearsal.strangers import strangers
from leadloom.domain.standing import PublishedJourney
from leadloom.runtime import rehearsing
from leadloom.runtime.rehearsing import rehearse
from tests.world import definition, small_journey

BEGINS = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_two_processes_count_what_one_counts() -> None:
    journey = small_journey()
    setting = Setting(
        definition=definition(), journeys=(PublishedJourney(hash="draft", journey=journey),), begins_at=BEGINS,
        ends_at=BEGINS + timedelta(days=20), engagement=slider(0.4, {journey.name: journey}, definition()),
    )  # fmt: skip
    leads = list(strangers(definition(), rehearsing.ALONE + 30, at=BEGINS))
    cues = [Cue(lead_id=one.standing.lead.lead_id, what=Happens(at=BEGINS, kind="guide_requested")) for one in leads]
    shares: list[float] = []
    alone = rehearse(setting, leads, cues, processes=1)
    several = rehearse(setting, leads, cues, processes=2, told=lambda share, _: shares.append(share))
    assert summed_up(setting, several, answers="") == summed_up(setting, alone, answers="")
    assert sorted(several.sends) == sorted(alone.sends) != []
    assert shares == sorted(shares) and shares[-1] == 1.0
