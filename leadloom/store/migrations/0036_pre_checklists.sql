-- What people found out by asking: the evidence of the SQL gate.

CREATE TABLE checklist_answer (
    lead_id    uuid NOT NULL REFERENCES lead,
    no         integer NOT NULL CHECK (no > 0),
    checklist  text NOT NULL,
    item       text NOT NULL,
    state      text NOT NULL CHECK (state IN ('yes', 'no', 'unknown')),
    evidence   text NOT NULL,
    by         text NOT NULL,
    via        text NOT NULL,
    at         timestamptz NOT NULL,
    undoes     integer,
    PRIMARY KEY (lead_id, no)
);
COMMENT ON TABLE checklist_answer IS 'What somebody said to a question of qualification, with evidence; the last answer to a question counts, and taking one back is one more.';
