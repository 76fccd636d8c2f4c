-- name: accounts_mentioned
-- The companies some drafts may mean: by id, by the domain of a work mail, by name; the oldest of a name first. Each by
-- its index (OFFSET 0 is a fence): a list makes more of them than statistics know, and a join would read them all. A
-- declared alias leads to whose it is; `same_as` tells where a company that was found to be another leads.
SELECT a.account_id, a.name, a.domain, a.industry, a.sites, a.country, a.owner_id, a.same_as, meant.kind, meant.value
  FROM (SELECT unnest(:account_ids::uuid[]), NULL, NULL
         UNION
        SELECT found.account_id, NULL, NULL
          FROM unnest(:domains::text[]) AS asked (domain)
         CROSS JOIN LATERAL (SELECT a.account_id FROM account a WHERE a.domain = asked.domain OFFSET 0) AS found
         UNION
        SELECT found.account_id, NULL, NULL
          FROM (SELECT DISTINCT lower(name) AS name FROM unnest(:names::text[]) AS told (name)) AS asked
         CROSS JOIN LATERAL (SELECT a.account_id FROM account a WHERE lower(a.name) = asked.name OFFSET 0) AS found
         UNION
        SELECT found.account_id, 'domain', asked.domain
          FROM unnest(:domains::text[]) AS asked (domain)
         CROSS JOIN LATERAL (SELECT x.account_id FROM account_alias x
                              WHERE x.kind = 'domain' AND x.value = asked.domain OFFSET 0) AS found
         WHERE EXISTS (SELECT FROM account_alias)  -- asked once: most houses declare none
         UNION
        SELECT found.account_id, 'name', asked.name
          FROM (SELECT DISTINCT lower(name) AS name FROM unnest(:names::text[]) AS told (name)) AS asked
         CROSS JOIN LATERAL (SELECT x.account_id FROM account_alias x
                              WHERE x.kind = 'name' AND x.value = asked.name OFFSET 0) AS found
         WHERE EXISTS (SELECT FROM account_alias)
       ) AS meant (account_id, kind, value)
 CROSS JOIN LATERAL (
       SELECT account_id, name, domain, industry, sites, country, owner_id, same_as, created_at
         FROM account
        WHERE account_id = meant.account_id
       OFFSET 0) AS a
 ORDER BY a.created_at, a.account_id;

-- name: lock_account_names
-- Captures that name the same new company go one after the other: names aren't unique, so no key stops them. In order,
-- so that two pages can't deadlock.
SELECT pg_advisory_xact_lock(named.key)
  FROM (SELECT DISTINCT hashtextextended(lower(name), 3) AS key
          FROM unnest(:names::text[]) AS asked (name)
         ORDER BY key) AS named;

-- name: lock_accounts
-- Holds companies that are about to be told something, in order.
SELECT account_id
  FROM account
 WHERE account_id = ANY (:account_ids::uuid[])
 ORDER BY account_id
   FOR NO KEY UPDATE;

-- name: make_accounts
-- New companies; one is missing from the answer when another capture made the one of its domain at the same moment. In
-- order of the domain, so that two pages can't deadlock.
INSERT INTO account (account_id, name, domain, industry, sites, country, created_at)
SELECT account_id, name, domain, industry, sites, country, :at
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       account_id uuid, name text, domain text, industry text, sites integer, country text)
 ORDER BY domain, account_id
    ON CONFLICT (domain) DO NOTHING
RETURNING account_id;

-- name: tell_accounts
-- What leads told us about their companies.
UPDATE account a
   SET name = r.name,
       domain = r.domain,
       industry = r.industry,
       sites = r.sites,
       country = r.country,
       -- What is called otherwise, or has a domain now, is compared with the others again.
       is_looked_at = a.is_looked_at AND a.name = r.name AND a.domain IS NOT DISTINCT FROM r.domain
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       account_id uuid, name text, domain text, industry text, sites integer, country text)
 WHERE a.account_id = r.account_id;

-- name: note_news
-- Something new is known of these companies: their people are looked at again by the sweep, from the first one on.
INSERT INTO account_news (account_id, at)
SELECT account_id, :at
  FROM unnest(:account_ids::uuid[]) AS r (account_id)
 ORDER BY account_id
    ON CONFLICT (account_id) DO UPDATE
   SET told = account_news.told + 1,
       after_lead = NULL;

-- name: note_engaged
-- Somebody at these companies, or at a daughter of theirs, is more or less engaged than before: news for their people,
-- where one of them is in a journey that asks how the company stands.
INSERT INTO account_news (account_id, at)
SELECT moved.account_id, :at
  FROM (SELECT account_id FROM unnest(:account_ids::uuid[]) AS r (account_id)
         UNION
        SELECT parent_id FROM account WHERE account_id = ANY (:account_ids::uuid[]) AND parent_id IS NOT NULL) AS moved
 WHERE EXISTS (SELECT FROM lead l
                 JOIN enrolment e ON e.lead_id = l.lead_id AND e.status = 'active'
                WHERE l.account_id = moved.account_id
                  AND e.journey_hash = ANY (:journey_hashes::text[]))
 ORDER BY moved.account_id
    ON CONFLICT (account_id) DO UPDATE
   SET told = account_news.told + 1,
       after_lead = NULL;

-- name: oldest_news
-- Whose people the sweep looks at next.
SELECT account_id, told, after_lead
  FROM account_news
 ORDER BY at, account_id
 LIMIT 1;

-- name: leads_of_news
-- The next people of a company who are in some journey, held: a run that is being moved right now is waited for.
SELECT l.lead_id
  FROM lead l
 WHERE l.account_id = :account_id
   AND (:after::uuid IS NULL OR l.lead_id > :after)
   AND EXISTS (SELECT FROM enrolment e WHERE e.lead_id = l.lead_id AND e.status = 'active')
 ORDER BY l.lead_id
 LIMIT :page_limit::integer
   FOR UPDATE;

-- name: news_came_to
-- How far the sweep has come with a company, unless more was told meanwhile.
UPDATE account_news
   SET after_lead = :after
 WHERE account_id = :account_id
   AND told = :told;

-- name: forget_news
-- Everybody has been looked at, unless more was told meanwhile.
DELETE FROM account_news
 WHERE account_id = :account_id
   AND told = :told;
