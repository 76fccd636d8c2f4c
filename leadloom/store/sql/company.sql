-- name: take_accounts_to_match
-- The next companies nobody compared since their name or domain were told; the oldest first, held.
UPDATE account a
   SET is_looked_at = true
  FROM (SELECT account_id
          FROM account
         WHERE NOT is_looked_at
         ORDER BY created_at, account_id
         LIMIT :page_limit::integer
           FOR NO KEY UPDATE SKIP LOCKED) AS due
 WHERE a.account_id = due.account_id
RETURNING a.account_id;

-- name: look_at_accounts_again
-- Something was declared of these companies: they are compared again.
UPDATE account
   SET is_looked_at = false
 WHERE account_id = ANY (:account_ids::uuid[])
   AND is_looked_at;

-- name: forget_account_keys
-- What a company was compared by before.
DELETE FROM account_key WHERE account_id = :account_id;

-- name: keep_account_keys
-- What it is compared by now.
INSERT INTO account_key (key, account_id)
SELECT key, :account_id
  FROM unnest(:keys::text[]) AS k (key)
    ON CONFLICT DO NOTHING;

-- name: accounts_sharing_keys
-- Companies that share a key with one; a key that too many have tells nobody apart.
SELECT DISTINCT k.account_id
  FROM unnest(:keys::text[]) AS asked (key)
 CROSS JOIN LATERAL (SELECT account_id FROM account_key WHERE key = asked.key LIMIT :most::integer) AS k
 WHERE k.account_id <> :account_id;

-- name: firms
-- Companies as matching looks at them, with what is at stake there. None that was found to be another.
SELECT a.account_id, a.name, a.domain, a.country, a.parent_id, a.is_named, a.created_at,
       (SELECT o.handle FROM owner o WHERE o.owner_id = a.owner_id) AS owner,
       ARRAY (SELECT x.value FROM account_alias x WHERE x.account_id = a.account_id AND x.kind = 'domain'
               UNION
              SELECT j.domain FROM account j WHERE j.same_as = a.account_id AND j.domain IS NOT NULL
               ORDER BY 1) AS also_domains,
       ARRAY (SELECT x.value FROM account_alias x WHERE x.account_id = a.account_id AND x.kind = 'name'
               UNION
              SELECT j.name FROM account j WHERE j.same_as = a.account_id AND j.name IS DISTINCT FROM j.domain
               ORDER BY 1) AS also_names,
       (SELECT count(*) FROM deal d WHERE d.account_id = a.account_id AND d.stage = 'open') AS open_deals,
       (SELECT count(*) FROM hand_off h
         WHERE h.account_id = a.account_id
           AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL))) AS open_hand_offs,
       (SELECT count(*) FROM lead l WHERE l.account_id = a.account_id) AS people
  FROM account a
 WHERE a.account_id = ANY (:account_ids::uuid[])
   AND a.same_as IS NULL
 ORDER BY a.created_at, a.account_id;

-- name: accounts_kept_apart
-- Whom somebody said a company is not.
SELECT CASE WHEN account_id = :account_id THEN other_id ELSE account_id END AS account_id
  FROM account_match
 WHERE state IN ('apart', 'undone')
   AND (account_id = :account_id OR other_id = :account_id);

-- name: open_account_match
-- Somebody is to choose: what was found, until they do. What is found later replaces it.
INSERT INTO account_match (match_id, account_id, state, rule, candidates, found_at)
VALUES (:match_id, :account_id, 'open', :rule, :candidates, :at)
    ON CONFLICT (account_id) WHERE state = 'open' DO UPDATE
   SET rule = EXCLUDED.rule,
       candidates = EXCLUDED.candidates;

-- name: settle_account_match
-- A choice that is made, or that nothing is left of, isn't waited for any more.
UPDATE account_match
   SET state = 'settled', decided_at = :at, decided_by = :by, why = :why
 WHERE account_id = ANY (:account_ids::uuid[])
   AND state = 'open';

-- name: keep_account_match
-- A decision about two companies.
INSERT INTO account_match (
    match_id, account_id, other_id, state, rule, reasons, found_at, decided_at, decided_by, why, moved)
VALUES (:match_id, :account_id, :other_id, :state, :rule, :reasons, :at, :at, :by, :why, :moved);

-- name: undo_account_match
-- The two are two again, and stay so.
UPDATE account_match
   SET state = 'undone', undone_at = :at, undone_by = :by
 WHERE match_id = :match_id
   AND state = 'joined';

-- name: account_match_by_id
-- One decision, held, with what it moved.
SELECT match_id, account_id, other_id, state, rule, moved
  FROM account_match
 WHERE match_id = :match_id
   FOR UPDATE;

-- name: open_account_matches
-- What somebody has to choose, the most people first.
SELECT m.match_id, m.account_id, a.name, a.domain, a.country, m.rule, m.candidates, m.found_at,
       (SELECT count(*) FROM lead l WHERE l.account_id = m.account_id) AS people
  FROM account_match m
  JOIN account a USING (account_id)
 WHERE m.state = 'open'
 ORDER BY people DESC, m.found_at, m.match_id
 LIMIT :page_limit::integer;

-- name: account_matches_decided
-- What was decided, the latest first: of one company, or of all.
SELECT m.match_id, m.account_id, a.name, a.domain, m.other_id, o.name AS other, m.state, m.rule, m.reasons,
       m.decided_at, m.decided_by, m.why, m.undone_at, m.undone_by
  FROM account_match m
  JOIN account a ON a.account_id = m.account_id
  JOIN account o ON o.account_id = m.other_id
 WHERE m.state IN ('joined', 'undone', 'apart')
   AND (:account_id::uuid IS NULL OR m.account_id = :account_id OR m.other_id = :account_id)
 ORDER BY m.decided_at DESC, m.match_id
 LIMIT :page_limit::integer;

-- name: lock_people_of_account
-- Holds everybody at a company, in order: whoever writes about a lead holds its row.
SELECT lead_id
  FROM lead
 WHERE account_id = :account_id
 ORDER BY lead_id
   FOR UPDATE;

-- name: move_people
-- The people of one company are at another.
UPDATE lead SET account_id = :there
 WHERE lead_id = ANY (:lead_ids::uuid[])
   AND account_id = :here
RETURNING lead_id;

-- name: move_hand_offs
-- Their hand-offs go along.
UPDATE hand_off SET account_id = :there
 WHERE account_id = :here
   AND (:hand_off_ids::uuid[] IS NULL OR hand_off_id = ANY (:hand_off_ids::uuid[]))
RETURNING hand_off_id;

-- name: move_deals
-- Their deals go along.
UPDATE deal SET account_id = :there
 WHERE account_id = :here
   AND (:deal_ids::uuid[] IS NULL OR deal_id = ANY (:deal_ids::uuid[]))
RETURNING deal_id;

-- name: move_mails
-- Mail that counts, or will, for how much one company gets in an hour.
UPDATE message SET account_id = :there
 WHERE account_id = :here
   AND lead_id = ANY (:lead_ids::uuid[])
   AND slot_at > :since;

-- name: move_aliases
-- What one company is also called means the other now.
UPDATE account_alias SET account_id = :there
 WHERE account_id = :here
   AND (:names::text[] IS NULL OR kind || ' ' || value = ANY (:names::text[]))
RETURNING kind || ' ' || value AS name;

-- name: send_on
-- Companies that were sent on to one, and the one itself, are sent on to the other.
UPDATE account SET same_as = :there
 WHERE account_id <> :there
   AND (account_id = :here OR same_as = :here)
RETURNING account_id;

-- name: move_daughters
-- The daughters of one company are the other's.
UPDATE account SET parent_id = NULLIF(:there::uuid, account_id)
 WHERE parent_id = :here
   AND (:account_ids::uuid[] IS NULL OR account_id = ANY (:account_ids::uuid[]))
RETURNING account_id;

-- name: stands_again
-- A company that was sent on is itself again, with those that were sent on with it.
UPDATE account SET same_as = CASE WHEN account_id = :account_id THEN NULL ELSE :account_id::uuid END
 WHERE account_id = ANY (:account_ids::uuid[])
   AND same_as = :from_id;

-- name: fill_blanks_of_account
-- What one company didn't know and the other did; as it was before, for whoever undoes it.
UPDATE account a
   SET industry = COALESCE(a.industry, b.industry),
       sites = COALESCE(a.sites, b.sites),
       country = COALESCE(a.country, b.country),
       owner_id = COALESCE(a.owner_id, b.owner_id),
       is_named = a.is_named OR b.is_named,
       name = CASE WHEN a.name = a.domain THEN b.name ELSE a.name END
  FROM account b, account was
 WHERE a.account_id = :account_id
   AND was.account_id = a.account_id
   AND b.account_id = :from_id
RETURNING jsonb_build_object('industry', was.industry, 'sites', was.sites, 'country', was.country,
                             'owner_id', was.owner_id, 'is_named', was.is_named, 'name', was.name) AS before,
          jsonb_build_object('industry', a.industry, 'sites', a.sites, 'country', a.country,
                             'owner_id', a.owner_id, 'is_named', a.is_named, 'name', a.name) AS after;

-- name: take_back_blanks
-- What only a joined company told is unknown again, unless somebody said it since.
UPDATE account
   SET industry = CASE WHEN industry IS NOT DISTINCT FROM :after::jsonb ->> 'industry'
                       THEN :before::jsonb ->> 'industry' ELSE industry END,
       sites = CASE WHEN sites IS NOT DISTINCT FROM (:after::jsonb ->> 'sites')::integer
                    THEN (:before::jsonb ->> 'sites')::integer ELSE sites END,
       country = CASE WHEN country IS NOT DISTINCT FROM :after::jsonb ->> 'country'
                      THEN :before::jsonb ->> 'country' ELSE country END,
       owner_id = CASE WHEN owner_id IS NOT DISTINCT FROM (:after::jsonb ->> 'owner_id')::uuid
                       THEN (:before::jsonb ->> 'owner_id')::uuid ELSE owner_id END,
       is_named = CASE WHEN is_named = (:after::jsonb ->> 'is_named')::boolean
                       THEN (:before::jsonb ->> 'is_named')::boolean ELSE is_named END,
       name = CASE WHEN name = :after::jsonb ->> 'name' THEN :before::jsonb ->> 'name' ELSE name END
 WHERE account_id = :account_id;

-- name: people_by_domain
-- Who came to a company by a domain that is the other's again.
SELECT lead_id
  FROM lead
 WHERE account_id = :account_id
   AND split_part(email, '@', 2) = :domain;

-- name: declare_alias
-- A company is also known by this; nothing happens where another has it.
INSERT INTO account_alias (kind, value, account_id, at, by)
VALUES (:kind, :value, :account_id, :at, :by)
    ON CONFLICT (kind, value) DO NOTHING;

-- name: who_is_called
-- Whose a domain or a declared name is already.
SELECT account_id FROM account_alias WHERE kind = :kind AND value = :value
 UNION
SELECT COALESCE(same_as, account_id) FROM account WHERE :kind = 'domain' AND domain = :value;

-- name: drop_alias
-- It means nobody any more.
DELETE FROM account_alias WHERE account_id = :account_id AND kind = :kind AND value = :value;

-- name: aliases_of_account
-- What a company is also called, in order.
SELECT kind, value, at, by FROM account_alias WHERE account_id = :account_id ORDER BY kind, value;

-- name: declare_parent
-- Whose daughter a company is; none for its own.
UPDATE account SET parent_id = :parent_id WHERE account_id = :account_id;

-- name: parents_above
-- The parents of a company, the nearest first; a circle would end nowhere, so it is told by its length.
WITH RECURSIVE above (account_id, parent_id, far) AS (
     SELECT account_id, parent_id, 0 FROM account WHERE account_id = :account_id
      UNION ALL
     SELECT a.account_id, a.parent_id, far + 1 FROM account a JOIN above ON a.account_id = above.parent_id WHERE far < 20)
SELECT account_id FROM above WHERE far > 0 ORDER BY far;

-- name: declare_named
-- A company we are after, or no more.
UPDATE account SET is_named = :is_named WHERE account_id = :account_id;

-- name: leads_by_what_they_name
-- People at a company who name another one, for its daughters to be looked at.
SELECT lead_id, company
  FROM lead
 WHERE account_id = :account_id
   AND company IS NOT NULL
   AND lower(company) <> :name
 ORDER BY lead_id
 LIMIT :page_limit::integer;

-- name: family_of_account
-- Its parent and its daughters, none that was found to be another.
SELECT account_id
  FROM account
 WHERE same_as IS NULL
   AND (parent_id = :account_id
        OR account_id = (SELECT parent_id FROM account WHERE account_id = :account_id)
        OR parent_id = (SELECT parent_id FROM account WHERE account_id = :account_id))
   AND account_id <> :account_id;

-- name: accounts_called
-- Companies by id, domain, alias or name, for whoever names one on a command line; those sent on lead to where they are.
SELECT DISTINCT COALESCE(same_as, account_id) AS account_id
  FROM account
 WHERE account_id::text = :said OR domain = :said OR lower(name) = :said
 UNION
SELECT account_id FROM account_alias WHERE value = :said;

-- name: put_lead
-- Somebody says where a lead is.
UPDATE lead SET account_id = :account_id WHERE lead_id = :lead_id;

-- name: leads_nowhere
-- People at no company, the newest first.
SELECT lead_id, first_name, last_name, email, company, country, source, created_at
  FROM lead
 WHERE account_id IS NULL
   AND erased_at IS NULL
 ORDER BY created_at DESC, lead_id
 LIMIT :page_limit::integer;

-- name: domain_of_account
-- By which domain a company was known before it was found to be another.
SELECT domain FROM account WHERE account_id = :account_id;

-- name: who_waits_for_a_choice
-- Which companies are asked already whether they are this one: a pair is asked about once.
SELECT account_id
  FROM account_match
 WHERE state = 'open'
   AND account_id <> :account_id
   AND candidates @> jsonb_build_array(jsonb_build_object('account_id', :account_id::uuid));

-- name: lock_place_of_lead
-- Where a lead is, held: whoever writes about a lead holds its row.
SELECT account_id FROM lead WHERE lead_id = :lead_id FOR UPDATE;

-- name: list_companies
-- Companies with what is going on there; those that were found to be another are left out.
WITH found AS (
    SELECT a.account_id, a.name, a.domain, a.country, a.industry, a.sites, o.handle AS owner, a.is_named,
           p.people, d.open_deals, h.open_hand_offs, p.last_event_at,
           NULL::uuid AS lead_id, NULL AS first_name, NULL AS last_name, NULL AS email, a.name AS company,
           (CASE :sort::text
                WHEN 'name' THEN lower(a.name)
                WHEN 'country' THEN a.country
                WHEN 'deals' THEN lpad((d.open_deals * 1000 + h.open_hand_offs)::text, 12, '0')
                WHEN 'heard' THEN to_char(p.last_event_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')
                ELSE lpad(p.people::text, 12, '0') END) COLLATE "C" AS sort_key,
           a.account_id::text COLLATE "C" AS row_id
      FROM account a
      LEFT JOIN owner o ON o.owner_id = a.owner_id
     CROSS JOIN LATERAL (
           SELECT count(*) AS people,
                  max((SELECT max(e.at) FROM event e WHERE e.lead_id = l.lead_id)) AS last_event_at
             FROM lead l WHERE l.account_id = a.account_id) p
     CROSS JOIN LATERAL (
           SELECT count(*) AS open_deals FROM deal d WHERE d.account_id = a.account_id AND d.stage = 'open') d
     CROSS JOIN LATERAL (
           SELECT count(*) AS open_hand_offs
             FROM hand_off h
            WHERE h.account_id = a.account_id
              AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL))) h
     WHERE a.same_as IS NULL
       AND (:words::text IS NULL OR position(lower(:words) IN lower(concat_ws(' ', a.name, a.domain))) > 0)
       AND (:country::text IS NULL OR a.country = :country)
       AND (:industry::text IS NULL OR a.industry = :industry)
       AND (:owner::text IS NULL OR o.handle = :owner)
       AND (NOT :named::boolean OR a.is_named)
       AND (NOT :business::boolean OR d.open_deals + h.open_hand_offs > 0))
SELECT account_id, name, domain, country, industry, sites, owner, is_named, people, open_deals, open_hand_offs,
       last_event_at, lead_id, first_name, last_name, email, company, sort_key, row_id,
       (SELECT count(*) FROM found) AS total
  FROM found
 WHERE :after_key::text IS NULL
    OR CASE WHEN :descending::boolean THEN (COALESCE(sort_key, ''), row_id) < (:after_key, :after_id::text)
            ELSE (COALESCE(sort_key, ''), row_id) > (:after_key, :after_id) END
 ORDER BY CASE WHEN :descending THEN COALESCE(sort_key, '') END DESC, CASE WHEN :descending THEN row_id END DESC,
          COALESCE(sort_key, ''), row_id
 LIMIT :page_limit::integer;

-- name: company_by_id
-- The head of a company's page.
SELECT a.account_id, a.name, a.domain, a.industry, a.sites, a.country, o.handle AS owner, a.is_named, a.created_at,
       a.same_as AS sent_on_to
  FROM account a
  LEFT JOIN owner o ON o.owner_id = a.owner_id
 WHERE a.account_id = :account_id;

-- name: people_at_company
-- Its people, the most recently heard of first.
SELECT l.lead_id, l.first_name, l.last_name, l.email, l.title, l.role, l.company,
       (SELECT max(e.at) FROM event e WHERE e.lead_id = l.lead_id) AS last_event_at
  FROM lead l
 WHERE l.account_id = :account_id
   AND l.erased_at IS NULL
 ORDER BY last_event_at DESC NULLS LAST, l.lead_id
 LIMIT 100;

-- name: open_hand_offs_of_company
-- Who must answer about whom there.
SELECT h.hand_off_id, h.lead_id, h.kind, h.state, o.handle AS owner, h.opened_at
  FROM hand_off h
  LEFT JOIN owner o ON o.owner_id = h.owner_id
 WHERE h.account_id = :account_id
   AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL))
 ORDER BY h.opened_at, h.hand_off_id;

-- name: deals_of_company
-- Its deals, open ones first, then the latest.
SELECT d.deal_id, d.external_id, d.name, d.stage, d.amount::text || ' ' || d.currency AS money, o.handle AS owner,
       d.created_at, d.closed_at
  FROM deal d
  LEFT JOIN owner o ON o.owner_id = d.owner_id
 WHERE d.account_id = :account_id
 ORDER BY d.stage <> 'open', d.created_at DESC, d.deal_id
 LIMIT 50;

-- name: relatives
-- Its parent, then its daughters.
SELECT account_id, name, domain, is_parent
  FROM (SELECT p.account_id, p.name, p.domain, true AS is_parent
          FROM account a JOIN account p ON p.account_id = a.parent_id
         WHERE a.account_id = :account_id
         UNION ALL
        SELECT account_id, name, domain, false FROM account
         WHERE parent_id = :account_id AND same_as IS NULL) AS family
 ORDER BY is_parent DESC, name, account_id;

-- name: rows_sent_on
-- Companies that were found to be this one.
SELECT account_id, name, domain FROM account WHERE same_as = :account_id ORDER BY name, account_id;

-- name: count_account_matches
-- The numbers above the lists of choices, of people at no company, and of decisions.
SELECT (SELECT count(*) FROM account_match WHERE state = 'open') AS open,
       (SELECT count(*) FROM lead WHERE account_id IS NULL AND erased_at IS NULL) AS nowhere,
       (SELECT count(*) FROM account_match WHERE state IN ('joined', 'undone', 'apart')) AS decided;
