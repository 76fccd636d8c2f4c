-- A restored database knows that it is one, and what the relay had taken since its backup.

ALTER TABLE fence ADD COLUMN house text;
COMMENT ON COLUMN fence.house IS 'Where the database was when workers last sent from it; NULL: nobody ever did. Elsewhere nothing is claimed until the epoch is advanced.';

CREATE FUNCTION house() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('/', s.system_identifier, c.timeline_id, d.oid, 'fence'::regclass::oid)
      FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d
     WHERE d.datname = current_database()
$$;
COMMENT ON FUNCTION house() IS 'What is another after each restore: the cluster (a dump loaded elsewhere), its timeline (recovery to a point in time, a promoted standby), the database, the table (a dump loaded over the old).';

CREATE TABLE accepted_before (
    wire_key  text PRIMARY KEY,
    told_at   timestamptz NOT NULL
);
COMMENT ON TABLE accepted_before IS 'Message-IDs (before the @) that a relay''s log says were taken: such a mail is settled as sent, whatever a restored row says.';
