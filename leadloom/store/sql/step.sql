-- name: count_steps
-- What became of each visit to each step of the runs of a campaign, or of one version of a journey, and how late they
-- were in seconds: coming to the step, and going out for a mail. A mail's own fate goes before the run's.
WITH run AS MATERIALIZED (
    SELECT enrolment_id, status, progress ->> 'step' AS step, blocked_at
      FROM enrolment
     WHERE campaign_id = :campaign_id::uuid
     UNION ALL
    SELECT enrolment_id, status, progress ->> 'step', blocked_at
      FROM enrolment
     WHERE journey_hash = :journey_hash::text
     UNION ALL
    SELECT enrolment_id, status, progress ->> 'step', blocked_at
      FROM enrolment
     WHERE journey = :code_journey::text AND journey_hash IS NULL),
     visit AS (
    SELECT s.step,
           CASE WHEN s.ended <> 'passed' THEN s.ended
                WHEN m.status = 'expired' THEN 'expired'
                WHEN m.status IN ('refused', 'uncertain') THEN 'failed'
                WHEN m.status IN ('suppressed', 'cancelled') THEN 'skipped'
                ELSE 'passed' END AS fate,
           m.slot_codes && '{cap,company_cap}' OR m.late_why = 'cap' AS is_capped,
           m.status IN ('reserved', 'deferred', 'held', 'claimed', 'at_dot') AS is_coming,
           extract(epoch FROM s.arrived_at - s.due_at) AS came_late_s,
           CASE WHEN m.status = 'sent' THEN extract(epoch FROM m.sent_at - m.due_at) END AS sent_late_s
      FROM run r
      JOIN step_log s ON s.enrolment_id = r.enrolment_id AND s.ended IS NOT NULL
      LEFT JOIN message m ON m.enrolment_id = s.enrolment_id AND m.step = s.step AND m.visit = s.visit
     UNION ALL
    SELECT r.step,
           CASE WHEN r.status <> 'active' THEN 'left' WHEN r.blocked_at IS NOT NULL THEN 'blocked' ELSE 'waiting' END,
           false, false, NULL, NULL
      FROM run r
     WHERE r.step <> 'end'
     UNION ALL
    SELECT p.step_before, 'moved', false, false, NULL, NULL
      FROM run r
      JOIN publication_run p ON p.enrolment_id = r.enrolment_id
     WHERE p.fate = 'migrated' AND p.step_after IS DISTINCT FROM p.step_before)
SELECT step, count(*) AS came,
       count(*) FILTER (WHERE fate = 'waiting') AS waiting,
       count(*) FILTER (WHERE fate = 'blocked') AS blocked,
       count(*) FILTER (WHERE fate = 'passed') AS passed,
       count(*) FILTER (WHERE fate = 'skipped') AS skipped,
       count(*) FILTER (WHERE fate = 'failed') AS failed,
       count(*) FILTER (WHERE fate = 'expired') AS expired,
       count(*) FILTER (WHERE fate = 'left') AS "left",
       count(*) FILTER (WHERE fate = 'moved') AS moved,
       count(*) FILTER (WHERE is_capped) AS capped,
       count(*) FILTER (WHERE is_coming) AS coming,
       count(*) FILTER (WHERE GREATEST(came_late_s, sent_late_s) >= :late_s::double precision) AS late,
       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY came_late_s) AS came_late,
       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY sent_late_s) AS sent_late
  FROM visit
 GROUP BY step;

-- name: list_visits
-- The visits behind a figure of a step, each with its lead, how late it was and, as far as it is known, why.
WITH run AS MATERIALIZED (
    SELECT e.enrolment_id, e.lead_id, e.journey, e.status, e.progress, e.blocked_at, e.outcome, e.waiting_for,
           e.ended_at
      FROM enrolment e
     WHERE e.campaign_id = :campaign_id::uuid
     UNION ALL
    SELECT e.enrolment_id, e.lead_id, e.journey, e.status, e.progress, e.blocked_at, e.outcome, e.waiting_for,
           e.ended_at
      FROM enrolment e
     WHERE e.journey_hash = :journey_hash::text
     UNION ALL
    SELECT e.enrolment_id, e.lead_id, e.journey, e.status, e.progress, e.blocked_at, e.outcome, e.waiting_for,
           e.ended_at
      FROM enrolment e
     WHERE e.journey = :code_journey::text AND e.journey_hash IS NULL),
     visit AS (
    SELECT r.enrolment_id, r.lead_id, r.journey, s.step, s.visit, s.no,
           CASE WHEN s.ended <> 'passed' THEN s.ended
                WHEN m.status = 'expired' THEN 'expired'
                WHEN m.status IN ('refused', 'uncertain') THEN 'failed'
                WHEN m.status IN ('suppressed', 'cancelled') THEN 'skipped'
                ELSE 'passed' END AS fate,
           COALESCE(m.slot_codes && '{cap,company_cap}' OR m.late_why = 'cap', false) AS is_capped,
           COALESCE(m.status IN ('reserved', 'deferred', 'held', 'claimed', 'at_dot'), false) AS is_coming,
           COALESCE(m.due_at, s.due_at) AS planned_at,
           COALESCE(m.sent_at, CASE WHEN m.message_id IS NULL THEN s.arrived_at END) AS actual_at,
           extract(epoch FROM s.arrived_at - s.due_at) AS came_late_s,
           CASE WHEN m.status = 'sent' THEN extract(epoch FROM m.sent_at - m.due_at) END AS sent_late_s,
           COALESCE(m.late_why, CASE WHEN EXISTS (
               SELECT FROM journey_pause p
                WHERE p.journey = r.journey AND p.paused_at <= s.arrived_at
                  AND COALESCE(p.resumed_at, s.arrived_at) >= s.due_at) THEN 'held' ELSE 'worker' END) AS late_why,
           COALESCE(m.reason, s.did) AS did, s.at, m.message_id
      FROM run r
      JOIN step_log s ON s.enrolment_id = r.enrolment_id AND s.ended IS NOT NULL
      LEFT JOIN message m ON m.enrolment_id = s.enrolment_id AND m.step = s.step AND m.visit = s.visit
     UNION ALL
    SELECT r.enrolment_id, r.lead_id, r.journey, r.progress ->> 'step',
           COALESCE((r.progress #>> ARRAY['visits', r.progress ->> 'step'])::integer, 1), 1000000,
           CASE WHEN r.status <> 'active' THEN 'left' WHEN r.blocked_at IS NOT NULL THEN 'blocked' ELSE 'waiting' END,
           false, false, (r.progress ->> 'due_at')::timestamptz, (r.progress ->> 'arrived_at')::timestamptz, NULL, NULL,
           NULL, COALESCE(r.outcome, 'waits for ' || r.waiting_for), COALESCE(r.ended_at, r.blocked_at), NULL
      FROM run r
     WHERE r.progress ->> 'step' <> 'end'
     UNION ALL
    SELECT r.enrolment_id, r.lead_id, r.journey, p.step_before, 1, 1000001, 'moved', false, false, NULL, NULL, NULL,
           NULL, NULL, 'moved to ' || p.step_after || ' by a new version', p.decided_at, NULL
      FROM run r
      JOIN publication_run p ON p.enrolment_id = r.enrolment_id
     WHERE p.fate = 'migrated' AND p.step_after IS DISTINCT FROM p.step_before),
     found AS (
    SELECT v.*, l.first_name, l.last_name, l.email, COALESCE(a.name, l.company) AS company,
           GREATEST(v.came_late_s, v.sent_late_s) AS late_s,
           (CASE :sort::text
                WHEN 'name' THEN lower(concat_ws(' ', l.first_name, l.last_name, l.email))
                WHEN 'late' THEN lpad(COALESCE(GREATEST(v.came_late_s, v.sent_late_s), 0)::bigint::text, 12, '0')
                ELSE to_char(COALESCE(v.at, v.actual_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') END)
           COLLATE "C" AS sort_key,
           (v.enrolment_id || '/' || lpad(v.no::text, 8, '0')) COLLATE "C" AS row_id
      FROM visit v
      JOIN lead l ON l.lead_id = v.lead_id
      LEFT JOIN account a ON a.account_id = l.account_id
     WHERE (:step::text IS NULL OR v.step = :step)
       AND (:fate::text IS NULL OR v.fate = :fate
         OR (:fate = 'capped' AND v.is_capped) OR (:fate = 'coming' AND v.is_coming)
         OR (:fate = 'late' AND GREATEST(v.came_late_s, v.sent_late_s) >= :late_s::double precision)))
SELECT enrolment_id, lead_id, journey, step, visit, fate, planned_at, actual_at, late_s,
       CASE WHEN late_s >= :late_s THEN late_why END AS late_why, did, at, message_id, first_name, last_name, email,
       company, sort_key, row_id, (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (COALESCE(sort_key, ''), row_id) < (:after_key, :after_id::text)
            ELSE (COALESCE(sort_key, ''), row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN COALESCE(sort_key, '') END DESC, CASE WHEN :descending THEN row_id END DESC,
          COALESCE(sort_key, ''), row_id
 LIMIT :page_limit::integer;
