-- name: say_of_approval
-- Somebody asked for an approval, gave it or took it back; numbered under the campaign's lock.
INSERT INTO campaign_approval (campaign_id, no, act, at, by, why, terms)
SELECT :campaign_id::uuid, COALESCE(max(no), 0) + 1, :act, :at, :by, :why, :terms
  FROM campaign_approval
 WHERE campaign_id = :campaign_id::uuid;

-- name: approvals_of
-- What was said about its approval, in order.
SELECT no, act, at, by, why, terms
  FROM campaign_approval
 WHERE campaign_id = :campaign_id
 ORDER BY no;

-- name: count_members
-- How large the frozen audience is.
SELECT count(*)
  FROM campaign_member
 WHERE campaign_id = :campaign_id;

-- name: templates_in_force_of
-- The letters of some journeys, as they would go now.
SELECT DISTINCT ON (name) name, hash
  FROM published
 WHERE kind = 'template'
   AND split_part(name, '/', 1) = ANY (:journeys::text[])
 ORDER BY name, version DESC;
