"""Does the owner of a task get its notice, and does the link in it send the waiting run on?"""

from __future__ import annotations

import re
from datetime import timedelta

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.runtime import tasks
from leadloom.store import published
from tests.acts_in_house import all_stuck, comes, notices, rows, run_of
from tests.house import TestHouse

ASKS = """
name: asks-marcus
purpose: Asks somebody of ours, in a test.
owner: priya-nair
sender: ines-carvalho
audience: customer
enter: {events: [promoter_told]}
steps:
  - do: task
    id: call
    to: marcus-oyelaran
    words: Ask how the audit went
    within: 3d
    outcomes: {went badly: sad, went well: glad}
    otherwise: end
  - {do: tag, id: sad, tag: sad}
  - {do: go, id: over, to: end}
  - {do: tag, id: glad, tag: glad}
"""


async def test_the_link_for_an_answer_in_the_notice_sends_the_run_where_it_leads(house: TestHouse) -> None:
    async with house.db.transaction() as tx:
        journey = Journey.model_validate(DraftText("asks-marcus.yaml", ASKS).data)
        await published.publish_journey(tx, journey, at=await house.now(), by="priya-nair")
    ana = await comes(house, "ana.torres", "promoter_told")
    await house.pass_time(timedelta(minutes=10))
    [notice] = [mail for mail in notices(house) if mail.recipients == ("marcus.oyelaran@kelvance.example",)]
    assert notice.header("Subject") == "To do: Ask how the audit went"
    for said in ("Ana Torres", "Went badly", "Went well", f"/leads/{ana}", "a journey asks you"):
        assert said in notice.text
    assert notice.text.index("Went badly") < notice.text.index("Went well")  # as the journey says them
    [token] = set(re.findall(r"/k/([\w-]+)\?answer=1", notice.text))
    asked = await tasks.read_by_link(house.house, token, at=await house.now())
    assert asked.reader.handle == "marcus-oyelaran"
    assert asked.task.outcomes == ("went badly", "went well")
    await tasks.answer_by_link(house.house, token, "went well", at=await house.now())
    await house.pass_time(timedelta(minutes=1))
    assert (await run_of(house, ana, "asks-marcus")).outcome == "finished"
    assert [row["tag"] for row in await rows(house, "SELECT tag FROM lead_tag")] == ["glad"]
    assert await all_stuck(house) == ()
