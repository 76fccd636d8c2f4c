-- name: mail_health
-- What mailbox providers hold against a sender: of the mails to leads in a span, how many came back or were called
-- spam. Each lead counts once; a complaint about an old mail counts when it is made, as the providers count it.
SELECT (SELECT count(*)
          FROM message
         WHERE lead_id IS NOT NULL AND owner_id IS NULL AND status = 'sent' AND sent_at >= :since AND sent_at < :until
       ) AS sent,
       (SELECT count(DISTINCT lead_id) FROM event WHERE kind = 'bounced' AND at >= :since AND at < :until) AS bounced,
       (SELECT count(DISTINCT lead_id) FROM event WHERE kind = 'complained' AND at >= :since AND at < :until)
           AS complained;

-- name: mail_health_by
-- The same apart by class of mail and by where its reader's mailbox is, for who is called spam where. Complaints without a
-- mail we know are in the whole only.
WITH mails AS (
    SELECT m.mail_class, lower(split_part(l.email, '@', 2)) AS to_domain, count(*) AS sent
      FROM message m
      JOIN lead l ON l.lead_id = m.lead_id
     WHERE m.owner_id IS NULL AND m.status = 'sent' AND m.sent_at >= :since AND m.sent_at < :until
     GROUP BY 1, 2
), called AS (
    SELECT m.mail_class, lower(split_part(l.email, '@', 2)) AS to_domain, count(DISTINCT v.lead_id) AS complained
      FROM event v
      JOIN message m ON m.message_id::text = v.data ->> 'message_id'
      JOIN lead l ON l.lead_id = m.lead_id
     WHERE v.kind IN ('bounced', 'complained') AND v.kind = 'complained' AND v.at >= :since AND v.at < :until
     GROUP BY 1, 2
)
SELECT mail_class, COALESCE(to_domain, '') AS to_domain, COALESCE(sent, 0)::integer AS sent,
       COALESCE(complained, 0)::integer AS complained
  FROM mails
  FULL JOIN called USING (mail_class, to_domain)
 ORDER BY 1, 2;
