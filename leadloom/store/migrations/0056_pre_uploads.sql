-- Lists that somebody sent by the browser, kept until a worker has brought them in.
CREATE TABLE upload (
    upload_id    uuid PRIMARY KEY,
    file_name    text NOT NULL,
    size         bigint NOT NULL CHECK (size > 0),
    found        jsonb NOT NULL,
    options      jsonb NOT NULL DEFAULT '{}',
    state        text NOT NULL CHECK (state IN ('new', 'rehearsing', 'rehearsed', 'bringing_in', 'brought_in', 'failed',
                                                'cancelled')),
    uploaded_at  timestamptz NOT NULL,
    uploaded_by  text NOT NULL,
    share        double precision NOT NULL DEFAULT 0,
    words        text,
    told         jsonb,
    error        text,
    import_id    uuid REFERENCES import
);
COMMENT ON TABLE upload IS 'A list sent by the browser: what a first look found in it, how it is to be read, and how far a worker has come. An open one waits for a worker or for whoever sent it, at most seven days.';
-- open_uploads: what is still to be brought in, and whom to wake
CREATE INDEX upload_open ON upload (uploaded_at) WHERE state NOT IN ('brought_in', 'cancelled');

CREATE TABLE upload_part (
    upload_id  uuid NOT NULL REFERENCES upload ON DELETE CASCADE,
    no         integer NOT NULL CHECK (no > 0),
    bytes      bytea NOT NULL,
    PRIMARY KEY (upload_id, no)
);
COMMENT ON TABLE upload_part IS 'The bytes of a list that is still to be brought in, in pieces; gone as soon as it is.';
