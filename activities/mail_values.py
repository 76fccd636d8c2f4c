"""Who reads these mails, and what may they say to each? A page is looked up in a few questions, not each mail."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from activities.news import news_words
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.handoffs.notice import notice_words
from leadloom.domain.mails.language import chosen
from leadloom.domain.mails.preferences import may_track
from leadloom.domain.mails.shown_urls import ShownUrls
from leadloom.domain.mails.template import (
    CompanyWords,
    HandOffWords,
    LeadWords,
    MailValues,
    ReplyWords,
    ReviewWords,
    SenderWords,
    TaskWords,
    TemplateBody,
)
from leadloom.domain.mails.variables import worded
from leadloom.domain.mails.windows import zone_told
from leadloom.domain.model import HandOffId, Json, LeadId, MessageId, OwnerId
from leadloom.mail.compose import Party
from leadloom.mail.original import LARGEST, thread_of
from leadloom.mail.render import render
from leadloom.store import cards, kept_mail, owners, passing_on, published, readers, reviews, tasks
from leadloom.store.owners import Owner
from leadloom.store.readers import Reader, Sources
from leadloom.store.tx import Tx


class Addressed(Protocol):
    """As much of a mail as its words depend on."""

    @property
    def message_id(self) -> MessageId: ...

    @property
    def lead_id(self) -> LeadId | None: ...

    @property
    def owner_id(self) -> OwnerId | None: ...

    @property
    def hand_off_id(self) -> HandOffId | None: ...

    @property
    def sender(self) -> str: ...

    @property
    def mail_class(self) -> str: ...


async def values_of(
    tx: Tx, message: Addressed, template: TemplateBody, *, definition: Definition, at: datetime
) -> MailValues:
    """What a mail is made of when it is written at `at`; pages that show mail before it goes ask the same."""
    people = await People.of(tx, [message], [template], at=at)
    return await people.values(tx, message, template, definition=definition, at=at)


class People:
    """Everybody a page of mails is to or about, with what they told us last."""

    def __init__(
        self,
        leads: Mapping[LeadId, Reader],
        owner_rows: Sequence[Owner],
        told: Mapping[LeadId, Mapping[str, dict[str, Json]]],
        sources: Mapping[LeadId, Sources],
        campaigns: Mapping[MessageId, Mapping[str, Json]],
    ) -> None:
        """Use `of`."""
        self._leads, self._told, self._sources, self._campaigns = leads, told, sources, campaigns
        self._owners = {owner.owner_id: owner for owner in owner_rows}
        self._signed: dict[str, tuple[SenderWords, CompanyWords]] = {}

    @classmethod
    async def of(
        cls, tx: Tx, messages: Sequence[Addressed], templates: Collection[TemplateBody], *, at: datetime
    ) -> People:
        """Look up a page: a few questions, whatever its length; only what its templates say is asked for."""
        tells = sorted({kind for template in templates for kind in template.tells})
        asked = {whose for template in templates for each in template.variables.values() if each.source
                 for whose in each.source[:1]}  # fmt: skip
        lead_ids = sorted({mail.lead_id for mail in messages if mail.lead_id is not None})
        told: dict[LeadId, dict[str, dict[str, Json]]] = defaultdict(dict)
        for each in await readers.told(tx, lead_ids, kinds=tells, at=at) if tells else ():
            told[each.lead_id][each.kind] = each.data
        roster = await owners.roster(tx) if any(mail.owner_id for mail in messages) else ()
        return cls(
            await readers.of(tx, lead_ids) if lead_ids else {},
            roster,
            told,
            await readers.sources(tx, lead_ids) if asked & {"lead", "account"} else {},
            await readers.campaign_values(tx, [mail.message_id for mail in messages]) if "campaign" in asked else {},
        )

    def recipient(self, message: Addressed) -> Party:
        """Who gets it. Raises KeyError when nobody is known by that id."""
        if message.owner_id is not None:
            owner = self._owners[message.owner_id]
            return Party(name=owner.name, address=owner.email)
        reader = self._leads[LeadId(message.lead_id or UUID(int=0))]
        return Party.built(name=reader.name, address=reader.email or "")

    async def values(
        self, tx: Tx, message: Addressed, template: TemplateBody, *, definition: Definition, at: datetime
    ) -> MailValues:
        """The facts of one mail. Only a notice about a hand-off still asks the database, for its card."""
        sender, company = self._ours(message.sender, definition)
        is_offer = message.hand_off_id is not None and not template.about_news
        offer = await self._offer(tx, message, definition, at) if is_offer else None
        review = (
            await coming_words(tx, message.message_id, definition=definition, at=at) if template.about_review else None
        )
        task = await task_words(tx, message.message_id, definition=definition) if template.about_task else None
        reply = (
            await reply_words(tx, message.message_id, zone=_zone(message.sender, definition))
            if template.about_reply
            else None
        )
        news = await news_words(tx, message, definition) if template.about_news else None
        if message.lead_id is None:
            return MailValues(sender=sender, company=company, hand_off=offer)
        reader, told = self._leads[message.lead_id], self._told.get(message.lead_id, {})
        policy, seen = definition.mail.classes[message.mail_class], may_track(reader.attributes)
        language = _language(reader, message, template, definition)
        ours = ((_NEWS, news), (_OFFERED, offer), (_TO_DO, task), (_YOURS, reply))
        why = next((words for words, about in ours if about is not None), "")
        return MailValues.built(
            lead=LeadWords.built(
                first_name=reader.first_name or "",
                company=reader.account or reader.company or "",
                role=reader.role or "",
                country=reader.country or "",
            ),
            sender=sender,
            company=company,
            why_you_get_this=why or definition.mail.reasons.say(message.mail_class, language, definition.company.name),
            told={kind: told[kind] for kind in sorted(template.tells) if kind in told},
            hand_off=offer,
            review=review,
            task=task,
            reply=reply,
            news=news,
            clicks=policy.clicks and seen,
            opens=policy.opens and seen,
            language=language,
            variables=self._variables(message, reader, template, language, definition),
        )

    def _ours(self, handle: str, definition: Definition) -> tuple[SenderWords, CompanyWords]:
        """In whose name it goes, and for which company: the same words in all of a page's mails."""
        if (known := self._signed.get(handle)) is None:
            person, house = definition.person(handle), definition.company
            known = self._signed[handle] = (
                SenderWords.built(name=person.name, title=person.role.replace("-", " "), phone=person.phone or ""),
                CompanyWords.built(name=house.name, postal_address=house.postal_address),
            )
        return known

    def _variables(
        self, message: Addressed, reader: Reader, template: TemplateBody, language: str, definition: Definition
    ) -> dict[str, str]:
        """What the template's variables say to this reader, on the reader's own clock."""
        if not template.variables:
            return {}
        sources = self._sources.get(reader.lead_id, Sources())
        told: Mapping[str, Mapping[str, Json]] = {
            "lead": sources.lead,
            "account": sources.account,
            "campaign": self._campaigns.get(message.message_id, {}),
        }
        # What stands in the field may be no zone at all: then the same chain decides as for the window.
        zone = ZoneInfo(zone_told(reader.time_zone, reader.country, None, definition.company).name)
        return {
            name: worded(
                each, told.get(each.source[0], {}).get(each.source[1]) if each.source else None,
                language=language, zone=zone,
            )
            for name, each in template.variables.items()
        }  # fmt: skip

    async def _offer(self, tx: Tx, message: Addressed, definition: Definition, at: datetime) -> HandOffWords:
        card = await cards.read(tx, HandOffId(message.hand_off_id or UUID(int=0)), definition=definition, at=at)
        reader = self._owners[message.owner_id] if message.owner_id else None
        zone = ZoneInfo(definition.calendars[reader.calendar].zone if reader else definition.company.time_zone)
        return notice_words(definition, card, zone=zone, at=at, reader=message.owner_id)


async def coming_words(tx: Tx, notice_id: MessageId, *, definition: Definition, at: datetime) -> ReviewWords:
    """The mail a notice tells of, as it would read if it went at `at`. Raises NotFound."""
    coming = await reviews.noticed_by(tx, notice_id)
    kept = await kept_mail.get(tx, coming.message_id)
    template = await published.template(tx, kept.template_hash)
    values = kept.values or await values_of(tx, kept, template, definition=definition, at=at)
    base = f"https://{definition.company.domain}"
    urls = ShownUrls.of(kept.message_id, kept.mail_class, template.links, base_url=base)
    made = render(template, values, urls=urls)
    zone = ZoneInfo(definition.calendars[definition.person(coming.owner).calendar].zone)
    return ReviewWords(
        message_id=str(coming.message_id),
        lead_name=coming.person,
        lead_company=coming.company or "",
        subject=made.subject,
        paragraphs=tuple(prose_of(made.text, signed=values.sender.name)),
        signed_by=values.sender.name,
        goes_at=f"{coming.silent_until.astimezone(zone):%a %d %b, %H:%M}",
    )


async def task_words(tx: Tx, notice_id: MessageId, *, definition: Definition) -> TaskWords:
    """The task a notice tells of. Raises NotFound."""
    task = await tasks.told_by(tx, notice_id)
    zone = ZoneInfo(definition.calendars[definition.person(task.owner).calendar].zone)
    return TaskWords(
        task_id=str(task.task_id),
        lead_id=str(task.lead_id),
        words=task.words,
        lead_name=task.person,
        lead_company=task.company or "",
        due=f"{task.due_at.astimezone(zone):%a %d %b, %H:%M}",
        outcomes=task.outcomes,
    )


def _language(reader: Reader, message: Addressed, template: TemplateBody, definition: Definition) -> str:
    """What the lead reads; an owner's notice is in the template's own language."""
    if message.owner_id is not None:
        return template.language
    countrys = definition.mail.languages.by_country.get(reader.country or "")
    return chosen([reader.language, countrys], template.languages, otherwise=template.language)


async def reply_words(tx: Tx, message_id: MessageId, *, zone: ZoneInfo) -> ReplyWords:
    """The answer a mail passes on. Raises NotFound."""
    answer = await passing_on.answer(tx, message_id)
    return ReplyWords(
        lead_id=str(answer.lead_id),
        lead_name=answer.lead_name,
        lead_company=answer.lead_company,
        address=answer.sender,
        subject=answer.subject or "(no subject)",
        paragraphs=tuple(
            tuple(line for each in part.splitlines() if (line := each.strip()))
            for part in answer.said.split("\n\n")
            if part.strip()
        ),
        came=f"{answer.at.astimezone(zone):%a %d %b, %H:%M}",
        thread=thread_of(answer.raw or b""),
        has_original=answer.raw is not None and len(answer.raw) <= LARGEST,
    )


def _zone(handle: str, definition: Definition) -> ZoneInfo:
    return ZoneInfo(definition.calendars[definition.person(handle).calendar].zone)


def prose_of(text: str, *, signed: str) -> list[str]:
    """The paragraphs of a text part, from the greeting to the last one before the signature."""
    above, _, _ = text.partition(f"\n\n{signed}\n")
    return [paragraph.strip() for paragraph in above.split("\n\n") if paragraph.strip()]


_OFFERED = "You get this notice because leads of this kind are handed to you, or to those whose work you look after."
"""The reason in the footer of a hand-off's notice."""
_NEWS = "You get this mail because you asked what becomes of this lead, or are asked about it."
"""The reason in the footer of news about a hand-off."""
_TO_DO = "You get this notice because a journey asks you to do something about a lead."
"""The reason in the footer of a task's notice."""
_YOURS = "You get this mail because it answers a letter that went in your name."
"""The reason in the footer of an answer that is passed on."""
