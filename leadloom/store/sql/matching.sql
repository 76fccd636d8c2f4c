-- name: leads_to_match
-- The next leads of which something new is known, with the places of the notes that say so: a note that comes while they
-- are looked at stays.
SELECT n.lead_id, array_agg(n.ctid::text) AS notes
  FROM (SELECT lead_id, ctid FROM lead_to_match WHERE lead_id <> ALL (:left::uuid[]) LIMIT :page_limit::integer) AS n
 GROUP BY n.lead_id;

-- name: take_notes
-- They leave the list with the transaction that writes what follows. A place may be another lead's by now.
DELETE FROM lead_to_match WHERE ctid = ANY (:notes::text[]::tid[]) AND lead_id = ANY (:lead_ids::uuid[]);

-- name: note_to_match
-- Something new is known of them: what two leads told together.
INSERT INTO lead_to_match (lead_id) SELECT unnest(:lead_ids::uuid[]);

-- name: leads_to_compare
-- What of some leads is compared; nothing is left of who was erased.
SELECT lead_id, account_id, email, first_name, last_name, company, country, role, title, phone, time_zone, language,
       source, owner_id, created_at, attributes
  FROM lead
 WHERE lead_id = ANY (:lead_ids::uuid[]) AND erased_at IS NULL;

-- name: forget_old_keys
-- By what leads were looked up before something changed, and aren't any more.
DELETE FROM lead_key k
 WHERE k.lead_id = ANY (:of::uuid[])
   AND NOT EXISTS (SELECT FROM unnest(:lead_ids::uuid[], :keys::text[]) AS now (lead_id, key)
                    WHERE now.lead_id = k.lead_id AND now.key = k.key);

-- name: keep_keys_of_match
-- By what they are now; in order, so that two workers wait for one another and for nothing else.
INSERT INTO lead_key (lead_id, key)
SELECT lead_id, key FROM unnest(:lead_ids::uuid[], :keys::text[]) AS now (lead_id, key) ORDER BY lead_id, key
    ON CONFLICT DO NOTHING;

-- name: leads_sharing_keys
-- Who shares a key that tells people apart, unless somebody said that they are two. A key of many is given up after as
-- many as make it one.
SELECT DISTINCT asked.lead_id, k.lead_id AS other_id
  FROM unnest(:lead_ids::uuid[], :keys::text[]) AS asked (lead_id, key)
 CROSS JOIN LATERAL (
       SELECT few.lead_id, count(*) OVER () AS shared
         FROM (SELECT s.lead_id FROM lead_key s WHERE s.key = asked.key LIMIT :most::integer + 1) AS few) AS k
 WHERE k.shared <= :most
   AND k.lead_id <> asked.lead_id
   AND NOT EXISTS (SELECT FROM duplicate d
                    WHERE d.state = 'apart' AND LEAST(d.lead_id, d.other_id) = LEAST(k.lead_id, asked.lead_id)
                      AND GREATEST(d.lead_id, d.other_id) = GREATEST(k.lead_id, asked.lead_id));

-- name: leads_with_keys
-- How many have a number, as far as it matters: one of many is a switchboard.
SELECT asked.key,
       (SELECT count(*) FROM (SELECT FROM lead_key k WHERE k.key = asked.key LIMIT :enough::integer) AS few) AS leads
  FROM unnest(:keys::text[]) AS asked (key);

-- name: open_pairs_of_leads
-- With whom a suggestion waits.
SELECT lead_id, other_id
  FROM duplicate
 WHERE state = 'open' AND (lead_id = ANY (:lead_ids::uuid[]) OR other_id = ANY (:lead_ids::uuid[]));

-- name: leads_about
-- How many leads there are, about: what a likeness says depends on it.
SELECT GREATEST(reltuples, 2)::integer FROM pg_class WHERE oid = 'lead'::regclass;

-- name: keep_match_fault
-- For somebody to look at.
INSERT INTO match_fault (lead_id, error, at)
SELECT l.lead_id, :error, :at FROM lead l WHERE l.lead_id = :lead_id
    ON CONFLICT (lead_id) DO UPDATE
   SET error = EXCLUDED.error, at = EXCLUDED.at, tries = match_fault.tries + 1;

-- name: forget_match_faults_of
-- They could be looked at.
DELETE FROM match_fault WHERE lead_id = ANY (:lead_ids::uuid[]);

-- name: match_faults
-- Whom the sweep couldn't look at, the newest first.
SELECT f.lead_id, f.error, f.at, f.tries,
       COALESCE(NULLIF(concat_ws(' ', l.first_name, l.last_name), ''), l.email, 'nameless') AS name
  FROM match_fault f
  JOIN lead l USING (lead_id)
 ORDER BY f.at DESC, f.lead_id
 LIMIT :page_limit::integer;

-- name: count_match_faults
-- Whether anybody waits for a look, for whoever examines the house.
SELECT count(*) FROM match_fault;

-- name: match_again
-- All of them in the next round; what went wrong stands until it went well.
INSERT INTO lead_to_match (lead_id) SELECT lead_id FROM match_fault;
