"""Was a page read, and by a person? How long it was seen, whether anybody moved, and what several readings make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta

from leadloom.domain.intake.visits import machine_named
from leadloom.domain.lead import EventDraft, Verdict
from leadloom.domain.model import Instant, LeadId, Value

READ_AFTER = 60
"""Visible seconds that make a page a page read (the definition: “read an article for 60 seconds”)."""
SEEN_AFTER = 30
"""Visible seconds after which a page counts as one of those somebody has read on to."""
MOST = 30 * 60
"""Seconds that are believed of one page; who leaves it open longer has gone."""
SLACK = 20
"""Seconds the first word of a page may be late: it comes when a page has been seen for a while."""
KEPT = timedelta(days=90)
"""So long what nobody was identified for is kept."""
BINGE = 2
"""Pieces read in one session that make it a binge."""
ARTICLE_READ, BINGED = "article_read", "pieces_binged"

SESSION = re.compile(r"[A-Za-z0-9_-]{16,40}")


class Reading(Value):
    """A page as long as it was seen in one session."""

    session: str
    site: str
    piece: str
    lead_id: LeadId | None = None
    seconds: int
    moved: bool
    """Somebody scrolled, pressed or pointed: a page that is only rendered is not read."""
    agent: str
    """As `agent_class` says it."""
    track: str | None = None
    first_at: Instant
    last_at: Instant
    told_at: Instant | None = None


def verdict_of(reading: Reading) -> Verdict:
    """Who it was: what names itself a machine is one, and what never moved can't be told."""
    if machine_named(reading.agent) or not reading.agent:
        return Verdict.MACHINE
    return Verdict.HUMAN if reading.moved else Verdict.UNSURE


def events_of(readings: Sequence[Reading], *, source: str) -> list[EventDraft]:
    """What a lead's readings of one session are, oldest first: each piece once a day, and the binge once a session."""
    read = [each for each in readings if each.seconds >= READ_AFTER]
    people = [each for each in read if verdict_of(each) is Verdict.HUMAN]
    drafts = [_read(each, source) for each in read if each.told_at is None]
    if len({each.piece for each in people}) >= BINGE:
        drafts.append(_binge(people, source))
    return drafts


def _read(reading: Reading, source: str) -> EventDraft:
    verdict = verdict_of(reading)
    said = {"site": reading.site, "piece": reading.piece, "seconds": reading.seconds}
    return EventDraft(
        kind=ARTICLE_READ,
        at=reading.last_at,
        key=f"read:{reading.site}:{reading.piece}:{reading.last_at:%Y-%m-%d}:{verdict}",
        verdict=verdict,
        channel=source,
        data={**said, **({"track": reading.track} if reading.track else {})},
    )


def _binge(people: Sequence[Reading], source: str) -> EventDraft:
    pieces = sorted({each.piece for each in people})
    return EventDraft(
        kind=BINGED,
        at=max(each.last_at for each in people),
        key=f"binge:{people[0].session}",
        channel=source,
        data={"site": people[0].site, "pieces": len(pieces)},
    )
