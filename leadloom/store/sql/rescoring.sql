-- name: leads_that_did_something
-- A page of leads to whom anything ever happened, in order of their ids: those a re-scoring looks at.
SELECT l.lead_id
  FROM lead l
 WHERE l.lead_id > :after
   AND l.last_event_no > 0
 ORDER BY l.lead_id
 LIMIT :page_limit::integer;

-- name: events_of_leads
-- Everything that ever happened to some leads, in order: what their scores are told anew from.
SELECT lead_id, no, kind, at, key, verdict, actor, channel, credit, data
  FROM event
 WHERE lead_id = ANY (:lead_ids::uuid[])
 ORDER BY lead_id, no;

-- name: definition_at
-- The version of the definition that was in force at an instant; the first one for any time before it.
SELECT version, hash, published_at
  FROM published
 WHERE kind = 'definition'
 ORDER BY (published_at <= :at) DESC,
          CASE WHEN published_at <= :at THEN published_at END DESC,
          published_at, version
 LIMIT 1;

-- name: people_of_account
-- Everybody we know at a company and at its daughters: their scores make its own.
SELECT lead_id, first_name, last_name, role
  FROM lead
 WHERE account_id = :account_id
    OR account_id IN (SELECT account_id FROM account WHERE parent_id = :account_id)
 ORDER BY lead_id;
