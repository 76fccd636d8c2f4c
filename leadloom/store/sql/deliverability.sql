-- name: mails_received
-- How mails to leads of a span were received: by class, and by the host of the reader's mailbox. What counts as come
-- back here is the same in list_mails, so that a number and its rows agree.
SELECT m.mail_class, COALESCE(lower(split_part(l.email, '@', 2)), '') AS host,
       count(*) FILTER (WHERE m.status = 'sent')::integer AS sent,
       count(*) FILTER (WHERE m.status = 'refused')::integer AS refused,
       count(*) FILTER (WHERE m.status = 'sent' AND EXISTS (
           SELECT FROM mail_return r WHERE r.message_id = m.message_id AND r.kind = 'bounce'))::integer AS bounced,
       count(*) FILTER (WHERE m.status = 'sent' AND EXISTS (
           SELECT FROM mail_return r WHERE r.message_id = m.message_id AND r.kind = 'complaint'))::integer AS complained
  FROM message m
  JOIN lead l ON l.lead_id = m.lead_id
 WHERE m.owner_id IS NULL AND m.status IN ('sent', 'refused')
   AND COALESCE(m.sent_at, m.settled_at) >= :since
 GROUP BY m.mail_class, host
 ORDER BY m.mail_class, host;

-- name: hosts_of_readers
-- Every host of mailboxes that mails to leads are for, sent or not yet: which of them a provider stands behind is
-- decided elsewhere.
SELECT DISTINCT lower(split_part(l.email, '@', 2)) AS host
  FROM message m
  JOIN lead l ON l.lead_id = m.lead_id
 WHERE m.owner_id IS NULL AND l.email IS NOT NULL
 ORDER BY host;

-- name: what_came_back
-- What came back since, by what it is and why; how much of it asks for a person.
SELECT kind, reason, count(*)::integer AS count, count(*) FILTER (WHERE asks)::integer AS asking
  FROM mail_return
 WHERE at >= :since
 GROUP BY kind, reason
 ORDER BY count(*) DESC, kind, reason;

-- name: warm_up_so_far
-- What sender domains have sent on a day of their warm-up.
SELECT domain, sent
  FROM warm_day
 WHERE day = :day
 ORDER BY domain;

-- name: waiting_by_kept
-- Due mails that wait for a rate, a warm-up, a relay or a sender domain, with the first instant at which one goes on.
SELECT kept_why, count(*)::integer AS count, min(slot_at) AS next_at
  FROM message
 WHERE status IN ('reserved', 'deferred') AND kept_why IS NOT NULL
 GROUP BY kept_why
 ORDER BY kept_why;

-- name: open_mails_by_domain
-- Mails to leads that are not settled: those on their way at this moment, and those that wait or are planned.
SELECT lower(split_part(l.email, '@', 2)) AS domain,
       count(*) FILTER (WHERE m.status IN ('claimed', 'at_dot'))::integer AS under_way,
       count(*) FILTER (WHERE m.status IN ('reserved', 'deferred'))::integer AS planned
  FROM message m
  JOIN lead l ON l.lead_id = m.lead_id
 WHERE m.owner_id IS NULL AND m.status IN ('reserved', 'deferred', 'claimed', 'at_dot') AND l.email IS NOT NULL
 GROUP BY domain
 ORDER BY domain;

-- name: mails_of_stopped_templates
-- What the numbers about a stopped template count, each opening its rows: as list_mails and list_returns count them.
SELECT s.template_hash,
       (SELECT count(*) FROM message m
         WHERE m.template_hash = s.template_hash AND m.owner_id IS NULL AND m.status = 'sent')::integer AS sent,
       (SELECT count(*) FROM message m
         WHERE m.template_hash = s.template_hash AND m.owner_id IS NULL AND m.kept_why = 'template_stopped'
           AND m.status IN ('reserved', 'deferred'))::integer AS kept,
       (SELECT count(*) FROM mail_return r JOIN message m ON m.message_id = r.message_id
         WHERE m.template_hash = s.template_hash AND r.kind = 'bounce')::integer AS bounced
  FROM template_stop s
 WHERE s.stopped_at IS NOT NULL
 ORDER BY s.template_hash;
