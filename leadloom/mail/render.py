"""What does this lead read? Makes a mail of a published template and its facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from zoneinfo import ZoneInfo

from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.mails.template import HandOffWords, MailValues, TemplateBody
from leadloom.domain.mails.variables import worded
from leadloom.domain.model import Json, Value
from leadloom.mail.sandbox import compiled

_UTC = ZoneInfo("UTC")
_BLANK_LINES = re.compile(r"\n{3,}")


class Rendered(Value):
    """A mail as its reader sees it, before it has headers."""

    subject: str
    html: str
    text: str
    links: tuple[str, ...] = ()
    """Where its tracked links lead, in order of their numbers from 1."""
    language: str = "en"
    """What it is written in, for Content-Language."""


def render(body: TemplateBody, values: MailValues, *, urls: MailUrls) -> Rendered:
    """Fill a published template. The same arguments give the same characters.

    Raises jinja2.TemplateError when the template reaches for something its publication check could not foresee.
    """
    said = body.wording(values.language)
    names = {**_defaults(body, values), **names_of(values, urls, body.links)}
    subject = " ".join(compiled(said.subject, "text").render(names).split())
    preheader = " ".join(compiled(said.preheader, "text").render(names).split())
    page = {**names, "subject": subject, "preheader": preheader}
    text = compiled(said.text, "text").render(page)
    return Rendered(
        subject=subject,
        html=_with_pixel(compiled(said.html, "html").render(page), urls.open_pixel),
        text=_BLANK_LINES.sub("\n\n", text).strip() + "\n",
        links=body.links,
        language=values.language if values.language in body.others else body.language,
    )


def _defaults(body: TemplateBody, values: MailValues) -> dict[str, str]:
    """What variables say of which nobody looked up a value."""
    missing = body.variables.keys() - values.variables.keys()
    return {name: worded(body.variables[name], None, language=values.language, zone=_UTC) for name in sorted(missing)}


def names_of(values: MailValues, urls: MailUrls, links: Sequence[str] | None) -> dict[str, object]:
    """Everything a template may name. Without `links`, any address is link number 1 (for samples)."""

    def link(address: str) -> str:
        return urls.link(1 if links is None else links.index(address) + 1)

    names: dict[str, object] = {
        "greeting": values.greeting,
        "lead": values.lead.model_dump(),
        "sender": values.sender.model_dump(),
        "company": values.company.model_dump(),
        "why_you_get_this": values.why_you_get_this,
        "unsubscribe_url": urls.unsubscribe,
        "preferences_url": urls.preferences,
        "view_url": urls.view,
        "bait_url": urls.bait,
        "own_data_url": urls.own_data,
        "erase_url": urls.erase,
        "confirm_url": urls.confirm,
        "link": link,
        "answer_link": urls.answer,
        "told": _teller(values.told),
        "words": values.edited.get,
        **values.variables,
    }
    if values.hand_off is not None:
        names["hand_off"] = _hand_off(values.hand_off, urls)
    if values.review is not None:
        names["review"] = {**values.review.model_dump(), "decide_url": urls.decide}
    if values.reply is not None:
        names["reply"] = {**values.reply.model_dump(), "lead_url": f"{urls.base_url}/leads/{values.reply.lead_id}"}
    if values.news is not None:
        names["news"] = {**values.news.model_dump(), "url": urls.base_url + values.news.path}
    if values.task is not None:
        names["task"] = {
            **values.task.model_dump(),
            "lead_url": f"{urls.base_url}/leads/{values.task.lead_id}",
            "decide_url": urls.decide,
            "answers": [
                {"words": words, "url": f"{urls.decide}?answer={no}"}
                for no, words in enumerate(values.task.outcomes, start=1)
            ],
        }
    return names


def _hand_off(offer: HandOffWords, urls: MailUrls) -> dict[str, object]:
    """With where each act stands: an address that shows a page, and changes nothing before a button is pressed."""
    return {
        **offer.model_dump(),
        "cared": [{"words": one.words, "url": urls.base_url + one.path if one.path else ""} for one in offer.cared],
        "decide_url": urls.decide,
        "accept_url": f"{urls.decide}?do=accept",
        "give_back_url": f"{urls.decide}?do=reject",
        "recycle_url": f"{urls.decide}?do=recycle",
        "calendar_url": f"{urls.decide}/call.ics",
        "chip_links": [
            {"words": words, "url": f"{urls.decide}?do=reject&reason={name}"}
            for words, name in zip(offer.chips, offer.chip_names, strict=False)
        ],
    }


def _teller(told: Mapping[str, Mapping[str, Json]]) -> Callable[[str, str, str], str]:
    def tell(event: str, name: str, otherwise: str) -> str:
        value = told.get(event, {}).get(name)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return otherwise if value is None or value == "" else str(value)

    return tell


def _with_pixel(html: str, address: str) -> str:
    if not address:
        return html
    pixel = f'<img src="{address}" width="1" height="1" alt="">'
    head, end, tail = html.rpartition("</body>")
    return f"{head}{pixel}{end}{tail}" if end else html + pixel
