"""Do mail's ways out and back work? The relay's address and TLS, and the page behind List-Unsubscribe."""

from __future__ import annotations

import asyncio
import dataclasses
import http.client
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

from leadloom.domain.errors import Unreachable
from leadloom.domain.finding import Finding
from leadloom.domain.mails.links import Signer
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.model import MessageId
from leadloom.mail.relay import Relay
from leadloom.mail.smtp import SmtpPool
from leadloom.runtime.dns import Dns, is_of_the_world
from leadloom.runtime.settings import Settings

_PATIENCE_S = 10.0


async def find_relays(dns: Dns, relays: Mapping[str, Relay]) -> tuple[dict[str, tuple[str, ...]], list[Finding]]:
    """The addresses mail is handed over at, by relay; and what is wrong with them."""
    if not relays:
        fix = "Set SMTP_URL to the relay that mail goes out by."
        return {}, [Finding(what="relay", verdict="fail", says="SMTP_URL is not set", fix=fix)]
    addresses: dict[str, tuple[str, ...]] = {}
    faults: list[Finding] = []
    for name, relay in relays.items():
        try:
            addresses[name] = await dns.addresses(relay.host)
            says, fix = f"{relay.host} has no address in DNS", "Correct its host in SMTP_URL or SMTP_URLS."
        except Unreachable as error:
            addresses[name], says, fix = (), str(error), "Let this machine ask DNS, or name a resolver: --resolver."
        if not addresses[name]:
            faults.append(Finding(what=f"relay {name}", verdict="fail", says=says, fix=fix))
    return addresses, faults


async def examine_reverse(dns: Dns, address: str) -> Finding:
    """Whether the address has a name that leads back to it: providers refuse senders without."""
    what = f"PTR {address}"
    if not is_of_the_world(address):
        return Finding(what=what, verdict="ok", says="a private address: the world sees the one it sends from")
    try:
        names = await dns.names_of(address)
        back = [name for name in names if address in await dns.addresses(name)]
    except Unreachable as error:
        return Finding(what=what, verdict="fail", says=str(error), fix="Let this machine ask DNS.")
    if back:
        return Finding(what=what, verdict="ok", says=f"{back[0]}, and back")
    says = f"{names[0]} doesn't lead back" if names else "no name"
    fix = "Ask whoever runs the relay for a name that leads back, unless it sends from another address."
    return Finding(what=what, verdict="warn", says=says, fix=fix)


async def examine_tls(name: str, relay: Relay, trust: ssl.SSLContext | None) -> Finding:
    """Whether the way to the relay can be read by others. Asks for TLS whatever SMTP_URL says of it."""
    what = f"TLS of {name}"
    # Without logging in: that is asked by `doctor`, and a wrong password says nothing of the way.
    secured = dataclasses.replace(relay, tls="smtps" if relay.tls == "smtps" else "always", user=None, password=None)
    try:
        await SmtpPool(secured, size=1, tls_context=trust).ping()
    except Unreachable as error:
        if _is_loopback(relay.host):
            return Finding(what=what, verdict="ok", says=f"none, and nobody between: {relay.host} is this machine")
        fix = "Use a relay with STARTTLS and a certificate for its name; Gmail and others mark what came in the clear."
        if not await _answers(dataclasses.replace(secured, tls="smtps" if relay.tls == "smtps" else "never"), trust):
            fix = "Start it, or correct its address in SMTP_URL or SMTP_URLS."
        return Finding(what=what, verdict="fail", says=str(error), fix=fix)
    where = f"{relay.host}:{relay.port}"
    if relay.tls == "never":
        fix = "Take starttls=never out of SMTP_URL."
        return Finding(what=what, verdict="warn", says=f"{where} offers it, and we don't use it", fix=fix)
    return Finding(what=what, verdict="ok", says=f"{where}, its certificate is verified")


async def _answers(relay: Relay, trust: ssl.SSLContext | None) -> bool:
    try:
        await SmtpPool(relay, size=1, tls_context=trust).ping()
    except Unreachable:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "127.0.0.1", "::1")


async def examine_page(settings: Settings, trust: ssl.SSLContext | None) -> Finding:
    """Whether the page behind List-Unsubscribe answers as providers find it: over https, without a detour."""
    parts = urlsplit(settings.public_url)
    if parts.scheme != "https" and not _is_loopback(parts.hostname or ""):
        fix = "Set LEADLOOM_PUBLIC_URL to https: one-click is only honoured there (RFC 8058)."
        return Finding(what="unsubscribe page", verdict="fail", says=f"{settings.public_url} is not https", fix=fix)
    if not settings.secret and not (settings.state / "secret").exists():
        fix = "Set LEADLOOM_SECRET, the same for every process."
        return Finding(what="unsubscribe page", verdict="warn", says="no secret yet to sign a page with", fix=fix)
    try:
        status = await asyncio.to_thread(_get, page_of_nobody(settings), trust)
    except (OSError, http.client.HTTPException) as error:
        fix = "Start the console there, and let the world reach it: providers post to it."
        return Finding(what="unsubscribe page", verdict="fail", says=f"{settings.public_url}: {error}", fix=fix)
    if status == 200:
        return Finding(what="unsubscribe page", verdict="ok", says=f"{settings.public_url} answers")
    says = f"{settings.public_url} answers {status} to a page of ours"
    fix = "Let /u/ through to the console, without a redirect, with the same LEADLOOM_SECRET as the workers'."
    return Finding(what="unsubscribe page", verdict="fail", says=says, fix=fix)


def page_of_nobody(settings: Settings) -> str:
    """A genuine page of a mail there never was: it is only looked at, and looking changes nothing."""
    nobody = MessageId(uuid5(NAMESPACE_URL, "a mail there never was"))
    urls = MailUrls(
        base_url=settings.public_url, signer=Signer(settings.signing_keys()), message_id=nobody, marketing=True
    )
    return urls.unsubscribe


def _get(url: str, trust: ssl.SSLContext | None) -> int:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            host, parts.port, timeout=_PATIENCE_S, context=trust or ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=_PATIENCE_S)
    try:
        connection.request("GET", parts.path, headers={"User-Agent": "leadloom-doctor"})
        return connection.getresponse().status
    finally:
        connection.close()
