-- name: programme_board
-- How many stand in each status of a programme, and how many had success: by the last of its statuses that happened.
WITH happened AS (
    SELECT e.lead_id, array_position(:kinds::text[], e.kind) AS place, min(e.at) AS at
      FROM event e
     WHERE e.kind = ANY (:kinds) AND e.verdict = 'human' AND e.at <= :as_of
       AND (e.data ->> 'programme' = :programme::text
            OR e.data ->> 'programme' IS NULL AND e.kind = ANY (:unnamed::text[]))
     GROUP BY 1, 2
), member AS (
    SELECT lead_id, max(place) AS place, bool_or(place = ANY (:success::integer[])) AS success, min(at) AS first_at,
           max(at) AS last_at
      FROM happened
     GROUP BY 1
)
SELECT place, count(*) AS members, count(*) FILTER (WHERE success) AS succeeded, min(first_at) AS first_at,
       max(last_at) AS last_at
  FROM member
 GROUP BY 1
 ORDER BY 1;

-- name: programme_members
-- The people behind a number of the board, who moved last first: the same rows, counted the same way.
WITH happened AS (
    SELECT e.lead_id, array_position(:kinds::text[], e.kind) AS place, min(e.at) AS at
      FROM event e
     WHERE e.kind = ANY (:kinds) AND e.verdict = 'human' AND e.at <= :as_of
       AND (e.data ->> 'programme' = :programme::text
            OR e.data ->> 'programme' IS NULL AND e.kind = ANY (:unnamed::text[]))
     GROUP BY 1, 2
), member AS (
    SELECT h.lead_id, max(h.place) AS place, bool_or(h.place = ANY (:success::integer[])) AS success,
           (array_agg(h.at ORDER BY h.place DESC))[1] AS at
      FROM happened h
     GROUP BY 1
), found AS (
    SELECT m.*, l.first_name, l.last_name, l.email, l.company,
           to_char(m.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS sort_key, m.lead_id::text AS row_id
      FROM member m
      JOIN lead l USING (lead_id)
     WHERE (:place::integer IS NULL OR m.place = :place)
       AND (:succeeded::boolean IS NULL OR m.success = :succeeded)
)
SELECT lead_id, first_name, last_name, email, company, place, success, at, sort_key, row_id,
       (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (sort_key, row_id) < (:after_key, :after_id::text)
            ELSE (sort_key, row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN sort_key END DESC, CASE WHEN :descending THEN row_id END DESC, sort_key, row_id
 LIMIT :page_limit::integer;

-- name: strangers_to_programmes
-- Events that name a programme the definition doesn't know: a misspelt one would be missing without a word.
SELECT e.data ->> 'programme' AS programme, e.kind, count(*) AS events
  FROM event e
 WHERE e.kind = ANY (:kinds::text[]) AND e.data ->> 'programme' <> ALL (:known::text[])
 GROUP BY 1, 2
 ORDER BY 3 DESC, 1, 2
 LIMIT 50;
