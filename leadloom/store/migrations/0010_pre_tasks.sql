-- What a journey asks an owner to do about a lead, and what came of it.

CREATE TABLE task (
    task_id       uuid PRIMARY KEY,
    enrolment_id  uuid NOT NULL REFERENCES enrolment,
    step          text NOT NULL,
    visit         integer NOT NULL,
    lead_id       uuid NOT NULL REFERENCES lead,
    owner_id      uuid NOT NULL REFERENCES owner,
    words         text NOT NULL,
    outcomes      text[] NOT NULL CHECK (cardinality(outcomes) > 0),
    status        text NOT NULL CHECK (status IN ('open', 'done', 'cancelled')),
    opened_at     timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    ended_at      timestamptz,
    ended_by      text,
    outcome       text,
    UNIQUE (enrolment_id, step, visit),
    CHECK ((status = 'open') = (ended_at IS NULL)),
    CHECK ((status = 'done') = (outcome IS NOT NULL))
);
COMMENT ON TABLE task IS 'Something a journey gave an owner to do. Its run waits for the answer until due_at; a run that ends takes it back.';
-- tasks_of_owner: what somebody has to do, soonest first
CREATE INDEX task_open ON task (owner_id, due_at) WHERE status = 'open';
CREATE INDEX task_lead ON task (lead_id);
