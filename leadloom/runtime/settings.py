"""Where this process connects and how it behaves: environment first, then what the local stack started."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from leadloom.domain.definitions.delivery_policy import MAIN
from leadloom.domain.errors import BadInput

SignIn = Literal["seats", "password", "oidc"]


class Settings(BaseSettings):
    """Every setting, with its default. Names in the environment are upper case.

    A secret may also stand in a file: `LEADLOOM_SECRET_FILE` names one that holds what `LEADLOOM_SECRET` would say.
    """

    model_config = SettingsConfigDict(
        env_prefix="LEADLOOM_", env_ignore_empty=True, extra="ignore", populate_by_name=True
    )

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    """A Postgres 15 or newer. None: `up` and `demo` start one of their own."""
    temporal_address: str | None = Field(default=None, validation_alias="TEMPORAL_ADDRESS")
    """host:port of a Temporal frontend; TLS and API keys come from Temporal's own profiles (envconfig)."""
    temporal_namespace: str = Field(default="default", validation_alias="TEMPORAL_NAMESPACE")
    smtp_url: str | None = Field(default=None, validation_alias="SMTP_URL")
    """smtp://user:password@host:port?starttls=1 or smtps://… None: mail goes to the in-process trap."""
    smtp_urls: str | None = Field(default=None, validation_alias="SMTP_URLS")
    """Further relays: `name=smtp://…` each, with spaces between; the definition says which may send what."""
    public_url: str = "http://127.0.0.1:8321"
    """What links in mails begin with."""
    state: Path = Path(".state")
    """Where the local stack keeps its files."""
    secret: str | None = None
    """Signs links; several, comma separated, newest first, for rotation. None: one is made and kept in `state`."""
    message_secret: str | None = None
    """Makes Message-IDs; never changed once mail was sent. None: one is made and kept in `state`."""
    sign_in: SignIn = "password"
    """How people come into the console: `password`, `oidc` (the company's accounts, beside passwords), or `seats`:
    whoever reaches it chooses who they are, on loopback only. `up` takes `seats` unless told."""
    oidc_issuer: str | None = None
    """Where the company's accounts are: the address its discovery document is below."""
    oidc_client_id: str | None = None
    """What we are called there."""
    oidc_client_secret: str | None = None
    """What proves to it that we ask. None: a public client, by PKCE alone."""
    oidc_scopes: str = "openid email profile"
    """What we ask for; some need `groups` as well."""
    oidc_groups_claim: str = "groups"
    """Which claim of the ID token lists somebody's groups."""
    oidc_groups: str | None = None
    """`group=role` for each, spaces between; also `group=team:NAME`, `group=region:NAME`. A space in a group is %20."""
    api_key: str | None = None
    """What callers of `/v1` must send as bearer. None opens that door on loopback only, and shuts it elsewhere."""
    return_hosts: str | None = None
    """Hosts that a Web-to-Lead form may lead its visitors back to; several, comma separated. None: only our own."""
    card_key: str | None = None
    """What a CRM signs addresses of lead cards with; several, comma separated, for rotation. None: no cards."""
    card_frames: str | None = None
    """Origins that may frame lead cards, such as https://crm.example; several, comma separated. None: nobody."""
    tracking_waiting: int = Field(default=5000, ge=1)
    """Tracking calls that may wait in one web process for Postgres; whoever comes then is asked to come later (429)."""
    inbound_listen: str | None = None
    """host:port where `mail receive` takes mail over SMTP, such as 0.0.0.0:25. None: no such door."""
    inbound_name: str | None = None
    """What our SMTP port calls itself: the host of the MX record. None: the host of `public_url`."""
    inbound_domains: str | None = None
    """Domains we take mail for; several, comma separated. None: the one our mail is from."""
    inbound_roles: str = "postmaster,abuse"
    """Mailboxes of those domains that take mail without a token of ours (RFC 2142)."""
    inbound_vouchers: str | None = None
    """Names (authserv-id) of mail systems in front of us whose Authentication-Results we believe; several, comma
    separated. None: nobody vouches for a sender, and mail to mailboxes that make leads is held for a look."""
    inbound_certificate: Path | None = None
    """PEM file for STARTTLS. None: the port offers none."""
    inbound_key: Path | None = None
    """PEM file of the key, when it isn't in the certificate's."""
    inbound_largest_mb: int = Field(default=20, ge=1, le=150)
    """Megabytes of a mail; answers of people carry attachments."""
    inbound_connections: int = Field(default=100, ge=1)
    inbound_per_host: int = Field(default=20, ge=1)
    """Connections of one address. A gateway in front of the port has only one: give it more."""
    imap_url: str | None = None
    """imaps://user:password@host:port/folder that `mail receive` empties. None: no such door."""
    imap_every_s: float = Field(default=30.0, gt=0)
    """How often a mailbox is looked into whose server doesn't tell by itself (IDLE)."""
    ses_topics: str | None = None
    """ARNs of the SNS topics that tell of mails sent by Amazon SES; several, comma separated. None: no such door."""
    sendgrid_key: str | None = None
    """The key SendGrid shows for its signed event webhook; several, comma separated. None: no such door."""
    mailgun_key: str | None = None
    """Mailgun's webhook signing key; several, comma separated. None: no such door."""
    postmark_login: str | None = None
    """`name:password` that Postmark's webhooks send; several, comma separated. None: no such door."""
    epoch: int = 1
    """The restore epoch of this deployment; raise it after restoring a database (law 6)."""
    smtp_connections: int = Field(default=4, ge=1, le=100)
    """To each relay."""
    smtp_dot_s: float = Field(default=600.0, gt=0, le=600)
    """How long a relay may think after the dot; giving up earlier makes uncertain mails of slow ones (RFC 5321)."""
    smtp_retry_s: float = Field(default=60.0, gt=0)
    """When a deferred mail to a lead is tried again; then ever later."""
    claim_lease_s: float = Field(default=120.0, gt=0)
    """After it a claim of a worker that fell silent is another's: longer than a worker can be stopped and come back."""
    dkim_keys: Path | None = None
    """The folder of the keys that sign mail, SELECTOR._domainkey.DOMAIN.pem each. None: the relay signs."""
    dns_resolver: str | None = None
    """address[:port] of the resolver that `doctor mail` and the lookups of MX ask. None: the machine's."""
    ask_mx: bool = True
    """Whether workers ask DNS who takes in the mail that goes soon. False: only what the definition declares counts."""
    database_connections: int = Field(default=10, ge=2, le=100)
    clock_ahead_s: float = 0.0
    """Business time minus Temporal's time. Zero but for played worlds, whose 90 days lie elsewhere."""
    maintenance_every_s: float = Field(default=60.0, gt=0)
    build_id: str | None = None
    """Names the code this worker runs, such as a commit. None: any worker takes any task, whatever its code."""
    deployment: str = Field(default="leadloom", pattern=r"^[^.]+$")
    """What Temporal calls all builds of this installation together; with `build_id` only."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is said in code, then the environment, then the files it names."""
        return init_settings, env_settings, _NamedFiles(settings_cls)

    @property
    def clock_ahead(self) -> timedelta:
        """`clock_ahead_s` as a span."""
        return timedelta(seconds=self.clock_ahead_s)

    @property
    def is_near(self) -> bool:
        """Whether people reach us on this machine only."""
        return urlsplit(self.public_url).hostname in ("127.0.0.1", "::1", "localhost")

    def further_relays(self) -> dict[str, str]:
        """Name → URL of the relays beside SMTP_URL. Raises BadInput, which repeats no URL."""
        found: dict[str, str] = {}
        for word in (self.smtp_urls or "").split():
            name, _, url = word.partition("=")
            if not name.isidentifier() or not url or name in found or name == MAIN:
                remedy = f"Write name=smtp://… for each relay, spaces between, each name once and none of them {MAIN}."
                raise BadInput("SMTP_URLS", name if name.isidentifier() else "its words", remedy)
            found[name] = url
        return found

    def signing_keys(self) -> list[str]:
        """The keys that sign links, newest first; a local stack makes one and keeps it."""
        return several(self.secret) or [self._kept("secret")]

    def message_id_secret(self) -> str:
        """What Message-IDs are made with. Unlike the keys of links it must never rotate."""
        return self.message_secret or self._kept("message-secret")

    def _kept(self, name: str) -> str:
        path = self.state / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            # Nobody else may ever read it, and two processes that start at once must agree on one: it gets its name
            # when it is whole, and only the first one does.
            handle, made = tempfile.mkstemp(prefix=f".{name}-", dir=path.parent)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(32))
                file.flush()
                os.fsync(handle)
            with contextlib.suppress(FileExistsError):
                os.link(made, path)
            Path(made).unlink()
        if not (kept := path.read_text().strip()):
            raise BadInput(
                f"The file {name} in the state folder", "", "It is empty: restore it, or remove it for a new one."
            )
        return kept


def several(setting: str | None) -> list[str]:
    """What a comma-separated setting lists, such as keys, newest first."""
    return [each.strip() for each in (setting or "").split(",") if each.strip()]


class _NamedFiles(PydanticBaseSettingsSource):
    """Secrets that stand in files, as container platforms hand them over."""

    _NAMES: ClassVar = {
        "secret": "LEADLOOM_SECRET_FILE",
        "message_secret": "LEADLOOM_MESSAGE_SECRET_FILE",
        "api_key": "LEADLOOM_API_KEY_FILE",
        "oidc_client_secret": "LEADLOOM_OIDC_CLIENT_SECRET_FILE",
        "imap_url": "LEADLOOM_IMAP_URL_FILE",
        "mailgun_key": "LEADLOOM_MAILGUN_KEY_FILE",
        "postmark_login": "LEADLOOM_POSTMARK_LOGIN_FILE",
        "database_url": "DATABASE_URL_FILE",
        "smtp_url": "SMTP_URL_FILE",
        "smtp_urls": "SMTP_URLS_FILE",
    }

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[str | None, str, bool]:
        """The content of the file the environment names for a field. Raises OSError when it can't be read."""
        path = os.environ.get(self._NAMES.get(field_name, ""))
        return (Path(path).read_text().strip() if path else None), field_name, False

    def __call__(self) -> dict[str, str]:
        """Every secret that a file holds, by field."""
        found = {name: self.get_field_value(self.settings_cls.model_fields[name], name)[0] for name in self._NAMES}
        return {name: value for name, value in found.items() if value is not None}
