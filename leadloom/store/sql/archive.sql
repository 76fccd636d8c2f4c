-- name: letters_sent
-- When letters first went to anybody, and as what class of mail: what was never sent stands in no archive.
SELECT e.journey, m.mail, min(m.mail_class) AS mail_class, min(m.sent_at) AS sent_at
  FROM message m
  JOIN enrolment e USING (enrolment_id)
 WHERE m.status = 'sent' AND e.journey || '/' || m.mail = ANY (:names::text[])
 GROUP BY 1, 2;
