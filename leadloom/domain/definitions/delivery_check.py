"""Could every mail go by this delivery policy, and does each rate let something through?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault, unknown
from leadloom.domain.definitions.draft_text import Path

_AT: Path = ("mail", "delivery")


def delivery_faults(definition: Definition) -> Iterator[Fault]:
    """What is wrong with relays, sender domains, rates and limits."""
    yield from _relays(definition)
    yield from _rates(definition)
    complaints = definition.mail.delivery.complaints
    if not 0 < complaints.alarm <= complaints.stop < 1 or complaints.of_at_least < 1:
        words = "Shares of complaints are above 0, the alarm no later than the stop, of at least 1 mail."
        yield Fault(path=(*_AT, "complaints"), words=words)


def _relays(definition: Definition) -> Iterator[Fault]:
    mail, delivery = definition.mail, definition.mail.delivery
    names = [relay.name for relay in delivery.relays]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield Fault(path=(*_AT, "relays", index, "name"), words=f"`{name}` is there twice: one order, one place.")
    for mail_class in delivery.domains:
        yield from unknown((*_AT, "domains", mail_class), mail_class, mail.classes, "message class")
    for domain in sorted({mail.from_domain, *delivery.domains.values()}):
        if not any(relay.domains is None or domain in relay.domains for relay in delivery.relays):
            words = f"No relay may send for {domain}: name it in the `domains` of one, or leave them out."
            yield Fault(path=(*_AT, "relays"), words=words)


def _rates(definition: Definition) -> Iterator[Fault]:
    delivery = definition.mail.delivery
    for provider, per_second in delivery.per_second.items():
        if per_second <= 0:
            words = "Nothing would ever go there: say how many mails a second, above 0."
            yield Fault(path=(*_AT, "per_second", provider), words=words)
    for provider, most in delivery.connections.items():
        if most.at_once < 1 or most.mails < 1:
            words = "Nothing would ever go there: let at least 1 mail be on its way at once, and 1 go by a connection."
            yield Fault(path=(*_AT, "connections", provider), words=words)
    paces = {"per_recipient_domain": delivery.per_recipient_domain, "per_gateway": delivery.per_gateway}
    for name, pace in paces.items():
        if pace is not None and (pace.count < 1 or pace.within <= timedelta()):
            words = "Nothing could ever be sent: let at least 1 mail go within a span above 0."
            yield Fault(path=(*_AT, name), words=words)
    for domain, warm_up in delivery.warm_up.items():
        if not warm_up.per_day or min(warm_up.per_day) < 1:
            words = "Name at least one day, and let at least 1 mail go on each."
            yield Fault(path=(*_AT, "warm_up", domain, "per_day"), words=words)
