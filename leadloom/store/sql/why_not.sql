-- name: last_mail_of_lead
-- The last mail of that name that a journey asked for this lead, with its lane.
SELECT m.message_id, m.enrolment_id, m.account_id, m.status, m.mail, m.mail_class, m.topic, m.priority, m.asked_at,
       m.not_before, m.slot_at, m.deadline, m.sent_at, m.settled_at, m.reason, m.reply, m.slot_why, m.slot_codes,
       m.lane, n.rests_until, n.rests_why, n.per_second, m.kept_why
  FROM message m
  JOIN lane n ON n.lane = m.lane
  JOIN enrolment e ON e.enrolment_id = m.enrolment_id
 WHERE m.lead_id = :lead_id
   AND m.owner_id IS NULL
   AND e.journey = :journey
   AND m.mail = :mail
 ORDER BY m.asked_at DESC, m.message_id
 LIMIT 1;

-- name: mails_near
-- Capped mails to a person or their company around an instant: those that take the room of another.
SELECT m.mail, COALESCE(e.journey, 'hand-off') AS journey, c.name AS campaign, m.mail_class, m.topic, m.priority,
       COALESCE(m.sent_at, m.dot_at, m.slot_at) AS at, m.status,
       m.status IN ('claimed', 'at_dot', 'sent', 'uncertain') AS stands, m.lead_id = :lead_id AS is_theirs
  FROM message m
  LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
  LEFT JOIN campaign c ON c.campaign_id = e.campaign_id
 WHERE (m.lead_id = :lead_id OR m.account_id = :account_id)
   AND m.owner_id IS NULL
   AND m.message_id <> :message_id
   AND m.mail_class = ANY (:capped::text[])
   AND m.status IN ('claimed', 'at_dot', 'sent', 'uncertain', 'reserved', 'deferred')
   AND COALESCE(m.sent_at, m.dot_at, m.slot_at) BETWEEN :since AND :until
 ORDER BY at, m.message_id;

-- name: due_in_lane
-- How much a lane has to send now that is not less important than a mail; counted to ten thousand.
SELECT count(*) AS mails
  FROM (SELECT
          FROM claimable c
         WHERE c.lane = :lane AND c.priority <= :priority AND c.slot_at <= :at
         LIMIT 10000) due;

-- name: member_of_campaign
-- The lead in a campaign's frozen audience, and what was decided.
SELECT m.no, m.arm, m.decided_at, m.enrolment_id, m.left_out,
       (SELECT count(*) FROM campaign_member b
         WHERE b.campaign_id = m.campaign_id AND b.decided_at IS NULL AND b.no < m.no) AS before_it
  FROM campaign_member m
 WHERE m.campaign_id = :campaign_id AND m.lead_id = :lead_id;

-- name: last_run_of_lead
-- The last run of a lead in a journey, open ones first; of a campaign when one is named.
SELECT e.enrolment_id, e.journey, e.journey_hash, e.entered_at, e.entered_by, e.status, e.waiting_for, e.waits_until,
       e.outcome, e.ended_at, e.blocked_at, e.error, e.progress ->> 'step' AS step, c.name AS campaign
  FROM enrolment e
  LEFT JOIN campaign c ON c.campaign_id = e.campaign_id
 WHERE e.lead_id = :lead_id
   AND e.journey = :journey
   AND (:enrolment_id::uuid IS NULL OR e.enrolment_id = :enrolment_id)
 ORDER BY e.status = 'active' DESC, e.entered_at DESC, e.enrolment_id
 LIMIT 1;
