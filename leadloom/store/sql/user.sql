-- name: keep_user
-- A new user; nobody when handle, address or the company's account is somebody's already.
INSERT INTO console_user (user_id, handle, email, name, roles, team, regions, oidc_issuer, oidc_subject, active_from,
                          created_at, created_by)
VALUES (:user_id, :handle, :email, :name, :roles, :team, :regions, :oidc_issuer, :oidc_subject, :at, :at, :by)
    ON CONFLICT DO NOTHING
RETURNING user_id;

-- name: users
-- Everybody who may or might sign in, with when they were seen last.
SELECT u.user_id, u.handle, u.email, u.name, u.roles, u.team, u.regions, u.password_hash IS NOT NULL AS has_password,
       u.oidc_issuer, u.oidc_subject, u.active_from, u.active_until, u.created_at,
       (SELECT max(s.seen_at) FROM console_session s WHERE s.user_id = u.user_id) AS seen_at
  FROM console_user u
 ORDER BY u.active_until NULLS FIRST, u.handle;

-- name: user_named
-- Whom a handle or a mail address means.
SELECT u.user_id, u.handle, u.email, u.name, u.roles, u.team, u.regions, u.password_hash IS NOT NULL AS has_password,
       u.oidc_issuer, u.oidc_subject, u.active_from, u.active_until, u.created_at,
       (SELECT max(s.seen_at) FROM console_session s WHERE s.user_id = u.user_id) AS seen_at
  FROM console_user u
 WHERE u.handle = lower(:name::text) OR lower(u.email) = lower(:name);

-- name: user_of_subject
-- Whom the company's accounts mean.
SELECT u.user_id, u.handle, u.email, u.name, u.roles, u.team, u.regions, u.password_hash IS NOT NULL AS has_password,
       u.oidc_issuer, u.oidc_subject, u.active_from, u.active_until, u.created_at, NULL::timestamptz AS seen_at
  FROM console_user u
 WHERE u.oidc_issuer = :issuer AND u.oidc_subject = :subject;

-- name: password_of_user
-- What a typed password is compared with.
SELECT password_hash FROM console_user WHERE user_id = :user_id;

-- name: set_password
-- From now on this one opens; also the same password hashed harder than before.
UPDATE console_user SET password_hash = :password_hash WHERE user_id = :user_id;

-- name: set_user_roles
-- What a user may from now on, as an administrator or the company's groups say.
UPDATE console_user SET roles = :roles, team = :team, regions = :regions WHERE user_id = :user_id;

-- name: set_user_active
-- Lets a user in until then, or for good.
UPDATE console_user SET active_until = :until WHERE user_id = :user_id;

-- name: bind_subject
-- The company's account that a user who was added by hand turned out to have; never another's.
UPDATE console_user SET oidc_issuer = :issuer, oidc_subject = :subject
 WHERE user_id = :user_id AND oidc_subject IS NULL
RETURNING user_id;

-- name: admins
-- Whom somebody without a right is to ask.
SELECT name FROM console_user
 WHERE 'admin' = ANY (roles) AND active_from <= :at AND (active_until IS NULL OR active_until > :at)
 ORDER BY name;

-- name: keep_session
-- A browser that was signed in with just now.
INSERT INTO console_session (session_id, user_id, hash, agent, way, began_at, seen_at, expires_at)
VALUES (:session_id, :user_id, :hash, :agent, :way, :at, :at, :expires_at);

-- name: session_of
-- Whose request is this? Asked once for each, so it is one look at two keys.
SELECT s.session_id, s.seen_at, u.user_id, u.handle, u.name, u.roles, u.team, u.regions
  FROM console_session s
  JOIN console_user u ON u.user_id = s.user_id
 WHERE s.hash = :hash
   AND s.ended_at IS NULL
   AND s.expires_at > :at
   AND s.seen_at > :idle_since
   AND u.active_from <= :at
   AND (u.active_until IS NULL OR u.active_until > :at);

-- name: see_session
-- That a session is in use; written once a minute, not at each request.
UPDATE console_session SET seen_at = :at WHERE session_id = :session_id AND seen_at < :at;

-- name: sessions_of_user
-- Where somebody is signed in, the newest first.
SELECT session_id, agent, way, began_at, seen_at, expires_at
  FROM console_session
 WHERE user_id = :user_id AND ended_at IS NULL AND expires_at > :at AND seen_at > :idle_since
 ORDER BY seen_at DESC, session_id;

-- name: end_session
-- One session of a user's opens nothing any more.
UPDATE console_session SET ended_at = :at, ended_by = :by
 WHERE session_id = :session_id AND user_id = :user_id AND ended_at IS NULL
RETURNING session_id;

-- name: end_sessions_of_user
-- All of them but one: after a password changed, or when somebody is shut out.
UPDATE console_session SET ended_at = :at, ended_by = :by
 WHERE user_id = :user_id AND ended_at IS NULL AND session_id IS DISTINCT FROM :but::uuid;

-- name: turn_for_sign_in
-- One try at an account after the other, so that many at once are counted like many in a row.
SELECT pg_advisory_xact_lock(hashtextextended('sign-in ' || :account::text, 0));

-- name: failed_sign_ins
-- Wrong tries since the last right one: of the browser that is known, else of the account; and of late from one address.
SELECT count(*) FILTER (WHERE f.of_account) AS of_account, max(f.at) FILTER (WHERE f.of_account) AS of_account_at,
       count(*) FILTER (WHERE f.of_address) AS of_address, max(f.at) FILTER (WHERE f.of_address) AS of_address_at
  FROM (SELECT i.at,
               i.account = :account::text
                   AND i.device IS NOT DISTINCT FROM :device::text
                   AND i.at > COALESCE((SELECT max(r.at)
                                          FROM sign_in r
                                         WHERE r.account = :account AND r.device IS NOT DISTINCT FROM :device
                                           AND r.succeeded), '-infinity') AS of_account,
               i.address = :address::text AND i.at > :address_since AS of_address
          FROM sign_in i
         WHERE (i.account = :account OR i.address = :address)
           AND NOT i.succeeded
           AND i.at > :since) f;

-- name: try_sign_in
-- A try counts as wrong before it is looked at: whoever hangs up gains nothing.
INSERT INTO sign_in (at, account, address, device) VALUES (:at, :account, :address, :device) RETURNING sign_in_id;

-- name: sign_in_succeeded
-- The try was right.
UPDATE sign_in SET succeeded = true WHERE sign_in_id = :sign_in_id;

-- name: forget_sign_ins
-- Tries are kept no longer than they are of use.
DELETE FROM sign_in WHERE at < :before;

-- name: keep_user_link
-- A link that sets a password, once.
INSERT INTO user_link (hash, user_id, created_at, created_by, expires_at)
VALUES (:hash, :user_id, :at, :by, :expires_at);

-- name: user_of_link
-- Whose link this is, while it opens.
SELECT u.user_id, u.handle, u.email, u.name
  FROM user_link l
  JOIN console_user u ON u.user_id = l.user_id
 WHERE l.hash = :hash AND l.used_at IS NULL AND l.expires_at > :at
   AND (u.active_until IS NULL OR u.active_until > :at);

-- name: use_user_link
-- Once: whoever comes second is told that it was used.
UPDATE user_link SET used_at = :at WHERE hash = :hash AND used_at IS NULL AND expires_at > :at RETURNING user_id;

-- name: void_links_of_user
-- A new link, or a password, ends those of before.
UPDATE user_link SET used_at = :at WHERE user_id = :user_id AND used_at IS NULL;
