-- name: answers_of_lead
-- All that was said to the questions of qualification, oldest first.
SELECT no, checklist, item, state, evidence, by, via, at, undoes
  FROM checklist_answer
 WHERE lead_id = :lead_id
 ORDER BY no;

-- name: keep_answer
-- Appends to the log, under the lead's lock.
INSERT INTO checklist_answer (lead_id, no, checklist, item, state, evidence, by, via, at, undoes)
VALUES (:lead_id, :no, :checklist, :item, :state, :evidence, :by, :via, :at, :undoes);

-- name: forget_answers
-- That a question was answered, and how, stays; in whose words goes.
UPDATE checklist_answer SET evidence = '' WHERE lead_id = :lead_id;

-- name: kinds_of_lead
-- What ever happened to a lead by somebody's hand: a gate may ask for one of them.
SELECT DISTINCT kind FROM event WHERE lead_id = :lead_id AND verdict = 'human';
