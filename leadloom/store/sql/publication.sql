-- name: publication_under_way
-- The publication whose runs are still being moved: one at a time of a journey.
SELECT publication_id, journey, version, hash, choice, at, by, active_before, status, done_to, done_at
  FROM publication
 WHERE journey = :journey AND status = 'moving';

-- name: publications_under_way
-- What a sweep goes on with: publications whose process died amid moving runs.
SELECT publication_id
  FROM publication
 WHERE status = 'moving'
 ORDER BY at, publication_id;

-- name: publication_for_update
-- Whoever moves a page of its runs holds it: a page is done once, whoever tries.
SELECT publication_id, journey, version, hash, choice, at, by, active_before, status, done_to, done_at
  FROM publication
 WHERE publication_id = :publication_id
   FOR UPDATE;

-- name: publication_by_id
-- One publication, to look at.
SELECT publication_id, journey, version, hash, choice, at, by, active_before, status, done_to, done_at
  FROM publication
 WHERE publication_id = :publication_id;

-- name: publications_of
-- The publications of a journey, newest first.
SELECT publication_id, journey, version, hash, choice, at, by, active_before, status, done_to, done_at
  FROM publication
 WHERE journey = :journey
 ORDER BY version DESC, at DESC;

-- name: begin_publication
-- The row of a publication, before its runs are listed.
INSERT INTO publication (publication_id, journey, version, hash, choice, at, by, status)
VALUES (:publication_id, :journey, :version, :hash, :choice, :at, :by, 'moving');

-- name: freeze_runs
-- Lists the runs under way on other versions and counts them, both as one moment saw them.
WITH active AS MATERIALIZED (
    SELECT enrolment_id, journey_hash, progress ->> 'step' AS step
      FROM enrolment
     WHERE journey = :journey AND status = 'active' AND journey_hash IS NOT NULL AND journey_hash <> :hash
), frozen AS (
    INSERT INTO publication_run (publication_id, no, enrolment_id, hash_before, step_before)
    SELECT :publication_id, row_number() OVER (ORDER BY enrolment_id), enrolment_id, journey_hash, step
      FROM active
)
UPDATE publication
   SET active_before = (SELECT count(*) FROM active)
 WHERE publication_id = :publication_id
RETURNING active_before;

-- name: freeze_latecomers
-- Runs that began on an old version in the very moment of the publication: they get their turn, too.
INSERT INTO publication_run (publication_id, no, enrolment_id, hash_before, step_before, came_late)
SELECT :publication_id,
       (SELECT COALESCE(max(no), 0) FROM publication_run WHERE publication_id = :publication_id)
       + row_number() OVER (ORDER BY e.enrolment_id),
       e.enrolment_id, e.journey_hash, e.progress ->> 'step', true
  FROM enrolment e
 WHERE e.journey = :journey AND e.status = 'active' AND e.journey_hash IS NOT NULL AND e.journey_hash <> :hash
   AND NOT EXISTS (SELECT FROM publication_run r
                    WHERE r.publication_id = :publication_id AND r.enrolment_id = e.enrolment_id);

-- name: frozen_runs
-- A page of the list with how each run stands, to plan their fates; nobody is held.
SELECT r.no, r.enrolment_id, e.journey_hash, e.status, e.progress, l.last_event_no
  FROM publication_run r
  JOIN enrolment e ON e.enrolment_id = r.enrolment_id
  JOIN lead l ON l.lead_id = e.lead_id
 WHERE r.publication_id = :publication_id AND r.no > :after_no
 ORDER BY r.no
 LIMIT :page_limit::integer;

-- name: versions_of_frozen_runs
-- The versions that the runs under way go by.
SELECT DISTINCT hash_before
  FROM publication_run
 WHERE publication_id = :publication_id;

-- name: plan_fates
-- What each run is to become. Whoever finishes on the old version is decided at once: nothing of it changes.
UPDATE publication_run r
   SET planned = p.fate, step_after = p.step_after, visit_after = p.visit_after, misses = p.misses,
       fate = CASE WHEN p.fate = 'finishing' THEN p.fate END,
       decided_at = CASE WHEN p.fate = 'finishing' THEN :at::timestamptz END
  FROM jsonb_to_recordset(:rows::jsonb) AS p (
       no integer, fate text, step_after text, visit_after integer, misses text[])
 WHERE r.publication_id = :publication_id AND r.no = p.no;

-- name: planned_balance
-- Whether the plan closes: every run has one fate, and nobody is planned to come to a mail that was asked for before.
SELECT p.active_before,
       count(*) FILTER (WHERE r.planned = 'migrated') AS migrated,
       count(*) FILTER (WHERE r.planned = 'finishing') AS finishing,
       count(*) FILTER (WHERE r.planned = 'exited') AS exited,
       count(*) FILTER (WHERE r.planned = 'migrated' AND r.step_after <> r.step_before
                          AND EXISTS (SELECT FROM message m
                                       WHERE m.enrolment_id = r.enrolment_id AND m.step = r.step_after
                                         AND m.visit = r.visit_after)) AS repeated
  FROM publication p
  LEFT JOIN publication_run r ON r.publication_id = p.publication_id
 WHERE p.publication_id = :publication_id
 GROUP BY p.active_before;

-- name: next_runs_to_move
-- The next page of runs without a fate, and whose they are: the leads are locked before the runs are read.
SELECT r.no, r.enrolment_id, e.lead_id
  FROM publication_run r
  JOIN enrolment e ON e.enrolment_id = r.enrolment_id
 WHERE r.publication_id = :publication_id AND r.no > :after_no AND r.fate IS NULL
 ORDER BY r.no
 LIMIT :page_limit::integer;

-- name: decide_fates
-- The fates of a page, in the transaction that acted on them.
UPDATE publication_run r
   SET fate = p.fate, step_after = p.step_after, visit_after = p.visit_after, misses = p.misses,
       had_ended = p.had_ended, planned = COALESCE(r.planned, p.fate), decided_at = :at
  FROM jsonb_to_recordset(:rows::jsonb) AS p (
       no integer, fate text, step_after text, visit_after integer, misses text[], had_ended boolean)
 WHERE r.publication_id = :publication_id AND r.no = p.no;

-- name: publication_came_to
-- How far moving the runs has come; done when there is nobody left.
UPDATE publication
   SET done_to = :done_to,
       status = CASE WHEN :is_done::boolean THEN 'done' ELSE 'moving' END,
       done_at = CASE WHEN :is_done::boolean THEN :at::timestamptz END
 WHERE publication_id = :publication_id;

-- name: move_runs
-- Runs go on with the new version; who waits for the same as before isn't woken, the others look at once. A run that
-- was blocked tries again: the new version may be its remedy.
UPDATE enrolment e
   SET journey_hash = :hash, progress = r.progress, prospect = :prospect, hears_company = :hears_company,
       waiting_for = CASE WHEN r.is_calm AND e.blocked_at IS NULL THEN e.waiting_for ELSE :waiting_for END,
       waits_until = CASE WHEN r.is_calm AND e.blocked_at IS NULL THEN e.waits_until ELSE :at::timestamptz END,
       blocked_at = NULL, error = NULL, failures = 0
  FROM jsonb_to_recordset(:rows::jsonb) AS r (enrolment_id uuid, progress jsonb, is_calm boolean)
 WHERE e.enrolment_id = r.enrolment_id AND e.status = 'active'
RETURNING e.enrolment_id, e.workflow, e.waits_until <= :at AS looks;

-- name: cancel_mail_of_gone_steps
-- Mail that nobody has claimed, of steps the new version doesn't have: nobody means it any more.
UPDATE message m
   SET status = 'cancelled', reason = :reason, settled_at = :at
 WHERE m.enrolment_id = ANY (:enrolment_ids::uuid[])
   AND m.status IN ('reserved', 'deferred', 'held')
   AND m.step <> ALL (:kept::text[]);

-- name: publication_balance
-- The proof, from the rows of the runs: the sum, and what would spoil it.
SELECT count(*) FILTER (WHERE r.fate = 'migrated') AS migrated,
       count(*) FILTER (WHERE r.fate = 'finishing') AS finishing,
       count(*) FILTER (WHERE r.fate = 'exited') AS exited,
       count(*) FILTER (WHERE r.fate IS NULL) AS undecided,
       count(*) FILTER (WHERE r.had_ended) AS had_ended,
       count(*) FILTER (WHERE r.came_late) AS came_late,
       count(*) FILTER (WHERE r.misses <> '{}') AS missing,
       (SELECT count(*)
          FROM enrolment e
          JOIN publication p ON p.publication_id = :publication_id
         WHERE e.journey = p.journey AND e.status = 'active' AND e.journey_hash IS NOT NULL
           AND e.journey_hash <> p.hash AND e.entered_at <= p.at
           AND NOT EXISTS (SELECT FROM publication_run x
                            WHERE x.publication_id = p.publication_id AND x.enrolment_id = e.enrolment_id))
           AS strangers,
       (SELECT count(*)
          FROM (SELECT m.enrolment_id, m.step, m.visit
                  FROM publication_run x
                  JOIN message m ON m.enrolment_id = x.enrolment_id
                 WHERE x.publication_id = :publication_id
                   AND m.status IN ('at_dot', 'sent', 'uncertain')
                 GROUP BY m.enrolment_id, m.step, m.visit
                HAVING count(*) > 1) AS doubled) AS twice
  FROM publication_run r
 WHERE r.publication_id = :publication_id;

-- name: fates_by_step
-- From which step to which, and how many: what the preview and the report show.
SELECT (SELECT max(v.version) FROM published v WHERE v.kind = 'journey' AND v.hash = r.hash_before) AS version_before,
       r.step_before, COALESCE(r.fate, r.planned) AS fate, r.step_after, count(*) AS runs,
       count(*) FILTER (WHERE r.fate IS NULL) AS undecided
  FROM publication_run r
 WHERE r.publication_id = :publication_id
 GROUP BY r.hash_before, r.step_before, COALESCE(r.fate, r.planned), r.step_after
 ORDER BY version_before DESC, r.step_before, 3, r.step_after;

-- name: mails_of_frozen_runs
-- Which mails of the runs are on their way, by step: those that nobody has claimed, and those in a lane's hands.
SELECT m.step, count(*) FILTER (WHERE m.status IN ('reserved', 'deferred', 'held')) AS unclaimed,
       count(*) FILTER (WHERE m.status IN ('claimed', 'at_dot')) AS at_relay
  FROM publication_run r
  JOIN message m ON m.enrolment_id = r.enrolment_id
 WHERE r.publication_id = :publication_id AND COALESCE(r.fate, r.planned) <> 'finishing'
   AND m.status IN ('reserved', 'deferred', 'held', 'claimed', 'at_dot')
 GROUP BY m.step
 ORDER BY m.step;

-- name: run_standings_seen
-- Where runs stand, as `run_standings` reads it, to look ahead: nobody is held.
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
 ORDER BY e.lead_id;

-- name: list_fates
-- Runs behind a figure of a publication: what became of each that was under way.
WITH found AS (
    SELECT p.journey, p.version, r.no, r.step_before, COALESCE(r.fate, 'undecided') AS fate, r.step_after, r.misses,
           r.had_ended, r.decided_at, e.lead_id, l.first_name, l.last_name, l.email,
           COALESCE(a.name, l.company) AS company,
           (SELECT max(v.version) FROM published v WHERE v.kind = 'journey' AND v.hash = r.hash_before) AS version_before,
           (CASE :sort::text
                WHEN 'name' THEN lower(concat_ws(' ', l.first_name, l.last_name, l.email))
                WHEN 'fate' THEN COALESCE(r.fate, 'undecided')
                WHEN 'step' THEN r.step_before
                ELSE to_char(r.no, '000000000') END) COLLATE "C" AS sort_key,
           (p.publication_id::text || to_char(r.no, '000000000')) COLLATE "C" AS row_id
      FROM publication_run r
      JOIN publication p ON p.publication_id = r.publication_id
      JOIN enrolment e ON e.enrolment_id = r.enrolment_id
      JOIN lead l ON l.lead_id = e.lead_id
      LEFT JOIN account a ON a.account_id = l.account_id
     WHERE (:journey::text IS NULL OR p.journey = :journey)
       AND (:version::text IS NULL OR p.version::text = :version)
       AND (:fate::text IS NULL OR COALESCE(r.fate, 'undecided') = :fate)
       AND (:step::text IS NULL OR r.step_before = :step)
       AND (NOT :misses::boolean OR r.misses <> '{}'))
SELECT journey, version, version_before, no, step_before, fate, step_after, misses, had_ended, decided_at, lead_id,
       first_name, last_name, email, company, sort_key, row_id, (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (COALESCE(sort_key, ''), row_id) < (:after_key, :after_id::text)
            ELSE (COALESCE(sort_key, ''), row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN COALESCE(sort_key, '') END DESC, CASE WHEN :descending THEN row_id END DESC,
          COALESCE(sort_key, ''), row_id
 LIMIT :page_limit::integer;

-- name: close_tasks_of_gone_steps
-- What owners were asked to do at steps the new version doesn't have: nobody waits for the answer any more.
UPDATE task t
   SET status = 'cancelled', ended_at = :at, ended_by = 'system'
 WHERE t.enrolment_id = ANY (:enrolment_ids::uuid[]) AND t.status = 'open' AND t.step <> ALL (:kept::text[]);
