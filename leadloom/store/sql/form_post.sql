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
-- Taken after all, or dropped: what it said goes, that it came and what was decided stays. Once.
UPDATE form_post
   SET state = :state, decided_at = :at, decided_by = :by, decided_why = :why, lead_id = :lead_id,
       fields = '{}', door = '{}', digest = post_id::text
 WHERE post_id = :post_id AND state = 'held'
RETURNING post_id;

-- name: drop_old_form_posts
-- What nobody looked at for so long is let go, and says so: personal data isn't kept for a look that never comes.
UPDATE form_post
   SET state = 'dropped', decided_at = :at, decided_by = 'system', decided_why = 'nobody looked at it in time',
       fields = '{}', door = '{}', digest = post_id::text
 WHERE state = 'held' AND form_post.at < :before;
