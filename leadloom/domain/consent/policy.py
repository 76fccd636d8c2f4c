"""Which basis suffices to write to or call a person? The policy table of the definition, read for one country."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.lead import Basis, BasisKind
from leadloom.domain.mails.mail_class import MARKETING, MailClass
from leadloom.domain.model import Value

ELSEWHERE, UNKNOWN = "*", "?"
"""In a rule, instead of a country: all that no row names, and people whose country nobody knows."""


class Rule(Value):
    """Which kinds of basis suffice for one class, purpose and channel in one country."""

    mail_class: str
    purpose: str
    channel: str
    country: str
    """ISO 3166-1 alpha-2, or ELSEWHERE, or UNKNOWN."""
    kinds: tuple[BasisKind, ...]


def sufficing(
    definition: Definition,
    country: str | None,
    *,
    mail_class: str = MailClass.MARKETING,
    purpose: str = MARKETING,
    channel: str = "mail",
) -> tuple[BasisKind, ...]:
    """The kinds of basis of which one suffices for such a message to a person of that country; empty when none does."""
    rows = [row for row in definition.consent.suffices if row.is_for(mail_class, purpose, channel)]
    rest = next((row.kinds for row in rows if row.countries is None), ())
    if country:
        where = country.upper()
        return next((row.kinds for row in rows if row.countries and where in row.countries), rest)
    # Strictest: who may live anywhere must have allowed what suffices anywhere.
    return tuple(kind for kind in rest if all(kind in row.kinds for row in rows))


def rules(definition: Definition) -> Iterator[Rule]:
    """The whole table, a line for each country that a row names, for all others and for unknown ones.

    A message class that needs no basis has no lines.
    """
    for mail_class, policy in definition.mail.classes.items():
        if policy.basis:
            for purpose in definition.consent.purposes:
                for channel in ("mail", "phone"):
                    yield from table(definition, mail_class, purpose, channel)


def table(
    definition: Definition, mail_class: str = MailClass.MARKETING, purpose: str = MARKETING, channel: str = "mail"
) -> Iterator[Rule]:
    """The lines for one class, purpose and channel; always one for ELSEWHERE and one for UNKNOWN."""
    rows = (row for row in definition.consent.suffices if row.is_for(mail_class, purpose, channel))
    countries = dict.fromkeys(country for row in rows for country in row.countries or ())
    for country in (*countries, ELSEWHERE, UNKNOWN):
        kinds = sufficing(
            definition, None if country == UNKNOWN else country, mail_class=mail_class, purpose=purpose, channel=channel
        )
        yield Rule(mail_class=mail_class, purpose=purpose, channel=channel, country=country, kinds=kinds)


def suffices(
    kinds: Iterable[BasisKind], bases: Iterable[Basis], at: datetime, *, purpose: str = MARKETING, channel: str = "mail"
) -> bool:
    """Whether one of the person's bases is of a kind that suffices, and holds at `at`."""
    return any(
        basis.purpose == purpose and basis.channel == channel and basis.kind in kinds and basis.holds(at)
        for basis in bases
    )
