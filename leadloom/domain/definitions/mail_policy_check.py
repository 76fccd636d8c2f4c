"""Would this mail policy let every lawful mail go, and none go by a rule that is never reached?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault, no_country, unknown
from leadloom.domain.journeys.journey import MailClass
from leadloom.domain.lead import BasisKind

MAIL_CLASSES = (MailClass.SERVICE, MailClass.ONE_TO_ONE, MailClass.OWNER_NOTICE, MailClass.MARKETING)
_NOTHING = timedelta(0)


def check(definition: Definition) -> Iterator[Fault]:
    """The faults of the mail policy and of the sources."""
    yield from _limits(definition)
    yield from _classes(definition)
    yield from _basis(definition)
    yield from _spans(definition)
    if not definition.sources:
        yield Fault(path=("sources",), words="Leads come from somewhere: add a source.")


def _limits(definition: Definition) -> Iterator[Fault]:
    policy = definition.mail
    for name, cap in (("per_person", policy.per_person), ("per_company", policy.per_company)):
        if cap.count < 1 or cap.within <= _NOTHING:
            words = "Nothing could ever be sent: let at least 1 mail go within a span above 0."
            yield Fault(path=("mail", name), words=words)
    if not policy.window.days or policy.window.until <= policy.window.from_:
        words = "The window never opens: name a weekday, and an `until` later than `from`."
        yield Fault(path=("mail", "window"), words=words)


def _classes(definition: Definition) -> Iterator[Fault]:
    for name in MAIL_CLASSES:
        if name not in definition.mail.classes:
            yield Fault(path=("mail", "classes"), words=f"Mails are of the class `{name}`: add it.")
    for name in definition.mail.classes:
        yield from unknown(("mail", "classes", name), name, MAIL_CLASSES, "message class")


def _basis(definition: Definition) -> Iterator[Fault]:
    rows = definition.mail.basis
    named: set[str] = set()
    everywhere_at: int | None = None
    for index, row in enumerate(rows):
        path = ("mail", "basis", index)
        if everywhere_at is not None:
            words = f"Row {everywhere_at + 1} names no countries and so takes all: this row is never reached."
            yield Fault(path=path, words=words)
        if not row.kinds:
            yield Fault(path=path, words="No kind would ever suffice here: name one.")
        for place, kind in enumerate(row.kinds):
            if kind in (BasisKind.SERVICE, BasisKind.NONE):
                yield Fault(
                    path=(*path, "kinds", place), words=f"`{kind}` is no permission for marketing: take it out."
                )
        for place, country in enumerate(row.countries or ()):
            yield from no_country((*path, "countries", place), country)
            if country in named:
                words = f"{country} stands in an earlier row: this place is never reached."
                yield Fault(path=(*path, "countries", place), words=words)
        named.update(row.countries or ())
        everywhere_at = index if row.countries is None and everywhere_at is None else everywhere_at
    if everywhere_at is None:
        words = "Leads of other countries have no row: end with one that names no countries."
        yield Fault(path=("mail", "basis"), words=words)


def _spans(definition: Definition) -> Iterator[Fault]:
    policy = definition.mail
    for name, span in policy.implied_until.items():
        if span <= _NOTHING:
            yield Fault(path=("mail", "implied_until", name), words="It must be longer than nothing.")
    if policy.opt_in_expires <= _NOTHING:
        yield Fault(path=("mail", "opt_in_expires"), words="It must be longer than nothing.")
    uses_implied = any(BasisKind.IMPLIED in row.kinds for row in policy.basis)
    if uses_implied and not policy.implied_until:
        yield Fault(path=("mail", "implied_until"), words="`implied` needs to know until when: add a span.")
