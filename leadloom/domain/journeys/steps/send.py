"""`do: send`: a mail to the lead, or a notice to an owner."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from leadloom.domain.definitions.draft_faults import Fault
from leadloom.domain.definitions.draft_text import Path
from leadloom.domain.facts import Progress
from leadloom.domain.journeys import moves, waits
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.conditions import holds, looked_at, words
from leadloom.domain.journeys.spans import Span
from leadloom.domain.journeys.steps.checked import Checked
from leadloom.domain.journeys.steps.scene import Scene
from leadloom.domain.journeys.steps.step import Acts, Letter
from leadloom.domain.mails.mail_class import MailClass
from leadloom.domain.model import Json

if TYPE_CHECKING:  # a journey is made of steps
    from leadloom.domain.journeys.journey import Journey


class Send(Acts):
    """Mail the lead (or, with `to`, an owner): plans a slot and goes on to the next step."""

    do: Literal["send"]
    mail: str
    """Folder below templates/journeys/<journey>/."""
    mail_class: str | None = Field(default=None, alias="class")
    """None takes the journey's."""
    sender: str | None = None
    """Handle of the owner who signs; None takes the journey's; `owner` means the lead's own."""
    to: str | None = None
    """Handle of an owner to notify instead of the lead, or `owner` for the lead's own."""
    worth: Span = timedelta(days=7)
    """How long after it was asked for the mail is still worth sending; then it expires with the reason."""
    unless: Condition | None = None
    """Skip the mail when this holds (content already read counts as seen)."""

    def said(self) -> str:
        """`Send the mail nine-minutes, unless article read since entry`."""
        to = f" to {'the owner' if self.to == 'owner' else self.to}" if self.to else ""
        unless = f", unless {words(self.unless)}" if self.unless is not None else ""
        return f"Send the mail {self.mail}{to}{unless}"

    def conditions(self) -> tuple[tuple[Path, Condition], ...]:
        """What makes the mail needless."""
        return () if self.unless is None else ((("unless",), self.unless),)

    def letters(self, journey: Journey) -> tuple[Letter, ...]:
        """The one mail."""
        mail_class = self.mail_class or (MailClass.OWNER_NOTICE if self.to else journey.mail_class)
        return (Letter(self.mail, mail_class, self.sender or journey.sender, self.to, self.worth),)

    def move(self, scene: Scene) -> moves.Do | moves.Wait:
        """Ask for a slot, unless the lead needs the mail no more; one marketing mail at a time."""
        if self.unless is not None and holds(self.unless, scene.facts, scene.at):
            why = f"the mail {self.mail} isn't needed: {words(self.unless)}"
            seen = looked_at(self.unless, scene.facts, scene.at)
            return scene.skip(why, scene.next(), seen, ended="skipped")
        seen = looked_at(self.unless, scene.facts, scene.at) if self.unless else {}
        return planned(scene, self.letters(scene.journey)[0], scene.next(), seen)

    def faults(self, checked: Checked) -> Iterator[Fault]:
        """People and class that nobody knows."""
        yield from checked.person(("sender",), self.sender)
        yield from checked.person(("to",), self.to)
        yield from checked.mail_class(("mail",), self.mail_class)
        if self.to is not None and self.mail_class not in (None, MailClass.OWNER_NOTICE):
            yield Fault(path=("mail",), words=f"A mail to an owner is of the class {MailClass.OWNER_NOTICE}.")


def planned(scene: Scene, letter: Letter, then: Progress, seen: dict[str, Json]) -> moves.Do | moves.Wait:
    """Ask for the letter's slot; a marketing mail waits until the run's mail before is settled."""
    if letter.mail_class == MailClass.MARKETING and (pending := waits.for_mail_before(scene)) is not None:
        return moves.Wait(until=pending.until, waiting_for=pending.words, listens=(), progress=scene.run)
    if letter.to is None and (pending := waits.a_day_apart(scene)) is not None:
        return moves.Wait(until=pending.until, waiting_for=pending.words, listens=(), progress=scene.run)
    effect = moves.PlanMail(
        step=scene.run.step,
        visit=scene.visit,
        mail=letter.mail,
        mail_class=letter.mail_class,
        sender=letter.sender,
        to=letter.to,
        worth=letter.worth,
    )
    why: dict[str, Json] = {"stage": scene.facts.stage, "may market": scene.facts.may_market}
    return moves.Do(effect=effect, then=then, why=why | seen)
