-- name: keep_apart
-- Somebody says these are two: asked never again, and no rule merges them.
INSERT INTO duplicate (lead_id, other_id, found_at, state, decided_at, decided_by, why)
VALUES (:one, :other, :at, 'apart', :at, :by, :why)
    ON CONFLICT (LEAST(lead_id, other_id), GREATEST(lead_id, other_id)) DO UPDATE
   SET state = 'apart', decided_at = EXCLUDED.decided_at, decided_by = EXCLUDED.decided_by, why = EXCLUDED.why;

-- name: open_duplicates
-- Pairs that wait for a decision, the likeliest first.
SELECT d.lead_id, d.other_id, d.bits, d.reasons, d.found_at,
       concat_ws(' / ', COALESCE(NULLIF(concat_ws(' ', a.first_name, a.last_name), ''), a.email, 'nameless'),
                 COALESCE(NULLIF(concat_ws(' ', b.first_name, b.last_name), ''), b.email, 'nameless')) AS names
  FROM duplicate d
  JOIN lead a ON a.lead_id = d.lead_id
  JOIN lead b ON b.lead_id = d.other_id
 WHERE d.state = 'open'
 ORDER BY d.bits DESC, d.lead_id, d.other_id
 LIMIT :page_limit::integer;

-- name: suggest
-- For somebody to decide. What was decided before stays so.
INSERT INTO duplicate (lead_id, other_id, bits, reasons, found_at, state)
SELECT :lead_id, r.other_id, r.bits, r.reasons, :at, 'open'
  FROM jsonb_to_recordset(:rows::jsonb) AS r (other_id uuid, bits double precision, reasons text[])
 ORDER BY r.other_id
    ON CONFLICT (LEAST(lead_id, other_id), GREATEST(lead_id, other_id)) DO UPDATE
   SET bits = EXCLUDED.bits, reasons = EXCLUDED.reasons
 WHERE duplicate.state = 'open';

-- name: suggest_no_more
-- By what is known now they aren't likely one person.
DELETE FROM duplicate
 WHERE state = 'open'
   AND ((lead_id = :lead_id AND other_id = ANY (:others::uuid[]))
        OR (other_id = :lead_id AND lead_id = ANY (:others::uuid[])));

-- name: queue_of_duplicates
-- Suggestions behind the queue's filters, the likeliest first, of each pair the older lead first; those put off stand
-- aside, those kept apart are listed.
WITH found AS (
    SELECT a.lead_id, b.lead_id AS other_id, COALESCE(d.bits, 0) AS bits, d.reasons, d.found_at, d.state, d.put_off_until, d.put_off_by,
           d.decided_at, d.decided_by, d.why,
           COALESCE(NULLIF(concat_ws(' ', a.first_name, a.last_name), ''), a.email, 'nameless') AS name,
           COALESCE(NULLIF(concat_ws(' ', b.first_name, b.last_name), ''), b.email, 'nameless') AS other_name,
           a.email, b.email AS other_email, a.company, b.company AS other_company, a.source, b.source AS other_source
      FROM duplicate d
      JOIN lead a ON a.lead_id IN (d.lead_id, d.other_id)
      JOIN lead b ON b.lead_id IN (d.lead_id, d.other_id) AND (b.created_at, b.lead_id) > (a.created_at, a.lead_id)
     WHERE CASE :show::text
           WHEN 'open' THEN d.state = 'open' AND (d.put_off_until IS NULL OR d.put_off_until <= :at)
           WHEN 'later' THEN d.state = 'open' AND d.put_off_until > :at
           ELSE d.state = 'apart' END
       AND (:source::text IS NULL OR a.source = :source OR b.source = :source)
       AND (:least::double precision IS NULL OR COALESCE(d.bits, 0) >= :least)
       AND (:below::double precision IS NULL OR COALESCE(d.bits, 0) < :below)
       AND (:found_since::timestamptz IS NULL OR d.found_at >= :found_since)
       AND (:found_before::timestamptz IS NULL OR d.found_at < :found_before)
)
SELECT found.*, (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_bits::double precision IS NULL
    OR (-bits, lead_id, other_id) > (-:after_bits::double precision, :after_lead::uuid, :after_other::uuid)
 ORDER BY bits DESC, lead_id, other_id
 LIMIT :page_limit::integer;

-- name: counts_of_duplicates
-- How many wait, stand aside, were kept apart, were merged and can be parted, and couldn't be looked at.
SELECT count(*) FILTER (WHERE state = 'open' AND (put_off_until IS NULL OR put_off_until <= :at)) AS open,
       count(*) FILTER (WHERE state = 'open' AND put_off_until > :at) AS later,
       count(*) FILTER (WHERE state = 'apart') AS apart,
       (SELECT count(*) FROM lead_merge WHERE undone_at IS NULL) AS merged,
       (SELECT count(*) FROM match_fault) AS faults
  FROM duplicate;

-- name: suggestion_of_pair
-- What is known of a pair, whoever of the two is named first.
SELECT lead_id, other_id, bits, reasons, found_at, state, put_off_until, put_off_by, decided_at, decided_by, why
  FROM duplicate
 WHERE LEAST(lead_id, other_id) = LEAST(:one::uuid, :other::uuid)
   AND GREATEST(lead_id, other_id) = GREATEST(:one, :other);

-- name: put_off
-- Later: the suggestion stands aside until then.
UPDATE duplicate
   SET put_off_until = :until, put_off_by = :by
 WHERE LEAST(lead_id, other_id) = LEAST(:one::uuid, :other::uuid)
   AND GREATEST(lead_id, other_id) = GREATEST(:one, :other) AND state = 'open';

-- name: ask_again
-- They may be one person after all: the sweep looks at them anew.
DELETE FROM duplicate
 WHERE LEAST(lead_id, other_id) = LEAST(:one::uuid, :other::uuid)
   AND GREATEST(lead_id, other_id) = GREATEST(:one, :other) AND state = 'apart';

-- name: suggestions_of_lead
-- Who may be the same person, the likeliest first.
SELECT d.bits, d.reasons, d.put_off_until, o.lead_id,
       COALESCE(NULLIF(concat_ws(' ', o.first_name, o.last_name), ''), o.email, 'nameless') AS name, o.email, o.company
  FROM duplicate d
  JOIN lead o ON o.lead_id = CASE WHEN d.lead_id = :lead_id THEN d.other_id ELSE d.lead_id END
 WHERE (d.lead_id = :lead_id OR d.other_id = :lead_id) AND d.state = 'open'
 ORDER BY d.bits DESC, o.lead_id;
