-- name: keep_intake_key
-- A new key; its words are nowhere but with whom it was shown to.
INSERT INTO intake_key (key_id, name, hash, hint, public, scopes, source, kinds, created_at, created_by)
VALUES (:key_id, :name, :hash, :hint, :public, :scopes, :source, :kinds, :at, :by)
    ON CONFLICT (name) DO NOTHING
RETURNING key_id;

-- name: intake_keys
-- All keys, in order of their name.
SELECT key_id, name, hash, hint, public, scopes, source, kinds, created_at, created_by, revoked_at, revoked_by, last_used_at
  FROM intake_key
 ORDER BY revoked_at NULLS FIRST, name;

-- name: revoke_intake_key
-- From now on it opens nothing.
UPDATE intake_key SET revoked_at = :at, revoked_by = :by WHERE name = :name AND revoked_at IS NULL RETURNING key_id;

-- name: use_intake_keys
-- When they were used last; told once a minute, not at each call.
UPDATE intake_key k
   SET last_used_at = :at
 WHERE k.key_id = ANY (:key_ids::uuid[]) AND (k.last_used_at IS NULL OR k.last_used_at < :at);
