"""May we write to this person, may we call them, and why? The answer of the mark, before there is a mail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leadloom.domain.consent.confirmation import answer_to
from leadloom.domain.consent.policy import sufficing
from leadloom.domain.definitions.consent_policy import Channel
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.lead import Account, Basis, Lead
from leadloom.domain.mails.mail_class import MARKETING
from leadloom.domain.model import Instant, Value
from leadloom.domain.stages.scoring import country_of

NOT_TO_CALL = "do_not_call"
"""An attribute a list may bring: they said no to calls."""


class Reach(Value):
    """Whether a channel is open for marketing, at one instant."""

    channel: Channel
    may: bool
    why: str
    """In a sentence: the permission it rests on, or what is missing."""
    until: Instant | None = None
    """When the last permission that suffices runs out by itself; None: it doesn't, or there is none."""

    def said(self) -> str:
        """As one sentence."""
        does = "write to them" if self.channel == "mail" else "call them"
        return f"Marketing may {'' if self.may else 'not '}{does}: {self.why}."


def may_reach(
    definition: Definition,
    lead: Lead,
    account: Account | None,
    bases: Sequence[Basis],
    *,
    silenced: Sequence[str],
    at: datetime,
    channel: Channel = "mail",
) -> Reach:
    """Whether marketing may reach the person by that channel at `at`.

    Args:
        definition: Whose policy says what suffices.
        lead: The person.
        account: Their company, whose country counts when they told none.
        bases: Their whole log.
        silenced: What stands against mail to them for all marketing, in words.
        at: Now, or any instant before: the log answers for it.
        channel: Mail or phone.
    """
    if against := _against(lead, silenced, channel):
        return Reach(channel=channel, may=False, why=against)
    country = country_of(lead, account)
    where = country.upper() if country else "an unknown country"
    kinds = sufficing(definition, country, channel=channel)
    held = [one for one in bases if (one.purpose, one.channel) == (MARKETING, channel) and one.holds(at)]
    if enough := [one for one in held if one.kind in kinds]:
        return _open(enough, channel, where)
    has = ", ".join(sorted({one.kind for one in held})) or "none"
    needs = " or ".join(kinds) or "what nobody can have"
    why = f"no basis that suffices in {where}: has {has}, needs {needs}"
    waits = answer_to(bases, at)
    if channel == "mail" and waits.state == "open":
        until = max(one.until for one in waits.asked if one.until is not None)
        why += f"; their confirmation is waited for until {until:%Y-%m-%d}"
    return Reach(channel=channel, may=False, why=why)


def _against(lead: Lead, silenced: Sequence[str], channel: Channel) -> str:
    """What no permission outweighs."""
    if channel == "mail":
        return "there is no address" if not lead.email else f"suppressed, {'; '.join(silenced)}" if silenced else ""
    if not lead.phone:
        return "there is no number"
    return "they asked not to be called" if lead.attributes.get(NOT_TO_CALL) in (True, "yes", "true") else ""


def _open(enough: Sequence[Basis], channel: Channel, where: str) -> Reach:
    """It rests on the one that lasts longest."""
    best = max(enough, key=lambda one: (one.until is None, one.until or one.at, one.at))
    until = f", until {best.until:%Y-%m-%d}" if best.until else ""
    why = f"{best.kind} of {best.at:%Y-%m-%d} ({best.source}) suffices in {where}{until}"
    return Reach(channel=channel, may=True, why=why, until=best.until)


def statement(bases: Sequence[Basis], at: datetime) -> tuple[str, ...]:
    """The log as sentences for the person themselves, oldest first, as it is known at `at`."""
    return tuple(_said(one, at) for one in bases if one.at <= at)


_KINDS = {
    "express": "you ticked the box",
    "double-opt-in": "you confirmed it",
    "soft-opt-in": "you are a customer",
    "legitimate-interest": "we were told there is an interest in our work",
    "implied": "you asked or bought",
}
_CHANNELS = {"mail": "write to you", "phone": "call you"}


def _said(one: Basis, at: datetime) -> str:
    day, does = f"{one.at:%d %B %Y}".lstrip("0"), _CHANNELS[one.channel]
    match one.act:
        case "withdrawn":
            return f"{day}: you ended it: we may not {does} any more ({one.source.replace('_', ' ')})."
        case "asked":
            until = f"{one.until:%d %B %Y}".lstrip("0") if one.until else ""
            return f"{day}: the box was ticked ({one.source}); it counts once you confirm it by {until}."
        case _:
            ends = f", until {one.until:%d %B %Y}" if one.until else ""
            over = "" if one.holds(at) else " This has ended."
            return f"{day}: we may {does}, because {_KINDS.get(one.kind, one.kind)} ({one.source}){ends}.{over}"
