"""Which definitions are proposed, who said what of them, and which came into force? Every word is kept (law 9)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from leadloom.domain.definitions import drafting
from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.difference import Difference, differences, matters
from leadloom.domain.definitions.drafting import Act, Draft, Proposal, Said, Signature, State, Word
from leadloom.domain.definitions.preview import Preview
from leadloom.domain.errors import BadInput, Conflict, NotFound
from leadloom.domain.model import Instant, Value
from leadloom.store import audit, published, reevaluation, regions
from leadloom.store.published import Book
from leadloom.store.tx import Record, Tx

SYSTEM = "system"


class Acts(Protocol):
    """What can be done to a draft."""

    async def __call__(self, tx: Tx, draft_no: int, word: Word, *, book: Book) -> Draft:
        """The draft after it."""
        ...


SUBMITTED_BY = "its author, who submits it to review"


class DraftView(Value):
    """A draft with all that a person needs to judge it."""

    draft: Draft
    definition: Definition
    differences: tuple[Difference, ...]
    """Against the version in force; for one that came into force, against the version it replaced."""
    signatures: tuple[Signature, ...]
    said: tuple[Said, ...]


class VersionRow(Value):
    """One version of the definition."""

    version: int
    hash: str
    published_at: Instant
    published_by: str
    approved_by: str | None
    draft_no: int | None
    """None for one that was published from a file."""


class StoodAt(Value):
    """Leads at a stage of a track."""

    stage: str
    track: str
    leads: int


def bare_hash(definition: Definition) -> str:
    """The name of what a definition says, whatever version and date it gets."""
    body = definition.model_dump(mode="json", by_alias=True)
    return published.hash_of({name: value for name, value in body.items() if name not in ("version", "effective")})


async def draw_up(tx: Tx, proposal: Proposal, word: Word, *, book: Book) -> Draft:
    """Keep a checked definition as a draft. Raises Conflict for a stranger to the charter, for a draft that changes
    nothing or takes away a stage where leads stand; BadInput for a date gone by or a region nobody declared.
    """
    definition = proposal.definition
    drafting.may_draw_up(book.definition, word.by)
    if not differences(book.definition, definition):
        raise Conflict(f"The draft says what version {book.definition_version} says: there is nothing to propose.")
    _look_ahead(proposal, word.at)
    await _stands_nobody(tx, book.definition, definition)
    body = definition.model_dump(mode="json", by_alias=True)
    draft_no: int = await tx.value(
        "draw_up_draft",
        name=definition.name,
        based_on=book.definition_version,
        hash=bare_hash(definition),
        body=body,
        in_order=body,
        author=word.by,
        why=word.why,
        at=word.at,
        effective_at=proposal.effective_at,
        regions=None if proposal.regions is None else list(proposal.regions),
        waiting_for=SUBMITTED_BY,
    )
    draft = await get(tx, draft_no)
    await _say(tx, draft, "drew up", word)
    return draft


def _look_ahead(proposal: Proposal, at: datetime) -> None:
    when = proposal.effective_at
    if when is not None and when < at:
        raise BadInput("effective", f"{when:%Y-%m-%d}", f"That is over; it is {at:%Y-%m-%d}. Name a day ahead.")
    for region in proposal.regions or ():
        if region not in proposal.definition.regions:
            known = ", ".join(proposal.definition.regions) or "none yet"
            raise BadInput("region", region, f"The definition declares: {known}.")


async def submit(tx: Tx, draft_no: int, word: Word, *, book: Book) -> Draft:
    """Ask for the signatures. Raises Conflict, NotFound."""
    draft = await _held(tx, draft_no)
    drafting.may_submit(book.definition, draft, word.by)
    drafting.fresh(draft, book.definition_version)
    await _say(tx, draft, "submitted", word)
    wanted = await _signatures(tx, draft, book)
    return await _move(tx, draft, "in review", waiting_for=drafting.waits_for(wanted))


async def sign(tx: Tx, draft_no: int, word: Word, *, book: Book) -> Draft:
    """Give a signature; the last one approves it, and puts it in force when its date has come.

    Raises Conflict with whose signatures it takes, NotFound.
    """
    draft = await _held(tx, draft_no)
    wanted = await _signatures(tx, draft, book)
    drafting.may_sign(book.definition, draft, word.by, wanted, book.definition_version)
    await _say(tx, draft, "signed", word)
    wanted = await _signatures(tx, draft, book)
    if any(one.at is None for one in wanted):
        return await _move(tx, draft, "in review", waiting_for=drafting.waits_for(wanted))
    given = Word(by=SYSTEM, at=word.at, why="every signature it takes is given")
    await _say(tx, draft, "approved", given)
    due = max(word.at, draft.effective_at or word.at)
    draft = await _move(tx, draft, "approved", waiting_for=drafting.waits_for(wanted), waits_until=due)
    return await put_in_force(tx, draft, book=book, at=word.at) if due <= word.at else draft


async def reject(tx: Tx, draft_no: int, word: Word, *, book: Book) -> Draft:
    """Say no, with a reason. Nothing else changes. Raises Conflict, NotFound."""
    draft = await _held(tx, draft_no)
    drafting.may_reject(book.definition, draft, word, await _signatures(tx, draft, book))
    await _say(tx, draft, "rejected", word)
    return await _move(tx, draft, "rejected")


async def withdraw(tx: Tx, draft_no: int, word: Word, *, book: Book) -> Draft:
    """Take it back. Nothing else changes. Raises Conflict, NotFound."""
    draft = await _held(tx, draft_no)
    drafting.may_withdraw(book.definition, draft, word.by)
    await _say(tx, draft, "withdrew", word)
    return await _move(tx, draft, "withdrawn")


async def due(tx: Tx, at: datetime) -> tuple[int, ...]:
    """Numbers of the approved drafts whose date has come."""
    return tuple(row["draft_no"] for row in await tx.all("drafts_due", at=at))


async def come_into_force(tx: Tx, draft_no: int, *, book: Book, at: datetime) -> Draft:
    """Put an approved draft in force whose date has come. Safe to repeat: one in force stays so.

    One that another version overtook is withdrawn, which its log says: it would undo what that one did.
    """
    draft = await _held(tx, draft_no)
    if draft.state != "approved":
        return draft
    if draft.based_on != book.definition_version:
        why = f"version {book.definition_version} came into force since it was drawn from version {draft.based_on}"
        await _say(tx, draft, "withdrew", Word(by=SYSTEM, at=at, why=why))
        return await _move(tx, draft, "withdrawn")
    return await put_in_force(tx, draft, book=book, at=at)


async def put_in_force(tx: Tx, draft: Draft, *, book: Book, at: datetime) -> Draft:
    """Publish it under the next version. Whom it moves is decided right after, a page at a time (`reevaluation`)."""
    definition = await body(tx, draft.draft_no)
    await _stands_nobody(tx, book.definition, definition)
    await reevaluation.must_be_over(tx)
    version = book.definition_version + 1
    signed = [one.by for one in await said(tx, draft.draft_no) if one.act == "signed"]
    dated = definition.but(version=version, effective=at.date())
    content_hash = await published.publish_definition(
        tx, dated, at=at, by=draft.author, approved_by=", ".join(dict.fromkeys(signed))
    )
    await regions.follow(tx, definition, draft.regions, Word(by=draft.author, at=at), book=book)
    told = {"version": version, "region": "", "from_version": book.definition_version}
    await tx.run("begin_reevaluation", **told, at=at)
    why = f"version {version}, by hash {content_hash[:12]}"
    await _say(tx, draft, "put in force", Word(by=SYSTEM, at=at, why=why))
    return await _move(tx, draft, "in force", version=version)


async def get(tx: Tx, draft_no: int) -> Draft:
    """One draft. Raises NotFound."""
    return _draft(await tx.maybe("draft_by_no", draft_no=draft_no), draft_no)


async def listed(tx: Tx) -> tuple[Draft, ...]:
    """All drafts, newest first."""
    return tuple(_draft(row, row["draft_no"]) for row in await tx.all("drafts_listed"))


async def body(tx: Tx, draft_no: int) -> Definition:
    """What a draft says. Raises NotFound."""
    row = await tx.maybe("draft_body", draft_no=draft_no)
    if row is None:
        raise NotFound("draft", draft_no)
    return Definition.model_validate(row["body"])


async def view(tx: Tx, draft_no: int, *, book: Book) -> DraftView:
    """A draft with what it changes, whose signatures it takes, and what was said. Raises NotFound."""
    draft = await get(tx, draft_no)
    definition = await body(tx, draft_no)
    beside = book.definition
    if draft.based_on != book.definition_version:
        beside = await published.definition_of(tx, draft.name, draft.based_on)
    found = differences(beside, definition)
    heard = await said(tx, draft_no)
    return DraftView(
        draft=draft,
        definition=definition,
        differences=found,
        signatures=tuple(drafting.signatures(beside, matters(found), draft, heard)),
        said=heard,
    )


async def said(tx: Tx, draft_no: int | None = None) -> tuple[Said, ...]:
    """Who said what, in order: of one draft, or of all (the audit of the definition)."""
    return tuple(Said.model_validate(dict(row)) for row in await tx.all("acts_of_drafts", draft_no=draft_no))


def must_be_fresh(draft: Draft, book: Book) -> None:
    """Raises Conflict for a draft that another version overtook, or that is no draft any more."""
    if draft.state not in drafting.OPEN:
        raise Conflict(f"Draft {draft.draft_no} is {draft.state}: there is nothing to preview.")
    drafting.fresh(draft, book.definition_version)


async def stood(tx: Tx) -> tuple[StoodAt, ...]:
    """How many leads stand at each stage."""
    return tuple(StoodAt.model_validate(dict(row)) for row in await tx.all("stages_stood_in"))


async def keep_preview(tx: Tx, found: Preview) -> None:
    """Keep what was worked out, in the place of what was worked out before."""
    await tx.run("keep_preview", draft_no=found.draft_no, at=found.at, found=found.model_dump(mode="json"))


async def kept_preview(tx: Tx, draft_no: int) -> Preview | None:
    """What was worked out last; None while nobody asked."""
    found = await tx.value("kept_preview", draft_no=draft_no)
    return None if found is None else Preview.model_validate(found)


async def versions(tx: Tx, name: str) -> tuple[VersionRow, ...]:
    """The versions of the definition, newest first."""
    return tuple(VersionRow.model_validate(dict(row)) for row in await tx.all("definition_versions", name=name))


async def _stands_nobody(tx: Tx, live: Definition, draft: Definition) -> None:
    """A stage may go only when nobody stands in it: the leads there would be nowhere."""
    kept = {stage.name for stage in draft.stages}
    gone = [stage.name for stage in live.stages if stage.name not in kept]
    for row in await tx.all("stages_stood_in"):
        if row["stage"] in gone:
            raise Conflict(
                f"{row['leads']} leads stand at `{row['stage']}`, which the draft has no more. Keep the stage and lead "
                "out of it (`next`) until nobody stands there, then take it out."
            )


async def _held(tx: Tx, draft_no: int) -> Draft:
    return _draft(await tx.maybe("draft_held", draft_no=draft_no), draft_no)


async def _signatures(tx: Tx, draft: Draft, book: Book) -> Sequence[Signature]:
    touched = matters(differences(book.definition, await body(tx, draft.draft_no)))
    return drafting.signatures(book.definition, touched, draft, await said(tx, draft.draft_no))


async def _say(tx: Tx, draft: Draft, act: Act, word: Word) -> None:
    await tx.run("say_of_draft", draft_no=draft.draft_no, act=act, hash=draft.hash, **word.model_dump())
    subject = f"definition draft {draft.draft_no}"
    await audit.note(tx, audit.Note(at=word.at, actor=word.by, action=act, subject=subject, why=word.why))


async def _move(tx: Tx, draft: Draft, state: State, **told: object) -> Draft:
    """`told` are the columns it has in that state: version, waiting_for, waits_until."""
    clear: dict[str, object] = {"version": None, "waiting_for": None, "waits_until": None}
    await tx.run("move_draft", draft_no=draft.draft_no, state=state, **{**clear, **told})
    return await get(tx, draft.draft_no)


def _draft(row: Record | None, draft_no: int) -> Draft:
    if row is None:
        raise NotFound("draft", draft_no)
    return Draft.model_validate(dict(row))
