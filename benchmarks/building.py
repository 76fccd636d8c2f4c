"""What does it cost to write one mail with everything on, beside the usual way?"""

from __future__ import annotations

import importlib.util
import re
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import css_inline
import dkim
from jinja2 import Environment

from benchmarks._measured import Measured, Row, Size, Target
from benchmarks._stand import Stand
from leadloom.domain.mails.links import Signer
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.mails.template import CompanyWords, LeadWords, MailValues, SenderWords, TemplateBody
from leadloom.domain.model import MessageId
from leadloom.mail.compose import Letter, Origin, Party, Stop, compose
from leadloom.mail.dkim_keys import load_keys, make_key
from leadloom.mail.render import render
from leadloom.mail.signing import Signatory
from leadloom.runtime.publishing import read_drafts

QUESTION = (
    "(i) One mail, rendered, tokens made, built and signed (rsa-2048), beside EmailMessage, dkimpy and an inliner"
)
TARGETS = (
    Target("CPU ms to write one mail with everything on", at_most=1.5),
    Target("the usual way / ours", at_least=6.0),
)
LETTER = ("welcome-four-degrees", "nine-minutes")
_DOMAIN = "kelvance.example"
_WRITTEN = datetime.fromisoformat("2026-11-22T15:00:00+00:00")
_TAG = re.compile(r"<[^>]+>")


async def measure(stand: Stand, size: Size) -> Measured:
    """CPU of this process alone, the best of three rounds of each: other work makes it slower and never faster."""
    del stand
    count = size.pick(quick=40, full=400)
    template = read_drafts().templates[LETTER]
    signatory, pem = _signatory()
    wire = _ours(template, signatory, 1)
    ours = _best(lambda no: _ours(template, signatory, no), count)
    unsigned = _best(lambda no: _ours(template, Signatory(), no), count)
    inliner, inline = _inliner()
    usual = _best(_usual_way(template, pem, inline), max(10, count // 10))
    return Measured(
        rows=(
            Row(
                what=f"one letter of {len(wire) / 1000:.1f} kB on the wire",
                unit="mail", ours_per_s=1000 / ours, floor=f"jinja, {inliner}, EmailMessage, dkimpy",
                floor_per_s=1000 / usual, ours_cpu_ms={"client": ours}, floor_cpu_ms={"client": usual},
            ),
        ),
        figures={
            "CPU ms to write one mail with everything on": ours,
            "CPU ms when the relay signs": unsigned,
            "the usual way / ours": usual / ours,
        },
        notes=(f"the usual way inlines with {inliner}",),
    )  # fmt: skip


def _signatory() -> tuple[Signatory, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        make_key(Path(folder), _DOMAIN, "bench", algorithm="rsa")
        return Signatory(load_keys(Path(folder))), next(Path(folder).glob("*.pem")).read_bytes()


def _best(write: Callable[[int], object], count: int) -> float:
    """Milliseconds of CPU a mail."""
    write(0)
    rounds: list[float] = []
    for _ in range(3):
        began = time.process_time()
        for no in range(count):
            write(no)
        rounds.append((time.process_time() - began) * 1000 / count)
    return min(rounds)


_SIGNER = Signer(["signs links in a benchmark"])


def _urls(no: int) -> MailUrls:
    return MailUrls(
        base_url="https://go.kelvance.example", signer=_SIGNER, message_id=MessageId(UUID(int=no)), marketing=True
    )


def _values(no: int) -> MailValues:
    return MailValues(
        lead=LeadWords(first_name=f"Ana {no}", company="Alder", role="quality", country="US"),
        sender=SenderWords(name="Ines Carvalho", title="quality lead", phone="+1 555 0100"),
        company=CompanyWords(name="Kelvance", postal_address="1 Cold Street, Boston"),
        why_you_get_this="You get this letter because you allowed us to write to you.",
    )


def _ours(template: TemplateBody, signatory: Signatory, no: int) -> bytes:
    urls, values = _urls(no), _values(no)
    rendered = render(template, values, urls=urls)
    stop = Stop(url=urls.unsubscribe, mailbox=f"u-{no}@{_DOMAIN}", program="marketing")
    letter = Letter(
        message_id=MessageId(UUID(int=no)), mail_class="marketing", written_at=_WRITTEN,
        sender=Party(name="Ines Carvalho", address=f"ines.carvalho@{_DOMAIN}"), reply_to=f"r-{no}@{_DOMAIN}",
        to=Party(name=f"Ana {no}", address=f"ana{no}@alder.example"), subject=rendered.subject, html=rendered.html,
        text=rendered.text, origin=Origin(step="nine-minutes", journey=LETTER[0], sender_id="kelvance"), stop=stop,
    )  # fmt: skip
    return compose(letter, secret="makes ids in a benchmark", signatory=signatory)


def _inliner() -> tuple[str, Callable[[str], str]]:
    """premailer where it is installed (`pip install premailer`: nothing of ours needs it), else css-inline."""
    if importlib.util.find_spec("premailer") is None:
        return "css-inline (no premailer here: pip install premailer)", css_inline.inline
    premailer = importlib.import_module("premailer")
    return "premailer", lambda html: premailer.transform(html, disable_validation=True)


def _usual_way(template: TemplateBody, pem: bytes, inline: Callable[[str], str]) -> Callable[[int], bytes]:
    """What one writes first: a template, its styles inlined, the standard library's message, dkimpy."""
    styled = (
        "<html><head><style>p{margin:0 0 16px;color:#222} a{color:#0a6}</style></head><body>{{ body }}</body></html>"
    )
    body = Environment(autoescape=True).from_string(styled)

    def write(no: int) -> bytes:
        rendered = render(template, _values(no), urls=_urls(no))
        html = inline(body.render(body=rendered.html))
        message = EmailMessage()
        message["From"], message["To"] = f"ines.carvalho@{_DOMAIN}", f"ana{no}@alder.example"
        message["Subject"], message["Message-ID"] = rendered.subject, f"<{no}@{_DOMAIN}>"
        message["List-Unsubscribe"] = f"<{_urls(no).unsubscribe}>"
        message.set_content(_TAG.sub("", html))
        message.add_alternative(html, subtype="html")
        wire = message.as_bytes()
        return dkim.sign(wire, b"bench", _DOMAIN.encode(), pem) + wire  # pyright: ignore[reportUnknownMemberType]  it is partly typed

    return write
