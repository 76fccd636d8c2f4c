-- name: put_tag
-- Twice is once: who put it on first stays known.
INSERT INTO lead_tag (lead_id, tag, at, by)
VALUES (:lead_id, :tag, :at, :by)
    ON CONFLICT DO NOTHING;

-- name: take_tag
-- Take a tag off; one that isn't there is nothing.
DELETE FROM lead_tag
 WHERE lead_id = :lead_id AND tag = :tag;

-- name: tags_of_leads
-- Which tags these leads carry.
SELECT lead_id, tag
  FROM lead_tag
 WHERE lead_id = ANY (:lead_ids::uuid[])
 ORDER BY lead_id, tag;

-- name: other_runs_of_leads
-- All runs of these leads: which journeys they are in or were in, who came first, and which runs another one began.
SELECT lead_id, enrolment_id, journey, key, status, outcome, entered_at, journey_hash
  FROM enrolment
 WHERE lead_id = ANY (:lead_ids::uuid[])
 ORDER BY entered_at, enrolment_id;

-- name: seen_mails_of_leads
-- Mails of these journeys that the leads got or will get, in any run; what never went was not seen.
SELECT m.lead_id, e.journey, m.mail
  FROM message m
  JOIN enrolment e ON e.enrolment_id = m.enrolment_id
 WHERE m.lead_id = ANY (:lead_ids::uuid[]) AND m.owner_id IS NULL
   AND m.status NOT IN ('expired', 'cancelled', 'suppressed', 'refused')
   AND e.journey = ANY (:journeys::text[]);

-- name: read_pieces_of_leads
-- Which pieces these people have read by themselves, ever.
SELECT DISTINCT lead_id, data ->> 'piece' AS piece
  FROM event
 WHERE lead_id = ANY (:lead_ids::uuid[]) AND kind = 'article_read' AND verdict = 'human' AND data ? 'piece';

-- name: listeners_to_ends
-- Runs of the same leads that wait for another journey to end.
SELECT enrolment_id, workflow
  FROM enrolment
 WHERE status = 'active' AND listens && ARRAY['journey_ended', '*']
   AND lead_id IN (SELECT lead_id FROM enrolment WHERE enrolment_id = ANY (:enrolment_ids::uuid[]))
   AND enrolment_id <> ALL (:enrolment_ids::uuid[]);

-- name: listeners_to_everything
-- Runs of these leads that look whenever anything about them changes.
SELECT enrolment_id, workflow
  FROM enrolment
 WHERE status = 'active' AND listens @> ARRAY['*'] AND lead_id = ANY (:lead_ids::uuid[])
 ORDER BY enrolment_id;
