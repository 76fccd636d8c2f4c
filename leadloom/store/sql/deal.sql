-- name: save_deals
-- One row per deal of the other system, which tells the whole truth each time; whose it is and what it is worth are
-- never unlearned, and an amount keeps the currency it was told in.
-- In one order, so that two pages can't deadlock.
INSERT INTO deal (deal_id, external_id, account_id, lead_id, owner_id, name, product, track, amount, currency,
       created_at, stage, closed_at, attributes)
SELECT r.deal_id, r.external_id, COALESCE(r.account_id, l.account_id), r.lead_id, r.owner_id, r.name, r.product,
       r.track, r.amount, r.currency, r.created_at, r.stage, r.closed_at, r.attributes
  FROM jsonb_to_recordset(:rows::jsonb) AS r (
       deal_id uuid, external_id text, account_id uuid, lead_id uuid, owner_id uuid, name text, product text,
       track text, amount numeric, currency text, created_at timestamptz, stage text, closed_at timestamptz,
       attributes jsonb)
  LEFT JOIN lead l ON l.lead_id = r.lead_id
 ORDER BY r.external_id
    ON CONFLICT (external_id) DO UPDATE
   SET account_id = COALESCE(EXCLUDED.account_id, deal.account_id),
       lead_id = COALESCE(EXCLUDED.lead_id, deal.lead_id),
       owner_id = COALESCE(EXCLUDED.owner_id, deal.owner_id),
       name = EXCLUDED.name,
       product = EXCLUDED.product,
       track = EXCLUDED.track,
       amount = COALESCE(EXCLUDED.amount, deal.amount),
       currency = CASE WHEN EXCLUDED.amount IS NULL AND deal.amount IS NOT NULL THEN deal.currency
                       ELSE COALESCE(EXCLUDED.currency, deal.currency) END,
       created_at = EXCLUDED.created_at,
       stage = EXCLUDED.stage,
       closed_at = EXCLUDED.closed_at,
       attributes = deal.attributes || EXCLUDED.attributes
RETURNING deal_id, external_id, account_id, lead_id, owner_id, name, product, track, amount, currency, created_at,
       stage, closed_at, attributes;

-- name: deals_of_lead
-- The deals of a lead and of its company, for the lead's page.
SELECT d.deal_id, d.external_id, d.account_id, d.lead_id, d.owner_id, d.name, d.product, d.track, d.amount, d.currency,
       d.created_at, d.stage, d.closed_at, d.attributes
  FROM lead l
  JOIN deal d ON d.lead_id = l.lead_id OR d.account_id = l.account_id
 WHERE l.lead_id = :lead_id
 ORDER BY d.created_at, d.deal_id;

-- name: deal_called
-- One deal by its name in its own system.
SELECT deal_id, external_id, account_id, lead_id, owner_id, name, product, track, amount, currency, created_at, stage,
       closed_at, attributes
  FROM deal
 WHERE external_id = :external_id;

-- name: deals_for_update
-- What we knew of some deals, held in one order until they are saved.
SELECT deal_id, external_id, account_id, lead_id, owner_id, name, product, track, amount, currency, created_at, stage,
       closed_at, attributes
  FROM deal
 WHERE external_id = ANY (:external_ids::text[])
 ORDER BY external_id
   FOR UPDATE;

-- name: somebody_done_with
-- One lead of the deal's company, unless another deal of theirs is open: any of its people finds the conversation.
SELECT l.lead_id
  FROM deal d
  JOIN lead l ON l.lead_id = d.lead_id OR l.account_id = d.account_id
 WHERE d.deal_id = :deal_id
   AND NOT EXISTS (
       SELECT FROM deal other
        WHERE other.stage = 'open'
          AND (other.lead_id = l.lead_id OR other.account_id = l.account_id))
 ORDER BY l.lead_id <> d.lead_id, l.created_at, l.lead_id
 LIMIT 1;
