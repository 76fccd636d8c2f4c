-- name: answered_mail
-- What a signed link of a mail to a lead is about; a notice to an owner is nobody's to answer as a lead,
-- and of who was erased nothing is left to answer for.
SELECT m.message_id, m.lead_id, m.step, m.mail, m.mail_class, m.sender, m.links,
       COALESCE(m.sent_at, m.dot_at) AS sent_at, COALESCE(e.journey, 'hand-off') AS journey
  FROM message m
  JOIN lead l ON l.lead_id = m.lead_id
  LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
 WHERE m.message_id = :message_id AND m.owner_id IS NULL AND l.erased_at IS NULL;

-- name: answer_given
-- Whether a one-question link was answered before, and when last.
SELECT max(at) AS at
  FROM event
 WHERE lead_id = :lead_id AND starts_with(key, :key_start);

-- name: use_link
-- A signed link acted: kept in the transaction of the act, so that its page can say when and how.
INSERT INTO used_link (token_id, used_at, outcome)
VALUES (:token_id, :at, :outcome)
    ON CONFLICT (token_id) DO UPDATE
   SET used_at = EXCLUDED.used_at, outcome = EXCLUDED.outcome;

-- name: use_link_once
-- A signed link that acts once only: who finds it used is told.
INSERT INTO used_link (token_id, used_at, outcome)
VALUES (:token_id, :at, :outcome)
    ON CONFLICT (token_id) DO NOTHING
RETURNING token_id;

-- name: link_used
-- When a signed link acted last, and how.
SELECT used_at, outcome
  FROM used_link
 WHERE token_id = :token_id;

-- name: companions_of_hand_offs
-- Colleagues who came along, for the owner who calls one of them.
SELECT m.hand_off_id, m.lead_id, m.kind, l.first_name, l.last_name, COALESCE(l.title, l.role) AS role
  FROM hand_off_member m
  JOIN lead l ON l.lead_id = m.lead_id
 WHERE m.hand_off_id = ANY (:hand_off_ids::uuid[])
 ORDER BY m.hand_off_id, m.joined_at, m.lead_id;

-- name: messages_by_status
-- How many mails stand where, for the metrics.
SELECT status, count(*) AS mails
  FROM message
 GROUP BY status
 ORDER BY status;
