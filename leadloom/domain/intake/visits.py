"""Who followed a link or opened a mail: a person, a mail program for them, or a machine? Stated rules, with a number.

Decided a minute later, over all that was asked of one mail: only then can a burst over its links be seen. A wrong
“human” poisons scores and alerts, a wrong “machine” costs three points; so whoever can't be told is no human.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from leadloom.domain.lead import Verdict
from leadloom.domain.model import Instant, Value

RULES = 2
"""The number of the rules below. Raise it with every change of them: `mail visits rejudge` then judges what others did.

1: at the moment of the visit, by agent, time since sending and links before it. 2: a minute later, over all visits.
"""
JUDGED_AFTER = timedelta(seconds=60)
"""So long a visit waits for those that come with it."""
TOO_SOON = timedelta(seconds=3)
"""Nobody reads a mail and clicks within this time of its sending; security gateways do."""
BURST = timedelta(seconds=3)
BURST_LINKS = 3
"""A gateway follows every link of a mail at once: this many different ones within BURST are no reader's."""
TOGETHER = timedelta(seconds=3)
"""Two programs at one link within this time: the first looked for somebody else."""
BAIT_COUNTS = timedelta(minutes=10)
"""Whoever followed the link that no reader sees is a machine for so long before and after."""
BAIT = 0
"""The number of that link."""
MOST_VISITS = 200
"""Visits of one mail that are kept; whoever asks more often is no reader, and fills no table."""
LONGEST_AGENT = 300
"""How much of a user agent is looked at."""

_PROXIES = re.compile(r"GoogleImageProxy|YahooMailProxy|Yahoo Mail Proxy|ImageProxy|MailPrivacy", re.IGNORECASE)
_MACHINES = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|preview|scan(?:ner)?\b|headless|phantomjs|puppeteer|playwright|selenium"
    r"|proofpoint|mimecast|barracuda|safelinks|symantec|messagelabs|fireeye|trellix|trendmicro|sophos|fortinet|zscaler"
    r"|ironport|cloudmark|vade|hornet|checkpoint|avanan|forcepoint|bitdefender|kaspersky|google-safety|virustotal"
    r"|ms-office|microsoft office|facebookexternalhit|slackbot|whatsapp|telegrambot|skypeuripreview|linkedinbot"
    r"|curl/|wget/|python|libwww|java/|okhttp|httpclient|go-http|node-fetch|axios|httpx|aiohttp|postman|guzzle|ruby|perl",
    re.IGNORECASE,
)
"""Programs that say who they are. The lookbehind spares phones of the make Cubot."""
_VERSION = re.compile(r"(?<=[\w/ .:;(-])v?\d[\w.\-]*")


class VisitVerdict(StrEnum):
    """Who it was."""

    HUMAN = "human"
    PROXY = "proxy"
    """A mail program for its reader: the mail was there, but nobody knows when or whether it was read."""
    MACHINE = "machine"
    UNSURE = "unsure"

    @property
    def as_event(self) -> Verdict:
        """What the event says: scores, alerts and journeys listen to humans only."""
        return Verdict.UNSURE if self is VisitVerdict.PROXY else Verdict(self.value)


class Visit(Value):
    """How an address of ours was asked for; nothing here is trusted, it only makes a machine more likely."""

    user_agent: str = ""
    prefetch: bool = False
    """The browser says nobody asked for it yet (`Sec-Purpose`, `Purpose`, `X-Moz`)."""
    method: Literal["GET", "HEAD"] = "GET"
    address: str = ""
    """Of the network it came from. Not kept: only a mark that says whether two visits of one mail share a network."""


class Hit(Value):
    """A visit as it is kept."""

    kind: Literal["click", "open"]
    link: int = BAIT
    """The number of the link followed; BAIT is the one no reader sees. Of an opening it says nothing."""
    at: Instant
    method: str = "GET"
    prefetch: bool = False
    agent: str = ""
    """As `agent_class` says it."""
    network: str = ""
    """Equal for visits of one mail from one network, and different for every mail."""


class Judged(Value):
    """The verdict and the rule that gave it, in words."""

    verdict: VisitVerdict
    why: str


def agent_class(user_agent: str) -> str:
    """What a program calls itself without its versions: enough for these rules and those to come, no fingerprint."""
    return " ".join(_VERSION.sub("", user_agent[:LONGEST_AGENT]).split())


def machine_named(agent: str) -> str:
    """Which known program an agent is, as a reason; empty for what may be a person's browser."""
    found = _MACHINES.search(agent)
    return f"known program: {found.group(0).lower().strip('/')}" if found else ""


def judge(hit: Hit, hits: Sequence[Hit], *, sent_at: datetime | None) -> Judged:
    """Who it was, given all visits of the same mail, this one included."""
    for rule in (_by_itself, _bait, _at_sending, _burst, _two_programs):
        if (found := rule(hit, hits, sent_at)) is not None:
            return found
    if hit.kind == "open":
        return _unsure("a picture was fetched, by a reader or by a mail program")
    return Judged(verdict=VisitVerdict.HUMAN, why="no sign of a machine")


def _machine(why: str) -> Judged:
    return Judged(verdict=VisitVerdict.MACHINE, why=why)


def _unsure(why: str) -> Judged:
    return Judged(verdict=VisitVerdict.UNSURE, why=why)


def _by_itself(hit: Hit, _hits: Sequence[Hit], _sent_at: datetime | None) -> Judged | None:
    """What the visit says of itself."""
    agent = hit.agent.strip()
    if hit.method == "HEAD":
        return _machine("asked only whether the page is there (HEAD)")
    if hit.prefetch:
        return _machine("fetched ahead by a browser")
    if found := _PROXIES.search(agent):
        if hit.kind == "click":
            return _machine(f"{found.group()} fetches pictures and follows no links for its reader")
        return Judged(verdict=VisitVerdict.PROXY, why=f"fetched by {found.group()} for its reader")
    if agent.rstrip("/") == "Mozilla" and hit.kind == "open":
        return Judged(verdict=VisitVerdict.PROXY, why="fetched as Apple's mail privacy does, read or not")
    if agent.rstrip("/") in ("", "Mozilla"):
        return _machine("names no browser")
    if found := _MACHINES.search(agent):
        return _machine(f"known program: {found.group(0).lower().strip('/')}")
    return None


def _bait(hit: Hit, hits: Sequence[Hit], _sent_at: datetime | None) -> Judged | None:
    if hit.kind == "click" and hit.link == BAIT:
        return _machine("followed the link that no reader sees")
    for other in hits:
        is_bait = other.kind == "click" and other.link == BAIT and abs(other.at - hit.at) <= BAIT_COUNTS
        if is_bait and (other.agent == hit.agent and other.network == hit.network):
            return _machine("the same program followed the link that no reader sees")
    return None


def _at_sending(hit: Hit, _hits: Sequence[Hit], sent_at: datetime | None) -> Judged | None:
    if hit.kind == "click" and (sent_at is None or hit.at - sent_at < TOO_SOON):
        return _machine(f"within {TOO_SOON.seconds} seconds of sending")
    return None


def _burst(hit: Hit, hits: Sequence[Hit], _sent_at: datetime | None) -> Judged | None:
    """Any span of BURST that holds this visit and so many links: those after it count like those before."""
    if hit.kind == "open":
        return None
    near = [other for other in hits if other.kind == "click" and abs(other.at - hit.at) <= BURST]
    for first in near:
        span = {other.link for other in near if first.at <= other.at <= first.at + BURST}
        if len(span) >= BURST_LINKS and first.at <= hit.at <= first.at + BURST:
            return _machine(f"{BURST_LINKS} links of one mail within {BURST.seconds} seconds")
    return None


def _two_programs(hit: Hit, hits: Sequence[Hit], _sent_at: datetime | None) -> Judged | None:
    if hit.kind == "open":
        return None
    others = [
        other
        for other in hits
        if other.kind == "click"
        and other.link == hit.link
        and other.agent != hit.agent
        and abs(other.at - hit.at) <= TOGETHER
    ]
    if any(other.at > hit.at for other in others):
        return _machine("another program followed the same link right after it")
    # Links are looked at while somebody waits for them: the one who came after may be that somebody.
    real = [other for other in others if _by_itself(other, (), None) is None]
    return _unsure("another program followed the same link right before it") if real else None
