-- name: open_review
-- A mail its owner sees first. The same mail asked for again is left as it is.
INSERT INTO review (message_id, owner_id, opened_at, silent_until, state)
VALUES (:message_id, :owner_id, :at, :silent_until, 'open')
    ON CONFLICT (message_id) DO NOTHING;

-- name: review_for_update
-- One mail that is coming, held until it is decided about; its lead is locked before.
SELECT r.message_id, r.state, r.silent_until, m.status, m.lead_id, m.lane, m.slot_at
  FROM review r
  JOIN message m ON m.message_id = r.message_id
 WHERE r.message_id = :message_id
   FOR UPDATE;

-- name: lead_of_review
-- Whose calendar a decision about the mail locks.
SELECT m.lead_id
  FROM review r
  JOIN message m ON m.message_id = r.message_id
 WHERE r.message_id = :message_id;

-- name: review_of
-- One mail with what was said about it: the page of its owner.
SELECT r.message_id, r.owner_id, o.handle AS owner, r.opened_at, r.silent_until, r.state, r.decided_at, r.decided_by,
       r.decided_via, r.edited_at, r.edited_by, m.lead_id, m.status, m.slot_at, m.sent_at, m.deadline, m.mail, m.reason,
       e.journey, l.first_name, l.last_name, l.email, l.role, COALESCE(a.name, l.company) AS company
  FROM review r
  JOIN owner o ON o.owner_id = r.owner_id
  JOIN message m ON m.message_id = r.message_id
  JOIN enrolment e ON e.enrolment_id = m.enrolment_id
  JOIN lead l ON l.lead_id = m.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE r.message_id = :message_id;

-- name: coming_mails
-- What goes unless its owner says otherwise, and what they hold, soonest first: their list.
SELECT r.message_id, r.owner_id, o.handle AS owner, r.opened_at, r.silent_until, r.state, r.decided_at, r.decided_by,
       r.decided_via, r.edited_at, r.edited_by, m.lead_id, m.status, m.slot_at, m.sent_at, m.deadline, m.mail, m.reason,
       e.journey, l.first_name, l.last_name, l.email, l.role, COALESCE(a.name, l.company) AS company
  FROM review r
  JOIN owner o ON o.owner_id = r.owner_id
  JOIN message m ON m.message_id = r.message_id
  JOIN enrolment e ON e.enrolment_id = m.enrolment_id
  JOIN lead l ON l.lead_id = m.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE m.status IN ('reserved', 'deferred', 'held', 'claimed')
   AND (:owner::text IS NULL OR o.handle = :owner)
 ORDER BY m.slot_at, r.message_id
 LIMIT :page_limit::integer;

-- name: noticed_by
-- Which mail a notice tells of: the one of the same run, step and visit.
SELECT m.message_id
  FROM message n
  JOIN message m ON m.enrolment_id = n.enrolment_id AND m.visit = n.visit AND m.step || '/review' = n.step
 WHERE n.message_id = :message_id;

-- name: decide_review
-- What somebody said about the mail.
UPDATE review
   SET state = :state, decided_at = :at, decided_by = :by, decided_via = :via
 WHERE message_id = :message_id;

-- name: take_mail_back
-- Out of the hands of its lane, too: without its claim the mark before the dot fails, so it isn't sent as it was.
UPDATE message
   SET status = :status, reason = :reason, claim = NULL, claim_epoch = NULL, wall_claimed_at = NULL,
       not_before = COALESCE(:goes_at::timestamptz, not_before),
       settled_at = CASE WHEN :status = 'cancelled' THEN :at::timestamptz END
 WHERE message_id = :message_id AND status IN ('reserved', 'deferred', 'held', 'claimed')
RETURNING message_id;

-- name: mail_to_lead
-- A mail to a lead as somebody who would skip it finds it.
SELECT m.lead_id, m.lane, m.status, m.reason, m.enrolment_id, e.workflow, r.message_id IS NOT NULL AS is_reviewed
  FROM message m
  LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
  LEFT JOIN review r ON r.message_id = m.message_id
 WHERE m.message_id = :message_id AND m.owner_id IS NULL;

-- name: write_anew
-- Words of this one mail, kept as its values: its lane writes it from these and from nothing later.
UPDATE message
   SET values = :values, links = :links
 WHERE message_id = :message_id;

-- name: note_edit
-- Who wrote it anew last.
UPDATE review
   SET edited_at = :at, edited_by = :by
 WHERE message_id = :message_id;
