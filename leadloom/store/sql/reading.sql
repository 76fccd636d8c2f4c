-- name: note_reading
-- A page has been seen for so long. Never for longer than has passed since it was opened; somebody's reading stays theirs.
INSERT INTO reading AS r (session, site, piece, lead_id, seconds, moved, agent, track, first_at, last_at)
VALUES (:session, :site, :piece, :lead_id::uuid, LEAST(:seconds::integer, :slack::integer), :moved, :agent, :track, :at, :at)
    ON CONFLICT (session, site, piece) DO UPDATE
   SET seconds = LEAST(
           GREATEST(r.seconds, :seconds::integer),
           extract(epoch FROM :at::timestamptz - r.first_at)::integer + :slack::integer,
           :most::integer),
       moved = r.moved OR EXCLUDED.moved, last_at = GREATEST(r.last_at, EXCLUDED.last_at),
       lead_id = COALESCE(r.lead_id, EXCLUDED.lead_id), track = COALESCE(r.track, EXCLUDED.track);

-- name: join_readings
-- What was read in a session before its reader gave their name is theirs; what is somebody's already stays so.
UPDATE reading SET lead_id = :lead_id WHERE session = :session AND lead_id IS NULL RETURNING piece;

-- name: readings_to_tell
-- What a lead has read long enough, in a session, and wasn't told of yet.
SELECT session, site, piece, lead_id, seconds, moved, agent, track, first_at, last_at, told_at
  FROM reading
 WHERE lead_id = :lead_id AND session = :session AND seconds >= :least::integer
 ORDER BY first_at, piece;

-- name: tell_readings
-- They are events now.
UPDATE reading SET told_at = :at WHERE session = :session AND lead_id = :lead_id AND piece = ANY (:pieces::text[]);

-- name: readings_of_lead
-- What a lead read of a site, ever.
SELECT DISTINCT piece FROM reading WHERE lead_id = :lead_id AND site = :site AND seconds >= :least::integer;

-- name: forget_old_readings
-- What nobody was identified for isn't kept for ever.
DELETE FROM reading WHERE lead_id IS NULL AND last_at < :before;

-- name: reader_stands
-- Where a reader stands with us: their stages, and the journeys they are in.
SELECT ARRAY(SELECT stage FROM lead_stage WHERE lead_id = :lead_id) AS stages,
       ARRAY(SELECT DISTINCT journey FROM enrolment WHERE lead_id = :lead_id AND status = 'active') AS journeys;
