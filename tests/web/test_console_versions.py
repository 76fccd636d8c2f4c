"""Does a journey's page of versions say what became of the runs, with the rows behind each number?"""

from __future__ import annotations

import re
from datetime import timedelta

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.journeys.journey import Journey
from leadloom.domain.journeys.versions import Choice
from leadloom.store import pauses, publication_steps, publications, published
from leadloom.store.pauses import PauseOrder
from tests import world
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.web.console import Console, words

AT = TUESDAY + timedelta(days=2)


async def edited(console: Console) -> None:
    """Two readers wait for their second mail when their wait is made shorter, and go on with that version."""
    db = console.site.db
    draft = world.SMALL_JOURNEY.replace("name: small", "name: edited").replace("guide_requested", "price_page")
    old = Journey.model_validate(DraftText("edited.yaml", draft).data)
    new = Journey.model_validate(DraftText("edited.yaml", draft.replace("for: 3d", "for: 1d")).data)
    async with db.transaction() as tx:
        await published.publish_journey(tx, old, at=TUESDAY, by="priya-nair")
        for mail in ("guide", "dock"):
            await published.publish_template(tx, "edited", mail, world.template(mail), at=TUESDAY, by="priya-nair")
        book = await published.book(tx)
    for name in ("vera.hale", "wim.dorn"):
        await acts.capture(db, book, world.draft(name, world.happened("price_page", TUESDAY)))
    async with db.transaction() as tx:
        found = await publications.publish(tx, new, Choice(runs="migrate"), at=AT, by="priya-nair")
        assert found is not None
        await publication_steps.move_page(tx, found.publication_id, at=AT)


async def test_the_page_shows_the_balance_and_each_number_leads_to_its_rows(console: Console) -> None:
    await edited(console)
    page = await console.page("/journeys/edited/versions")
    assert "2 runs were under way" in words(page)
    assert "The balance closes" in words(page)
    assert "Changed pause: Wait 3 days → Wait 1 day" in words(page)
    [href] = re.findall(r'href="(/rows/fates\?[^"]*fate=migrated)"', page)
    rows = words(await console.page(href.replace("&amp;", "&")))
    assert "2 rows" in rows
    assert "Vera Hale" in rows
    assert "goes on with the new version" in rows


async def test_a_journey_that_stands_still_says_so_with_its_review(console: Console) -> None:
    await edited(console)
    order = PauseOrder(
        journey="edited", clock="active only", review_at=AT + timedelta(days=9), why="The prices change."
    )
    async with console.site.db.transaction() as tx:
        await pauses.pause(tx, order, book=await published.book(tx), at=AT, by="priya-nair")
    page = words(await console.page("/journeys/edited/versions"))
    assert "It stands still" in page
    assert "The prices change." in page
    assert "paused time doesn't count" in page


async def test_a_journey_that_stands_still_says_so_wherever_it_is_shown(console: Console) -> None:
    await edited(console)
    order = PauseOrder(journey="edited", clock="restart", review_at=AT + timedelta(days=9))
    async with console.site.db.transaction() as tx:
        await pauses.pause(tx, order, book=await published.book(tx), at=AT, by="priya-nair")
    assert "Stands still since Thu 5 Mar" in words(await console.page("/journeys"))
    assert "2 standing still" in words(await console.page("/journeys"))
    assert "It stands still since Thu 5 Mar" in words(await console.page("/journeys/edited"))
    page = words(await console.page("/journeys/edited/versions"))
    assert "by Priya Nair; a wait begins anew when it goes on." in page


async def test_a_journey_nobody_published_is_not_there(console: Console) -> None:
    for path in ("/journeys/nowhere", "/journeys/nowhere/versions"):
        assert "There is nothing here" in await console.page(path, 404)
