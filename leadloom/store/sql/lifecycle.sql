-- name: leads_with_overdue_clocks
-- The sweep of lifecycles: a clock passed unnoticed, longest ago first.
SELECT lead_id
  FROM lead_clock
 WHERE due_at < :overdue_since
 GROUP BY lead_id
 ORDER BY min(due_at), lead_id
 LIMIT :page_limit::integer;
