-- Rights of a person: what they chose, whom to leave alone by person and topic, and who was erased.

ALTER TABLE lead ADD COLUMN erased_at timestamptz;
COMMENT ON COLUMN lead.erased_at IS 'When everything that says who it was was taken out. The row stays, so that what is counted stays right.';

ALTER TABLE suppression
    DROP CONSTRAINT suppression_scope_check,
    ADD CONSTRAINT suppression_scope_check CHECK (scope IN ('address', 'domain', 'person', 'hash')),
    ADD COLUMN topic text,
    ADD COLUMN by text NOT NULL DEFAULT 'system',
    ADD COLUMN lifted_by text,
    ADD CONSTRAINT suppression_check CHECK (topic IS NULL OR purpose = 'marketing');
COMMENT ON COLUMN suppression.value IS 'By its scope: an address, a mail domain, a lead''s id (whatever their address), or the mark of an address (hash) of somebody who was erased.';
COMMENT ON COLUMN suppression.topic IS 'Only marketing mail of journeys about this topic; NULL is all mail of the purpose.';

DROP INDEX suppression_live;
CREATE UNIQUE INDEX suppression_live ON suppression (scope, value, COALESCE(purpose, ''), COALESCE(topic, ''))
 WHERE lifted_at IS NULL;

CREATE TABLE address_key (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    key  bytea NOT NULL DEFAULT sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))
);
COMMENT ON TABLE address_key IS 'What address_mark is made with, so that nobody without this row can test whom a mark means. Never changed: marks would be lost.';
INSERT INTO address_key DEFAULT VALUES;

-- What is kept of the address of somebody who was erased: enough to know it again, not enough to write to it. A keyed
-- hash that Postgres has, because the mark before the dot must compare it inside its own statement.
CREATE FUNCTION address_mark(address text)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(k.key || sha256(k.key || convert_to(lower(address), 'UTF8'))), 'hex') FROM address_key k
$$;

-- What stands against a person at an address now, by whatever scope: the one place that says so.
CREATE FUNCTION silences_on(lead_id uuid, address text)
RETURNS TABLE (suppression_id uuid, scope text, value text, purpose text, topic text, reason text, by text, at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT s.suppression_id, s.scope, s.value, s.purpose, s.topic, s.reason, s.by, s.at
      FROM suppression s
     WHERE s.lifted_at IS NULL AND s.scope = 'address' AND s.value = silences_on.address
    UNION ALL
    SELECT s.suppression_id, s.scope, s.value, s.purpose, s.topic, s.reason, s.by, s.at
      FROM suppression s
     WHERE s.lifted_at IS NULL AND s.scope = 'domain' AND s.value = split_part(silences_on.address, '@', 2)
    UNION ALL
    SELECT s.suppression_id, s.scope, s.value, s.purpose, s.topic, s.reason, s.by, s.at
      FROM suppression s
     WHERE s.lifted_at IS NULL AND s.scope = 'person' AND s.value = silences_on.lead_id::text
    UNION ALL
    SELECT s.suppression_id, s.scope, s.value, s.purpose, s.topic, s.reason, s.by, s.at
      FROM suppression s
     WHERE s.lifted_at IS NULL AND s.scope = 'hash' AND s.value = address_mark(silences_on.address)
$$;

CREATE TABLE preference_change (
    change_id   uuid PRIMARY KEY,
    lead_id     uuid NOT NULL REFERENCES lead,
    at          timestamptz NOT NULL,
    message_id  uuid REFERENCES message,
    before      jsonb NOT NULL,
    after       jsonb NOT NULL,
    proof       jsonb NOT NULL DEFAULT '{}',
    takes_back  uuid REFERENCES preference_change
);
COMMENT ON TABLE preference_change IS 'What a person chose on their preference page, through the link of which mail, and how they proved to be they. What was so before is kept, so that it can be taken back.';
-- last_preference_change: what may be taken back
CREATE INDEX preference_change_lead ON preference_change (lead_id, at);

CREATE OR REPLACE FUNCTION vetoes(at timestamptz)
RETURNS TABLE (message_id uuid, code text, detail text)
LANGUAGE sql STABLE AS $$
    SELECT m.message_id, said.code, said.detail
      FROM message m
      LEFT JOIN lead l ON l.lead_id = m.lead_id AND m.owner_id IS NULL
      LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
     CROSS JOIN LATERAL (
           SELECT CASE WHEN s.topic IS NULL THEN 'suppressed' ELSE 'topic_off' END AS code,
                  COALESCE(s.topic, s.reason) AS detail
             FROM silences_on(l.lead_id, l.email) s
            WHERE s.purpose IS NULL
               OR (s.purpose = m.purpose AND m.mail_class = 'marketing' AND (s.topic IS NULL OR s.topic = m.topic))
           UNION ALL
           SELECT 'no_address', 'the lead has no mail address'
            WHERE m.owner_id IS NULL AND l.email IS NULL
           UNION ALL
           SELECT 'no_basis', 'no permission of the kinds ' || array_to_string(m.needs_basis, ', ')
            WHERE m.needs_basis IS NOT NULL
              AND NOT EXISTS (
                  SELECT FROM basis b
                   WHERE b.lead_id = m.lead_id AND b.purpose = m.purpose AND b.channel = 'mail'
                     AND b.kind = ANY (m.needs_basis) AND b.at <= vetoes.at
                     AND (b.until IS NULL OR b.until > vetoes.at)
                     AND (b.revoked_at IS NULL OR b.revoked_at > vetoes.at))
           UNION ALL
           SELECT 'exited', COALESCE(e.outcome, 'the run ended')
            WHERE e.status = 'exited'
           UNION ALL
           SELECT 'decided', 'the hand-off is ' || h.state
             FROM hand_off h
            WHERE h.hand_off_id = m.hand_off_id
              AND m.step IN ('offer', 'remind') AND (h.state <> 'offered' OR h.assignment_no <> m.visit)
           UNION ALL
           SELECT 'held', 'sales is in conversation with the company'
            WHERE m.mail_class = 'marketing' AND m.owner_id IS NULL AND e.prospect
              AND (EXISTS (SELECT FROM hand_off h
                            WHERE h.lead_id = m.lead_id
                              AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL)))
                OR EXISTS (SELECT FROM hand_off h
                            WHERE h.account_id = l.account_id
                              AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL)))
                OR EXISTS (SELECT FROM deal d WHERE d.lead_id = m.lead_id AND d.stage = 'open')
                OR EXISTS (SELECT FROM deal d WHERE d.account_id = l.account_id AND d.stage = 'open'))
           UNION ALL
           SELECT CASE c.status WHEN 'paused' THEN 'held' ELSE 'exited' END, 'its campaign is ' || c.status
             FROM campaign c
            WHERE c.campaign_id = e.campaign_id AND m.owner_id IS NULL AND c.status IN ('paused', 'stopped')
           UNION ALL
           SELECT 'held', 'its journey is paused'
             FROM journey_pause p
            WHERE p.journey = e.journey AND m.owner_id IS NULL
              AND (p.resumed_at IS NULL
                OR EXISTS (SELECT FROM pause_run t
                            WHERE t.pause_id = p.pause_id AND t.enrolment_id = e.enrolment_id
                              AND t.turn_at > vetoes.at))
           UNION ALL
           SELECT 'held', 'held by ' || r.decided_by
             FROM review r
            WHERE r.message_id = m.message_id AND r.state = 'held'
           UNION ALL
           SELECT 'held', 'they asked us to pause'
            WHERE m.mail_class = 'marketing' AND m.owner_id IS NULL
              AND l.attributes ->> 'mail_paused_until' > to_char(vetoes.at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
           UNION ALL
           SELECT 'fenced', 'the database was restored: an operator must advance the epoch'
             FROM fence f
            WHERE m.claim_epoch IS NOT NULL AND m.claim_epoch <> f.epoch
           UNION ALL
           SELECT 'stopped', n.paused_why
             FROM lane n
            WHERE n.lane = m.lane AND n.paused_why IS NOT NULL) said
$$;
