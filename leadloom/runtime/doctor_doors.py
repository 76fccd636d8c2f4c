"""Are the ways in for mail open that are set, and does anything that came by them wait for a person?"""

from __future__ import annotations

import asyncio
import re
import smtplib
from collections.abc import AsyncGenerator, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.x509 import load_pem_x509_certificate

from leadloom.domain.errors import BadInput, Unreachable
from leadloom.domain.finding import Finding
from leadloom.mail.mailbox import MailboxAddress
from leadloom.runtime import mailbox_door, smtp_door
from leadloom.runtime.provider_proof import sendgrid_key
from leadloom.runtime.settings import Settings, several
from leadloom.store import provider_posts
from leadloom.store.tx import Tx

_PATIENCE_S = 5.0
_RENEW = timedelta(days=14)
"""Before the end of a certificate."""
_SHORTEST_PASSWORD = 16
"""Characters of the only proof that Postmark sends."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_RECEIVE = "Start it where the port is: python starter.py mail receive."
_HOW = "docs/how-to/receive-mail.md"
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+(?:\.fifo)?")


async def ways_in(settings: Settings, *, wall_at: datetime) -> AsyncGenerator[Finding]:
    """Each way that is set; on a house of the Internet also that none is. `wall_at` is wall time."""
    hooks = (settings.ses_topics, settings.sendgrid_key, settings.mailgun_key, settings.postmark_login)
    ways = (settings.inbound_listen, settings.imap_url, *hooks)
    if not any(ways) and urlsplit(settings.public_url).hostname not in _LOOPBACK:
        says = "none is set: bounces, complaints and answers reach nobody"
        yield Finding(what="ways in", verdict="warn", says=says, fix=f"Choose one: {_HOW}.")
    if settings.inbound_listen is not None:
        yield await _port(settings)
        if settings.inbound_certificate is not None:
            yield _certificate(settings.inbound_certificate, wall_at)
    if settings.imap_url is not None:
        yield await _mailbox(settings.imap_url)
    for finding in _hooks(settings):
        yield finding


async def _port(settings: Settings) -> Finding:
    what = "SMTP in"
    try:
        host, port = smtp_door.listens_on(settings) or ("", 0)
        context = smtp_door.tls_of(settings)
    except BadInput as error:
        return Finding(what=what, verdict="fail", says=str(error), fix=error.remedy)
    # Whoever listens everywhere is asked here.
    asked = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    try:
        secured = await asyncio.to_thread(_offers_tls, asked, port)
    except (OSError, smtplib.SMTPException) as error:
        says = f"nobody answers on {asked}:{port} ({type(error).__name__})"
        return Finding(what=what, verdict="fail", says=says, fix=_RECEIVE)
    if context is not None and not secured:
        fix = "Restart python starter.py mail receive with LEADLOOM_INBOUND_CERTIFICATE set."
        return Finding(what=what, verdict="warn", says=f"{asked}:{port} answers, without TLS", fix=fix)
    words = "with TLS" if secured else "without TLS"
    return Finding(what=what, verdict="ok", says=f"{asked}:{port} answers, {words}")


def _offers_tls(host: str, port: int) -> bool:
    with smtplib.SMTP(host, port, timeout=_PATIENCE_S) as client:
        client.ehlo()
        return client.has_extn("starttls")


def _certificate(path: Path, wall_at: datetime) -> Finding:
    what, fix = "certificate for mail", "Renew it, then restart python starter.py mail receive."
    try:
        ends = load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as error:
        says = f"{path} can't be read ({type(error).__name__})"
        return Finding(what=what, verdict="fail", says=says, fix="Name a PEM file in LEADLOOM_INBOUND_CERTIFICATE.")
    says = f"valid until {ends:%Y-%m-%d}"
    if ends <= wall_at:
        return Finding(what=what, verdict="fail", says=says, fix=fix)
    return Finding(what=what, verdict="ok", says=says) if ends - wall_at > _RENEW else Finding(
        what=what, verdict="warn", says=says, fix=fix
    )  # fmt: skip


async def _mailbox(url: str) -> Finding:
    what = "mailbox"
    try:
        address = MailboxAddress.from_url(url)
        waiting = await mailbox_door.look(address)
    except BadInput as error:
        return Finding(what=what, verdict="fail", says="LEADLOOM_IMAP_URL can't be read", fix=error.remedy)
    except Unreachable as error:
        fix = "Correct LEADLOOM_IMAP_URL: host, user, password, folder."
        return Finding(what=what, verdict="fail", says=str(error), fix=fix)
    says = f"{address.where} opens, {waiting} mail(s) wait in {address.folder}"
    return Finding(what=what, verdict="ok", says=says)


def _hooks(settings: Settings) -> Iterator[Finding]:
    """The proofs of providers, as far as one can tell without the provider."""
    strange = [topic for topic in several(settings.ses_topics) if not _TOPIC.fullmatch(topic)]
    yield from _hook("webhook of Amazon SES", settings.ses_topics, "names no topic" if strange else "", _TOPIC_FIX)
    yield from _hook("webhook of SendGrid", settings.sendgrid_key, _key_fault(settings), _KEY_FIX)
    yield from _hook("webhook of Mailgun", settings.mailgun_key, "", "")
    yield from _hook("webhook of Postmark", settings.postmark_login, _login_fault(settings), _LOGIN_FIX)


_TOPIC_FIX = "Set LEADLOOM_SES_TOPICS to arn:aws:sns:region:account:topic."
_KEY_FIX = "Copy the verification key of the signed event webhook into LEADLOOM_SENDGRID_KEY."
_LOGIN_FIX = f"Set LEADLOOM_POSTMARK_LOGIN to name:password, {_SHORTEST_PASSWORD} random characters or more."


def _hook(what: str, setting: str | None, fault: str, fix: str) -> Iterator[Finding]:
    if several(setting):
        yield Finding(what=what, verdict="fail", says=fault, fix=fix) if fault else Finding(
            what=what, verdict="ok", says="set up"
        )  # fmt: skip


def _key_fault(settings: Settings) -> str:
    try:
        for key in several(settings.sendgrid_key):
            sendgrid_key(key)
    except BadInput:
        return "the key can't be read"
    return ""


def _login_fault(settings: Settings) -> str:
    weak = [each for each in several(settings.postmark_login) if len(each.partition(":")[2]) < _SHORTEST_PASSWORD]
    return "the password is in reach of a patient guesser" if weak else ""


async def waiting(tx: Tx) -> AsyncGenerator[Finding]:
    """What providers said that waits for a person; nothing while nothing does."""
    if posts := await provider_posts.every(tx):
        says = f"{len(posts)} post(s) wait, first: {posts[0].provider}, {posts[0].why}"
        fix = "Look: python starter.py mail hooks list; then retry, confirm or drop."
        yield Finding(what="posts of providers", verdict="warn", says=says, fix=fix)
