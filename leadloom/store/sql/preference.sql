-- name: keep_preference_change
-- What a person chose, what was so before, and how they proved to be they.
INSERT INTO preference_change (change_id, lead_id, at, message_id, before, after, proof, takes_back)
VALUES (:change_id, :lead_id, :at, :message_id, :before, :after, :proof, :takes_back);

-- name: last_preference_change
-- The newest choice of a person: the only one that can be taken back.
SELECT change_id, lead_id, at, before, after, takes_back
  FROM preference_change
 WHERE lead_id = :lead_id
 ORDER BY at DESC, change_id
 LIMIT 1;
