"""By which version are leads of a region judged, and who said go?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, cast

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.drafting import Word, right_to
from leadloom.domain.errors import Conflict, NotFound
from leadloom.domain.model import Instant, Json, Value
from leadloom.store import audit
from leadloom.store.published import Book
from leadloom.store.tx import Tx

RegionAct = Literal["stays", "go", "no-go"]


class RegionSaid(Value):
    """One word about a region."""

    region: str
    no: int
    version: int
    at: Instant
    by: str
    act: RegionAct
    why: str
    figures: dict[str, Json]
    """What was seen when it was said."""


async def follow(tx: Tx, definition: Definition, first: tuple[str, ...] | None, word: Word, *, book: Book) -> None:
    """A new version comes into force: in the regions named `first`, else everywhere. The others go on with theirs."""
    live = {"kind": "definition", "name": definition.name, "version": book.definition_version}
    live_hash: str = await tx.value("published_version", **live)
    for region in definition.regions:
        version, content_hash = book.version_in(region)
        if first is not None and region not in first:
            why = f"the roll-out begins in {', '.join(first)}"
            await _say(tx, region, "stays", word.but(why=why), Went(version, content_hash or live_hash, {}))
        elif region in book.pinned:
            why = "the new version is for everywhere" if first is None else "the roll-out begins here"
            next_one = book.definition_version + 1
            await _say(tx, region, "go", word.but(why=why), Went(next_one, "", {}))
            told = {"version": next_one, "region": region, "from_version": version}
            await tx.run("begin_reevaluation", **told, at=word.at)


async def decide(
    tx: Tx, region: str, act: Literal["go", "no-go"], word: Word, *, book: Book, figures: Mapping[str, Json]
) -> None:
    """The sponsor's word on a region: go brings it to the newest version, no-go leaves it where it is.

    Raises NotFound for a region nobody declared, Conflict for who may not say, and when there is nothing to say.
    """
    live = book.definition
    if region not in live.regions:
        raise NotFound("region", region)
    right = right_to(live, "roll_out")
    if word.by != right.decides:
        raise Conflict(f"The roll-out is {live.person(right.decides).name}'s to decide.")
    version, _ = book.version_in(region)
    if version == book.definition_version:
        raise Conflict(f"{live.regions[region].label} goes by version {version}, the newest: there is nothing to say.")
    if act == "no-go" and not word.why.strip():
        raise Conflict("A no-go has a reason, so that somebody can mend it: give one.")
    newest = book.definition_version
    content_hash: str = (await tx.one("in_force_of", kind="definition", name=live.name))["hash"]
    await _say(tx, region, act, word, Went(newest, content_hash, dict(figures)))
    if act == "go":
        told = {"version": newest, "region": region, "from_version": version}
        await tx.run("begin_reevaluation", **told, at=word.at)


async def acts(tx: Tx) -> tuple[RegionSaid, ...]:
    """What was decided about regions, newest first."""
    return tuple(RegionSaid.model_validate(dict(row)) for row in await tx.all("acts_of_regions"))


class Went(NamedTuple):
    """What a word about a region is about."""

    version: int
    content_hash: str
    figures: dict[str, Json]


async def _say(tx: Tx, region: str, act: RegionAct, word: Word, went: Went) -> None:
    what = {"version": went.version, "hash": went.content_hash, "figures": went.figures}
    await tx.run("say_of_region", region=region, act=act, **what, **word.model_dump())
    subject, after = f"definition region {region}", {"version": went.version}
    note = audit.Note(at=word.at, actor=word.by, action=act, subject=subject, after=cast("Json", after), why=word.why)
    await audit.note(tx, note)
