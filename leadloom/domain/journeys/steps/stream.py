"""`do: stream`: send the next mail of a pool."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.journeys import moves
from leadloom.domain.journeys.spans import Span
from leadloom.domain.journeys.steps.checked import Checked, unknown
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.send import planned
from leadloom.domain.journeys.steps.step import Acts, Letter, Way
from leadloom.domain.model import Json, Value

if TYPE_CHECKING:  # a journey is made of steps
    from leadloom.domain.journeys.journey import Journey


class StreamItem(Value):
    """One mail of a stream."""

    mail: str
    """Folder below templates/journeys/<journey>/."""
    piece: str | None = None
    """What it points to (`data.piece` of an `article_read`): whoever has read that needs no mail about it."""


class StreamStep(Acts):
    """Send the next mail of one of the journey's `streams` that the lead hasn't had, and hasn't read by itself.

    What a lead got in any run counts; so mails may be added and put in another order, and none comes twice.
    """

    do: Literal["stream"]
    from_: str = Field(alias="from")
    """The name of the stream."""
    mail_class: str | None = Field(default=None, alias="class")
    """None takes the journey's."""
    worth: Span = timedelta(days=7)
    """How long after it was asked for the mail is still worth sending; then it expires with the reason."""
    exhausted: str
    """The step to go to when nothing is left to send."""

    def said(self) -> str:
        """`Send the next mail of articles`."""
        return f"Send the next mail of {self.from_}"

    def ways(self, following: str) -> tuple[Way, ...]:
        """On, and out."""
        return Way("when it has one", following), Way("when nothing is left", self.exhausted)

    def letters(self, journey: Journey) -> tuple[Letter, ...]:
        """All of the stream."""
        mail_class = self.mail_class or journey.mail_class
        pool = journey.streams.get(self.from_, ())
        return tuple(Letter(item.mail, mail_class, journey.sender, None, self.worth) for item in pool)

    def move(self, scene: Scene) -> moves.Do | moves.Wait:
        """The first unseen; several casts wait for one another like any mails."""
        left = self._unseen(scene)
        values: dict[str, Json] = {"left in the stream": len(left)}
        if not left:
            return scene.skip(f"nothing is left in {self.from_}", scene.arrive(self.exhausted), values, ended="skipped")
        letter = next(one for one in self.letters(scene.journey) if one.mail == left[0].mail)
        return planned(scene, letter, scene.next(), values)

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """A stream that isn't there or is empty."""
        streams = checked.journey.streams
        yield from unknown(("from",), [self.from_], streams, "stream")
        if self.from_ in streams and not streams[self.from_]:
            yield Fault(path=("from",), words=f"The stream {self.from_} is empty. Give it a mail.")
        yield from checked.mail_class(("class",), self.mail_class)

    def _unseen(self, scene: Scene) -> list[StreamItem]:
        seen, read = set(scene.facts.seen_mails), set(scene.facts.read_pieces)
        pool = scene.journey.streams.get(self.from_, ())
        return [item for item in pool if item.mail not in seen and (item.piece is None or item.piece not in read)]
