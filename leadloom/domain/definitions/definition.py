"""What the global lead definition is: one governed, versioned object that everything else reads its words from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from leadloom.domain.access.policy import Access
from leadloom.domain.companies.sites import is_free_mail
from leadloom.domain.definitions.campaign_policy import CampaignPolicy
from leadloom.domain.definitions.charter import Charter
from leadloom.domain.definitions.checklists import Checklist
from leadloom.domain.definitions.company_rules import CompanyRules
from leadloom.domain.definitions.consent_policy import ConsentPolicy, moved_here
from leadloom.domain.definitions.enrichment import Enrichment
from leadloom.domain.definitions.field_help import with_own_fields
from leadloom.domain.definitions.fit_rules import Fit, Profile
from leadloom.domain.definitions.hand_off_rules import (
    Calendar,
    Contract,
    HandOffKind,
    OwnerEntry,
    Promise,
    RejectReason,
)
from leadloom.domain.definitions.mail_policy import MailPolicy
from leadloom.domain.definitions.move_reasons import with_own_reasons
from leadloom.domain.definitions.needs import Needs
from leadloom.domain.definitions.notice_routes import NoticeRoute
from leadloom.domain.definitions.one_person import OnePerson
from leadloom.domain.definitions.own_events import with_own_events
from leadloom.domain.definitions.parts import BEFORE_PARTS, CUSTOMERS, Part
from leadloom.domain.definitions.practice import PracticeLead
from leadloom.domain.definitions.programmes import Programme
from leadloom.domain.definitions.regions import Region
from leadloom.domain.definitions.routing_rules import Routing
from leadloom.domain.definitions.score_rules import EventRule, Scoring
from leadloom.domain.definitions.talk import Talk
from leadloom.domain.definitions.tracking_policy import TrackingPolicy
from leadloom.domain.definitions.win_odds import WinOdds
from leadloom.domain.journeys.spans import Span
from leadloom.domain.lead import Side
from leadloom.domain.model import Value

ZoneSource = Literal["field", "country", "account", "workspace"]
"""Who tells a lead's time zone: their own field, their country, their company's country, or nobody (it is ours)."""


class Company(Value):
    """Who we are, for footers and From addresses."""

    name: str
    domain: str
    postal_address: str
    home_country: str
    time_zone: str
    zone_by: tuple[ZoneSource, ...] = ("field", "country", "account", "workspace")
    """Whom we ask for the time zone of a lead, first answer first; `workspace` is `time_zone`."""


class Stage(Value):
    """One stage of the way of a lead."""

    name: str
    kind: Literal["inventory", "gate", "sla"]
    next: tuple[str, ...]
    """The stages a lead may move to from here."""
    means: str
    plays: Part | None = None
    """Which part it plays in the process; None for a stage of your own between others."""
    detour: bool = False
    promise: str | None = None
    """For SLA stages: a key of `promises`."""
    needs: Needs = Needs()
    """What must be known of whoever comes to it."""


class ScoredGate(Value):
    """Rule (b) of the MQL gate."""

    letters: tuple[str, ...]
    digits: tuple[int, ...]
    kinds_of_response: int
    within: Span
    hand_off: str

    def words(self) -> str:
        """`fit A or B, engagement 1 or 2`."""
        return f"fit {' or '.join(self.letters)}, engagement {' or '.join(str(digit) for digit in self.digits)}"


class MqlGate(Value):
    """When marketing says: worth a call."""

    asks: str
    """The hand-off kind for a lead that asked to talk."""
    scored: ScoredGate
    further: tuple[ScoredGate, ...] = ()
    """More bands that pass, asked after `scored`; the first that holds says which hand-off it is. They are the same
    everywhere: a region's own numbers stand over `scored` alone."""
    needs: tuple[Literal["work_mail", "company", "country", "role"], ...]
    excluded: dict[str, str]
    """Attribute `kind` of a lead → words; such a lead never passes."""
    free_mail: tuple[str, ...]
    """Mail domains that are no work mail, besides those known everywhere."""

    def is_free_mail(self, domain: str) -> bool:
        """Whether anybody gets a mailbox at the domain, so that it names no company."""
        return domain in self.free_mail or is_free_mail(domain)

    def bands(self) -> tuple[ScoredGate, ...]:
        """Every band, in the order it is asked."""
        return (self.scored, *self.further)

    def looks_back(self) -> timedelta:
        """How far back the widest band counts responses."""
        return max(band.within for band in self.bands())

    def kinds(self) -> tuple[str, ...]:
        """The kinds of hand-off the gate opens."""
        return (self.asks, *(band.hand_off for band in self.bands()))


class SqlGate(Value):
    """What must be known before a deal opens."""

    at_least: int
    of: tuple[str, ...]
    and_: str = Field(alias="and")


class EvidenceGate(Value):
    """A gate passed by events."""

    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()


class Source(Value):
    """Where leads come from."""

    label: str
    side: Side


class Endpoint(Value):
    """Another system, or a channel of ours, that journeys and notices may tell something."""

    url: str
    """With https; or `env:NAME` of the environment variable that holds it, as an address may be a secret itself."""
    kind: Literal["slack", "signed"]
    """`slack` takes `{"text": …}`; `signed` takes messages with the headers of Standard Webhooks."""
    secret: str | None = None
    """Name of the environment variable that holds the key messages are signed with; none for `slack`."""
    means: str
    """What it is for."""


class Definition(Value):
    """The global lead definition, whole."""

    name: str
    version: int
    owner: str
    approver: str
    sponsor: str
    effective: date
    statement: str
    company: Company
    stages: tuple[Stage, ...]
    first_stage: str
    tracks: tuple[str, ...]
    inactive_after: Span
    half_life: Span
    events: Annotated[dict[str, EventRule], BeforeValidator(with_own_events)]
    scoring: Scoring = Scoring()
    fit: Fit
    profiles: dict[str, Profile] = Field(default_factory=dict)
    """Whom each product or segment is for; `fit.graded_by` may name one."""
    company_score: CompanyRules = CompanyRules()
    engagement_digits: dict[int, float]
    cooling_below: float
    """A warm lead whose engagement falls to this has cooled."""
    warms_at: float | None = None
    """A lead is warm from here on, until it cools: the band between keeps a score that trembles from telling twice.
    None: anything above `cooling_below`."""
    mql: MqlGate
    sql: SqlGate
    checklists: dict[str, Checklist] = Field(default_factory=dict)
    """Questions whose answers are evidence for the SQL gate, by the name of their list."""
    adopted: EvidenceGate
    advocate: EvidenceGate
    calendars: dict[str, Calendar]
    hand_offs: dict[str, HandOffKind]
    contract: Contract = Contract()
    """What holds for hand-offs of every kind."""
    promises: dict[str, Promise]
    routing: Routing
    owners: tuple[OwnerEntry, ...]
    reject_reasons: dict[str, RejectReason]
    move_reasons: Annotated[dict[str, str], BeforeValidator(with_own_reasons)] = Field(
        default_factory=dict, validate_default=True
    )
    """Codes for moves back that no rep's answer makes: code → words. Those of the process are always among them."""
    other_alarm_share: float
    charter: Charter
    practice: dict[str, PracticeLead] = Field(default_factory=dict)
    """Made-up leads a new rep works before real ones; nobody is captured or counted."""
    access: Access = Access()
    """Who may see and do what."""
    mail: MailPolicy
    consent: ConsentPolicy
    campaigns: CampaignPolicy = CampaignPolicy()
    one_person: OnePerson = OnePerson()
    enrichment: Enrichment = Enrichment()
    sources: dict[str, Source]
    programmes: dict[str, Programme] = Field(default_factory=dict)
    """Webinars, fairs and courses, by the name events tell."""
    tracking: TrackingPolicy = TrackingPolicy()
    talk: Talk = Talk()
    """What a rep begins with."""
    win_odds: WinOdds = WinOdds()
    """By what it is foretold whether a deal is won."""
    endpoints: dict[str, Endpoint] = Field(default_factory=dict)
    """Where journeys and notices may post to: name → endpoint."""
    notices: tuple[NoticeRoute, ...] = ()
    """Where notices of hand-offs go beside the owner's mail."""
    regions: dict[str, Region] = Field(default_factory=dict)
    """Declared local variants."""
    fields: Annotated[dict[str, str], BeforeValidator(with_own_fields)] = Field(
        default_factory=dict, validate_default=True
    )
    """What each field of a lead means here, in words that stand beside it; ours for what is left out."""
    foreign: dict[str, dict[str, str]] = Field(default_factory=dict)
    """Words of other systems for where somebody stands: system → its word → our stage."""

    @model_validator(mode="after")
    def _parts_of_before(self) -> Definition:
        """Definitions published before stages said which part they play are read by the names of then."""
        if any(stage.plays for stage in self.stages):
            return self
        stages = tuple(stage.but(plays=BEFORE_PARTS.get(stage.name)) for stage in self.stages)
        object.__setattr__(self, "stages", stages)  # frozen for everybody but its own making
        return self

    def named(self, part: Part) -> str:
        """What the stage is called that plays this part. Raises KeyError when none does; the check sees to it."""
        for stage in self.stages:  # no generator: asked several times for each event
            if stage.plays is part:
                return stage.name
        raise KeyError(part)

    def customers(self) -> tuple[str, str, str]:
        """The stages of whoever has bought: won, live, speaks for us."""
        bought, live, vouches = CUSTOMERS
        return self.named(bought), self.named(live), self.named(vouches)

    def reasons_of(self, kind: str) -> dict[str, RejectReason]:
        """The reject reasons of a kind of hand-off, in the order of the one list."""
        chosen = self.hand_offs[kind].reasons if kind in self.hand_offs else ()
        return {name: rule for name, rule in self.reject_reasons.items() if not chosen or name in chosen}

    def free_reason(self) -> str | None:
        """The reject reason that says nothing by itself: the first that asks for words of the rep's own."""
        return next((key for key, reason in self.reject_reasons.items() if reason.asks == "text"), None)

    def meant(self, word: str) -> str | None:
        """Our stage for another system's word, whatever its spelling; None when no map has it."""
        told = " ".join(word.split()).casefold()
        for words in self.foreign.values():
            for theirs, ours in words.items():
                if theirs.casefold() == told:
                    return ours
        return None

    @model_validator(mode="before")
    @classmethod
    def _consent_has_its_own_section(cls, body: Any) -> Any:
        return moved_here(body)

    def stage(self, name: str) -> Stage:
        """The stage of that name. Raises KeyError when there is none."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

    def person(self, handle: str) -> OwnerEntry:
        """The owner of that handle. Raises KeyError when there is none."""
        for entry in self.owners:
            if entry.handle == handle:
                return entry
        raise KeyError(handle)

    def longest_silence(self) -> timedelta:
        """The longest any lead may be silent before it counts, here or in a region."""
        return max([self.inactive_after, *(one.inactive_after or self.inactive_after for one in self.regions.values())])

    def half_life_days(self) -> float:
        """The half-life as a number of days."""
        return self.half_life / timedelta(days=1)
