-- Why a mail goes when it goes: its topic, the zone its window was read in, and what moved it to its slot.
-- Columns are added with a constant default, so no table is rewritten.

ALTER TABLE message
    ADD COLUMN topic text,
    ADD COLUMN zone text,
    ADD COLUMN zone_by text CHECK (zone_by IN ('field', 'country', 'account', 'workspace')),
    ADD COLUMN slot_why text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN message.topic IS 'What its journey is about; caps may count by it.';
COMMENT ON COLUMN message.zone IS 'The lead''s zone at the last plan, and who told it (zone_by). NULL for owners, and for mail of before.';
COMMENT ON COLUMN message.slot_why IS 'What kept it from an earlier slot, in the order it was met; empty: it goes as soon as it may.';
COMMENT ON COLUMN message.priority IS 'Ten times that of its class, and that of its journey (1 to 5); lower goes first.';

-- Mail under way stood in line by its class alone: with the usual priority of a journey it keeps its place. What old
-- workers still plan meanwhile stands in front, in the order of before.
UPDATE message SET priority = priority * 10 + 3 WHERE status IN ('reserved', 'deferred', 'held', 'claimed');
