-- name: deals_decided
-- How deals ended, by each thing that was known of them: what the odds of open ones are reckoned from.
SELECT v.variable, v.value, count(*) FILTER (WHERE d.stage = 'won') AS won,
       count(*) FILTER (WHERE d.stage = 'lost') AS lost
  FROM deal d
  LEFT JOIN lead l ON l.lead_id = d.lead_id
  LEFT JOIN account a ON a.account_id = COALESCE(d.account_id, l.account_id)
 CROSS JOIN LATERAL (
       VALUES ('all', 'all'), ('track', d.track), ('source', l.source), ('industry', a.industry),
              ('country', COALESCE(NULLIF(l.country, ''), a.country)), ('role', l.role), ('product', d.product)
       ) AS v (variable, value)
 WHERE d.stage IN ('won', 'lost')
   AND d.closed_at <= :at
   AND v.value IS NOT NULL
   AND v.value <> ''
 GROUP BY v.variable, v.value
 ORDER BY v.variable, v.value;

-- name: deals_to_foretell
-- What is known of open deals, and what somebody said of their odds last.
SELECT d.deal_id, d.track, l.source, a.industry, COALESCE(NULLIF(l.country, ''), a.country) AS country, l.role,
       d.product, s.share, s.by AS said_by, s.at AS said_at, s.why AS said_why
  FROM deal d
  LEFT JOIN lead l ON l.lead_id = d.lead_id
  LEFT JOIN account a ON a.account_id = COALESCE(d.account_id, l.account_id)
  LEFT JOIN LATERAL (
       SELECT o.share, o.by, o.at, o.why FROM deal_odds o WHERE o.deal_id = d.deal_id ORDER BY o.no DESC LIMIT 1) AS s
    ON TRUE
 WHERE d.deal_id = ANY (:deal_ids::uuid[])
   AND d.stage = 'open';

-- name: say_odds
-- What somebody says of a deal's odds; none lets them follow the deals again.
INSERT INTO deal_odds (deal_id, no, share, by, why, at)
SELECT :deal_id, COALESCE(max(no), 0) + 1, :share, :by, :why, :at
  FROM deal_odds
 WHERE deal_id = :deal_id;
