-- name: asked_mail
-- What became of a mail that was asked for.
SELECT message_id, step, visit, status, slot_at, sent_at
  FROM message
 WHERE message_id = :message_id;

-- name: insert_messages
-- One row for each send, before anything else knows of it; the id is made of the key (run, hand-off or answer, step, visit), so
-- what was asked for before is left as it is. A lane exists from the first mail that needs it, and begins parked. Whose
-- turn it takes there is its campaign's, else its journey's; notices to owners share that of hand-offs.
WITH new AS (
    SELECT *
      FROM jsonb_to_recordset(:rows::jsonb) AS r (
           message_id uuid, enrolment_id uuid, hand_off_id uuid, return_id uuid, step text, visit integer, lead_id uuid, owner_id uuid,
           account_id uuid, mail text, template_hash text, mail_class text, sender text, purpose text,
           needs_basis text[], lane text, priority integer, asked_at timestamptz, not_before timestamptz,
           deadline timestamptz, jitter_s integer, topic text, zone text, zone_by text, turn_in_run integer,
           never text)
), made AS (
    INSERT INTO lane (lane, per_second)
    SELECT DISTINCT n.lane, :lane_per_second::double precision
      FROM new n
     WHERE NOT EXISTS (SELECT FROM lane l WHERE l.lane = n.lane)
     ORDER BY n.lane
        ON CONFLICT (lane) DO NOTHING
)
INSERT INTO message (
    message_id, enrolment_id, hand_off_id, return_id, step, visit, lead_id, owner_id, account_id, mail, template_hash,
    mail_class,
    sender, purpose, needs_basis, lane, priority, status, asked_at, not_before, slot_at, deadline, jitter_s, topic, zone,
    zone_by, due_at, turn, turn_in_run, reason, settled_at)
SELECT n.message_id, n.enrolment_id, n.hand_off_id, n.return_id, n.step, n.visit, n.lead_id, n.owner_id, n.account_id, n.mail,
       n.template_hash, n.mail_class, n.sender, n.purpose, n.needs_basis, n.lane, n.priority,
       CASE WHEN n.never IS NULL THEN 'reserved' ELSE 'suppressed' END, n.asked_at,
       n.not_before, n.not_before, n.deadline, n.jitter_s, n.topic, n.zone, n.zone_by, n.not_before,
       CASE WHEN n.owner_id IS NULL THEN COALESCE('campaign/' || e.campaign_id, e.journey, 'hand-off')
            ELSE 'hand-off' END,
       n.turn_in_run, n.never, CASE WHEN n.never IS NOT NULL THEN n.asked_at END
  FROM new n
  LEFT JOIN enrolment e ON e.enrolment_id = n.enrolment_id
    ON CONFLICT (message_id) DO NOTHING
RETURNING message_id;
