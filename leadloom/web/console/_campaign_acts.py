"""What does each button of a campaign's page do? One act in the name of the seat, with what its form says."""

from __future__ import annotations

from collections.abc import Mapping

from leadloom.domain.access.rights import Right
from leadloom.domain.campaigns.campaign import Act
from leadloom.domain.campaigns.stages import read_staging
from leadloom.domain.errors import BadInput
from leadloom.domain.model import CampaignId
from leadloom.runtime import launching
from leadloom.store import campaign_approvals, campaign_stages, campaigns, published
from leadloom.web.console._guard import need
from leadloom.web.console._visit import Looking

_ACTS = {"pause": Act.PAUSE, "resume": Act.RESUME, "stop": Act.STOP}
_SENDS = ("launch", "resume", "go-on")
"""Acts after which mail goes that didn't before: a right of their own. Whoever sees a campaign may pause it."""
_SAYS = {
    "submit": campaign_approvals.submit,
    "approve": campaign_approvals.approve,
    "take-back": campaign_approvals.take_back,
}


async def do(visit: Looking, key: CampaignId, fields: Mapping[str, str]) -> None:
    """Do what the button says. Raises what the act raises, BadInput for no button of the page or no seat."""
    said, db, at = fields.get("do", ""), visit.house.db, visit.at
    if said != "pause":
        await need(visit, Right.LAUNCH_SENDS if said in _SENDS else Right.PLAN_CAMPAIGNS)
    async with db.read() as tx:
        seat = visit.seated(await published.book(tx))
    if said == "check":
        await launching.check(db, str(key), at=at, by=seat.handle)
    elif said == "launch":
        despite = fields.get("despite", "").strip()
        staging = read_staging(fields.get("stages", ""), fields.get("wait", ""))
        await launching.launch(db, str(key), at=at, by=seat.handle, staging=staging, despite=despite)
    else:
        await _write(visit, key, said, by=seat.handle, why=fields.get("why", "").strip())


async def _write(visit: Looking, key: CampaignId, said: str, *, by: str, why: str) -> None:
    async with visit.house.db.transaction() as tx:
        book = await published.book(tx)
        if said in _SAYS:
            await _SAYS[said](tx, str(key), book=book, at=visit.at, by=by, why=why)
        elif said == "go-on":
            await campaign_stages.go_on(tx, str(key), book=book, at=visit.at, by=by, why=why)
        elif said in _ACTS:
            await campaigns.act(tx, str(key), _ACTS[said], book=book, at=visit.at, by=by)
        else:
            raise BadInput("do", said[:20], "Press one of the buttons of the page.")
