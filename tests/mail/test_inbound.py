"""What is a mail that came in? Invented mails of many systems and languages, read as they would come."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.returns.kind import Kind, Reason, Returned
from leadloom.mail.inbound import read_return

HEAD = "From: Ana Torres <ana.torres@alder.example>\nTo: us@kelvance.example\nDate: Tue, 3 Mar 2026 09:00:00 +0100\n"
DAEMON = "From: Mail Delivery Subsystem <mailer-daemon@mx.alder.example>\nTo: us@kelvance.example\n"


def read(text: str, envelope_from: str | None = None) -> Returned:
    return read_return(text.encode(), envelope_to=None, envelope_from=envelope_from)


def mail(subject: str, body: str, *more: str, head: str = HEAD) -> str:
    lines = "".join(f"{line}\n" for line in more)
    return f"{head}Subject: {subject}\n{lines}Content-Type: text/plain; charset=utf-8\n\n{body}\n"


# -- bounces

QMAIL = """Hi. This is the qmail-send program at mx.alder.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ana.torres@alder.example>:
192.0.2.7 {words}

--- Below this line is a copy of the message.

Return-Path: <b-x@kelvance.example>
Message-ID: <abc123@kelvance.example>
Subject: user unknown, mailbox full, spam
"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ana.torres@alder.example
    host mx.alder.example [192.0.2.7]
    SMTP error from remote mail server after {when}:
    {words}

------ This is a copy of the message, including all the headers. ------

Message-ID: <abc123@kelvance.example>
"""


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (QMAIL.format(words="does not like recipient.\nRemote host said: 550 no such user"), Reason.UNKNOWN_USER),
        (QMAIL.format(words="Remote host said: 552 quota exceeded"), Reason.MAILBOX_FULL),
        (EXIM.format(when="RCPT TO:<ana.torres@alder.example>", words="550 Unknown recipient"), Reason.UNKNOWN_USER),
        (EXIM.format(when="end of data", words="550 Unknown recipient"), Reason.FILTERED),
        (EXIM.format(when="MAIL FROM:<b-x@kelvance.example>", words="550 Unknown user"), Reason.POLICY),
        (EXIM.format(when="RCPT TO:<a@alder.example>", words="550 blocked, see a block list"), Reason.REPUTATION),
        (EXIM.format(when="end of data", words="554 this looks like spam"), Reason.SPAM),
        ("Your message could not be delivered.\n\n<ana@alder.example>: account has been disabled", Reason.DISABLED),
        ("Ihre Nachricht konnte nicht zugestellt werden:\nPostfach ist voll", Reason.MAILBOX_FULL),
        ("Ihre Nachricht wurde nicht zugestellt.\nEmpfänger unbekannt", Reason.UNKNOWN_USER),
        ("Votre message n'a pas pu être remis : le destinataire est inconnu", Reason.UNKNOWN_USER),
        ("No se ha podido entregar su mensaje: el usuario no existe", Reason.UNKNOWN_USER),
        ("Sua mensagem não pôde ser entregue: caixa postal cheia", Reason.MAILBOX_FULL),
        ("メールを配信できませんでした。\n宛先のメールアドレスが見つかりません。", Reason.UNKNOWN_USER),
        ("User Ana Torres (ana.torres@alder.example) not listed in Domino Directory", Reason.UNKNOWN_USER),
        ("Delivery failed: something nobody has said before", Reason.UNKNOWN),
    ],
)
def test_free_text_says_why_a_mail_bounced(body: str, reason: Reason) -> None:
    found = read(mail("Undelivered Mail Returned to Sender", body, head=DAEMON), "")
    assert (found.kind, found.reason) == (Kind.BOUNCE, reason), found.why


def test_a_returned_mail_is_known_by_its_message_id_and_its_words_are_nobodys() -> None:
    found = read(mail("failure notice", QMAIL.format(words="said: 550 no such user"), head=DAEMON), "")
    assert found.message_ids[0] == "abc123@kelvance.example"
    assert found.recipients == ("ana.torres@alder.example",)


DSN = """{head}Subject: Delivery Status Notification
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="{boundary}"

--b
Content-Type: text/plain; charset=utf-8

{told}

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.alder.example

Final-Recipient: rfc822; ana.torres@alder.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {words}

--b--
"""


def dsn(status: str, words: str, *, action: str = "failed", told: str = "It failed.", boundary: str = "b") -> str:
    return DSN.format(head=DAEMON, status=status, words=words, action=action, told=told, boundary=boundary)


@pytest.mark.parametrize(
    ("status", "words", "reason"),
    [
        ("5.1.1", "550 5.1.1 The email account that you tried to reach does not exist.", Reason.UNKNOWN_USER),
        ("5.1.10", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found", Reason.UNKNOWN_USER),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied.", Reason.UNKNOWN_USER),
        ("5.1.10", "556 5.1.10 Recipient address has null MX", Reason.UNKNOWN_DOMAIN),
        ("5.4.4", "Host or domain name not found. Name service error for name=alder.example: Host not found",
         Reason.UNKNOWN_DOMAIN),
        ("4.4.3", "Host or domain name not found. Name service error: Host not found, try again", Reason.NETWORK),
        ("5.1.6", "551 5.1.6 user has moved", Reason.MOVED),
        ("5.2.1", "550 5.2.1 The email account that you tried to reach is disabled", Reason.DISABLED),
        ("5.2.1", "450 4.2.1 The user is receiving mail too quickly", Reason.RATE),
        ("5.2.2", "552 5.2.2 over quota", Reason.MAILBOX_FULL),
        # Sendmail writes 5.1.1 above any 550: the words of the receiving side count.
        ("5.1.1", "550 rejected by our policy", Reason.POLICY),
        ("5.1.1", "550 5.1.1 blocked using a dnsbl", Reason.REPUTATION),
        ("5.1.1", "550 5.7.26 unauthenticated, see DMARC", Reason.AUTH),
        ("5.7.515", "550 5.7.515 Access denied, sending domain does not meet the required level", Reason.AUTH),
        ("5.7.25", "550-5.7.25 The sending IP has no PTR record", Reason.AUTH),
        ("5.7.1", "550 5.7.1 Sender address rejected: User unknown in virtual table", Reason.AUTH),
        ("5.7.1", "550 5.7.1 Unable to relay", Reason.RELAY),
        ("4.1.1", "450 4.1.1 Recipient address rejected: unverified address", Reason.UNKNOWN),
        ("5.2.1", "550 5.2.1 Mailbox unavailable", Reason.DISABLED),
        ("5.0.0", "550 the address is not in our white list", Reason.POLICY),
        ("4.7.0", "421 4.7.0 too many messages from your IP", Reason.RATE),
        ("5.3.4", "552 5.3.4 message size exceeds the limit", Reason.TOO_BIG),
        ("5.6.0", "554 5.6.0 malformed header", Reason.CONTENT),
        ("5.5.2", "500 5.5.2 syntax error", Reason.SYNTAX),
        ("4.4.7", "message expired", Reason.TIMEOUT),
        ("5.0.0", "an answer nobody has heard before", Reason.UNKNOWN),
    ],
)  # fmt: skip
def test_a_delivery_report_is_weighed_by_status_code_and_words(status: str, words: str, reason: Reason) -> None:
    found = read(dsn(status, words))
    assert (found.kind, found.reason) == (Kind.BOUNCE, reason), found.why


def test_a_delay_is_no_bounce_and_a_success_is_a_proof() -> None:
    assert read(dsn("4.4.1", "no answer", action="delayed")).kind is Kind.DELAYED
    assert read(dsn("2.0.0", "taken", action="delivered")).kind is Kind.DELIVERED


def test_a_report_that_lost_its_boundaries_is_still_read() -> None:
    found = read(dsn("5.1.1", "550 5.1.1 user unknown", boundary="another"))
    assert (found.kind, found.reason) == (Kind.BOUNCE, Reason.UNKNOWN_USER)


# -- automatic answers


@pytest.mark.parametrize(
    ("subject", "body", "more", "back"),
    [
        ("Automatic reply: Nine minutes", "I am back on 9 March 2026.", (), date(2026, 3, 9)),
        ("Re: Nine minutes", "Away until Friday, March 13th.", ("Auto-Submitted: auto-replied",), date(2026, 3, 14)),
        ("Out of Office", "I will be out of the office from 3/3/2026 to 3/17/2026.", (), date(2026, 3, 18)),
        ("Nine minutes", "Gone fishing.", ("X-Autoreply: yes",), None),
        ("Nine minutes", "Gone fishing.", ("Precedence: auto_reply",), None),
        ("Abwesenheitsnotiz: Neun Minuten", "Ich bin ab dem 16.03.2026 wieder im Büro.", (), date(2026, 3, 16)),
        ("Automatische Antwort: Neun", "Ich bin bis einschließlich 20. März abwesend.", (), date(2026, 3, 21)),
        ("Réponse automatique : neuf minutes", "Je serai de retour le 23 mars.", (), date(2026, 3, 23)),
        ("Respuesta automática: nueve", "Estaré fuera de la oficina hasta el 15 de marzo.", (), date(2026, 3, 16)),
        ("Resposta automática: nove", "Volto no dia 30/03/2026.", (), date(2026, 3, 30)),
        ("Risposta automatica: nove", "Sono assente fino al 10 marzo.", (), date(2026, 3, 11)),
        ("Automatisch antwoord: negen", "Ik ben terug op 12 maart.", (), date(2026, 3, 12)),
        ("Autosvar: nio minuter", "Jag är tillbaka den 11 mars.", (), date(2026, 3, 11)),
        ("Automatyczna odpowiedź: dziewięć", "Wracam 18 marca.", (), date(2026, 3, 18)),
        ("自動返信: 九分", "3月9日に復帰します。", (), date(2026, 3, 9)),
        ("Automatic reply: Nine", "I am out today and back on Monday.", (), date(2026, 3, 9)),
        ("Automatic reply: Nine", "I am on leave, returning January 4.", (), date(2027, 1, 4)),
        ("Automatic reply: Nine", "We founded the firm on 1 May 1999. Call us.", (), None),
    ],
)
def test_who_is_away_is_known_with_the_day_they_are_back(
    subject: str, body: str, more: tuple[str, ...], back: date | None
) -> None:
    found = read(mail(subject, body, *more))
    assert (found.kind, found.returns_on, found.left) == (Kind.AUTO_REPLY, back, False), found.why


@pytest.mark.parametrize(
    "body",
    [
        "I no longer work for Alder. Please write to Ben.",
        "Ana Torres has left the company.",
        "Ana Torres ist nicht mehr für Alder tätig. Bitte wenden Sie sich an Ben Ode.",
        "Je ne travaille plus chez Alder.",
        "Ana Torres ya no trabaja en Alder.",
        "Não faço mais parte da equipe.",
        "This mailbox is no longer monitored.",
    ],
)
def test_who_left_is_known_as_gone_for_good(body: str) -> None:
    found = read(mail("Automatic reply: Nine minutes", f"{body} Back on 9 March."))
    assert (found.kind, found.left, found.returns_on) == (Kind.AUTO_REPLY, True, None)


@pytest.mark.parametrize(
    ("subject", "body", "envelope_from"),
    [
        ("Please confirm your message", "Reply to this mail to deliver your message.", None),
        ("[Ticket #4711] received: Nine minutes", "This is an automated response. Ticket number: 4711", None),
        ("Re: Nine minutes", "Thanks, I am on holiday.", ""),
        ("Read: Nine minutes", "Your message was read on Tuesday.", None),
    ],
)
def test_challenges_tickets_receipts_and_the_null_sender_are_machines(
    subject: str, body: str, envelope_from: str | None
) -> None:
    assert read(mail(subject, body), envelope_from).kind is Kind.AUTO_REPLY


# -- people


@pytest.mark.parametrize(
    ("subject", "body", "more"),
    [
        ("Re: Nine minutes on the dock", "Yes.", ()),
        ("AW: Neun Minuten", "Gerne, rufen Sie mich an.", ()),
        ("Re: Nine minutes", "We are out of the office until Monday, can we talk then?", ()),
        ("Re: Automatic reply: Nine minutes", "Sorry, I am back now. Call me.", ()),
        ("Re: Nine minutes", "Let's talk.\n\n> I am out of the office\n> Undelivered mail, user unknown", ()),
        ("Re: Nine minutes", "Let's talk.", ("X-Auto-Response-Suppress: All",)),
        ("Re: Nine minutes", "Let's talk.", ("Auto-Submitted: no",)),
        ("Re: Nine minutes", "Let's talk.", ("List-Id: <team.alder.example>", "Precedence: list")),
        ("Out of office hours support for our depots, how does it work?", "We have three depots.", ()),
        ("Undelivered pallets", "Three pallets could not be delivered yesterday. What does your logger say?", ()),
        ("Re: your delivery failed alarm", "The address was unknown to the driver, mailbox full.", ()),
        ("vacation cover", "Who covers for Inês in May?", ()),
        ("Re: 九分", "はい、お電話ください。", ()),
        ("Re: nine", "No longer with us is our old supplier; send the price.", ()),
        ("", "ok", ()),
    ],
)
def test_what_people_write_stays_theirs(subject: str, body: str, more: tuple[str, ...]) -> None:
    found = read(mail(subject, body, *more), "ana.torres@alder.example")
    assert found.kind is Kind.REPLY, found.why


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("Yes.\n\nOn Tue, 3 Mar 2026, Inês <ines@kelvance.example> wrote:\n> Nine minutes", "Yes."),
        ("Ja.\n\nAm Di., 3. März 2026 um 09:00 Uhr schrieb Inês:\n> Neun", "Ja."),
        ("Oui.\n\nLe mar. 3 mars 2026 à 09:00, Inês a écrit :\n> Neuf", "Oui."),
        ("Sí.\n\nEl mar, 3 mar 2026, Inês escribió:\n> Nueve", "Sí."),
        ("Yes.\n\n-----Original Message-----\nFrom: Inês\nSent: Tuesday", "Yes."),
        ("Yes.\n\nFrom: Inês Carvalho\nSent: Tuesday\nTo: Ana\nSubject: Nine\n\nNine minutes", "Yes."),
        ("Yes.\n\nSent from my iPhone\n\nOn Tue Inês wrote:\n> Nine", "Yes."),
        ("Call me\n\n-- \nAna Torres\nQuality", "Call me"),
        ("> do you want it?\n\nYes, below yours.", "Yes, below yours."),
    ],
)
def test_what_somebody_wrote_is_told_from_what_they_quote(body: str, said: str) -> None:
    assert read(mail("Re: Nine minutes", body)).text == said


@pytest.mark.parametrize("body", ["unsubscribe", "Please remove me.", "STOP", "Abmelden!", "unsubscribe me please"])
def test_who_says_nothing_but_stop_unsubscribes(body: str) -> None:
    assert read(mail("Re: Nine minutes", body)).kind is Kind.UNSUBSCRIBE


# -- hostile bytes


@given(st.binary(max_size=2000))
def test_no_bytes_stop_a_door(raw: bytes) -> None:
    assert read_return(raw, envelope_to=None, envelope_from=None).kind in Kind


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 1000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: multipart/mixed; boundary=b\n\n" * 3000,
        b"Content-Type: message/rfc822\n\n" * 3000,
        b"Subject: =?utf-8?b?" + b"A" * 500_000 + b"?=\n\nhello",
        b"From: " + b"<" * 200_000 + b"\n\nhello",
        b"Content-Type: text/html\n\n" + b"<div " * 200_000,
        b"From: mailer-daemon@x.example\nSubject: failed\n\n" + b"the user " * 100_000,
        b"From: mailer-daemon@x.example\nSubject: failed\n\n" + b"mailbox " * 8_000,
        b"Subject: Out of office\nDate: Tue, 99 Foo 2026\nAuto-Submitted: auto-replied\n\nuntil 99.99.9999",
    ],
    ids=["empty", "zeros", "nested", "carried", "word", "brackets", "tags", "long", "words", "dates"],
)
def test_hostile_mails_are_read_in_no_time(raw: bytes) -> None:
    assert read_return(raw, envelope_to="x" * 10_000, envelope_from=None).kind in Kind
