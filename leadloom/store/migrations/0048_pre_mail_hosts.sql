-- Who takes in the mail of recipient domains, as their MX said.
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
