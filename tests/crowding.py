"""How do tests make a large campaign's backlog in a moment? From one real mail, many like it."""

from __future__ import annotations

from leadloom.domain.model import CampaignId
from tests.store import acts

_MANY_LIKE_ONE = """
    WITH one AS MATERIALIZED (
        SELECT m.* FROM message m JOIN enrolment e USING (enrolment_id) WHERE e.campaign_id = $1 LIMIT 1),
    person AS MATERIALIZED (
        SELECT gen_random_uuid() AS lead_id, gen_random_uuid() AS run, gen_random_uuid() AS mail, no,
               ($3::text[])[1 + no % cardinality($3::text[])] AS lane
          FROM generate_series(1, $2::integer) AS no),
    lane AS (
        INSERT INTO lane (lane, per_second) SELECT DISTINCT lane, 20 FROM person ON CONFLICT DO NOTHING),
    lead AS (
        INSERT INTO lead (lead_id, email, source, created_at)
        SELECT p.lead_id, p.no || '@many.example', 'many', o.asked_at FROM person p, one o),
    run AS (
        INSERT INTO enrolment (enrolment_id, lead_id, journey, journey_hash, key, entered_at, entered_by, status,
                               progress, waiting_for, waits_until, prospect, campaign_id)
        SELECT p.run, p.lead_id, e.journey, e.journey_hash, e.key, e.entered_at, e.entered_by, 'active', e.progress,
               'a day to pass', e.entered_at + interval '1 day', e.prospect, e.campaign_id
          FROM person p, one o JOIN enrolment e ON e.enrolment_id = o.enrolment_id)
    INSERT INTO message (message_id, enrolment_id, step, visit, lead_id, mail, template_hash, mail_class, sender,
                         purpose, lane, priority, status, asked_at, not_before, slot_at, deadline, turn)
    SELECT p.mail, p.run, o.step, o.visit, p.lead_id, o.mail, o.template_hash, o.mail_class, o.sender, o.purpose,
           p.lane, o.priority, 'reserved', o.asked_at, o.not_before, o.slot_at, o.deadline, o.turn
      FROM person p, one o
"""


async def many_like_one(dsn: str, campaign_id: CampaignId, count: int, *, lanes: list[str]) -> None:
    """The campaign has that many more leads, runs and due mails, alike but for who they are about: `…@many.example`."""
    await acts.rows(dsn, _MANY_LIKE_ONE, campaign_id, count, lanes)
