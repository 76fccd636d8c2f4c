-- What the database looks like today: all migrations taken together, to read. A test proves that they agree.
-- Instants are business time unless their name begins with wall_ (law 11: the two never meet in one comparison).

CREATE TABLE owner (
    owner_id    uuid PRIMARY KEY,
    handle      text NOT NULL UNIQUE,
    name        text NOT NULL,
    email       text NOT NULL,
    role        text NOT NULL,
    calendar    text NOT NULL,
    regions     text[] NOT NULL DEFAULT '{}',
    deputy      text,
    phone       text,
    created_at  timestamptz NOT NULL
);
COMMENT ON TABLE owner IS 'Who may own a lead; published from the definition, so rows follow it.';

CREATE TABLE owner_absence (
    handle    text NOT NULL REFERENCES owner (handle),
    from_at   timestamptz NOT NULL,
    until_at  timestamptz NOT NULL CHECK (until_at > from_at),
    PRIMARY KEY (handle, from_at)
);

CREATE TABLE practice_round (
    handle    text NOT NULL REFERENCES owner (handle),
    round     integer NOT NULL CHECK (round > 0),
    began_at  timestamptz NOT NULL,
    answers   jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (handle, round)
);
COMMENT ON TABLE practice_round IS 'Three made-up leads worked by a new rep; no report, mail or count reads it.';
COMMENT ON COLUMN practice_round.answers IS 'Name of the practice lead → the decision and when; the first answer stands.';

CREATE TABLE account (
    account_id  uuid PRIMARY KEY,
    name        text NOT NULL,
    domain      text UNIQUE,
    industry    text,
    sites       integer CHECK (sites >= 0),
    country     text,
    owner_id    uuid REFERENCES owner,
    created_at  timestamptz NOT NULL,
    same_as     uuid REFERENCES account CHECK (same_as <> account_id),
    parent_id   uuid REFERENCES account CHECK (parent_id <> account_id),
    is_named    boolean NOT NULL DEFAULT false,
    is_looked_at boolean NOT NULL DEFAULT false
);
COMMENT ON COLUMN account.same_as IS 'Found to be that company: its people, deals and hand-offs are there. The row stays, so that whoever still names it is sent on.';
COMMENT ON COLUMN account.parent_id IS 'Declared: whose daughter it is. Its people are its own; scores of the parent count them in.';
COMMENT ON COLUMN account.is_named IS 'A company we are after: it wins ties between companies of one name.';
COMMENT ON COLUMN account.is_looked_at IS 'Compared with the others since its name or domain were last told.';
-- take_accounts_to_match: what nobody compared yet
CREATE INDEX account_unlooked ON account (created_at, account_id) WHERE NOT is_looked_at;
-- joined_to: who was found to be this company
CREATE INDEX account_same_as ON account (same_as) WHERE same_as IS NOT NULL;
-- daughters: who belongs to this company
CREATE INDEX account_parent ON account (parent_id) WHERE parent_id IS NOT NULL;


-- account_by_name: the company of a lead without work mail
CREATE INDEX account_name ON account (lower(name));
-- accounts_alike: a company's name written with other spaces or capitals
CREATE INDEX account_alike ON account (replace(lower(name), ' ', ''));

CREATE TABLE account_alias (
    kind        text NOT NULL CHECK (kind IN ('domain', 'name')),
    value       text NOT NULL CHECK (value <> ''),
    account_id  uuid NOT NULL REFERENCES account,
    at          timestamptz NOT NULL,
    by          text NOT NULL,
    PRIMARY KEY (kind, value)
);
COMMENT ON TABLE account_alias IS 'Domains and names by which a company is known besides its own; names in lower case.';
CREATE INDEX account_alias_of ON account_alias (account_id);

CREATE TABLE account_key (
    key         text NOT NULL,
    account_id  uuid NOT NULL REFERENCES account,
    PRIMARY KEY (key, account_id)
);
COMMENT ON TABLE account_key IS 'What companies that may be one have in common: hearts of names, registered domains. Written when a company is compared.';
CREATE INDEX account_key_of ON account_key (account_id);

CREATE TABLE account_match (
    match_id    uuid PRIMARY KEY,
    account_id  uuid NOT NULL REFERENCES account,
    other_id    uuid REFERENCES account,
    state       text NOT NULL CHECK (state IN ('open', 'joined', 'undone', 'apart', 'settled')),
    rule        text NOT NULL,
    reasons     text[] NOT NULL DEFAULT '{}',
    candidates  jsonb NOT NULL DEFAULT '[]',
    found_at    timestamptz NOT NULL,
    decided_at  timestamptz,
    decided_by  text,
    why         text NOT NULL DEFAULT '',
    moved       jsonb,
    undone_at   timestamptz,
    undone_by   text,
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((state = 'undone') = (undone_at IS NOT NULL)),
    CHECK (state NOT IN ('joined', 'undone', 'apart') OR other_id IS NOT NULL)
);
COMMENT ON TABLE account_match IS 'What comparing a company came to: open (somebody chooses among candidates), joined to the other, undone, apart (two companies, said somebody), or settled by another decision. moved is what it takes to part them again.';
-- a company waits for one choice at a time
CREATE UNIQUE INDEX account_match_open ON account_match (account_id) WHERE state = 'open';
CREATE INDEX account_match_account ON account_match (account_id, found_at);
CREATE INDEX account_match_other ON account_match (other_id) WHERE other_id IS NOT NULL;

CREATE TABLE account_news (
    account_id  uuid PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    at          timestamptz NOT NULL,
    told        integer NOT NULL DEFAULT 1,
    after_lead  uuid
);
COMMENT ON TABLE account_news IS 'Companies of which something was told that not all of their people''s runs have been woken for: after_lead is how far the sweep has come, told counts how often since.';

CREATE TABLE lead (
    lead_id       uuid PRIMARY KEY,
    account_id    uuid REFERENCES account,
    email         text,
    first_name    text,
    last_name     text,
    company       text,
    country       text,
    role          text,
    title         text,
    phone         text,
    time_zone     text,
    language      text NOT NULL DEFAULT 'en',
    source        text,
    owner_id      uuid REFERENCES owner,
    attributes    jsonb NOT NULL DEFAULT '{}',
    created_at    timestamptz NOT NULL,
    last_event_no integer NOT NULL DEFAULT 0,
    erased_at     timestamptz
);
COMMENT ON COLUMN lead.last_event_no IS 'Numbers events gaplessly under this row''s lock (law 5).';
COMMENT ON COLUMN lead.erased_at IS 'When everything that says who it was was taken out. The row stays, so that what is counted stays right.';
-- leads_of_account: who else is at this company
CREATE INDEX lead_account ON lead (account_id);

CREATE TABLE lead_tag (
    lead_id  uuid NOT NULL REFERENCES lead,
    tag      text NOT NULL CHECK (tag <> ''),
    at       timestamptz NOT NULL,
    by       text NOT NULL,
    PRIMARY KEY (lead_id, tag)
);
COMMENT ON TABLE lead_tag IS 'Words somebody or a journey hung on a lead. Taking one off deletes its row; the step log and the audit keep who did.';
-- leads_tagged: an audience by tag
CREATE INDEX lead_tag_tag ON lead_tag (tag);

CREATE TABLE enrichment_run (
    run_id      uuid PRIMARY KEY,
    account_id  uuid REFERENCES account ON DELETE CASCADE,
    provider    text NOT NULL,
    asked_by    text NOT NULL,
    sent        text[] NOT NULL,
    at          timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('told', 'nothing', 'failed', 'undone')),
    tries       integer NOT NULL CHECK (tries > 0),
    next_try_at timestamptz,
    error       text,
    undone_at   timestamptz,
    undone_by   text,
    lead_id     uuid REFERENCES lead,
    asked_again boolean NOT NULL DEFAULT false,
    CONSTRAINT enrichment_run_failed CHECK (state <> 'failed' OR error IS NOT NULL),
    CONSTRAINT enrichment_run_check1 CHECK (next_try_at IS NULL OR state = 'failed'),
    CONSTRAINT enrichment_run_check2 CHECK ((state = 'undone') = (undone_at IS NOT NULL)),
    CONSTRAINT enrichment_run_about CHECK (num_nonnulls(account_id, lead_id) = 1)
);
COMMENT ON TABLE enrichment_run IS 'A question to a provider about a company or a lead: what was sent, and how it ended. A failed one that was not asked_again waits: until next_try_at, or for somebody. Undone with its error, it was let go.';
-- last_enrichment: how the last question about a company ended
CREATE INDEX enrichment_run_account ON enrichment_run (account_id, provider, at);
-- asked_lately, enrichments: what is left of a minute, and what was asked last
CREATE INDEX enrichment_run_lately ON enrichment_run (at, run_id);
-- last_enrichment: how the last question about a lead ended
CREATE INDEX enrichment_run_lead ON enrichment_run (lead_id, provider, at) WHERE lead_id IS NOT NULL;
-- failed_to_ask_again, enrichments: what waits to be asked again
CREATE INDEX enrichment_run_waits ON enrichment_run (provider, next_try_at) WHERE state = 'failed' AND NOT asked_again;

CREATE TABLE enriched_value (
    run_id      uuid NOT NULL REFERENCES enrichment_run ON DELETE CASCADE,
    field       text NOT NULL,
    value       jsonb NOT NULL,
    was         jsonb NOT NULL,
    as_of       date NOT NULL,
    is_taken    boolean NOT NULL,
    because     text NOT NULL,
    PRIMARY KEY (run_id, field)
);
COMMENT ON TABLE enriched_value IS 'One thing a provider told, whether it was taken, and why. was is the value before (null: nobody had told).';

-- How a told value is read as text, number or day; domain/journeys/conditions.py answers the same, a test compares them.
CREATE FUNCTION told_text(told jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE jsonb_typeof(told)
           WHEN 'string' THEN told #>> '{}'
           WHEN 'boolean' THEN told #>> '{}'
           WHEN 'number' THEN trim_scale((told #>> '{}')::numeric)::text
           END
$$;

CREATE FUNCTION told_number(told jsonb) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
           WHEN jsonb_typeof(told) = 'number' THEN (told #>> '{}')::double precision
           WHEN jsonb_typeof(told) = 'string' AND told #>> '{}' ~ '^-?[0-9]{1,15}([.][0-9]{1,15})?$'
                THEN (told #>> '{}')::double precision
           END
$$;

CREATE FUNCTION told_day(told jsonb) RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
           WHEN jsonb_typeof(told) = 'string'
            AND told #>> '{}' ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])'
            AND left(told #>> '{}', 4) <> '0000'
            AND substr(told #>> '{}', 9, 2)::integer <= extract(day FROM
                make_date(left(told #>> '{}', 4)::integer, substr(told #>> '{}', 6, 2)::integer, 1)
                + interval '1 month' - interval '1 day')
                THEN make_date(left(told #>> '{}', 4)::integer, substr(told #>> '{}', 6, 2)::integer,
                               substr(told #>> '{}', 9, 2)::integer)
           END
$$;

CREATE TABLE identity_key (
    kind     text NOT NULL CHECK (kind IN ('email', 'external_id')),
    value    text NOT NULL,
    -- claimed before the lead is written: checked at the commit
    lead_id  uuid NOT NULL REFERENCES lead DEFERRABLE INITIALLY DEFERRED,
    PRIMARY KEY (kind, value)
);
CREATE INDEX identity_key_lead ON identity_key (lead_id);

CREATE TABLE event (
    lead_id  uuid NOT NULL REFERENCES lead,
    no       integer NOT NULL CHECK (no > 0),
    kind     text NOT NULL,
    at       timestamptz NOT NULL,
    key      text,
    verdict  text NOT NULL CHECK (verdict IN ('human', 'machine', 'unsure')),
    actor    text NOT NULL,
    channel  text,
    credit   text CHECK (credit IN ('marketing', 'sales', 'partner')),
    data     jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (lead_id, no)
);
-- events_known: the same key twice is one event
CREATE UNIQUE INDEX event_key ON event (lead_id, key) WHERE key IS NOT NULL;
-- touches: what may earn credit, in order of time
CREATE INDEX event_touch ON event (lead_id, at) WHERE credit IS NOT NULL;
-- campaigns_in_trouble: what came back lately, of all mails
CREATE INDEX event_came_back ON event (at) WHERE kind IN ('bounced', 'complained');

CREATE TABLE score_entry (
    lead_id             uuid NOT NULL,
    event_no            integer NOT NULL,
    kind                text NOT NULL,
    points              double precision NOT NULL,
    at                  timestamptz NOT NULL,
    definition_version  integer NOT NULL,
    part                smallint NOT NULL DEFAULT 1,
    category            text,
    expires_at          timestamptz,
    known_at            timestamptz,
    PRIMARY KEY (lead_id, event_no, part),
    FOREIGN KEY (lead_id, event_no) REFERENCES event (lead_id, no) ON UPDATE CASCADE
);
COMMENT ON TABLE score_entry IS 'The ledger of engagement: points an event brought or took, after every cap. A score is the decayed sum of these rows and has no other writer; what corrects one is a row of its own.';

CREATE TABLE checklist_answer (
    lead_id    uuid NOT NULL REFERENCES lead,
    no         integer NOT NULL CHECK (no > 0),
    checklist  text NOT NULL,
    item       text NOT NULL,
    state      text NOT NULL CHECK (state IN ('yes', 'no', 'unknown')),
    evidence   text NOT NULL,
    by         text NOT NULL,
    via        text NOT NULL,
    at         timestamptz NOT NULL,
    undoes     integer,
    PRIMARY KEY (lead_id, no)
);
COMMENT ON TABLE checklist_answer IS 'What somebody said to a question of qualification, with evidence; the last answer to a question counts, and taking one back is one more.';

CREATE TABLE stage_change (
    lead_id             uuid NOT NULL REFERENCES lead,
    track               text NOT NULL,
    no                  integer NOT NULL CHECK (no > 0),
    from_stage          text,
    to_stage            text NOT NULL,
    at                  timestamptz NOT NULL,
    actor               text NOT NULL,
    reason              text NOT NULL,
    definition_version  integer NOT NULL,
    evidence            jsonb NOT NULL DEFAULT '{}',
    stayed              interval,
    PRIMARY KEY (lead_id, track, no)
);
COMMENT ON COLUMN stage_change.stayed IS 'How long the lead was at from_stage. NULL for the first change, and in rows of before.';
-- funnel: entries to a stage in order of time
CREATE INDEX stage_change_at ON stage_change (to_stage, at);

CREATE TABLE lead_stage (
    lead_id      uuid NOT NULL REFERENCES lead,
    track        text NOT NULL,
    stage        text NOT NULL,
    since        timestamptz NOT NULL,
    change_no    integer NOT NULL,
    waiting_for  text,
    waits_until  timestamptz,
    PRIMARY KEY (lead_id, track)
);
COMMENT ON TABLE lead_stage IS 'Where a lead stands now: the last stage_change, and for SLA stages what it waits for (law 7). A test proves it equals the log.';
CREATE INDEX lead_stage_stage ON lead_stage (stage);

CREATE TABLE lead_clock (
    lead_id  uuid NOT NULL REFERENCES lead,
    kind     text NOT NULL,
    due_at   timestamptz NOT NULL,
    data     jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (lead_id, kind)
);
COMMENT ON TABLE lead_clock IS 'The clocks a LeadLifecycle lives for: cooling, recycle, inactivity, renewal.';
-- sweep: clocks that are due
CREATE INDEX lead_clock_due ON lead_clock (due_at);

CREATE TABLE basis (
    basis_id    uuid PRIMARY KEY,
    lead_id     uuid NOT NULL REFERENCES lead,
    purpose     text NOT NULL,
    channel     text NOT NULL,
    kind        text NOT NULL,
    source      text NOT NULL,
    wording     text NOT NULL,
    at          timestamptz NOT NULL,
    until       timestamptz,
    proof       jsonb NOT NULL DEFAULT '{}',
    act         text NOT NULL DEFAULT 'given' CHECK (act IN ('given', 'asked', 'withdrawn')),
    text_hash   text,
    CHECK (kind <> 'implied' OR until IS NOT NULL),
    CHECK (act <> 'asked' OR until IS NOT NULL)
);
COMMENT ON TABLE basis IS 'What a person allowed, was asked to confirm, or took back: a log by person, purpose and channel. What holds at an instant is worked out (bases_on).';
COMMENT ON COLUMN basis.text_hash IS 'The published version of the text they saw (published, kind consent-text).';
COMMENT ON COLUMN basis.act IS 'given: a permission, until its date; asked: a tick that waits for its confirmation, no permission; withdrawn: ends all that was given before for the purpose and channel.';
CREATE INDEX basis_lead ON basis (lead_id, purpose, channel);
-- confirmation_cohorts: the ticks that were asked about
CREATE INDEX basis_asked ON basis (at) WHERE act = 'asked';
-- bases_on: who said no
CREATE INDEX basis_withdrawn ON basis (lead_id, purpose, channel, at) WHERE act = 'withdrawn';

CREATE TABLE basis_rule (
    mail_class  text NOT NULL,
    purpose     text NOT NULL,
    channel     text NOT NULL,
    country     text COLLATE "C" NOT NULL,
    kinds       text[] NOT NULL,
    PRIMARY KEY (mail_class, purpose, channel, country)
);
COMMENT ON TABLE basis_rule IS 'Which kinds of basis suffice, by the definition in force, for the mark to ask; ? is an unknown country, * all that has no row. A message class without rows needs none.';

-- Which permissions a person has given that hold at an instant: the one place that says so. A "no" ends all that was
-- given before it, and what nobody says themselves (a list, a rule) also when it is written later.
CREATE FUNCTION bases_on(lead_id uuid, purpose text, channel text, at timestamptz)
RETURNS TABLE (basis_id uuid, kind text, source text, given_at timestamptz, until timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT b.basis_id, b.kind, b.source, b.at, b.until
      FROM basis b
     WHERE b.lead_id = bases_on.lead_id AND b.purpose = bases_on.purpose AND b.channel = bases_on.channel
       AND b.act = 'given' AND b.at <= bases_on.at AND (b.until IS NULL OR b.until > bases_on.at)
       AND NOT EXISTS (
           SELECT FROM basis w
            WHERE w.lead_id = b.lead_id AND w.purpose = b.purpose AND w.channel = b.channel AND w.act = 'withdrawn'
              AND w.at <= bases_on.at
              AND (w.at >= b.at OR b.kind NOT IN ('express', 'double-opt-in')))
$$;

-- Which kinds suffice for such a message to a person of that country; no row when its class needs none.
CREATE FUNCTION sufficing_in(mail_class text, purpose text, channel text, country text)
RETURNS TABLE (kinds text[])
LANGUAGE sql STABLE AS $$
    SELECT r.kinds
      FROM basis_rule r
     WHERE r.mail_class = sufficing_in.mail_class AND r.purpose = sufficing_in.purpose
       AND r.channel = sufficing_in.channel AND r.country IN (upper(sufficing_in.country), '*')
     ORDER BY r.country DESC
     LIMIT 1
$$;

CREATE TABLE suppression (
    suppression_id  uuid PRIMARY KEY,
    scope           text NOT NULL CHECK (scope IN ('address', 'domain', 'person', 'hash')),
    value           text NOT NULL,
    purpose         text,
    reason          text NOT NULL,
    at              timestamptz NOT NULL,
    lifted_at       timestamptz,
    lifted_why      text,
    topic           text CHECK (topic IS NULL OR purpose = 'marketing'),
    by              text NOT NULL DEFAULT 'system',
    lifted_by       text
);
COMMENT ON COLUMN suppression.purpose IS 'NULL suppresses everything to that address, service mail too; a purpose only that.';
COMMENT ON COLUMN suppression.value IS 'By its scope: an address, a mail domain, a lead''s id (whatever their address), or the mark of an address (hash) of somebody who was erased.';
COMMENT ON COLUMN suppression.topic IS 'Only marketing mail of journeys about this topic; NULL is all mail of the purpose.';
-- silences_on: is this address, its domain, this person or their mark suppressed
CREATE UNIQUE INDEX suppression_live ON suppression (scope, value, COALESCE(purpose, ''), COALESCE(topic, ''))
 WHERE lifted_at IS NULL;

CREATE TABLE address_key (
    one  boolean PRIMARY KEY DEFAULT true CHECK (one),
    key  bytea NOT NULL DEFAULT sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8'))
);
COMMENT ON TABLE address_key IS 'What address_mark is made with, so that nobody without this row can test whom a mark means. Never changed: marks would be lost.';
INSERT INTO address_key DEFAULT VALUES;

-- What is kept of the address of somebody who was erased: enough to know it again, not enough to write to it. A keyed
-- hash that Postgres has, because the mark before the dot must compare it inside its own statement.
CREATE FUNCTION address_mark_by(key bytea, address text)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(key || sha256(key || convert_to(lower(address), 'UTF8'))), 'hex')
$$;
CREATE FUNCTION address_mark(address text)
RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT address_mark_by(k.key, address) FROM address_key k
$$;

-- What stands against a person at an address now, by whatever scope: the one place that says so. Asks for the key
-- itself: address_mark reads a table, so Postgres can't write it into whatever asks, and would plan it apart at each mark.
CREATE FUNCTION silences_on(lead_id uuid, address text)
RETURNS TABLE (suppression_id uuid, scope text, value text, purpose text, topic text, reason text, by text, at timestamptz)
LANGUAGE sql STABLE AS $$
    SELECT s.suppression_id, s.scope, s.value, s.purpose, s.topic, s.reason, s.by, s.at
      FROM suppression s
     WHERE s.lifted_at IS NULL AND s.scope = 'address' AND s.value = silences_on.address
    UNION ALL
    SELECT s.suppression_id, s.scope, s.value, s.purpose, s.topic, s.reason, s.by, s.at
      FROM suppression s
     WHERE s.lifted_at IS NULL AND s.scope = 'domain' AND s.value = split_part(silences_on.address, '@', 2)
    UNION ALL
    SELECT s.suppression_id, s.scope, s.value, s.purpose, s.topic, s.reason, s.by, s.at
      FROM suppression s
     WHERE s.lifted_at IS NULL AND s.scope = 'person' AND s.value = silences_on.lead_id::text
    UNION ALL
    SELECT s.suppression_id, s.scope, s.value, s.purpose, s.topic, s.reason, s.by, s.at
      FROM suppression s
     WHERE s.lifted_at IS NULL AND s.scope = 'hash'
       AND s.value = (SELECT address_mark_by(k.key, silences_on.address) FROM address_key k)
$$;

-- How everybody with an address stands with marketing mail at an instant: suppressed; by which basis they may be mailed
-- (the first of the kinds that suffice there); waits for their confirmation; has not enough; has none. Set by set: one by
-- one it would look up four indexes for each of a million.
CREATE FUNCTION consent_standing(at timestamptz)
RETURNS TABLE (lead_id uuid, country text, state text)
LANGUAGE sql STABLE AS $$
    WITH person AS (
        SELECT l.lead_id, l.email, COALESCE(upper(NULLIF(l.country, '')), upper(NULLIF(a.country, '')), '?') AS country
          FROM lead l
          LEFT JOIN account a ON a.account_id = l.account_id
         WHERE l.email IS NOT NULL
    ), live AS (
        SELECT scope, value FROM suppression
         WHERE lifted_at IS NULL AND topic IS NULL AND (purpose IS NULL OR purpose = 'marketing')
    ), silent AS (
        SELECT p.lead_id FROM live s JOIN person p ON s.scope = 'address' AND p.email = s.value
        UNION
        SELECT p.lead_id FROM live s JOIN person p ON s.scope = 'domain' AND split_part(p.email, '@', 2) = s.value
        UNION
        SELECT p.lead_id FROM live s JOIN person p ON s.scope = 'person' AND p.lead_id::text = s.value
        UNION
        SELECT p.lead_id FROM live s JOIN person p ON s.scope = 'hash' AND address_mark(p.email) = s.value
    ), said AS (
        SELECT lead_id, max(at) AS at FROM basis
         WHERE act = 'withdrawn' AND purpose = 'marketing' AND channel = 'mail' AND at <= consent_standing.at
         GROUP BY lead_id
    ), standing AS (
        SELECT b.lead_id, b.kind, b.act
          FROM basis b
          LEFT JOIN said n ON n.lead_id = b.lead_id
         WHERE b.purpose = 'marketing' AND b.channel = 'mail' AND b.act <> 'withdrawn' AND b.at <= consent_standing.at
           AND (b.until IS NULL OR b.until > consent_standing.at)
           AND (n.at IS NULL OR (n.at < b.at AND b.kind IN ('express', 'double-opt-in')))
    ), held AS (
        SELECT lead_id, array_agg(DISTINCT kind) FILTER (WHERE act = 'given') AS kinds, bool_or(act = 'asked') AS waits
          FROM standing
         GROUP BY lead_id
    )
    SELECT p.lead_id, p.country,
           CASE WHEN q.lead_id IS NOT NULL THEN 'suppressed'
                ELSE COALESCE((SELECT k.kind FROM unnest(COALESCE(here.kinds, rest.kinds)) WITH ORDINALITY AS k (kind, no)
                                WHERE k.kind = ANY (h.kinds) ORDER BY k.no LIMIT 1),
                              CASE WHEN h.waits THEN 'waits' END,
                              CASE WHEN h.kinds IS NOT NULL THEN 'not enough' END,
                              'none') END AS state
      FROM person p
      LEFT JOIN silent q ON q.lead_id = p.lead_id
      LEFT JOIN held h ON h.lead_id = p.lead_id
      LEFT JOIN basis_rule here
        ON (here.mail_class, here.purpose, here.channel, here.country) = ('marketing', 'marketing', 'mail', p.country)
      LEFT JOIN basis_rule rest
        ON (rest.mail_class, rest.purpose, rest.channel, rest.country) = ('marketing', 'marketing', 'mail', '*')
$$;

CREATE TABLE published (
    kind          text NOT NULL CHECK (kind IN ('definition', 'journey', 'code-journey', 'template', 'consent-text')),
    name          text NOT NULL,
    version       integer NOT NULL CHECK (version > 0),
    hash          text NOT NULL,
    body          jsonb NOT NULL,
    published_at  timestamptz NOT NULL,
    published_by  text NOT NULL,
    approved_by   text,
    in_order      json,
    PRIMARY KEY (kind, name, version)
);
COMMENT ON TABLE published IS 'Immutable versions by content hash (law 9): runs and lanes read only these.';
COMMENT ON COLUMN published.in_order IS 'The body with its names in the order their author wrote, which jsonb forgets: the answers of a task are offered in it. Older versions have none.';
-- published_by_hash: runs and lanes read what they began with
CREATE INDEX published_hash ON published (kind, hash);

CREATE TABLE definition_draft (
    draft_no      integer PRIMARY KEY,
    name          text NOT NULL,
    based_on      integer NOT NULL,
    hash          text NOT NULL,
    body          jsonb NOT NULL,
    in_order      json NOT NULL,
    author        text NOT NULL,
    why           text NOT NULL,
    state         text NOT NULL CHECK (state IN ('draft', 'in review', 'approved', 'in force', 'rejected', 'withdrawn')),
    drawn_at      timestamptz NOT NULL,
    effective_at  timestamptz,
    regions       text[],
    version       integer,
    waiting_for   text,
    waits_until   timestamptz,
    CHECK ((state = 'in force') = (version IS NOT NULL)),
    CHECK ((state IN ('draft', 'in review', 'approved')) = (waiting_for IS NOT NULL))
);
COMMENT ON TABLE definition_draft IS 'A definition somebody proposes. Its body is never edited: another body is another draft.';
COMMENT ON COLUMN definition_draft.hash IS 'Of the body without version and date, which it gets when it comes into force: what signatures are given to.';
COMMENT ON COLUMN definition_draft.based_on IS 'The version in force when it was drawn up; it may not replace another.';
COMMENT ON COLUMN definition_draft.regions IS 'Where it comes into force at once; elsewhere when the sponsor says go. NULL is everywhere.';
-- drafts_due: what is approved and whose date has come
CREATE INDEX definition_draft_due ON definition_draft (waits_until) WHERE state = 'approved';

CREATE TABLE definition_act (
    draft_no  integer NOT NULL REFERENCES definition_draft,
    no        integer NOT NULL CHECK (no > 0),
    at        timestamptz NOT NULL,
    by        text NOT NULL,
    act       text NOT NULL CHECK (act IN ('drew up', 'submitted', 'signed', 'rejected', 'withdrew', 'approved', 'put in force')),
    hash      text NOT NULL,
    why       text NOT NULL DEFAULT '',
    PRIMARY KEY (draft_no, no)
);
COMMENT ON TABLE definition_act IS 'Who said what of a draft, to which body: the audit of the definition. Append-only.';

CREATE TABLE definition_region (
    region   text NOT NULL,
    no       integer NOT NULL CHECK (no > 0),
    version  integer NOT NULL,
    hash     text NOT NULL,
    at       timestamptz NOT NULL,
    by       text NOT NULL,
    act      text NOT NULL CHECK (act IN ('stays', 'go', 'no-go')),
    why      text NOT NULL DEFAULT '',
    figures  jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (region, no)
);
COMMENT ON TABLE definition_region IS 'By which version leads of a region are judged: its last row with stays or go, else the newest version. figures is what the sponsor saw.';

CREATE TABLE reevaluation (
    version     integer NOT NULL,
    region      text NOT NULL DEFAULT '',
    from_version integer NOT NULL,
    at          timestamptz NOT NULL,
    after_lead  uuid,
    ended_at    timestamptz,
    PRIMARY KEY (version, region)
);
COMMENT ON TABLE reevaluation IS 'Leads are judged anew when another definition comes into force, a page at a time in the order of their ids; after_lead is how far it has come. What moved is told by stage_change.';
COMMENT ON COLUMN reevaluation.region IS 'Empty is everywhere it came into force at once; a region comes by itself when it left another version than the rest.';
COMMENT ON COLUMN reevaluation.from_version IS 'By which its leads were judged before: only whom the two judge differently is moved.';
COMMENT ON COLUMN reevaluation.at IS 'As of which instant every lead is judged: that of the coming into force, whenever its page is reached.';

CREATE TABLE definition_preview (
    draft_no  integer PRIMARY KEY REFERENCES definition_draft,
    at        timestamptz NOT NULL,
    found     jsonb NOT NULL
);
COMMENT ON TABLE definition_preview IS 'What a draft would change for the leads there were, as it was worked out last: a picture of then, kept so that its numbers open their rows. Ids and figures, no fields of a lead.';

CREATE TABLE definition_look_back (
    draft_no  integer PRIMARY KEY REFERENCES definition_draft,
    at        timestamptz NOT NULL,
    found     jsonb NOT NULL
);
COMMENT ON TABLE definition_look_back IS 'What a draft would have made of a past span, as it was worked out last. Ids and figures, no fields of a lead.';

CREATE TABLE governance_act (
    act_id    uuid PRIMARY KEY,
    at        timestamptz NOT NULL,
    by        text NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('charter signed', 'pack', 'decision')),
    words     text NOT NULL,
    owner     text,
    due_on    date,
    done_at   timestamptz,
    done_by   text,
    figures   jsonb NOT NULL DEFAULT '{}',
    CHECK ((kind = 'decision') = (owner IS NOT NULL AND due_on IS NOT NULL)),
    CHECK ((done_at IS NULL) = (done_by IS NULL))
);
COMMENT ON TABLE governance_act IS 'What governors did besides drafts: the charter signed beside the baseline, a quarterly pack, a decision with its owner and date. figures is what was seen then.';

CREATE TABLE enrolment (
    enrolment_id  uuid PRIMARY KEY,
    lead_id       uuid NOT NULL REFERENCES lead,
    journey       text NOT NULL,
    journey_hash  text,
    key           text NOT NULL,
    entered_at    timestamptz NOT NULL,
    entered_by    text NOT NULL,
    status        text NOT NULL CHECK (status IN ('active', 'finished', 'exited')),
    progress      jsonb NOT NULL,
    waiting_for   text,
    waits_until   timestamptz,
    listens       text[] NOT NULL DEFAULT '{}',
    prospect      boolean NOT NULL,
    workflow      text NOT NULL DEFAULT 'Nurture',
    failures      integer NOT NULL DEFAULT 0,
    blocked_at    timestamptz,
    error         text,
    outcome       text,
    ended_at      timestamptz,
    campaign_id   uuid,
    place         text NOT NULL DEFAULT '',
    arm           text,
    hears_company boolean NOT NULL DEFAULT false,
    CHECK ((status = 'active') = (ended_at IS NULL)),
    UNIQUE (lead_id, journey, key)
);
COMMENT ON COLUMN enrolment.hears_company IS 'Whether the journey has an exit of the company: colleagues'' events may end it.';
COMMENT ON COLUMN enrolment.arm IS 'The arm of the campaign that began the run: what its conditions may ask.';
COMMENT ON COLUMN enrolment.place IS 'What may be open once at a time: nothing but the journey (empty), a value of its key, or the run itself.';
COMMENT ON COLUMN enrolment.journey_hash IS 'NULL for a journey as code: its worker build is its version.';
COMMENT ON COLUMN enrolment.prospect IS 'Holds while sales is in conversation with the company (design §4.3).';
COMMENT ON COLUMN enrolment.listens IS 'Event kinds that wake this run (law 5: signals go only to runs that declared an interest).';
-- open_runs_of_lead, and once-at-a-time re-entry
CREATE UNIQUE INDEX enrolment_open_place ON enrolment (lead_id, journey, place) WHERE status = 'active';
-- sweep and stuck: open runs by deadline
CREATE INDEX enrolment_waits ON enrolment (waits_until) WHERE status = 'active';
-- steps_of_version: the runs of one version of a journey
CREATE INDEX enrolment_version ON enrolment (journey_hash);

CREATE TABLE journey_watch (
    journey  text NOT NULL,
    way      text NOT NULL CHECK (way IN ('holds', 'date', 'every')),
    asks     text NOT NULL,
    since    timestamptz NOT NULL,
    came_to  timestamptz,
    PRIMARY KEY (journey, way)
);
COMMENT ON TABLE journey_watch IS 'Since when the sweep asks for whom a journey''s condition holds, whose date has come, or whether a day has come round, and (by hash) what it asks.';
COMMENT ON COLUMN journey_watch.came_to IS 'Of a recurrence: up to when its rounds have been noted.';

CREATE TABLE journey_match (
    journey     text NOT NULL,
    way         text NOT NULL,
    lead_id     uuid NOT NULL REFERENCES lead,
    value       text NOT NULL DEFAULT '',
    since       timestamptz NOT NULL,
    decided_at  timestamptz,
    stayed_out  text,
    PRIMARY KEY (journey, way, lead_id, value),
    FOREIGN KEY (journey, way) REFERENCES journey_watch ON DELETE CASCADE,
    CHECK (stayed_out IS NULL OR decided_at IS NOT NULL)
);
COMMENT ON TABLE journey_match IS 'For whom it is so: a row while it is, so that coming to hold is noticed once, and again after it ceased. stayed_out says why it let nobody in (a closed list of codes).';
COMMENT ON COLUMN journey_match.value IS 'Of a date or a round its day; a condition has none.';
-- undecided_matches: who is next
CREATE INDEX journey_match_next ON journey_match (journey, way, lead_id, value) WHERE decided_at IS NULL;

CREATE TABLE step_log (
    enrolment_id  uuid NOT NULL REFERENCES enrolment,
    no            integer NOT NULL,
    step          text NOT NULL,
    visit         integer NOT NULL,
    at            timestamptz NOT NULL,
    did           text NOT NULL,
    why           jsonb NOT NULL,
    ended         text CHECK (ended IN ('passed', 'skipped', 'expired', 'failed')),
    arrived_at    timestamptz,
    due_at        timestamptz,
    PRIMARY KEY (enrolment_id, no)
);
COMMENT ON TABLE step_log IS 'Each decision of a run with the values that made it, in words a person reads (law 8).';
COMMENT ON COLUMN step_log.ended IS 'How the visit to the step ended, on the row that ended it; NULL on all others.';
COMMENT ON COLUMN step_log.due_at IS 'When the run should have arrived at the step, beside when it did; on the row that ended the visit. NULL in rows of before.';

CREATE TABLE task (
    task_id       uuid PRIMARY KEY,
    enrolment_id  uuid NOT NULL REFERENCES enrolment,
    step          text NOT NULL,
    visit         integer NOT NULL,
    lead_id       uuid NOT NULL REFERENCES lead,
    owner_id      uuid NOT NULL REFERENCES owner,
    words         text NOT NULL,
    outcomes      text[] NOT NULL CHECK (cardinality(outcomes) > 0),
    status        text NOT NULL CHECK (status IN ('open', 'done', 'cancelled')),
    opened_at     timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    ended_at      timestamptz,
    ended_by      text,
    outcome       text,
    UNIQUE (enrolment_id, step, visit),
    CHECK ((status = 'open') = (ended_at IS NULL)),
    CHECK ((status = 'done') = (outcome IS NOT NULL))
);
COMMENT ON TABLE task IS 'Something a journey gave an owner to do. Its run waits for the answer until due_at; a run that ends takes it back.';
-- tasks_of_owner: what somebody has to do, soonest first
CREATE INDEX task_open ON task (owner_id, due_at) WHERE status = 'open';
CREATE INDEX task_lead ON task (lead_id);

CREATE TABLE hand_off (
    hand_off_id    uuid PRIMARY KEY,
    kind           text NOT NULL,
    lead_id        uuid NOT NULL REFERENCES lead,
    account_id     uuid REFERENCES account,
    track          text NOT NULL,
    asked_by       text NOT NULL,
    why            jsonb NOT NULL,
    definition_version integer NOT NULL,
    opened_at      timestamptz NOT NULL,
    state          text NOT NULL CHECK (state IN ('offered', 'accepted', 'rejected', 'recycled')),
    owner_id       uuid REFERENCES owner,
    pool           text,
    assignment_no  integer NOT NULL DEFAULT 0,
    level          integer NOT NULL DEFAULT 0,
    offered_at     timestamptz,
    accept_by      timestamptz,
    reminded_at    timestamptz,
    first_try_by   timestamptz,
    first_try_at   timestamptz,
    escalated_at   timestamptz,
    waiting_for    text,
    waits_until    timestamptz,
    blocked_at     timestamptz,
    error          text,
    decided_at     timestamptz,
    decided_by     text,
    decided_via    text,
    reason         text,
    reason_text    text,
    recycle_until  timestamptz,
    closed_at      timestamptz,
    room_by        timestamptz,
    answer         jsonb,
    final_at       timestamptz,
    snoozed_until  timestamptz,
    accept_in      interval,
    first_try_in   interval,
    CHECK ((state = 'offered') = (decided_at IS NULL)),
    CHECK (owner_id IS NOT NULL OR pool IS NOT NULL),
    CONSTRAINT hand_off_answer CHECK ((answer IS NULL) = (final_at IS NULL)),
    CONSTRAINT hand_off_answer_open CHECK (answer IS NULL OR (state IN ('offered', 'accepted') AND closed_at IS NULL))
);
COMMENT ON COLUMN hand_off.answer IS 'What was answered and may still be taken back: decision, at, final_at. Nothing has followed from it.';
COMMENT ON COLUMN hand_off.accept_in IS 'The working time of the offer as promised: an edited calendar moves accept_by by it.';
COMMENT ON COLUMN hand_off.first_try_in IS 'The working time from decided_at to first_try_by, likewise.';
COMMENT ON COLUMN hand_off.snoozed_until IS 'Until when its owner hides its card; no clock knows of it.';
COMMENT ON COLUMN hand_off.room_by IS 'Until when it waits for a member of its pool to have room; NULL when it never had to, and once offered.';
COMMENT ON COLUMN hand_off.closed_at IS 'When the conversation of an accepted hand-off ended: deal closed, or recycled by the rep later.';
COMMENT ON COLUMN hand_off.level IS '0 owner, then the escalation ladder of its kind: deputy, manager, pool.';
-- one company, one open hand-off of a kind
CREATE UNIQUE INDEX hand_off_one_open_lead ON hand_off (lead_id, kind) WHERE state = 'offered';
CREATE INDEX hand_off_account ON hand_off (account_id);
-- vetoes: does sales talk with this person
CREATE INDEX hand_off_talks ON hand_off (lead_id) WHERE state = 'offered' OR (state = 'accepted' AND closed_at IS NULL);
-- who waits for room in a pool, first come first served
CREATE INDEX hand_off_waits_for_room ON hand_off (pool, opened_at) WHERE room_by IS NOT NULL AND state = 'offered';
-- how many leads an owner has in hand
CREATE INDEX hand_off_in_hand ON hand_off (owner_id) WHERE state = 'offered' OR (state = 'accepted' AND closed_at IS NULL);
-- answers nobody has concluded in time
CREATE INDEX hand_off_final ON hand_off (final_at) WHERE final_at IS NOT NULL;
CREATE INDEX hand_off_waits ON hand_off (waits_until) WHERE state = 'offered' OR (state = 'accepted' AND first_try_at IS NULL);

CREATE TABLE assignment (
    hand_off_id  uuid NOT NULL REFERENCES hand_off,
    no           integer NOT NULL,
    owner_id     uuid REFERENCES owner,
    pool         text,
    at           timestamptz NOT NULL,
    accept_by    timestamptz NOT NULL,
    why          text NOT NULL,
    routed       jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (hand_off_id, no)
);
COMMENT ON TABLE assignment IS 'Each offer of a hand-off: to whom, until when, and which rules were asked (F24).';
-- how many offers an owner has had today
CREATE INDEX assignment_of_owner ON assignment (owner_id, at);

CREATE TABLE pool_turn (
    pool   text NOT NULL,
    owner  text NOT NULL,
    given  integer NOT NULL DEFAULT 0 CHECK (given >= 0),
    due    double precision NOT NULL DEFAULT 0,
    PRIMARY KEY (pool, owner)
);
COMMENT ON TABLE pool_turn IS 'What each member of a pool got in their turn, and what their weight was due of all it shared while they were there.';
COMMENT ON COLUMN pool_turn.owner IS 'Handle, as the definition names members.';

CREATE TABLE notice_post (
    post_id      uuid PRIMARY KEY,
    hand_off_id  uuid NOT NULL REFERENCES hand_off ON DELETE CASCADE,
    step         text NOT NULL,
    no           integer NOT NULL,
    mail         text NOT NULL,
    endpoint     text NOT NULL,
    owner_id     uuid NOT NULL REFERENCES owner,
    personal     boolean NOT NULL,
    asked_at     timestamptz NOT NULL,
    next_at      timestamptz,
    tries        integer NOT NULL DEFAULT 0,
    ended_at     timestamptz,
    ended        text CHECK (ended IN ('sent', 'over', 'given up')),
    error        text,
    UNIQUE (hand_off_id, step, no, endpoint),
    CHECK ((ended_at IS NULL) = (ended IS NULL) AND (ended_at IS NULL) = (next_at IS NOT NULL))
);
COMMENT ON TABLE notice_post IS 'A notice of a hand-off for a channel or another system, beside the owner''s mail: one for each offer, step and endpoint.';
-- overdue_notice_posts: a try nobody made
CREATE INDEX notice_post_due ON notice_post (next_at) WHERE ended_at IS NULL;

CREATE TABLE hand_off_member (
    hand_off_id  uuid NOT NULL REFERENCES hand_off,
    lead_id      uuid NOT NULL REFERENCES lead,
    kind         text NOT NULL,
    asked_by     text NOT NULL,
    joined_at    timestamptz NOT NULL,
    why          jsonb NOT NULL,
    PRIMARY KEY (hand_off_id, lead_id)
);
COMMENT ON TABLE hand_off_member IS 'Leads of the same company that joined an open hand-off: one company, one owner, one notice.';

CREATE TABLE message (
    message_id     uuid PRIMARY KEY,
    enrolment_id   uuid REFERENCES enrolment,
    hand_off_id    uuid REFERENCES hand_off,
    step           text NOT NULL,
    visit          integer NOT NULL,
    lead_id        uuid REFERENCES lead,
    owner_id       uuid REFERENCES owner,
    account_id     uuid REFERENCES account,
    mail           text NOT NULL,
    template_hash  text NOT NULL,
    mail_class     text NOT NULL,
    sender         text NOT NULL,
    purpose        text NOT NULL DEFAULT 'marketing',
    needs_basis    text[],
    lane           text NOT NULL,
    priority       integer NOT NULL,
    status         text NOT NULL CHECK (status IN ('reserved', 'claimed', 'at_dot', 'sent', 'refused', 'deferred',
                   'uncertain', 'expired', 'suppressed', 'cancelled', 'held')),
    asked_at       timestamptz NOT NULL,
    not_before     timestamptz NOT NULL,
    slot_at        timestamptz NOT NULL,
    deadline       timestamptz NOT NULL,
    jitter_s       integer NOT NULL DEFAULT 0,
    tries          integer NOT NULL DEFAULT 0,
    resends        integer NOT NULL DEFAULT 0 CHECK (resends <= 1),
    claim          uuid,
    claim_epoch    integer,
    wall_claimed_at timestamptz,
    dot_at         timestamptz,
    sent_at        timestamptz,
    settled_at     timestamptz,
    reply          text,
    reason         text,
    values         jsonb,
    links          text[] NOT NULL DEFAULT '{}',
    turn           text NOT NULL DEFAULT 'hand-off',
    topic          text,
    zone           text,
    zone_by        text CHECK (zone_by IN ('field', 'country', 'account', 'workspace')),
    slot_why       text[] NOT NULL DEFAULT '{}',
    turn_in_run    integer NOT NULL DEFAULT 0,
    due_at         timestamptz,
    late_why       text CHECK (late_why IN ('window', 'cap', 'held', 'stopped', 'relay', 'backlog', 'worker',
                   'pace')),
    slot_codes     text[] NOT NULL DEFAULT '{}',
    wire_id        text,
    relay          text,
    kept_why       text CHECK (kept_why IN ('warm_up', 'provider_pace', 'company_pace',
                   'relay_rests', 'sender_stopped', 'template_stopped')),
    paced_at       timestamptz,
    deferred_since timestamptz,
    return_id      uuid,
    is_waiting     boolean NOT NULL GENERATED ALWAYS AS (status IN ('reserved', 'deferred')) STORED,
    is_undecided   boolean NOT NULL GENERATED ALWAYS AS (status IN ('uncertain', 'held')) STORED,
    CHECK (lead_id IS NOT NULL OR owner_id IS NOT NULL),
    CONSTRAINT message_of_one CHECK (num_nonnulls(enrolment_id, hand_off_id, return_id) = 1),
    CHECK (status <> 'sent' OR sent_at IS NOT NULL)
) WITH (fillfactor = 70);
COMMENT ON COLUMN message.return_id IS 'The answer it passes on to its owner. No run carries it: the answer may have ended the run.';
COMMENT ON COLUMN message.needs_basis IS 'Which kinds sufficed when it was planned; whether it may go is asked of basis_rule.';
COMMENT ON COLUMN message.not_before IS 'When it was asked for, or a relay said to come back, or a hold ended: no plan puts it earlier.';
COMMENT ON COLUMN message.tries IS 'Answers of the relay so far; a claim that was given back is no try.';
COMMENT ON COLUMN message.resends IS 'An uncertain mail is sent again at most once, and only when it is no marketing.';
COMMENT ON COLUMN message.turn IS 'Whose turn it takes in its lane: its campaign''s, else its journey''s, else that of hand-offs.';
COMMENT ON COLUMN message.turn_in_run IS 'How many mails its run had asked for before it: tells mails of one look apart.';
COMMENT ON COLUMN message.topic IS 'What its journey is about; caps may count by it.';
COMMENT ON COLUMN message.zone IS 'The lead''s zone at the last plan, and who told it (zone_by). NULL for owners, and for mail of before.';
COMMENT ON COLUMN message.slot_why IS 'What kept it from an earlier slot, in the order it was met; empty: it goes as soon as it may.';
COMMENT ON COLUMN message.due_at IS 'Where the transaction that asked for it put it: how late it went counts from here. NULL for mail of before.';
COMMENT ON COLUMN message.late_why IS 'The first thing that made it later than due_at, as far as it is known.';
COMMENT ON COLUMN message.slot_codes IS 'slot_why from a closed list: window, day_off, cap, company_cap.';
COMMENT ON COLUMN message.wire_id IS 'What stands before the @ of its Message-ID, since it was written: mail that comes back quotes it.';
COMMENT ON COLUMN message.relay IS 'The relay it was last claimed for: whose log knows more.';
COMMENT ON COLUMN message.kept_why IS 'What kept it back though it was due; NULL once it is claimed or planned anew.';
COMMENT ON COLUMN message.paced_at IS 'The place it was given in the pace; NULL: it asks again, and is planned anew first.';
COMMENT ON COLUMN message.deferred_since IS 'When a relay first said "later": 48 hours after it nobody tries any more.';
COMMENT ON COLUMN message.priority IS 'Ten times that of its class, and that of its journey (1 to 5); lower goes first.';
COMMENT ON COLUMN message.is_waiting IS 'For indexes, which would make each change of status an entry in all of them if they named it.';
COMMENT ON COLUMN message.is_undecided IS 'As is_waiting: neither on its way nor ended.';
COMMENT ON COLUMN message.dot_at IS 'When the durable mark before the final dot was made.';
COMMENT ON TABLE message IS 'One row for each send (law 6). Key: (enrolment, step, visit), (hand-off, step, assignment no), or (return, step, visit).';
CREATE UNIQUE INDEX message_of_run ON message (enrolment_id, step, visit) WHERE enrolment_id IS NOT NULL;
CREATE UNIQUE INDEX message_of_return ON message (return_id, step, visit) WHERE return_id IS NOT NULL;
CREATE UNIQUE INDEX message_of_hand_off ON message (hand_off_id, step, visit) WHERE hand_off_id IS NOT NULL;
-- lane_due: what a lane drains next
CREATE INDEX message_due ON message (lane, slot_at) WHERE is_waiting;
-- due_messages: what a lane takes of each turn
CREATE INDEX message_turn ON message (lane, priority, turn, slot_at, message_id) WHERE is_waiting;
-- calendar_of_lead: what a person got and will get
CREATE INDEX message_lead ON message (lead_id, slot_at);
-- calendar_of_account: mails to one company in an hour
CREATE INDEX message_account ON message (account_id, slot_at) WHERE account_id IS NOT NULL;
-- returned_mail: which mail a Message-ID is of
CREATE INDEX message_wire ON message (wire_id) WHERE wire_id IS NOT NULL;
-- uncertain_messages, leads_with_ended_holds: what waits for somebody to say more
CREATE INDEX message_undecided ON message (lead_id) WHERE is_undecided;

CREATE TABLE lane_claim (
    claim       uuid PRIMARY KEY,
    wall_at     timestamptz NOT NULL,
    message_ids uuid[] NOT NULL
);
COMMENT ON TABLE lane_claim IS 'A page of mails that a worker took, until each has left its claim: the sweeps find by it what a dead one held.';

CREATE TABLE lane (
    lane             text PRIMARY KEY,
    per_second       double precision NOT NULL CHECK (per_second > 0),
    parked_until     timestamptz,
    parked           boolean NOT NULL DEFAULT true,
    paused_why       text,
    rests_until      timestamptz,
    rests_why        text,
    looked_at        timestamptz
);
COMMENT ON TABLE lane IS 'A lane sleeps until parked_until (NULL with parked: until nudged). Planners hold its advisory lock shared, parking holds it exclusive.';
COMMENT ON COLUMN lane.rests_until IS 'The relay takes nothing at all: until then nothing of the lane is due. rests_why is what it said.';
COMMENT ON COLUMN lane.looked_at IS 'The instant of its last claim: mail that was due before it and is still there had to wait behind other mail. -infinity while an operator stops the lane.';

-- Law 6: what a lane may claim. The claim and the parking both read this, so a lane never parks over a row it could
-- claim, and never stays awake for one it can't.
CREATE VIEW claimable AS
SELECT m.message_id, m.lane, m.slot_at, m.priority, m.enrolment_id, m.mail_class, m.lead_id, m.owner_id,
       GREATEST(m.slot_at, n.rests_until) AS due_at, m.turn, m.kept_why IS NOT NULL AND m.paced_at IS NULL AS asks_again
  FROM message m
  JOIN lane n ON n.lane = m.lane
 WHERE m.is_waiting AND n.paused_why IS NULL;

CREATE TABLE mail_return (
    return_id      uuid PRIMARY KEY,
    key            text NOT NULL UNIQUE,
    via            text NOT NULL,
    at             timestamptz NOT NULL,
    kind           text NOT NULL,
    reason         text,
    status         text,
    code           integer,
    why            text NOT NULL,
    diagnostic     text,
    subject        text NOT NULL DEFAULT '',
    sender         text,
    said           text NOT NULL DEFAULT '',
    returns_on     date,
    has_left       boolean NOT NULL DEFAULT false,
    matched_by     text CHECK (matched_by IN ('token', 'message_id', 'address')),
    message_id     uuid,
    lead_id        uuid REFERENCES lead ON DELETE CASCADE,
    address        text,
    envelope_to    text,
    envelope_from  text,
    raw            bytea,
    event          jsonb,
    done           text[] NOT NULL DEFAULT '{}',
    asks           boolean NOT NULL DEFAULT false,
    looked_by      text,
    looked_at      timestamptz,
    looked_why     text
);
ALTER TABLE message ADD FOREIGN KEY (return_id) REFERENCES mail_return ON DELETE CASCADE;
COMMENT ON TABLE mail_return IS 'What came back for our mails (a log): the bytes, what they were taken for by which rule, whose mail it was, what was done. asks: a person should look.';
COMMENT ON COLUMN mail_return.raw IS 'The mail as it came; emptied after some time (policy.KEPT_RAW), with said, subject, sender and diagnostic.';
-- bounces_before: what an address has done before
CREATE INDEX mail_return_lead ON mail_return (lead_id, at) WHERE lead_id IS NOT NULL;
-- returns: those a person should look at
CREATE INDEX mail_return_asks ON mail_return (at) WHERE asks;
-- hand_off_row, hand_off_facts: did the notice of this assignment come back
CREATE INDEX mail_return_bounced ON mail_return (message_id) WHERE kind = 'bounce';
-- forget_returns: whose bytes are to go
CREATE INDEX mail_return_raw ON mail_return (at) WHERE raw IS NOT NULL OR event IS NOT NULL;
-- returns_against_us: bounces that are not about an address
CREATE INDEX mail_return_ours ON mail_return (at)
 WHERE reason IN ('reputation', 'policy', 'spam', 'auth', 'rate', 'too_big', 'content', 'syntax');

CREATE TABLE fence (
    one    boolean PRIMARY KEY DEFAULT true CHECK (one),
    epoch  integer NOT NULL DEFAULT 1,
    house  text
);
COMMENT ON TABLE fence IS 'The restore epoch: a worker sends only when its own epoch equals this one.';
INSERT INTO fence DEFAULT VALUES;
COMMENT ON COLUMN fence.house IS 'Where the database was when workers last sent from it; NULL: nobody ever did. Elsewhere nothing is claimed until the epoch is advanced.';

CREATE FUNCTION house() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT concat_ws('/', s.system_identifier, c.timeline_id, d.oid, 'fence'::regclass::oid)
      FROM pg_control_system() s, pg_control_checkpoint() c, pg_database d
     WHERE d.datname = current_database()
$$;
COMMENT ON FUNCTION house() IS 'What is another after each restore: the cluster (a dump loaded elsewhere), its timeline (recovery to a point in time, a promoted standby), the database, the table (a dump loaded over the old).';

CREATE TABLE accepted_before (
    wire_key  text PRIMARY KEY,
    told_at   timestamptz NOT NULL
);
COMMENT ON TABLE accepted_before IS 'Message-IDs (before the @) that a relay''s log says were taken: such a mail is settled as sent, whatever a restored row says.';

CREATE TABLE mail_host (
    domain         text PRIMARY KEY,
    provider       text NOT NULL,
    host           text NOT NULL,
    takes_mail     boolean NOT NULL,
    exchanges      text[] NOT NULL,
    wall_asked_at  timestamptz NOT NULL,
    wall_until     timestamptz NOT NULL,
    failure        text
);
COMMENT ON TABLE mail_host IS 'Who takes in the mail of a recipient domain, as its MX said when a sweep asked; the mail''s own way reads these rows and never DNS.';
COMMENT ON COLUMN mail_host.host IS 'What is counted together: the provider, the gateway, or the registrable domain of the preferred exchange.';
COMMENT ON COLUMN mail_host.takes_mail IS 'False: its MX is a single dot (RFC 7505); the domain is suppressed as long as it says so.';
COMMENT ON COLUMN mail_host.wall_until IS 'DNS is asked anew then: its time to live within bounds, in wall time, for it is the world''s.';
COMMENT ON COLUMN mail_host.failure IS 'Why DNS said nothing when asked last; what it had said before stands.';

CREATE TABLE pace (
    bucket   text PRIMARY KEY,
    free_at  timestamptz NOT NULL
);
COMMENT ON TABLE pace IS 'How far each rate is taken: when the next mail of a bucket would be exactly on time. Shared by all lanes.';

CREATE TABLE warm_day (
    domain  text NOT NULL,
    day     date NOT NULL,
    sent    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (domain, day)
);
COMMENT ON TABLE warm_day IS 'Mails a sender domain handed to relays on a day of its warm-up, by the company''s clock.';

CREATE TABLE route (
    relay        text NOT NULL,
    provider     text NOT NULL,
    rests_until  timestamptz NOT NULL,
    why          text NOT NULL,
    since        timestamptz NOT NULL,
    failures     integer NOT NULL DEFAULT 1,
    by_mail      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (relay, provider)
);
COMMENT ON COLUMN route.by_mail IS 'Its refusals came back later by mail or webhook: that the relay takes mail says nothing against them.';
COMMENT ON TABLE route IS 'Groups of mail that took nothing when last tried: a relay and a provider, or * for the relay itself. Gone when one is taken again.';

CREATE TABLE template_stop (
    template_hash text PRIMARY KEY,
    refused       integer NOT NULL,
    sent          integer NOT NULL,
    why           text NOT NULL,
    stopped_at    timestamptz,
    resumed_at    timestamptz
);
COMMENT ON TABLE template_stop IS 'A mail that was refused for what it is, by several: nothing of it leaves until an operator resumes it (resumed_at: refusals are counted from there). A mended one has another hash.';

CREATE TABLE sender_domain (
    domain      text PRIMARY KEY,
    sent        integer NOT NULL,
    complaints  integer NOT NULL,
    looked_at   timestamptz NOT NULL,
    alarm_since timestamptz,
    stopped_at  timestamptz,
    forgiven_at timestamptz
);
COMMENT ON TABLE sender_domain IS 'Complaints about a sender domain in the last days, as last counted. stopped_at: nothing marketing leaves from it until an operator resumes it (forgiven_at: counted from there).';

CREATE TABLE deal (
    deal_id      uuid PRIMARY KEY,
    external_id  text NOT NULL UNIQUE,
    account_id   uuid REFERENCES account,
    lead_id      uuid REFERENCES lead,
    owner_id     uuid REFERENCES owner,
    name         text NOT NULL,
    product      text,
    track        text NOT NULL,
    amount       numeric(14, 2),
    currency     text,
    created_at   timestamptz NOT NULL,
    stage        text NOT NULL CHECK (stage IN ('open', 'won', 'lost')),
    closed_at    timestamptz,
    attributes   jsonb NOT NULL DEFAULT '{}',
    CHECK ((stage = 'open') = (closed_at IS NULL)),
    CONSTRAINT deal_money_has_currency CHECK (amount IS NULL OR currency IS NOT NULL)
);
COMMENT ON COLUMN deal.amount IS 'NULL: nobody told; never 0 for that.';
CREATE INDEX deal_account ON deal (account_id);
CREATE INDEX deal_lead ON deal (lead_id);
-- products_alike: a product's name written with other spaces or capitals
CREATE INDEX deal_product_alike ON deal (replace(lower(product), ' ', '')) WHERE product IS NOT NULL;

CREATE TABLE deal_odds (
    deal_id  uuid NOT NULL REFERENCES deal,
    no       integer NOT NULL,
    share    double precision CHECK (share BETWEEN 0 AND 1),
    by       text NOT NULL,
    why      text NOT NULL,
    at       timestamptz NOT NULL,
    PRIMARY KEY (deal_id, no)
);
COMMENT ON COLUMN deal_odds.share IS 'NULL: from here on as the deals before say.';

CREATE TABLE outbox (
    outbox_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    workflow     text NOT NULL,
    workflow_id  text NOT NULL,
    input        jsonb NOT NULL,
    wall_queued_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    wall_relayed_at  timestamptz,
    tries        integer NOT NULL DEFAULT 0,
    error        text
);
COMMENT ON TABLE outbox IS 'What Temporal must hear: start this workflow if it is not open, and tell it to look again. At least once.';
-- outbox_waiting: what the sweep repairs
CREATE INDEX outbox_waiting ON outbox (tries, outbox_id) WHERE wall_relayed_at IS NULL;

CREATE TABLE used_link (
    token_id  text PRIMARY KEY,
    used_at   timestamptz NOT NULL,
    outcome   text NOT NULL
);
COMMENT ON TABLE used_link IS 'Signed links that acted once; consumed in the transaction of the act.';

CREATE TABLE preference_change (
    change_id   uuid PRIMARY KEY,
    lead_id     uuid NOT NULL REFERENCES lead,
    at          timestamptz NOT NULL,
    message_id  uuid REFERENCES message,
    before      jsonb NOT NULL,
    after       jsonb NOT NULL,
    proof       jsonb NOT NULL DEFAULT '{}',
    takes_back  uuid REFERENCES preference_change
);
COMMENT ON TABLE preference_change IS 'What a person chose on their preference page, through the link of which mail, and how they proved to be they. What was so before is kept, so that it can be taken back.';
-- last_preference_change: what may be taken back
CREATE INDEX preference_change_lead ON preference_change (lead_id, at);

CREATE TABLE audit (
    audit_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL,
    actor     text NOT NULL,
    action    text NOT NULL,
    subject   text NOT NULL,
    before    jsonb,
    after     jsonb,
    why       text NOT NULL DEFAULT ''
);
CREATE INDEX audit_subject ON audit (subject, audit_id);

CREATE TABLE console_user (
    user_id       uuid PRIMARY KEY,
    handle        text NOT NULL UNIQUE CHECK (handle ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    email         text NOT NULL,
    name          text NOT NULL,
    roles         text[] NOT NULL DEFAULT '{}',
    team          text,
    regions       text[] NOT NULL DEFAULT '{}',
    password_hash text,
    oidc_issuer   text,
    oidc_subject  text,
    active_from   timestamptz NOT NULL,
    active_until  timestamptz,
    created_at    timestamptz NOT NULL,
    created_by    text NOT NULL,
    CHECK ((oidc_issuer IS NULL) = (oidc_subject IS NULL))
);
COMMENT ON TABLE console_user IS 'Somebody of ours who may sign in to the console. Who has the handle of an owner of the definition acts in that owner''s name. Never deleted: the audit names them; active_until shuts them out.';
-- user_named: whoever types their mail address, however they write it
CREATE UNIQUE INDEX console_user_email ON console_user (lower(email));
-- user_of_subject: whom the company's accounts name
CREATE UNIQUE INDEX console_user_subject ON console_user (oidc_issuer, oidc_subject);

CREATE TABLE console_session (
    session_id uuid PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES console_user,
    hash       text NOT NULL UNIQUE,
    agent      text NOT NULL,
    way        text NOT NULL CHECK (way IN ('password', 'oidc', 'link')),
    began_at   timestamptz NOT NULL,
    seen_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    ended_at   timestamptz,
    ended_by   text
);
COMMENT ON TABLE console_session IS 'A browser somebody signed in with. Only a hash of its token is kept; it ends by itself when it is old, or was not seen for long.';
-- sessions_of_user, end_sessions_of_user
CREATE INDEX console_session_user ON console_session (user_id, began_at);

CREATE TABLE sign_in (
    sign_in_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at         timestamptz NOT NULL,
    account    text NOT NULL,
    address    text NOT NULL,
    device     text,
    succeeded  boolean NOT NULL DEFAULT false
);
COMMENT ON TABLE sign_in IS 'A try to sign in, kept for 30 days. The account is a hash of what was typed: people type their password there. A device is a browser that had signed in to the account before.';
-- failed_sign_ins: by account, and by where they come from
CREATE INDEX sign_in_account ON sign_in (account, at);
CREATE INDEX sign_in_address ON sign_in (address, at);

CREATE TABLE user_link (
    hash       text PRIMARY KEY,
    user_id    uuid NOT NULL REFERENCES console_user,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz
);
COMMENT ON TABLE user_link IS 'A link with which a user sets their password, once. Only a hash of it is kept.';
-- void_links_of_user
CREATE INDEX user_link_user ON user_link (user_id);

CREATE TABLE import (
    import_id    uuid PRIMARY KEY,
    noun         text NOT NULL CHECK (noun IN ('leads', 'deals')),
    file_name    text NOT NULL,
    file_hash    text NOT NULL,
    options      jsonb NOT NULL,
    started_at   timestamptz NOT NULL,
    started_by   text NOT NULL,
    finished_at  timestamptz,
    header       jsonb NOT NULL DEFAULT '[]'
);
COMMENT ON COLUMN import.header IS 'Its columns, without those of a file of faults: the next file that has the same ones is read the same way.';
COMMENT ON TABLE import IS 'A file somebody brought in: how it was read, and by whom. Its rows are import_row and import_fault.';
-- import_under_way: the same file read the same way goes on where it stopped
CREATE INDEX import_file ON import (noun, file_hash);

CREATE TABLE import_row (
    -- No REFERENCES import: each row would lock it again, and the transaction that writes them holds it (hold_import).
    import_id  uuid NOT NULL,
    row_no     integer NOT NULL CHECK (row_no > 0),
    lead_id    uuid REFERENCES lead,
    outcome    text NOT NULL CHECK (outcome IN ('new', 'changed', 'unchanged')),
    opted_out  boolean NOT NULL DEFAULT false,
    PRIMARY KEY (import_id, row_no)
);
COMMENT ON TABLE import_row IS 'What became of each row that was taken, written in the transaction that took it: the checkpoint of a resumed import, and the list a campaign may go to.';
-- held_of_lead: in which lists a person was
CREATE INDEX import_row_lead ON import_row (lead_id);

CREATE TABLE import_fault (
    import_id  uuid NOT NULL REFERENCES import,
    row_no     integer NOT NULL CHECK (row_no > 0),
    kind       text NOT NULL CHECK (kind IN ('refused', 'quarantined')),
    field      text NOT NULL,
    why        text NOT NULL,
    cells      jsonb NOT NULL,
    reason     text NOT NULL DEFAULT '',
    PRIMARY KEY (import_id, row_no, field)
);
COMMENT ON COLUMN import_fault.reason IS 'What is wrong without what is this row''s own, so that rows can be counted by it.';
COMMENT ON COLUMN import_fault.kind IS 'refused: nothing of the row was taken; quarantined: taken, but kept out of the figures it would spoil.';

CREATE TABLE upload (
    upload_id    uuid PRIMARY KEY,
    file_name    text NOT NULL,
    size         bigint NOT NULL CHECK (size > 0),
    found        jsonb NOT NULL,
    options      jsonb NOT NULL DEFAULT '{}',
    state        text NOT NULL CHECK (state IN ('new', 'rehearsing', 'rehearsed', 'bringing_in', 'brought_in', 'failed',
                                                'cancelled')),
    uploaded_at  timestamptz NOT NULL,
    uploaded_by  text NOT NULL,
    share        double precision NOT NULL DEFAULT 0,
    words        text,
    told         jsonb,
    error        text,
    import_id    uuid REFERENCES import
);
COMMENT ON TABLE upload IS 'A list sent by the browser: what a first look found in it, how it is to be read, and how far a worker has come. An open one waits for a worker or for whoever sent it, at most seven days.';
-- open_uploads: what is still to be brought in, and whom to wake
CREATE INDEX upload_open ON upload (uploaded_at) WHERE state NOT IN ('brought_in', 'cancelled');

CREATE TABLE upload_part (
    upload_id  uuid NOT NULL REFERENCES upload ON DELETE CASCADE,
    no         integer NOT NULL CHECK (no > 0),
    bytes      bytea NOT NULL,
    PRIMARY KEY (upload_id, no)
);
COMMENT ON TABLE upload_part IS 'The bytes of a list that is still to be brought in, in pieces; gone as soon as it is.';

CREATE TABLE campaign (
    campaign_id   uuid PRIMARY KEY,
    name          text NOT NULL UNIQUE,
    journey       text NOT NULL,
    goal          text NOT NULL,
    owner_id      uuid NOT NULL REFERENCES owner,
    audience      jsonb NOT NULL,
    per_minute    integer CHECK (per_minute > 0),
    spread_s      integer NOT NULL DEFAULT 0 CHECK (spread_s >= 0),
    holdout       double precision NOT NULL DEFAULT 0 CHECK (holdout >= 0 AND holdout < 1),
    status        text NOT NULL CHECK (status IN ('planned', 'running', 'paused', 'stopped', 'finished')),
    status_at     timestamptz NOT NULL,
    planned_at    timestamptz NOT NULL,
    planned_by    text NOT NULL,
    launched_at   timestamptz,
    ended_at      timestamptz,
    waiting_for   text,
    waits_until   timestamptz,
    error         text,
    free_because  text,
    expected      integer CHECK (expected > 0),
    on_gap        text NOT NULL DEFAULT 'leave-out' CHECK (on_gap IN ('leave-out', 'block')),
    arms          jsonb NOT NULL DEFAULT '[]',
    held_because  text,
    values        jsonb NOT NULL DEFAULT '{}',
    CHECK ((status IN ('stopped', 'finished')) = (ended_at IS NOT NULL)),
    CHECK (status = 'planned' OR launched_at IS NOT NULL OR status = 'stopped'),
    CHECK (held_because IS NULL OR status = 'paused')
);
COMMENT ON TABLE campaign IS 'An audience sent into a journey, with a cost, a goal and an owner. Its counts are queries over its members and their runs.';
COMMENT ON COLUMN campaign.audience IS 'The question that chose the members, kept for whoever asks later; the members themselves are frozen.';
COMMENT ON COLUMN campaign.per_minute IS 'Pace of enrolment; NULL as fast as the workers go.';
COMMENT ON COLUMN campaign.waiting_for IS 'What its workflow waits for (law 7); NULL when only a person can go on: planned, paused, at its end.';
COMMENT ON COLUMN campaign.values IS 'What the mails of its runs may quote as campaign.<name>.';
COMMENT ON COLUMN campaign.held_because IS 'Why the campaign was paused by itself; NULL when a person paused it, or nobody did.';
COMMENT ON COLUMN campaign.spread_s IS 'First steps are spread over so many seconds, so that equal timers do not fire together.';

ALTER TABLE enrolment ADD CONSTRAINT enrolment_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaign;
-- campaign_progress: its runs, and those to end when it stops
CREATE INDEX enrolment_campaign ON enrolment (campaign_id, status) WHERE campaign_id IS NOT NULL;

CREATE TABLE campaign_member (
    campaign_id   uuid NOT NULL REFERENCES campaign,
    no            integer NOT NULL CHECK (no > 0),
    lead_id       uuid NOT NULL REFERENCES lead,
    arm           text NOT NULL CHECK (arm <> ''),
    decided_at    timestamptz,
    enrolment_id  uuid REFERENCES enrolment,
    left_out      text,
    PRIMARY KEY (campaign_id, no),
    UNIQUE (campaign_id, lead_id),
    CHECK (enrolment_id IS NULL OR decided_at IS NOT NULL),
    CHECK (left_out IS NULL OR (decided_at IS NOT NULL AND enrolment_id IS NULL))
);
COMMENT ON TABLE campaign_member IS 'The frozen audience. decided_at says that enrolment has come by: either a run, or why not (a closed list of codes), or held out.';
COMMENT ON COLUMN campaign_member.arm IS 'holdout, enrol (a campaign without arms), or the name of one of its arms; drawn when the audience is frozen.';
-- next_members: where enrolment goes on
CREATE INDEX campaign_member_next ON campaign_member (campaign_id, no) WHERE decided_at IS NULL;
-- held_of_lead, and whose campaigns a lead was in
CREATE INDEX campaign_member_lead ON campaign_member (lead_id);

CREATE TABLE campaign_cost (
    campaign_id  uuid NOT NULL REFERENCES campaign,
    no           integer NOT NULL CHECK (no > 0),
    at           timestamptz NOT NULL,
    amount       numeric(14, 2) NOT NULL,
    currency     text NOT NULL,
    what         text NOT NULL,
    entered_by   text NOT NULL,
    PRIMARY KEY (campaign_id, no)
);
COMMENT ON TABLE campaign_cost IS 'What a campaign cost, a row for each bill; a correction is another row, also a negative one.';

CREATE TABLE campaign_stage (
    campaign_id  uuid NOT NULL REFERENCES campaign,
    no           integer NOT NULL CHECK (no > 0),
    upto         integer NOT NULL CHECK (upto > 0),
    wait_s       integer CHECK (wait_s >= 0),
    opened_at    timestamptz,
    opened_by    text,
    reached_at   timestamptz,
    PRIMARY KEY (campaign_id, no),
    CHECK ((opened_at IS NULL) = (opened_by IS NULL)),
    CHECK (reached_at IS NULL OR opened_at IS NOT NULL)
);
COMMENT ON TABLE campaign_stage IS 'Members up to a number come in; when the last of them is decided, the next stage waits wait_s, or (NULL) for somebody to say go on.';

CREATE TABLE campaign_approval (
    campaign_id  uuid NOT NULL REFERENCES campaign,
    no           integer NOT NULL CHECK (no > 0),
    act          text NOT NULL CHECK (act IN ('submitted', 'approved', 'taken back')),
    at           timestamptz NOT NULL,
    by           text NOT NULL,
    why          text NOT NULL DEFAULT '',
    terms        jsonb NOT NULL,
    PRIMARY KEY (campaign_id, no)
);
COMMENT ON TABLE campaign_approval IS 'Who asked for an approval, gave it or took it back, and of what: the newest counts, as long as the terms are still those.';

CREATE TABLE campaign_check (
    campaign_id  uuid PRIMARY KEY REFERENCES campaign,
    at           timestamptz NOT NULL,
    by           text NOT NULL,
    members      integer NOT NULL,
    findings     jsonb NOT NULL
);
COMMENT ON TABLE campaign_check IS 'What stood against a launch when somebody looked last.';

CREATE TABLE campaign_exclusion (
    campaign_id  uuid NOT NULL REFERENCES campaign_check ON DELETE CASCADE,
    no           integer NOT NULL,
    why          text NOT NULL,
    PRIMARY KEY (campaign_id, no),
    FOREIGN KEY (campaign_id, no) REFERENCES campaign_member
);
COMMENT ON TABLE campaign_exclusion IS 'Members whom the newest check would leave out, each with the first thing against it.';

CREATE TABLE publication (
    publication_id  uuid PRIMARY KEY,
    journey         text NOT NULL,
    version         integer NOT NULL,
    hash            text NOT NULL,
    choice          jsonb NOT NULL,
    at              timestamptz NOT NULL,
    by              text NOT NULL,
    active_before   integer NOT NULL DEFAULT 0,
    status          text NOT NULL CHECK (status IN ('moving', 'done')),
    done_to         integer NOT NULL DEFAULT 0,
    done_at         timestamptz,
    CHECK ((status = 'done') = (done_at IS NOT NULL))
);
COMMENT ON TABLE publication IS 'A version of a journey put in force while runs were under way, and what it said about them.';
COMMENT ON COLUMN publication.active_before IS 'Runs that were under way on other versions, counted when their list was frozen. Equals migrated + finishing + exited, or nothing was published.';
COMMENT ON COLUMN publication.done_to IS 'Where moving the runs goes on: everybody up to this number has had their turn.';
-- publication_under_way: one at a time of a journey
CREATE UNIQUE INDEX publication_moving ON publication (journey) WHERE status = 'moving';
-- publications_of: the newest first
CREATE INDEX publication_journey ON publication (journey, version);

CREATE TABLE publication_run (
    publication_id  uuid NOT NULL REFERENCES publication,
    no              integer NOT NULL CHECK (no > 0),
    enrolment_id    uuid NOT NULL REFERENCES enrolment,
    hash_before     text NOT NULL,
    step_before     text NOT NULL,
    planned         text CHECK (planned IN ('migrated', 'finishing', 'exited')),
    fate            text CHECK (fate IN ('migrated', 'finishing', 'exited')),
    step_after      text,
    visit_after     integer,
    misses          text[] NOT NULL DEFAULT '{}',
    had_ended       boolean NOT NULL DEFAULT false,
    came_late       boolean NOT NULL DEFAULT false,
    decided_at      timestamptz,
    PRIMARY KEY (publication_id, no),
    UNIQUE (publication_id, enrolment_id),
    CHECK ((fate IS NULL) = (decided_at IS NULL))
);
COMMENT ON TABLE publication_run IS 'Each run that was under way at a publication, once, with its fate.';
COMMENT ON COLUMN publication_run.had_ended IS 'It came to an end by itself before its turn, so it finished on its own version.';
COMMENT ON COLUMN publication_run.came_late IS 'It began on an old version in the very moment of the publication; not in active_before.';

CREATE TABLE journey_pause (
    pause_id     uuid PRIMARY KEY,
    journey      text NOT NULL,
    paused_at    timestamptz NOT NULL,
    paused_by    text NOT NULL,
    clock        text NOT NULL CHECK (clock IN ('keep counting', 'restart', 'active only')),
    review_at    timestamptz NOT NULL CHECK (review_at > paused_at),
    why          text NOT NULL DEFAULT '',
    resumed_at   timestamptz CHECK (resumed_at >= paused_at),
    resumed_by   text,
    per_day      integer CHECK (per_day > 0),
    smooth_until timestamptz,
    done_to      integer NOT NULL DEFAULT 0,
    done_at      timestamptz,
    CHECK ((resumed_at IS NULL) = (resumed_by IS NULL)),
    CHECK ((resumed_at IS NULL) = (smooth_until IS NULL)),
    CHECK (done_at IS NULL OR resumed_at IS NOT NULL)
);
COMMENT ON TABLE journey_pause IS 'A time in which nothing of a journey went: its declared clock says how waits count, its review when somebody looks again.';
COMMENT ON COLUMN journey_pause.smooth_until IS 'Until then a run that was paused gets at most one mail a day.';
COMMENT ON COLUMN journey_pause.done_to IS 'Where waking the runs goes on after the resume: everybody up to this number was told.';
-- pauses_of_runs, vetoes: one open pause of a journey
CREATE UNIQUE INDEX journey_pause_open ON journey_pause (journey) WHERE resumed_at IS NULL;
CREATE INDEX journey_pause_journey ON journey_pause (journey, paused_at);

CREATE TABLE pause_run (
    pause_id      uuid NOT NULL REFERENCES journey_pause,
    no            integer NOT NULL CHECK (no > 0),
    enrolment_id  uuid NOT NULL REFERENCES enrolment,
    turn_at       timestamptz NOT NULL,
    gets          jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (pause_id, no),
    UNIQUE (pause_id, enrolment_id)
);
COMMENT ON TABLE pause_run IS 'Each run that a resume released: its turn, and what the preview said it would get and lose.';

CREATE TABLE provider_post (
    post_id   uuid PRIMARY KEY,
    provider  text NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('event', 'subscription')),
    digest    text NOT NULL,
    raw       jsonb NOT NULL,
    why       text NOT NULL,
    tries     integer NOT NULL DEFAULT 1,
    at        timestamptz NOT NULL,
    UNIQUE (provider, digest)
);
COMMENT ON TABLE provider_post IS 'What a provider proved to have said and we could not take: an event that can''t be read or acted on, a subscription a person must confirm. A row goes when it is taken, confirmed or dropped.';

CREATE TABLE provider_token (
    provider  text NOT NULL,
    token     text NOT NULL,
    digest    text NOT NULL,
    wall_at   timestamptz NOT NULL,
    PRIMARY KEY (provider, token)
);
COMMENT ON TABLE provider_token IS 'Proofs that were used, each with the body it came with: a signature that doesn''t cover the body counts for one body only.';

CREATE TABLE form_post (
    post_id      uuid PRIMARY KEY,
    form         text NOT NULL,
    code         text NOT NULL CHECK (code IN ('bait', 'flood', 'failed')),
    why          text NOT NULL,
    digest       text NOT NULL,
    fields       jsonb NOT NULL,
    door         jsonb NOT NULL,
    tries        integer NOT NULL DEFAULT 1,
    at           timestamptz NOT NULL,
    state        text NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'taken', 'dropped')),
    decided_at   timestamptz,
    decided_by   text,
    decided_why  text,
    lead_id      uuid REFERENCES lead,
    CHECK ((state = 'held') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL))
);
-- keep_form_post: the same again is the same row, as long as nobody decided.
CREATE UNIQUE INDEX form_post_once ON form_post (form, digest) WHERE state = 'held';
-- form_posts: what waits, oldest first.
CREATE INDEX form_post_held ON form_post (at) WHERE state = 'held';
-- held_of_lead and forget_form_posts: by the lead they became.
CREATE INDEX form_post_lead ON form_post (lead_id) WHERE lead_id IS NOT NULL;
COMMENT ON TABLE form_post IS 'A post of a form that no lead was made of: it looked like a machine''s, came with a flood, or failed. Held until somebody takes it after all or drops it; then its fields go, and what was decided stays.';

CREATE TABLE reading (
    session   text NOT NULL,
    site      text NOT NULL,
    piece     text NOT NULL,
    lead_id   uuid REFERENCES lead,
    seconds   integer NOT NULL CHECK (seconds >= 0),
    moved     boolean NOT NULL,
    agent     text NOT NULL,
    track     text,
    first_at  timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    told_at   timestamptz,
    PRIMARY KEY (session, site, piece)
);
-- readings_of_lead, forget_readings: what somebody read
CREATE INDEX reading_lead ON reading (lead_id) WHERE lead_id IS NOT NULL;
-- forget_old_readings: what nobody was identified for
CREATE INDEX reading_anonymous ON reading (last_at) WHERE lead_id IS NULL;
COMMENT ON TABLE reading IS 'A page of a microsite as long as it was seen in one session. Visible seconds, never more than have passed; told_at: it became an event of the lead.';

CREATE TABLE review (
    message_id    uuid PRIMARY KEY REFERENCES message,
    owner_id      uuid NOT NULL REFERENCES owner,
    opened_at     timestamptz NOT NULL,
    silent_until  timestamptz NOT NULL CHECK (silent_until >= opened_at),
    state         text NOT NULL CHECK (state IN ('open', 'held', 'released', 'skipped')),
    decided_at    timestamptz,
    decided_by    text,
    decided_via   text,
    edited_at     timestamptz,
    edited_by     text,
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK ((edited_at IS NULL) = (edited_by IS NULL))
);
COMMENT ON TABLE review IS 'A mail its owner sees before it goes: what they said, and until when silence may last. What they wrote anew stands in the values of the mail.';
-- coming_mails: what an owner may still say something about
CREATE INDEX review_owner ON review (owner_id, silent_until);

-- Law 6: the one place that says what stops a mail, asked by planning, claiming and by the mark before the dot.
-- A view that takes the instant, because SQL never asks the clock for business time (law 11). Each branch looks at one
-- message at a time, by index: whoever asks about sixteen mails of a million reads what hangs on sixteen.
CREATE FUNCTION vetoes(at timestamptz)
RETURNS TABLE (message_id uuid, code text, detail text)
LANGUAGE sql STABLE AS $$
    SELECT m.message_id, said.code, said.detail
      FROM message m
      LEFT JOIN lead l ON l.lead_id = m.lead_id AND m.owner_id IS NULL
      LEFT JOIN enrolment e ON e.enrolment_id = m.enrolment_id
     CROSS JOIN LATERAL (
           SELECT CASE WHEN s.topic IS NULL THEN 'suppressed' ELSE 'topic_off' END AS code,
                  COALESCE(s.topic, s.reason) AS detail
             FROM silences_on(l.lead_id, l.email) s
            WHERE s.purpose IS NULL
               OR (s.purpose = m.purpose AND m.mail_class = 'marketing' AND (s.topic IS NULL OR s.topic = m.topic))
           UNION ALL
           SELECT 'no_address', 'the lead has no mail address'
            WHERE m.owner_id IS NULL AND l.email IS NULL
           UNION ALL
           SELECT 'no_basis', 'no basis that suffices in ' || replace(lives.country, '?', 'an unknown country') || ': has '
                  || COALESCE((SELECT string_agg(DISTINCT b.kind, ', ')
                                 FROM bases_on(m.lead_id, m.purpose, 'mail', vetoes.at) b), 'none')
                  || ', needs ' || COALESCE(NULLIF(array_to_string(rule.kinds, ' or '), ''), 'what nobody can have')
             FROM (SELECT COALESCE(NULLIF(l.country, ''), NULLIF((SELECT a.country FROM account a
                                                                   WHERE a.account_id = l.account_id), ''), '?')
                    WHERE m.owner_id IS NULL) lives (country)
            CROSS JOIN LATERAL sufficing_in(m.mail_class, m.purpose, 'mail', lives.country) rule
            WHERE NOT EXISTS (
                  SELECT FROM bases_on(m.lead_id, m.purpose, 'mail', vetoes.at) b WHERE b.kind = ANY (rule.kinds))
           UNION ALL
           SELECT 'exited', COALESCE(e.outcome, 'the run ended')
            WHERE e.status = 'exited'
              -- What an owner has to do about mail that came back outlasts the run it came back to.
              AND NOT (m.owner_id IS NOT NULL
                   AND EXISTS (SELECT FROM task t
                                WHERE t.enrolment_id = m.enrolment_id AND t.step = m.step AND t.visit = m.visit
                                  AND t.status = 'open'))
           UNION ALL
           SELECT 'decided', 'the hand-off is ' || h.state
             FROM hand_off h
            WHERE h.hand_off_id = m.hand_off_id
              AND m.step IN ('offer', 'remind') AND (h.state <> 'offered' OR h.assignment_no <> m.visit)
           UNION ALL
           SELECT 'held', 'sales is in conversation with the company'
            WHERE m.mail_class = 'marketing' AND m.owner_id IS NULL AND e.prospect
              AND (EXISTS (SELECT FROM hand_off h
                            WHERE h.lead_id = m.lead_id
                              AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL)))
                OR EXISTS (SELECT FROM hand_off h
                            WHERE h.account_id = l.account_id
                              AND (h.state = 'offered' OR (h.state = 'accepted' AND h.closed_at IS NULL)))
                OR EXISTS (SELECT FROM deal d WHERE d.lead_id = m.lead_id AND d.stage = 'open')
                OR EXISTS (SELECT FROM deal d WHERE d.account_id = l.account_id AND d.stage = 'open'))
           UNION ALL
           SELECT CASE c.status WHEN 'paused' THEN 'held' ELSE 'exited' END, 'its campaign is ' || c.status
             FROM campaign c
            WHERE c.campaign_id = e.campaign_id AND m.owner_id IS NULL AND c.status IN ('paused', 'stopped')
           UNION ALL
           SELECT 'held', 'its journey is paused'
             FROM journey_pause p
            WHERE p.journey = e.journey AND m.owner_id IS NULL
              AND (p.resumed_at IS NULL
                OR EXISTS (SELECT FROM pause_run t
                            WHERE t.pause_id = p.pause_id AND t.enrolment_id = e.enrolment_id
                              AND t.turn_at > vetoes.at))
           UNION ALL
           SELECT 'held', 'held by ' || r.decided_by
             FROM review r
            WHERE r.message_id = m.message_id AND r.state = 'held'
           UNION ALL
           SELECT 'held', 'they asked us to pause'
            WHERE m.mail_class = 'marketing' AND m.owner_id IS NULL
              AND l.attributes ->> 'mail_paused_until' > to_char(vetoes.at AT TIME ZONE 'UTC', 'YYYY-MM-DD')
           UNION ALL
           SELECT 'fenced', 'the database was restored: an operator must advance the epoch'
             FROM fence f
            WHERE m.claim_epoch IS NOT NULL AND m.claim_epoch <> f.epoch
           UNION ALL
           SELECT 'stopped', n.paused_why
             FROM lane n
            WHERE n.lane = m.lane AND n.paused_why IS NOT NULL) said
$$;

CREATE TABLE visit (
    visit_id    uuid PRIMARY KEY,
    message_id  uuid NOT NULL REFERENCES message ON DELETE CASCADE,
    lead_id     uuid NOT NULL REFERENCES lead ON DELETE CASCADE,
    kind        text NOT NULL CHECK (kind IN ('click', 'open')),
    link        integer NOT NULL DEFAULT 0,
    at          timestamptz NOT NULL,
    method      text NOT NULL CHECK (method IN ('GET', 'HEAD')),
    prefetch    boolean NOT NULL,
    agent       text NOT NULL,
    network     text NOT NULL,
    verdict     text CHECK (verdict IN ('human', 'proxy', 'machine', 'unsure')),
    why         text,
    rules       integer,
    judged_at   timestamptz,
    earlier     jsonb NOT NULL DEFAULT '[]',
    CHECK ((verdict IS NULL) = (judged_at IS NULL) AND (verdict IS NULL) = (rules IS NULL))
);
COMMENT ON TABLE visit IS 'Each time a tracked link or picture of a mail was asked for. What follows from it is an event, once it is judged.';
COMMENT ON COLUMN visit.link IS 'The link''s number; 0 is the one that no reader sees.';
COMMENT ON COLUMN visit.agent IS 'What the program calls itself, without its versions.';
COMMENT ON COLUMN visit.network IS 'Equal for visits of one mail from one network; tells nothing about which. No address is kept.';
COMMENT ON COLUMN visit.earlier IS 'What earlier rules said of it, oldest first: [{verdict, why, rules, judged_at}].';
-- visits_of: all of one mail, to be judged together; keep_visit counts them
CREATE INDEX visit_message ON visit (message_id, at);
-- visits_due: what waits for its verdict
CREATE INDEX visit_due ON visit (at) WHERE judged_at IS NULL;
-- visits_by_rules: what other rules judged
CREATE INDEX visit_rules ON visit (rules, at) WHERE judged_at IS NOT NULL;

CREATE TABLE intake_key (
    key_id        uuid PRIMARY KEY,
    name          text NOT NULL UNIQUE CHECK (name <> ''),
    hash          text NOT NULL UNIQUE,
    hint          text NOT NULL,
    public        boolean NOT NULL,
    scopes        text[] NOT NULL CHECK (cardinality(scopes) > 0),
    source        text,
    kinds         text[],
    created_at    timestamptz NOT NULL,
    created_by    text NOT NULL,
    revoked_at    timestamptz,
    revoked_by    text,
    last_used_at  timestamptz,
    CHECK (NOT public OR scopes = '{track}'),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
COMMENT ON TABLE intake_key IS 'Keys of programs that tell us of leads. Only a hash is kept; hint is its last characters, to know it by.';
COMMENT ON COLUMN intake_key.kinds IS 'The only kinds of events it may claim; NULL: all that a key of its sort may.';

CREATE TABLE visitor (
    name       text PRIMARY KEY CHECK (name ~ '^[au]:.'),
    lead_id    uuid REFERENCES lead DEFERRABLE INITIALLY DEFERRED,
    same_as    text,
    shared_at  timestamptz,
    told       jsonb NOT NULL DEFAULT '{}',
    at         timestamptz NOT NULL
);
COMMENT ON TABLE visitor IS 'A browser (a:) or a user id that no lead has (u:), once something is known of it. shared_at: two known people were identified there, so it is nobody''s.';
-- visitors_named: who was said to be this user before anybody knew them
CREATE INDEX visitor_same_as ON visitor (same_as) WHERE same_as IS NOT NULL;
CREATE INDEX visitor_lead ON visitor (lead_id) WHERE lead_id IS NOT NULL;

CREATE TABLE visitor_event (
    key       text PRIMARY KEY,
    visitor   text,
    lead_id   uuid REFERENCES lead DEFERRABLE INITIALLY DEFERRED,
    kind      text,
    at        timestamptz NOT NULL,
    heard_at  timestamptz NOT NULL,
    channel   text,
    data      jsonb NOT NULL,
    CHECK (visitor IS NOT NULL OR lead_id IS NOT NULL),
    CHECK (kind IS NULL OR lead_id IS NULL)
);
COMMENT ON TABLE visitor_event IS 'What visitors did before anybody identified them, and views of pages that are no events. With a kind it becomes an event of the lead who is identified, and the row goes.';
-- take_visitor_events, join_views: the history of a visitor
CREATE INDEX visitor_event_visitor ON visitor_event (visitor) WHERE lead_id IS NULL;
-- forget_anonymous: what is too old
CREATE INDEX visitor_event_heard ON visitor_event (heard_at) WHERE lead_id IS NULL;
-- touches_of_lead
CREATE INDEX visitor_event_lead ON visitor_event (lead_id, at) WHERE lead_id IS NOT NULL;

CREATE TABLE dropped_event (
    dropped_id  uuid PRIMARY KEY,
    key_id      uuid NOT NULL REFERENCES intake_key,
    key         text NOT NULL,
    type        text NOT NULL,
    name        text NOT NULL,
    reason      text NOT NULL,
    why         text NOT NULL,
    raw         jsonb NOT NULL,
    at          timestamptz NOT NULL,
    heard_at    timestamptz NOT NULL,
    tries       integer NOT NULL DEFAULT 1,
    UNIQUE (key_id, key)
);
COMMENT ON TABLE dropped_event IS 'Events of clients that couldn''t be taken, answered 200 all the same: listed with the reason, and taken again when somebody says so.';
-- dropped_events: by what and why, newest first
CREATE INDEX dropped_event_heard ON dropped_event (heard_at);

CREATE TABLE api_call (
    caller  text NOT NULL,
    key     text NOT NULL,
    digest  text NOT NULL,
    status  integer,
    answer  jsonb,
    at      timestamptz NOT NULL,
    PRIMARY KEY (caller, key)
);
COMMENT ON TABLE api_call IS 'A call by its Idempotency-Key: written in the transaction of what it did, so there is no row without the deed. Forgotten after a day.';
-- forget_api_calls: what is too old
CREATE INDEX api_call_at ON api_call (at);

-- What is missing or wrong about each lead: the data-quality board and its rows.
CREATE TABLE lead_merge (
    merge_id     uuid PRIMARY KEY,
    seq          bigint GENERATED ALWAYS AS IDENTITY,
    lead_id      uuid NOT NULL REFERENCES lead,
    survivor_id  uuid NOT NULL,
    loser_id     uuid NOT NULL CHECK (loser_id <> survivor_id),
    at           timestamptz NOT NULL,
    by           text NOT NULL,
    why          text NOT NULL,
    rule         text NOT NULL CHECK (rule IN ('by hand', 'one mailbox', 'phone and name')),
    united       jsonb NOT NULL DEFAULT '{}',
    owners       jsonb NOT NULL DEFAULT '{}',
    loser_nos    integer[] NOT NULL,
    last_no      integer NOT NULL,
    undone_at    timestamptz,
    undone_by    text,
    undone_why   text,
    CHECK ((undone_at IS NULL) = (undone_by IS NULL))
);
COMMENT ON TABLE lead_merge IS 'Two leads that became one: who said so, by which rule, what became of each field, and what it takes to part them again.';
COMMENT ON COLUMN lead_merge.lead_id IS 'Who the survivor is today: moves on when they are merged again.';
COMMENT ON COLUMN lead_merge.united IS 'What the merge changed of the survivor''s own fields: {field: {was, is, rule, from}}.';
COMMENT ON COLUMN lead_merge.owners IS 'Owner and company of the survivor, before and after.';
COMMENT ON COLUMN lead_merge.loser_nos IS 'Which numbers the loser''s events 1, 2, 3 … got among the survivor''s, up to last_no; all others were the survivor''s own, in their order.';
-- merges_of_lead: the newest first
CREATE INDEX lead_merge_lead ON lead_merge (lead_id, seq);

CREATE TABLE merged_lead (
    lead_id   uuid PRIMARY KEY,
    into_id   uuid NOT NULL REFERENCES lead DEFERRABLE INITIALLY DEFERRED,
    merge_id  uuid NOT NULL REFERENCES lead_merge
);
COMMENT ON TABLE merged_lead IS 'Leads that have no row any more because they were merged: whoever names them means into_id. Moves on when that one is merged.';
CREATE INDEX merged_lead_into ON merged_lead (into_id);

CREATE TABLE merged_row (
    merge_id    uuid NOT NULL REFERENCES lead_merge ON DELETE CASCADE,
    no          integer GENERATED ALWAYS AS IDENTITY,
    of_table    text NOT NULL,
    of_column   text,
    key         jsonb NOT NULL,
    was         jsonb,
    PRIMARY KEY (merge_id, no),
    CHECK (of_column IS NOT NULL OR was IS NOT NULL)
);
COMMENT ON TABLE merged_row IS 'A row that a merge moved (of_column named the loser), changed or set aside (was): what it takes to put it back.';

CREATE TABLE duplicate (
    lead_id     uuid NOT NULL REFERENCES lead,
    other_id    uuid NOT NULL REFERENCES lead,
    bits        double precision,
    reasons     text[] NOT NULL DEFAULT '{}',
    found_at    timestamptz NOT NULL,
    state       text NOT NULL CHECK (state IN ('open', 'apart')),
    decided_at  timestamptz,
    decided_by  text,
    why         text NOT NULL DEFAULT '',
    put_off_until  timestamptz,
    put_off_by     text,
    PRIMARY KEY (lead_id, other_id),
    CHECK (lead_id <> other_id),
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL))
);
COMMENT ON TABLE duplicate IS 'Two leads that may be one person: a suggestion somebody decides, or (apart) the word that they are two.';
COMMENT ON COLUMN duplicate.put_off_until IS 'Somebody said later: until then the suggestion waits aside, still open.';
-- a pair is one row, whoever of the two stands first
CREATE UNIQUE INDEX duplicate_pair ON duplicate (LEAST(lead_id, other_id), GREATEST(lead_id, other_id));
CREATE INDEX duplicate_other ON duplicate (other_id);
-- open_duplicates: the likeliest first
CREATE INDEX duplicate_open ON duplicate (bits DESC) WHERE state = 'open';

CREATE FUNCTION lead_quality(free_mail text[], sources text[], regions jsonb, ready text[], held text[])
RETURNS TABLE (lead_id uuid, source text, region text, no_mail boolean, free_mail boolean, dead_mail boolean,
               no_company boolean, no_country boolean, no_role boolean, no_phone boolean, unsourced boolean,
               double boolean, unowned boolean)
LANGUAGE sql STABLE AS $$
    WITH told AS (
        SELECT l.lead_id, l.email, l.phone, l.role, l.title, l.owner_id, l.first_name, l.last_name, l.account_id,
               CASE WHEN l.source = ANY (sources) THEN l.source END AS source, COALESCE(l.country, a.country) AS country,
               COALESCE(l.company, a.name) AS company
          FROM lead l
          LEFT JOIN account a ON a.account_id = l.account_id
         WHERE l.erased_at IS NULL)
    SELECT t.lead_id, t.source, COALESCE(regions ->> t.country, '') AS region,
           t.email IS NULL,
           COALESCE(split_part(t.email, '@', 2) = ANY (lead_quality.free_mail), false),
           t.email IS NOT NULL AND EXISTS (
               SELECT FROM suppression s
                WHERE s.lifted_at IS NULL AND s.scope = 'address' AND s.value = t.email AND s.purpose IS NULL),
           t.company IS NULL, t.country IS NULL, COALESCE(t.role, t.title) IS NULL, t.phone IS NULL,
           t.source IS NULL,
           EXISTS (SELECT FROM duplicate d WHERE d.lead_id = t.lead_id AND d.state = 'open')
               OR EXISTS (SELECT FROM duplicate d WHERE d.other_id = t.lead_id AND d.state = 'open'),
           t.owner_id IS NULL AND EXISTS (
               SELECT FROM lead_stage g
                WHERE g.lead_id = t.lead_id
                  AND (g.stage = ANY (held)
                       OR (g.stage = ANY (ready)
                           AND NOT EXISTS (SELECT FROM hand_off h
                                            WHERE h.lead_id = t.lead_id AND h.state IN ('offered', 'accepted')
                                              AND h.closed_at IS NULL))))
      FROM told t
$$;
COMMENT ON FUNCTION lead_quality IS 'What is missing or wrong about each lead that is known. double: somebody is to say whether another lead is the same person (duplicate). unowned: at a stage somebody answers for, and nobody does.';

CREATE TABLE lead_key (
    lead_id  uuid NOT NULL REFERENCES lead ON DELETE CASCADE,
    key      text NOT NULL,
    PRIMARY KEY (lead_id, key)
);
COMMENT ON TABLE lead_key IS 'By what a lead is looked up when somebody may be the same person; made anew by the sweep whenever they change.';
-- leads_sharing_keys: who else has it
CREATE INDEX lead_key_key ON lead_key (key);

CREATE TABLE lead_to_match (
    lead_id  uuid NOT NULL
);
COMMENT ON TABLE lead_to_match IS 'Leads of which something new is known: the sweep looks whether they are somebody we know. No index and no reference, because every capture writes here.';

CREATE TABLE match_fault (
    lead_id  uuid PRIMARY KEY REFERENCES lead,
    error    text NOT NULL,
    at       timestamptz NOT NULL,
    tries    integer NOT NULL DEFAULT 1
);
COMMENT ON TABLE match_fault IS 'A lead the sweep couldn''t compare with others or merge by rule, with the reason; gone once it could.';

-- A capture must not wait for the question who else this may be: it only leaves a note, whatever statement wrote the lead.
CREATE FUNCTION note_leads_to_match() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lead_to_match (lead_id) SELECT lead_id FROM written;
    RETURN NULL;
END
$$;
CREATE TRIGGER lead_is_new AFTER INSERT ON lead
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION note_leads_to_match();

CREATE FUNCTION note_lead_to_match() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO lead_to_match (lead_id) VALUES (NEW.lead_id);
    RETURN NULL;
END
$$;
CREATE TRIGGER lead_is_told AFTER UPDATE OF email, first_name, last_name, company, phone, attributes ON lead
    FOR EACH ROW
    WHEN ((OLD.email, OLD.first_name, OLD.last_name, OLD.company, OLD.phone, OLD.attributes)
          IS DISTINCT FROM (NEW.email, NEW.first_name, NEW.last_name, NEW.company, NEW.phone, NEW.attributes))
    EXECUTE FUNCTION note_lead_to_match();

CREATE FUNCTION primary_key_of(of_table regclass) RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT array_agg(a.attname::text ORDER BY a.attnum)
      FROM pg_index i
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)
     WHERE i.indrelid = of_table AND i.indisprimary
$$;
COMMENT ON FUNCTION primary_key_of(regclass) IS 'The columns a row of a table is known by.';

-- A merge moves whatever refers to the lead, also rows of tables that didn't exist when it was written: what it forgot
-- would keep the loser from being deleted. Rows that say what the survivor's own row says already are set aside.
CREATE FUNCTION move_rows_of_lead(merging uuid, loser uuid, survivor uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place record;
    found record;
BEGIN
    FOR place IN
        SELECT c.conrelid::regclass AS of_table, a.attname AS of_column, primary_key_of(c.conrelid) AS keys
          FROM pg_constraint c
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
         WHERE c.contype = 'f' AND c.confrelid = 'lead'::regclass AND cardinality(c.conkey) = 1
           AND c.conrelid <> 'lead_key'::regclass
         ORDER BY c.conrelid::regclass::text, a.attname
    LOOP
        FOR found IN EXECUTE format('SELECT t.ctid AS at, to_jsonb(t) AS was FROM %s t WHERE %I = $1', place.of_table,
                                    place.of_column) USING loser
        LOOP
            BEGIN
                EXECUTE format('UPDATE %s SET %I = $1 WHERE ctid = $2', place.of_table, place.of_column)
                  USING survivor, found.at;
                INSERT INTO merged_row (merge_id, of_table, of_column, key)
                SELECT merging, place.of_table::text, place.of_column,
                       jsonb_object_agg(k, CASE WHEN k = place.of_column THEN to_jsonb(survivor) ELSE found.was -> k END)
                  FROM unnest(place.keys) AS k;
            EXCEPTION WHEN unique_violation OR check_violation THEN
                PERFORM set_row_aside(merging, place.of_table, found.was);
            END;
        END LOOP;
    END LOOP;
END
$$;

CREATE FUNCTION same_row(of_table regclass, keys text[], alias text) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT string_agg(format('t.%1$I = %2$I.%1$I', k, alias), ' AND ') FROM unnest(keys) AS k
$$;
COMMENT ON FUNCTION same_row(regclass, text[], text) IS 'The condition that t is the row another one names.';

CREATE FUNCTION set_row_aside(merging uuid, of_table regclass, its jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    keys text[] := primary_key_of(of_table);
BEGIN
    EXECUTE format('DELETE FROM %1$s t USING jsonb_populate_record(NULL::%1$s, $1) w WHERE %2$s', of_table,
                   same_row(of_table, keys, 'w')) USING its;
    INSERT INTO merged_row (merge_id, of_table, key, was)
    SELECT merging, of_table::text, jsonb_object_agg(k, its -> k), its FROM unnest(keys) AS k;
END
$$;

-- The way back: rows that were moved get their lead again, those that were set aside or changed are what they were.
-- Newest first, because what was changed last covers what was changed before. Who no longer is stays away.
CREATE FUNCTION put_rows_back(merging uuid, loser uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    moved merged_row;
    keys text[];
    columns text;
BEGIN
    FOR moved IN SELECT * FROM merged_row WHERE merge_id = merging ORDER BY no DESC
    LOOP
        keys := primary_key_of(moved.of_table::regclass);
        IF moved.was IS NULL THEN
            EXECUTE format('UPDATE %1$s t SET %2$I = $1 FROM jsonb_populate_record(NULL::%1$s, $2) w WHERE %3$s',
                           moved.of_table, moved.of_column, same_row(moved.of_table::regclass, keys, 'w'))
              USING loser, moved.key;
        ELSE
            SELECT string_agg(format('%1$I = w.%1$I', a.attname), ', ') INTO columns
              FROM pg_attribute a
             WHERE a.attrelid = moved.of_table::regclass AND a.attnum > 0 AND NOT a.attisdropped
               AND a.attidentity = '' AND a.attgenerated = '';
            EXECUTE format('UPDATE %1$s t SET %2$s FROM jsonb_populate_record(NULL::%1$s, $1) w,
                            jsonb_populate_record(NULL::%1$s, $2) k WHERE %3$s',
                           moved.of_table, columns, same_row(moved.of_table::regclass, keys, 'k'))
              USING moved.was, moved.key;
            EXECUTE format('INSERT INTO %1$s SELECT w.* FROM jsonb_populate_record(NULL::%1$s, $1) w
                            WHERE NOT EXISTS (SELECT FROM %1$s t WHERE %2$s)',
                           moved.of_table, same_row(moved.of_table::regclass, keys, 'w'))
              USING moved.was;
        END IF;
    END LOOP;
END
$$;

CREATE TABLE support_request (
    request_id   uuid PRIMARY KEY,
    lead_id      uuid NOT NULL REFERENCES lead,
    hand_off_id  uuid REFERENCES hand_off,
    deal_id      uuid REFERENCES deal,
    raised_by    text NOT NULL,
    raised_at    timestamptz NOT NULL,
    about        text NOT NULL,
    said         text NOT NULL
);
COMMENT ON TABLE support_request IS 'What somebody of support heard and raised for sales: whom it is about and what was said, as they wrote it.';
COMMENT ON COLUMN support_request.hand_off_id IS 'The offer it became or joined; NULL when the company has an open deal (deal_id).';
CREATE INDEX support_request_lead ON support_request (lead_id);
-- what became of it is told to who raised it
CREATE INDEX support_request_hand_off ON support_request (hand_off_id);
CREATE INDEX support_request_raised ON support_request (raised_at);

CREATE TABLE appeal (
    hand_off_id   uuid PRIMARY KEY REFERENCES hand_off,
    raised_by     text NOT NULL,
    raised_at     timestamptz NOT NULL,
    words         text NOT NULL,
    state         text NOT NULL CHECK (state IN ('open', 'upheld', 'dismissed', 'lapsed')),
    asked         text NOT NULL,
    asked_at      timestamptz NOT NULL,
    decide_by     timestamptz NOT NULL,
    passed_on_at  timestamptz,
    decided_by    text,
    decided_at    timestamptz,
    answer        text,
    goes_to       text,
    new_hand_off_id uuid REFERENCES hand_off (hand_off_id),
    CHECK ((state = 'open') = (decided_at IS NULL))
);
COMMENT ON TABLE appeal IS 'Marketing disagrees with a rejection; the lead-management owner decides, then the sponsor, else the rejection stands (lapsed).';
COMMENT ON COLUMN appeal.asked IS 'Handle of who is to decide now, until decide_by.';
CREATE INDEX appeal_open ON appeal (decide_by) WHERE state = 'open';
CREATE INDEX appeal_new ON appeal (new_hand_off_id);
-- how often a lead came back, and the number of its next hand-off
CREATE INDEX hand_off_lead ON hand_off (lead_id);
