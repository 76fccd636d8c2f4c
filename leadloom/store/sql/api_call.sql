-- name: begin_api_call
-- The first with this key goes on; whoever comes beside it waits for its commit, and finds its answer.
INSERT INTO api_call (caller, key, digest, at)
VALUES (:caller, :key, :digest, :at)
    ON CONFLICT (caller, key) DO NOTHING
RETURNING key;

-- name: api_call_before
-- What the first one said and was answered.
SELECT digest, status, answer FROM api_call WHERE caller = :caller AND key = :key;

-- name: end_api_call
-- What it was answered.
UPDATE api_call SET status = :status, answer = :answer WHERE caller = :caller AND key = :key;

-- name: forget_api_calls
-- A repetition comes within a day, or not at all.
DELETE FROM api_call WHERE at < :before;
