"""How did somebody come to a page? What every touch keeps: campaign (UTM), click id, referrer, page."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from leadloom.domain.model import Json

CAMPAIGN = ("source", "medium", "name", "term", "content")
"""What the libraries call it in `context.campaign`; `name` is utm_campaign."""
UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")
CLICK_IDS = ("gclid", "gbraid", "wbraid", "fbclid", "msclkid", "ttclid", "twclid", "li_fat_id")
"""What ad networks put behind an address, each its own: Google, Meta, Microsoft, TikTok, X, LinkedIn."""
FIELDS = ("page", "referrer", *UTM, *CLICK_IDS)
"""What a touch may say, in the order it is shown."""

_LONGEST = 300
_MOST_PARAMETERS = 60
_ASKED = frozenset({*UTM, *CLICK_IDS})


def touch_of(context: Mapping[str, Json], properties: Mapping[str, Json]) -> dict[str, Json]:
    """Page, referrer, campaign and click ids of a call; what wasn't said is missing.

    Addresses lose their query, which may name a person; a referrer of the page's own site is none.
    """
    page = context.get("page")
    seen = page if isinstance(page, dict) else {}
    address = _text(properties.get("url") or seen.get("url"))
    told: dict[str, Json] = {}
    if address:
        told["page"] = bare(address)
    referrer = _text(properties.get("referrer") or seen.get("referrer"))
    if referrer and host_of(referrer) != host_of(address):
        told["referrer"] = bare(referrer)
    campaign = context.get("campaign")
    if isinstance(campaign, dict):
        for name, utm in zip(CAMPAIGN, UTM, strict=True):
            if text := _text(campaign.get(name)):
                told[utm] = text
    search = address.partition("?")[2] or _text(seen.get("search")).lstrip("?")
    if search:
        for name, text in _parameters(search):
            if name in _ASKED and text:
                told.setdefault(name, clean(text, _LONGEST))
    return told


def bare(address: str) -> str:
    """The address without query and fragment."""
    return address.partition("#")[0].partition("?")[0][:_LONGEST]


def host_of(address: str) -> str:
    """The host an address names; nothing when it can't be read."""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def clean(text: str, longest: int) -> str:
    """The text on one line and cut; what can't be printed goes."""
    bare_text = text if text.isprintable() else "".join(sign if sign.isprintable() else " " for sign in text)
    return bare_text.strip()[:longest]


def _text(value: Json) -> str:
    return clean(value, 2000) if isinstance(value, str) else ""


def _parameters(search: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(search.partition("#")[0], max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        return []
