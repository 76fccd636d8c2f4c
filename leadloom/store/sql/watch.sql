-- name: begin_watch
-- Since when the sweep asks for whom a journey's condition holds, or whose date has come. No row when it is known.
INSERT INTO journey_watch (journey, way, asks, since, came_to)
VALUES (:journey, :way, :asks, :at, CASE :way::text WHEN 'every' THEN :at::timestamptz END)
    ON CONFLICT (journey, way) DO NOTHING
RETURNING since;

-- name: watch_for_update
-- What the sweep asks for a journey; held, so that two sweeps don't note the same leads.
SELECT asks, came_to
  FROM journey_watch
 WHERE journey = :journey
   AND way = :way
   FOR UPDATE;

-- name: ask_anew
-- The journey was published with another question: who stayed out for it was so before is asked again.
WITH asked AS (
    UPDATE journey_watch
       SET asks = :asks,
           since = :at,
           came_to = CASE way WHEN 'every' THEN :at::timestamptz END
     WHERE journey = :journey
       AND way = :way)
DELETE FROM journey_match
 WHERE journey = :journey
   AND way = :way
   AND stayed_out = 'held_before';

-- name: forget_watches
-- Journeys that are not in force any more, or ask nothing any more, begin anew when they come back; their matches go, too.
DELETE FROM journey_watch w
 WHERE NOT EXISTS (SELECT FROM unnest(:journeys::text[], :ways::text[]) AS kept (journey, way)
                    WHERE kept.journey = w.journey AND kept.way = w.way);

-- name: note_holding
-- For whom the condition holds and no row says so yet: noted in one statement, as of one moment, decided later. With
-- `stayed_out` they are decided: it was so before the journey was published.
INSERT INTO journey_match (journey, way, lead_id, since, decided_at, stayed_out)
SELECT :journey::text, 'holds', l.lead_id, :at::timestamptz,
       CASE WHEN :stayed_out::text IS NOT NULL THEN :at END, :stayed_out
  FROM lead l
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE NOT EXISTS (SELECT FROM journey_match m
                    WHERE m.journey = :journey AND m.way = 'holds' AND m.lead_id = l.lead_id)
   AND l.erased_at IS NULL
   AND /* where */ TRUE
    ON CONFLICT DO NOTHING;

-- name: forget_ceased
-- For whom it ceased to hold: when it holds again it lets them in again. Whoever is not decided yet is decided first.
DELETE FROM journey_match m
 WHERE m.journey = :journey
   AND m.way = 'holds'
   AND m.decided_at IS NOT NULL
   AND NOT EXISTS (SELECT FROM lead l
                     LEFT JOIN account a ON a.account_id = l.account_id
                    WHERE l.lead_id = m.lead_id AND /* where */ TRUE);

-- name: days_ahead
-- Days that may have come for somebody no row speaks of, with all that says in which zone a lead lives: a few hundred
-- combinations, whatever the number of leads.
SELECT DISTINCT told.day, COALESCE(l.time_zone, '') AS time_zone, COALESCE(l.country, '') AS country,
       COALESCE(a.country, '') AS account_country
  FROM lead l
  LEFT JOIN account a ON a.account_id = l.account_id
 CROSS JOIN LATERAL (
       SELECT told_day(CASE :field::text WHEN 'created_at' THEN to_jsonb(to_char(l.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'))
                                         ELSE l.attributes -> :field END) AS day) told
 WHERE told.day <= :latest::date
   AND NOT EXISTS (SELECT FROM journey_match m
                    WHERE m.journey = :journey AND m.way = 'date' AND m.lead_id = l.lead_id
                      AND m.value = to_char(told.day, 'YYYY-MM-DD'));

-- name: note_days
-- Whose day has come, of those combinations: noted in one statement, decided later unless `stayed_out` says why not.
INSERT INTO journey_match (journey, way, lead_id, value, since, decided_at, stayed_out)
SELECT :journey::text, 'date', l.lead_id, to_char(told.day, 'YYYY-MM-DD'), :at::timestamptz,
       CASE WHEN come.stayed_out IS NOT NULL THEN :at END, come.stayed_out
  FROM lead l
  LEFT JOIN account a ON a.account_id = l.account_id
 CROSS JOIN LATERAL (
       SELECT told_day(CASE :field::text WHEN 'created_at' THEN to_jsonb(to_char(l.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'))
                                         ELSE l.attributes -> :field END) AS day) told
  JOIN unnest(:days::date[], :time_zones::text[], :countries::text[], :account_countries::text[], :stayed_outs::text[])
       AS come (day, time_zone, country, account_country, stayed_out)
    ON come.day = told.day
   AND come.time_zone = COALESCE(l.time_zone, '')
   AND come.country = COALESCE(l.country, '')
   AND come.account_country = COALESCE(a.country, '')
    ON CONFLICT DO NOTHING;

-- name: forget_moved
-- Dates that moved: the old day lets nobody in any more, also when it was not decided yet.
DELETE FROM journey_match m
 USING lead l
 WHERE m.journey = :journey
   AND m.way = 'date'
   AND l.lead_id = m.lead_id
   AND m.value IS DISTINCT FROM to_char(
       told_day(CASE :field::text WHEN 'created_at' THEN to_jsonb(to_char(l.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD'))
                                  ELSE l.attributes -> :field END), 'YYYY-MM-DD');

-- name: note_round
-- A day has come round: for whom it does, noted in one statement, as of one moment, decided later.
INSERT INTO journey_match (journey, way, lead_id, value, since)
SELECT :journey::text, 'every', l.lead_id, :day::text, :at::timestamptz
  FROM lead l
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE l.erased_at IS NULL
   AND /* where */ TRUE
    ON CONFLICT DO NOTHING;

-- name: forget_rounds
-- Of rounds before this one only those that are not decided yet matter: a run's key keeps the others from beginning twice.
DELETE FROM journey_match
 WHERE journey = :journey
   AND way = 'every'
   AND value <> :day
   AND decided_at IS NOT NULL;

-- name: rounds_came_to
-- Up to when a recurrence has been noted.
UPDATE journey_watch
   SET came_to = :came_to
 WHERE journey = :journey
   AND way = 'every';

-- name: undecided_matches
-- Whose turn comes next, behind `after`; who is being decided by another sweep is left to it. A date waits while a run
-- before it is open.
SELECT m.lead_id, m.value, m.since
  FROM journey_match m
 WHERE m.journey = :journey
   AND m.way = :way
   AND m.decided_at IS NULL
   AND (:after::uuid IS NULL OR m.lead_id > :after)
   AND (m.way <> 'date'
     OR NOT EXISTS (SELECT FROM enrolment e
                     WHERE e.lead_id = m.lead_id AND e.journey = m.journey AND e.status = 'active' AND e.place = ''))
 ORDER BY m.lead_id
 LIMIT :page_limit::integer
   FOR UPDATE SKIP LOCKED;

-- name: decide_matches
-- They came in, or why not.
UPDATE journey_match m
   SET decided_at = :at,
       stayed_out = r.stayed_out
  FROM unnest(:lead_ids::uuid[], :stayed_outs::text[]) AS r (lead_id, stayed_out)
 WHERE m.journey = :journey
   AND m.way = :way
   AND m.lead_id = r.lead_id
   AND m.decided_at IS NULL;

-- name: match_kept_out
-- Why a lead for whom it is so is not in: the newest such match.
SELECT m.stayed_out, m.since
  FROM journey_match m
 WHERE m.journey = :journey
   AND m.lead_id = :lead_id
   AND m.stayed_out IS NOT NULL
 ORDER BY m.since DESC
 LIMIT 1;
