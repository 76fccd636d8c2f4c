-- Users of the console: who may sign in, their sessions, their tries, and links that set a password.

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
