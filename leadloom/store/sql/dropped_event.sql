-- name: keep_dropped
-- Keeps what couldn't be taken, once: sent again, it adds a try to the row that is there.
INSERT INTO dropped_event AS d (dropped_id, key_id, key, type, name, reason, why, raw, at, heard_at)
SELECT gen_random_uuid(), key_id, key, type, name, reason, why, raw, at, heard_at
  FROM (SELECT DISTINCT ON (r.key_id, r.key) r.*
          FROM jsonb_to_recordset(:rows::jsonb) AS r (
               key_id uuid, key text, type text, name text, reason text, why text, raw jsonb, at timestamptz,
               heard_at timestamptz)
         ORDER BY r.key_id, r.key) r
    ON CONFLICT (key_id, key) DO UPDATE
   SET tries = d.tries + 1, reason = EXCLUDED.reason, why = EXCLUDED.why;

-- name: room_for_dropped
-- Whether a key has filled its part of the list.
SELECT count(*) < :most::integer FROM (SELECT FROM dropped_event WHERE key_id = :key_id LIMIT :most::integer) d;

-- name: dropped_sorts
-- What couldn't be taken, by key, name and reason: what to do about it is the same for all of a line.
SELECT k.name AS key_name, d.type, d.name, d.reason, min(d.why) AS why, count(*) AS events, min(d.heard_at) AS first_at,
       max(d.heard_at) AS last_at
  FROM dropped_event d
  JOIN intake_key k USING (key_id)
 GROUP BY 1, 2, 3, 4
 ORDER BY last_at DESC, events DESC, 1, 2, 3
 LIMIT :page_limit;

-- name: dropped_events
-- One by one, oldest first, of one sort or of all; a page by its last row.
SELECT d.dropped_id, d.key_id, k.name AS key_name, d.key, d.type, d.name, d.reason, d.why, d.raw, d.at, d.heard_at, d.tries
  FROM dropped_event d
  JOIN intake_key k USING (key_id)
 WHERE (:name::text IS NULL OR d.name = :name)
   AND (:reason::text IS NULL OR d.reason = :reason)
   AND (:retryable::boolean IS NOT TRUE OR d.reason <> 'too-large')
   AND (d.heard_at, d.dropped_id) > (:after_at::timestamptz, :after_id::uuid)
 ORDER BY d.heard_at, d.dropped_id
 LIMIT :page_limit;

-- name: hold_dropped
-- Held while they are taken again: who comes second waits, and finds what is left.
SELECT dropped_id, key_id, key
  FROM dropped_event
 WHERE dropped_id = ANY (:ids::uuid[])
 ORDER BY dropped_id
   FOR UPDATE;

-- name: dropped_is_taken
-- They are events now.
DELETE FROM dropped_event WHERE dropped_id = ANY (:ids::uuid[]);

-- name: let_go_dropped
-- Nobody needs them.
DELETE FROM dropped_event
 WHERE (:name::text IS NULL OR name = :name) AND (:reason::text IS NULL OR reason = :reason);

-- name: forget_old_dropped
-- What nobody looked after in time.
DELETE FROM dropped_event WHERE heard_at < :before;

-- name: dropped_waiting
-- How many wait in all.
SELECT count(*) FROM dropped_event;

-- name: dropped_event
-- One of them.
SELECT d.dropped_id, d.key_id, k.name AS key_name, d.key, d.type, d.name, d.reason, d.why, d.raw, d.at, d.heard_at, d.tries
  FROM dropped_event d
  JOIN intake_key k USING (key_id)
 WHERE d.dropped_id = :dropped_id;

-- name: mend_dropped_form
-- The address somebody wrote in the place of one that is none; what was sent stays beside it.
UPDATE dropped_event SET raw = raw || jsonb_build_object('email', :email::text) WHERE dropped_id = :dropped_id;
