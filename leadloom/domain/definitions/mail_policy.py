"""What does the definition say about mail: who may be written to, how often, when, and on which permission?"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import cast

from pydantic import Field, field_validator

from leadloom.domain.definitions.delivery_policy import DeliveryPolicy
from leadloom.domain.definitions.week import ClosingTime, Weekday
from leadloom.domain.journeys.spans import Span
from leadloom.domain.mails.language import DEFAULT
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.model import Value


class Cap(Value):
    """At most `count` within `within`."""

    count: int
    within: Span


class PersonCap(Cap):
    """At most so many mails to one person, counted over some or all of the capped ones."""

    classes: tuple[str, ...] | None = None
    """Mails of these classes, counted together; None counts all capped classes."""
    topics: tuple[str, ...] | None = None
    """Mails of journeys about these topics, counted together; None counts all, those without a topic too."""

    def counts(self, mail_class: str, topic: str | None) -> bool:
        """Whether such a mail counts for the cap and obeys it. Only asked for capped classes."""
        if self.classes is not None and mail_class not in self.classes:
            return False
        return self.topics is None or topic in self.topics


class Pause(Value):
    """Local days on which no windowed mail goes, first and last included."""

    from_: date = Field(alias="from")
    through: date
    why: str
    countries: tuple[str, ...] | None = None
    """Leads of these countries; None is everybody."""

    def is_for(self, country: str | None) -> bool:
        """Whether it holds for leads of that country."""
        return self.countries is None or country in self.countries


class Window(Value):
    """When marketing mail may go, in the lead's local time."""

    days: tuple[Weekday, ...]
    from_: time = Field(alias="from")
    until: ClosingTime


class ClassPolicy(Value):
    """What a message class may do."""

    priority: int
    capped: bool
    windowed: bool
    basis: bool
    clicks: bool = True
    """Its links are counted, unless the reader turned that off for themselves."""
    opens: bool = False
    """It carries a picture that says it was opened. A hint that decides nothing, so it is off unless somebody asks."""


class Languages(Value):
    """In which language a lead reads us until they say otherwise."""

    default: str = DEFAULT
    """ISO 639-1: of templates' files that name none, and of leads whose country speaks none of ours."""
    by_country: dict[str, str] = Field(default_factory=dict)
    """Country of the lead → language, for leads we meet from now on."""

    def of(self, country: str | None) -> str:
        """What a lead of that country reads until they say otherwise."""
        return self.by_country.get(country or "", self.default)


class Reasons(Value):
    """Why a reader gets a mail, for the footer: by language; `{company}` is our name."""

    marketing: dict[str, str]
    other: dict[str, str]

    def say(self, mail_class: str, language: str, company: str) -> str:
        """The sentence in that language, else in the first that is said."""
        said = self.marketing if mail_class == MailClass.MARKETING else self.other
        return said.get(language, next(iter(said.values()), "")).replace("{company}", company)


class MailPolicy(Value):
    """Who may be written to, how often and when."""

    from_domain: str
    per_person: tuple[PersonCap, ...]
    """All of them hold at once."""
    fewer: PersonCap | None = None
    """One more for whoever asked us to write less often."""
    per_company: Cap
    window: Window
    holidays: tuple[str, ...] = ()
    """Countries whose public holidays are off for leads there: their own country, else their company's, else ours."""
    pauses: tuple[Pause, ...] = ()
    topics: dict[str, str] = Field(default_factory=dict)
    """What a journey may be about, and what that means; caps name them."""
    classes: dict[str, ClassPolicy]
    languages: Languages = Languages()
    reasons: Reasons = Reasons(
        marketing={DEFAULT: "You get this letter because you allowed {company} to write to you."},
        other={DEFAULT: "You get this one mail because of what you asked {company} for."},
    )
    view_for: Span = timedelta(days=365)
    """How long after its sending a mail can still be read in a browser, by whoever has its link."""
    invites_to_call: tuple[str, ...] = ()
    """Mails (journey/mail) that carry the promised call as a calendar entry."""
    archive: tuple[str, ...] = ()
    """Letters (journey/mail) that anybody may read at /archive once they were sent, filled for nobody."""
    delivery: DeliveryPolicy = DeliveryPolicy()
    """Relays, rates, warm-up, complaints."""

    def domain_of(self, mail_class: str) -> str:
        """The domain mails of that class are sent from."""
        return self.delivery.domains.get(mail_class, self.from_domain)

    @field_validator("per_person", mode="before")
    @classmethod
    def _one_cap(cls, value: object) -> object:
        # Definitions published before there were several say one cap without a list.
        several = isinstance(value, list | tuple)
        return cast("object", value) if several else [value]
