-- name: begin_practice
-- A round anew; one that is begun twice at once is one.
INSERT INTO practice_round (handle, round, began_at)
SELECT :handle::text, COALESCE(max(round), 0) + 1, :at
  FROM practice_round
 WHERE handle = :handle
    ON CONFLICT (handle, round) DO NOTHING;

-- name: practice_now
-- The last round of somebody: theirs alone to see.
SELECT round, began_at, answers
  FROM practice_round
 WHERE handle = :handle
 ORDER BY round DESC
 LIMIT 1;

-- name: answer_practice
-- The first answer to a practice lead stands, as with real ones.
UPDATE practice_round
   SET answers = answers || jsonb_build_object(:lead::text, :answer::jsonb)
 WHERE handle = :handle AND round = :round AND NOT answers ? :lead
RETURNING round;
