-- name: leads_by_keys
-- Whom tracking calls mean by mail address or user id; the address says whether somebody else is meant.
SELECT k.kind, k.value, k.lead_id, l.email
  FROM unnest(:kinds::text[], :values::text[]) AS asked (kind, value)
  JOIN identity_key k ON k.kind = asked.kind AND k.value = asked.value
  JOIN lead l ON l.lead_id = k.lead_id;

-- name: visitors_named
-- What is known of these visitors, and of those who were said to be one of them; with one key of their lead.
SELECT v.name, v.lead_id, v.same_as, v.shared_at IS NOT NULL AS is_shared, v.told, k.kind, k.value
  FROM visitor v
  LEFT JOIN LATERAL (
       SELECT i.kind, i.value FROM identity_key i WHERE i.lead_id = v.lead_id ORDER BY i.kind, i.value LIMIT 1
       ) k ON TRUE
 WHERE v.name = ANY (:names::text[]) OR v.same_as = ANY (:names::text[]);

-- name: take_visitor_events
-- What a visitor did that is an event: taken out, because it becomes the lead's. Who comes second gets none.
DELETE FROM visitor_event
 WHERE visitor = ANY (:names::text[]) AND lead_id IS NULL AND kind IS NOT NULL
RETURNING key, visitor, kind, at, channel, data;

-- name: join_views
-- Views of pages become the lead's.
UPDATE visitor_event e
   SET lead_id = r.lead_id
  FROM unnest(:names::text[], :lead_ids::uuid[]) AS r (name, lead_id)
 WHERE e.visitor = r.name AND e.lead_id IS NULL AND e.kind IS NULL;

-- name: keep_visitor_events
-- What happened is kept once, by the client's own name for it.
INSERT INTO visitor_event (key, visitor, lead_id, kind, at, heard_at, channel, data)
SELECT r.key, r.visitor, r.lead_id, r.kind, r.at, :heard_at::timestamptz, r.channel, r.data
  FROM unnest(:keys::text[], :visitors::text[], :lead_ids::uuid[], :kinds::text[], :ats::timestamptz[],
              :channels::text[], :datas::jsonb[]) AS r (key, visitor, lead_id, kind, at, channel, data)
    ON CONFLICT (key) DO NOTHING;

-- name: count_visitor_events
-- How much is kept of visitors already: one that does too much is no person, and fills no table.
SELECT visitor, count(*) AS n
  FROM visitor_event
 WHERE visitor = ANY (:names::text[]) AND lead_id IS NULL
 GROUP BY visitor
HAVING count(*) >= :most::integer;

-- name: settle_visitors
-- Whose they are, who they were said to be, what they told; a browser of two known people is shared for good.
INSERT INTO visitor AS v (name, lead_id, same_as, shared_at, told, at)
SELECT r.name, r.lead_id, r.same_as, CASE WHEN r.shared THEN :at::timestamptz END, r.told, :at::timestamptz
  FROM jsonb_to_recordset(:rows::jsonb) AS r (name text, lead_id uuid, same_as text, shared boolean, told jsonb)
 ORDER BY r.name
    ON CONFLICT (name) DO UPDATE
   SET lead_id = COALESCE(v.lead_id, EXCLUDED.lead_id),
       same_as = COALESCE(EXCLUDED.same_as, v.same_as),
       shared_at = CASE WHEN v.shared_at IS NOT NULL THEN v.shared_at
                        WHEN EXCLUDED.shared_at IS NOT NULL OR v.lead_id <> EXCLUDED.lead_id THEN EXCLUDED.at END,
       told = CASE WHEN COALESCE(v.lead_id, EXCLUDED.lead_id) IS NULL THEN v.told || EXCLUDED.told ELSE '{}' END;

-- name: visitors_left_behind
-- Visitors whose lead was identified while something of theirs was on its way: the sweep brings it after them.
SELECT DISTINCT v.name, v.lead_id
  FROM visitor v
  JOIN visitor_event e ON e.visitor = v.name AND e.lead_id IS NULL
 WHERE v.lead_id IS NOT NULL AND v.shared_at IS NULL
 LIMIT :most::integer;

-- name: forget_anonymous
-- What nobody was identified for in time.
DELETE FROM visitor_event
 WHERE key IN (SELECT key FROM visitor_event WHERE lead_id IS NULL AND heard_at < :before LIMIT :most::integer);

-- name: forget_anonymous_visitors
-- What they told, with it.
DELETE FROM visitor
 WHERE name IN (
       SELECT v.name
         FROM visitor v
        WHERE v.lead_id IS NULL AND v.at < :before
          AND NOT EXISTS (SELECT FROM visitor_event e WHERE e.visitor = v.name AND e.lead_id IS NULL)
        LIMIT :most::integer);

-- name: touches_of_lead
-- How a lead came to us each time, oldest first: views and events that say a page, a referrer, a campaign or a click id.
SELECT t.at, t.kind, t.channel, t.data
  FROM (
       SELECT e.at, e.kind, e.channel, e.data
         FROM visitor_event e
        WHERE e.lead_id = :lead_id AND e.kind IS NULL
        UNION ALL
       SELECT e.at, e.kind, e.channel, e.data
         FROM event e
        WHERE e.lead_id = :lead_id AND e.verdict = 'human' AND e.data ? 'page'
       ) t
 ORDER BY t.at, t.kind NULLS FIRST
 LIMIT :page_limit;
