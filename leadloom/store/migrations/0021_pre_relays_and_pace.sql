-- Several relays, rates that all lanes share, the warm-up of sender domains, and what makes a group of mails rest.

ALTER TABLE message ADD COLUMN relay text;
ALTER TABLE message ADD COLUMN kept_why text;
ALTER TABLE message ADD COLUMN paced_at timestamptz;
ALTER TABLE message ADD COLUMN deferred_since timestamptz;
ALTER TABLE message ADD CHECK (kept_why IN ('warm_up', 'provider_pace', 'company_pace', 'relay_rests', 'sender_stopped'));
ALTER TABLE message DROP CONSTRAINT message_late_why_check;
ALTER TABLE message ADD CONSTRAINT message_late_why_check
      CHECK (late_why IN ('window', 'cap', 'held', 'stopped', 'relay', 'backlog', 'worker', 'pace'));
COMMENT ON COLUMN message.relay IS 'The relay it was last claimed for: whose log knows more.';
COMMENT ON COLUMN message.kept_why IS 'What kept it back though it was due; NULL once it is claimed or planned anew.';
COMMENT ON COLUMN message.paced_at IS 'The place it was given in the pace; NULL: it asks again, and is planned anew first.';
COMMENT ON COLUMN message.deferred_since IS 'When a relay first said "later": 48 hours after it nobody tries any more.';

CREATE TABLE pace (
    bucket   text PRIMARY KEY,
    free_at  timestamptz NOT NULL
);
COMMENT ON TABLE pace IS 'How far each rate is taken: when the next mail of a bucket would be exactly on time. Shared by all lanes.';

CREATE TABLE warm_day (
    domain  text NOT NULL,
    day     date NOT NULL,
    sent    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (domain, day)
);
COMMENT ON TABLE warm_day IS 'Mails a sender domain handed to relays on a day of its warm-up, by the company''s clock.';

CREATE TABLE route (
    relay        text NOT NULL,
    provider     text NOT NULL,
    rests_until  timestamptz NOT NULL,
    why          text NOT NULL,
    since        timestamptz NOT NULL,
    failures     integer NOT NULL DEFAULT 1,
    PRIMARY KEY (relay, provider)
);
COMMENT ON TABLE route IS 'Groups of mail that took nothing when last tried: a relay and a provider, or * for the relay itself. Gone when one is taken again.';

CREATE TABLE sender_domain (
    domain      text PRIMARY KEY,
    sent        integer NOT NULL,
    complaints  integer NOT NULL,
    looked_at   timestamptz NOT NULL,
    alarm_since timestamptz,
    stopped_at  timestamptz,
    forgiven_at timestamptz
);
COMMENT ON TABLE sender_domain IS 'Complaints about a sender domain in the last days, as last counted. stopped_at: nothing marketing leaves from it until an operator resumes it (forgiven_at: counted from there).';

CREATE OR REPLACE VIEW claimable AS
SELECT m.message_id, m.lane, m.slot_at, m.priority, m.enrolment_id, m.mail_class, m.lead_id, m.owner_id,
       GREATEST(m.slot_at, n.rests_until) AS due_at, m.turn, m.kept_why IS NOT NULL AND m.paced_at IS NULL AS asks_again
  FROM message m
  JOIN lane n ON n.lane = m.lane
 WHERE m.status IN ('reserved', 'deferred') AND n.paused_why IS NULL;
