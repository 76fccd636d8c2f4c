-- name: offers_lately
-- How often leads came to an owner, and when the last did: an empty inbox says when to expect one.
SELECT count(DISTINCT a.hand_off_id) AS offers, max(a.at) AS last_at
  FROM assignment a
  JOIN owner o ON o.owner_id = a.owner_id
 WHERE o.handle = :handle AND a.at > :since AND a.at <= :at;

-- name: leads_coming_back
-- Whom an owner gave back until a date that is still to come, and who was offered to nobody since; the soonest first.
SELECT h.lead_id, l.first_name, l.last_name, COALESCE(a.name, l.company) AS company, h.recycle_until AS at
  FROM hand_off h
  JOIN owner o ON o.owner_id = h.owner_id
  JOIN lead l ON l.lead_id = h.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE o.handle = :handle AND h.recycle_until > :at
   AND NOT EXISTS (SELECT FROM hand_off later WHERE later.lead_id = h.lead_id AND later.opened_at > h.opened_at)
 ORDER BY h.recycle_until, h.hand_off_id
 LIMIT :page_limit::integer;

-- name: leads_lately_engaged
-- Who came lately, isn't ready yet, and did something since: those of them who are nearly ready are worth knowing. Asked
-- for empty inboxes only, and for so many.
SELECT l.lead_id, l.account_id, l.email, l.first_name, l.last_name, l.company, l.country, l.role, l.title, l.phone,
       l.time_zone, l.language, l.source, l.owner_id, l.created_at, l.attributes
  FROM lead_stage s
  JOIN lead l ON l.lead_id = s.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE s.stage = ANY (:stages::text[])
   AND l.erased_at IS NULL
   AND (cardinality(:countries::text[]) = 0 OR upper(COALESCE(l.country, a.country)) = ANY (:countries))
   AND EXISTS (SELECT FROM event e WHERE e.lead_id = l.lead_id AND e.credit IS NOT NULL AND e.at > :since)
 ORDER BY s.since DESC, l.lead_id
 LIMIT :page_limit::integer;
