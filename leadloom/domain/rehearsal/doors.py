"""Who comes into journeys and who leaves them while an audience is rehearsed? As store.entering and store.runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from leadloom.domain.campaigns.membership import LeftOut, MemberFacts, key_of, left_out, needs_permission, place_of
from leadloom.domain.definitions.parts import Part
from leadloom.domain.facts import MessageStatus
from leadloom.domain.journeys.asks import Asks, asks_of
from leadloom.domain.journeys.entry import Knock, is_resting, replaced_by
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.moves import FINISHED, Wait
from leadloom.domain.journeys.progress import begin
from leadloom.domain.journeys.runs import Enrol, admit, facts_at_entry, others_of_group, run_id
from leadloom.domain.journeys.steps.start import ENDED
from leadloom.domain.journeys.waits import ANY_EVENT
from leadloom.domain.rehearsal.cast import LeadAtStart, LetsIn, MailAtStart, Setting
from leadloom.domain.rehearsal.life import Life, RehearsedMail, RehearsedRun, settled
from leadloom.domain.rehearsal.tally import Tally
from leadloom.domain.wake import NURTURE

if TYPE_CHECKING:  # only named
    from leadloom.domain.rehearsal.hand_off_play import HandOffs, RehearsedHandOff


class Around(Protocol):
    """What runs need of the company they are played in."""

    @property
    def hand_offs(self) -> HandOffs:
        """Those of the company."""
        ...

    @property
    def in_conversation(self) -> bool:
        """Whether sales is in conversation with the company, by a hand-off."""
        ...

    def colleagues(self, life: Life) -> Sequence[Life]:
        """Everybody else who is played with them."""
        ...

    def looks(self, run: RehearsedRun, at: datetime) -> None:
        """The run looks at that instant, and at no other it was to look at."""
        ...

    def replan(self, life: Life, at: datetime) -> None:
        """Pack the lead's unclaimed mail anew."""
        ...

    def lost(self, life: Life, mail: RehearsedMail) -> None:
        """The mail never goes."""
        ...

    def offered(self, hand_off: RehearsedHandOff | None, at: datetime) -> None:
        """A hand-off was opened; None: the lead joined another."""
        ...

    def clocks(self, life: Life) -> None:
        """The lead's clocks were moved."""
        ...

    def deal(self, at: datetime, *, is_open: bool) -> None:
        """A deal of the company was opened, or came to its end."""
        ...


class Doors:
    """The ways into journeys and out of them, for one company's leads."""

    def __init__(self, setting: Setting, tally: Tally, around: Around) -> None:
        self._definition, self._tally, self._around = setting.definition, tally, around
        self._in_force = {one.journey.name: one for one in setting.journeys}
        self._asks: dict[int, Asks] = {}
        self._begins_at = setting.begins_at

    def begin(self, life: Life, start: LeadAtStart) -> None:
        """The runs and mails the rehearsal finds."""
        for one in start.runs:
            run = RehearsedRun(
                life, one.enrolment_id, one.body, self.asked(one.body), one.key, one.place, one.entered_at,
                one.progress, tasks=one.tasks, arm=one.arm, waiting_for=one.waiting_for,
            )  # fmt: skip
            life.runs[one.enrolment_id] = run
            if one.waits_until is not None:
                words = one.waiting_for or "its first step"
                run.wait = Wait.built(
                    until=one.waits_until, waiting_for=words, listens=one.listens, progress=one.progress
                )
                self._around.looks(run, max(one.waits_until, self._begins_at))
        for mail in start.mails:
            self._begin_mail(life, mail)

    def _begin_mail(self, life: Life, mail: MailAtStart) -> None:
        run = life.runs.get(mail.enrolment_id) if mail.enrolment_id else None
        policy = self._definition.mail.classes[mail.mail_class]
        known = RehearsedMail(
            life, mail.message_id, run, mail.journey or "", mail.step, mail.visit, mail.mail, mail.mail_class,
            mail.topic, mail.priority, mail.asked_at, mail.not_before, mail.deadline,
            timedelta(seconds=mail.jitter_s), policy.capped, policy.windowed, mail.slot_at, mail.status,
            mail.sent_at, mail.slot_why,
        )  # fmt: skip
        life.mails[mail.message_id] = known
        if run is not None:
            run.mails.append(known)

    def let_in(self, life: Life, order: LetsIn, at: datetime) -> None:
        """A person or a campaign lets them in, unless something stands against it; then that is counted."""
        published = self._in_force[order.journey]
        journey = published.journey
        if order.asks and (code := self._against(life, journey, at)) is not None:
            self._tally.left_out[journey.name, str(code)] += 1
            return
        if journey.exclusive is not None and journey.exclusive.when_busy == "replace":
            for other in others_of_group(journey, life.stands(at).runs):
                self.leave(life, life.runs[other.enrolment_id], replaced_by(journey), at)
        occasion = f"{order.by}/{order.occasion}"
        enrol = Enrol(
            journey=journey.name, journey_hash=published.hash, workflow=NURTURE, key=key_of(journey, occasion),
            place=place_of(journey, occasion), entered_by=f"{order.by}:rehearsal",
            prospect=journey.audience == "prospect", progress=begin(journey, at, life.standing.last_event_no),
        )  # fmt: skip
        self.enter(life, enrol, at)

    def _against(self, life: Life, journey: Journey, at: datetime) -> LeftOut | None:
        now = life.stands(at)
        mine = [run for run in life.runs.values() if run.journey.name == journey.name and run.place == ""]
        ended = [one for one in now.ended_runs if one.journey == journey.name and one.place == ""]
        last = max((one.ended_at for one in ended), default=None)
        others = others_of_group(journey, now.runs)
        member = MemberFacts(
            open_run=any(run.is_open for run in mine),
            was_in=last is not None,
            has_address=life.lead.email is not None,
            silenced=life.silenced,
            silenced_for_marketing=life.silenced_for_marketing,
            in_conversation=self._around.in_conversation or now.open_deal,
            disqualified=now.stages.get(journey.track) == self._definition.named(Part.CLOSED),
            mails_allowed=now.may_market,
            rests=is_resting(journey.enter, last, at),
            busy_with=others[0].journey if others else None,
            facts=facts_at_entry(self._definition, journey, now, at) if journey.enter.when is not None else None,
        )
        return left_out(journey, member, markets=needs_permission(journey, self._definition))

    def start(self, life: Life, run: RehearsedRun, journey: str, key: str, at: datetime) -> None:
        """Let the lead into another journey by a step; one that isn't in force here is not played."""
        published = self._in_force.get(journey)
        if published is None:
            return
        knock = Knock(
            by=f"journey:{run.journey.name}", why=f"{run.journey.name} begins it", no=life.standing.last_event_no,
            occasion=f"run/{run.enrolment_id}/{key}", is_name=True,
        )  # fmt: skip
        admission = admit(self._definition, published, knock, standing=life.stands(at), at=at)
        for exit_ in admission.exits:
            self.leave(life, life.runs[exit_.enrolment_id], exit_.outcome, at)
        if admission.enrol is not None:
            self.enter(life, admission.enrol, at)

    def enter(self, life: Life, order: Enrol, at: datetime) -> None:
        """Begin the run; one of that key has begun before changes nothing."""
        enrolment_id = run_id(life.lead.lead_id, order.journey, order.key)
        if enrolment_id in life.runs:
            return
        journey = self._in_force[order.journey].journey
        run = RehearsedRun(
            life, enrolment_id, journey, self.asked(journey), order.key, order.place, at, order.progress,
            waiting_for="its first step",
        )  # fmt: skip
        life.runs[enrolment_id] = run
        self._tally.entered[journey.name] += 1
        self._tally.note(at, "came in", order.entered_by, journey=journey.name)
        self._tally.arrived[journey.name, order.progress.step] += 1
        self._around.looks(run, max(at, order.progress.arrived_at))

    def leave(self, life: Life, run: RehearsedRun, outcome: str, at: datetime) -> None:
        """End it at once: what nobody has claimed yet never goes."""
        if not run.is_open:
            return
        for mail in run.mails:
            if mail.status in (MessageStatus.RESERVED, MessageStatus.DEFERRED, MessageStatus.HELD):
                mail.status = MessageStatus.CANCELLED
                self._tally.lost[run.journey.name, mail.step, str(mail.status)] += 1
        self._end(life, run, "exited", outcome, at)

    def finish(self, life: Life, run: RehearsedRun, outcome: str, at: datetime) -> None:
        """The run says itself that it is over; only at its journey's own end does its last mail still go."""
        if outcome == FINISHED:
            self._end(life, run, "finished", outcome, at)
        else:
            self.leave(life, run, outcome, at)

    def _end(self, life: Life, run: RehearsedRun, status: str, outcome: str, at: datetime) -> None:
        run.status, run.outcome, run.ended_at, run.wait, run.looks_at = status, outcome, at, None, None
        for task in run.tasks:
            if task.status == "open":
                run.tasks = settled(run.tasks, task.step, "cancelled", None)
        life.ended(run)
        self._tally.outcomes[run.journey.name, outcome] += 1
        self._tally.note(at, "ended", outcome, journey=run.journey.name, step=run.progress.step)
        for other in life.open_runs():
            if other.wait is not None and (ENDED in other.wait.listens or ANY_EVENT in other.wait.listens):
                self._around.looks(other, at)

    def asked(self, journey: Journey) -> Asks:
        """What the journey's moves hang on."""
        if id(journey) not in self._asks:
            self._asks[id(journey)] = asks_of(journey)
        return self._asks[id(journey)]
