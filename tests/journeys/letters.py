"""What does a journey's folder of letters say, and would we send it? Shared by the tests of all journeys."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.definition_check import read_definition
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_check import check_journey, read_journey
from leadloom.domain.journeys.steps.send import Send
from leadloom.domain.mails.copy_lint import Copy, link_targets, lint
from leadloom.domain.mails.links import Signer
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.mails.template import (
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
from leadloom.domain.model import Json, MessageId
from leadloom.mail.building import build_template
from leadloom.mail.render import render

ROOT = Path(__file__).resolve().parents[2]
LETTERS = ROOT / "templates" / "journeys"

KNOWN = LeadWords(first_name="Ana", company="Alder Cold Chain", role="quality", country="US")
NAMELESS = LeadWords(company="Alder Cold Chain", role="logistics", country="US")
STRANGER = LeadWords()
TOLD: dict[str, dict[str, Json]] = {
    "calculator_finished": {"cost": "1,240 USD"},
    "audit_report_made": {"minutes": 11},
    "webinar_registered": {"starts": "15:00 UTC"},
    "webinar_attended": {"question": "Who signs a gap?", "answer": "Whoever was on duty, with the reason beside it."},
    "usage_counted": {"live": 96, "answered": 71, "whole": 88},
}
OFFER = HandOffWords(
    kind_words="The lead asked to talk",
    why=("Asked for a demo at 10:02", "Quality manager in pharma distribution, 6 sites"),
    reasons=(
        ReasonWords(words="Asked for a demo at 10:02", weight="decides alone"),
        ReasonWords(words="Quality manager in pharma distribution, 6 sites", weight="85 of 100"),
    ),
    accept_by="10:17 today (New York)",
    first_try_by="10:32 today (New York)",
    level_words="you are the deputy of Marcus Oyelaran",
    lead_name="Ana Whitfield-Castellanos",
    lead_company="Alder Cold Chain",
    lead_role="quality",
    lead_country="US",
    lead_email="ana@alder-cold.example",
    lead_phone="+1 212 555 0190",
    last_touches=("Finished the warm-pallet calculator, yesterday", "Looked at the price page, today"),
    decided="Dana Whitlock accepted it on Tue 03 Mar, 10:12, by link",
    suggested_opener="You put a price on a warm pallet yesterday; was the figure what you expected?",
)
COMING = ReviewWords(
    lead_name="Ana Whitfield-Castellanos",
    lead_company="Alder Cold Chain",
    subject="Two pages for your security review",
    paragraphs=("Hello Ana,", "Another cloud is another thing you have to answer for, so this is two pages."),
    goes_at="Wed 04 Mar, 10:00",
    signed_by="Dana Whitlock",
)
ENDED = NewsWords(
    lead_name="Ana Whitfield-Castellanos",
    lead_company="Alder Cold Chain",
    headline="Marcus Oyelaran gave it back: No budget. It comes back on 30 Aug 2026.",
    told=(("Sales", "Marcus Oyelaran gave it back: No budget."), ("Priya Nair, in appeal", "She asked twice.")),
    until="Wed 04 Mar, 10:00",
    path="/appeals/00000000-0000-0000-0000-000000000007",
)
TO_DO = TaskWords(
    task_id="00000000-0000-0000-0000-000000000008",
    lead_id="00000000-0000-0000-0000-000000000009",
    words="Call about the audit",
    lead_name="Ana Whitfield-Castellanos",
    lead_company="Alder Cold Chain",
    due="Wed 04 Mar, 10:00",
    outcomes=("reached", "no answer"),
)
ANSWERED = ReplyWords(
    lead_id="00000000-0000-0000-0000-000000000009",
    lead_name="Ana Whitfield-Castellanos",
    lead_company="Alder Cold Chain",
    address="ana@alder-cold.example",
    subject="Re: Two pages for your security review",
    paragraphs=(("Hello Dana,",), ("Tuesday at ten suits us.", "Could you bring the validation pack?"), ("Ana",)),
    came="Tue 03 Mar, 16:40",
)
UNKNOWN_OFFER = HandOffWords(
    kind_words="The lead asked to talk", why=("Asked for a demo at 10:02",), decided=OFFER.decided
)


@cache
def definition() -> Definition:
    """The definition the journeys run under."""
    return read_definition(DraftText("definition.yaml", (ROOT / "definition.yaml").read_text(encoding="utf-8")))


@cache
def journey(name: str) -> Journey:
    """The journey of that name, read from its file."""
    path = ROOT / "workflows" / "journeys" / f"{name}.yaml"
    return read_journey(DraftText(path.name, path.read_text(encoding="utf-8")))


def mails(name: str) -> list[str]:
    """The letters in the folder of a journey."""
    return sorted(folder.name for folder in (LETTERS / name).iterdir() if folder.is_dir())


def faults_of_journey(name: str) -> list[str]:
    """What keeps the journey from being published: its grammar, its names, its ways, its mails."""
    return check_journey(journey(name), definition(), mails(name))


def faults_of_letters(name: str) -> list[str]:
    """What is wrong with each letter a data journey sends, read by leads who told us much, less and nothing."""
    told = journey(name)
    sends = [step for step in told.steps if isinstance(step, Send)]
    return [
        fault
        for step in sends
        for fault in faults_of_letter(
            name,
            step.mail,
            mail_class=step.mail_class or told.mail_class,
            handle="marcus-oyelaran" if (step.sender or told.sender) == "owner" else step.sender or told.sender,
        )
    ]


def faults_of_letter(name: str, mail: str, *, mail_class: str, handle: str, letter: str = "letter") -> list[str]:
    """What is wrong with one letter signed by the owner of that handle, in any language it is written in."""
    faults: list[str] = []
    for language in languages(name, mail):
        known, *unnamed = (
            written(name, mail, lead, mail_class=mail_class, handle=handle, letter=letter, language=language)
            for lead in (KNOWN, NAMELESS, STRANGER)
        )
        for each in unnamed:
            faults.extend(f"{mail} ({language}): {fault}" for fault in lint(known, without_name=each))
    return list(dict.fromkeys(faults))


def languages(name: str, mail: str) -> list[str]:
    """What the letter is written in: English, and whatever its files name."""
    files = (path.name.split(".") for path in (LETTERS / name / mail).glob("subject.*.txt"))
    return ["en", *sorted(parts[1] for parts in files)]


def written(
    name: str,
    mail: str,
    lead: LeadWords,
    *,
    mail_class: str,
    handle: str = "marcus-oyelaran",
    letter: str = "letter",
    language: str = "en",
) -> Copy:
    """The letter as that lead reads it."""
    person = definition().person(handle)
    body = build_template(
        files_in(LETTERS / name / mail),
        files_in(ROOT / "templates" / "_layout"),
        letter=letter,
        name=f"templates/journeys/{name}/{mail}",
        mail_class=mail_class,
        events=frozenset(definition().events),
    )
    urls = MailUrls(
        base_url="https://go.kelvance.example",
        signer=Signer(["a secret for letters in tests"]),
        message_id=MessageId(UUID(int=7)),
        marketing=mail_class == MailClass.MARKETING,
        stops=body.can_be_stopped(mail_class),
        decide="https://go.kelvance.example/h/token",
    )
    values = MailValues(
        lead=lead,
        language=language,
        sender=SenderWords(name=person.name, title="Sales", phone=person.phone or ""),
        company=CompanyWords(name="Kelvance", postal_address=definition().company.postal_address),
        why_you_get_this="You asked for our guide on 3 March 2026.",
        told={} if lead is STRANGER else TOLD,
        hand_off=(UNKNOWN_OFFER if lead is STRANGER else OFFER) if letter == "notice" else None,
        review=COMING if lead is KNOWN else COMING.model_copy(update={"lead_name": "somebody", "lead_company": ""}),
        task=TO_DO if lead is KNOWN else TO_DO.model_copy(update={"lead_name": "", "lead_company": ""}),
        news=ENDED if lead is KNOWN else ENDED.model_copy(update={"lead_name": "", "lead_company": "", "told": ()}),
        reply=ANSWERED if lead is KNOWN else ANSWERED.model_copy(update={"lead_name": "", "lead_company": ""}),
    )
    made = render(body, values, urls=urls)
    return Copy(
        subject=made.subject,
        text=made.text,
        html=made.html,
        sender=person.name if letter == "letter" else None,
        answers=frozenset([*map(urls.answer, body.answers), *_of_task(urls), *_of_offer(made.html, urls)]),
    )


def _of_offer(html: str, urls: MailUrls) -> list[str]:
    """The ways to answer an offer, and what helps to: all of them lead to the one page that asks for one decision."""
    return [link for link in link_targets(html) if urls.decide and link.startswith(urls.decide)]


def _of_task(urls: MailUrls) -> list[str]:
    """The one-button links of a task's notice, and where to read about its lead or an appeal: none asks for more."""
    answers = [f"{urls.decide}?answer={no}" for no in range(1, len(TO_DO.outcomes) + 1)]
    return [*answers, f"{urls.base_url}/leads/{TO_DO.lead_id}", urls.base_url + ENDED.path]


def files_in(folder: Path) -> dict[str, str]:
    """The text files of a folder by name."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
