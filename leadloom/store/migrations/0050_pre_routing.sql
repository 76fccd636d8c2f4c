-- Routing: pools that share leads by turns, and hand-offs that wait for somebody to have room.

CREATE TABLE pool_turn (
    pool   text NOT NULL,
    owner  text NOT NULL,
    given  integer NOT NULL DEFAULT 0 CHECK (given >= 0),
    due    double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (pool, owner)
);
COMMENT ON TABLE pool_turn IS 'What each member of a pool got in their turn, and what their weight was due of all it shared while they were there.';
COMMENT ON COLUMN pool_turn.owner IS 'Handle, as the definition names members.';

ALTER TABLE hand_off ADD COLUMN room_by timestamptz;
COMMENT ON COLUMN hand_off.room_by IS 'Until when it waits for a member of its pool to have room; NULL when it never had to, and once offered.';
-- who waits for room in a pool, first come first served
CREATE INDEX hand_off_waits_for_room ON hand_off (pool, opened_at) WHERE room_by IS NOT NULL AND state = 'offered';
-- how many offers an owner has had today
CREATE INDEX assignment_of_owner ON assignment (owner_id, at);
-- how many leads an owner has in hand
CREATE INDEX hand_off_in_hand ON hand_off (owner_id) WHERE state = 'offered' OR (state = 'accepted' AND closed_at IS NULL);
