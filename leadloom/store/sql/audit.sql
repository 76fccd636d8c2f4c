-- name: note_act
-- Keeps who changed what, when and why.
INSERT INTO audit (at, actor, action, subject, before, after, why)
VALUES (:at, :actor, :action, :subject, :before, :after, :why);

-- name: note_acts_once
-- Keeps findings that were not kept before, such as one draft that names two leads.
INSERT INTO audit (at, actor, action, subject, before, after, why)
SELECT DISTINCT at, actor, action, subject, before, after, why
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       at timestamptz, actor text, action text, subject text, before jsonb, after jsonb, why text)
 WHERE NOT EXISTS (
       SELECT FROM audit a
        WHERE a.subject = r.subject
          AND a.action = r.action
          AND a.after = r.after);

-- name: acts_about
-- The history of one governed thing, oldest first.
SELECT at, actor, action, subject, before, after, why
  FROM audit
 WHERE subject = :subject
 ORDER BY audit_id;

-- name: list_audit
-- Who did what, the newest first, a page at a time; by whom, about what, or which act, as the filters say.
SELECT audit_id, at, actor, action, subject, before, after, why, count(*) OVER () AS total
  FROM audit
 WHERE (:actor::text IS NULL OR actor = :actor)
   AND (:action::text IS NULL OR action = :action)
   AND (:subject::text IS NULL OR strpos(lower(subject), lower(:subject)) > 0)
   AND (:before_id::bigint IS NULL OR audit_id < :before_id)
 ORDER BY audit_id DESC
 LIMIT :page_limit::integer;
