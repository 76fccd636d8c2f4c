-- name: totals
-- One row of counts for the summary of a played world.
SELECT (SELECT count(*) FROM lead) AS leads,
       (SELECT count(*) FROM event) AS events,
       (SELECT count(*) FROM enrolment) AS runs,
       (SELECT count(DISTINCT lead_id) FROM stage_change WHERE to_stage = :ready) AS qualified,
       (SELECT count(*) FROM deal WHERE stage = 'won') AS won,
       (SELECT count(*) FROM hand_off) AS hand_offs;

-- name: totals_of_mails
-- Mails by where they stand.
SELECT status, count(*) AS count FROM message GROUP BY status;

-- name: totals_of_stages
-- Leads by where they stand with new business.
SELECT stage, count(*) AS count FROM lead_stage WHERE track = :track GROUP BY stage;

-- name: totals_of_hand_offs
-- Hand-offs by state; the last decision counts.
SELECT state, count(*) AS count FROM hand_off GROUP BY state;
