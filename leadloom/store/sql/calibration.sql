-- name: qualified
-- Each time a lead was called ready for sales, with the band it had then and what came of it before the next time: the
-- figures of the calibration report, and the rows behind each. `answered` is accepted or given back; `ended` is an
-- accepted one that was won or given back since.
WITH ready AS (
    SELECT c.lead_id, c.track, c.no, c.at, c.definition_version,
           COALESCE((c.evidence ->> 'letter') || (c.evidence ->> 'digit'), '') AS band,
           lead(c.no) OVER (PARTITION BY c.lead_id ORDER BY c.no) AS next_no
      FROM stage_change c
     WHERE c.track = :track AND c.to_stage = :ready AND c.at <= :as_of),
told AS (
    SELECT r.lead_id, r.at, r.definition_version, r.band, r.no,
           COALESCE(bool_or(s.to_stage IN (:accepted, :customer)), false) AS accepted,
           COALESCE(bool_or(s.to_stage = ANY (:over::text[])), false) AS over,
           COALESCE(bool_or(s.to_stage = :customer), false) AS won
      FROM ready r
      LEFT JOIN stage_change s
        ON s.lead_id = r.lead_id AND s.track = r.track AND s.at <= :as_of
       AND s.no > r.no AND (r.next_no IS NULL OR s.no < r.next_no)
     GROUP BY r.lead_id, r.at, r.definition_version, r.band, r.no),
found AS (
    SELECT t.lead_id, l.first_name, l.last_name, l.email, COALESCE(a.name, l.company) AS company, t.definition_version,
           t.band, t.at, t.accepted, t.accepted OR t.over AS answered, t.accepted AND t.over AS ended,
           t.accepted AND t.won AS won,
           to_char(t.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') COLLATE "C" AS sort_key,
           (t.lead_id::text || '/' || t.no) COLLATE "C" AS row_id
      FROM told t
      JOIN lead l ON l.lead_id = t.lead_id
      LEFT JOIN account a ON a.account_id = l.account_id
     WHERE (:version::integer IS NULL OR t.definition_version = :version)
       AND (:band::text IS NULL OR t.band = :band)
       AND (:outcome::text IS NULL
         OR CASE :outcome WHEN 'accepted' THEN t.accepted
                          WHEN 'refused' THEN t.over AND NOT t.accepted
                          WHEN 'answered' THEN t.accepted OR t.over
                          WHEN 'open' THEN NOT (t.accepted OR t.over)
                          WHEN 'ended' THEN t.accepted AND t.over
                          WHEN 'bought' THEN t.accepted AND t.won
                          ELSE false END))
SELECT lead_id, first_name, last_name, email, company, definition_version, band, at, accepted, answered, ended, won,
       sort_key, row_id, (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (sort_key, row_id) < (:after_key, :after_id::text)
            ELSE (sort_key, row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN sort_key END DESC, CASE WHEN :descending THEN row_id END DESC, sort_key, row_id
 LIMIT :page_limit::integer;
