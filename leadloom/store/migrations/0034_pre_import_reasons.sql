-- Faults are counted by what is wrong, and a file is read as the last one with its header was. A row of an import no longer
-- locks the import again: the transaction that writes it holds it.
ALTER TABLE import ADD COLUMN header jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN import.header IS 'Its columns, without those of a file of faults: the next file that has the same ones is read the same way.';
ALTER TABLE import_fault ADD COLUMN reason text NOT NULL DEFAULT '';
COMMENT ON COLUMN import_fault.reason IS 'What is wrong without what is this row''s own, so that rows can be counted by it.';
UPDATE import_fault SET reason = why;
ALTER TABLE import_row DROP CONSTRAINT import_row_import_id_fkey;
