-- name: grant_bases
-- Permissions with their proof; the same one told twice (a repeated request, a list read again) is one row. An entry of
-- a log: what a "no" that stands there means for it is for whoever reads (bases_on). Each row is looked up by its index
-- (OFFSET 0 is a fence): as a join it would read every permission there is.
INSERT INTO basis (basis_id, lead_id, act, purpose, channel, kind, source, wording, text_hash, at, until, proof)
SELECT DISTINCT ON (lead_id, act, purpose, channel, kind, source, at)
       basis_id, lead_id, act, purpose, channel, kind, source, wording, text_hash, at, until, proof
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       basis_id uuid, lead_id uuid, act text, purpose text, channel text, kind text, source text, wording text,
       text_hash text, at timestamptz, until timestamptz, proof jsonb)
 WHERE NOT EXISTS (
       SELECT FROM basis b
        WHERE b.lead_id = r.lead_id
          AND b.purpose = r.purpose
          AND b.channel = r.channel
          AND b.act = r.act
          AND b.kind = r.kind
          AND b.source = r.source
          AND b.at = r.at
       OFFSET 0)
RETURNING lead_id;

-- name: bases_of_leads
-- The whole log of some leads, each permission with what ended it, for gates, sending and the preference page. A "no" ends all that
-- was given before it, and what nobody says themselves also when it is written later: as bases_on has it.
SELECT b.lead_id, b.act, b.purpose, b.channel, b.kind, b.source, b.wording, b.text_hash, b.at, b.until, b.proof,
       (SELECT min(GREATEST(w.at, b.at))
          FROM basis w
         WHERE b.act <> 'withdrawn' AND w.lead_id = b.lead_id AND w.purpose = b.purpose AND w.channel = b.channel AND w.act = 'withdrawn'
           AND (w.at >= b.at OR b.kind NOT IN ('express', 'double-opt-in'))) AS revoked_at
  FROM basis b
 WHERE b.lead_id = ANY (:lead_ids::uuid[])
 ORDER BY b.lead_id, b.at, b.basis_id;

-- name: withdraw
-- The person took it back, or silence did: an entry that ends every kind of permission given before it.
INSERT INTO basis (basis_id, lead_id, act, purpose, channel, kind, source, wording, at, proof)
SELECT basis_id, lead_id, 'withdrawn', purpose, channel, 'none', source, '', at, proof
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       basis_id uuid, lead_id uuid, purpose text, channel text, source text, at timestamptz, proof jsonb)
 WHERE NOT EXISTS (
       SELECT FROM basis b
        WHERE b.lead_id = r.lead_id AND b.purpose = r.purpose AND b.channel = r.channel
          AND b.act = 'withdrawn' AND b.at = r.at
       OFFSET 0);

-- name: keep_basis_rules
-- The policy table of the definition in force, as the mark before the dot asks it.
INSERT INTO basis_rule (mail_class, purpose, channel, country, kinds)
SELECT mail_class, purpose, channel, country, kinds
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       mail_class text, purpose text, channel text, country text, kinds text[])
    ON CONFLICT (mail_class, purpose, channel, country) DO UPDATE SET kinds = excluded.kinds;

-- name: drop_basis_rules
-- Lines that the definition in force doesn't have any more.
DELETE FROM basis_rule k
 WHERE NOT EXISTS (
       SELECT FROM jsonb_to_recordset(:rows::jsonb) AS r (mail_class text, purpose text, channel text, country text)
        WHERE (r.mail_class, r.purpose, r.channel, r.country) = (k.mail_class, k.purpose, k.channel, k.country));

-- name: suppress
-- Leave addresses, domains, people or marks alone; one live row per scope, value, purpose and topic. In order, so that
-- two lists of the same addresses can't deadlock.
INSERT INTO suppression (suppression_id, scope, value, purpose, topic, reason, by, at)
SELECT suppression_id, scope, value, purpose, topic, reason, by, at
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       suppression_id uuid, scope text, value text, purpose text, topic text, reason text, by text, at timestamptz)
 ORDER BY scope, value, purpose, topic
    ON CONFLICT (scope, value, COALESCE(purpose, ''), COALESCE(topic, '')) WHERE lifted_at IS NULL DO NOTHING
RETURNING suppression_id;

-- name: suppressions_of
-- What stands against an address, and the person it belongs to, now.
SELECT suppression_id, scope, value, purpose, topic, reason, by, at
  FROM silences_on(:lead_id::uuid, :email)
 ORDER BY at, suppression_id;

-- name: suppressions_of_leads
-- What stands against some people and their addresses, now.
SELECT l.lead_id, s.suppression_id, s.scope, s.value, s.purpose, s.topic, s.reason, s.by, s.at
  FROM lead l
 CROSS JOIN LATERAL silences_on(l.lead_id, l.email) s
 WHERE l.lead_id = ANY (:lead_ids::uuid[])
 ORDER BY l.lead_id, s.at, s.suppression_id;

-- name: topics_off
-- Which topics these people turned off, or somebody for them.
SELECT l.lead_id, s.topic
  FROM lead l
 CROSS JOIN LATERAL silences_on(l.lead_id, l.email) s
 WHERE l.lead_id = ANY (:lead_ids::uuid[])
   AND s.topic IS NOT NULL
 ORDER BY l.lead_id, s.topic;

-- name: call_off_topics
-- Planned marketing mail of topics that were turned off just now: it gives its room in the calendar away at once.
UPDATE message
   SET status = 'suppressed', settled_at = :at,
       reason = 'This ' || mail_class || ' mail doesn''t go: ' || :words || ' (' || topic || ').'
 WHERE lead_id = :lead_id AND owner_id IS NULL AND mail_class = 'marketing' AND topic = ANY (:topics::text[])
   AND status IN ('reserved', 'deferred', 'held')
RETURNING message_id;

-- name: call_back_topics
-- The person took it back: what was called off by that very choice is planned again, if its run and its worth last.
UPDATE message m
   SET status = 'reserved', settled_at = NULL, reason = NULL, not_before = GREATEST(m.not_before, :at)
 WHERE m.lead_id = :lead_id AND m.owner_id IS NULL AND m.mail_class = 'marketing' AND m.topic = ANY (:topics::text[])
   AND m.status = 'suppressed' AND m.settled_at = :called_off_at AND m.deadline > :at
   AND NOT EXISTS (SELECT FROM enrolment e WHERE e.enrolment_id = m.enrolment_id AND e.status = 'exited');

-- name: lift_topics
-- The person wants to hear of these again: only they can say so.
UPDATE suppression
   SET lifted_at = :at, lifted_why = 'turned on again by the person', lifted_by = 'lead'
 WHERE scope = 'person' AND value = :lead_id::uuid::text AND purpose = 'marketing' AND topic = ANY (:topics::text[])
   AND lifted_at IS NULL;

-- name: lift_suppression
-- An operator lets mail go there again; the row stays, with the reason.
UPDATE suppression
   SET lifted_at = :at,
       lifted_why = :why,
       lifted_by = :by
 WHERE suppression_id = :suppression_id
   AND lifted_at IS NULL;

-- name: lift_by_yes
-- A later express permission undoes an unsubscribe of the same purpose, and nothing graver. Rows of leads that are
-- being written at this moment bring their address; the others' are looked up one by one: a join may read every lead.
-- Who was erased comes back by a link in a mail of ours alone (its proof names the mail): no list can say it for them.
UPDATE suppression s
   SET lifted_at = r.at,
       lifted_why = 'allowed again: ' || r.source,
       lifted_by = 'lead'
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       lead_id uuid, email text, purpose text, source text, at timestamptz, proof jsonb)
 CROSS JOIN LATERAL (
       SELECT COALESCE(r.email, (SELECT l.email FROM lead l WHERE l.lead_id = r.lead_id)) AS address OFFSET 0) AS told
 WHERE ((s.scope = 'address' AND s.value = told.address AND s.reason = 'unsubscribed')
     OR (s.scope = 'person' AND s.value = r.lead_id::text AND s.reason = 'unsubscribed')
     OR (s.scope = 'hash' AND s.value = address_mark(told.address) AND r.proof ? 'message_id'))
   AND s.purpose = r.purpose
   AND s.topic IS NULL
   AND s.at < r.at
   AND s.lifted_at IS NULL;

-- name: list_suppressions
-- What must be left alone, newest first, for whoever looks after it; lifted ones only when they are asked for.
SELECT suppression_id, scope, value, purpose, topic, reason, by, at, lifted_at, lifted_by, lifted_why
  FROM suppression
 WHERE (:lifted_too::boolean OR lifted_at IS NULL)
   AND (:scope::text IS NULL OR scope = :scope)
   AND (:value::text IS NULL OR value = :value)
 ORDER BY at DESC, suppression_id
 LIMIT :page_limit::integer;

-- name: suppression_by_id
-- One suppression as an operator decides about it, held.
SELECT suppression_id, scope, value, purpose, topic, reason, by, at, lifted_at, lifted_by, lifted_why
  FROM suppression
 WHERE suppression_id = :suppression_id
   FOR UPDATE;

-- name: lift_suppression_list
-- A list that was a mistake: its own rows that still stand, not those that stood before it or were said since.
UPDATE suppression
   SET lifted_at = :at, lifted_why = :why, lifted_by = :by
 WHERE at = :listed_at AND suppression.by = :listed_by AND reason = :reason AND lifted_at IS NULL;
