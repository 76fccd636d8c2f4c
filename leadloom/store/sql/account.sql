-- name: account_by_domain
-- The company a work mail belongs to.
SELECT account_id, name, domain, industry, sites, country, owner_id
  FROM account
 WHERE domain = :domain;

-- name: account_by_name
-- The company somebody without work mail names; of two of that name the one that is older.
SELECT account_id, name, domain, industry, sites, country, owner_id
  FROM account
 WHERE lower(name) = lower(:name)
 ORDER BY created_at, account_id
 LIMIT 1;

-- name: lock_account_name
-- Two captures that name the same new company go one after the other: names aren't unique, so no key stops them.
SELECT pg_advisory_xact_lock(hashtextextended(lower(:name::text), 3));

-- name: make_account
-- A new company; no row when another capture made the one of this domain at the same moment.
INSERT INTO account (account_id, name, domain, industry, sites, country, created_at)
VALUES (:account_id, :name, :domain, :industry, :sites, :country, :at)
    ON CONFLICT (domain) DO NOTHING
RETURNING account_id, name, domain, industry, sites, country, owner_id;

-- name: tell_account
-- What a lead told us about its company.
UPDATE account
   SET name = :name,
       domain = :domain,
       industry = :industry,
       sites = :sites,
       country = :country
 WHERE account_id = :account_id;
