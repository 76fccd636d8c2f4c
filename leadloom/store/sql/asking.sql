-- name: asked_mail
-- What became of a mail that was asked for.
SELECT message_id, step, visit, status, slot_at, sent_at
  FROM message
 WHERE message_id = :message_id;

-- name: asked_already
-- Asked for before? The id is made of the key (run or hand-off, step, visit).
SELECT message_id
  FROM message
 WHERE message_id = ANY (:message_ids::uuid[]);

-- name: insert_messages
-- One row for each send, before anything else knows of it.
INSERT INTO message (
    message_id, enrolment_id, hand_off_id, step, visit, lead_id, owner_id, account_id, mail, template_hash, mail_class,
    sender, purpose, needs_basis, lane, priority, turn, status, asked_at, not_before, slot_at, deadline, jitter_s)
SELECT r.message_id, r.enrolment_id, r.hand_off_id, r.step, r.visit, r.lead_id, r.owner_id, r.account_id, r.mail,
       r.template_hash, r.mail_class, r.sender, r.purpose, r.needs_basis, r.lane, r.priority,
       COALESCE((SELECT COALESCE(e.campaign_id::text, e.journey)
                   FROM enrolment e WHERE e.enrolment_id = r.enrolment_id), 'hand-off'),
       'reserved', r.asked_at, r.asked_at, r.asked_at, r.deadline, r.jitter_s
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       message_id uuid, enrolment_id uuid, hand_off_id uuid, step text, visit integer, lead_id uuid, owner_id uuid,
       account_id uuid, mail text, template_hash text, mail_class text, sender text, purpose text, needs_basis text[],
       lane text, priority integer, asked_at timestamptz, deadline timestamptz, jitter_s integer);
