-- name: own_answers
-- What somebody answered in a week, and when the notice they answered had left our hands.
SELECT h.hand_off_id, h.kind, h.state, h.decided_via, h.decided_at, h.lead_id, l.first_name, l.last_name, l.email,
       COALESCE(a.name, l.company) AS company,
       CASE WHEN h.state <> 'accepted' OR h.closed_at IS NOT NULL THEN h.reason END AS reason,
       (SELECT m.sent_at
          FROM message m
         WHERE m.hand_off_id = h.hand_off_id AND m.step = 'offer' AND m.visit = h.assignment_no) AS told_at
  FROM hand_off h
  JOIN lead l ON l.lead_id = h.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE h.decided_by = :handle AND h.decided_at >= :since AND h.decided_at < :until
 ORDER BY h.decided_at, h.hand_off_id
 LIMIT :page_limit::integer;

-- name: own_returned
-- Leads somebody once gave back that were handed over again in a week: what they told us, and what came of it.
SELECT DISTINCT ON (n.hand_off_id) n.hand_off_id, n.opened_at, n.state, o.handle AS owner, was.reason, was.decided_at,
       n.lead_id, l.first_name, l.last_name, l.email, COALESCE(a.name, l.company) AS company
  FROM hand_off was
  JOIN hand_off n ON n.lead_id = was.lead_id AND n.opened_at > was.decided_at
  JOIN lead l ON l.lead_id = n.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
  LEFT JOIN owner o ON o.owner_id = n.owner_id
 WHERE was.decided_by = :handle AND was.reason IS NOT NULL
   AND n.opened_at >= :since AND n.opened_at < :until
 ORDER BY n.hand_off_id, was.decided_at DESC
 LIMIT :page_limit::integer;

-- name: own_deals
-- Deals opened or closed in a week with leads somebody had accepted before.
SELECT d.deal_id, d.name, d.stage, d.created_at, d.closed_at, d.lead_id, l.first_name, l.last_name, l.email,
       COALESCE(a.name, l.company) AS company
  FROM deal d
  JOIN lead l ON l.lead_id = d.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE ((d.created_at >= :since AND d.created_at < :until) OR (d.closed_at >= :since AND d.closed_at < :until))
   AND EXISTS (SELECT FROM hand_off h
                WHERE h.lead_id = d.lead_id AND h.decided_by = :handle AND h.state = 'accepted'
                  AND h.decided_at <= COALESCE(d.closed_at, d.created_at))
 ORDER BY COALESCE(d.closed_at, d.created_at), d.deal_id
 LIMIT :page_limit::integer;

-- name: definitions_of_week
-- Versions of the definition that came into force in a week, and why their draft said they should.
SELECT p.version, p.published_at,
       (SELECT d.why FROM definition_draft d WHERE d.hash = p.hash AND d.state = 'in force'
         ORDER BY d.draft_no DESC LIMIT 1) AS why
  FROM published p
 WHERE p.kind = 'definition' AND p.published_at >= :since AND p.published_at < :until
 ORDER BY p.published_at, p.version;

-- name: own_reasons
-- Which reasons somebody gave in the weeks before: what a change of the rules may answer.
SELECT reason, count(*) AS given
  FROM hand_off
 WHERE decided_by = :handle AND reason IS NOT NULL AND decided_at >= :since AND decided_at < :until
 GROUP BY reason
 ORDER BY given DESC, reason;

-- name: own_appeals
-- Appeals against what somebody had given back that were decided in a week, and what was said.
SELECT p.hand_off_id, p.state, p.decided_at, p.answer, h.reason, h.lead_id, l.first_name, l.last_name, l.email,
       COALESCE(a.name, l.company) AS company
  FROM appeal p
  JOIN hand_off h ON h.hand_off_id = p.hand_off_id
  JOIN lead l ON l.lead_id = h.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE h.decided_by = :handle AND p.decided_at >= :since AND p.decided_at < :until
 ORDER BY p.decided_at, p.hand_off_id
 LIMIT :page_limit::integer;
