-- name: members_after
-- The whole audience, a page behind `after`: a check asks of each what its turn would decide.
SELECT no, lead_id, arm
  FROM campaign_member
 WHERE campaign_id = :campaign_id
   AND no > :after::integer
 ORDER BY no
 LIMIT :page_limit::integer;

-- name: keep_check
-- The newest check of a campaign; its list of exclusions goes with the one before.
INSERT INTO campaign_check (campaign_id, at, by, members, findings)
VALUES (:campaign_id, :at, :by, :members, :findings)
    ON CONFLICT (campaign_id) DO UPDATE
   SET at = excluded.at,
       by = excluded.by,
       members = excluded.members,
       findings = excluded.findings;

-- name: check_of
-- What stood against a launch when somebody looked last.
SELECT at, by, members, findings
  FROM campaign_check
 WHERE campaign_id = :campaign_id;

-- name: drop_exclusions
-- Whom the check before would have left out.
DELETE FROM campaign_exclusion
 WHERE campaign_id = :campaign_id;

-- name: add_exclusions
-- Whom this check would leave out, a page.
INSERT INTO campaign_exclusion (campaign_id, no, why)
SELECT :campaign_id::uuid, r.no, r.why
  FROM unnest(:nos::integer[], :whys::text[]) AS r (no, why);

-- name: sampled_members
-- Whom a check writes every letter for: some of each language that occurs, the first of the audience's drawn order, so
-- that a rare language is in the sample and the same leads are whenever asked.
SELECT s.lead_id, s.language, s.arm, s.owner
  FROM (SELECT l.lead_id, l.language, m.arm, o.handle AS owner, m.no,
               row_number() OVER (PARTITION BY l.language, m.arm ORDER BY m.no) AS place
          FROM campaign_member m
          JOIN lead l ON l.lead_id = m.lead_id
          LEFT JOIN owner o ON o.owner_id = l.owner_id
         WHERE m.campaign_id = :campaign_id
           AND m.arm <> 'holdout'
           AND l.email IS NOT NULL) s
 ORDER BY s.place, s.language, s.no
 LIMIT :page_limit::integer;

-- name: members_at_cap
-- How many of the audience have had, or will get, as many capped mails in a span as one person may.
SELECT count(*)
  FROM (SELECT m.lead_id
          FROM campaign_member c
          JOIN message m ON m.lead_id = c.lead_id
         WHERE c.campaign_id = :campaign_id
           AND m.owner_id IS NULL
           AND m.mail_class = ANY (:classes::text[])
           AND m.status IN ('reserved', 'claimed', 'at_dot', 'sent', 'deferred', 'uncertain', 'held')
           AND m.slot_at > :since
         GROUP BY m.lead_id
        HAVING count(*) >= :most::bigint) full_of_mail;

-- name: list_exclusions
-- Members behind a figure about who stays out: left out at their turn, or foreseen by the newest check.
WITH found AS (
    SELECT c.name AS campaign, c.journey, m.no, m.arm, m.decided_at, m.lead_id, l.first_name, l.last_name, l.email,
           COALESCE(a.name, l.company) AS company, COALESCE(m.left_out, x.why) AS why,
           (CASE :sort::text
                WHEN 'name' THEN lower(concat_ws(' ', l.first_name, l.last_name, l.email))
                WHEN 'why' THEN COALESCE(m.left_out, x.why)
                ELSE c.name || '/' || lpad(m.no::text, 10, '0') END) COLLATE "C" AS sort_key,
           (c.campaign_id || '/' || lpad(m.no::text, 10, '0')) COLLATE "C" AS row_id
      FROM campaign_member m
      JOIN campaign c ON c.campaign_id = m.campaign_id
      JOIN lead l ON l.lead_id = m.lead_id
      LEFT JOIN account a ON a.account_id = l.account_id
      LEFT JOIN campaign_exclusion x ON x.campaign_id = m.campaign_id AND x.no = m.no AND m.decided_at IS NULL
     WHERE (:campaign::text IS NULL OR c.name = :campaign)
       AND COALESCE(m.left_out, x.why) IS NOT NULL
       AND (:why::text IS NULL OR COALESCE(m.left_out, x.why) = :why))
SELECT campaign, journey, no, why, decided_at, lead_id, first_name, last_name, email, company, sort_key, row_id,
       (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (sort_key, row_id) < (:after_key, :after_id::text)
            ELSE (sort_key, row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN sort_key END DESC, CASE WHEN :descending THEN row_id END DESC, sort_key, row_id
 LIMIT :page_limit::integer;
