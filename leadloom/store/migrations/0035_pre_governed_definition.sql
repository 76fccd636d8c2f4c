-- The definition of a lead is governed: drafts, who said what of them, what moved when one came into force, roll-outs.

CREATE TABLE definition_draft (
    draft_no      integer PRIMARY KEY,
    name          text NOT NULL,
    based_on      integer NOT NULL,
    hash          text NOT NULL,
    body          jsonb NOT NULL,
    in_order      json NOT NULL,
    author        text NOT NULL,
    why           text NOT NULL,
    state         text NOT NULL CHECK (state IN ('draft', 'in review', 'approved', 'in force', 'rejected', 'withdrawn')),
    drawn_at      timestamptz NOT NULL,
    effective_at  timestamptz,
    regions       text[],
    version       integer,
    waiting_for   text,
    waits_until   timestamptz,
    CHECK ((state = 'in force') = (version IS NOT NULL)),
    CHECK ((state IN ('draft', 'in review', 'approved')) = (waiting_for IS NOT NULL))
);
COMMENT ON TABLE definition_draft IS 'A definition somebody proposes. Its body is never edited: another body is another draft.';
COMMENT ON COLUMN definition_draft.hash IS 'Of the body without version and date, which it gets when it comes into force: what signatures are given to.';
COMMENT ON COLUMN definition_draft.based_on IS 'The version in force when it was drawn up; it may not replace another.';
COMMENT ON COLUMN definition_draft.regions IS 'Where it comes into force at once; elsewhere when the sponsor says go. NULL is everywhere.';
-- drafts_due: what is approved and whose date has come
CREATE INDEX definition_draft_due ON definition_draft (waits_until) WHERE state = 'approved';

CREATE TABLE definition_act (
    draft_no  integer NOT NULL REFERENCES definition_draft,
    no        integer NOT NULL CHECK (no > 0),
    at        timestamptz NOT NULL,
    by        text NOT NULL,
    act       text NOT NULL CHECK (act IN ('drew up', 'submitted', 'signed', 'rejected', 'withdrew', 'approved', 'put in force')),
    hash      text NOT NULL,
    why       text NOT NULL DEFAULT '',
    PRIMARY KEY (draft_no, no)
);
COMMENT ON TABLE definition_act IS 'Who said what of a draft, to which body: the audit of the definition. Append-only.';

CREATE TABLE definition_region (
    region   text NOT NULL,
    no       integer NOT NULL CHECK (no > 0),
    version  integer NOT NULL,
    hash     text NOT NULL,
    at       timestamptz NOT NULL,
    by       text NOT NULL,
    act      text NOT NULL CHECK (act IN ('stays', 'go', 'no-go')),
    why      text NOT NULL DEFAULT '',
    figures  jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (region, no)
);
COMMENT ON TABLE definition_region IS 'By which version leads of a region are judged: its last row with stays or go, else the newest version. figures is what the sponsor saw.';

CREATE TABLE reevaluation (
    version     integer NOT NULL,
    region      text NOT NULL DEFAULT '',
    from_version integer NOT NULL,
    at          timestamptz NOT NULL,
    after_lead  uuid,
    ended_at    timestamptz,
    PRIMARY KEY (version, region)
);
COMMENT ON TABLE reevaluation IS 'Leads are judged anew when another definition comes into force, a page at a time in the order of their ids; after_lead is how far it has come. What moved is told by stage_change.';
COMMENT ON COLUMN reevaluation.region IS 'Empty is everywhere it came into force at once; a region comes by itself when it left another version than the rest.';
COMMENT ON COLUMN reevaluation.from_version IS 'By which its leads were judged before: only whom the two judge differently is moved.';
COMMENT ON COLUMN reevaluation.at IS 'As of which instant every lead is judged: that of the coming into force, whenever its page is reached.';

CREATE TABLE definition_preview (
    draft_no  integer PRIMARY KEY REFERENCES definition_draft,
    at        timestamptz NOT NULL,
    found     jsonb NOT NULL
);
COMMENT ON TABLE definition_preview IS 'What a draft would change for the leads there were, as it was worked out last: a picture of then, kept so that its numbers open their rows. Ids and figures, no fields of a lead.';

CREATE TABLE governance_act (
    act_id    uuid PRIMARY KEY,
    at        timestamptz NOT NULL,
    by        text NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('charter signed', 'pack', 'decision')),
    words     text NOT NULL,
    owner     text,
    due_on    date,
    done_at   timestamptz,
    done_by   text,
    figures   jsonb NOT NULL DEFAULT '{}',
    CHECK ((kind = 'decision') = (owner IS NOT NULL AND due_on IS NOT NULL)),
    CHECK ((done_at IS NULL) = (done_by IS NULL))
);
COMMENT ON TABLE governance_act IS 'What governors did besides drafts: the charter signed beside the baseline, a quarterly pack, a decision with its owner and date. figures is what was seen then.';

ALTER TABLE stage_change ADD COLUMN stayed interval;
COMMENT ON COLUMN stage_change.stayed IS 'How long the lead was at from_stage. NULL for the first change, and in rows of before.';
