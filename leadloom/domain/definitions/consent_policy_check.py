"""Would this consent policy let every lawful mail go, and none go by a rule that is never reached?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import get_args

from leadloom.domain.definitions.consent_policy import Channel, ConsentPolicy, SufficingRow
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault, no_country, unknown
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.lead import BasisKind
from leadloom.domain.mails.mail_class import MARKETING

_NOTHING = timedelta(0)
_NO_PERMISSION = (BasisKind.SERVICE, BasisKind.NONE)


def check(definition: Definition) -> Iterator[Fault]:
    """The faults of the consent policy."""
    policy = definition.consent
    if MARKETING not in policy.purposes:
        yield Fault(path=("consent", "purposes"), words=f"Marketing mail has the purpose `{MARKETING}`: add it.")
    for index, row in enumerate(policy.suffices):
        yield from _row(definition, row, ("consent", "suffices", index))
    for channel in get_args(Channel):
        yield from _reached(policy, channel)
    yield from _from_events(definition)
    if policy.double_opt_in.expires <= _NOTHING:
        yield Fault(path=("consent", "double_opt_in", "expires"), words="It must be longer than nothing.")
    if policy.sunset is not None and policy.sunset.after <= _NOTHING:
        yield Fault(path=("consent", "sunset", "after"), words="It must be longer than nothing.")


def _row(definition: Definition, row: SufficingRow, path: Path) -> Iterator[Fault]:
    if not row.kinds:
        yield Fault(path=path, words="No kind would ever suffice here: name one.")
    for place, kind in enumerate(row.kinds):
        if kind in _NO_PERMISSION:
            yield Fault(path=(*path, "kinds", place), words=f"`{kind}` is no permission for marketing: take it out.")
    for place, country in enumerate(row.countries or ()):
        yield from no_country((*path, "countries", place), country)
    for place, purpose in enumerate(row.purposes or ()):
        yield from unknown((*path, "purposes", place), purpose, definition.consent.purposes, "purpose")
    for place, name in enumerate(row.classes or ()):
        where = (*path, "classes", place)
        yield from unknown(where, name, definition.mail.classes, "message class")
        if name in definition.mail.classes and not definition.mail.classes[name].basis:
            words = f"Mails of the class `{name}` need no basis: say `basis: true` in mail.classes, or take it out."
            yield Fault(path=where, words=words)


def _reached(policy: ConsentPolicy, channel: Channel) -> Iterator[Fault]:
    """Among rows for the same messages the row without countries takes all that come after it."""
    named: dict[object, set[str]] = {}
    everywhere_at: dict[object, int] = {}
    for index, row in enumerate(policy.suffices):
        if row.channel != channel:
            continue
        path, same = ("consent", "suffices", index), (row.purposes, row.classes)
        if same in everywhere_at:
            words = f"Row {everywhere_at[same] + 1} names no countries and so takes all: this row is never reached."
            yield Fault(path=path, words=words)
        for place, country in enumerate(row.countries or ()):
            if country in named.setdefault(same, set()):
                words = f"{country} stands in an earlier row: this place is never reached."
                yield Fault(path=(*path, "countries", place), words=words)
        named.setdefault(same, set()).update(row.countries or ())
        if row.countries is None:
            everywhere_at.setdefault(same, index)
    if channel == "mail" and (None, None) not in everywhere_at:
        words = "Leads of other countries have no row: end with one that names no countries."
        yield Fault(path=("consent", "suffices"), words=words)


def _from_events(definition: Definition) -> Iterator[Fault]:
    policy = definition.consent
    for name, rule in policy.from_events.items():
        path: Path = ("consent", "from_events", name)
        if rule.kind in (*_NO_PERMISSION, BasisKind.EXPRESS, BasisKind.DOUBLE_OPT_IN):
            yield Fault(path=(*path, "kind"), words=f"`{rule.kind}` never comes by itself: a person says it.")
        if rule.kind is BasisKind.IMPLIED and rule.for_ is None:
            yield Fault(path=path, words="An implied basis ends: say `for`, how long after the event.")
        if rule.for_ is not None and rule.for_ <= _NOTHING:
            yield Fault(path=(*path, "for"), words="It must be longer than nothing.")
        for place, kind in enumerate(rule.events):
            yield from unknown((*path, "events", place), kind, definition.events, "event")
        yield from unknown((*path, "purpose"), rule.purpose, policy.purposes, "purpose")
    if any(BasisKind.IMPLIED in row.kinds for row in policy.suffices) and not any(
        rule.kind is BasisKind.IMPLIED for rule in policy.from_events.values()
    ):
        yield Fault(path=("consent", "from_events"), words="`implied` needs to know until when: say what makes it.")
