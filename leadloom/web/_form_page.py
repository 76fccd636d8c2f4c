"""How does a form look, and who is it shown to? Its fields in the reader's language, without what we know of them."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import cast

from fastapi import Request
from fastapi.responses import HTMLResponse

from leadloom.domain.intake import form_post
from leadloom.domain.intake.form import Form, FormParts, Words, language_of, said, said_only
from leadloom.domain.lead import Lead
from leadloom.domain.mails.links import BadLink, Purpose
from leadloom.domain.model import Value
from leadloom.runtime.forms import Forms
from leadloom.store import answered, leads
from leadloom.web._public import company_of, house_of, page
from leadloom.web.security import CSP

_PASSED_ON = (
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "campaign", "next", "reader", "shown_on",
    "figures", "reading",
)  # fmt: skip
"""What the address of a form may say, and its post says again."""
_LONGEST_PASSED = 500


class Reader(Value):
    """Who came by a link of ours."""

    lead: Lead | None = None
    known: frozenset[str] = frozenset()
    """Which of the form's fields we know of them."""


def forms_of(request: Request) -> Forms:
    """The forms there are now."""
    return request.app.state.forms.forms()


async def reader_of(request: Request, form: Form, token: str | None) -> Reader:
    """Who the token of a link was made for. A link that is cut, or whose mail is gone, is nobody's: no error."""
    if not token:
        return Reader()
    house = house_of(request)
    try:
        message_id = house.signer.read_mail(Purpose.READER, token)
    except BadLink:
        return Reader()
    async with house.db.read() as tx:
        if (mail := await answered.mail(tx, message_id)) is None:
            return Reader()
        lead = await leads.get(tx, mail.lead_id)
        return Reader(lead=lead, known=form_post.known_of(form, lead, await leads.account_of(tx, lead)))


def spoken(request: Request, form: Form, posted: Mapping[str, str]) -> str:
    """The language somebody is shown the form in: what they posted, what the address says, what their browser likes."""
    wish = posted.get("lang") or request.query_params.get("lang")
    return language_of(form, wish, request.headers.get("accept-language"))


def saying(form: Form, language: str) -> Callable[[Words], str]:
    """What says the form's texts in that language."""
    return lambda words: said(words, language, form.language)


async def draw(
    request: Request,
    form: Form,
    parts: FormParts,
    reader: Reader,
    *,
    posted: Mapping[str, str],
    errors: Mapping[str, str],
) -> HTMLResponse:
    """The form, empty or as it came back: it keeps what was typed, when it was opened, and its key."""
    house = house_of(request)
    answer = page(
        "form.html",
        at=house.now(),
        company=await company_of(house),
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        shows=values_of(request, form, parts, reader, posted=posted, errors=errors),
    )
    return guarded(answer, form, framed=_is_framed(request, posted))


def values_of(
    request: Request,
    form: Form,
    parts: FormParts,
    reader: Reader,
    *,
    posted: Mapping[str, str],
    errors: Mapping[str, str],
) -> dict[str, object]:
    """What `_form.html` shows, on whatever page it stands."""
    language = spoken(request, form, posted)
    asked = form_post.asked_of(form, reader.known, posted)
    return {
        "form": form,
        "language": language,
        "say": saying(form, language),
        "hinted": partial(said_only, language=language),
        "own": parts.words[language],
        "asked": [(question, parts.fields[question.field]) for question in asked],
        "reader": reader,
        "values": posted,
        "errors": errors,
        "bait": form_post.BAIT,
        "hidden": _hidden(request, language, posted),
        "framed": _is_framed(request, posted),
    }


def hidden_of(values: Mapping[str, object]) -> dict[str, str]:
    """What the form of `values_of` carries along unseen."""
    return cast("dict[str, str]", values["hidden"])  # as values_of made it


def guarded(answer: HTMLResponse, form: Form, *, framed: bool) -> HTMLResponse:
    """Let the sites that the form names show it in a frame, where it is meant for one, and nobody else."""
    if form.frames and framed:
        allowed = " ".join(("frame-ancestors 'self'", *form.frames))
        answer.headers["Content-Security-Policy"] = CSP.replace("frame-ancestors 'none'", allowed)
    # The address may carry who reads, or a campaign: it goes to no other site, and what is shown is theirs alone.
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _is_framed(request: Request, posted: Mapping[str, str] | None = None) -> bool:
    """Shown in a frame of another page, which brings its own head and foot."""
    return "framed" in request.query_params or bool(posted and posted.get("framed"))


def _hidden(request: Request, language: str, posted: Mapping[str, str]) -> dict[str, str]:
    """What the form carries along unseen."""
    asked = request.query_params
    passed = {name: (posted.get(name) or asked.get(name, ""))[:_LONGEST_PASSED] for name in _PASSED_ON}
    # Links of mails to pages of a microsite say it shorter.
    passed["reader"] = passed["reader"] or asked.get("r", "")[:_LONGEST_PASSED]
    return {
        "began": posted.get("began", "") or str(int(house_of(request).now().timestamp())),
        "once": posted.get("once", "") or secrets.token_urlsafe(16),
        "lang": language,
        **({"framed": "1"} if _is_framed(request, posted) else {}),
        **{name: text for name, text in passed.items() if text},
    }
