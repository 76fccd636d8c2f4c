-- Posts of forms that no lead was made of: held for a look, never dropped in silence.

CREATE TABLE form_post (
    post_id      uuid PRIMARY KEY,
    form         text NOT NULL,
    code         text NOT NULL CHECK (code IN ('bait', 'flood', 'failed')),
    why          text NOT NULL,
    digest       text NOT NULL,
    fields       jsonb NOT NULL,
    door         jsonb NOT NULL,
    tries        integer NOT NULL DEFAULT 1,
    at           timestamptz NOT NULL,
    state        text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'taken', 'dropped')),
    decided_at   timestamptz,
    decided_by   text,
    decided_why  text,
    lead_id      uuid REFERENCES lead,
    CHECK ((state = 'held') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL))
);
-- keep_form_post: the same again is the same row, as long as nobody decided.
CREATE UNIQUE INDEX form_post_once ON form_post (form, digest) WHERE state = 'held';
-- form_posts: what waits, oldest first.
CREATE INDEX form_post_held ON form_post (at) WHERE state = 'held';
-- held_of_lead and forget_form_posts: by the lead they became.
CREATE INDEX form_post_lead ON form_post (lead_id) WHERE lead_id IS NOT NULL;
COMMENT ON TABLE form_post IS 'A post of a form that no lead was made of: it looked like a machine''s, came with a flood, or failed. Held until somebody takes it after all or drops it; then its fields go, and what was decided stays.';
