"""Does each name of a tracking call mean one thing, and can no stranger claim what only we may say?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import Fault, unknown
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.intake.meanings import plain

_AT: Path = ("tracking",)
_LONGEST = timedelta(days=730)


def tracking_faults(definition: Definition, process_events: tuple[str, ...]) -> Iterator[Fault]:
    """What is wrong with names, pages, rights and spans. `process_events` are kinds that the process itself records."""
    tracking, kinds = definition.tracking, definition.events
    for kind in tracking.names:
        yield from unknown((*_AT, "names", kind), kind, kinds, "kind of event")
    yield from _names(definition)
    for index, rule in enumerate(tracking.pages):
        yield from unknown((*_AT, "pages", index, "kind"), rule.kind, kinds, "kind of event")
        if not rule.paths and not rule.mediums:
            words = "Every page would be this event: name paths, or values of utm_medium."
            yield Fault(path=(*_AT, "pages", index), words=words)
    for index, kind in enumerate(tracking.public):
        yield from unknown((*_AT, "public", index), kind, kinds, "kind of event")
        if kind in process_events:
            words = f"`{kind}` is recorded by the process itself: a key that everybody can read must not claim it."
            yield Fault(path=(*_AT, "public", index), words=words)
    for name, mailbox in tracking.mailboxes.items():
        yield from unknown((*_AT, "mailboxes", name, "source"), mailbox.source, definition.sources, "source")
        if not name or name != name.lower() or "@" in name or "+" in name or not name.isprintable():
            words = f"`{name}` is no name of a mailbox: write what stands before the @, in small letters, without a +."
            yield Fault(path=(*_AT, "mailboxes", name), words=words)
    for name, span in (("keep_anonymous", tracking.keep_anonymous), ("keep_dropped", tracking.keep_dropped)):
        if not timedelta() < span <= _LONGEST:
            yield Fault(path=(*_AT, name), words=f"Write a span above 0 and up to {_LONGEST.days}d.")


def _names(definition: Definition) -> Iterator[Fault]:
    """A name that could mean two kinds would be whichever stands first: nobody would see it."""
    taken = {plain(kind): kind for kind in definition.events}
    for kind, names in definition.tracking.names.items():
        for index, name in enumerate(names):
            if (other := taken.setdefault(plain(name), kind)) != kind:
                words = f"`{name}` means `{other}` already: a name means one kind."
                yield Fault(path=(*_AT, "names", kind, index), words=words)
