-- What a publication did with each run under way, and pauses of a journey with a declared clock.

CREATE TABLE publication (
    publication_id  uuid PRIMARY KEY,
    journey         text NOT NULL,
    version         integer NOT NULL,
    hash            text NOT NULL,
    choice          jsonb NOT NULL,
    at              timestamptz NOT NULL,
    by              text NOT NULL,
    active_before   integer NOT NULL DEFAULT 0,
    status          text NOT NULL CHECK (status IN ('moving', 'done')),
    done_to         integer NOT NULL DEFAULT 0,
    done_at         timestamptz,
    CHECK ((status = 'done') = (done_at IS NOT NULL))
);
COMMENT ON TABLE publication IS 'A version of a journey put in force while runs were under way, and what it said about them.';
COMMENT ON COLUMN publication.active_before IS 'Runs that were under way on other versions, counted when their list was frozen. Equals migrated + finishing + exited, or nothing was published.';
COMMENT ON COLUMN publication.done_to IS 'Where moving the runs goes on: everybody up to this number has had their turn.';
-- publication_under_way: one at a time of a journey
CREATE UNIQUE INDEX publication_moving ON publication (journey) WHERE status = 'moving';
-- publications_of: the newest first
CREATE INDEX publication_journey ON publication (journey, version);

CREATE TABLE publication_run (
    publication_id  uuid NOT NULL REFERENCES publication,
    no              integer NOT NULL CHECK (no > 0),
    enrolment_id    uuid NOT NULL REFERENCES enrolment,
    hash_before     text NOT NULL,
    step_before     text NOT NULL,
    planned         text CHECK (planned IN ('migrated', 'finishing', 'exited')),
    fate            text CHECK (fate IN ('migrated', 'finishing', 'exited')),
    step_after      text,
    visit_after     integer,
    misses          text[] NOT NULL DEFAULT '{}',
    had_ended       boolean NOT NULL DEFAULT false,
    came_late       boolean NOT NULL DEFAULT false,
    decided_at      timestamptz,
    PRIMARY KEY (publication_id, no),
    UNIQUE (publication_id, enrolment_id),
    CHECK ((fate IS NULL) = (decided_at IS NULL))
);
COMMENT ON TABLE publication_run IS 'Each run that was under way at a publication, once, with its fate.';
COMMENT ON COLUMN publication_run.had_ended IS 'It came to an end by itself before its turn, so it finished on its own version.';
COMMENT ON COLUMN publication_run.came_late IS 'It began on an old version in the very moment of the publication; not in active_before.';

CREATE TABLE journey_pause (
    pause_id     uuid PRIMARY KEY,
    journey      text NOT NULL,
    paused_at    timestamptz NOT NULL,
    paused_by    text NOT NULL,
    clock        text NOT NULL CHECK (clock IN ('keep counting', 'restart', 'active only')),
    review_at    timestamptz NOT NULL CHECK (review_at > paused_at),
    why          text NOT NULL DEFAULT '',
    resumed_at   timestamptz CHECK (resumed_at >= paused_at),
    resumed_by   text,
    per_day      integer CHECK (per_day > 0),
    smooth_until timestamptz,
    done_to      integer NOT NULL DEFAULT 0,
    done_at      timestamptz,
    CHECK ((resumed_at IS NULL) = (resumed_by IS NULL)),
    CHECK ((resumed_at IS NULL) = (smooth_until IS NULL)),
    CHECK (done_at IS NULL OR resumed_at IS NOT NULL)
);
COMMENT ON TABLE journey_pause IS 'A time in which nothing of a journey went: its declared clock says how waits count, its review when somebody looks again.';
COMMENT ON COLUMN journey_pause.smooth_until IS 'Until then a run that was paused gets at most one mail a day.';
COMMENT ON COLUMN journey_pause.done_to IS 'Where waking the runs goes on after the resume: everybody up to this number was told.';
-- pauses_of_runs, vetoes: one open pause of a journey
CREATE UNIQUE INDEX journey_pause_open ON journey_pause (journey) WHERE resumed_at IS NULL;
CREATE INDEX journey_pause_journey ON journey_pause (journey, paused_at);

CREATE TABLE pause_run (
    pause_id      uuid NOT NULL REFERENCES journey_pause,
    no            integer NOT NULL CHECK (no > 0),
    enrolment_id  uuid NOT NULL REFERENCES enrolment,
    turn_at       timestamptz NOT NULL,
    gets          jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (pause_id, no),
    UNIQUE (pause_id, enrolment_id)
);
COMMENT ON TABLE pause_run IS 'Each run that a resume released: its turn, and what the preview said it would get and lose.';

-- A pause of the journey holds its mail to leads, like that of a campaign, until the run's turn after the resume.
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
           SELECT 'fenced', 'the database was restored: an operator must advance the epoch'
             FROM fence f
            WHERE m.claim_epoch IS NOT NULL AND m.claim_epoch <> f.epoch
           UNION ALL
           SELECT 'stopped', n.paused_why
             FROM lane n
            WHERE n.lane = m.lane AND n.paused_why IS NOT NULL) said
$$;
