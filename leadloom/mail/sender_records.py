"""What do DNS records say of who may send as a domain? DKIM keys and DMARC policies, read and judged. SPF asks further
records while it is read, so it is read where DNS is asked.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from leadloom.domain.finding import Finding
from leadloom.mail.dkim_keys import ADVISED_BITS, FEWEST_BITS

_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(.*?)\s*", re.DOTALL)


class WantedKey(NamedTuple):
    """A key that readers must find in DNS."""

    record_name: str
    algorithm: str | None = None
    """None when the relay signs: then we know neither this nor the rest."""
    bits: int = 0
    public: str | None = None
    record: str = ""
    """What to publish."""


class Dmarc(NamedTuple):
    """The policy for a domain, from its own record or that of the registrable domain above it (RFC 7489 §6.6.3)."""

    policy: str
    reports_to: str
    strict_dkim: bool
    strict_spf: bool
    share: str
    found_at: str


def tags_of(record: str) -> Mapping[str, str]:
    """`v=DKIM1; k=rsa` as a mapping, names in lower case. What is no tag is left out."""
    pairs = (_TAG.fullmatch(part) for part in record.split(";"))
    return {pair[1].lower(): pair[2] for pair in pairs if pair}


def judge_key(wanted: WantedKey, records: Iterable[str]) -> Finding:
    """Whether the key's record is there, in force, long enough, and ours (RFC 6376 §3.6.1)."""
    what = f"DKIM {wanted.record_name}"
    publish = f"Publish: {wanted.record}" if wanted.record else "Publish what the relay shows you for this domain."
    found = [tags for record in records if "p" in (tags := tags_of(record))]
    if not found:
        return Finding(what=what, verdict="fail", says="no key in DNS: what it signs is not believed", fix=publish)
    if len(found) > 1:
        return Finding(what=what, verdict="fail", says=f"{len(found)} records: readers take any", fix="Leave one.")
    tags = found[0]
    if fault := _key_fault(tags, wanted):
        return Finding(what=what, verdict="fail", says=fault, fix=publish)
    bits = wanted.bits or _bits_of(tags)
    size = f"{wanted.algorithm or tags.get('k', 'rsa')}, {bits} bits"
    if "y" in tags.get("t", "").split(":"):
        return Finding(what=what, verdict="warn", says=f"{size}, marked as a test (t=y)", fix="Take t=y away.")
    if tags.get("k", "rsa") == "rsa" and bits < ADVISED_BITS:
        fix = "Change to a longer one: python starter.py mail keys make."
        return Finding(what=what, verdict="warn", says=f"{size}; {ADVISED_BITS} are advised (RFC 8301)", fix=fix)
    return Finding(what=what, verdict="ok", says=f"{size}{', ours' if wanted.public else ''}")


def _key_fault(tags: Mapping[str, str], wanted: WantedKey) -> str:
    kind, public = tags.get("k", "rsa"), re.sub(r"\s", "", tags["p"])
    if tags.get("v", "DKIM1") != "DKIM1":
        return f"v={tags['v']} is none readers know"
    if not public:
        return "the key was revoked (p= is empty)"
    if kind not in ("rsa", "ed25519") or kind != (wanted.algorithm or kind):
        return f"it is of the kind {kind}, we sign with {wanted.algorithm}"
    if wanted.public is not None and public != wanted.public:
        return "it is another key than the one we sign with: nothing we sign is believed"
    if "h" in tags and "sha256" not in tags["h"].split(":"):
        return f"h={tags['h']} leaves out sha256"
    if "s" in tags and not {"*", "email"} & set(tags["s"].split(":")):
        return f"s={tags['s']} leaves out email"
    if kind == "rsa" and _bits_of(tags) < FEWEST_BITS:
        return f"{_bits_of(tags)} bits: readers take no key below {FEWEST_BITS}"
    return ""


def _bits_of(tags: Mapping[str, str]) -> int:
    """Length of a published key; 0 when there is none in it."""
    if tags.get("k", "rsa") == "ed25519":
        return 256
    try:
        key = load_der_public_key(base64.b64decode(re.sub(r"\s", "", tags["p"]), validate=True))
    except (ValueError, UnsupportedAlgorithm):
        return 0
    return key.key_size if isinstance(key, RSAPublicKey) else 0


def read_dmarc(domain: str, own: Iterable[str], above: Iterable[str], *, registrable: str) -> Dmarc | Finding:
    """The policy that holds for the domain, by the TXT records of `_dmarc.` of it and of its registrable domain."""
    what = f"DMARC {domain}"
    found, found_at = _dmarc_among(own), domain
    if not found and domain != registrable:
        found, found_at = _dmarc_among(above), registrable
    if not found:
        fix = f"Publish as TXT at _dmarc.{registrable}: v=DMARC1; p=none; rua=mailto:dmarc@{registrable}"
        says = "no policy: Gmail, Yahoo and Microsoft refuse bulk mail without"
        return Finding(what=what, verdict="fail", says=says, fix=fix)
    if len(found) > 1:
        says = f"{len(found)} records at _dmarc.{found_at}: readers take none"
        return Finding(what=what, verdict="fail", says=says, fix="Leave one.")
    tags = found[0]
    policy = tags.get("sp", tags.get("p", "")) if found_at != domain else tags.get("p", "")
    if policy not in ("none", "quarantine", "reject"):
        says = f"p={policy or '(nothing)'} at _dmarc.{found_at} is no policy"
        return Finding(what=what, verdict="fail", says=says, fix="Say p=none, p=quarantine or p=reject.")
    strict = {name: tags.get(name, "r") == "s" for name in ("adkim", "aspf")}
    return Dmarc(policy, tags.get("rua", ""), strict["adkim"], strict["aspf"], tags.get("pct", "100"), found_at)


def _dmarc_among(records: Iterable[str]) -> list[Mapping[str, str]]:
    return [tags for record in records if (tags := tags_of(record)).get("v") == "DMARC1"]


def judge_dmarc(domain: str, dmarc: Dmarc) -> Finding:
    """A policy and somebody who reads what comes of it."""
    what = f"DMARC {domain}"
    says = f"p={dmarc.policy}" + (f", from _dmarc.{dmarc.found_at}" if dmarc.found_at != domain else "")
    if dmarc.share != "100":
        says += f", for {dmarc.share} % of mails"
    if not dmarc.reports_to:
        fix = f"Add rua=mailto:dmarc@{dmarc.found_at}: the reports name who sends as you, and what fails."
        return Finding(what=what, verdict="warn", says=f"{says}, and nobody gets the reports", fix=fix)
    return Finding(what=what, verdict="ok", says=f"{says}, reports to {dmarc.reports_to}")


def aligns(signed: str, shown: str, *, registrable: Mapping[str, str], strict: bool) -> bool:
    """Whether what vouches (d=, or the domain of the envelope) may vouch for what From shows (RFC 7489 §3.1).

    `registrable` says the registrable domain of each, by the public suffix list.
    """
    return signed == shown if strict else registrable[signed] == registrable[shown]
