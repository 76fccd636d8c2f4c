-- name: lead_of_run
-- Whose run: never changes, so it is read before the lead is locked.
SELECT lead_id
  FROM enrolment
 WHERE enrolment_id = :enrolment_id;

-- name: lock_free_leads_of_runs
-- Holds the leads of some runs, each with one of its runs, leaving whom somebody else holds: a group waits for nobody.
SELECT l.lead_id, l.account_id, l.email, l.first_name, l.last_name, l.company, l.country, l.role, l.title, l.phone,
       l.time_zone, l.language, l.source, l.owner_id, l.created_at, l.attributes, r.enrolment_id
  FROM lead l
  JOIN (SELECT DISTINCT ON (lead_id) lead_id, enrolment_id
          FROM enrolment
         WHERE enrolment_id = ANY (:enrolment_ids::uuid[])
         ORDER BY lead_id, enrolment_id) AS r ON r.lead_id = l.lead_id
 ORDER BY l.lead_id
   FOR NO KEY UPDATE OF l SKIP LOCKED;

-- name: run_standings
-- Where runs stand, under the locks of their leads, and when their journeys stood still since they came in.
SELECT e.enrolment_id, e.lead_id, e.journey, e.journey_hash, e.entered_at, e.status, e.progress, e.waiting_for,
       e.waits_until, e.workflow, e.outcome, e.arm,
       (SELECT jsonb_agg(jsonb_build_object(
                   'since', p.paused_at,
                   'until', CASE WHEN p.resumed_at IS NOT NULL THEN COALESCE(t.turn_at, p.resumed_at) END,
                   'clock', p.clock, 'review_at', p.review_at, 'smooth_until', p.smooth_until) ORDER BY p.paused_at)
          FROM journey_pause p
          LEFT JOIN pause_run t ON t.pause_id = p.pause_id AND t.enrolment_id = e.enrolment_id
         WHERE p.journey = e.journey
           AND (p.resumed_at IS NULL OR COALESCE(t.turn_at, p.resumed_at) > e.entered_at)) AS pauses
  FROM enrolment e
 WHERE e.enrolment_id = ANY (:enrolment_ids::uuid[])
 ORDER BY e.lead_id
   FOR UPDATE OF e;

-- name: save_waits
-- What runs wait for has a name and a deadline (law 7); coming this far clears an earlier block.
UPDATE enrolment e
   SET progress = r.progress, waiting_for = r.waiting_for, waits_until = r.waits_until, listens = r.listens,
       failures = 0, blocked_at = NULL, error = NULL
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       enrolment_id uuid, progress jsonb, waiting_for text, waits_until timestamptz, listens text[])
 WHERE e.enrolment_id = r.enrolment_id AND e.status = 'active';

-- name: finish_runs
-- Runs that came to their end, whose last mail still goes; and those that a goal or a rule of theirs ended before it.
UPDATE enrolment e
   SET status = CASE WHEN r.outcome = :finished THEN 'finished' ELSE 'exited' END, outcome = r.outcome, ended_at = r.at, progress = r.progress,
       waiting_for = NULL, waits_until = NULL, listens = '{}', blocked_at = NULL, error = NULL
  FROM jsonb_to_recordset(:rows::jsonb) AS r (enrolment_id uuid, outcome text, progress jsonb, at timestamptz)
 WHERE e.enrolment_id = r.enrolment_id AND e.status = 'active';

-- name: log_steps
-- What runs decided and the values that made it; numbered on from the last, under the lead-row locks.
INSERT INTO step_log (enrolment_id, no, step, visit, at, did, why, ended, arrived_at, due_at)
SELECT r.enrolment_id,
       r.place + COALESCE((SELECT max(no) FROM step_log s WHERE s.enrolment_id = r.enrolment_id), 0),
       r.step, r.visit, r.at, r.did, r.why, r.ended, r.arrived_at, r.due_at
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       enrolment_id uuid, place integer, step text, visit integer, at timestamptz, did text, why jsonb,
       ended text, arrived_at timestamptz, due_at timestamptz);

-- name: steps_of_run
-- What a run did and why, in order: the lead's page.
SELECT no, step, visit, at, did, why
  FROM step_log
 WHERE enrolment_id = :enrolment_id
 ORDER BY no;

-- name: runs_of_lead
-- All runs of a lead, newest first: the lead's page.
SELECT enrolment_id, journey, journey_hash, entered_at, entered_by, status, waiting_for, waits_until, outcome, ended_at,
       blocked_at, error
  FROM enrolment
 WHERE lead_id = :lead_id
 ORDER BY entered_at DESC, journey;

-- name: block_run
-- A step failed three times: shown with its error, counted as stuck, until somebody retries.
UPDATE enrolment
   SET blocked_at = COALESCE(blocked_at, :at), error = :error, failures = failures + 1,
       waiting_for = 'somebody to look at the error and retry'
 WHERE enrolment_id = :enrolment_id AND status = 'active';

-- name: unblock_run
-- The retry: the run looks again at once.
UPDATE enrolment
   SET blocked_at = NULL, error = NULL, failures = 0, waiting_for = 'another try', waits_until = :at
 WHERE enrolment_id = :enrolment_id AND blocked_at IS NOT NULL
RETURNING workflow;

-- name: overdue_runs
-- The sweep of runs: open and not blocked, past their deadline, so their workflow is told to look again.
SELECT enrolment_id, workflow
  FROM enrolment
 WHERE status = 'active' AND blocked_at IS NULL AND waits_until < :overdue_since
 ORDER BY waits_until
 LIMIT :page_limit::integer;

-- name: events_of_leads_since
-- What happened as far back as the conditions of some runs look, oldest first.
SELECT lead_id, no, kind, at, key, verdict, actor, channel, credit, data
  FROM event
 WHERE lead_id = ANY (:lead_ids::uuid[]) AND at >= :since
 ORDER BY lead_id, no;

-- name: events_of_colleagues
-- What people at these leads' companies did, of kinds that end runs of the whole company, oldest first.
SELECT l.lead_id, e.kind, e.at
  FROM lead l
  JOIN lead colleague ON colleague.account_id = l.account_id AND colleague.lead_id <> l.lead_id
  JOIN event e ON e.lead_id = colleague.lead_id AND e.at >= :since AND e.kind = ANY (:kinds::text[])
 WHERE l.lead_id = ANY (:lead_ids::uuid[])
   AND e.verdict = 'human'
 ORDER BY l.lead_id, e.at, e.no;

-- name: mails_of_runs
-- What each run planned and got, in the order it asked: its waits count from these.
SELECT enrolment_id, message_id, step, visit, status, slot_at, sent_at
  FROM message
 WHERE enrolment_id = ANY (:enrolment_ids::uuid[]) AND owner_id IS NULL
 ORDER BY enrolment_id, asked_at, turn_in_run, slot_at, message_id;
