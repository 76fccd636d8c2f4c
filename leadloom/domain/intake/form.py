"""What does a form ask, record, promise and allow? One description of a form, as its file writes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field

from leadloom.domain.journeys.spans import Span
from leadloom.domain.model import Value

Words = str | dict[str, str]
"""One text for all languages, or one for each."""
MARKETING = "marketing"


class Choice(Value):
    """One answer of a field that offers some."""

    value: str
    label: Words


class FormField(Value):
    """What can be asked; its name is a field of a lead, or kept as an attribute."""

    label: Words
    type: Literal["text", "email", "tel", "number", "lines", "choice"] = "text"
    hint: Words = ""
    wrong: Words = ""
    """What to do when its value can't be used; empty: what the reader of the value says, in English."""
    autocomplete: str = "off"
    longest: int = Field(ge=1, le=4000)
    choices: tuple[Choice, ...] = ()


class Question(Value):
    """A field as this form asks it."""

    field: str
    needed: bool = False


class Consent(Value):
    """A box that is never ticked beforehand, and the permission it gives."""

    purpose: str = MARKETING
    box: Words
    """The very sentence beside the box; kept with the permission as its proof."""
    version: str
    """Names this wording: change it whenever the sentence changes."""

    @property
    def name(self) -> str:
        """What its box is called in a post."""
        return "consent" if self.purpose == MARKETING else f"consent.{self.purpose}"


class Thanks(Value):
    """What the page after the form says."""

    title: Words
    says: Words
    gives: str | None = None
    """An asset of a microsite, `site/asset`: the page opens it by a signed link."""


class AtMost(Value):
    """So many posts of one network within a span are taken at once; what is more is held for a look."""

    count: int = Field(default=30, ge=1)
    within: Span = Field(default=timedelta(minutes=10), gt=timedelta())


class Form(Value):
    """One form: a file of templates/forms/."""

    name: str
    event: str
    """What a post of it is, in the definition's events."""
    source: str
    """Where its leads come from, in the definition's sources."""
    languages: tuple[str, ...] = ("en",)
    """Those it can be shown in; the first unless the visitor says another."""
    title: Words
    says: Words
    asks: tuple[Question, ...] = Field(min_length=1)
    """In their order. Who comes by a link of ours isn't asked for what we know."""
    ask_at_most: int | None = Field(default=None, ge=1)
    """So many at a time; the rest waits until what stands before is known."""
    button: Words
    consents: tuple[Consent, ...] = ()
    thanks: Thanks
    campaign: str | None = None
    """The campaign its leads are counted for, when their link names no other."""
    team: str | None = None
    """The team that its leads are for, kept as the lead's `team`."""
    keeps: dict[str, str] = Field(default_factory=dict)
    """What every post of it tells of the lead besides: `webinar_at`, the instant of the webinar."""
    tells: dict[str, str] = Field(default_factory=dict)
    """What its event says besides, for mails to quote."""
    counts: str | None = None
    """A calculator of a microsite, `site/piece`: what its reader worked out stands in the event, `cost` first."""
    redirects: tuple[str, ...] = ()
    """Where a post may ask to be led afterwards: beginnings of addresses, such as `/m/` or `https://kelvance.example/`."""
    frames: tuple[str, ...] = ()
    """Sites whose pages may show it in a frame: `https://kelvance.example`, `https://*.kelvance.example`."""
    fastest_s: float = Field(default=2.0, ge=0, le=60)
    """Seconds nobody fills it in less; whoever does is asked to press the button once more."""
    at_most: AtMost = AtMost()

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of all it may ask."""
        return tuple(question.field for question in self.asks)

    @property
    def language(self) -> str:
        """The one it is shown in unless somebody says another."""
        return self.languages[0]


class FormWords(Value):
    """What every form says by itself, in one language."""

    optional: str
    needed: str
    """At a field that was left empty."""
    choose: str
    """The first entry of a list to choose from."""
    quick: str
    """To whoever was faster than people are."""
    leave_empty: str
    close: str
    known: str
    """To a reader who came by our link: some things aren't asked again."""
    not_you: str
    """The link to the whole form."""
    opens: str
    """The link to what the form gives."""


class FormParts(Value):
    """What all forms share: the file templates/forms/_shared.yaml."""

    fields: dict[str, FormField]
    words: dict[str, FormWords]


def said(words: Words, language: str, otherwise: str = "en") -> str:
    """The text in that language; else in `otherwise`, else the first there is."""
    if isinstance(words, str):
        return words
    return words.get(language) or words.get(otherwise) or next(iter(words.values()), "")


def said_only(words: Words, language: str) -> str:
    """The text in that language, and empty where it has none: for what may be left out."""
    return words if isinstance(words, str) else words.get(language, "")


def language_of(form: Form, *wishes: str | None) -> str:
    """The first wish the form can speak: a code such as `de`, or what a browser accepts (`de-AT,en;q=0.8`)."""
    for wish in wishes:
        for part in (wish or "").split(","):
            code = part.partition(";")[0].strip().partition("-")[0].lower()
            if code in form.languages:
                return code
    return form.language
