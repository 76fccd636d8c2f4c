-- name: open_task
-- A task for an owner; the same step and visit of a run never gives it twice.
INSERT INTO task (task_id, enrolment_id, step, visit, lead_id, owner_id, words, outcomes, status, opened_at, due_at)
VALUES (:task_id, :enrolment_id, :step, :visit, :lead_id, :owner_id, :words, :outcomes, 'open', :at, :due_at)
    ON CONFLICT (enrolment_id, step, visit) DO NOTHING;

-- name: close_task
-- Its time is over, or its run is: whoever looks at it sees that nothing is asked any more.
UPDATE task
   SET status = 'cancelled', ended_at = :at, ended_by = 'system'
 WHERE enrolment_id = :enrolment_id AND step = :step AND visit = :visit AND status = 'open';

-- name: close_tasks_of_runs
-- Runs that end take back what they waited for. What a run asked for without waiting stays its owner's, unless the
-- lead left. What came back from the lead stays in any case: a person who answered is owed an answer.
UPDATE task t
   SET status = 'cancelled', ended_at = :at, ended_by = 'system'
  FROM enrolment e
 WHERE t.enrolment_id = ANY (:enrolment_ids::uuid[]) AND t.status = 'open' AND e.enrolment_id = t.enrolment_id
   AND (e.status = 'exited' OR t.step = e.progress ->> 'step')
   AND t.step NOT LIKE 'came-back/%';

-- name: answer_task
-- The first answer stands; of two at once the second finds the task answered.
UPDATE task
   SET status = 'done', outcome = :outcome, ended_at = :at, ended_by = :by
 WHERE task_id = :task_id AND status = 'open'
RETURNING task_id;

-- name: task_by_id
-- One task, with whom it is about and whose it is.
SELECT t.task_id, t.enrolment_id, t.step, t.visit, t.lead_id, o.handle AS owner, t.words, t.outcomes, t.status,
       t.opened_at, t.due_at, t.ended_at, t.ended_by, t.outcome, e.journey,
       COALESCE(NULLIF(concat_ws(' ', l.first_name, l.last_name), ''), l.email, 'somebody unknown') AS person, l.company
  FROM task t
  JOIN owner o ON o.owner_id = t.owner_id
  JOIN enrolment e ON e.enrolment_id = t.enrolment_id
  JOIN lead l ON l.lead_id = t.lead_id
 WHERE t.task_id = :task_id;

-- name: what_tries_of_task
-- The version that says which answers are tries, and the hand-off they are tries of: the lead's last that was taken on.
SELECT e.journey_hash, h.hand_off_id
  FROM task t
  JOIN enrolment e ON e.enrolment_id = t.enrolment_id
  JOIN hand_off h ON h.lead_id = t.lead_id AND h.state = 'accepted' AND h.closed_at IS NULL
 WHERE t.task_id = :task_id AND e.journey_hash IS NOT NULL AND t.step NOT LIKE 'came-back/%'
 ORDER BY h.decided_at DESC, h.hand_off_id
 LIMIT 1;

-- name: task_of_notice
-- Which task a notice tells of: the one of the same run, step and visit.
SELECT t.task_id
  FROM message n
  JOIN task t ON t.enrolment_id = n.enrolment_id AND t.step = n.step AND t.visit = n.visit
 WHERE n.message_id = :message_id;

-- name: tasks
-- What owners have to do, or had: soonest due first.
SELECT t.task_id, t.enrolment_id, t.step, t.visit, t.lead_id, o.handle AS owner, t.words, t.outcomes, t.status,
       t.opened_at, t.due_at, t.ended_at, t.ended_by, t.outcome, e.journey,
       COALESCE(NULLIF(concat_ws(' ', l.first_name, l.last_name), ''), l.email, 'somebody unknown') AS person, l.company
  FROM task t
  JOIN owner o ON o.owner_id = t.owner_id
  JOIN enrolment e ON e.enrolment_id = t.enrolment_id
  JOIN lead l ON l.lead_id = t.lead_id
 WHERE (:owner::text IS NULL OR o.handle = :owner)
   AND (:lead_id::uuid IS NULL OR t.lead_id = :lead_id)
   AND (:all_of_them::boolean OR t.status = 'open')
 ORDER BY t.due_at, t.task_id
 LIMIT :page_limit::integer;

-- name: tasks_of_runs
-- What these runs asked owners to do.
SELECT enrolment_id, step, visit, status, outcome, due_at
  FROM task
 WHERE enrolment_id = ANY (:enrolment_ids::uuid[]);
