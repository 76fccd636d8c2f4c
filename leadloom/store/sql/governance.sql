-- name: draw_up_draft
-- A new draft under the next number.
INSERT INTO definition_draft (draft_no, name, based_on, hash, body, in_order, author, why, state, drawn_at, effective_at,
                              regions, waiting_for)
SELECT COALESCE(max(draft_no), 0) + 1, :name, :based_on, :hash, :body, :in_order, :author, :why, 'draft', :at,
       :effective_at, :regions, :waiting_for
  FROM definition_draft
RETURNING draft_no;

-- name: draft_by_no
-- One draft.
SELECT draft_no, name, based_on, hash, author, why, state, drawn_at, effective_at, regions, version, waiting_for,
       waits_until
  FROM definition_draft
 WHERE draft_no = :draft_no;

-- name: draft_held
-- One draft, held until the transaction ends: two who decide at once go one after the other.
SELECT draft_no, name, based_on, hash, author, why, state, drawn_at, effective_at, regions, version, waiting_for,
       waits_until
  FROM definition_draft
 WHERE draft_no = :draft_no
   FOR UPDATE;

-- name: draft_body
-- What a draft says, in the order its author wrote.
SELECT in_order AS body
  FROM definition_draft
 WHERE draft_no = :draft_no;

-- name: drafts_listed
-- All drafts, newest first.
SELECT draft_no, name, based_on, hash, author, why, state, drawn_at, effective_at, regions, version, waiting_for,
       waits_until
  FROM definition_draft
 ORDER BY draft_no DESC;

-- name: move_draft
-- A draft comes to another state, and waits for something else.
UPDATE definition_draft
   SET state = :state,
       version = :version,
       waiting_for = :waiting_for,
       waits_until = :waits_until
 WHERE draft_no = :draft_no;

-- name: drafts_due
-- Approved drafts whose date has come, the earliest first.
SELECT draft_no
  FROM definition_draft
 WHERE state = 'approved'
   AND waits_until <= :at
 ORDER BY waits_until, draft_no;

-- name: open_drafts_beside
-- Drafts that were drawn from a version that is no longer in force.
SELECT draft_no
  FROM definition_draft
 WHERE state IN ('draft', 'in review', 'approved')
   AND draft_no <> :draft_no
   AND based_on < :version
 ORDER BY draft_no;

-- name: say_of_draft
-- Keeps who said what of which body.
INSERT INTO definition_act (draft_no, no, at, by, act, hash, why)
SELECT :draft_no, COALESCE(max(no), 0) + 1, :at, :by, :act, :hash, :why
  FROM definition_act
 WHERE draft_no = :draft_no;

-- name: acts_of_drafts
-- Who said what of drafts, in order; of one, or of all.
SELECT draft_no, no, at, by, act, hash, why
  FROM definition_act
 WHERE :draft_no::integer IS NULL OR draft_no = :draft_no
 ORDER BY at, draft_no, no;

-- name: definition_versions
-- The versions of the definition, newest first, with who put each in force and the draft it was.
SELECT p.version, p.hash, p.published_at, p.published_by, p.approved_by, d.draft_no
  FROM published p
  LEFT JOIN definition_draft d ON d.version = p.version AND d.name = p.name
 WHERE p.kind = 'definition'
   AND p.name = :name
 ORDER BY p.version DESC;

-- name: definition_was_published
-- Whether this very content has been in force before.
SELECT EXISTS (SELECT FROM published WHERE kind = 'definition' AND name = :name AND hash = :hash) AS found;

-- name: stages_stood_in
-- How many leads stand at each stage now.
SELECT stage, track, count(*) AS leads
  FROM lead_stage
 GROUP BY stage, track
 ORDER BY stage, track;

-- name: judged_anew_page
-- The next leads a changed gate may move: at a stage before it, or in it. In the order of their ids, so that a page
-- that was cut short goes on where it was.
SELECT DISTINCT s.lead_id
  FROM lead_stage s
 WHERE s.stage = ANY (:stages::text[])
   AND (:after::uuid IS NULL OR s.lead_id > :after)
 ORDER BY s.lead_id
 LIMIT :page_limit;

-- name: judged_or_clocked_page
-- The next leads a new definition may mean something for: whom its gate may move, and whose clocks it may set. Each side
-- is cut by its own index first, so a page costs the same among many leads as among few.
(SELECT DISTINCT s.lead_id
   FROM lead_stage s
  WHERE s.stage = ANY (:stages::text[])
    AND (:after::uuid IS NULL OR s.lead_id > :after)
  ORDER BY s.lead_id
  LIMIT :page_limit::integer)
 UNION
(SELECT DISTINCT c.lead_id
   FROM lead_clock c
  WHERE c.kind = ANY (:clocks::text[])
    AND (:after::uuid IS NULL OR c.lead_id > :after)
  ORDER BY c.lead_id
  LIMIT :page_limit::integer)
 ORDER BY lead_id
 LIMIT :page_limit::integer;

-- name: judged_anew_count
-- How many leads that are, for the progress.
SELECT count(DISTINCT lead_id) AS leads
  FROM lead_stage
 WHERE stage = ANY (:stages::text[]);

-- name: offered_leads
-- Of these leads, those somebody has been asked to answer for, who came along with a colleague among them.
SELECT lead_id
  FROM hand_off
 WHERE lead_id = ANY (:lead_ids::uuid[])
   AND state IN ('offered', 'accepted')
   AND closed_at IS NULL
 UNION
SELECT m.lead_id
  FROM hand_off_member m
  JOIN hand_off h ON h.hand_off_id = m.hand_off_id
 WHERE m.lead_id = ANY (:lead_ids::uuid[])
   AND h.state IN ('offered', 'accepted')
   AND h.closed_at IS NULL;

-- name: begin_reevaluation
-- From now on leads are judged anew under this version; twice is once.
INSERT INTO reevaluation (version, region, from_version, at)
VALUES (:version, :region, :from_version, :at)
    ON CONFLICT DO NOTHING;

-- name: open_reevaluation
-- The oldest that hasn't come to its end.
SELECT version, region, from_version, at, after_lead
  FROM reevaluation
 WHERE ended_at IS NULL
 ORDER BY at, version, region
 LIMIT 1;

-- name: reevaluation_held
-- Held while a page of it is worked: two workers take turns.
SELECT version, region, from_version, at, after_lead
  FROM reevaluation
 WHERE version = :version AND region = :region AND ended_at IS NULL
   FOR UPDATE;

-- name: regions_of_reevaluation
-- Regions whose leads are judged anew by themselves under a version.
SELECT region
  FROM reevaluation
 WHERE version = :version AND region <> '';

-- name: keep_preview
-- What was worked out last takes the place of what was worked out before.
INSERT INTO definition_preview (draft_no, at, found)
VALUES (:draft_no, :at, :found)
    ON CONFLICT (draft_no) DO UPDATE
   SET at = EXCLUDED.at,
       found = EXCLUDED.found;

-- name: kept_preview
-- What was worked out last.
SELECT found
  FROM definition_preview
 WHERE draft_no = :draft_no;

-- name: reevaluation_came_to
-- How far it has come.
UPDATE reevaluation
   SET after_lead = :after_lead,
       ended_at = :ended_at
 WHERE version = :version AND region = :region;

-- name: moved_by_version
-- Where leads were moved by the coming into force of a version.
SELECT c.lead_id, c.track, c.from_stage, c.to_stage
  FROM stage_change c
 WHERE c.definition_version = :version
   AND c.evidence ->> 'event' = 'definition_changed'
 ORDER BY c.lead_id, c.track, c.no;

-- name: open_load
-- Open offers by owner, and by pool where nobody has them; whoever has none isn't there.
SELECT COALESCE(o.handle, 'pool ' || h.pool) AS who, count(*) AS open
  FROM hand_off h
  LEFT JOIN owner o ON o.owner_id = h.owner_id
 WHERE h.state = 'offered'
   AND COALESCE(o.handle, h.pool) IS NOT NULL
 GROUP BY 1
 ORDER BY 1;

-- name: company_has_hand_off
-- Companies of these leads that have a hand-off open in a track, or in conversation: a further lead joins it.
SELECT DISTINCT h.account_id, h.lead_id, h.track
  FROM hand_off h
 WHERE h.closed_at IS NULL
   AND h.state IN ('offered', 'accepted')
   AND h.kind = ANY (:kinds::text[])
   AND (h.lead_id = ANY (:lead_ids::uuid[]) OR h.account_id = ANY (:account_ids::uuid[]));

-- name: say_of_region
-- What was decided about a region.
INSERT INTO definition_region (region, no, version, hash, at, by, act, why, figures)
SELECT :region, COALESCE(max(no), 0) + 1, :version, :hash, :at, :by, :act, :why, :figures
  FROM definition_region
 WHERE region = :region;

-- name: acts_of_regions
-- What was decided about regions, newest first.
SELECT region, no, version, at, by, act, why, figures
  FROM definition_region
 ORDER BY at DESC, region, no DESC;

-- name: note_governance
-- Keeps what governors did, with the figures they saw.
INSERT INTO governance_act (act_id, at, by, kind, words, owner, due_on, figures)
VALUES (:act_id, :at, :by, :kind, :words, :owner, :due_on, :figures);

-- name: governance_acts
-- What governors did, newest first.
SELECT act_id, at, by, kind, words, owner, due_on, done_at, done_by, figures
  FROM governance_act
 ORDER BY at DESC, act_id;

-- name: finish_decision
-- A decision is done; once.
UPDATE governance_act
   SET done_at = :at,
       done_by = :by
 WHERE act_id = :act_id
   AND kind = 'decision'
   AND done_at IS NULL
RETURNING act_id;

-- name: adoption_by_region
-- How a region lives with the definition: answers, reasons, clocks that ran out. By where the lead is, never by person.
SELECT COALESCE(:regions::jsonb ->> COALESCE(l.country, a.country), '') AS region,
       count(*) FILTER (WHERE h.decided_at IS NOT NULL OR h.accept_by < :at) AS due,
       count(*) FILTER (WHERE h.decided_at IS NOT NULL AND h.level = 0) AS in_time,
       count(*) FILTER (WHERE h.state IN ('rejected', 'recycled')) AS given_back,
       count(*) FILTER (WHERE h.state IN ('rejected', 'recycled') AND h.reason IS NOT NULL) AS with_reason,
       0 AS in_clock, 0 AS stale
  FROM hand_off h
  JOIN lead l ON l.lead_id = h.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE h.offered_at IS NOT NULL
   AND h.opened_at > :since
 GROUP BY 1
 UNION ALL
SELECT COALESCE(:regions::jsonb ->> COALESCE(l.country, a.country), ''), 0, 0, 0, 0,
       count(*), count(*) FILTER (WHERE s.waits_until < :at)
  FROM lead_stage s
  JOIN lead l ON l.lead_id = s.lead_id
  LEFT JOIN account a ON a.account_id = l.account_id
 WHERE s.stage = ANY (:clocked::text[])
 GROUP BY 1;

-- name: drifted
-- Leads of which another system said, after our own last word, where they stand.
SELECT s.lead_id, s.track, s.stage, s.since, told.said, told.at
  FROM lead_stage s
 CROSS JOIN LATERAL (
       SELECT COALESCE(e.data ->> 'there', e.data ->> 'stage') AS said, e.at
         FROM event e
        WHERE e.lead_id = s.lead_id AND e.kind = 'imported' AND (e.data ? 'there' OR e.data ? 'stage')
        ORDER BY e.no DESC
        LIMIT 1) told
 WHERE s.track = :track
   AND told.said <> s.stage
 ORDER BY told.at DESC, s.lead_id
 LIMIT :page_limit::integer;

-- name: deal_spans_of_leads
-- When a deal of each lead, or of their company, was open: a lead who is ready then joins it.
SELECT l.lead_id, d.created_at AS opened_at, d.closed_at
  FROM lead l
  JOIN deal d ON d.lead_id = l.lead_id
 WHERE l.lead_id = ANY (:lead_ids::uuid[])
 UNION
SELECT l.lead_id, d.created_at, d.closed_at
  FROM lead l
  JOIN deal d ON d.account_id = l.account_id
 WHERE l.lead_id = ANY (:lead_ids::uuid[]);

-- name: leads_that_did_something_count
-- How many leads a look back goes through, for its progress.
SELECT count(*) AS leads
  FROM lead
 WHERE last_event_no > 0;

-- name: passed_really
-- What the log has of a span, by week: leads that came through the gate, and of those whom sales accepted, in the week of
-- the acceptance.
SELECT date_trunc('week', c.at AT TIME ZONE 'UTC')::date AS monday, 'mql_really' AS figure, count(*) AS leads
  FROM stage_change c
 WHERE c.to_stage = ANY (:ready::text[])
   AND c.at >= :since AND c.at < :until
 GROUP BY 1
 UNION ALL
SELECT date_trunc('week', then_.at AT TIME ZONE 'UTC')::date, 'sal_really', count(*)
  FROM stage_change c
  JOIN stage_change then_ ON then_.lead_id = c.lead_id AND then_.track = c.track AND then_.no = c.no + 1
 WHERE c.to_stage = ANY (:ready::text[])
   AND c.at >= :since AND c.at < :until
   AND then_.to_stage = ANY (:accepted::text[])
 GROUP BY 1
 ORDER BY 1, 2;

-- name: keep_look_back
-- What was worked out last takes the place of what was worked out before.
INSERT INTO definition_look_back (draft_no, at, found)
VALUES (:draft_no, :at, :found)
    ON CONFLICT (draft_no) DO UPDATE
   SET at = EXCLUDED.at,
       found = EXCLUDED.found;

-- name: kept_look_back
-- What was worked out last.
SELECT found
  FROM definition_look_back
 WHERE draft_no = :draft_no;
