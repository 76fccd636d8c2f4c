"""A lead answers a letter that went in a rep's name: does the rep read it in their own mailbox, and only once?"""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from leadloom.mail.wire_lint import lint_wire
from leadloom.runtime import returns
from leadloom.runtime.local.trapped_mail import TrappedMail
from leadloom.runtime.returns import Taken
from tests.acts_in_house import comes
from tests.house import TestHouse, a_house

ANA = "ana.torres@meridian-pharma.example"
REP = "priya.nair@kelvance.example"


def answer_to(letter: TrappedMail, *, said: str, number: int, attached: bytes = b"") -> bytes:
    """What Ana's mail program sends when she presses reply."""
    answer = EmailMessage()
    answer["From"] = f"Ana Torres <{ANA}>"
    answer["To"] = letter.header("Reply-To")
    answer["Subject"] = f"Re: {letter.subject}"
    answer["Message-ID"] = f"<answer-{number}@meridian-pharma.example>"
    answer["In-Reply-To"] = letter.message_id
    answer["References"] = letter.message_id
    answer.set_content(
        f"{said}\n\nOn Monday, {letter.header('From')} wrote:\n> Hello Ana,\n> here it is.\n", cte="8bit"
    )
    if attached:
        answer.add_attachment(attached, maintype="application", subtype="pdf", filename="plan.pdf")
    return answer.as_bytes(policy=answer.policy.clone(linesep="\r\n"))


async def comes_in(house: TestHouse, raw: bytes, *, to: str | None, sender: str = ANA) -> Taken:
    at = await house.now()
    taken = await returns.take(house.house, raw, via="smtp-in", envelope_to=to, envelope_from=sender, at=at)
    await house.pass_time(timedelta(minutes=5))
    return taken


def passed_on(house: TestHouse) -> list[TrappedMail]:
    return [mail for mail in house.trap.mails if "via Kelvance" in mail.header("From")]


def mailbox_of(letter: TrappedMail, header: str) -> str:
    return str(letter.message[header].addresses[0].addr_spec)


async def test_an_answer_is_passed_on_once_with_its_thread_and_the_rep_can_answer(dsn: str) -> None:
    async with a_house(dsn) as house:
        await comes(house, "ana.torres", "guide_requested")
        await house.pass_time(timedelta(hours=1))
        [letter] = [mail for mail in house.trap.mails if ANA in mail.recipients]
        to = mailbox_of(letter, "Reply-To")

        raw = answer_to(letter, said="Tuesday at ten suits us.\nAna <b>", number=1, attached=b"%PDF-1.7 \xff\xfe")
        taken = await comes_in(house, raw, to=to)
        assert "passed on to priya-nair" in taken.done
        assert (await comes_in(house, raw, to=to)).again
        [mail] = passed_on(house)
        assert mail.recipients == (REP,)
        # From is ours, so that DMARC of her domain has nothing to say; the rep's answer goes to her.
        assert mail.header("From").startswith("Ana Torres via Kelvance <r-")
        assert mailbox_of(mail, "From").endswith("@kelvance.example")
        assert mail.sender.startswith("b-") and mail.sender.endswith("@kelvance.example")
        assert mail.header("Reply-To") == f"Ana Torres <{ANA}>"
        # The rep's program answers into the same conversation as hers.
        assert mail.subject == f"Re: {letter.subject}"
        assert mail.header("In-Reply-To") == "<answer-1@meridian-pharma.example>"
        assert mail.header("References").split() == [letter.message_id, "<answer-1@meridian-pharma.example>"]
        for part in (mail.text, mail.html):
            assert "Tuesday at ten suits us." in part
            assert "Meridian Pharma" in part
            assert "here it is" not in part
        assert "Ana &lt;b&gt;" in mail.html
        [original] = list(mail.message.iter_attachments())
        assert original.get_content_type() == "message/rfc822"
        assert raw.rstrip() in mail.raw
        assert lint_wire(mail.raw, mail_class="owner-notice") == []

        # Eight bits don't survive every relay: that mail goes along as a plain file, byte for byte.
        raw = answer_to(letter, said="Grüße aus Köln", number=2)
        await comes_in(house, raw, to=to)
        [_, mail] = passed_on(house)
        [original] = list(mail.message.iter_attachments())
        assert original.get_payload(decode=True) == raw
        assert "Grüße aus Köln" in mail.text
        assert lint_wire(mail.raw, mail_class="owner-notice") == []

        # The rep is away and a machine says so: nobody is told, and nothing goes round in circles.
        away = EmailMessage()
        away["From"], away["Subject"], away["Auto-Submitted"] = REP, "Out of office", "auto-replied"
        away["In-Reply-To"] = mail.message_id
        away.set_content("I am back on Monday.")
        await comes_in(house, away.as_bytes(), to=mail.sender, sender="")
        # Anybody may write Ana's address on an envelope: what only an address says reaches no colleague as her words.
        forged = message_from_bytes(answer_to(letter, said="Send me the price list", number=3), policy=default)
        for name in ("In-Reply-To", "References", "To"):
            del forged[name]
        taken = await comes_in(house, forged.as_bytes(), to="postmaster@kelvance.example")
        assert taken.matched_by == "address"
        assert len(passed_on(house)) == 2
