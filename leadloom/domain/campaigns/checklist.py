"""May this campaign be launched? Everything that is looked at before, each with its numbers and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from leadloom.domain.campaigns.approval import Approval
from leadloom.domain.campaigns.campaign import Campaign, may_answer_for
from leadloom.domain.campaigns.membership import WORDS, LeftOut
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Instant, Value

LATE = timedelta(days=7)
"""A first mail later than this after a launch surprises whoever launched."""
_MOST_LINES = 12
_HALF = 0.5


class Grade(StrEnum):
    """What a finding does to a launch."""

    OK = "ok"
    WARNS = "warns"
    """Refuses it, unless somebody says why it shall go all the same."""
    BLOCKS = "blocks"


class Counted(Value):
    """So many members, and which list shows them."""

    words: str
    number: int
    why: str | None = None
    """A code of `LeftOut` for those who would be left out; None for all members."""


class Finding(Value):
    """One thing that was looked at."""

    what: str
    """Its name in the list, such as `first send`."""
    grade: Grade
    says: str
    remedy: str = ""
    counts: tuple[Counted, ...] = ()
    lines: tuple[str, ...] = ()
    """More to it, a line each."""


class FirstSend(Value):
    """When the first mail of members who live by the same clock and calendar may go."""

    zone: str
    members: int
    mail: str
    at: Instant | None
    """None when the window doesn't open within a year."""
    worth_until: Instant


class Letters(Value):
    """What became of writing every letter for some of the audience."""

    leads: int
    languages: dict[str, int]
    """Language → leads of the sample."""
    mails: int
    faults: tuple[str, ...]
    """`welcome/hello for lead 3f2a…: 'first_nam' is undefined`."""


class JourneyNow(Value):
    """A journey the campaign leads into."""

    name: str
    in_force: bool
    by_hand: bool
    paused_since: Instant | None


class LaunchFacts(Value):
    """All a check looks at."""

    campaign: Campaign
    members: int
    held_out: int
    left_out: dict[LeftOut, int]
    first_sends: tuple[FirstSend, ...]
    letters: Letters
    costs: dict[str, str]
    """Currency → sum, without what comes to nothing."""
    journeys: tuple[JourneyNow, ...]
    approval: Approval
    at_cap: int
    """Members who have had, or will get, as many mails as the first cap allows."""

    @property
    def coming(self) -> int:
        """Members who would come in now."""
        return self.members - self.held_out - sum(self.left_out.values())


def findings(facts: LaunchFacts, definition: Definition, at: datetime) -> tuple[Finding, ...]:
    """What a launch at `at` would meet, in the order in which somebody mends it."""
    return (
        *_journeys(facts),
        _audience(facts),
        _exclusions(facts),
        _consent(facts),
        _first_send(facts, at),
        _letters(facts.letters),
        _cost(facts),
        _people(facts, definition),
        _approval(facts, definition),
    )


def refuses(found: Sequence[Finding], *, despite: str) -> tuple[Finding, ...]:
    """What keeps it from being launched: all that blocks, and what warns unless somebody said why `despite` it."""
    return tuple(one for one in found if one.grade is Grade.BLOCKS or (one.grade is Grade.WARNS and not despite))


def in_words(finding: Finding) -> str:
    """`cost blocks: nothing is entered. Enter it: …`."""
    end = "" if finding.says.endswith(".") else "."
    more = f" ({'; '.join(finding.lines)})" if finding.lines and finding.grade is not Grade.OK else ""
    return f"{finding.what} {finding.grade}: {finding.says}{more}{end} {finding.remedy}".strip()


def _journeys(facts: LaunchFacts) -> Iterator[Finding]:
    for one in facts.journeys:
        says, remedy = f"{one.name} is published and takes leads", ""
        if not one.in_force:
            says, remedy = f"{one.name} is not published as data", "Publish it: python starter.py journeys publish."
        elif one.paused_since is not None:
            says = f"{one.name} is paused since {one.paused_since:%Y-%m-%d %H:%M} UTC"
            remedy = f"Resume it first: python starter.py journeys resume {one.name}."
        elif not one.by_hand:
            says = f"{one.name} says `by_hand: false`"
            remedy = "Plan the campaign for a journey that people may let leads into."
        yield Finding(what="journey", grade=Grade.BLOCKS if remedy else Grade.OK, says=says, remedy=remedy)


def _audience(facts: LaunchFacts) -> Finding:
    expected, members = facts.campaign.expected, facts.members
    says = f"{members:,} members, {facts.held_out:,} held out, {facts.coming:,} would come in now"
    counts = (Counted(words="members", number=members),)
    if facts.coming <= 0:
        remedy = "Look at who is left out, and plan a campaign for others."
        return Finding(what="audience", grade=Grade.BLOCKS, says=says, remedy=remedy, counts=counts)
    if expected is not None and members > expected:
        remedy = "Look whether the question is too wide; say why it is right (--despite)."
        says = f"{says}: {members - expected:,} more than the {expected:,} expected"
        return Finding(what="audience", grade=Grade.WARNS, says=says, remedy=remedy, counts=counts)
    return Finding(what="audience", grade=Grade.OK, says=says, counts=counts)


def _exclusions(facts: LaunchFacts) -> Finding:
    out = sum(facts.left_out.values())
    counts = tuple(
        Counted(words=WORDS[code], number=facts.left_out[code], why=code.value)
        for code in LeftOut
        if facts.left_out.get(code)
    )
    says = f"{out:,} would be left out" if out else "nobody would be left out"
    if out > _HALF * (facts.members - facts.held_out):
        remedy = "Look at the lists; say why so many are right (--despite)."
        says = f"{says}, more than half of those whose turn it is"
        return Finding(what="exclusions", grade=Grade.WARNS, says=says, remedy=remedy, counts=counts)
    return Finding(what="exclusions", grade=Grade.OK, says=says, counts=counts)


def _consent(facts: LaunchFacts) -> Finding:
    gap = facts.left_out.get(LeftOut.NO_BASIS, 0)
    if not gap:
        says = "every other member's permission suffices for its letters"
        return Finding(what="consent", grade=Grade.OK, says=says)
    counts = (Counted(words=WORDS[LeftOut.NO_BASIS], number=gap, why=LeftOut.NO_BASIS.value),)
    says = f"{_counted(gap, 'member')} without a permission that suffices"
    if facts.campaign.on_gap == "block":
        remedy = "Ask them for a permission, or plan it with --no-consent leave-out."
        return Finding(what="consent", grade=Grade.BLOCKS, says=says, remedy=remedy, counts=counts)
    return Finding(what="consent", grade=Grade.OK, says=f"{says}: left out, as planned", counts=counts)


def _first_send(facts: LaunchFacts, at: datetime) -> Finding:
    found = sorted(facts.first_sends, key=lambda one: (one.at or one.worth_until, one.zone))
    if not found:
        return Finding(what="first send", grade=Grade.OK, says="nobody would get a mail")
    lost = [one for one in found if one.at is None or one.at >= one.worth_until]
    late = [one for one in found if one not in lost and one.at is not None and one.at - at > LATE]
    lines = [_in_zone(one) for one in found[:_MOST_LINES]]
    lines += [f"and {len(found) - _MOST_LINES} more zones"] if len(found) > _MOST_LINES else []
    capped = f"; {facts.at_cap:,} have a full week and get it later" if facts.at_cap else ""
    says, grade, remedy = f"in {_counted(len(found), 'zone')}{capped}", Grade.OK, ""
    if len(lost) == len(found):
        says, grade = "no first mail could go before it is worth nothing", Grade.BLOCKS
        remedy = "Look at the window, the days off and the pauses of the mail policy, or at the letter's `worth`."
    elif lost:
        says, grade = f"{sum(one.members for one in lost):,} would never get their first mail{capped}", Grade.WARNS
        remedy = "Launch at another time, or say why that is right (--despite)."
    elif late:
        says, grade = f"{sum(one.members for one in late):,} get their first mail after more than a week", Grade.WARNS
        remedy = "Launch later, or say why that is right (--despite)."
    return Finding(what="first send", grade=grade, says=says, remedy=remedy, lines=tuple(lines))


def _in_zone(one: FirstSend) -> str:
    who = f"{_counted(one.members, 'member')} in {one.zone}"
    if one.at is None:
        return f"{who}: {one.mail} never, for the window doesn't open within a year"
    there = f"{one.at.astimezone(ZoneInfo(one.zone)):%a %Y-%m-%d %H:%M} there"
    lost = ", when it is worth nothing any more" if one.at >= one.worth_until else ""
    return f"{who}: {one.mail} from {there}{lost}"


def _letters(tried: Letters) -> Finding:
    languages = ", ".join(f"{name} {number}" for name, number in sorted(tried.languages.items()))
    sample = f"{_counted(tried.mails, 'letter')} for {_counted(tried.leads, 'lead')} of the audience ({languages})"
    if not tried.faults:
        says = f"wrote {sample}" if tried.leads else "nobody to write to"
        return Finding(what="letters", grade=Grade.OK, says=says)
    lines = (*tried.faults[:_MOST_LINES], *(["and more"] if len(tried.faults) > _MOST_LINES else []))
    says = f"{_counted(len(tried.faults), 'letter')} can't be written, of {sample}"
    remedy = "Mend the template and publish it, then check again."
    return Finding(what="letters", grade=Grade.BLOCKS, says=says, remedy=remedy, lines=lines)


def _cost(facts: LaunchFacts) -> Finding:
    if facts.costs:
        sums = ", ".join(f"{amount} {currency}" for currency, amount in sorted(facts.costs.items()))
        return Finding(what="cost", grade=Grade.OK, says=sums)
    if facts.campaign.free_because:
        return Finding(what="cost", grade=Grade.OK, says=f"nothing: {facts.campaign.free_because}")
    name = facts.campaign.name
    remedy = (
        f'Enter it: python starter.py campaigns costs add "{name}" AMOUNT --currency EUR --what WORDS; '
        f'or say why it is free: campaigns costs none "{name}" --because WORDS.'
    )
    return Finding(what="cost", grade=Grade.BLOCKS, says="none is entered, and no reason why", remedy=remedy)


def _people(facts: LaunchFacts, definition: Definition) -> Finding:
    campaign = facts.campaign
    if against := may_answer_for(campaign.owner, definition):
        return Finding(what="goal and owner", grade=Grade.BLOCKS, says=against, remedy="Plan it anew with an owner.")
    return Finding(what="goal and owner", grade=Grade.OK, says=f"{campaign.goal}; {campaign.owner} answers for it")


def _approval(facts: LaunchFacts, definition: Definition) -> Finding:
    approval, policy, name = facts.approval, definition.campaigns.approval, facts.campaign.name
    who, last = " or ".join(policy.by), approval.last
    if approval.given:
        says = "not needed" if last is None or approval.state != "approved" else f"given by {last.by}"
        more = f": {policy.above:,} members or fewer go without" if says == "not needed" else ""
        return Finding(what="approval", grade=Grade.OK, says=says + more)
    submit = f'Submit it: python starter.py campaigns submit "{name}".'
    if approval.state == "changed" and last is not None:
        says = f"it changed since {last.by} {last.act} it"
        return Finding(what="approval", grade=Grade.BLOCKS, says=says, remedy=submit, lines=approval.changes)
    if approval.state == "submitted" and last is not None:
        says = f"{last.by} asked for it, and nobody has given it"
        remedy = f'Somebody who is {who} says yes: python starter.py campaigns approve "{name}".'
        return Finding(what="approval", grade=Grade.BLOCKS, says=says, remedy=remedy)
    says = f"more than {policy.above:,} members need one by {who}"
    return Finding(what="approval", grade=Grade.BLOCKS, says=says, remedy=submit)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
