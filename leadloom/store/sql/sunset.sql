-- name: never_answered
-- Who gets marketing mail, had at least so many letters of it, and never answered anything, and when that is over:
-- so long after the letter that made up the number. Those who were asked once are not here again. Who answered is left
-- out before letters are sorted by lead: that is most of the work.
WITH written AS (
    SELECT m.lead_id, count(*) AS letters, min(m.sent_at) AS first_at,
           (array_agg(m.sent_at ORDER BY m.sent_at))[:letters::integer] + :after::interval AS ends_at
      FROM message m
     WHERE m.status = 'sent' AND m.lead_id IS NOT NULL AND m.mail_class = ANY (:classes::text[])
       AND NOT EXISTS (SELECT FROM event e
                        WHERE e.lead_id = m.lead_id
                          AND (e.kind = :asked OR e.verdict = 'human' AND e.kind = ANY (:responses::text[])))
     GROUP BY 1
    HAVING count(*) >= :letters
), found AS (
    SELECT w.lead_id, l.first_name, l.last_name, l.email, l.company, w.letters, w.first_at, w.ends_at,
           to_char(w.ends_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS sort_key, w.lead_id::text AS row_id
      FROM written w
      JOIN lead l USING (lead_id)
      JOIN consent_standing(:at) s USING (lead_id)
     WHERE w.ends_at <= :until AND s.state = ANY (:mailable::text[])
)
SELECT lead_id, first_name, last_name, email, company, letters, first_at, ends_at, sort_key, row_id,
       (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (sort_key, row_id) < (:after_key, :after_id::text)
            ELSE (sort_key, row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN sort_key END DESC, CASE WHEN :descending THEN row_id END DESC, sort_key, row_id
 LIMIT :page_limit::integer;
