"""How would an audience go through several journeys at once? The leads of one company, played in virtual time.

What leads share decides who is played together: the hours of their company, its hand-offs. Companies share nothing
but the lanes of the relay, whose rate moves mails by seconds and is left out: each company is played for itself, in
any order, by as many processes as there are, and the counts add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush
from typing import assert_never

from leadloom.domain.facts import MessageStatus
from leadloom.domain.handoffs.answers import Decision
from leadloom.domain.handoffs.hand_off import Wait
from leadloom.domain.journeys.asks import asks_at_door
from leadloom.domain.lead import EventDraft
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.rehearsal import engagement
from leadloom.domain.rehearsal.cast import Cue, Decides, LeadAtStart, LetsIn, Setting
from leadloom.domain.rehearsal.company_calendar import CompanyCalendar
from leadloom.domain.rehearsal.doors import Doors
from leadloom.domain.rehearsal.hand_off_play import HandOffs, Offered, RehearsedHandOff, soon
from leadloom.domain.rehearsal.happenings import Answers, Happens, Tells
from leadloom.domain.rehearsal.life import Life, RehearsedMail, RehearsedRun
from leadloom.domain.rehearsal.runs_play import RunsPlay
from leadloom.domain.rehearsal.tally import Clash, Tally, Went
from leadloom.domain.rehearsal.vetoes import stands_against
from leadloom.domain.stages.lifecycle import due

_HAPPENS, _MAIL, _LOOK, _CLOCK = 0, 1, 2, 3
"""What comes first of what comes at one instant: a mail that goes has gone when its run looks."""
_A_MOMENT = timedelta(seconds=1)
"""How long after its slot a mail has gone. Caps count from then: a week after it to the second is a moment too soon."""


def play(
    setting: Setting,
    company: Sequence[LeadAtStart],
    cues: Sequence[Cue] = (),
    *,
    rules: SendRules | None = None,
    tells: bool = False,
) -> Tally:
    """Play the leads of one company from `begins_at` until before `ends_at`.

    Deterministic: the same leads, script and seed give the same tally, whoever else is played before. `rules` may be
    shared by many companies: they keep the days off of countries. `tells` writes the story, too.
    """
    tally = Tally(leads=len(company), story=[] if tells else None)
    return _Company(setting, company, cues, rules or SendRules(setting.definition), tally).play()


class _Company:
    """A queue of what comes next, and what it does to the company's leads."""

    def __init__(
        self, setting: Setting, company: Sequence[LeadAtStart], cues: Sequence[Cue], rules: SendRules, tally: Tally
    ) -> None:
        self._setting, self.tally = setting, tally
        self._queue: list[tuple[datetime, int, int, object]] = []
        self._count = 0
        self._lives = [Life(setting.definition, start, setting.pauses) for start in company]
        asks_at_entry = any(asks_at_door(one.journey) for one in setting.journeys)
        for life in self._lives:
            life.around, life.is_asked_for_company = self._lives, asks_at_entry
        self._by_id = {life.lead.lead_id: life for life in self._lives}
        self._calendar = CompanyCalendar(rules, self._lives)
        self._hand_offs = HandOffs(setting.definition, setting.away, setting.seed)
        self._in_conversation = any(start.in_conversation for start in company)
        for life in self._lives:
            for other in self.colleagues(life):
                life.hears_of_company(other.standing.recent)
        self._doors = Doors(setting, self.tally, self)
        self._runs = RunsPlay(setting, self.tally, self, self._doors)
        for life, start in zip(self._lives, company, strict=True):
            self._begin(life, start)
        for cue in cues:
            if cue.lead_id in self._by_id:
                self._push(cue.what.at, _HAPPENS, cue)
        for pause in setting.pauses:
            self._push(pause.until, _HAPPENS, pause.journey)

    def play(self) -> Tally:
        while self._queue:
            at, order, _, what = heappop(self._queue)
            self._take(at, order, what)
        self._close()
        return self.tally

    def _take(self, at: datetime, order: int, what: object) -> None:  # noqa: C901  one arm a kind of thing
        match what:
            case Cue():
                self._cue(self._by_id[what.lead_id], what, at)
            case RehearsedMail():
                if what.due_at == at and what.status in (MessageStatus.RESERVED, MessageStatus.DEFERRED):
                    self._goes(what, at)
            case RehearsedRun():
                if what.looks_at == at:
                    what.looks_at = None
                    self._runs.look(what.life, what, at)
            case Life():
                self._rings(what, at)
            case RehearsedHandOff():
                if order == _HAPPENS:
                    self._owner_accepts(what, at)
                elif what.looks_at == at:
                    self._go_on(what, at)
            case str():
                self._resumes(what, at)
            case _:
                raise TypeError(type(what))

    # -- what RunsPlay asks of the company

    def colleagues(self, life: Life) -> Sequence[Life]:
        """Everybody else of the company; of somebody without a company, nobody."""
        mine = life.lead.account_id
        return () if mine is None else [one for one in self._lives if one is not life and one.lead.account_id == mine]

    def looks(self, run: RehearsedRun, at: datetime) -> None:
        """The run looks at that instant, and at no other it was to look at."""
        run.looks_at = at
        self._push(at, _LOOK, run)

    def replan(self, life: Life, at: datetime) -> None:
        """Pack the lead's unclaimed mail anew."""
        for mail in self._calendar.replan(life, at):
            if mail.status is MessageStatus.EXPIRED:
                self.lost(life, mail)
            else:
                mail.due_at = mail.slot_at
                self._push(mail.slot_at, _MAIL, mail)

    def offered(self, hand_off: RehearsedHandOff | None, at: datetime) -> None:
        """A hand-off was opened; None: the lead joined another."""
        if hand_off is None:
            return
        self._go_on(hand_off, at)
        lot = engagement.draw(self._setting.seed, str(hand_off.life.lead.lead_id), f"hand-off/{hand_off.no}")
        chance = self._setting.engagement
        if chance is not None and lot < chance.accepted:
            self._push(soon(hand_off, at), _HAPPENS, hand_off)

    @property
    def hand_offs(self) -> HandOffs:
        """Those of the company."""
        return self._hand_offs

    def clocks(self, life: Life) -> None:
        """The lead's clocks were moved: ring with the first."""
        if life.standing.clocks:
            self._push(min(clock.due_at for clock in life.standing.clocks), _CLOCK, life)

    def released(self, at: datetime) -> None:
        """A conversation ended: what it held is planned again."""
        for life in self._lives:
            held = [mail for mail in life.mails.values() if mail.status is MessageStatus.HELD]
            for mail in held:
                mail.status, mail.not_before = MessageStatus.RESERVED, max(mail.not_before, at)
            if held:
                self.replan(life, at)

    def deal(self, at: datetime, *, is_open: bool) -> None:
        """A deal of the company was opened, or came to its end."""
        for life in self._lives:
            life.standing = life.standing.but(open_deal=is_open)
        if not is_open:
            self.released(at)

    # -- what the queue holds

    def _begin(self, life: Life, start: LeadAtStart) -> None:
        self._doors.begin(life, start)
        for mail in life.mails.values():
            if mail.status in (MessageStatus.RESERVED, MessageStatus.DEFERRED):
                mail.due_at = max(mail.slot_at, self._setting.begins_at)
                self._push(mail.due_at, _MAIL, mail)
        self.clocks(life)

    def _cue(self, life: Life, cue: Cue, at: datetime) -> None:
        match what := cue.what:
            case Happens():
                self.tally.answered[what.kind] += 1
                draft = EventDraft(kind=what.kind, at=at, data=what.data, verdict=what.verdict)
                self._runs.record(life, [draft], at)
            case Tells():
                self._runs.tell(life, what.field, what.value, at)
            case Answers():
                self._runs.answer(life, what.step, what.outcome, at)
            case Decides():
                hand_off = self._hand_offs.of(life)
                if hand_off is not None:
                    decision = Decision(
                        kind=what.kind, by=self._holder(hand_off), via="page", reason=what.reason, until=what.until
                    )
                    self._decide(hand_off, decision, at)
            case LetsIn():
                self._doors.let_in(life, what, at)
            case _:
                assert_never(what)

    def _goes(self, mail: RehearsedMail, at: datetime) -> None:
        """The mail's slot has come: it goes, or is held, or never goes, by the vetoes of production."""
        life = mail.life
        talks = self.in_conversation or life.standing.open_deal
        if (status := stands_against(mail, life, self._setting, in_conversation=talks, at=at)) is not None:
            mail.status = status
            if status is not MessageStatus.HELD:
                self.lost(life, mail)
            return
        mail.status, mail.sent_at = MessageStatus.SENT, at + _A_MOMENT
        if at < self._setting.begins_at:
            return
        lead_id = life.lead.lead_id
        self.tally.note(at, "went", mail.mail, journey=mail.journey, step=mail.step)
        self.tally.sends.append(Went(at, lead_id, mail.journey, mail.step, mail.visit, mail.mail))
        self._clashed(life, mail)
        if self._setting.engagement is not None:
            for answer in engagement.answers(
                self._setting.engagement, self._setting.seed, mail.journey, mail.message_id
            ):
                what = Happens(at=at + answer.after, kind=answer.kind)
                self._push(what.at, _HAPPENS, Cue(lead_id=lead_id, what=what))

    @property
    def in_conversation(self) -> bool:
        """Whether sales is in conversation with the company, by a hand-off."""
        return self._in_conversation or self._hand_offs.in_conversation

    def lost(self, life: Life, mail: RehearsedMail) -> None:
        """The mail never goes."""
        self.tally.lost[mail.journey, mail.step, str(mail.status)] += 1
        self.tally.note(mail.slot_at, "lost", f"{mail.mail}: {mail.status}", journey=mail.journey, step=mail.step)
        if mail.status is MessageStatus.EXPIRED:
            self._clashed(life, mail)

    def _clashed(self, life: Life, mail: RehearsedMail) -> None:
        caps = [why for why in mail.why if self._calendar.is_cap(why)]
        gone = mail.status is MessageStatus.SENT
        if not gone:
            caps = [one for why in mail.why for one in why.split(": ", 1)[-1].split("; ") if self._calendar.is_cap(one)]
        if caps:
            won = [f"{one.journey}/{one.step}" for one in self._calendar.standing_before(life, mail)]
            place = (life.lead.lead_id, mail.journey, mail.step, mail.mail)
            got_at = mail.slot_at if gone else None
            self.tally.clashes.append(Clash(*place, mail.asked_at, got_at, caps[0], tuple(won)))

    def _rings(self, life: Life, at: datetime) -> None:
        """One of the lead's clocks is due: what their lifecycle would record."""
        now = life.stands(at)
        if not any(clock.due_at <= at for clock in now.clocks):
            return
        rung = due(self._setting.definition, now, clocks=now.clocks, at=at)
        self._runs.move_clocks(life, rung.clocks)
        if rung.drafts:
            self._runs.record(life, list(rung.drafts), at)
        self.clocks(life)

    def _go_on(self, hand_off: RehearsedHandOff, at: datetime) -> None:
        hand_off.looks_at = None
        for what in self._hand_offs.advance(hand_off, at):
            match what:
                case Offered():
                    self.tally.load[what.owner, f"{at:%Y-%m-%d}", "hand-off"] += 1
                case EventDraft():
                    self._runs.record(hand_off.life, [what], at)
                case Wait() if hand_off.state.owner is not None:
                    hand_off.looks_at = what.until
                    self._push(what.until, _CLOCK, hand_off)
                case Wait():
                    pass  # the pool is offered it anew each working day: that tells nobody anything new

    def _owner_accepts(self, hand_off: RehearsedHandOff, at: datetime) -> None:
        if hand_off.state.state == "offered":
            self._decide(hand_off, Decision(kind="accept", by=self._holder(hand_off), via="page"), at)

    def _holder(self, hand_off: RehearsedHandOff) -> str:
        return hand_off.state.owner or self._setting.definition.routing.manager

    def _decide(self, hand_off: RehearsedHandOff, decision: Decision, at: datetime) -> None:
        decided = self._hand_offs.decide(hand_off, decision, at)
        if decided is None:
            return
        if decided.recycle_until is not None:
            self._runs.tell(hand_off.life, "recycle_date", decided.recycle_until.date().isoformat(), at)
        for life in (hand_off.life, *hand_off.members):
            key = f"hand-off:{hand_off.life.lead.lead_id}/{hand_off.no}:{hand_off.state.assignment_no}:{decided.state}"
            self._runs.record(life, [decided.event.but(key=key)], at)
        if decided.state != "accepted":
            self.released(at)
        self._go_on(hand_off, at)

    def _resumes(self, journey: str, at: datetime) -> None:
        """A pause is over: its mail is planned again, and its runs have their turn."""
        for life in self._lives:
            held = [m for m in life.mails.values() if m.journey == journey and m.status is MessageStatus.HELD]
            for mail in held:
                mail.status, mail.not_before = MessageStatus.RESERVED, max(mail.not_before, at)
            if held:
                self.replan(life, at)
            for run in life.open_runs():
                if run.journey.name == journey:
                    self.looks(run, at)

    def _close(self) -> None:
        for life in self._lives:
            for run in life.open_runs():
                place = (run.journey.name, run.progress.step, run.waiting_for or "its first step")
                self.tally.waiting[place] += 1

    def _push(self, at: datetime, order: int, what: object) -> None:
        if at < self._setting.ends_at:
            self._count += 1
            heappush(self._queue, (max(at, self._setting.begins_at), order, self._count, what))
