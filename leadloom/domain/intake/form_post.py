"""What does a posted form mean: who fills it, what is missing, what does it say besides, where does it lead?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.form import Form, FormParts, Question, said_only
from leadloom.domain.intake.told import one_line
from leadloom.domain.lead import Account, Lead

BAIT = "fax_number"
"""A field no person sees. Who fills it isn't lost: the post waits for a look."""
_TOLD = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content", "campaign")
"""What a link to the form may say of where its reader came from (UTM: the five names every web analysis reads)."""
_LONGEST_TOLD = 120
_OWN = frozenset({"consent", "began", "once", "next", "reader", "reading", "lang", "framed", "shown_on", "figures"})
_OURS = frozenset({BAIT, *_OWN, *_TOLD})
_ONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")
_LONGEST_ADDRESS = 300
_ONE_WORD = re.compile(r"[!-~]*")
_OPEN_ADDRESS = re.compile(r"[\s\\\x00-\x1f]")


def told_by(form: Form, posted: Mapping[str, str]) -> dict[str, str]:
    """The fields of a post that are about its lead: without what the form itself carries, with what it keeps."""
    fields = {name: text for name, text in posted.items() if name not in _OURS and not name.startswith("consent.")}
    team = {"team": form.team} if form.team else {}
    return {**fields, **team, **form.keeps}


def besides(form: Form, posted: Mapping[str, str]) -> dict[str, str]:
    """What the event says of the form and of how its reader came: campaign, UTM, team; what can't be kept is not."""
    come = {name: text for name in _TOLD if (text := _short(posted.get(name, "")))}
    own = {name: value for name, value in (("campaign", form.campaign), ("team", form.team)) if value}
    return {**form.tells, **own, **come}


def key_of(form: Form, posted: Mapping[str, str]) -> str | None:
    """Names the post: the same shown form posted twice (a double press, a reload) is one event. None: it has none."""
    once = posted.get("once", "")
    return f"form:{form.name}:{once}" if _ONCE.fullmatch(once) else None


def was_too_fast(form: Form, posted: Mapping[str, str], at: datetime) -> bool:
    """Faster than people are. Forms of other pages don't say when they were opened; they aren't judged."""
    began = posted.get("began", "")
    elapsed = at.timestamp() - int(began) if began.isdecimal() and began.isascii() and len(began) < 12 else None
    return elapsed is not None and 0 <= elapsed < form.fastest_s


def missing(form: Form, posted: Mapping[str, str], known: frozenset[str]) -> list[str]:
    """The fields it needs and didn't get, in its order; what is known of its reader is not needed again."""
    return [
        question.field
        for question in form.asks
        if question.needed and question.field not in known and not posted.get(question.field, "").strip()
    ]


def asked_of(form: Form, known: frozenset[str], posted: Mapping[str, str]) -> tuple[Question, ...]:
    """What it asks a reader of whom this is known: the first few unknown things, and whatever they wrote before."""
    unknown = [question for question in form.asks if question.field not in known]
    first = {question.field for question in unknown[: form.ask_at_most]}
    wrote = {name for name, text in posted.items() if text}
    return tuple(question for question in form.asks if question.field in first or question.field in wrote)


def known_of(form: Form, lead: Lead, account: Account | None) -> frozenset[str]:
    """Which of its fields we know of a lead. Of somebody without an address nothing is: they are asked who they are."""
    if lead.email is None:
        return frozenset()
    told = {**lead.attributes, **{name: value for name, value in lead.model_dump().items() if value}}
    told |= {"role": lead.role or lead.title, "sites": account.sites if account else None}
    told |= {"industry": account.industry if account else None}
    return frozenset(name for name in form.fields if told.get(name) not in (None, ""))


def leads_to(form: Form, posted: Mapping[str, str]) -> str | None:
    """Where the post asks to be led, if the form allows it: nothing else in a post redirects anybody."""
    wish = posted.get("next", "")
    if not wish or len(wish) > 500 or _OPEN_ADDRESS.search(wish) or wish.startswith("//"):
        return None
    parts = urlsplit(wish)
    plain = ".." not in parts.path.split("/") and "@" not in parts.netloc
    return wish if plain and any(wish.startswith(start) for start in form.redirects) else None


def shown_on(form: Form, posted: Mapping[str, str]) -> str | None:
    """The page of another site whose frame showed the form, without its query; None for a site that may not."""
    if not (told := posted.get("shown_on", "")):
        return None
    parts = urlsplit(told[:_LONGEST_ADDRESS])
    for frame in form.frames:
        allowed = urlsplit(frame)
        there = allowed.netloc.removeprefix("*") if allowed.netloc.startswith("*.") else None
        fits = parts.netloc.endswith(there) if there else parts.netloc == allowed.netloc
        if fits and parts.scheme == allowed.scheme and _ONE_WORD.fullmatch(parts.path):
            return f"{parts.scheme}://{parts.netloc}{parts.path}"
    return None


def wrong_words(parts: FormParts, error: BadInput, language: str) -> str:
    """What to do about a value that can't be used, in the reader's language where the field has words of its own."""
    field = parts.fields.get(error.field)
    own = said_only(field.wrong, language) if field is not None else ""
    return own or error.remedy


def _short(text: str) -> str | None:
    try:
        return one_line("campaign", text[:_LONGEST_TOLD])
    except BadInput:
        return None
