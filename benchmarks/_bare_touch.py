"""What is the least between a post and a mail? A row, a workflow, and one activity that sends by a kept connection."""

from __future__ import annotations

import os
from datetime import timedelta
from email.message import EmailMessage
from urllib.parse import urlsplit

import aiosmtplib
from temporalio import activity, workflow

from benchmarks._bare_worker import BARE_QUEUE as QUEUE

OWNER = "marcus.oyelaran@kelvance.example"
_kept: dict[str, aiosmtplib.SMTP] = {}


@activity.defn
async def send_one(about: str) -> None:
    """A short notice to the owner, over the one connection that is kept."""
    if "relay" not in _kept:
        relay = urlsplit(os.environ["SMTP_URL"])
        client = aiosmtplib.SMTP(hostname=relay.hostname, port=relay.port, start_tls=False, use_tls=False)
        await client.connect()
        _kept["relay"] = client
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "samira.haddad@kelvance.example", OWNER, "For you"
    mail.set_content(f"A lead asked to talk: {about}\n")
    await _kept["relay"].send_message(mail)


ACTIVITIES = (send_one,)


@workflow.defn
class BareTouch:
    """One activity."""

    @workflow.run
    async def run(self, about: str) -> None:
        """Sends, and ends."""
        await workflow.execute_activity(send_one, about, start_to_close_timeout=timedelta(seconds=20))


__all__ = ["ACTIVITIES", "OWNER", "QUEUE", "BareTouch"]
