-- name: lead_of_run
-- Whose run: never changes, so it is read before the lead is locked.
SELECT lead_id
  FROM enrolment
 WHERE enrolment_id = :enrolment_id;

-- name: run_standing
-- Where a run stands, under the lead-row lock.
SELECT enrolment_id, lead_id, journey, journey_hash, entered_at, status, progress, waiting_for, workflow, outcome
  FROM enrolment
 WHERE enrolment_id = :enrolment_id
   FOR UPDATE;

-- name: save_wait
-- What the run waits for has a name and a deadline (law 7); coming this far clears an earlier block.
UPDATE enrolment
   SET progress = :progress, waiting_for = :waiting_for, waits_until = :waits_until, listens = :listens,
       failures = 0, blocked_at = NULL, error = NULL
 WHERE enrolment_id = :enrolment_id AND status = 'active';

-- name: end_run
-- The run came to its end; mail it planned last still goes.
UPDATE enrolment
   SET status = :status, outcome = :outcome, ended_at = :at, progress = :progress,
       waiting_for = NULL, waits_until = NULL, listens = '{}', blocked_at = NULL, error = NULL
 WHERE enrolment_id = :enrolment_id AND status = 'active'
RETURNING enrolment_id;

-- name: log_step
-- What a run decided and the values that made it; numbered under the lead-row lock.
INSERT INTO step_log (enrolment_id, no, step, visit, at, did, why)
SELECT :enrolment_id, COALESCE(max(no), 0) + 1, :step, :visit, :at, :did, :why
  FROM step_log
 WHERE enrolment_id = :enrolment_id;

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

-- name: blocked_runs
-- What failed three times, oldest first.
SELECT enrolment_id, lead_id, journey, blocked_at, error
  FROM enrolment
 WHERE status = 'active' AND blocked_at IS NOT NULL
 ORDER BY blocked_at, enrolment_id;

-- name: overdue_runs
-- The sweep of runs: open and not blocked, past their deadline, so their workflow is told to look again.
SELECT enrolment_id, workflow
  FROM enrolment
 WHERE status = 'active' AND blocked_at IS NULL AND waits_until < :overdue_since
 ORDER BY waits_until
 LIMIT :page_limit::integer;

-- name: events_for_run
-- What happened as far back as the run's conditions look, oldest first.
SELECT lead_id, no, kind, at, key, verdict, actor, channel, credit, data
  FROM event
 WHERE lead_id = :lead_id AND at >= :since
 ORDER BY no;
