"""Would we send these letters? Every draft a lead would read, rendered and held against the copy rules."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.steps.step import Letter
from leadloom.domain.mails.copy_lint import Copy, lint
from leadloom.domain.mails.links import Signer
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.mails.template import CompanyWords, MailValues, SenderWords, TemplateBody
from leadloom.domain.model import MessageId
from leadloom.mail.render import render
from leadloom.mail.samples import sample_values
from leadloom.runtime.publishing import Drafts

_SOMEBODY = "owner"
"""Stands for the lead's own owner, who isn't known before there is a lead."""


def lint_drafts(drafts: Drafts) -> list[str]:
    """What is wrong with the letters of the journeys as data, each as `journey/mail: words`; empty when nothing is."""
    return [fault for journey in drafts.journeys for fault in _faults(journey, drafts)]


def _faults(journey: Journey, drafts: Drafts) -> Iterator[str]:
    for letter in chain.from_iterable(step.letters(journey) for step in journey.steps):
        if letter.to is not None:
            continue
        body = drafts.templates[journey.name, letter.mail]
        for language in body.languages:
            known, unknown = (
                _as_read(body, values.model_copy(update={"language": language}), letter, drafts.definition)
                for values in sample_values()
            )
            place = f"{journey.name}/{letter.mail}" + ("" if language == body.language else f" in {language}")
            yield from (f"{place}: {fault}" for fault in lint(known, without_name=unknown))


def _as_read(body: TemplateBody, values: MailValues, letter: Letter, definition: Definition) -> Copy:
    name = values.sender.name if letter.sender == _SOMEBODY else definition.person(letter.sender).name
    company = definition.company
    signed = values.model_copy(
        update={
            "sender": SenderWords(name=name, title="Sales"),
            "company": CompanyWords(name=company.name, postal_address=company.postal_address),
            "why_you_get_this": values.why_you_get_this or "You asked for our guide.",
            "hand_off": None,
        }
    )
    urls = MailUrls(
        base_url=f"https://{company.domain}",
        signer=Signer(["a key for letters that are only looked at"]),
        message_id=MessageId(UUID(int=0)),
        marketing=letter.mail_class == MailClass.MARKETING,
        stops=body.can_be_stopped(letter.mail_class),
    )
    made = render(body, signed, urls=urls)
    answers = frozenset(urls.answer(event) for event in body.answers)
    return Copy(subject=made.subject, text=made.text, html=made.html, sender=name, answers=answers)
