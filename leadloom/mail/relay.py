"""Where does mail go out? What SMTP_URL says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from leadloom.domain.errors import BadInput


@dataclass(frozen=True)
class Relay:
    """A mail relay and how to speak to it."""

    host: str
    port: int
    tls: Literal["smtps", "always", "auto", "never"]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    hello: str = ""
    """How we name ourselves; empty is this machine's name."""

    @staticmethod
    def from_url(url: str) -> Relay:
        """Read `smtp://user:password@host:587?starttls=always|auto|never&hello=name` or `smtps://…`.

        With a user, STARTTLS defaults to `always`: a password never travels in the clear unless `never` says so.
        Raises BadInput, which doesn't repeat the URL: it may hold a password.
        """
        parts = urlsplit(url)
        options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        starttls = options.pop("starttls", "always" if parts.username else "auto")
        hello = options.pop("hello", "")
        form = "Write smtp://[user:password@]host[:port][?starttls=always|auto|never] or smtps://…"
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or options:
            raise BadInput("SMTP_URL", parts.hostname or parts.scheme, form)
        if starttls not in ("always", "auto", "never"):
            raise BadInput("SMTP_URL starttls", starttls, form)
        return Relay(
            host=parts.hostname,
            port=parts.port or (465 if parts.scheme == "smtps" else 587),
            tls="smtps" if parts.scheme == "smtps" else starttls,
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            hello=hello,
        )
