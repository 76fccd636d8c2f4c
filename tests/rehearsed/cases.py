"""A random case: one journey, one lead, one script of what happens to them. The same numbers draw the same case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from uuid import NAMESPACE_URL, uuid5

import yaml

from leadloom.domain.campaigns.membership import key_of
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.steps.task import TaskStep
from leadloom.domain.lead import BasisDraft, BasisKind, Lead, Verdict
from leadloom.domain.model import EnrolmentId, Json, LeadId
from leadloom.domain.rehearsal.happenings import Answers, Happening, Happens, Leaves, Permits, Tells
from leadloom.store import runs
from tests.rehearsed.chance import PLACES, WORTH
from tests.rehearsed.journeys import KINDS, Names, a_journey

LASTS = timedelta(days=30)
"""How long things happen to a lead; the run may take longer."""
PROOF = BasisDraft(kind=BasisKind.DOUBLE_OPT_IN, source="a form", at=datetime.fromisoformat("2025-06-01T00:00:00Z"))


@dataclass(frozen=True)
class Case:
    """One journey, one lead, one script."""

    seed: int
    no: int
    journey: Journey
    sub: Journey
    """What the journey may begin and stop: a wait, then the end."""
    holder: Journey
    """The other journey of its exclusive group."""
    lead: Lead
    may_market: bool
    begins_at: datetime
    enters_at: datetime
    held: bool
    """The lead is in the other journey of the group already."""
    script: tuple[Happening, ...]

    @property
    def by_event(self) -> bool:
        """Whether an event lets the lead in; else a person does."""
        return bool(self.journey.enter.events)

    @property
    def held_from(self) -> datetime:
        """When the lead came into the other journey of the group, if they did."""
        return self.enters_at - timedelta(minutes=11)

    @property
    def run_id(self) -> EnrolmentId:
        """The run's id: known beforehand, because it follows from what the run is."""
        return runs.run_id(self.lead.lead_id, self.journey.name, self.key)

    @property
    def key(self) -> str:
        """What the run is called among the lead's runs of this journey."""
        return key_of(self.journey, "hand/the case")

    @property
    def email(self) -> str:
        """Where the lead gets mail: at home, or all leads of the batch were of one company."""
        return f"case-{self.no}@mailbox.example"

    def without(self, index: int) -> Case:
        """The same without one thing that happens."""
        return replace(self, script=(*self.script[:index], *self.script[index + 1 :]))

    def words(self) -> str:
        """All of it, to read."""
        lead = self.lead.model_dump(mode="json", exclude_defaults=True)
        told = {
            "journey": self.journey.model_dump(mode="json", by_alias=True, exclude_defaults=True),
            "sub": self.sub.model_dump(mode="json", by_alias=True, exclude_defaults=True)["steps"],
            "holder": self.holder.model_dump(mode="json", by_alias=True, exclude_defaults=True)["steps"],
            "lead": {**lead, "may market": self.may_market, "held by the group at first": self.held},
            "enters": f"{self.enters_at.isoformat()} by {'event' if self.by_event else 'hand'}",
            "happens": [
                f"{one.at:%m-%d %H:%M:%S} {type(one).__name__} {one.model_dump(mode='json', exclude={'at'})}"
                for one in self.script
            ],
        }
        return yaml.safe_dump(told, sort_keys=False, allow_unicode=True, width=140, default_flow_style=None)


def a_case(seed: int, no: int, definition: Definition, begins_at: datetime, *, wide: bool = False) -> Case:
    """The case of that number in the batch of that seed, which begins then.

    A `wide` one asks for scores and stages and is in several journeys that mail: what the player of one run can't know.
    """
    chance = Random(f"{seed}/{no}{'/wide' if wide else ''}")
    names = Names(f"case-{no}", f"sub-{no}", f"holder-{no}", wide)
    journey = a_journey(chance, names, definition)
    place, enters_at = chance.choice(PLACES), begins_at + timedelta(hours=1) + _odd(chance, timedelta(days=4))
    lead = Lead(
        lead_id=LeadId(uuid5(NAMESPACE_URL, f"leadloom:case/{seed}/{no}")),
        email=f"case-{no}@mailbox.example",
        first_name="Ada",
        country=place.country,
        time_zone=place.zone,
        role=chance.choice(["quality", "it"]),
        attributes=_attributes(chance, begins_at),
        created_at=begins_at,
    )
    return Case(
        seed=seed,
        no=no,
        journey=journey,
        sub=_beside(names.sub, chance, wide=wide),
        holder=_beside(names.holder, chance, group=journey.exclusive.group if journey.exclusive else None, wide=wide),
        lead=lead,
        # By hand nobody is let into what they may not be sent.
        may_market=not journey.enter.events or chance.random() < 0.8,
        begins_at=begins_at,
        enters_at=enters_at,
        held=(wide or journey.exclusive is not None) and chance.random() < 0.7,
        script=tuple(sorted(_script(chance, journey, enters_at, wide=wide), key=lambda one: one.at)),
    )


def _odd(chance: Random, within: timedelta) -> timedelta:
    """A span up to that, to the second, that ends on no whole minute."""
    minutes = chance.randrange(2, within // timedelta(minutes=1))
    return timedelta(minutes=minutes, seconds=chance.randrange(7, 53))


def _attributes(chance: Random, begins_at: datetime) -> dict[str, Json]:
    told: dict[str, Json] = {}
    if chance.random() < 0.5:
        told["audit_date"] = _a_date(chance, begins_at)
    if chance.random() < 0.4:
        told["plan"] = chance.choice(["a year", "a month"])
    if chance.random() < 0.4:
        told["seats"] = chance.choice([1, 5, "12"])
    return told


def _a_date(chance: Random, near: datetime) -> str:
    day = near + timedelta(days=chance.randint(-3, 40))
    return chance.choice([f"{day:%Y-%m-%d}", f"{day:%Y-%m-%d}", f"{day:%Y-%m-%dT15:37:19Z}", "soon"])


def _beside(name: str, chance: Random, *, group: str | None = None, wide: bool = False) -> Journey:
    minutes = chance.choice([37, 1471, 4333, 11027])
    steps: list[dict[str, object]] = [{"do": "wait", "id": "pause", "for": f"{minutes}m"}]
    if wide:
        # A little rest at the end: else its last mail and the first of who waits for it fight for one instant.
        rest: dict[str, object] = {"do": "wait", "id": "rest", "for": "13m"}
        steps = [*_letters(chance, "before"), *steps, *_letters(chance, "after"), rest]
    return Journey.model_validate(
        {
            "name": name, "purpose": "To be beside another.", "owner": "priya-nair", "sender": "ines-carvalho",
            "audience": "customer", "enter": {"again": "concurrent"},
            "exclusive": {"group": group, "when_busy": "refuse"} if group else None,
            "priority": chance.randint(1, 5), "topic": chance.choice([None, "webinars"]), "steps": steps,
        }
    )  # fmt: skip


def _letters(chance: Random, name: str) -> Iterator[dict[str, object]]:
    """Up to two mails."""
    for no in range(chance.choice([0, 1, 2])):
        kind = chance.choice(["marketing", "marketing", "service"])
        mail = f"{name}{no}"
        yield {"do": "send", "id": mail, "mail": mail, "class": kind, "worth": chance.choice(WORTH)}


def _script(chance: Random, journey: Journey, enters_at: datetime, *, wide: bool) -> Iterator[Happening]:
    asked = {step.id: tuple(step.answers("end")) for step in journey.steps if isinstance(step, TaskStep)}
    for _ in range(chance.choice([0, 1, 2, 3, 3, 5, 8])):
        # Most of a run happens in its first days.
        at = enters_at + _odd(chance, chance.choice([timedelta(hours=6), timedelta(days=3), LASTS]))
        yield _happening(chance, at, wide=wide)
    for step, answers in asked.items():
        for _ in range(chance.choice([0, 1, 2])):
            at = enters_at + _odd(chance, chance.choice([timedelta(hours=3), timedelta(days=8)]))
            yield Answers(at=at, step=step, outcome=chance.choice(answers))


def _happening(chance: Random, at: datetime, *, wide: bool) -> Happening:
    lot = chance.random()
    if wide and 0.68 <= lot < 0.75:
        role_or_zone = [("role", "it"), ("role", "quality"), ("time_zone", "Pacific/Honolulu"), ("country", "DE")]
        field, value = chance.choice(role_or_zone)
        return Tells(at=at, field=field, value=value)
    if lot < 0.6:
        kind = chance.choice(KINDS)
        piece: dict[str, Json] = {"piece": f"piece{chance.randint(0, 3)}"} if kind == "article_read" else {}
        verdict = chance.choices(list(Verdict), [8, 1, 1])[0]
        return Happens(at=at, kind=kind, data=piece, verdict=verdict)
    if lot < 0.68:
        return Happens(at=at, kind=chance.choice(["unsubscribed", "unsubscribed", "bounced", "complained"]))
    if lot < 0.72:
        return Permits(at=at, may_market=True)
    if lot < 0.75:
        return Leaves(at=at, outcome="taken out by hand")
    if lot < 0.88:
        return Tells(at=at, field="audit_date", value=_a_date(chance, at))
    return Tells(at=at, field=chance.choice(["plan", "seats"]), value=chance.choice(["a year", "a month", 9]))
