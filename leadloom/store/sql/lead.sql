-- name: lead_by_id
-- One lead, for whoever needs their words.
SELECT lead_id, account_id, email, first_name, last_name, company, country, role, title, phone, time_zone, language,
       source, owner_id, created_at, attributes
  FROM lead
 WHERE lead_id = :lead_id;

-- name: leads_known_as
-- Who has one of these identity keys; the order of the keys is the order of the answer.
SELECT k.lead_id, k.kind, k.value
  FROM unnest(:kinds::text[], :values::text[]) WITH ORDINALITY AS asked (kind, value, position)
  JOIN identity_key k ON k.kind = asked.kind AND k.value = asked.value
 ORDER BY asked.position;

-- name: know_or_claim_keys
-- Who has each of these keys, and the claim to those that nobody has: their lead is NULL in the answer. A key somebody
-- takes at this moment is missing; the order is fixed so that two claims of the same keys can't deadlock.
WITH claimed AS (
     INSERT INTO identity_key (kind, value, lead_id)
     SELECT asked.kind, asked.value, asked.lead_id
       FROM unnest(:kinds::text[], :values::text[], :lead_ids::uuid[]) AS asked (kind, value, lead_id)
      ORDER BY asked.kind, asked.value
         ON CONFLICT (kind, value) DO NOTHING
     RETURNING kind, value)
SELECT kind, value, NULL AS lead_id
  FROM claimed
 UNION ALL
SELECT k.kind, k.value, k.lead_id
  FROM unnest(:kinds::text[], :values::text[]) AS asked (kind, value)
  JOIN identity_key k ON k.kind = asked.kind AND k.value = asked.value;

-- name: move_keys
-- Keys claimed a moment ago in this transaction for somebody who turned out to be known.
UPDATE identity_key k
   SET lead_id = asked.lead_id
  FROM unnest(:kinds::text[], :values::text[], :lead_ids::uuid[]) AS asked (kind, value, lead_id)
 WHERE k.kind = asked.kind
   AND k.value = asked.value;

-- name: make_leads
-- New people, with the number of the last event that is about to be written about them.
INSERT INTO lead (lead_id, account_id, email, first_name, last_name, company, country, role, title, phone, time_zone,
       language, source, attributes, created_at, last_event_no)
SELECT lead_id, account_id, email, first_name, last_name, company, country, role, title, phone, time_zone,
       language, source, attributes, created_at, last_event_no
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       lead_id uuid, account_id uuid, email text, first_name text, last_name text, company text, country text,
       role text, title text, phone text, time_zone text, language text, source text, attributes jsonb,
       created_at timestamptz, last_event_no integer);

-- name: tell_leads
-- What people told us, merged under their locks.
UPDATE lead l
   SET account_id = r.account_id,
       email = r.email,
       first_name = r.first_name,
       last_name = r.last_name,
       company = r.company,
       country = r.country,
       role = r.role,
       title = r.title,
       phone = r.phone,
       time_zone = r.time_zone,
       language = r.language,
       source = r.source,
       attributes = r.attributes
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       lead_id uuid, account_id uuid, email text, first_name text, last_name text, company text, country text,
       role text, title text, phone text, time_zone text, language text, source text, attributes jsonb)
 WHERE l.lead_id = r.lead_id;
