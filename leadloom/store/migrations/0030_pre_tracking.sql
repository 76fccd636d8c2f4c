-- What tracking clients send: keys, visitors, what visitors did, and what couldn't be taken.

CREATE TABLE intake_key (
    key_id        uuid PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (name <> ''),
    hash          text NOT NULL UNIQUE,
    hint          text NOT NULL,
    public        boolean NOT NULL,
    scopes        text[] NOT NULL CHECK (cardinality(scopes) > 0),
    source        text,
    kinds         text[],
    created_at    timestamptz NOT NULL,
    created_by    text NOT NULL,
    revoked_at    timestamptz,
    revoked_by    text,
    last_used_at  timestamptz,
    CHECK (NOT public OR scopes = '{track}'),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
COMMENT ON TABLE intake_key IS 'Keys of programs that tell us of leads. Only a hash is kept; hint is its last characters, to know it by.';
COMMENT ON COLUMN intake_key.kinds IS 'The only kinds of events it may claim; NULL: all that a key of its sort may.';

CREATE TABLE visitor (
    name       text PRIMARY KEY CHECK (name ~ '^[au]:.'),
    lead_id    uuid REFERENCES lead DEFERRABLE INITIALLY DEFERRED,
    same_as    text,
    shared_at  timestamptz,
    told       jsonb NOT NULL DEFAULT '{}',
    at         timestamptz NOT NULL
);
COMMENT ON TABLE visitor IS 'A browser (a:) or a user id that no lead has (u:), once something is known of it. shared_at: two known people were identified there, so it is nobody''s.';
-- visitors_named: who was said to be this user before anybody knew them
CREATE INDEX visitor_same_as ON visitor (same_as) WHERE same_as IS NOT NULL;
CREATE INDEX visitor_lead ON visitor (lead_id) WHERE lead_id IS NOT NULL;

CREATE TABLE visitor_event (
    key       text PRIMARY KEY,
    visitor   text,
    lead_id   uuid REFERENCES lead DEFERRABLE INITIALLY DEFERRED,
    kind      text,
    at        timestamptz NOT NULL,
    heard_at  timestamptz NOT NULL,
    channel   text,
    data      jsonb NOT NULL,
    CHECK (visitor IS NOT NULL OR lead_id IS NOT NULL),
    CHECK (kind IS NULL OR lead_id IS NULL)
);
COMMENT ON TABLE visitor_event IS 'What visitors did before anybody identified them, and views of pages that are no events. With a kind it becomes an event of the lead who is identified, and the row goes.';
-- take_visitor_events, join_views: the history of a visitor
CREATE INDEX visitor_event_visitor ON visitor_event (visitor) WHERE lead_id IS NULL;
-- forget_anonymous: what is too old
CREATE INDEX visitor_event_heard ON visitor_event (heard_at) WHERE lead_id IS NULL;
-- touches_of_lead
CREATE INDEX visitor_event_lead ON visitor_event (lead_id, at) WHERE lead_id IS NOT NULL;

CREATE TABLE dropped_event (
    dropped_id  uuid PRIMARY KEY,
    key_id      uuid NOT NULL REFERENCES intake_key,
    key         text NOT NULL,
    type        text NOT NULL,
    name        text NOT NULL,
    reason      text NOT NULL,
    why         text NOT NULL,
    raw         jsonb NOT NULL,
    at          timestamptz NOT NULL,
    heard_at    timestamptz NOT NULL,
    tries       integer NOT NULL DEFAULT 1,
    UNIQUE (key_id, key)
);
COMMENT ON TABLE dropped_event IS 'Events of clients that couldn''t be taken, answered 200 all the same: listed with the reason, and taken again when somebody says so.';
-- dropped_events: by what and why, newest first
CREATE INDEX dropped_event_heard ON dropped_event (heard_at);
