-- What comes back and is true of everybody stops a template, or rests a provider, as what a relay says at once does.

CREATE TABLE template_stop (
    template_hash text PRIMARY KEY,
    refused       integer NOT NULL,
    sent          integer NOT NULL,
    why           text NOT NULL,
    stopped_at    timestamptz,
    resumed_at    timestamptz
);
COMMENT ON TABLE template_stop IS 'A mail that was refused for what it is, by several: nothing of it leaves until an operator resumes it (resumed_at: refusals are counted from there). A mended one has another hash.';

ALTER TABLE route ADD COLUMN by_mail boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN route.by_mail IS 'Its refusals came back later by mail or webhook: that the relay takes mail says nothing against them.';

ALTER TABLE message DROP CONSTRAINT message_kept_why_check;
ALTER TABLE message ADD CONSTRAINT message_kept_why_check CHECK (kept_why IN ('warm_up', 'provider_pace', 'company_pace',
    'relay_rests', 'sender_stopped', 'template_stopped'));

-- returns_against_us: bounces that are not about an address
CREATE INDEX mail_return_ours ON mail_return (at)
 WHERE reason IN ('reputation', 'policy', 'spam', 'auth', 'rate', 'too_big', 'content', 'syntax');
