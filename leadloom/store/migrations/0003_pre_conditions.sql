-- What conditions ask of leads, asked of all of them at once: tags, and how a told value is read as text, number or day.
-- The functions answer what leadloom/domain/journeys/conditions.py answers; a property test holds the two together.

CREATE TABLE lead_tag (
    lead_id  uuid NOT NULL REFERENCES lead,
    tag      text NOT NULL CHECK (tag <> ''),
    at       timestamptz NOT NULL,
    by       text NOT NULL,
    PRIMARY KEY (lead_id, tag)
);
COMMENT ON TABLE lead_tag IS 'Words somebody or a journey hung on a lead. Taking one off deletes its row; the step log and the audit keep who did.';
-- leads_tagged: an audience by tag
CREATE INDEX lead_tag_tag ON lead_tag (tag);

CREATE FUNCTION told_text(told jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE jsonb_typeof(told)
           WHEN 'string' THEN told #>> '{}'
           WHEN 'boolean' THEN told #>> '{}'
           WHEN 'number' THEN trim_scale((told #>> '{}')::numeric)::text
           END
$$;

CREATE FUNCTION told_number(told jsonb) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
           WHEN jsonb_typeof(told) = 'number' THEN (told #>> '{}')::double precision
           WHEN jsonb_typeof(told) = 'string' AND told #>> '{}' ~ '^-?[0-9]{1,15}([.][0-9]{1,15})?$'
                THEN (told #>> '{}')::double precision
           END
$$;

CREATE FUNCTION told_day(told jsonb) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
           WHEN jsonb_typeof(told) = 'string'
            AND told #>> '{}' ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
            AND left(told #>> '{}', 4) <> '0000'
            AND substr(told #>> '{}', 9, 2)::integer <= extract(day FROM
                make_date(left(told #>> '{}', 4)::integer, substr(told #>> '{}', 6, 2)::integer, 1)
                + interval '1 month' - interval '1 day')
                THEN make_date(left(told #>> '{}', 4)::integer, substr(told #>> '{}', 6, 2)::integer,
                               substr(told #>> '{}', 9, 2)::integer)
           END
$$;
