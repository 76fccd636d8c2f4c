"""How does somebody read their mail in a browser? As it was sent, from what its row kept, for as long as it is kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from leadloom.domain.errors import NotFound
from leadloom.domain.facts import MessageStatus
from leadloom.domain.mails.links import ExpiredLink, Purpose
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.mail.render import Rendered, render
from leadloom.runtime.responses import Reach
from leadloom.store import kept_mail, published

_GONE = NotFound("mail", "behind this link any more")
_WENT = (MessageStatus.SENT, MessageStatus.UNCERTAIN, MessageStatus.AT_DOT)


@dataclass(frozen=True)
class ViewUrls(MailUrls):
    """The addresses of the mail itself, so that the page works like it; only that nobody's opening is counted."""

    @property
    def view(self) -> str:
        """Nothing: this is the browser."""
        return ""

    @property
    def open_pixel(self) -> str:
        """Nothing to load."""
        return ""


async def view(reach: Reach, token: str, *, base_url: str, at: datetime) -> Rendered:
    """The mail as its reader got it, in the language it was written in; changes and counts nothing.

    Raises BadLink; ExpiredLink when the definition's `mail.view_for` is over; NotFound when nothing was sent, it went
    to an owner, or what it was made of was erased.
    """
    message_id = reach.signer.read_mail(Purpose.VIEW, token)
    async with reach.db.read() as tx:
        try:
            kept = await kept_mail.get(tx, message_id)
        except NotFound as error:
            raise _GONE from error
        sent_at = kept.sent_at or kept.dot_at
        if kept.values is None or kept.owner_id is not None or sent_at is None or kept.status not in _WENT:
            raise _GONE
        policy = (await published.book(tx)).definition.mail
        if at >= sent_at + policy.view_for:
            raise ExpiredLink(sent_at + policy.view_for)
        template = await published.template(tx, kept.template_hash)
    urls = ViewUrls(
        base_url,
        reach.signer,
        message_id,
        marketing=kept.mail_class == MailClass.MARKETING,
        stops=template.can_be_stopped(kept.mail_class),
        direct=None if kept.values.clicks else template.links,
    )
    return render(template, kept.values, urls=urls)
