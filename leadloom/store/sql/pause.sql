-- name: open_pause
-- The pause of a journey that nobody has ended.
SELECT pause_id, journey, paused_at, paused_by, clock, review_at, why, resumed_at, resumed_by, per_day, smooth_until,
       done_to, done_at
  FROM journey_pause
 WHERE journey = :journey AND resumed_at IS NULL;

-- name: pause_by_id
-- One pause, to look at.
SELECT pause_id, journey, paused_at, paused_by, clock, review_at, why, resumed_at, resumed_by, per_day, smooth_until,
       done_to, done_at
  FROM journey_pause
 WHERE pause_id = :pause_id;

-- name: pauses_of_journey
-- The pauses of a journey, newest first.
SELECT pause_id, journey, paused_at, paused_by, clock, review_at, why, resumed_at, resumed_by, per_day, smooth_until,
       done_to, done_at
  FROM journey_pause
 WHERE journey = :journey
 ORDER BY paused_at DESC;

-- name: pause_journey
-- Nothing of the journey goes from this commit on: the mark before the dot asks for it.
INSERT INTO journey_pause (pause_id, journey, paused_at, paused_by, clock, review_at, why)
VALUES (:pause_id, :journey, :at, :by, :clock, :review_at, :why);

-- name: move_review
-- Somebody has looked: the pause lasts on, until another review.
UPDATE journey_pause
   SET review_at = :review_at
 WHERE pause_id = :pause_id AND resumed_at IS NULL;

-- name: resume_journey
-- The pause is over; each run goes on at its own turn.
UPDATE journey_pause
   SET resumed_at = :at, resumed_by = :by, per_day = :per_day, smooth_until = :smooth_until
 WHERE pause_id = :pause_id AND resumed_at IS NULL;

-- name: paused_runs
-- A page of the open runs of a paused journey, who waits longest first to have their turn first.
SELECT e.enrolment_id, e.lead_id, e.waits_until
  FROM enrolment e
 WHERE e.journey = :journey AND e.status = 'active' AND e.journey_hash IS NOT NULL
 ORDER BY e.waits_until, e.enrolment_id;

-- name: mails_on_the_way
-- Mails of some runs that wait to go out: a pause holds them, a resume plans them anew.
SELECT m.message_id, m.mail_class, m.topic, m.asked_at, m.not_before, m.deadline, m.priority, m.jitter_s
  FROM message m
 WHERE m.enrolment_id = ANY (:enrolment_ids::uuid[]) AND m.owner_id IS NULL
   AND m.status IN ('reserved', 'deferred', 'held')
 ORDER BY m.enrolment_id, m.asked_at, m.message_id;

-- name: give_turns
-- When each run goes on, and what it was said to get.
INSERT INTO pause_run (pause_id, no, enrolment_id, turn_at, gets)
SELECT :pause_id, r.no, r.enrolment_id, r.turn_at, r.gets
  FROM jsonb_to_recordset(:rows::jsonb) AS r (no integer, enrolment_id uuid, turn_at timestamptz, gets jsonb);

-- name: turns_of_latecomers
-- Runs that came in while the resume was planned: they may have seen the pause, so they are woken, too.
INSERT INTO pause_run (pause_id, no, enrolment_id, turn_at)
SELECT p.pause_id,
       (SELECT COALESCE(max(no), 0) FROM pause_run WHERE pause_id = p.pause_id)
       + row_number() OVER (ORDER BY e.enrolment_id),
       e.enrolment_id, p.resumed_at
  FROM journey_pause p
  JOIN enrolment e ON e.journey = p.journey
 WHERE p.pause_id = :pause_id AND e.journey = :journey AND e.status = 'active' AND e.journey_hash IS NOT NULL
   AND e.entered_at <= p.resumed_at
   AND NOT EXISTS (SELECT FROM pause_run t WHERE t.pause_id = p.pause_id AND t.enrolment_id = e.enrolment_id);

-- name: pause_for_update
-- Whoever wakes a page of its runs holds it.
SELECT pause_id, journey, paused_at, paused_by, clock, review_at, why, resumed_at, resumed_by, per_day, smooth_until,
       done_to, done_at
  FROM journey_pause
 WHERE pause_id = :pause_id
   FOR UPDATE;

-- name: resumes_under_way
-- Resumes whose runs were not all woken yet: what the sweep goes on with.
SELECT pause_id
  FROM journey_pause
 WHERE resumed_at IS NOT NULL AND done_at IS NULL
 ORDER BY resumed_at, pause_id;

-- name: next_turns
-- The next page of runs to wake, and whose they are.
SELECT t.no, t.enrolment_id, t.turn_at, e.lead_id, e.workflow, e.status
  FROM pause_run t
  JOIN enrolment e ON e.enrolment_id = t.enrolment_id
 WHERE t.pause_id = :pause_id AND t.no > :after_no
 ORDER BY t.no
 LIMIT :page_limit::integer;

-- name: release_paused_mail
-- What the pause held is planned anew, from its run's turn on.
UPDATE message m
   SET status = 'reserved', not_before = GREATEST(m.not_before, r.turn_at), reason = NULL
  FROM unnest(:enrolment_ids::uuid[], :turns::timestamptz[]) AS r (enrolment_id, turn_at)
 WHERE m.enrolment_id = r.enrolment_id AND m.owner_id IS NULL AND m.status IN ('reserved', 'deferred', 'held');

-- name: runs_have_turns
-- What the runs wait for until their workflows have looked (law 7).
UPDATE enrolment e
   SET waiting_for = 'its turn after the pause', waits_until = r.turn_at
  FROM unnest(:enrolment_ids::uuid[], :turns::timestamptz[]) AS r (enrolment_id, turn_at)
 WHERE e.enrolment_id = r.enrolment_id AND e.status = 'active' AND e.blocked_at IS NULL;

-- name: resume_came_to
-- How far waking the runs has come; done when there is nobody left.
UPDATE journey_pause
   SET done_to = :done_to, done_at = CASE WHEN :is_done::boolean THEN :at::timestamptz END
 WHERE pause_id = :pause_id;

-- name: mails_since_resume
-- What really went to the runs a resume released while it was smoothed, by day in UTC: to hold against the preview.
SELECT (m.sent_at AT TIME ZONE 'UTC')::date AS day, count(*) AS mails
  FROM pause_run t
  JOIN journey_pause p ON p.pause_id = t.pause_id
  JOIN message m ON m.enrolment_id = t.enrolment_id AND m.owner_id IS NULL
 WHERE t.pause_id = :pause_id AND m.sent_at >= p.resumed_at AND m.sent_at < p.smooth_until
 GROUP BY day
 ORDER BY day;

-- name: paused_journeys
-- Journeys that stand still, with how many runs, and when somebody is to look: the list, and what is overdue.
SELECT p.pause_id, p.journey, p.paused_at, p.paused_by, p.clock, p.review_at, p.why, p.resumed_at, p.resumed_by,
       p.per_day, p.smooth_until, p.done_to, p.done_at
  FROM journey_pause p
 WHERE p.resumed_at IS NULL
 ORDER BY p.review_at, p.journey;
