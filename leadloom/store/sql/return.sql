-- name: returned_mail
-- Whose mail it is that something came back for: by the mail itself, which its token names.
SELECT m.message_id, m.lead_id, m.owner_id, m.enrolment_id, m.hand_off_id, m.mail, m.step, m.visit, m.status, m.asked_at,
       COALESCE(e.journey, 'hand-off') AS journey, l.email AS address, l.erased_at IS NOT NULL AS is_erased
  FROM message m
  LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
  LEFT JOIN lead l ON l.lead_id = m.lead_id AND m.owner_id IS NULL
 WHERE m.message_id = :message_id;

-- name: mail_of_wire_ids
-- The mail that one of these Message-IDs is of; the first of them that is one of ours.
SELECT m.message_id
  FROM unnest(:wire_ids::text[]) WITH ORDINALITY AS asked (wire_id, position)
  JOIN message m ON m.wire_id = asked.wire_id
 ORDER BY asked.position
 LIMIT 1;

-- name: mail_a_lead_got_last
-- The mail a lead got last: what an answer that names none is most likely to.
SELECT message_id
  FROM message
 WHERE lead_id = :lead_id AND owner_id IS NULL AND status IN ('sent', 'at_dot', 'uncertain') AND dot_at <= :at
 ORDER BY dot_at DESC, message_id
 LIMIT 1;

-- name: keep_return
-- What came back, once: the same bytes, or the same event of a provider, are known by their key.
INSERT INTO mail_return (
    return_id, key, via, at, kind, reason, status, code, why, diagnostic, subject, sender, said, returns_on, has_left,
    matched_by, message_id, lead_id, address, envelope_to, envelope_from, raw, event, asks)
VALUES (
    :return_id, :key, :via, :at, :kind, :reason, :status, :code, :why, :diagnostic, :subject, :sender, :said,
    :returns_on, :has_left, :matched_by, :message_id, :lead_id, :address, :envelope_to, :envelope_from, :raw, :event,
    :asks)
    ON CONFLICT (key) DO NOTHING
RETURNING return_id;

-- name: return_done
-- What followed, beside what came back.
UPDATE mail_return SET done = :done, asks = :asks WHERE return_id = :return_id;

-- name: return_of_key
-- The same bytes, or the same event, taken before.
SELECT return_id FROM mail_return WHERE key = :key;

-- name: return_in_short
-- What was made of it, for whoever handed it in.
SELECT return_id, kind, reason, matched_by, message_id, lead_id, done, asks
  FROM mail_return
 WHERE return_id = :return_id;

-- name: read_return_again
-- Better rules, or a lead that is known by now: only a reading that says something else is written, and acted upon.
UPDATE mail_return
   SET kind = :kind, reason = :reason, status = :status, code = :code, why = :why, diagnostic = :diagnostic,
       said = :said, returns_on = :returns_on, has_left = :has_left, matched_by = :matched_by,
       message_id = :message_id, lead_id = :lead_id, address = :address
 WHERE return_id = :return_id
   AND (kind, reason, matched_by) IS DISTINCT FROM (:kind::text, :reason::text, :matched_by::text)
RETURNING return_id;

-- name: bounces_before
-- Earlier bounces of an address: a disabled or full mailbox counts when it stays so.
SELECT reason, at
  FROM mail_return
 WHERE lead_id = :lead_id AND address = :address AND kind = 'bounce' AND reason = :reason
   AND return_id <> :return_id AND matched_by IN ('token', 'message_id')
 ORDER BY at;

-- name: last_life
-- The last proof that somebody reads there: a delivery notice, or whatever a person did.
SELECT max(at) AS at
  FROM (SELECT r.at
          FROM mail_return r
         WHERE r.lead_id = :lead_id AND r.kind IN ('delivered', 'reply')
         UNION ALL
        SELECT v.at
          FROM event v
         WHERE v.lead_id = :lead_id AND v.verdict = 'human' AND v.kind = ANY (:responses::text[])) life;

-- name: returns
-- What came back, newest first; by kind, or only what a person should look at.
SELECT return_id, via, at, kind, reason, status, code, why, diagnostic, subject, sender, said, returns_on, has_left,
       matched_by, message_id, lead_id, address, done, asks, looked_by, looked_at, looked_why
  FROM mail_return
 WHERE (:kind::text IS NULL OR kind = :kind)
   AND (:lead_id::uuid IS NULL OR lead_id = :lead_id)
   AND (NOT :asks_only::boolean OR asks)
 ORDER BY at DESC, return_id
 LIMIT :page_limit::integer;

-- name: return_by_id
-- One thing that came back, with its bytes.
SELECT return_id, via, at, kind, reason, status, code, why, diagnostic, subject, sender, said, returns_on, has_left,
       matched_by, message_id, lead_id, address, done, asks, looked_by, looked_at, looked_why, envelope_to,
       envelope_from, raw, event
  FROM mail_return
 WHERE return_id = :return_id;

-- name: returns_by_kind
-- How much of what came back since an instant.
SELECT kind, reason, count(*) AS returns, count(*) FILTER (WHERE asks) AS asking
  FROM mail_return
 WHERE at >= :since
 GROUP BY kind, reason
 ORDER BY kind, reason;

-- name: look_at_return
-- A person looked at it: it asks no more.
UPDATE mail_return
   SET asks = false, looked_by = :by, looked_at = :at, looked_why = :why
 WHERE return_id = :return_id
RETURNING return_id;

-- name: forget_returns
-- What people wrote is kept for some time only; what it was taken for, and what was done, stays.
UPDATE mail_return
   SET raw = NULL, event = NULL, said = '', subject = '', sender = NULL, diagnostic = NULL, envelope_to = NULL,
       envelope_from = NULL
 WHERE return_id IN (SELECT return_id
                       FROM mail_return
                      WHERE at < :before AND (raw IS NOT NULL OR event IS NOT NULL)
                      ORDER BY at
                      LIMIT :page_limit::integer)
RETURNING return_id;

-- name: errands_given
-- How often a run has given its owner this task: the next one is another visit.
SELECT count(*) FROM task WHERE enrolment_id = :enrolment_id AND step = :step;

-- name: signed_by
-- Who signed a mail: an answer to it is theirs to read.
SELECT sender FROM message WHERE message_id = :message_id AND owner_id IS NULL;

-- name: passed_on
-- What a mail passes on to its owner: the answer, and who wrote it as far as we know them.
SELECT r.return_id, m.lead_id, COALESCE(r.sender, l.email, '') AS sender, r.subject, r.said, r.at, r.raw,
       concat_ws(' ', l.first_name, l.last_name) AS lead_name, COALESCE(a.name, l.company, '') AS lead_company
  FROM message m
  JOIN mail_return r ON r.return_id = m.return_id
  JOIN lead l ON l.lead_id = m.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE m.message_id = :message_id;

-- name: passed_on_raw
-- The answer as it came, to be sent along.
SELECT r.raw
  FROM message m
  JOIN mail_return r ON r.return_id = m.return_id
 WHERE m.message_id = :message_id;

-- name: held_mails
-- Mail of people nobody knows, to a mailbox of ours, whose sender no mail system of ours vouches for: the oldest that
-- waits first, then what somebody looked at lately. Gone with its bytes, which nobody could take any more.
SELECT return_id, via, at, kind, reason, status, code, why, diagnostic, subject, sender, said, returns_on, has_left,
       matched_by, message_id, lead_id, address, done, asks, looked_by, looked_at, looked_why
  FROM mail_return
 WHERE kind = 'reply'
   AND lead_id IS NULL
   AND raw IS NOT NULL
   AND done @> ARRAY[:held::text]
   AND (looked_at IS NULL OR looked_at >= :looked_since)
 ORDER BY looked_at IS NOT NULL, at, return_id
 LIMIT :page_limit::integer;
