-- name: quality_counts
-- The board: for each source and region, how many leads and how many of them lack what.
SELECT q.source, q.region, count(*) AS leads,
       count(*) FILTER (WHERE q.no_mail) AS no_mail,
       count(*) FILTER (WHERE q.free_mail) AS free_mail,
       count(*) FILTER (WHERE q.dead_mail) AS dead_mail,
       count(*) FILTER (WHERE q.no_company) AS no_company,
       count(*) FILTER (WHERE q.no_country) AS no_country,
       count(*) FILTER (WHERE q.no_role) AS no_role,
       count(*) FILTER (WHERE q.no_phone) AS no_phone,
       count(*) FILTER (WHERE q.unsourced) AS unsourced,
       count(*) FILTER (WHERE q.double) AS double,
       count(*) FILTER (WHERE q.unowned) AS unowned,
       count(*) FILTER (WHERE NOT (
           ('work_mail' = ANY (:needs::text[]) AND (q.no_mail OR q.free_mail))
           OR ('company' = ANY (:needs::text[]) AND q.no_company)
           OR ('country' = ANY (:needs::text[]) AND q.no_country)
           OR ('role' = ANY (:needs::text[]) AND q.no_role))) AS complete
  FROM lead_quality(:free_mail::text[], :sources::text[], :regions::jsonb, :ready::text[], :held::text[]) AS q
 GROUP BY q.source, q.region
 ORDER BY leads DESC, q.source, q.region;

-- name: list_quality
-- The leads behind one number of the board, a page at a time; `lacks` is a column of the board, or `incomplete`.
WITH found AS (
    SELECT q.*
      FROM lead_quality(:free_mail::text[], :sources::text[], :regions::jsonb, :ready::text[], :held::text[]) AS q
     WHERE (:source::text IS NULL OR COALESCE(q.source, '') = :source)
       AND (:region::text IS NULL OR q.region = :region)
       AND CASE :lacks::text
           WHEN 'no_mail' THEN q.no_mail
           WHEN 'free_mail' THEN q.free_mail
           WHEN 'dead_mail' THEN q.dead_mail
           WHEN 'no_company' THEN q.no_company
           WHEN 'no_country' THEN q.no_country
           WHEN 'no_role' THEN q.no_role
           WHEN 'no_phone' THEN q.no_phone
           WHEN 'unsourced' THEN q.unsourced
           WHEN 'double' THEN q.double
           WHEN 'unowned' THEN q.unowned
           WHEN 'incomplete' THEN
               ('work_mail' = ANY (:needs::text[]) AND (q.no_mail OR q.free_mail))
               OR ('company' = ANY (:needs::text[]) AND q.no_company)
               OR ('country' = ANY (:needs::text[]) AND q.no_country)
               OR ('role' = ANY (:needs::text[]) AND q.no_role)
           ELSE TRUE END)
SELECT f.lead_id, l.first_name, l.last_name, l.email, COALESCE(a.name, l.company) AS company,
       COALESCE(l.country, a.country) AS country, l.phone, l.role, f.source, f.region, o.handle AS owner,
       f.no_mail, f.free_mail, f.dead_mail, f.no_company, f.no_country, f.no_role, f.no_phone, f.unsourced, f.double,
       f.unowned,
       '' AS sort_key, f.lead_id::text COLLATE "C" AS row_id, (SELECT count(*) FROM found) AS total
  FROM found f
  JOIN lead l ON l.lead_id = f.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
  LEFT JOIN owner o ON o.owner_id = l.owner_id
 WHERE :after_id::text IS NULL OR (f.lead_id::text COLLATE "C") > :after_id
 ORDER BY f.lead_id::text COLLATE "C"
 LIMIT :page_limit::integer;

-- name: leads_named
-- Who some leads are, for a list that knows their ids.
SELECT l.lead_id, l.first_name, l.last_name, l.email, COALESCE(a.name, l.company) AS company,
       COALESCE(l.country, a.country) AS country, l.role
  FROM lead l
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE l.lead_id = ANY (:lead_ids::uuid[]);
