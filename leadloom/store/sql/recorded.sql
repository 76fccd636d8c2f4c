-- name: recorded_run
-- The run that somebody wants to live through again: whose, by which version, how it ended or where it is blocked.
SELECT e.enrolment_id, e.lead_id, e.journey, e.journey_hash, e.workflow, e.entered_at, e.status, e.outcome, e.ended_at,
       e.progress, e.blocked_at, e.error
  FROM enrolment e
 WHERE e.enrolment_id = :enrolment_id;

-- name: recorded_mails
-- What all runs of the lead in this journey asked for, and when: which of it a look saw hangs on its instant.
SELECT m.enrolment_id, m.message_id, m.step, m.visit, m.status, m.mail, m.slot_at, m.sent_at, m.asked_at, m.settled_at
  FROM message m
  JOIN enrolment e ON e.enrolment_id = m.enrolment_id
 WHERE e.lead_id = :lead_id AND e.journey = :journey AND m.owner_id IS NULL
 ORDER BY m.asked_at, m.turn_in_run, m.slot_at, m.message_id;

-- name: recorded_stages
-- Where the lead stood in the journey's track, and since when.
SELECT to_stage, at
  FROM stage_change
 WHERE lead_id = :lead_id AND track = :track
 ORDER BY no;

-- name: recorded_tasks
-- What the run asked owners for, and what became of it.
SELECT step, visit, status, outcome, opened_at, due_at, ended_at
  FROM task
 WHERE enrolment_id = :enrolment_id
 ORDER BY opened_at;

-- name: recorded_reasons
-- Why sales gave the lead back, each time.
SELECT reason, COALESCE(closed_at, decided_at) AS at
  FROM hand_off
 WHERE lead_id = :lead_id AND decided_at IS NOT NULL AND reason IS NOT NULL
 ORDER BY at;

-- name: recorded_tags
-- What hangs on the lead, since when.
SELECT tag, at
  FROM lead_tag
 WHERE lead_id = :lead_id
 ORDER BY tag;

-- name: recorded_runs
-- The lead's other runs, from when to when.
SELECT enrolment_id, journey, key, outcome, entered_at, ended_at, status
  FROM enrolment
 WHERE lead_id = :lead_id AND enrolment_id <> :enrolment_id
 ORDER BY entered_at, enrolment_id;
