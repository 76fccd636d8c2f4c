-- Consent is a log: a withdrawal is an entry, a tick may wait for its confirmation, and the mark before the dot asks the
-- policy table in force instead of what sufficed when the mail was planned.

ALTER TABLE basis
    ADD COLUMN act text NOT NULL DEFAULT 'given' CHECK (act IN ('given', 'asked', 'withdrawn')),
    ADD COLUMN text_hash text,
    ADD CHECK (act <> 'asked' OR until IS NOT NULL);
COMMENT ON TABLE basis IS 'What a person allowed, was asked to confirm, or took back: a log by person, purpose and channel. What holds at an instant is worked out (bases_on).';
COMMENT ON COLUMN basis.revoked_at IS 'Written before a withdrawal was an entry of its own; nothing reads it.';
COMMENT ON COLUMN basis.text_hash IS 'The published version of the text they saw (published, kind consent-text).';
COMMENT ON COLUMN basis.act IS 'given: a permission, until its date; asked: a tick that waits for its confirmation, no permission; withdrawn: ends all that was given before for the purpose and channel.';
COMMENT ON COLUMN message.needs_basis IS 'Which kinds sufficed when it was planned; whether it may go is asked of basis_rule.';

-- bases_on: who said no
CREATE INDEX basis_withdrawn ON basis (lead_id, purpose, channel, at) WHERE act = 'withdrawn';

-- What ended before becomes entries: each "no" that is known, and each end of a permission that no such event told.
INSERT INTO basis (basis_id, lead_id, act, purpose, channel, kind, source, wording, at)
SELECT gen_random_uuid(), said.lead_id, 'withdrawn', said.purpose, said.channel, 'none', said.source, '', said.at
  FROM (SELECT lead_id, purpose, channel, min(source) AS source, at
          FROM (SELECT lead_id, 'marketing' AS purpose, 'mail' AS channel, kind AS source, at
                  FROM event WHERE kind IN ('unsubscribed', 'let_go')
                 UNION ALL
                SELECT lead_id, purpose, channel, 'withdrawn', revoked_at
                  FROM basis WHERE revoked_at > at) every
         GROUP BY lead_id, purpose, channel, at) said;

CREATE TABLE basis_rule (
    mail_class  text NOT NULL,
    purpose     text NOT NULL,
    channel     text NOT NULL,
    country     text COLLATE "C" NOT NULL,
    kinds       text[] NOT NULL,
    PRIMARY KEY (mail_class, purpose, channel, country)
);
COMMENT ON TABLE basis_rule IS 'Which kinds of basis suffice, by the definition in force, for the mark to ask; ? is an unknown country, * all that has no row. A message class without rows needs none.';

-- Which permissions a person has given that hold at an instant: the one place that says so. A "no" ends all that was
-- given before it, and what nobody says themselves (a list, a rule) also when it is written later.
CREATE FUNCTION bases_on(lead_id uuid, purpose text, channel text, at timestamptz)
RETURNS TABLE (basis_id uuid, kind text, source text, given_at timestamptz, until timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT b.basis_id, b.kind, b.source, b.at, b.until
      FROM basis b
     WHERE b.lead_id = bases_on.lead_id AND b.purpose = bases_on.purpose AND b.channel = bases_on.channel
       AND b.act = 'given' AND b.at <= bases_on.at AND (b.until IS NULL OR b.until > bases_on.at)
       AND NOT EXISTS (
           SELECT FROM basis w
            WHERE w.lead_id = b.lead_id AND w.purpose = b.purpose AND w.channel = b.channel AND w.act = 'withdrawn'
              AND w.at <= bases_on.at
              AND (w.at >= b.at OR b.kind NOT IN ('express', 'double-opt-in')))
$$;

-- Which kinds suffice for such a message to a person of that country; no row when its class needs none.
CREATE FUNCTION sufficing_in(mail_class text, purpose text, channel text, country text)
RETURNS TABLE (kinds text[])
LANGUAGE sql STABLE AS $$
    SELECT r.kinds
      FROM basis_rule r
     WHERE r.mail_class = sufficing_in.mail_class AND r.purpose = sufficing_in.purpose
       AND r.channel = sufficing_in.channel AND r.country IN (upper(sufficing_in.country), '*')
     ORDER BY r.country DESC
     LIMIT 1
$$;

-- The policy of the definition in force, so that nothing goes without one between this and the next publishing.
WITH policy AS (
    SELECT body FROM published WHERE kind = 'definition' ORDER BY published_at DESC, version DESC LIMIT 1
), listed AS (
    SELECT r.no, r.row, ARRAY (SELECT jsonb_array_elements_text(r.row -> 'kinds')) AS kinds
      FROM policy p
     CROSS JOIN LATERAL jsonb_array_elements(p.body -> 'mail' -> 'basis') WITH ORDINALITY AS r (row, no)
), named AS (
    SELECT DISTINCT ON (c.country) c.country, l.kinds
      FROM listed l
     CROSS JOIN LATERAL jsonb_array_elements_text(NULLIF(l.row -> 'countries', 'null')) AS c (country)
     ORDER BY c.country, l.no
), elsewhere AS (
    SELECT kinds FROM listed WHERE NULLIF(row -> 'countries', 'null') IS NULL ORDER BY no LIMIT 1
), every AS (
    SELECT country, kinds FROM named
    UNION ALL
    SELECT '*', kinds FROM elsewhere
    UNION ALL
    SELECT '?', ARRAY (SELECT k FROM unnest(e.kinds) k
                        WHERE NOT EXISTS (SELECT FROM named n WHERE k <> ALL (n.kinds)))
      FROM elsewhere e
)
INSERT INTO basis_rule (mail_class, purpose, channel, country, kinds)
SELECT c.name, 'marketing', 'mail', e.country, e.kinds
  FROM policy p
 CROSS JOIN LATERAL jsonb_each(p.body -> 'mail' -> 'classes') AS c (name, says)
 CROSS JOIN every e
 WHERE (c.says ->> 'basis')::boolean;

-- Law 6: the one place that says what stops a mail, with the basis as it is at that instant.
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
           SELECT 'no_basis', 'no basis that suffices in ' || replace(lives.country, '?', 'an unknown country') || ': has '
                  || COALESCE((SELECT string_agg(DISTINCT b.kind, ', ')
                                 FROM bases_on(m.lead_id, m.purpose, 'mail', vetoes.at) b), 'none')
                  || ', needs ' || COALESCE(NULLIF(array_to_string(rule.kinds, ' or '), ''), 'what nobody can have')
             FROM (SELECT COALESCE(NULLIF(l.country, ''), NULLIF((SELECT a.country FROM account a
                                                                   WHERE a.account_id = l.account_id), ''), '?')
                    WHERE m.owner_id IS NULL) lives (country)
            CROSS JOIN LATERAL sufficing_in(m.mail_class, m.purpose, 'mail', lives.country) rule
            WHERE NOT EXISTS (
                  SELECT FROM bases_on(m.lead_id, m.purpose, 'mail', vetoes.at) b WHERE b.kind = ANY (rule.kinds))
           UNION ALL
           SELECT 'exited', COALESCE(e.outcome, 'the run ended')
            WHERE e.status = 'exited'
              -- What an owner has to do about mail that came back outlasts the run it came back to.
              AND NOT (m.owner_id IS NOT NULL
                   AND EXISTS (SELECT FROM task t
                                WHERE t.enrolment_id = m.enrolment_id AND t.step = m.step AND t.visit = m.visit
                                  AND t.status = 'open'))
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
