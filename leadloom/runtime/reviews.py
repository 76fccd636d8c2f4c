"""What does an owner do with a mail before it goes: see it, hold it, write it anew, skip it, let it go?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from activities.mail_values import prose_of, values_of
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.mails.copy_lint import Copy, lint
from leadloom.domain.mails.links import ReviewLink
from leadloom.domain.mails.review import Act, ReviewAct, Reviewed
from leadloom.domain.mails.shown_urls import ShownUrls
from leadloom.domain.mails.template import MailValues, TemplateBody
from leadloom.domain.model import MessageId, Value
from leadloom.mail.render import Rendered, render
from leadloom.runtime.responses import Reach
from leadloom.store import kept_mail, owners, published, reviews
from leadloom.store.kept_mail import KeptMail
from leadloom.store.owners import Owner
from leadloom.store.reviews import Coming
from leadloom.store.tx import Tx

VIA_LINK = "link"


class Wish(Value):
    """What somebody wants done with a mail that is coming."""

    act: Act
    passages: dict[str, str] = Field(default_factory=dict)
    why: str = ""


class Wording(Value):
    """What can be written anew of a mail, and how it reads now."""

    subject: str
    passages: dict[str, str]


@dataclass(frozen=True)
class Looked:
    """A mail before it goes, with all that a page shows of it."""

    coming: Coming
    rendered: Rendered
    passages: dict[str, str]
    """Name → words as they read now, in reading order; empty when nothing can be written anew."""
    definition: Definition
    reader: Owner
    """Who sees it first."""
    signed_by: str
    """By name."""

    @property
    def names(self) -> dict[str, str]:
        """Handle → name of everybody who may have said something."""
        return {entry.handle: entry.name for entry in self.definition.owners}

    @property
    def wording(self) -> Wording:
        """What can be written anew."""
        return Wording(subject=self.rendered.subject, passages=self.passages)

    @property
    def paragraphs(self) -> list[str]:
        """The letter's text, from the greeting to the last paragraph before the signature."""
        return prose_of(self.rendered.text, signed=self.signed_by)


async def look(tx: Tx, message_id: MessageId, *, at: datetime) -> Looked:
    """The mail as it would go. Raises NotFound."""
    coming = await reviews.get(tx, message_id)
    written = await _written(tx, message_id, at)
    return Looked(
        coming=coming,
        rendered=written.rendered(),
        passages=written.passages,
        definition=written.definition,
        reader=await owners.get(tx, coming.owner_id),
        signed_by=written.values.sender.name,
    )


async def look_by_link(reach: Reach, token: str, *, at: datetime) -> Looked:
    """The mail behind an owner's link. Raises BadLink, NotFound."""
    link = reach.signer.read_review(token, at=at)
    async with reach.db.read() as tx:
        return await look(tx, link.message_id, at=at)


async def act_by_link(reach: Reach, token: str, wish: Wish, *, at: datetime) -> Reviewed:
    """Do it as the link's owner. Raises as `act`, and BadLink."""
    link: ReviewLink = reach.signer.read_review(token, at=at)
    async with reach.db.transaction() as tx:
        by = (await owners.get(tx, link.owner_id)).handle
        return await act(tx, link.message_id, _act(wish, by, VIA_LINK), at=at)


async def act(tx: Tx, message_id: MessageId, order: ReviewAct, *, at: datetime) -> Reviewed:
    """Do it, once. Words written anew must be a mail we would send: they are held against the copy rules.

    Raises NotFound, Conflict when the mail has gone, BadInput.
    """
    who = await reviews.hold_calendar(tx, message_id)
    book = await published.book(tx)
    written = await _written(tx, message_id, at)
    done = await reviews.decide(tx, message_id, order, passages=written.passages, who=who, book=book, at=at)
    if order.act == "edit" and done.changed:
        anew = written.but(done.passages)
        if faults := anew.faults():
            raise BadInput("words", order.act, " ".join(faults))
        await reviews.write_anew(tx, message_id, anew.values, written.template.links)
    return done


def _act(wish: Wish, by: str, via: str) -> ReviewAct:
    return ReviewAct(by=by, via=via, **wish.model_dump())


@dataclass(frozen=True)
class _Written:
    """A mail that hasn't gone, with what makes it."""

    kept: KeptMail
    template: TemplateBody
    values: MailValues
    definition: Definition

    @property
    def passages(self) -> dict[str, str]:
        return {name: self.values.edited.get(name, words) for name, words in self.template.passages}

    def but(self, passages: dict[str, str]) -> _Written:
        """The same mail with words of its own; those that read as the template says need not be kept."""
        said = dict(self.template.passages)
        own = {name: words for name, words in passages.items() if said[name] != words}
        values = self.values.model_copy(update={"edited": own})
        return _Written(self.kept, self.template, values, self.definition)

    def rendered(self) -> Rendered:
        return render(self.template, self.values, urls=self._urls())

    def faults(self) -> tuple[str, ...]:
        """What the copy rules say."""
        made, urls = self.rendered(), self._urls()
        answers = frozenset(urls.answer(event) for event in self.template.answers)
        sender = self.values.sender.name
        return lint(Copy(subject=made.subject, text=made.text, html=made.html, sender=sender, answers=answers))

    def _urls(self) -> ShownUrls:
        base = f"https://{self.definition.company.domain}"
        return ShownUrls.of(self.kept.message_id, self.kept.mail_class, self.template.links, base_url=base)


async def _written(tx: Tx, message_id: MessageId, at: datetime) -> _Written:
    kept = await kept_mail.get(tx, message_id)
    template = await published.template(tx, kept.template_hash)
    definition = (await published.book(tx)).definition
    values = kept.values or await values_of(tx, kept, template, definition=definition, at=at)
    return _Written(kept, template, values, definition)
