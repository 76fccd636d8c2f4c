-- name: last_touches
-- What the person did last, by themselves: the context of a hand-off.
SELECT kind, at
  FROM event
 WHERE lead_id = :lead_id AND credit IS NOT NULL AND verdict = 'human' AND at <= :at
 ORDER BY at DESC, no DESC
 LIMIT :page_limit::integer;

-- name: last_told
-- What the lead told us in their last event of each kind: mails quote it.
SELECT DISTINCT ON (kind) kind, data
  FROM event
 WHERE lead_id = :lead_id AND kind = ANY (:kinds::text[]) AND verdict = 'human' AND at <= :at
 ORDER BY kind, at DESC, no DESC;
