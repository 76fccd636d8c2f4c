"""Who followed a link or opened a mail: a person or a machine? Simple, stated rules; a hint when they can't tell."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from leadloom.domain.lead import Verdict
from leadloom.domain.model import Value

TOO_SOON = timedelta(seconds=3)
"""Nobody reads a mail and clicks within this time of its sending; security gateways do."""
BURST = timedelta(seconds=3)
BURST_LINKS = 3
"""A gateway follows every link of a mail at once: this many different ones within BURST are no reader's."""
LONGEST_AGENT = 300
"""How much of a user agent is looked at and kept."""

_MACHINES = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|preview|scan(?:ner)?\b|headless|phantomjs"
    r"|proofpoint|mimecast|barracuda|safelinks|symantec|messagelabs|fireeye|trendmicro|sophos|fortinet|zscaler|ironport"
    r"|ms-office|microsoft office|facebookexternalhit"
    r"|curl/|wget/|python|libwww|java/|okhttp|httpclient|go-http|node-fetch|axios|httpx|aiohttp|postman",
    re.IGNORECASE,
)
"""Programs that say who they are. The lookbehind spares phones of the make Cubot."""


class Visit(Value):
    """How an address of ours was asked for; nothing here is trusted, it only makes a machine more likely."""

    user_agent: str = ""
    prefetch: bool = False
    """The browser says nobody asked for it yet (`Sec-Purpose`, `Purpose`, `X-Moz`)."""


class Judged(Value):
    """The verdict and the rule that gave it, in words."""

    verdict: Verdict
    why: str


def judge_click(visit: Visit, *, sent_at: datetime | None, links: Collection[int], at: datetime) -> Judged:
    """Who clicked at `at`. `links` are the numbers followed from this mail within BURST, this one included."""
    if (why := _says_it_is_a_machine(visit)) is not None:
        return Judged(verdict=Verdict.MACHINE, why=why)
    if sent_at is None or at - sent_at < TOO_SOON:
        return Judged(verdict=Verdict.MACHINE, why=f"within {TOO_SOON.seconds} seconds of sending")
    if len(set(links)) >= BURST_LINKS:
        return Judged(verdict=Verdict.MACHINE, why=f"{BURST_LINKS} links of one mail within {BURST.seconds} seconds")
    return Judged(verdict=Verdict.HUMAN, why="no sign of a machine")


def judge_open(visit: Visit) -> Judged:
    """Who fetched the picture: a machine, or nobody knows (mail programs fetch it through proxies, read or not)."""
    if (why := _says_it_is_a_machine(visit)) is not None:
        return Judged(verdict=Verdict.MACHINE, why=why)
    return Judged(verdict=Verdict.UNSURE, why="a picture was fetched, by a reader or by a mail program")


def _says_it_is_a_machine(visit: Visit) -> str | None:
    agent = visit.user_agent[:LONGEST_AGENT].strip()
    if visit.prefetch:
        return "fetched ahead by a browser"
    if agent in ("", "Mozilla/5.0"):
        return "names no browser"
    if found := _MACHINES.search(agent):
        return f"known program: {found.group(0).lower().strip('/')}"
    return None
