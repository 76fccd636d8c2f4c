"""How does a mail look to somebody who is not its reader? The very mail, with links that count for nobody."""

from __future__ import annotations

from datetime import datetime

from activities.mail_values import Addressed, values_of
from leadloom.domain.mails.links import Signer
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.shown_urls import ShownUrls
from leadloom.domain.mails.template import TemplateBody
from leadloom.domain.model import MessageId, Value
from leadloom.mail.render import Rendered, render
from leadloom.store import kept_mail, published
from leadloom.store.kept_mail import KeptMail
from leadloom.store.tx import Tx


class ShownMail(Value):
    """A mail to look at."""

    kept: KeptMail
    rendered: Rendered
    is_written: bool
    """False while its lane hasn't taken it: then it is shown as it would read now."""


async def read(tx: Tx, message_id: MessageId, *, signer: Signer, at: datetime) -> ShownMail:
    """The mail as it was written, else as it would be at `at`. Raises NotFound."""
    kept = await kept_mail.get(tx, message_id)
    template = await published.template(tx, kept.template_hash)
    definition = (await published.book(tx)).definition
    values = kept.values or await values_of(tx, kept, template, definition=definition, at=at)
    rendered = render(template, values, urls=_urls(template, kept.mail_class, signer, message_id))
    return ShownMail(kept=kept, rendered=rendered, is_written=kept.values is not None)


async def imagine(
    tx: Tx, mail: Addressed, template: TemplateBody, *, message_id: MessageId, signer: Signer, at: datetime
) -> Rendered:
    """A mail nobody has asked for yet, as it would read at `at`."""
    definition = (await published.book(tx)).definition
    values = await values_of(tx, mail, template, definition=definition, at=at)
    return render(template, values, urls=_urls(template, mail.mail_class, signer, message_id))


def _urls(template: TemplateBody, mail_class: str, signer: Signer, message_id: MessageId) -> ShownUrls:
    return ShownUrls(
        base_url="",
        signer=signer,
        message_id=message_id,
        marketing=mail_class == MailClass.MARKETING,
        stops=template.can_be_stopped(mail_class),
        decide="#decide",
        places=template.links,
    )
