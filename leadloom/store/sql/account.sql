-- name: accounts_mentioned
-- The companies some drafts may mean: by id, by the domain of a work mail, by name; the oldest of a name first.
SELECT account_id, name, domain, industry, sites, country, owner_id
  FROM account
 WHERE account_id IN (
       SELECT unnest(:account_ids::uuid[])
        UNION
       SELECT account_id FROM account WHERE domain = ANY (:domains::text[])
        UNION
       SELECT a.account_id
         FROM (SELECT DISTINCT lower(name) AS name FROM unnest(:names::text[]) AS asked (name)) AS asked
         JOIN account a ON lower(a.name) = asked.name)
 ORDER BY created_at, account_id;

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
       country = r.country
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       account_id uuid, name text, domain text, industry text, sites integer, country text)
 WHERE a.account_id = r.account_id;
