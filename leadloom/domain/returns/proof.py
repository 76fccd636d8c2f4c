"""Who vouches that a mail is from whom it says? The mail system in front of us, in the header RFC 8601 gives it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

_COMMENT = re.compile(r"\([^()]*\)")
_WORD = re.compile(r'\s*([\w.-]+)\s*=\s*"?([^\s;"]+)"?')


def is_vouched(results: Sequence[str], sender: str, vouchers: Collection[str]) -> bool:
    """Whether a system of ours says that the domain of `sender` (the address in From) stands behind the mail.

    That is a passed DMARC, or a passed DKIM signature of that very domain or one above it, for domains that publish no
    policy. Only the topmost header of a voucher counts: whoever wrote the mail may have written others below it.

    Args:
        results: The values of Authentication-Results, the topmost first.
        sender: The address in From.
        vouchers: Names (authserv-id) of the systems in front of us; without one nobody vouches.
    """
    domain = sender.rpartition("@")[2].lower()
    ours = next((value for value in map(_plain, results) if _name(value) in vouchers), None)
    if ours is None or not domain:
        return False
    return any(_stands_behind(method, told, domain) for method, told in _methods(ours))


def _stands_behind(method: tuple[str, str], told: dict[str, str], domain: str) -> bool:
    match method:
        case ("dmarc", "pass"):
            return told.get("header.from", domain).rpartition("@")[2] == domain
        case ("dkim", "pass"):
            signer = told.get("header.d") or told.get("header.i", "").rpartition("@")[2]
            return "." in signer and (domain == signer or domain.endswith("." + signer))
        case _:
            return False


def _plain(value: str) -> str:
    """Without comments, which may hold anything."""
    while (shorter := _COMMENT.sub(" ", value)) != value:
        value = shorter
    return value.lower()


def _name(value: str) -> str:
    words = value.partition(";")[0].split()
    return words[0] if words else ""


def _methods(value: str) -> Iterator[tuple[tuple[str, str], dict[str, str]]]:
    for each in value.split(";")[1:]:
        pairs = _WORD.findall(each)
        if pairs:
            yield pairs[0], dict(pairs[1:])
