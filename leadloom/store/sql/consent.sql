-- name: consent_by_country
-- How many people stand how with marketing mail, by country.
SELECT country, state, count(*) AS people
  FROM consent_standing(:at)
 GROUP BY country, state
 ORDER BY country, state;

-- name: people_by_consent
-- The people behind a number of the consent report, by name.
WITH found AS (
    SELECT s.lead_id, l.first_name, l.last_name, l.email, l.company, s.country, s.state,
           lower(concat_ws(' ', NULLIF(l.first_name, ''), NULLIF(l.last_name, ''), l.email)) AS sort_key,
           s.lead_id::text AS row_id
      FROM consent_standing(:at) s
      JOIN lead l ON l.lead_id = s.lead_id
     WHERE (:country::text IS NULL OR s.country = :country)
       AND (:states::text[] IS NULL OR s.state = ANY (:states))
)
SELECT lead_id, first_name, last_name, email, company, country, state, sort_key, row_id,
       (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (sort_key, row_id) < (:after_key, :after_id::text)
            ELSE (sort_key, row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN sort_key END DESC, CASE WHEN :descending THEN row_id END DESC, sort_key, row_id
 LIMIT :page_limit::integer;

-- name: confirmation_cohorts
-- What became of the ticks that were asked about, by the month they were ticked in: several that wait together are one.
WITH question AS (
    SELECT lead_id, purpose, channel, until, min(at) AS at
      FROM basis
     WHERE act = 'asked' AND at <= :at
     GROUP BY lead_id, purpose, channel, until
), answered AS (
    SELECT q.at, q.until,
           EXISTS (SELECT FROM basis b
                    WHERE b.lead_id = q.lead_id AND b.purpose = q.purpose AND b.channel = q.channel
                      AND b.act = 'given' AND b.kind = 'double-opt-in' AND b.at BETWEEN q.at AND LEAST(q.until, :at)) AS yes
      FROM question q
)
SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM') AS month, count(*) AS asked, count(*) FILTER (WHERE yes) AS confirmed,
       count(*) FILTER (WHERE NOT yes AND until > :at) AS waiting
  FROM answered
 GROUP BY month
 ORDER BY month;

-- name: people_asked_to_confirm
-- The ticks behind a number of the cohorts, by name: one row for each question, as confirmation_cohorts counts them.
WITH question AS (
    SELECT lead_id, purpose, channel, until, min(at) AS at
      FROM basis
     WHERE act = 'asked' AND at <= :at
     GROUP BY lead_id, purpose, channel, until
), answered AS (
    SELECT q.*,
           (SELECT min(b.at)
              FROM basis b
             WHERE b.lead_id = q.lead_id AND b.purpose = q.purpose AND b.channel = q.channel
               AND b.act = 'given' AND b.kind = 'double-opt-in' AND b.at BETWEEN q.at AND LEAST(q.until, :at)) AS yes_at
      FROM question q
     WHERE :month::text IS NULL OR to_char(q.at AT TIME ZONE 'UTC', 'YYYY-MM') = :month
), found AS (
    SELECT a.lead_id, l.first_name, l.last_name, l.email, l.company, a.at AS asked_at, a.until, a.yes_at,
           CASE WHEN a.yes_at IS NOT NULL THEN 'confirmed' WHEN a.until > :at THEN 'waiting' ELSE 'ran-out' END AS state,
           lower(concat_ws(' ', NULLIF(l.first_name, ''), NULLIF(l.last_name, ''), l.email)) AS sort_key,
           concat_ws('/', a.lead_id, a.purpose, a.channel, a.until) AS row_id
      FROM answered a
      JOIN lead l USING (lead_id)
), told AS (
    SELECT * FROM found WHERE :state::text IS NULL OR state = :state
)
SELECT lead_id, first_name, last_name, email, company, asked_at, until, yes_at, state, sort_key, row_id,
       (SELECT count(*) FROM told) AS total
  FROM told
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (sort_key, row_id) < (:after_key, :after_id::text)
            ELSE (sort_key, row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN sort_key END DESC, CASE WHEN :descending THEN row_id END DESC, sort_key, row_id
 LIMIT :page_limit::integer;
