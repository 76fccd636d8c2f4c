"""Which story breaks a promise of a journey? Stories drawn by lot, and the shortest that still does it.

A story is a lead and what happens to them; it is played by the same rules as an audience. The number of a story draws
it: the same seed and number are the same story, so a counter-example can be found again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar
from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.journeys.conditions import everything_in
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.journey_days import days_of
from leadloom.domain.journeys.journey_paths import conditions_of
from leadloom.domain.journeys.steps.step import END
from leadloom.domain.journeys.steps.task import TaskStep
from leadloom.domain.lead import Basis, BasisKind, Lead
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.model import Json, LeadId
from leadloom.domain.rehearsal.audience import play
from leadloom.domain.rehearsal.cast import Cue, LeadAtStart, LetsIn, Setting
from leadloom.domain.rehearsal.engagement import draw
from leadloom.domain.rehearsal.happenings import Answers, Happens, Tells
from leadloom.domain.rehearsal.promised import Broken, broken_in
from leadloom.domain.rehearsal.tally import Noted
from leadloom.domain.standing import PublishedJourney, Standing

BEGINS = datetime(2026, 3, 3, 14, 0, tzinfo=UTC)
"""A Tuesday, when windows are open."""
LEAD = LeadId(UUID(int=1))
MOST_THINGS = 7
"""That happen in one story: what takes more is found by no marketer either."""
_OF_SALES = ("hand_off_accepted", "deal_opened", "deal_won", "deal_lost", "hand_off_recycled")
_OF_LEADS = ("demo_requested", "unsubscribed", "link_clicked", "reply")
_DAY = timedelta(days=1)
_LONGEST = timedelta(days=400)


class Story(NamedTuple):
    """One lead, and what happens to them."""

    has_basis: bool
    stage: str | None
    """Where they stand when it begins; None: where everybody begins."""
    told: tuple[tuple[str, Json], ...]
    """What is known of them, by name."""
    happens: tuple[Happens | Tells | Answers, ...]


class CounterExample(NamedTuple):
    """A story that breaks a promise, as short as it can be told."""

    broken: Broken
    story: Story
    lines: tuple[Noted, ...]


class Search:
    """Tries stories of one journey."""

    def __init__(self, definition: Definition, journey: Journey, *, seed: int = 0) -> None:
        self._definition, self._journey, self._seed = definition, journey, seed
        self._rules = SendRules(definition)
        self._heard = [kind for kind in _heard(journey) if kind in definition.events]
        self._kinds = [kind for kind in (*_OF_SALES, *_OF_LEADS, *_ends(journey)) if kind in definition.events]
        self._fields = _fields(journey)
        self._tasks = [step for step in journey.steps if isinstance(step, TaskStep)]
        days = days_of(journey)
        last = timedelta(days=days[END].latest if END in days else 30)
        promised = journey.promises.ends_within if journey.promises else None
        self._lasts = min(max(last, timedelta(days=7)), _LONGEST)
        self._ends_at = BEGINS + max(self._lasts, promised or timedelta()) + 30 * _DAY

    def story(self, no: int) -> Story:
        """The story of that number; the first few are the plain ones: nothing happens, with and without a basis."""
        lots = self._lots(no)
        if no < 2:
            return Story(has_basis=no == 0, stage=None, told=(), happens=())
        stages = [None, None, *(self._journey.promises.never_after if self._journey.promises else ())]
        count = int(next(lots) * (MOST_THINGS + 1))
        told = tuple((name, _of(values, next(lots))) for name, values in self._fields.items() if next(lots) < 0.5)
        return Story(
            has_basis=next(lots) < 0.7,
            stage=_of(stages, next(lots)),
            told=told,
            happens=tuple(sorted(self._things(count, lots), key=lambda one: one.at)),
        )

    def breaks(self, story: Story) -> CounterExample | None:
        """What the story breaks; None when all promises are kept in it."""
        setting = Setting(
            definition=self._definition, journeys=(PublishedJourney(hash="draft", journey=self._journey),),
            begins_at=BEGINS, ends_at=self._ends_at,
        )  # fmt: skip
        cues = [Cue(lead_id=LEAD, what=self._comes_in()), *(Cue(lead_id=LEAD, what=one) for one in story.happens)]
        tally = play(setting, [self._lead(story)], cues, rules=self._rules, tells=True)
        lines = tuple(tally.story or ())
        stage = story.stage or self._definition.first_stage
        broken = broken_in(self._definition, self._journey, lines, stage=stage, ends_at=self._ends_at)
        return None if broken is None else CounterExample(broken, story, lines[: broken.line + 1])

    def shortest(self, found: CounterExample) -> CounterExample:
        """The same promise broken with as little as possible: things are left out, then told plainer."""
        smaller = True
        while smaller:
            smaller = False
            for story in _smaller(found.story):
                shorter = self.breaks(story)
                if shorter is not None and shorter.broken.promise == found.broken.promise:
                    found, smaller = shorter, True
                    break
        return found

    def _comes_in(self) -> Happens | LetsIn:
        enter = self._journey.enter
        if enter.events:
            data = dict(enter.data or {}) | ({enter.key: "one"} if enter.key else {})
            return Happens(at=BEGINS, kind=enter.events[0], data=data)
        return LetsIn(at=BEGINS, journey=self._journey.name, asks=False)

    def _lead(self, story: Story) -> LeadAtStart:
        country = self._definition.company.home_country
        columns = {name: value for name, value in story.told if name in Lead.model_fields}
        others = {name: value for name, value in story.told if name not in Lead.model_fields}
        known = {"lead_id": LEAD, "email": "somebody@company.example", "country": country, "created_at": BEGINS}
        lead = Lead.model_validate({**known, **columns, "attributes": others})
        kind = BasisKind.DOUBLE_OPT_IN
        basis = Basis(lead_id=LEAD, kind=kind, source="a story", at=BEGINS - _DAY) if story.has_basis else None
        stages = {self._journey.track: story.stage} if story.stage else {}
        bases = (basis,) if basis else ()
        # Sales talks with whoever stands where an owner has to act.
        talks = story.stage is not None and self._definition.stage(story.stage).kind == "sla"
        return LeadAtStart(standing=Standing(lead=lead, bases=bases, stages=stages), in_conversation=talks)

    def _things(self, count: int, lots: Iterator[float]) -> Iterator[Happens | Tells | Answers]:
        """Half of them come within a day of the one before: what people do comes in bursts."""
        at = BEGINS
        for _ in range(count):
            soon = next(lots) < 0.5
            hours = timedelta(days=1) if soon else self._lasts
            at = (at if soon else BEGINS) + timedelta(hours=1 + int(next(lots) * (hours / timedelta(hours=1))))
            yield self._thing(at, lots)

    def _thing(self, at: datetime, lots: Iterator[float]) -> Happens | Tells | Answers:
        lot, which = next(lots), next(lots)
        if self._tasks and lot < 0.25:
            step = _of(self._tasks, which)
            return Answers(at=at, step=step.id, outcome=_of(list(step.outcomes), next(lots)))
        if self._fields and lot < 0.5:
            field = _of(list(self._fields), which)
            return Tells(at=at, field=field, value=_of(self._fields[field], next(lots)))
        kinds = self._heard if self._heard and next(lots) < 0.6 else self._kinds
        return Happens(at=at, kind=_of(kinds, which))

    def _lots(self, no: int) -> Iterator[float]:
        place = 0
        while True:
            yield draw(self._seed, self._journey.name, str(no), str(place))
            place += 1


T = TypeVar("T")


def _of(values: Sequence[T], lot: float) -> T:
    return values[int(lot * len(values))]


def _heard(journey: Journey) -> list[str]:
    """Events the journey waits for or asks about."""
    kinds = [kind for step in journey.steps for kind in getattr(step, "events", ()) or ()]
    kinds += [one.event for _, condition in conditions_of(journey) for one in everything_in(condition) if one.event]
    return list(dict.fromkeys(kinds))


def _ends(journey: Journey) -> list[str]:
    """Events that end its runs."""
    return list(dict.fromkeys([*journey.goal, *(kind for rule in journey.exit for kind in rule.events)]))


def _fields(journey: Journey) -> dict[str, list[Json]]:
    """Fields the journey asks about, each with values that make a difference: what it compares with, and dates."""
    found: dict[str, list[Json]] = {}
    for _, condition in conditions_of(journey):
        for one in everything_in(condition):
            if one.field and one.field not in ("created_at", "email", "lead_id", "account_id"):
                found.setdefault(one.field, []).extend([one.is_, *(one.one_of or ()), one.contains, "something else"])
    for step in journey.steps:
        field = vars(step).get("field")
        if isinstance(field, str) and vars(step).get("do") == "wait":
            dates = [(BEGINS + timedelta(days=ahead)).date().isoformat() for ahead in (3, 30, 90, 200, 365)]
            found.setdefault(field, []).extend(dates)
    return {field: [value for value in values if value is not None] for field, values in found.items()}


def _smaller(story: Story) -> Iterator[Story]:
    """The story with one thing less, or told plainer; what makes it shortest first."""
    for no in range(len(story.happens)):
        yield story._replace(happens=story.happens[:no] + story.happens[no + 1 :])
    for no in range(len(story.told)):
        yield story._replace(told=story.told[:no] + story.told[no + 1 :])
    if story.stage is not None:
        yield story._replace(stage=None)
    if not story.has_basis:
        yield story._replace(has_basis=True)
    for no, one in enumerate(story.happens):
        whole = BEGINS + (one.at - BEGINS) // _DAY * _DAY
        if whole not in (one.at, BEGINS):
            rest = (*story.happens[:no], one.but(at=whole), *story.happens[no + 1 :])
            yield story._replace(happens=tuple(sorted(rest, key=lambda each: each.at)))
