"""Would this mail policy let every lawful mail go, and none go by a rule that is never reached?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.delivery_check import delivery_faults
from leadloom.domain.definitions.draft_faults import Fault, no_country, repeated, unknown
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.definitions.hand_off_check import unknown_holidays
from leadloom.domain.definitions.mail_policy import Cap
from leadloom.domain.mails.mail_class import MailClass

MAIL_CLASSES = (MailClass.SERVICE, MailClass.ONE_TO_ONE, MailClass.OWNER_NOTICE, MailClass.MARKETING)
_NOTHING = timedelta(0)
_LETTER = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")
_LONGEST_CAP = timedelta(days=366)
_LONGEST_PAUSE = timedelta(days=366)


def check(definition: Definition) -> Iterator[Fault]:
    """The faults of the mail policy and of the sources."""
    yield from _limits(definition)
    yield from _counted(definition)
    yield from _days_off(definition)
    yield from _zones(definition)
    yield from _classes(definition)
    yield from delivery_faults(definition)
    yield from repeated(("mail", "archive"), definition.mail.archive, "letter")
    for index, name in enumerate(definition.mail.archive):
        if not _LETTER.fullmatch(name):
            words = f"`{name}` is no letter: write journey/mail, such as welcome-four-degrees/meridian."
            yield Fault(path=("mail", "archive", index), words=words)
    if not definition.sources:
        yield Fault(path=("sources",), words="Leads come from somewhere: add a source.")


def _limits(definition: Definition) -> Iterator[Fault]:
    policy = definition.mail
    caps: list[tuple[Path, Cap]] = [(("mail", "per_company"), policy.per_company)]
    # A file may say its only cap without a list; then its place has no number.
    caps += [(("mail", "per_person", index), cap) for index, cap in enumerate(policy.per_person)]
    for path, cap in caps:
        if cap.count < 1 or cap.within <= _NOTHING:
            words = "Nothing could ever be sent: let at least 1 mail go within a span above 0."
            yield Fault(path=path, words=words)
        elif cap.within > _LONGEST_CAP:
            words = "Each plan reads back that far: make the span 366 days at most."
            yield Fault(path=path, words=words)
    if not policy.window.days or policy.window.until <= policy.window.from_:
        words = "The window never opens: name a weekday, and an `until` later than `from`."
        yield Fault(path=("mail", "window"), words=words)


def _counted(definition: Definition) -> Iterator[Fault]:
    policy = definition.mail
    for index, cap in enumerate(policy.per_person):
        path = ("mail", "per_person", index)
        for place, name in enumerate(cap.classes or ()):
            where = (*path, "classes", place)
            yield from unknown(where, name, policy.classes, "message class")
            if name in policy.classes and not policy.classes[name].capped:
                words = f"Mails of the class `{name}` obey no cap: say `capped: true` in mail.classes, or take it out."
                yield Fault(path=where, words=words)
        for place, topic in enumerate(cap.topics or ()):
            yield from unknown((*path, "topics", place), topic, policy.topics, "topic")
        for name, names in (("classes", cap.classes), ("topics", cap.topics)):
            if names == ():
                yield Fault(path=(*path, name), words="It would count nothing: name one, or leave it out to count all.")


def _days_off(definition: Definition) -> Iterator[Fault]:
    policy = definition.mail
    yield from repeated(("mail", "holidays"), policy.holidays, "country")
    for place, country in enumerate(policy.holidays):
        yield from unknown_holidays(("mail", "holidays", place), country, None, "use `pauses`")
    for index, pause in enumerate(policy.pauses):
        path = ("mail", "pauses", index)
        if pause.through < pause.from_:
            yield Fault(path=path, words="It ends before it begins: make `through` its last day.")
        elif pause.through - pause.from_ > _LONGEST_PAUSE:
            yield Fault(path=path, words="It lasts longer than a year: make it shorter, or stop the journeys.")
        if pause.countries == ():
            yield Fault(path=(*path, "countries"), words="It would hold for nobody: name one, or leave it out for all.")
        for place, country in enumerate(pause.countries or ()):
            yield from no_country((*path, "countries", place), country)


def _zones(definition: Definition) -> Iterator[Fault]:
    path = ("company", "zone_by")
    yield from repeated(path, definition.company.zone_by, "source")
    if definition.company.zone_by[-1:] != ("workspace",):
        yield Fault(path=path, words="A lead may tell none of these: end with `workspace`, which is `time_zone`.")


def _classes(definition: Definition) -> Iterator[Fault]:
    for name in MAIL_CLASSES:
        if name not in definition.mail.classes:
            yield Fault(path=("mail", "classes"), words=f"Mails are of the class `{name}`: add it.")
    for name in definition.mail.classes:
        yield from unknown(("mail", "classes", name), name, MAIL_CLASSES, "message class")
