-- Who asked for the tracked addresses of a mail: kept raw, judged a minute later, judged again by better rules.
CREATE TABLE visit (
    visit_id    uuid PRIMARY KEY,
    message_id  uuid NOT NULL REFERENCES message ON DELETE CASCADE,
    lead_id     uuid NOT NULL REFERENCES lead ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('click', 'open')),
    link        integer NOT NULL DEFAULT 0,
    at          timestamptz NOT NULL,
    method      text NOT NULL CHECK (method IN ('GET', 'HEAD')),
    prefetch    boolean NOT NULL,
    agent       text NOT NULL,
    network     text NOT NULL,
    verdict     text CHECK (verdict IN ('human', 'proxy', 'machine', 'unsure')),
    why         text,
    rules       integer,
    judged_at   timestamptz,
    earlier     jsonb NOT NULL DEFAULT '[]',
    CHECK ((verdict IS NULL) = (judged_at IS NULL) AND (verdict IS NULL) = (rules IS NULL))
);
COMMENT ON TABLE visit IS 'Each time a tracked link or picture of a mail was asked for. What follows from it is an event, once it is judged.';
COMMENT ON COLUMN visit.link IS 'The link''s number; 0 is the one that no reader sees.';
COMMENT ON COLUMN visit.agent IS 'What the program calls itself, without its versions.';
COMMENT ON COLUMN visit.network IS 'Equal for visits of one mail from one network; tells nothing about which. No address is kept.';
COMMENT ON COLUMN visit.earlier IS 'What earlier rules said of it, oldest first: [{verdict, why, rules, judged_at}].';
-- visits_of: all of one mail, to be judged together; keep_visit counts them
CREATE INDEX visit_message ON visit (message_id, at);
-- visits_due: what waits for its verdict
CREATE INDEX visit_due ON visit (at) WHERE judged_at IS NULL;
-- visits_by_rules: what other rules judged
CREATE INDEX visit_rules ON visit (rules, at) WHERE judged_at IS NOT NULL;
