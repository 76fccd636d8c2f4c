-- name: circle_of_run
-- Who of the run's company has answered us lately, by role: the buying circle. No upper bound: a workflow's clock
-- stands still while its task runs, and nobody would nudge it for who was committed meanwhile.
SELECT l.lead_id, l.role, COALESCE(l.country, a.country) AS country, count(*)::integer AS responses, min(e.at) AS first_at
  FROM enrolment r
  JOIN lead o ON o.lead_id = r.lead_id
  JOIN lead l ON l.account_id = o.account_id
  JOIN account a ON a.account_id = l.account_id
  JOIN event e ON e.lead_id = l.lead_id
 WHERE r.enrolment_id = :enrolment_id
   AND l.role IS NOT NULL
   AND e.credit = 'marketing'
   AND e.verdict = 'human'
   AND e.at >= :since
 GROUP BY l.lead_id, l.role, l.country, a.country
 ORDER BY count(*) DESC, min(e.at), l.lead_id;

-- name: circle_so_far
-- When the run began and when it made its offer: a workflow that starts anew goes on from here.
SELECT r.entered_at,
       (SELECT min(s.at) FROM step_log s WHERE s.enrolment_id = r.enrolment_id AND s.step = :offer_step) AS offered_at
  FROM enrolment r
 WHERE r.enrolment_id = :enrolment_id;
