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
