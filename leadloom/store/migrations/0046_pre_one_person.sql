-- One person: leads that are merged and parted again, suggestions that two are one, and what finds them.

-- A merge gives events other numbers; what they earned goes along.
ALTER TABLE score_entry DROP CONSTRAINT score_entry_lead_id_event_no_fkey;
ALTER TABLE score_entry ADD CONSTRAINT score_entry_lead_id_event_no_fkey FOREIGN KEY (lead_id, event_no)
    REFERENCES event (lead_id, no) ON UPDATE CASCADE;

CREATE TABLE lead_merge (
    merge_id     uuid PRIMARY KEY,
    seq          bigint GENERATED ALWAYS AS IDENTITY,
    lead_id      uuid NOT NULL REFERENCES lead,
    survivor_id  uuid NOT NULL,
    loser_id     uuid NOT NULL CHECK (loser_id <> survivor_id),
    at           timestamptz NOT NULL,
    by           text NOT NULL,
    why          text NOT NULL,
    rule         text NOT NULL CHECK (rule IN ('by hand', 'one mailbox', 'phone and name')),
    united       jsonb NOT NULL DEFAULT '{}',
    owners       jsonb NOT NULL DEFAULT '{}',
    loser_nos    integer[] NOT NULL,
    last_no      integer NOT NULL,
    undone_at    timestamptz,
    undone_by    text,
    undone_why   text,
    CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
COMMENT ON TABLE lead_merge IS 'Two leads that became one: who said so, by which rule, what became of each field, and what it takes to part them again.';
COMMENT ON COLUMN lead_merge.lead_id IS 'Who the survivor is today: moves on when they are merged again.';
COMMENT ON COLUMN lead_merge.united IS 'What the merge changed of the survivor''s own fields: {field: {was, is, rule, from}}.';
COMMENT ON COLUMN lead_merge.owners IS 'Owner and company of the survivor, before and after.';
COMMENT ON COLUMN lead_merge.loser_nos IS 'Which numbers the loser''s events 1, 2, 3 … got among the survivor''s, up to last_no; all others were the survivor''s own, in their order.';
-- merges_of_lead: the newest first
CREATE INDEX lead_merge_lead ON lead_merge (lead_id, seq);

CREATE TABLE merged_lead (
    lead_id   uuid PRIMARY KEY,
    into_id   uuid NOT NULL REFERENCES lead DEFERRABLE INITIALLY DEFERRED,
    merge_id  uuid NOT NULL REFERENCES lead_merge
);
COMMENT ON TABLE merged_lead IS 'Leads that have no row any more because they were merged: whoever names them means into_id. Moves on when that one is merged.';
CREATE INDEX merged_lead_into ON merged_lead (into_id);

CREATE TABLE merged_row (
    merge_id    uuid NOT NULL REFERENCES lead_merge ON DELETE CASCADE,
    no          integer GENERATED ALWAYS AS IDENTITY,
    of_table    text NOT NULL,
    of_column   text,
    key         jsonb NOT NULL,
    was         jsonb,
    PRIMARY KEY (merge_id, no),
    CHECK (of_column IS NOT NULL OR was IS NOT NULL)
);
COMMENT ON TABLE merged_row IS 'A row that a merge moved (of_column named the loser), changed or set aside (was): what it takes to put it back.';

CREATE TABLE duplicate (
    lead_id     uuid NOT NULL REFERENCES lead,
    other_id    uuid NOT NULL REFERENCES lead,
    bits        double precision,
    reasons     text[] NOT NULL DEFAULT '{}',
    found_at    timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('open', 'apart')),
    decided_at  timestamptz,
    decided_by  text,
    why         text NOT NULL DEFAULT '',
    PRIMARY KEY (lead_id, other_id),
    CHECK (lead_id <> other_id),
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL))
);
COMMENT ON TABLE duplicate IS 'Two leads that may be one person: a suggestion somebody decides, or (apart) the word that they are two.';
-- a pair is one row, whoever of the two stands first
CREATE UNIQUE INDEX duplicate_pair ON duplicate (LEAST(lead_id, other_id), GREATEST(lead_id, other_id));
CREATE INDEX duplicate_other ON duplicate (other_id);
-- open_duplicates: the likeliest first
CREATE INDEX duplicate_open ON duplicate (bits DESC) WHERE state = 'open';

CREATE TABLE lead_key (
    lead_id  uuid NOT NULL REFERENCES lead ON DELETE CASCADE,
    key      text NOT NULL,
    PRIMARY KEY (lead_id, key)
);
COMMENT ON TABLE lead_key IS 'By what a lead is looked up when somebody may be the same person; made anew by the sweep whenever they change.';
-- leads_alike: who shares a key
CREATE INDEX lead_key_key ON lead_key (key);

CREATE TABLE lead_to_match (
    lead_id  uuid NOT NULL
);
COMMENT ON TABLE lead_to_match IS 'Leads of which something new is known: the sweep looks whether they are somebody we know. No index and no reference, because every capture writes here.';

-- A capture must not wait for the question who else this may be: it only leaves a note, whatever statement wrote the lead.
CREATE FUNCTION note_leads_to_match() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lead_to_match (lead_id) SELECT lead_id FROM written;
    RETURN NULL;
END
$$;
CREATE TRIGGER lead_is_new AFTER INSERT ON lead
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION note_leads_to_match();

CREATE FUNCTION note_lead_to_match() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lead_to_match (lead_id) VALUES (NEW.lead_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER lead_is_told AFTER UPDATE OF email, first_name, last_name, company, phone, attributes ON lead
    FOR EACH ROW
    WHEN ((OLD.email, OLD.first_name, OLD.last_name, OLD.company, OLD.phone, OLD.attributes)
          IS DISTINCT FROM (NEW.email, NEW.first_name, NEW.last_name, NEW.company, NEW.phone, NEW.attributes))
    EXECUTE FUNCTION note_lead_to_match();

CREATE FUNCTION primary_key_of(of_table regclass) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(a.attname::text ORDER BY a.attnum)
      FROM pg_index i
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indrelid = of_table AND i.indisprimary
$$;
COMMENT ON FUNCTION primary_key_of(regclass) IS 'The columns a row of a table is known by.';

-- A merge moves whatever refers to the lead, also rows of tables that didn't exist when it was written: what it forgot
-- would keep the loser from being deleted. Rows that say what the survivor's own row says already are set aside.
CREATE FUNCTION move_rows_of_lead(merging uuid, loser uuid, survivor uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place record;
    found record;
BEGIN
    FOR place IN
        SELECT c.conrelid::regclass AS of_table, a.attname AS of_column, primary_key_of(c.conrelid) AS keys
          FROM pg_constraint c
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
         WHERE c.contype = 'f' AND c.confrelid = 'lead'::regclass AND cardinality(c.conkey) = 1
           AND c.conrelid <> 'lead_key'::regclass
         ORDER BY c.conrelid::regclass::text, a.attname
    LOOP
        FOR found IN EXECUTE format('SELECT t.ctid AS at, to_jsonb(t) AS was FROM %s t WHERE %I = $1', place.of_table,
                                    place.of_column) USING loser
        LOOP
            BEGIN
                EXECUTE format('UPDATE %s SET %I = $1 WHERE ctid = $2', place.of_table, place.of_column)
                  USING survivor, found.at;
                INSERT INTO merged_row (merge_id, of_table, of_column, key)
                SELECT merging, place.of_table::text, place.of_column,
                       jsonb_object_agg(k, CASE WHEN k = place.of_column THEN to_jsonb(survivor) ELSE found.was -> k END)
                  FROM unnest(place.keys) AS k;
            EXCEPTION WHEN unique_violation OR check_violation THEN
                PERFORM set_row_aside(merging, place.of_table, found.was);
            END;
        END LOOP;
    END LOOP;
END
$$;

CREATE FUNCTION same_row(of_table regclass, keys text[], alias text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(format('t.%1$I = %2$I.%1$I', k, alias), ' AND ') FROM unnest(keys) AS k
$$;
COMMENT ON FUNCTION same_row(regclass, text[], text) IS 'The condition that t is the row another one names.';

CREATE FUNCTION set_row_aside(merging uuid, of_table regclass, its jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    keys text[] := primary_key_of(of_table);
BEGIN
    EXECUTE format('DELETE FROM %1$s t USING jsonb_populate_record(NULL::%1$s, $1) w WHERE %2$s', of_table,
                   same_row(of_table, keys, 'w')) USING its;
    INSERT INTO merged_row (merge_id, of_table, key, was)
    SELECT merging, of_table::text, jsonb_object_agg(k, its -> k), its FROM unnest(keys) AS k;
END
$$;

-- The way back: rows that were moved get their lead again, those that were set aside or changed are what they were.
-- Newest first, because what was changed last covers what was changed before. Who no longer is stays away.
CREATE FUNCTION put_rows_back(merging uuid, loser uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    moved merged_row;
    keys text[];
    columns text;
BEGIN
    FOR moved IN SELECT * FROM merged_row WHERE merge_id = merging ORDER BY no DESC
    LOOP
        keys := primary_key_of(moved.of_table::regclass);
        IF moved.was IS NULL THEN
            EXECUTE format('UPDATE %1$s t SET %2$I = $1 FROM jsonb_populate_record(NULL::%1$s, $2) w WHERE %3$s',
                           moved.of_table, moved.of_column, same_row(moved.of_table::regclass, keys, 'w'))
              USING loser, moved.key;
        ELSE
            SELECT string_agg(format('%1$I = w.%1$I', a.attname), ', ') INTO columns
              FROM pg_attribute a
             WHERE a.attrelid = moved.of_table::regclass AND a.attnum > 0 AND NOT a.attisdropped
               AND a.attidentity = '' AND a.attgenerated = '';
            EXECUTE format('UPDATE %1$s t SET %2$s FROM jsonb_populate_record(NULL::%1$s, $1) w,
                            jsonb_populate_record(NULL::%1$s, $2) k WHERE %3$s',
                           moved.of_table, columns, same_row(moved.of_table::regclass, keys, 'k'))
              USING moved.was, moved.key;
            EXECUTE format('INSERT INTO %1$s SELECT w.* FROM jsonb_populate_record(NULL::%1$s, $1) w
                            WHERE NOT EXISTS (SELECT FROM %1$s t WHERE %2$s)',
                           moved.of_table, same_row(moved.of_table::regclass, keys, 'w'))
              USING moved.was;
        END IF;
    END LOOP;
END
$$;

-- Who is there already is looked at by the sweep, too.
INSERT INTO lead_to_match (lead_id) SELECT lead_id FROM lead WHERE erased_at IS NULL;
