"""Where this process connects and how it behaves: environment first, then what the local stack started."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Every setting, with its default. Names in the environment are upper case; secrets may also come as `*_FILE`."""

    model_config = SettingsConfigDict(env_prefix="", extra="ignore", secrets_dir=None, populate_by_name=True)

    database_url: str | None = None
    """A Postgres 15 or newer. None: `up` and `demo` start one of their own."""
    temporal_address: str | None = None
    """host:port of a Temporal frontend; TLS and API keys come from Temporal's own profiles (envconfig)."""
    temporal_namespace: str = "default"
    smtp_url: str | None = None
    """smtp://user:password@host:port?starttls=1 or smtps://… None: mail goes to the in-process trap."""
    public_url: str = Field(default="http://127.0.0.1:8321", validation_alias="LEADLOOM_PUBLIC_URL")
    """What links in mails begin with."""
    state: Path = Field(default=Path(".state"), validation_alias="LEADLOOM_STATE")
    """Where the local stack keeps its files."""
    secret: str | None = Field(default=None, validation_alias="LEADLOOM_SECRET")
    """Signs links; several, comma separated, newest first, for rotation. None: one is made and kept in `state`."""
    message_secret: str | None = Field(default=None, validation_alias="LEADLOOM_MESSAGE_SECRET")
    """Makes Message-IDs; never changed once mail was sent. None: one is made and kept in `state`."""
    api_key: str | None = Field(default=None, validation_alias="LEADLOOM_API_KEY")
    """What callers of `/v1` must send as bearer. None leaves that door as open as a form's."""
    epoch: int = Field(default=1, validation_alias="LEADLOOM_EPOCH")
    """The restore epoch of this deployment; raise it after restoring a database (law 6)."""
    smtp_connections: int = Field(default=4, validation_alias="LEADLOOM_SMTP_CONNECTIONS", ge=1, le=50)
    database_connections: int = Field(default=10, validation_alias="LEADLOOM_DATABASE_CONNECTIONS", ge=2, le=100)
    clock_ahead_s: float = Field(default=0.0, validation_alias="LEADLOOM_CLOCK_AHEAD_S")
    """Business time minus Temporal's time. Zero but for played worlds, whose 90 days lie elsewhere."""
    maintenance_every_s: float = Field(default=60.0, validation_alias="LEADLOOM_MAINTENANCE_EVERY_S", gt=0)

    @property
    def clock_ahead(self) -> timedelta:
        """`clock_ahead_s` as a span."""
        return timedelta(seconds=self.clock_ahead_s)

    def signing_keys(self) -> list[str]:
        """The keys that sign links, newest first; a local stack makes one and keeps it."""
        if self.secret:
            return [key.strip() for key in self.secret.split(",") if key.strip()]
        return [self._kept("secret")]

    def message_id_secret(self) -> str:
        """What Message-IDs are made with. Unlike the keys of links it must never rotate."""
        return self.message_secret or self._kept("message-secret")

    def _kept(self, name: str) -> str:
        path = self.state / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(secrets.token_urlsafe(32))
            path.chmod(0o600)
        return path.read_text().strip()
