-- name: keep_provider_post
-- Keeps what couldn't be taken, once: a provider that sends it again adds a try to the row that is there.
INSERT INTO provider_post (post_id, provider, kind, digest, raw, why, at)
VALUES (:post_id, :provider, :kind, :digest, :raw, :why, :at)
    ON CONFLICT (provider, digest) DO UPDATE SET why = EXCLUDED.why, tries = provider_post.tries + 1
RETURNING post_id;

-- name: provider_posts
-- What waits for a person, oldest first.
SELECT post_id, provider, kind, raw, why, tries, at
  FROM provider_post
 ORDER BY at, post_id;

-- name: provider_post
-- One of them.
SELECT post_id, provider, kind, raw, why, tries, at
  FROM provider_post
 WHERE post_id = :post_id;

-- name: provider_post_failed
-- It was tried again, and something is still wrong with it.
UPDATE provider_post SET why = :why, tries = tries + 1 WHERE post_id = :post_id;

-- name: drop_provider_post
-- Taken, confirmed, or not worth taking.
DELETE FROM provider_post WHERE post_id = :post_id RETURNING post_id;

-- name: use_provider_token
-- Lets a proof stand for one body: answers the body it stands for, which is the first that came with it.
INSERT INTO provider_token AS t (provider, token, digest, wall_at)
VALUES (:provider, :token, :digest, :wall_at)
    ON CONFLICT (provider, token) DO UPDATE SET digest = t.digest
RETURNING digest;

-- name: forget_provider_tokens
-- A proof older than its window is refused for its age: its token needs no row any more.
DELETE FROM provider_token WHERE wall_at < :wall_before;
