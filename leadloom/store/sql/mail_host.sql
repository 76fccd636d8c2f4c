-- name: domains_to_ask
-- Domains of readers whose mail goes soon and of which nothing is known, or no longer: DNS is asked before they go.
SELECT d.domain
  FROM (SELECT DISTINCT lower(split_part(l.email, '@', 2)) AS domain
          FROM message m
          JOIN lead l ON l.lead_id = m.lead_id
         WHERE m.is_waiting AND m.owner_id IS NULL AND m.slot_at <= :until AND l.email IS NOT NULL) d
  LEFT JOIN mail_host h ON h.domain = d.domain
 WHERE d.domain <> '' AND (h.domain IS NULL OR h.wall_until <= :wall_at)
 ORDER BY h.wall_until NULLS FIRST, d.domain
 LIMIT :most;

-- name: mail_hosts_of
-- Who takes in the mail of these domains, as far as it was asked.
SELECT domain, provider, host, takes_mail
  FROM mail_host
 WHERE domain = ANY (:domains::text[]);

-- name: every_mail_host
-- Who takes mail in, by whom: the operator's list.
SELECT domain, provider, host, takes_mail, exchanges, wall_asked_at, wall_until, failure
  FROM mail_host
 ORDER BY domain;

-- name: keep_mail_hosts
-- What DNS said, or that it didn't: then what it said before stands.
INSERT INTO mail_host (domain, provider, host, takes_mail, exchanges, wall_asked_at, wall_until, failure)
SELECT domain, provider, host, takes_mail, exchanges, :wall_at, wall_until, failure
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       domain text, provider text, host text, takes_mail boolean, exchanges text[], wall_until timestamptz, failure text)
 ORDER BY domain
    ON CONFLICT (domain) DO UPDATE
   SET provider = CASE WHEN EXCLUDED.failure IS NULL THEN EXCLUDED.provider ELSE mail_host.provider END,
       host = CASE WHEN EXCLUDED.failure IS NULL THEN EXCLUDED.host ELSE mail_host.host END,
       takes_mail = CASE WHEN EXCLUDED.failure IS NULL THEN EXCLUDED.takes_mail ELSE mail_host.takes_mail END,
       exchanges = CASE WHEN EXCLUDED.failure IS NULL THEN EXCLUDED.exchanges ELSE mail_host.exchanges END,
       wall_asked_at = EXCLUDED.wall_asked_at, wall_until = EXCLUDED.wall_until, failure = EXCLUDED.failure;

-- name: forget_mail_hosts
-- Domains nobody was to be written to for long: one of them may be somebody's name.
DELETE FROM mail_host
 WHERE wall_until < :wall_before;
