"""Who lives in the example world: 240 people at 90 companies, the same in every run. All of it is invented."""

from __future__ import annotations

from functools import cache
from typing import Literal

from leadloom.domain.model import Value
from leadloom.world.seeds import between, happens, pick, share

PEOPLE = 240
COMPANIES = 90
GUESTS_FROM = 1001
"""Numbers from here on are people of a list that somebody brought along."""

SOURCES = {
    "microsite": 30,
    "webinar": 20,
    "pharmalog": 15,
    "prospecting": 13,
    "search-ads": 12,
    "polar-lane": 6,
    "referral": 4,
}
"""Per cent of the people who come from each source (world.md)."""

_COLD = ("Polar", "Frost", "Boreal", "Alpine", "Glacier", "Nordic", "Cirrus", "Harbor", "Linden", "Meridian", "Cobalt",
         "Juniper", "Summit", "Larch", "Quarry", "Aurora", "Delta", "Saffron")  # fmt: skip
_TRADES = {
    "pharma distribution": ("Pharma", "Medical Supply", "Apotek Logistics", "Biologics"),
    "hospital": ("Clinics", "Hospital Group", "University Hospital", "Care"),
    "food logistics": ("Foods", "Fresh Lanes", "Dairy Transport", "Seafood"),
    "retail": ("Markets", "Outdoor", "Home"),
    "consulting": ("Advisors", "Partners"),
}
_INDUSTRIES = ("pharma distribution", "hospital", "food logistics", "pharma distribution", "food logistics",
               "hospital", "pharma distribution", "food logistics", "retail", "consulting")  # fmt: skip
_PLACES = (
    ("US", "America/New_York"), ("DE", "Europe/Berlin"), ("US", "America/Chicago"), ("SG", "Asia/Singapore"),
    ("NL", "Europe/Amsterdam"), ("US", "America/Los_Angeles"), ("FR", "Europe/Paris"), ("DE", "Europe/Berlin"),
    ("GB", "Europe/London"), ("CA", "America/Toronto"), ("AU", "Australia/Sydney"), ("US", "America/New_York"),
    ("CH", "Europe/Zurich"), ("MY", "Asia/Kuala_Lumpur"), ("BR", "America/Sao_Paulo"),
)  # fmt: skip
_FIRST = ("Ana", "Björn", "Carla", "Dmitri", "Elif", "Farah", "Goran", "Hui Min", "Ingrid", "João", "Keiko", "Lars",
          "Mireille", "Nadia", "Owen", "Paula", "Quentin", "Rosa", "Stefan", "Thandi", "Uwe", "Vera", "Wiebke", "Xenia",
          "Yusuf", "Zoë", "Amara", "Bastian", "Chiara", "Devi")  # fmt: skip
_LAST = ("Almeida", "Brenner", "Castell", "Dahlberg", "Ekström", "Ferrand", "Gruber", "Hoang", "Ibarra", "Jansen",
         "Kovač", "Lim", "Moreau", "Novotny", "Okonkwo", "Petrov", "Quist", "Rahman", "Sørensen", "Tanaka", "Ullman",
         "Vargas", "Weber", "Xu", "Yilmaz", "Ziegler")  # fmt: skip
_ROLES = ("quality", "logistics", "quality", "it", "logistics", "finance", "quality", "shift")
_TITLES = {
    "quality": "Quality Manager",
    "logistics": "Logistics Director",
    "it": "IT and Validation Lead",
    "finance": "CFO",
    "shift": "Shift Lead",
}


class Company(Value):
    """A company of the world."""

    number: int
    name: str
    domain: str
    industry: str
    sites: int
    country: str
    time_zone: str


class Person(Value):
    """A person of the world, as they are; what we know of them is what they tell us."""

    number: int
    company: Company
    first_name: str
    last_name: str
    email: str
    role: str
    title: str
    source: str
    arrives_h: float
    """Hours after the world begins at which they first come our way."""
    warmth: float
    """0–1: how much the subject is theirs. Sources differ in it; that is the planted truth."""
    allows_mail: bool
    wrong_data: bool
    """What the list says about them is wrong (PharmaLog: 60 %)."""
    kind: Literal["buyer", "student", "competitor"] = "buyer"
    out_of_reach: bool = False
    """Nobody at their company ever answered marketing: what comes of them is sales' or the partner's alone."""


_OPEN_COMPANIES = 78
"""Companies above this number know us through a rep or through Polar Lane only."""
_WARMTH = {
    "microsite": (0.15, 0.95), "webinar": (0.45, 1.0), "pharmalog": (0.0, 0.5), "prospecting": (0.1, 0.8),
    "search-ads": (0.1, 0.7), "polar-lane": (0.3, 0.9), "referral": (0.75, 1.0),
}  # fmt: skip
_LAST_ARRIVAL_H = 74 * 24
_FAIR_OPENS_H = (9 * 24 + 9, 9 * 24 + 17)
"""PharmaLog Expo: the badge scans of one day."""


@cache
def company(number: int) -> Company:
    """The company of that number, 0 to 89."""
    industry = _INDUSTRIES[number % len(_INDUSTRIES)]
    country, time_zone = _PLACES[(number * 7) % len(_PLACES)]
    cold = _COLD[number % len(_COLD)]
    trade = _TRADES[industry][(number // len(_COLD)) % len(_TRADES[industry])]
    name = f"{cold} {trade}" if number < len(_COLD) * 3 else f"{cold} {trade} {country}"
    slug = "".join(
        letter for letter in f"{cold}-{trade}-{number}".lower().replace(" ", "-") if letter.isalnum() or letter == "-"
    )
    sites = 1 + int(share("sites", number) ** 2 * 40)
    return Company(
        number=number, name=name, domain=f"{slug}.example", industry=industry, sites=sites,
        country=country, time_zone=time_zone,
    )  # fmt: skip


def _source_of(number: int) -> str:
    """People are dealt out so that the shares are exact, in an order that mixes them."""
    place = (number * 77) % PEOPLE  # 77 and 240 share no factor: every place is taken once
    edge = 0.0
    for source, per_cent in SOURCES.items():
        edge += per_cent * PEOPLE / 100
        if place < edge:
            return source
    return "referral"


@cache
def person(number: int) -> Person:
    """The person of that number: 1 to 240, or a guest from 1,001 on."""
    if number >= GUESTS_FROM:
        return _guest(number)
    source = _source_of(number - 1)
    apart = _company_apart(number, source)
    at = company(_open_place(number) * 31 % _OPEN_COMPANIES if apart is None else apart)
    first, last = pick(_FIRST, "first", number), pick(_LAST, "last", number)
    role = pick(_ROLES, "role", number)
    local = f"{first}.{last}.{number}".lower()
    ascii_local = "".join(
        letter for letter in local.replace(" ", "") if letter.isascii() and (letter.isalnum() or letter == ".")
    )
    low, high = _WARMTH[source]
    return Person(
        number=number,
        company=at,
        first_name=first,
        last_name=last,
        email=f"{ascii_local}@{at.domain}",
        role=role,
        title=_TITLES[role],
        source=source,
        arrives_h=_arrival(number, source),
        warmth=between(low, high, "warmth", number),
        allows_mail=happens(0.72, "allows", number),
        wrong_data=source == "pharmalog" and _place_among("pharmalog", number) % 5 < 3,
        kind=_kind(number, source),
        out_of_reach=apart is not None,
    )


def _company_apart(number: int, source: str) -> int | None:
    """Every other prospect and partner's lead sits at a company that marketing never reached."""
    place = _place_among(source, number)
    if place % 2 or source not in ("prospecting", "polar-lane"):
        return None
    first, count = (_OPEN_COMPANIES, 8) if source == "prospecting" else (_OPEN_COMPANIES + 8, 4)
    return first + place // 2 % count


def _open_place(number: int) -> int:
    """How many before this one sit at companies that marketing reaches: dealt out, so that none stays empty."""
    return sum(1 for other in range(1, number) if _company_apart(other, _source_of(other - 1)) is None)


def _arrival(number: int, source: str) -> float:
    if source == "pharmalog":
        return between(*_FAIR_OPENS_H, "arrives", number)
    if source == "referral":
        return between(2, 30 * 24, "arrives", number)
    return between(1, _LAST_ARRIVAL_H, "arrives", number)


def _kind(number: int, source: str) -> Literal["buyer", "student", "competitor"]:
    if source in ("microsite", "search-ads") and happens(0.06, "kind", number):
        return "student" if happens(0.7, "which", number) else "competitor"
    return "buyer"


def _place_among(source: str, number: int) -> int:
    """The how-manieth person of their source this is, so that planted shares are exact."""
    return sum(1 for other in range(1, number) if _source_of(other - 1) == source)


def _guest(number: int) -> Person:
    """Somebody of a list that was brought along: their manners are drawn, who they are stands in the list alone."""
    home = Company(number=number, name=f"Guest {number}", domain=f"guest-{number}.example", industry="food logistics",
                   sites=1, country="US", time_zone="America/New_York")  # fmt: skip
    return Person(
        number=number, company=home, first_name="Guest", last_name=str(number), email=f"guest@{home.domain}",
        role="quality", title=_TITLES["quality"], source="microsite", arrives_h=0.0,
        warmth=between(*_WARMTH["microsite"], "warmth", number), allows_mail=True, wrong_data=False,
    )  # fmt: skip


def everybody() -> list[Person]:
    """All 240, by number."""
    return [person(number) for number in range(1, PEOPLE + 1)]
