-- An owner's errand about mail that came back outlasts the run it came back to: its notice goes although the run has ended.

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
