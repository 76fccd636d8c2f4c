-- name: complaint_counts
-- Mails of the last days by class, and those of them that somebody called spam: what complaint rates are made of.
SELECT m.mail_class, count(*)::integer AS sent,
       count(*) FILTER (WHERE EXISTS (SELECT FROM event v
                                       WHERE v.kind = 'complained' AND v.lead_id = m.lead_id AND v.at >= m.sent_at
                                         AND COALESCE(v.data ->> 'message_id', m.message_id::text)
                                             = m.message_id::text))::integer AS complaints
  FROM message m
 WHERE m.sent_at >= :since AND m.owner_id IS NULL
   AND (:forgiven_at::timestamptz IS NULL OR m.sent_at >= :forgiven_at)
   AND m.mail_class = ANY (:classes::text[])
 GROUP BY m.mail_class;

-- name: any_complaint_since
-- Whether there is anything to count at all.
SELECT EXISTS (SELECT FROM event WHERE kind IN ('bounced', 'complained') AND kind = 'complained' AND at >= :since);

-- name: all_sender_domains
-- What complaints said when they were last counted: the operator's list.
SELECT domain, sent, complaints, looked_at, alarm_since, stopped_at, forgiven_at
  FROM sender_domain
 ORDER BY domain;

-- name: keep_sender_domain
-- As counted now; an alarm and a stop keep the instant at which they began.
INSERT INTO sender_domain (domain, sent, complaints, looked_at, alarm_since, stopped_at)
VALUES (:domain, :sent, :complaints, :at, CASE WHEN :alarms::boolean THEN :at::timestamptz END,
        CASE WHEN :stops::boolean THEN :at::timestamptz END)
    ON CONFLICT (domain) DO UPDATE
   SET sent = EXCLUDED.sent, complaints = EXCLUDED.complaints, looked_at = EXCLUDED.looked_at,
       alarm_since = CASE WHEN :alarms THEN COALESCE(sender_domain.alarm_since, EXCLUDED.alarm_since) END,
       stopped_at = COALESCE(sender_domain.stopped_at, EXCLUDED.stopped_at);

-- name: resume_sender_domain
-- An operator has mended the cause: mail goes on, and only what is sent from now on is counted.
UPDATE sender_domain
   SET stopped_at = NULL, alarm_since = NULL, forgiven_at = :at
 WHERE domain = :domain
RETURNING domain;
