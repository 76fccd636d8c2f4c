"""Does a member of a campaign's audience come into its journey, and if not, what is the first thing against it?"""

from __future__ import annotations

from enum import StrEnum

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.facts import Facts
from leadloom.domain.journeys.conditions import holds
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.why_not_codes import CODES, Code
from leadloom.domain.mails.mail_class import MARKETING
from leadloom.domain.mails.sending import needed_basis
from leadloom.domain.model import Value


class LeftOut(StrEnum):
    """Why a member gets no run. A closed list; asked in this order, the first that stands is kept."""

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
    UNKNOWN = "unknown"


WORDS: dict[LeftOut, str] = {
    **{one: CODES[Code(one.value)].words for one in LeftOut if one is not LeftOut.UNKNOWN},
    LeftOut.UNKNOWN: "no lead goes by this name",
}
"""In the words of `why-not`. That no lead goes by a name is said of no lead, so it stands only here."""


class MemberFacts(Value):
    """What the question looks at; read in the transaction that acts on the answer."""

    open_run: bool
    """The lead is in this journey now."""
    was_in: bool
    """It has been, and that run ended."""
    has_address: bool
    silenced: bool
    """Nothing at all may go to the address."""
    silenced_for_marketing: bool
    """No marketing mail may go there."""
    in_conversation: bool
    """Sales is in conversation with the lead or its company."""
    disqualified: bool
    """In the journey's track."""
    mails_allowed: bool
    """A basis holds that suffices for marketing mail to the lead's country."""
    rests: bool = False
    """Its last run ended a shorter time ago than the journey's `rest` (entry.is_resting)."""
    has_enough: bool = False
    """It has had as many runs as the journey allows (entry.is_enough)."""
    busy_with: str | None = None
    """Another journey of its exclusive group that has the lead."""
    facts: Facts | None = None
    """What the journey's own condition looks at; None when it has none."""


def left_out(journey: Journey, member: MemberFacts, *, markets: bool) -> LeftOut | None:
    """The first thing that stands against the lead's coming in now; None lets it in.

    Args:
        journey: In force now.
        member: As read at this instant.
        markets: Whether some mail of the journey needs a permission (`needs_permission`).
    """
    against = {
        LeftOut.IN_ALREADY: member.open_run and journey.enter.again != "concurrent",
        LeftOut.WAS_IN: member.was_in and journey.enter.again == "never",
        LeftOut.RESTS: member.rests,
        LeftOut.TOO_MANY: member.has_enough,
        LeftOut.NO_ADDRESS: not member.has_address,
        LeftOut.SUPPRESSED: member.silenced or (markets and member.silenced_for_marketing),
        LeftOut.NO_BASIS: markets and not member.mails_allowed,
        LeftOut.IN_CONVERSATION: journey.audience == "prospect" and member.in_conversation,
        LeftOut.DISQUALIFIED: member.disqualified,
        LeftOut.CONDITION: _refuses(journey, member.facts),
        LeftOut.GROUP_BUSY: _refuses_busy(journey) and member.busy_with is not None,
    }
    return next((code for code, stands in against.items() if stands), None)


def needs_permission(journey: Journey, definition: Definition) -> bool:
    """Whether some mail to the lead is of a class that needs a permission: then whoever gave none stays out of all.

    A run that may send only its service mails would thank people for what they never asked for.
    """
    letters = [letter for step in journey.steps for letter in step.letters(journey)]
    classes = {letter.mail_class for letter in letters if letter.to is None}
    return any(needed_basis(definition, one, None) is not None for one in classes)


def key_of(journey: Journey, occasion: str) -> str:
    """The key of a run that a campaign or a person begins; what may happen once stays once, whoever began it.

    `occasion` names the act, such as `campaign/<id>`: the same act begins one run of a lead, however often it is tried.
    """
    return "once" if journey.enter.again == "never" else occasion


def place_of(journey: Journey, occasion: str) -> str:
    """What may be open once (entry.Enters): runs nobody's event began have no value of a key."""
    return occasion if journey.enter.again == "concurrent" else ""


def _refuses_busy(journey: Journey) -> bool:
    return journey.exclusive is not None and journey.exclusive.when_busy == "refuse"


def _refuses(journey: Journey, facts: Facts | None) -> bool:
    return (
        journey.enter.when is not None and facts is not None and not holds(journey.enter.when, facts, facts.entered_at)
    )


PURPOSE = MARKETING
"""What a member must have allowed."""
