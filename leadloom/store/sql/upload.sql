-- name: keep_upload
-- A list came by the browser.
INSERT INTO upload (upload_id, file_name, size, found, options, state, uploaded_at, uploaded_by)
VALUES (:upload_id, :file_name, :size, :found, :options, 'new', :at, :by);

-- name: keep_upload_part
-- A piece of its bytes.
INSERT INTO upload_part (upload_id, no, bytes)
VALUES (:upload_id, :no, :bytes);

-- name: upload_part
-- A piece of its bytes, one at a time: nobody holds a whole list in memory.
SELECT bytes
  FROM upload_part
 WHERE upload_id = :upload_id
   AND no = :no;

-- name: upload
-- One list that came by the browser.
SELECT upload_id, file_name, size, found, options, state, uploaded_at, uploaded_by, share, words, told, error, import_id
  FROM upload
 WHERE upload_id = :upload_id;

-- name: open_uploads
-- Those that are still to be brought in, newest first.
SELECT upload_id, file_name, size, found, options, state, uploaded_at, uploaded_by, share, words, told, error, import_id
  FROM upload
 WHERE state NOT IN ('brought_in', 'cancelled')
 ORDER BY uploaded_at DESC, upload_id;

-- name: wish_for_upload
-- What is to be done with it next: a compare-and-set, so that two clicks are one. What is brought in was rehearsed: one
-- that failed while it was brought in still has what the rehearsal said.
UPDATE upload
   SET state = :state,
       options = COALESCE(:options::jsonb, options),
       share = CASE WHEN state = 'failed' AND :state::text = 'bringing_in' THEN share ELSE 0 END,
       words = NULL,
       error = NULL,
       told = CASE WHEN :state = 'rehearsing' THEN NULL ELSE told END
 WHERE upload_id = :upload_id
   AND state = ANY (:before::text[])
   AND (:state::text <> 'bringing_in' OR told IS NOT NULL);

-- name: tell_upload
-- How far a worker is with it, never less than one before it was; no row says that somebody has cancelled it.
UPDATE upload
   SET share = GREATEST(share, :share),
       words = :words
 WHERE upload_id = :upload_id
   AND state IN ('rehearsing', 'bringing_in');

-- name: end_upload
-- What came of a worker's look; a list that was cancelled meanwhile stays so.
UPDATE upload
   SET state = :state,
       told = COALESCE(:told::jsonb, told),
       error = :error,
       import_id = COALESCE(:import_id, import_id)
 WHERE upload_id = :upload_id
   AND state IN ('rehearsing', 'bringing_in');

-- name: drop_upload_parts
-- The bytes of lists that are brought in or given up are of no use to anybody; and rows shown of them name people.
DELETE FROM upload_part
 WHERE upload_id = :upload_id;

-- name: blind_upload
-- Takes out what was shown of a list's rows.
UPDATE upload
   SET found = found - 'sample',
       told = told - ARRAY['examples', 'refusals', 'quarantine', 'reasons']
 WHERE upload_id = :upload_id;

-- name: forget_uploads
-- Lists that nobody has brought in since: given up.
UPDATE upload
   SET state = 'cancelled'
 WHERE state IN ('new', 'rehearsed', 'failed')
   AND uploaded_at < :before
RETURNING upload_id;

-- name: uploads_under_way
-- Whom a worker has in hand, or should have: repaired where Temporal lost its memory.
SELECT upload_id
  FROM upload
 WHERE state IN ('rehearsing', 'bringing_in');
