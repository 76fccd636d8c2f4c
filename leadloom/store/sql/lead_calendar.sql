-- name: lost_mails_of_lead
-- What was planned for a person and never went, newest first, each with its reason.
SELECT m.message_id, COALESCE(e.journey, 'hand-off') AS journey, c.name AS campaign, m.step, m.mail, m.mail_class,
       m.status, m.reason, m.slot_at, m.settled_at AS at
  FROM message m
  LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
  LEFT JOIN campaign c ON c.campaign_id = e.campaign_id
 WHERE m.lead_id = :lead_id
   AND m.owner_id IS NULL
   AND m.status IN ('expired', 'suppressed', 'cancelled', 'refused')
   AND m.settled_at > :since
 ORDER BY m.settled_at DESC, m.message_id
 LIMIT :page_limit::integer;

-- name: runs_ahead_of_lead
-- Runs that have asked for no mail that is still to go: what they wait for decides about the next one.
SELECT e.journey, e.waiting_for, e.waits_until
  FROM enrolment e
 WHERE e.lead_id = :lead_id
   AND e.status = 'active'
   AND NOT EXISTS (SELECT FROM message m
                    WHERE m.enrolment_id = e.enrolment_id
                      AND m.owner_id IS NULL
                      AND m.status IN ('reserved', 'deferred', 'held', 'claimed'))
 ORDER BY e.waits_until, e.journey;
