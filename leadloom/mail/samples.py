"""On which facts is a template tried before it is published? Everything known, and as little as a lead may tell us."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from leadloom.domain.mails.links import Signer
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.mails.template import (
    CaredWords,
    CompanyWords,
    HandOffWords,
    LeadWords,
    MailValues,
    NewsWords,
    ReasonWords,
    ReplyWords,
    ReviewWords,
    SenderWords,
    TaskWords,
)
from leadloom.domain.model import MessageId

SAMPLE_URLS = MailUrls(
    base_url="https://kelvance.example",
    signer=Signer(["a secret that signs samples only"]),
    message_id=MessageId(UUID(int=0)),
    marketing=True,
    decide="https://kelvance.example/h/sample",
)
SAMPLE_ZONE = ZoneInfo("UTC")

_OFFER = HandOffWords(
    kind_words="The lead asked to talk",
    why=("asked for a demo",),
    reasons=(
        ReasonWords(words="Asked for a demo", weight="decides alone"),
        ReasonWords(words="Fit A", weight="85 of 100"),
    ),
    question="Does it log vibration?",
    next_step="Call them now.",
    contacts=("You may write to them: they asked.", "You may not call them: there is no number."),
    cared=(
        CaredWords(words="A demo"),
        CaredWords(words="What an inspector reads first", path="/m/pages/inspector"),
    ),
    companions=("Mia Lund, quality",),
    lead_time="Tue 10:00",
    owner_name="Marcus Oyelaran",
    place="New York",
    accept_by="Tue 03 Mar, 10:15",
    last_touches=("a webinar",),
    suggested_opener="Hello Ana, this is Marcus Oyelaran.",
    chips=("Not yet", "No budget"),
    chip_names=("first-reason", "second-reason"),
    decided="Dana Whitlock accepted it on Tue 03 Mar, 10:12, by link",
)


def sample_values() -> tuple[MailValues, MailValues]:
    """Two sets of facts to try templates on: everything known, and as little as a lead may tell us."""
    company = CompanyWords(name="Kelvance", postal_address="41 Wharf Street, New York")
    known = MailValues(
        lead=LeadWords(first_name="Ana", company="Alder Cold Chain", role="quality", country="US"),
        sender=SenderWords(name="Marcus Oyelaran", title="Sales", phone="+1 212 555 0141"),
        company=company,
        why_you_get_this="You asked for the guide.",
        hand_off=_OFFER,
        review=ReviewWords(
            lead_name="Ana Torres", subject="Two pages", paragraphs=("Hello,", "Here."), goes_at="Tue 3 Mar"
        ),
        reply=ReplyWords(
            lead_name="Ana Torres",
            lead_company="Alder Cold Chain",
            address="ana@alder.example",
            subject="Re: Two pages",
            paragraphs=(("Hello Marcus,",), ("Tuesday at ten suits us.", "Ana")),
            came="Tue 3 Mar, 10:00",
        ),
        news=NewsWords(
            lead_name="Ana Torres",
            lead_company="Alder Cold Chain",
            headline="Marcus Oyelaran took it.",
            told=(("Marketing", "They asked twice."),),
            until="Tue 3 Mar, 10:00",
        ),
        task=TaskWords(
            words="Call about the audit",
            lead_name="Ana Torres",
            lead_company="Alder Cold Chain",
            due="Tue 3 Mar",
            outcomes=("reached", "no answer"),
        ),
    )
    unknown = MailValues(
        sender=SenderWords(name="Marcus Oyelaran"),
        company=company,
        hand_off=HandOffWords(kind_words="A lead"),
        review=ReviewWords(subject="Two pages", goes_at="Tue 3 Mar"),
        reply=ReplyWords(address="ana@alder.example", subject="Two pages", came="Tue 3 Mar", has_original=False),
        task=TaskWords(words="Call about the audit", due="Tue 3 Mar", outcomes=("done",)),
        news=NewsWords(headline="It has an answer."),
    )
    return known, unknown
