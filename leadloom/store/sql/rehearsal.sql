-- What the rehearsal of an audience begins with: read to look ahead, nobody is held and nothing is written.

-- name: runs_at_start
-- Runs of journeys as data that are under way, and where each stands.
SELECT e.lead_id, e.enrolment_id, e.journey_hash, e.key, e.place, e.entered_at, e.progress, e.waiting_for,
       CASE WHEN e.blocked_at IS NULL THEN e.waits_until END AS waits_until, e.listens, e.arm
  FROM enrolment e
 WHERE e.lead_id = ANY (:lead_ids::uuid[])
   AND e.status = 'active'
   AND e.journey_hash IS NOT NULL
 ORDER BY e.lead_id, e.entered_at, e.enrolment_id;

-- name: mails_at_start
-- Mail to these leads that still takes room, is planned, or that a run under way counts its waits from.
SELECT m.lead_id, m.message_id, CASE WHEN e.status = 'active' THEN m.enrolment_id END AS enrolment_id, e.journey, m.step,
       m.visit, m.mail, m.mail_class, m.topic, m.priority, m.asked_at, m.not_before, m.deadline, m.jitter_s, m.slot_at,
       m.slot_why, m.status, COALESCE(m.sent_at, m.dot_at) AS sent_at
  FROM message m
  LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
 WHERE m.lead_id = ANY (:lead_ids::uuid[])
   AND m.owner_id IS NULL
   AND (m.status IN ('reserved', 'deferred', 'held', 'claimed', 'at_dot')
     OR e.status = 'active'
     OR COALESCE(m.sent_at, m.dot_at, m.slot_at) > :since)
 ORDER BY m.lead_id, m.asked_at, m.turn_in_run, m.slot_at, m.message_id;

-- name: account_owners_of_leads
-- Who has the companies of these leads: routing asks.
SELECT l.lead_id, o.handle
  FROM lead l
  JOIN account a ON a.account_id = l.account_id
  JOIN owner o ON o.owner_id = a.owner_id
 WHERE l.lead_id = ANY (:lead_ids::uuid[]);

-- name: answers_to_mails
-- How many mails of each journey went (kind NULL), and how many of them people answered by each kind of event: before
-- their next mail, and within a week. What machines did, and opens, is no answer.
WITH went AS MATERIALIZED (
    SELECT m.message_id, m.lead_id, e.journey, m.sent_at,
           LEAST(m.sent_at + :within::interval,
                 LEAD(m.sent_at) OVER (PARTITION BY m.lead_id ORDER BY m.sent_at, m.message_id)) AS until
      FROM message m
      JOIN enrolment e ON e.enrolment_id = m.enrolment_id
     WHERE m.owner_id IS NULL
       AND m.status = 'sent'
       AND m.sent_at > :since
       AND m.sent_at <= :at)
SELECT w.journey, NULL AS kind, count(*) AS mails
  FROM went w
 GROUP BY w.journey
 UNION ALL
SELECT w.journey, v.kind, count(DISTINCT w.message_id)
  FROM went w
  JOIN event v ON v.lead_id = w.lead_id AND v.at > w.sent_at AND v.at <= w.until
 WHERE v.verdict = 'human'
   AND v.actor = 'lead'
   AND v.kind <> 'mail_opened'
 GROUP BY w.journey, v.kind
 ORDER BY 1, 2 NULLS FIRST;

-- name: share_accepted
-- Which share of decided hand-offs their owners accepted; NULL when none was decided.
SELECT avg((h.state = 'accepted')::integer)::double precision AS share
  FROM hand_off h
 WHERE h.decided_at > :since
   AND h.decided_at <= :at;
