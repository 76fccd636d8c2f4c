"""Do TLS, STARTTLS and login work against a server that isn't ours (aiosmtpd), and fail in words?"""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from leadloom.domain.errors import Unreachable
from leadloom.mail.relay import Relay
from leadloom.mail.smtp import SmtpPool

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made by openssl")
LOGIN = LoginPassword(b"leadloom", b"p@ss:word")


@dataclass
class Inbox:
    """Keeps what the foreign server accepted."""

    mails: list[bytes] = field(default_factory=list[bytes])

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        self.mails.append(envelope.content)
        return "250 2.0.0 ok"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("certificate")
    key, cert = folder / "key.pem", folder / "cert.pem"
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1"
    )
    subprocess.run([*command.split(), "-keyout", key, "-out", cert], check=True, capture_output=True)
    return key, cert


@asynccontextmanager
async def a_relay(inbox: Inbox, certificate: tuple[Path, Path], *, implicit: bool) -> AsyncIterator[int]:
    key, cert = certificate
    server_tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server_tls.load_cert_chain(cert, key)

    def log_in(_server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: object) -> AuthResult:
        return AuthResult(success=given == LOGIN, handled=False)

    def protocol() -> SMTP:
        starttls = {} if implicit else {"tls_context": server_tls, "require_starttls": True}
        return SMTP(inbox, authenticator=log_in, auth_required=True, auth_require_tls=not implicit, **starttls)

    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=server_tls if implicit else None)
    yield server.sockets[0].getsockname()[1]
    server.close()


def a_pool(url: str, certificate: tuple[Path, Path] | None) -> SmtpPool:
    trusted = ssl.create_default_context(cafile=certificate[1]) if certificate else None
    return SmtpPool(Relay.from_url(url), size=1, tls_context=trusted)


@pytest.mark.parametrize(("scheme", "implicit"), [("smtp", False), ("smtps", True)])
async def test_mail_goes_out_secured_and_logged_in(certificate: tuple[Path, Path], scheme: str, implicit: bool) -> None:
    inbox = Inbox()
    async with a_relay(inbox, certificate, implicit=implicit) as port:
        pool = a_pool(f"{scheme}://leadloom:p%40ss%3Aword@127.0.0.1:{port}", certificate)
        for _ in range(2):
            async with pool.connection() as connection:
                await connection.envelope("a@kelvance.example", "b@alder.example")
                await connection.body(b"Subject: Hello\r\n\r\n.dot\r\n")
                await connection.dot()
        await pool.close()
    assert inbox.mails == [b"Subject: Hello\r\n\r\n.dot\r\n"] * 2


async def test_a_wrong_password_is_told_without_the_password(certificate: tuple[Path, Path]) -> None:
    async with a_relay(Inbox(), certificate, implicit=False) as port:
        with pytest.raises(Unreachable, match="535") as caught:
            await a_pool(f"smtp://leadloom:hush-hush@127.0.0.1:{port}", certificate).ping()
    assert "hush" not in str(caught.value)


async def test_a_certificate_nobody_vouches_for_is_refused(certificate: tuple[Path, Path]) -> None:
    async with a_relay(Inbox(), certificate, implicit=True) as port:
        with pytest.raises(Unreachable, match=r"(?i)certificate"):
            await a_pool(f"smtps://leadloom:p%40ss%3Aword@127.0.0.1:{port}", None).ping()
