"""What is worth saying to a lead first, and what is to be done next? Topics with openers, next steps by hand-off."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from pydantic import Field

from leadloom.domain.definitions.draft_faults import Fault, unknown
from leadloom.domain.model import Value

WATCHED = (
    "you read", "you looked", "you visited", "you opened", "you clicked", "you downloaded", "you browsed",
    "i saw", "we saw", "i noticed", "we noticed", "your visit", "your click",
)  # fmt: skip
"""What tells somebody that they were watched. An opener is about the topic, never about what was seen of its reader."""


class Topic(Value):
    """Something leads care about."""

    means: str
    """In words a rep can say: `What a warm pallet costs`."""
    pieces: tuple[str, ...] = ()
    """Pages about it, as `site/piece`."""
    events: tuple[str, ...] = ()
    """Kinds of event that are about it."""
    opener: str
    """A sentence or two to begin a talk with, about the topic."""


class Talk(Value):
    """How a rep begins. The first topic that names a page or an event is what that page or event is about."""

    next_steps: dict[str, str] = Field(default_factory=dict)
    """Kind of hand-off → what to do next."""
    otherwise: str = "Is now a good moment to talk?"
    """The opener while no topic is known."""
    topics: dict[str, Topic] = Field(default_factory=dict)

    def about(self, kind: str, piece: str) -> Topic | None:
        """What a touch was about; the page says more than the kind of event. None when nobody said."""
        for topic in self.topics.values():
            if piece and piece in topic.pieces:
                return topic
        return next((topic for topic in self.topics.values() if kind in topic.events), None)


def check(talk: Talk, *, events: Collection[str], hand_offs: Collection[str]) -> Iterator[Fault]:
    """What would leave a rep without words, or with words that give a lead the creeps."""
    for kind in talk.next_steps:
        yield from unknown(("talk", "next_steps", kind), kind, hand_offs, "hand-off kind")
    yield from _watching(("talk", "otherwise"), talk.otherwise)
    for name, topic in talk.topics.items():
        path = ("talk", "topics", name)
        for place, kind in enumerate(topic.events):
            yield from unknown((*path, "events", place), kind, events, "event")
        yield from _watching((*path, "opener"), topic.opener)
        for place, piece in enumerate(topic.pieces):
            if piece.count("/") != 1:
                yield Fault(path=(*path, "pieces", place), words="Write a page as site/piece, both by their names.")


def _watching(path: tuple[str, ...], words: str) -> Iterator[Fault]:
    said = next((phrase for phrase in WATCHED if phrase in words.casefold()), None)
    if said:
        yield Fault(path=path, words=f"“{said}” tells people that they are watched: speak about the topic.")
