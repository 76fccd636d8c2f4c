-- name: enter_journeys
-- Starts runs, a row each: one per lead, journey and key, and one open per lead, journey and place; twice is once.
INSERT INTO enrolment (
       enrolment_id, lead_id, journey, journey_hash, key, place, entered_at, entered_by, status, progress, prospect, workflow,
       waiting_for, waits_until, campaign_id, arm, hears_company)
SELECT r.enrolment_id, r.lead_id, r.journey, r.journey_hash, r.key, r.place, :at, r.entered_by, 'active', r.progress, r.prospect,
       r.workflow, 'its first step', GREATEST(:at, (r.progress ->> 'arrived_at')::timestamptz), :campaign_id::uuid, r.arm,
       r.hears_company
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       enrolment_id uuid, lead_id uuid, journey text, journey_hash text, key text, place text, entered_by text,
       progress jsonb, prospect boolean, workflow text, arm text, hears_company boolean)
    ON CONFLICT DO NOTHING
RETURNING enrolment_id, workflow, waits_until;

-- name: open_code_runs_of_accounts
-- Which journeys as code run for these companies now; asked under their locks. Each company by its index (OFFSET 0 is a
-- fence): while there are no statistics yet, a plan for all of them reads every lead.
SELECT DISTINCT company.account_id, e.journey
  FROM unnest(:account_ids::uuid[]) AS company (account_id)
 CROSS JOIN LATERAL (SELECT l.lead_id FROM lead l WHERE l.account_id = company.account_id OFFSET 0) AS colleague
 CROSS JOIN LATERAL (
       SELECT r.journey
         FROM enrolment r
        WHERE r.lead_id = colleague.lead_id AND r.status = 'active' AND r.journey_hash IS NULL
       OFFSET 0) AS e;

-- name: leave_journeys
-- Ends open runs at once, also inside a wait; what ended before stays as it ended.
UPDATE enrolment e
   SET status = 'exited',
       outcome = r.outcome,
       ended_at = :at,
       waiting_for = NULL,
       waits_until = NULL,
       listens = '{}',
       blocked_at = NULL,
       error = NULL
  FROM jsonb_to_recordset(:rows::jsonb) AS r (enrolment_id uuid, outcome text)
 WHERE e.enrolment_id = r.enrolment_id
   AND e.status = 'active'
RETURNING e.enrolment_id, e.workflow;

-- name: cancel_mail_of_runs
-- What nobody has claimed yet never goes; the mark before the dot stops the rest. An owner still hears what came back.
UPDATE message m
   SET status = 'cancelled',
       reason = e.outcome,
       settled_at = :at
  FROM enrolment e
 WHERE e.enrolment_id = m.enrolment_id
   AND m.enrolment_id = ANY (:enrolment_ids::uuid[])
   AND m.step NOT LIKE 'came-back/%'
   AND m.status IN ('reserved', 'deferred', 'held');

-- name: open_runs_in_journey
-- Open runs of these leads in one journey: whom a person takes out.
SELECT e.enrolment_id
  FROM enrolment e
 WHERE e.lead_id = ANY (:lead_ids::uuid[])
   AND e.journey = :journey
   AND e.status = 'active'
 ORDER BY e.enrolment_id;

-- name: journey_known
-- Whether a journey of that name was ever published: a run may outlive its journey.
SELECT EXISTS (SELECT FROM published WHERE kind IN ('journey', 'code-journey') AND name = :journey) AS known;

-- name: run_of_lead
-- The run of that id, if it is this lead's: what a form names is not to be believed.
SELECT journey
  FROM enrolment
 WHERE enrolment_id = :enrolment_id
   AND lead_id = :lead_id;
