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

-- name: claim_keys
-- Makes a lead known by these keys. A key somebody else has, or takes at this moment, is left out of the answer; the
-- order is fixed so that two claims of the same keys can't deadlock.
INSERT INTO identity_key (kind, value, lead_id)
SELECT asked.kind, asked.value, :lead_id
  FROM unnest(:kinds::text[], :values::text[]) AS asked (kind, value)
 ORDER BY asked.kind, asked.value
    ON CONFLICT (kind, value) DO NOTHING
RETURNING kind, value;

-- name: make_lead
-- A new person.
INSERT INTO lead (lead_id, account_id, email, first_name, last_name, company, country, role, title, phone, time_zone,
       language, source, attributes, created_at)
VALUES (:lead_id, :account_id, :email, :first_name, :last_name, :company, :country, :role, :title, :phone, :time_zone,
       COALESCE(:language, 'en'), :source, COALESCE(:attributes::jsonb, '{}'), :at);

-- name: unmake_lead
-- Takes back a lead made a moment ago in this transaction, because another capture of the same person was faster.
DELETE FROM lead
 WHERE lead_id = :lead_id;

-- name: release_keys
-- The keys of a lead that is taken back.
DELETE FROM identity_key
 WHERE lead_id = :lead_id;

-- name: tell_lead
-- What the person told us; NULL leaves a field as it is.
UPDATE lead
   SET account_id = COALESCE(:account_id, account_id),
       email = COALESCE(:email, email),
       first_name = COALESCE(:first_name, first_name),
       last_name = COALESCE(:last_name, last_name),
       company = COALESCE(:company, company),
       country = COALESCE(:country, country),
       role = COALESCE(:role, role),
       title = COALESCE(:title, title),
       phone = COALESCE(:phone, phone),
       time_zone = COALESCE(:time_zone, time_zone),
       language = COALESCE(:language, language),
       source = COALESCE(:source, source),
       attributes = COALESCE(:attributes::jsonb, attributes)
 WHERE lead_id = :lead_id;
