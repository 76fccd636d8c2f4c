-- name: note_act
-- Keeps who changed what, when and why.
INSERT INTO audit (at, actor, action, subject, before, after, why)
VALUES (:at, :actor, :action, :subject, :before, :after, :why);

-- name: acts_about
-- The history of one governed thing, oldest first.
SELECT at, actor, action, subject, before, after, why
  FROM audit
 WHERE subject = :subject
 ORDER BY audit_id;
