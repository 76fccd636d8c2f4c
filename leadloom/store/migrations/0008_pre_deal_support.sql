-- A mail that its owner sees before it goes: held, skipped or released by them, and silence lets it go.

CREATE TABLE review (
    message_id    uuid PRIMARY KEY REFERENCES message,
    owner_id      uuid NOT NULL REFERENCES owner,
    opened_at     timestamptz NOT NULL,
    silent_until  timestamptz NOT NULL CHECK (silent_until >= opened_at),
    state         text NOT NULL CHECK (state IN ('open', 'held', 'released', 'skipped')),
    decided_at    timestamptz,
    decided_by    text,
    decided_via   text,
    edited_at     timestamptz,
    edited_by     text,
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((edited_at IS NULL) = (edited_by IS NULL))
);
COMMENT ON TABLE review IS 'A mail its owner sees before it goes: what they said, and until when silence may last. What they wrote anew stands in the values of the mail.';
-- coming_mails: what an owner may still say something about
CREATE INDEX review_owner ON review (owner_id, silent_until);

-- A mail somebody holds, and marketing mail to somebody who asked for a pause, wait like every other held mail.
CREATE OR REPLACE FUNCTION vetoes(at timestamptz)
RETURNS TABLE (message_id uuid, code text, detail text)
LANGUAGE sql STABLE AS $$
    SELECT m.message_id, said.code, said.detail
      FROM message m
      LEFT JOIN lead l ON l.lead_id = m.lead_id AND m.owner_id IS NULL
      LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
     CROSS JOIN LATERAL (
           SELECT 'suppressed' AS code, s.reason AS detail
             FROM suppression s
            WHERE s.lifted_at IS NULL AND s.scope = 'address' AND s.value = l.email
              AND (s.purpose IS NULL OR (s.purpose = m.purpose AND m.mail_class = 'marketing'))
           UNION ALL
           SELECT 'suppressed', s.reason
             FROM suppression s
            WHERE s.lifted_at IS NULL AND s.scope = 'domain' AND s.value = split_part(l.email, '@', 2)
              AND (s.purpose IS NULL OR (s.purpose = m.purpose AND m.mail_class = 'marketing'))
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
