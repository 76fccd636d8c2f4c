"""How is one thing of a lead's story said: a headline, a line below it, and what made it?"""

from __future__ import annotations

from datetime import timedelta
from typing import assert_never

from leadloom.domain.definitions.move_reasons import reason_words
from leadloom.domain.journeys.conditions import roughly
from leadloom.domain.lead import Verdict
from leadloom.domain.model import Json, Value
from leadloom.store.lead_story import Chapter
from leadloom.store.published import Book
from leadloom.web.console._listing import name_of

_MAIL = {
    "sent": "Sent the mail",
    "at_dot": "Is sending the mail",
    "uncertain": "Nobody knows whether this mail arrived:",
    "refused": "The relay refused the mail",
    "expired": "Did not send the mail, because it was no longer worth sending:",
    "suppressed": "Did not send the mail, because it must not go there:",
    "cancelled": "Did not send the mail, because what it belonged to had ended:",
}
_BAD = {"uncertain", "refused", "expired"}


class Told(Value):
    """A chapter in words."""

    chapter: Chapter
    label: str
    """Whose chapter it is, in a word or two."""
    headline: str
    line: str = ""
    href: str = ""
    """Where the headline leads."""
    is_bad: bool = False

    @property
    def why(self) -> dict[str, Json]:
        """The values that made it; what the line says already is left out."""
        return {name: value for name, value in self.chapter.why.items() if name != "stayed_seconds"}


def tell(chapter: Chapter, book: Book) -> Told:
    """The chapter as a person would say it."""
    what, detail = chapter.what, chapter.detail
    match chapter.kind:
        case "event":
            return _event(chapter, book)
        case "stage":
            return _stage(chapter, book)
        case "run":
            line = f"{what}, step {chapter.reason}"
            return Told(chapter=chapter, label="journey", headline=_sentence(detail), line=line)
        case "entered":
            line = f"because: {detail.replace('_', ' ')}"
            return Told(chapter=chapter, label="journey", headline=f"Entered the journey {what}", line=line)
        case "left":
            line = f"outcome: {detail}"
            return Told(chapter=chapter, label="journey", headline=f"Left the journey {what}", line=line)
        case "offer":
            words, href = f"Offered to {detail} ({what})", f"/inbox/{chapter.ref}"
            return Told(chapter=chapter, label="hand-off", headline=words, line=chapter.reason or "", href=href)
        case "mail":
            return _mail(chapter)
        case "permission":
            return _permission(chapter)
        case _:
            assert_never(chapter.kind)


def _event(chapter: Chapter, book: Book) -> Told:
    rule = book.definition.events.get(chapter.what)
    actor = chapter.actor or "lead"
    parts: list[str] = []
    if actor != "lead":
        parts.append("by our clocks" if actor == "system" else f"by {name_of(book, actor)}")
    if chapter.detail == Verdict.MACHINE:
        parts.append("a machine did it, so it counts for nothing")
    elif chapter.detail == Verdict.UNSURE:
        parts.append("perhaps a machine, so it counts for nothing")
    if chapter.points:
        parts.append(f"engagement {chapter.points:+g}")
    if chapter.what.startswith("hand_off_") and (key := chapter.why.get("reason")):
        reason = book.definition.reject_reasons.get(str(key))
        parts.append(f"reason: {reason.label if reason else key}")
    label = "lead" if actor == "lead" else "us"
    return Told(chapter=chapter, label=label, headline=rule.means if rule else chapter.what, line=", ".join(parts))


def _stage(chapter: Chapter, book: Book) -> Told:
    means = {stage.name: stage.means for stage in book.definition.stages}.get(chapter.what, "")
    words = f"Moved from {chapter.detail} to {chapter.what}" if chapter.detail else f"Came in as {chapter.what}"
    reason = reason_words(book.definition, chapter.reason or "").replace("_", " ")
    told = [part for part in (reason, _by(chapter, book), _stayed(chapter)) if part]
    line = " · ".join(part for part in (", ".join(told), means) if part)
    return Told(chapter=chapter, label=f"stage, {chapter.ref}", headline=words, line=line)


def _by(chapter: Chapter, book: Book) -> str:
    """Who moved them, and by which version of the definition."""
    actor, rule = chapter.actor or "system", chapter.why.get("journey")
    who = name_of(book, actor) if actor in {entry.handle for entry in book.definition.owners} else ""
    if not who and actor != "lead":
        who = f"the journey {rule}" if rule else "our rules"
    by = f"by {who or 'what they did'}"
    version = chapter.why.get("definition version")
    return f"{by}, definition {version}" if version is not None else by


def _stayed(chapter: Chapter) -> str:
    seconds = chapter.why.get("stayed_seconds")
    if not chapter.detail or not isinstance(seconds, int | float):
        return ""
    return f"after {roughly(timedelta(seconds=round(seconds)))} at {chapter.detail}"


def _mail(chapter: Chapter) -> Told:
    return Told(
        chapter=chapter,
        label="mail",
        headline=f"{_MAIL.get(chapter.detail, chapter.detail)} {chapter.what}",
        line=f"{chapter.actor}{f' · {chapter.reason}' if chapter.reason else ''}",
        href=f"/mails/{chapter.ref}",
        is_bad=chapter.detail in _BAD,
    )


def _permission(chapter: Chapter) -> Told:
    match chapter.detail:
        case "withdrawn":
            said = (chapter.reason or "").replace("_", " ")
            words, line = f"Every permission for {chapter.what} ended", f"by: {said}"
        case "asked":
            words, line = "Ticked the box; waits for their confirmation", f"on: {chapter.reason}"
        case _:
            words, line = f"A permission was given ({chapter.what})", f"by: {chapter.reason}"
    return Told(chapter=chapter, label="permission", headline=words, line=line)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
