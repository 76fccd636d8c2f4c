"""Why did a lead not come in, not go on, not get a mail? The closed list of codes, each with its words and its cure."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

from leadloom.domain.model import Instant, Json, Value

About = Literal["enter", "run", "send"]
"""Where something stands in the way: at the door of a journey, in its run, or before a mail that was asked for."""


class Code(StrEnum):
    """The first thing that stands against it. Exactly one of these is answered."""

    NOT_PUBLISHED = "not_published"
    NOT_IN_AUDIENCE = "not_in_audience"
    HOLDOUT = "holdout"
    NOT_LAUNCHED = "not_launched"
    CAMPAIGN_PAUSED = "campaign_paused"
    CAMPAIGN_BLOCKED = "campaign_blocked"
    CAMPAIGN_OVER = "campaign_over"
    ITS_TURN = "its_turn"
    OTHER_EVENT = "other_event"
    OTHER_DATA = "other_data"
    NOT_HUMAN = "not_human"
    NO_KEY = "no_key"
    NO_DATE = "no_date"
    NO_ROUND = "no_round"
    HELD_BEFORE = "held_before"
    TOO_LATE = "too_late"
    IN_ALREADY = "in_already"
    WAS_IN = "was_in"
    RESTS = "rests"
    TOO_MANY = "too_many"
    NO_ADDRESS = "no_address"
    SUPPRESSED = "suppressed"
    NO_BASIS = "no_basis"
    IN_CONVERSATION = "in_conversation"
    DISQUALIFIED = "disqualified"
    CONDITION = "condition"
    GROUP_BUSY = "group_busy"
    BY_HAND = "by_hand"
    BLOCKED = "blocked"
    JOURNEY_PAUSED = "journey_paused"
    GROUP_TURN = "group_turn"
    WAITS = "waits"
    NEXT_LOOK = "next_look"
    BRANCHED = "branched"
    SKIPPED = "skipped"
    STEP_EXPIRED = "step_expired"
    ENDED = "ended"
    WENT = "went"
    AT_RELAY = "at_relay"
    UNCERTAIN = "uncertain"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    HELD_BY_OWNER = "held_by_owner"
    TOPIC_OFF = "topic_off"
    ASKED_TO_PAUSE = "asked_to_pause"
    SHOWN_FIRST = "shown_first"
    LANE_STOPPED = "lane_stopped"
    FENCED = "fenced"
    WINDOW = "window"
    DAY_OFF = "day_off"
    CAP = "cap"
    PRIORITY = "priority"
    COMPANY_CAP = "company_cap"
    DEFERRED = "deferred"
    RELAY_RESTS = "relay_rests"
    WARM_UP = "warm_up"
    PROVIDER_PACE = "provider_pace"
    COMPANY_PACE = "company_pace"
    SENDER_STOPPED = "sender_stopped"
    TEMPLATE_STOPPED = "template_stopped"
    BEHIND = "behind"


class _Rule(NamedTuple):
    about: About
    words: str
    passes: str
    """What must happen for it to pass; empty where nothing ever does, or where an instant says more."""


_AGAIN_NEVER = ""

CODES: dict[Code, _Rule] = {
    Code.NOT_PUBLISHED: _Rule("enter", "no version of the journey is in force", "somebody publishes it"),
    Code.NOT_IN_AUDIENCE: _Rule("enter", "not in the campaign's frozen audience", _AGAIN_NEVER),
    Code.HOLDOUT: _Rule("enter", "held out of the campaign, to compare with", _AGAIN_NEVER),
    Code.NOT_LAUNCHED: _Rule("enter", "the campaign is planned and not launched", "somebody launches it"),
    Code.CAMPAIGN_PAUSED: _Rule("enter", "the campaign is paused", "somebody resumes it"),
    Code.CAMPAIGN_BLOCKED: _Rule("enter", "the campaign is stopped by an error", "somebody mends it and resumes"),
    Code.CAMPAIGN_OVER: _Rule("enter", "the campaign ended before the lead's turn", _AGAIN_NEVER),
    Code.ITS_TURN: _Rule("enter", "the lead's turn in the campaign has not come", "its turn comes"),
    Code.OTHER_EVENT: _Rule("enter", "nothing that lets a lead in has happened", "it happens"),
    Code.OTHER_DATA: _Rule("enter", "it happened, with other values than the journey asks for", "it happens with them"),
    Code.NOT_HUMAN: _Rule("enter", "no person did it", "a person does it"),
    Code.NO_KEY: _Rule("enter", "the event carries no value to tell runs apart by", "it happens with one"),
    Code.NO_DATE: _Rule("enter", "the date that lets in is unknown, or has not come", "the date is known"),
    Code.NO_ROUND: _Rule("enter", "the day that comes round has not come since they are meant", "it comes round"),
    Code.HELD_BEFORE: _Rule(
        "enter", "it was so before the journey was published, and it takes only whom it comes to be so for",
        "it ceases to be so, and comes to be so again",
    ),
    Code.TOO_LATE: _Rule("enter", "the date was over when we heard of it", "the date moves ahead"),
    Code.IN_ALREADY: _Rule("enter", "in this journey now", "the open run ends and the journey takes them again"),
    Code.WAS_IN: _Rule("enter", "was in this journey before, and it is for once only", _AGAIN_NEVER),
    Code.RESTS: _Rule("enter", "the last run ended too short a time ago", "the rest is over"),
    Code.TOO_MANY: _Rule("enter", "has had as many runs as the journey allows", _AGAIN_NEVER),
    Code.NO_ADDRESS: _Rule("enter", "no mail address is known", "an address is known"),
    Code.SUPPRESSED: _Rule("enter", "the address must be left alone", "the suppression is lifted"),
    Code.NO_BASIS: _Rule("enter", "has not allowed such mail", "they allow it"),
    Code.IN_CONVERSATION: _Rule("enter", "sales is in conversation with the company", "the conversation ends"),
    Code.DISQUALIFIED: _Rule("enter", "disqualified", "they are qualified anew"),
    Code.CONDITION: _Rule("enter", "the journey's own condition does not hold", "it comes to hold"),
    Code.GROUP_BUSY: _Rule(
        "enter", "in another journey of its group, and this one takes nobody from there", "that run ends",
    ),
    Code.BY_HAND: _Rule("enter", "nothing stands against it, and nobody has let the lead in", "somebody lets them in"),
    Code.BLOCKED: _Rule("run", "the run is blocked by an error", "somebody mends it and retries"),
    Code.JOURNEY_PAUSED: _Rule("run", "the journey is paused", "somebody resumes it"),
    Code.GROUP_TURN: _Rule("run", "another journey of its group has the lead", "that run ends"),
    Code.WAITS: _Rule("run", "the run waits", "what it waits for comes"),
    Code.NEXT_LOOK: _Rule("run", "the run stands before it and is about to look", "a worker looks"),
    Code.BRANCHED: _Rule("run", "the run went another way", _AGAIN_NEVER),
    Code.SKIPPED: _Rule("run", "the run passed it over", _AGAIN_NEVER),
    Code.STEP_EXPIRED: _Rule("run", "the run came too late for the step", _AGAIN_NEVER),
    Code.ENDED: _Rule("run", "the run is over", _AGAIN_NEVER),
    Code.WENT: _Rule("send", "it went", _AGAIN_NEVER),
    Code.AT_RELAY: _Rule("send", "it is in the hands of a worker, or at the relay", "the relay answers"),
    Code.UNCERTAIN: _Rule(
        "send", "the relay's answer was lost: nobody knows whether it arrived", "evidence or a person settles it",
    ),
    Code.REFUSED: _Rule("send", "the relay refused it for good", _AGAIN_NEVER),
    Code.EXPIRED: _Rule("send", "it was no longer worth sending", _AGAIN_NEVER),
    Code.CANCELLED: _Rule("send", "it was taken back", _AGAIN_NEVER),
    Code.HELD_BY_OWNER: _Rule("send", "its owner holds it", "they release it"),
    Code.TOPIC_OFF: _Rule("send", "they turned this subject off", "they turn it on again"),
    Code.ASKED_TO_PAUSE: _Rule("send", "they asked us to pause", "the pause they asked for ends"),
    Code.SHOWN_FIRST: _Rule("send", "its owner sees it before it goes; silence lets it go", "they release it"),
    Code.LANE_STOPPED: _Rule("send", "an operator stopped its lane", "the lane goes on"),
    Code.FENCED: _Rule("send", "the database was restored", "an operator advances the epoch"),
    Code.WINDOW: _Rule("send", "outside the hours in which mail goes", "the window opens"),
    Code.DAY_OFF: _Rule("send", "a holiday or a day of pause", "the day is over"),
    Code.CAP: _Rule("send", "a cap on mail to this person is full", "there is room"),
    Code.PRIORITY: _Rule("send", "a cap is full of mail that is more important", "there is room"),
    Code.COMPANY_CAP: _Rule("send", "the cap on mail to this company is full", "there is room"),
    Code.DEFERRED: _Rule("send", "the relay asked to come back later", "the relay takes it"),
    Code.RELAY_RESTS: _Rule("send", "the relay takes nothing at all and is left alone for a while", "it takes mail"),
    Code.WARM_UP: _Rule("send", "its sender domain is young and has sent its day's mail", "its next day begins"),
    Code.PROVIDER_PACE: _Rule("send", "its provider gets so many mails a second and no more", "its turn comes"),
    Code.COMPANY_PACE: _Rule("send", "one firm gets so many mails at a stroke and no more", "its turn comes"),
    Code.SENDER_STOPPED: _Rule(
        "send", "too many people called mail of its sender domain spam", "an operator resumes the domain",
    ),
    Code.TEMPLATE_STOPPED: _Rule(
        "send", "this mail came back from several for what it is", "an operator resumes the template",
    ),
    Code.BEHIND: _Rule("send", "it is due, and its lane has not come to it", "the lane comes to it"),
}  # fmt: skip
"""In the order in which they are asked."""


class WhyNot(Value):
    """The first thing that stands against it, and when it could pass."""

    code: Code
    why: str
    """In words, with what it hung on."""
    values: dict[str, Json]
    """What was looked at, under names a person reads."""
    earliest: Instant | None = None
    """The earliest instant at which it could pass by time alone."""
    when: str | None = None
    """What must happen for it to pass; with `earliest`, whichever comes first. Neither: it never passes."""

    @property
    def passes(self) -> str:
        """When it could pass, in words: `from 2026-03-04 13:30 UTC`, `when they allow it`, or `never`."""
        said = [f"when {self.when}"] if self.when else []
        if self.earliest is not None:
            said.append(f"{'at the latest ' if self.when else ''}from {self.earliest:%Y-%m-%d %H:%M} UTC")
        return ", ".join(said) or "never"


def answer(
    code: Code,
    why: str = "",
    values: dict[str, Json] | None = None,
    *,
    earliest: Instant | None = None,
    when: str | None = None,
) -> WhyNot:
    """The answer for a code; what it doesn't say itself is the list's."""
    rule = CODES[code]
    cure = when if when is not None or earliest is not None else rule.passes or None
    return WhyNot(code=code, why=why or rule.words, values=values or {}, earliest=earliest, when=cure or None)
