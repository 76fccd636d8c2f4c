-- name: leads_page
-- Leads as the API lists them: newest first, a page behind the last row of the page before.
SELECT l.lead_id, l.account_id, l.email, l.first_name, l.last_name, l.company, l.country, l.role, l.title, l.phone,
       l.time_zone, l.language, l.source, l.owner_id, l.created_at, l.attributes
  FROM lead l
 WHERE l.erased_at IS NULL
   AND (l.created_at, l.lead_id) < (:before_at::timestamptz, :before_id::uuid)
   AND (:email::text IS NULL OR l.lead_id IN (SELECT lead_id FROM identity_key WHERE kind = 'email' AND value = :email))
   AND (:external_id::text IS NULL
        OR l.lead_id IN (SELECT lead_id FROM identity_key WHERE kind = 'external_id' AND value = :external_id))
   AND (:company::text IS NULL OR lower(l.company) = lower(:company))
   AND (:country::text IS NULL OR l.country = :country)
   AND (:source::text IS NULL OR l.source = :source)
   AND (:stage::text IS NULL
        OR EXISTS (SELECT FROM lead_stage s WHERE s.lead_id = l.lead_id AND s.stage = :stage))
   AND (:since::timestamptz IS NULL OR l.created_at >= :since)
 ORDER BY l.created_at DESC, l.lead_id DESC
 LIMIT :page_limit;

-- name: stages_of_many
-- Where each of these leads stands.
SELECT lead_id, track, stage FROM lead_stage WHERE lead_id = ANY (:lead_ids::uuid[]) ORDER BY lead_id, track;

-- name: external_ids_of_many
-- What other systems call them.
SELECT lead_id, value FROM identity_key WHERE kind = 'external_id' AND lead_id = ANY (:lead_ids::uuid[]) ORDER BY value;
