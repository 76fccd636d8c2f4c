"""Who plays when somebody brings their own list? Its first people, with the world's manners and addresses that lead
nowhere.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from leadloom.domain.campaigns.audience import Audience
from leadloom.domain.campaigns.campaign import Act, CampaignDraft
from leadloom.domain.errors import BadInput
from leadloom.domain.lead import BasisDraft, BasisKind, LeadDraft
from leadloom.domain.model import Value
from leadloom.runtime.how_to_read import opened
from leadloom.runtime.import_leads import LeadList, LeadWork
from leadloom.runtime.imported import Imported
from leadloom.runtime.importing import Import
from leadloom.runtime.wiring import House
from leadloom.store import campaigns, imports, leads, published
from leadloom.store.imports import Guest
from leadloom.world.people import GUESTS_FROM

JOURNEY, SENDER = "welcome-four-degrees", "priya-nair"
_INVENTED = "invented for the demo"

Told = Callable[[float, str], None]


class Guests(Value):
    """The people of a list, as the world knows them: by number, and by nothing else in Temporal (law 2)."""

    imported: Imported
    addresses: tuple[str, ...]
    """Of the person of number `GUESTS_FROM` and those after."""

    def numbers(self) -> dict[str, int]:
        """Address → number."""
        return {address: number for number, address in enumerate(self.addresses, start=GUESTS_FROM)}


async def invite(house: House, path: Path, *, maps: tuple[str, ...], most: int, at: datetime, told: Told) -> Guests:
    """Import the first rows of a list, give everybody an address and a permission, and send them into the welcome.

    Address and permission are invented, for this play alone; whoever said no in the list is left alone here too.
    Raises BadInput when nobody of the list can be taken, and what the import raises.
    """
    how = LeadList(map=maps, stage="inquiry")
    table = await opened(path, how, told)
    async with house.db.read() as tx:
        book = await published.book(tx)
    work = LeadWork(table, how, book, at=at)
    bringing = Import(house.db, table, work, now=lambda: at, told=told, most=most)
    faults = house.settings.state / f"{path.stem}.faults.csv"
    imported = await bringing.bring_in(how.model_dump(mode="json"), by=SENDER, faults_file=faults)
    if imported.import_id is None or imported.rows == imported.refused:
        why = f"None of its first {imported.rows} rows can be taken. {imported.refusals[0].why}"
        raise BadInput("data", path.name, why)
    addresses = await _prepared(house, imported, at)
    audience = Audience(track=book.definition.tracks[0], imports=(imported.import_id,))
    goal = "Play a stranger's list through the welcome"
    draft = CampaignDraft(name=path.stem, journey=JOURNEY, goal=goal, owner=SENDER, audience=audience)
    async with house.db.transaction() as tx:
        await campaigns.plan(tx, draft, book=book, at=at, by=SENDER)
    async with house.db.transaction() as tx:
        await campaigns.act(tx, draft.name, Act.LAUNCH, book=book, at=at, by=SENDER)
    return Guests(imported=imported, addresses=addresses)


async def _prepared(house: House, imported: Imported, at: datetime) -> tuple[str, ...]:
    """Everybody's address, in the order of the list, with a permission for all who didn't say no."""
    if imported.import_id is None:
        return ()
    async with house.db.transaction() as tx:
        book = await published.book(tx)
        guests = await imports.leads_of(tx, imported.import_id)
        drafts = [_draft(guest, number, at) for number, guest in enumerate(guests, start=GUESTS_FROM)]
        await leads.capture_all(tx, drafts, book=book, at=at, actor="system", history=True)
    return tuple(draft.email or "" for draft in drafts)


def _draft(guest: Guest, number: int, at: datetime) -> LeadDraft:
    basis = BasisDraft(kind=BasisKind.DOUBLE_OPT_IN, source=_INVENTED, wording=_INVENTED, at=at - timedelta(days=1))
    return LeadDraft(
        external_id=guest.external_id,
        # A company of its own for each: people of one domain would be one company, and share its one conversation.
        email=guest.email or f"guest-{number}@guest-{number}.example",
        bases=() if guest.opted_out else (basis,),
        opted_out=guest.opted_out,  # Said again, now that there is an address to leave alone.
    )
