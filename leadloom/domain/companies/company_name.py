"""What is a company called at heart? Legal forms, accents, articles and punctuation aside, and never more than those.

What is left must be equal for two names to be one: `Nordkap Holding` isn't `Nordkap`, and `Nordkap Oy` isn't
`Nordkap GmbH`, though both may be of one group.
"""

from __future__ import annotations

import re
import unicodedata

from rapidfuzz.distance import DamerauLevenshtein

from leadloom.domain.companies.legal_forms import countries_of, taken_off, without_form
from leadloom.domain.model import Value

_LETTERS_APART = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "'": "", "’": ""}
)
_AS_TWO = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
"""How Germans, Danes and Swedes write these letters where a keyboard has none of them."""
_INITIALS = re.compile(r"\b(?:\w\.\s?){2,}(?!\w{2})\w?\b\.?|\b(?:\w\.)+\w\b\.?")
_NO_WORD = re.compile(r"[^\w]+|_")
_JOINING = frozenset(("and", "und", "et", "y", "och", "og", "en"))
_ARTICLES = frozenset(("the",))
_GROUP_WORDS = """
    holding holdings group gruppe groupe grupo gruppo international global worldwide europe emea deutschland
    germany france italia espana uk usa us switzerland schweiz austria asia holdco konzern
"""
_GROUP = frozenset(_GROUP_WORDS.split())
_NO_NAMES = """
    none | na | n a | no | nil | test | privat | private | self | self employed | selbststandig | freelance |
    freelancer | student | unemployed | retired | home | personal | company | firma | mycompany | my company | x |
    xx | xxx | asdf | unknown | not applicable | individual | independent | consultant | university | universitat
    | hospital | clinic | klinik | school
"""
_NOBODY = frozenset(" ".join(word.split()) for word in _NO_NAMES.split("|"))
_CLOSE = 0.88
_LONG_ENOUGH = 6
_BATHS = re.compile(r"(?<![.\w])[Ss]pa$")
"""`Sunrise Spa` is one, `Sunrise S.p.A.` and `Sunrise SPA` are companies."""


class CompanyName(Value):
    """A name as it is compared."""

    told: str
    cores: frozenset[str]
    """The spellings of its heart: `muller logistik` and `mueller logistik` for Müller Logistik GmbH."""
    forms: tuple[str, ...] = ()
    """Its legal forms by their one spelling, without what says nothing."""

    @property
    def core(self) -> str:
        """The first of its spellings, for reasons and keys."""
        return min(self.cores, default="")

    @property
    def stem(self) -> str:
        """The heart without words that tell a group, or one country's part of it, from the company."""
        words = self.core.split()
        return " ".join(word for word in words if word not in _GROUP) or self.core

    @property
    def names_somebody(self) -> bool:
        """Whether it can mean one company: not `private`, `n/a` or a single letter."""
        return any(len(core.replace(" ", "")) > 1 and core not in _NOBODY for core in self.cores)


def company_name(told: str) -> CompanyName:
    """The name as it is compared; of the same words whatever their case, accents, legal form and punctuation."""
    spelled, forms = set[str](), tuple[str, ...]()
    plain = unicodedata.normalize("NFKC", told).lower()
    plain, written = taken_off(plain.strip())
    if _BATHS.search(told.strip()):
        plain = f"{plain} bath"
    for text in {plain, plain.translate(_AS_TWO)}:
        core, forms = _core(text)
        if core:
            spelled.add(core)
    return CompanyName(told=told, cores=frozenset(spelled), forms=forms if written is None else (written, *forms))


def same_core(one: CompanyName, other: CompanyName) -> bool:
    """Whether the hearts are equal."""
    return bool(one.cores & other.cores)


def other_form(one: CompanyName, other: CompanyName) -> str | None:
    """What of their legal forms says that they are two; None where a form isn't told, or they agree."""
    if not one.forms or not other.forms or set(one.forms) & set(other.forms):
        return None
    mine, theirs = " ".join(one.forms), " ".join(other.forms)
    return f"one is a {mine}, the other a {theirs}"


def founded_in(name: CompanyName) -> frozenset[str]:
    """Where its legal form can be founded; empty when nobody can tell."""
    found = [countries for form in name.forms if (countries := countries_of(form))]
    return found[0].intersection(*found[1:]) if found else frozenset()


def nearly(one: CompanyName, other: CompanyName) -> bool:
    """Whether the hearts differ by a typing error or in the order of their words; a hint and never a proof."""
    if min(len(one.core), len(other.core)) < _LONG_ENOUGH:
        return False
    if sorted(one.core.split()) == sorted(other.core.split()) or one.core.replace(" ", "") == other.core.replace(
        " ", ""
    ):
        return True
    return max(DamerauLevenshtein.normalized_similarity(a, b) for a in one.cores for b in other.cores) >= _CLOSE


def keys_of(name: CompanyName) -> frozenset[str]:
    """What companies that may be the same have in common: at least one of these."""
    if not name.names_somebody:
        return frozenset()
    keys = {f"name {core}" for core in name.cores} | {f"stem {name.stem}"}
    if len(name.core) >= _LONG_ENOUGH:
        # Typing errors hit vowels and doubled letters most; what is left of the name without them still agrees.
        bare = re.sub(r"(.)\1", r"\1", re.sub(r"[aeiouy ]", "", name.core))
        keys.add(f"bare {bare or name.core}")
        keys.add(f"words {' '.join(sorted(name.core.split()))}")
    return frozenset(keys)


def _core(text: str) -> tuple[str, tuple[str, ...]]:
    apart = unicodedata.normalize("NFKD", text.translate(_LETTERS_APART))
    plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    plain = _INITIALS.sub(lambda found: re.sub(r"[.\s]", "", found.group()) + " ", plain)
    words = [word for word in _NO_WORD.split(plain) if word and word not in _JOINING]
    while len(words) > 1 and words[0] in _ARTICLES:
        del words[0]
    while len(words) > 1 and words[-1] in _ARTICLES:
        del words[-1]
    kept, forms = without_form(tuple(words))
    return " ".join(kept), forms
