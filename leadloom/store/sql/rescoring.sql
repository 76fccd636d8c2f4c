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

-- name: people_of_accounts
-- Everybody we know at some companies and at their daughters: their scores make its own. Each by its index (OFFSET 0 is
-- a fence): while there are no statistics yet, a plan for all of them reads every lead.
SELECT asked.account_id, l.lead_id, l.first_name, l.last_name, l.role
  FROM unnest(:account_ids::uuid[]) AS asked (account_id)
 CROSS JOIN LATERAL (
       SELECT asked.account_id AS home
        UNION ALL
       SELECT a.account_id FROM account a WHERE a.parent_id = asked.account_id) AS family
 CROSS JOIN LATERAL (
       SELECT p.lead_id, p.first_name, p.last_name, p.role FROM lead p WHERE p.account_id = family.home
       OFFSET 0) AS l
 ORDER BY asked.account_id, l.lead_id;
