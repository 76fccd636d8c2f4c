-- name: keep_form_post
-- Holds a post for a look, unless as many wait already as anybody will look at: then nothing, and its sender is told.
-- The same again adds a try to the row that is there.
INSERT INTO form_post (post_id, form, code, why, digest, fields, door, at)
SELECT :post_id, :form, :code, :why, :digest, :fields::jsonb, :door::jsonb, :at
 WHERE (SELECT count(*) FROM (SELECT FROM form_post WHERE state = 'held' LIMIT :most::integer) f) < :most::integer
    OR EXISTS (SELECT FROM form_post f WHERE f.form = :form AND f.digest = :digest AND f.state = 'held')
    ON CONFLICT (form, digest) WHERE state = 'held'
    DO UPDATE SET tries = form_post.tries + 1, why = EXCLUDED.why, code = EXCLUDED.code
RETURNING post_id;

-- name: form_posts
-- What waits for a look, oldest first; with the decided ones when asked for.
SELECT post_id, form, code, why, fields, door, tries, at, state, decided_at, decided_by, decided_why, lead_id
  FROM form_post
 WHERE (state = 'held' OR :decided_too::boolean) AND (:form::text IS NULL OR form = :form::text)
 ORDER BY at, post_id
 LIMIT :most::integer;

-- name: form_post
-- One of them.
SELECT post_id, form, code, why, fields, door, tries, at, state, decided_at, decided_by, decided_why, lead_id
  FROM form_post
 WHERE post_id = :post_id;

-- name: form_post_failed
-- It was tried again, and something still stands against it.
UPDATE form_post SET why = :why, code = 'failed', tries = tries + 1 WHERE post_id = :post_id AND state = 'held';

-- name: decide_form_post
-- Taken after all: what it said is the lead's now. Dropped: it keeps that for some days, to be brought back. Once.
UPDATE form_post
   SET state = :state, decided_at = :at, decided_by = :by, decided_why = :why, lead_id = :lead_id,
       fields = CASE WHEN :state = 'dropped' THEN fields ELSE '{}' END,
       door = CASE WHEN :state = 'dropped' THEN door ELSE '{}' END,
       digest = CASE WHEN :state = 'dropped' THEN digest ELSE post_id::text END
 WHERE post_id = :post_id AND state = 'held'
RETURNING post_id;

-- name: drop_old_form_posts
-- What nobody looked at for so long is let go, and says so: personal data isn't kept for a look that never comes.
UPDATE form_post
   SET state = 'dropped', decided_at = :at, decided_by = 'system', decided_why = 'nobody looked at it in time',
       fields = '{}', door = '{}', digest = post_id::text
 WHERE state = 'held' AND form_post.at < :before;

-- name: bring_back_form_post
-- Dropped by mistake: it waits again, unless the same came in meanwhile and waits already.
UPDATE form_post
   SET state = 'held', decided_at = NULL, decided_by = NULL, decided_why = NULL
 WHERE post_id = :post_id AND state = 'dropped' AND fields <> '{}'
   AND NOT EXISTS (SELECT FROM form_post f
                    WHERE f.form = form_post.form AND f.digest = form_post.digest AND f.state = 'held')
RETURNING post_id;

-- name: form_posts_dropped
-- What somebody dropped lately and may bring back.
SELECT post_id, form, code, why, fields, door, tries, at, state, decided_at, decided_by, decided_why, lead_id
  FROM form_post
 WHERE state = 'dropped' AND fields <> '{}'
 ORDER BY decided_at DESC, post_id
 LIMIT :most::integer;

-- name: form_posts_waiting
-- How many wait for a look, form by form.
SELECT form, count(*) AS held FROM form_post WHERE state = 'held' GROUP BY 1 ORDER BY 1;

-- name: empty_dropped_form_posts
-- Nobody brought it back in time: what it said goes, that it came and what was decided stays.
UPDATE form_post
   SET fields = '{}', door = '{}', digest = post_id::text
 WHERE state = 'dropped' AND fields <> '{}' AND decided_at < :before;
