-- name: write_events
-- Appends to the log. Numbers are given under the lead's lock, so a clash would be a fault of ours and must fail.
INSERT INTO event (lead_id, no, kind, at, key, verdict, actor, channel, credit, data)
SELECT lead_id, no, kind, at, key, verdict, actor, channel, credit, data
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       lead_id uuid, no integer, kind text, at timestamptz, key text, verdict text, actor text, channel text,
       credit text, data jsonb);

-- name: number_leads
-- The number the next event of a lead counts on from.
UPDATE lead l
   SET last_event_no = r.last_event_no
  FROM jsonb_to_recordset(:rows::jsonb) AS r (lead_id uuid, last_event_no integer)
 WHERE l.lead_id = r.lead_id;

-- name: write_score_entries
-- What the events wrote into the ledger, with the definition that said so.
INSERT INTO score_entry (lead_id, event_no, part, kind, points, at, category, expires_at, known_at, definition_version)
SELECT lead_id, event_no, part, kind, points, at, category, expires_at, known_at, definition_version
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       lead_id uuid, event_no integer, part smallint, kind text, points double precision, at timestamptz,
       category text, expires_at timestamptz, known_at timestamptz, definition_version integer);

-- name: write_stage_changes
-- Appends to the stage log, with the definition and the values that decided.
INSERT INTO stage_change (lead_id, track, no, from_stage, to_stage, at, actor, reason, definition_version, evidence,
                          stayed)
SELECT lead_id, track, no, from_stage, to_stage, at, actor, reason, definition_version, evidence, at - was_since
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       lead_id uuid, track text, no integer, from_stage text, to_stage text, at timestamptz, actor text, reason text,
       evidence jsonb, was_since timestamptz, definition_version integer);

-- name: move_leads
-- Where each lead stands after the last of its changes.
INSERT INTO lead_stage (lead_id, track, stage, since, change_no, waiting_for, waits_until)
SELECT DISTINCT ON (lead_id, track) lead_id, track, to_stage, at, no, waiting_for, waits_until
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       lead_id uuid, track text, no integer, to_stage text, at timestamptz, waiting_for text, waits_until timestamptz)
 ORDER BY lead_id, track, no DESC
    ON CONFLICT (lead_id, track) DO UPDATE
   SET stage = EXCLUDED.stage,
       since = EXCLUDED.since,
       change_no = EXCLUDED.change_no,
       waiting_for = EXCLUDED.waiting_for,
       waits_until = EXCLUDED.waits_until;

-- name: set_clocks
-- Starts or moves clocks of lifecycles.
INSERT INTO lead_clock (lead_id, kind, due_at, data)
SELECT lead_id, kind, due_at, data
  FROM jsonb_to_recordset(:rows::jsonb) AS r (lead_id uuid, kind text, due_at timestamptz, data jsonb)
    ON CONFLICT (lead_id, kind) DO UPDATE
   SET due_at = EXCLUDED.due_at,
       data = EXCLUDED.data;

-- name: move_waits
-- A stage that waits for a clock (a promise, a date) waits as long as the clock does.
UPDATE lead_stage s
   SET waits_until = r.due_at
  FROM jsonb_to_recordset(:rows::jsonb) AS r (lead_id uuid, kind text, due_at timestamptz)
 WHERE s.lead_id = r.lead_id
   AND s.track = split_part(r.kind, ':', 2)
   AND s.waits_until IS NOT NULL
   AND s.waits_until <> r.due_at;

-- name: drop_clocks
-- Clocks nobody waits for any more.
DELETE FROM lead_clock c
 USING jsonb_to_recordset(:rows::jsonb) AS r (lead_id uuid, kind text)
 WHERE c.lead_id = r.lead_id
   AND c.kind = r.kind;

-- name: events_of_lead
-- Everything that happened to a lead, newest first, a page at a time.
SELECT lead_id, no, kind, at, key, verdict, actor, channel, credit, data
  FROM event
 WHERE lead_id = :lead_id
   AND no < :before_no
 ORDER BY no DESC
 LIMIT :page_limit::integer;

-- name: stage_changes_of_lead
-- How a lead came to where it stands, oldest first.
SELECT track, no, from_stage, to_stage, at, actor, reason, evidence, definition_version, stayed
  FROM stage_change
 WHERE lead_id = :lead_id
 ORDER BY at, track, no;
