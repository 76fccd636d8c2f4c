-- name: returns_against_us
-- Bounces since then that are not about an address, each with the mail it is surely of: what may be true of everybody.
SELECT r.message_id, r.reason, r.via, r.at, m.lead_id, m.template_hash, m.relay,
       lower(split_part(COALESCE(r.address, l.email), '@', 2)) AS to_domain
  FROM mail_return r
  JOIN message m ON m.message_id = r.message_id
  JOIN lead l ON l.lead_id = m.lead_id
 WHERE r.at >= :since AND r.kind = 'bounce' AND r.matched_by IN ('token', 'message_id') AND m.owner_id IS NULL
   AND r.reason IN ('reputation', 'policy', 'spam', 'auth', 'rate', 'too_big', 'content', 'syntax')
 ORDER BY r.at, r.return_id;

-- name: mails_of_templates
-- How many were sent of templates in doubt.
SELECT template_hash, count(*)::integer AS mails
  FROM message
 WHERE template_hash = ANY (:hashes::text[]) AND dot_at >= :since AND owner_id IS NULL
 GROUP BY template_hash;

-- name: mails_to_domains
-- How many were sent over each relay to whom.
SELECT m.relay, lower(split_part(l.email, '@', 2)) AS to_domain, count(*)::integer AS mails
  FROM message m
  JOIN lead l ON l.lead_id = m.lead_id
 WHERE m.sent_at >= :since AND m.owner_id IS NULL AND m.relay = ANY (:relays::text[])
 GROUP BY 1, 2;

-- name: template_stops
-- Templates that were ever stopped: the operator's list.
SELECT s.template_hash, COALESCE(p.name, '') AS name, s.refused, s.sent, s.why, s.stopped_at, s.resumed_at
  FROM template_stop s
  LEFT JOIN LATERAL (SELECT p.name FROM published p WHERE p.kind = 'template' AND p.hash = s.template_hash LIMIT 1) p ON true
 ORDER BY s.stopped_at DESC NULLS LAST, s.template_hash;

-- name: stopped_templates
-- What no claim takes.
SELECT template_hash
  FROM template_stop
 WHERE stopped_at IS NOT NULL;

-- name: stop_template
-- It was refused for what it is: nothing of it leaves. Stopped already, it stays as it was.
INSERT INTO template_stop (template_hash, refused, sent, why, stopped_at)
VALUES (:template_hash, :refused, :sent, :why, :at)
    ON CONFLICT (template_hash) DO UPDATE
   SET refused = EXCLUDED.refused, sent = EXCLUDED.sent, why = EXCLUDED.why, stopped_at = EXCLUDED.stopped_at
 WHERE template_stop.stopped_at IS NULL;

-- name: resume_template
-- An operator has looked: it goes on, and refusals are counted from now.
UPDATE template_stop
   SET stopped_at = NULL, resumed_at = :at
 WHERE starts_with(template_hash, :template_hash) AND length(:template_hash) >= 8
RETURNING template_hash;

-- name: relays_tried_since
-- When an operator had a relay tried again: what came back before counts no more.
SELECT substr(subject, 7) AS relay, max(at) AS at
  FROM audit
 WHERE subject = ANY (:subjects::text[]) AND action = 'tried a relay again'
 GROUP BY subject;
