"""Does a launch from the command line look first, refuse with what it found, and ask whoever must say yes?"""

from __future__ import annotations

from leadloom.domain.definitions.campaign_policy import ApprovalPolicy, CampaignPolicy
from leadloom.store import audit, campaigns, published
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests import world
from tests.cli.conftest import Command
from tests.store import acts
from tests.store.acts import TUESDAY

BY = ("--by", "priya-nair")
PLAN = (
    "campaigns", "plan", "autumn", "--journey", "small", "--owner", "priya-nair", "--goal", "Twenty meetings",
    "--source", "webinar", *BY,
)  # fmt: skip
PAID = ("--cost", "5000", "--currency", "EUR")


async def crowd(db: Db, book: Book) -> None:
    """Two who allow mail, of different languages, and one who doesn't."""
    allowed = {"bases": (world.permission(at=TUESDAY),), "source": "webinar"}
    await acts.capture(db, book, world.draft("ana.moss", **allowed))
    ben = {"email": "ben@b.example", "company": "B", "country": "SG", "language": "de"}
    await acts.capture(db, book, world.draft("ben.moss", **allowed, **ben))
    await acts.capture(db, book, world.draft("cleo.moss", email="cleo@c.example", company="C", source="webinar"))


async def test_a_launch_refuses_with_what_the_check_shows_until_it_is_mended(
    command: Command, db: Db, book: Book
) -> None:
    await crowd(db, book)
    await command(*PLAN, "--cost", "0")
    checked = await command("campaigns", "check", "autumn", *BY)
    assert checked.code == 6
    for words in (
        "3 members, 0 held out, 2 would come in now",
        "has not allowed such mail: 1",
        "wrote 2 letters for 3 leads of the audience (de 1, en 2)",
        "in Asia/Singapore: guide from Tue 2026-03-03 23:00 there",
        "none is entered, and no reason why",
        "campaigns costs none",
        "not needed: 500 members or fewer go without",
    ):
        assert words in checked.out, words
    refused = await command("campaigns", "launch", "autumn", *BY)
    assert (refused.code, "cost blocks: none is entered" in refused.err) == (6, True)
    assert (await command("campaigns", "costs", "none", "autumn", "--because", "our own list", *BY)).code == 0
    assert (await command("campaigns", "check", "autumn", *BY)).code == 0
    launched = await command("campaigns", "launch", "autumn", *BY)
    assert (launched.code, "Campaign autumn is launched" in launched.out) == (0, True)
    again = await command("campaigns", "launch", "autumn", *BY)
    assert (again.code, "is running already, since 2026-03-03 15:00" in again.err) == (4, True)


async def test_who_would_be_left_out_can_be_opened_before_the_launch(command: Command, db: Db, book: Book) -> None:
    await crowd(db, book)
    await command(*PLAN, *PAID)
    before = await command("campaigns", "exclusions", "autumn")
    assert "Nobody has looked yet" in before.err
    await command("campaigns", "check", "autumn", *BY)
    listed = await command("campaigns", "exclusions", "autumn", "--why", "no_basis", "--json")
    assert [(row["email"], row["why"]) for row in listed.json] == [("cleo@c.example", "no_basis")]
    assert (await command("campaigns", "exclusions", "autumn", "--why", "suppressed")).out == "Nobody is left out.\n"
    assert (await command("campaigns", "exclusions", "autumn", "--why", "dislike")).code == 2


async def test_members_without_a_permission_block_a_campaign_that_says_so(command: Command, db: Db, book: Book) -> None:
    await crowd(db, book)
    await command(*PLAN, *PAID, "--no-consent", "block")
    refused = await command("campaigns", "launch", "autumn", *BY)
    assert (refused.code, "consent blocks: 1 member without a permission" in refused.err) == (6, True)


async def test_a_warning_yields_to_a_reason_that_is_kept(command: Command, db: Db, book: Book) -> None:
    await crowd(db, book)
    await command(*PLAN, *PAID, "--expect", "2")
    refused = await command("campaigns", "launch", "autumn", *BY)
    assert (refused.code, "1 more than the 2 expected" in refused.err) == (6, True)
    assert (await command("campaigns", "launch", "autumn", "--despite", "the fair was full", *BY)).code == 0
    async with db.read() as tx:
        campaign = await campaigns.find(tx, "autumn")
        note = (await audit.notes(tx, f"campaign {campaign.campaign_id}"))[-1]
    assert (note.actor, note.why.endswith("because the fair was full")) == ("priya-nair", True)


async def test_a_letter_that_can_not_be_written_blocks(command: Command, db: Db, book: Book) -> None:
    await crowd(db, book)
    await command(*PLAN, *PAID)
    broken = world.template("guide").model_copy(update={"text": "{{ lead.no_such_thing.at_all }}"})
    async with db.transaction() as tx:
        await published.publish_template(tx, "small", "guide", broken, at=TUESDAY, by="priya-nair")
    refused = await command("campaigns", "launch", "autumn", *BY)
    assert (refused.code, "small/guide for lead" in refused.err) == (6, True)


async def needs_approval(db: Db) -> None:
    """Every campaign, from now on."""
    policy = CampaignPolicy(approval=ApprovalPolicy(above=0))
    async with db.transaction() as tx:
        changed = world.definition().model_copy(update={"campaigns": policy})
        await published.publish_definition(tx, changed, at=TUESDAY, by="samira-haddad")


async def test_a_large_campaign_goes_when_somebody_else_says_yes_to_this_very_one(
    command: Command, db: Db, book: Book
) -> None:
    await crowd(db, book)
    await command(*PLAN, *PAID)
    await needs_approval(db)
    refused = await command("campaigns", "launch", "autumn", *BY)
    assert (refused.code, "campaigns submit" in refused.err) == (6, True)
    early = await command("campaigns", "approve", "autumn", "--by", "tom-achterberg")
    assert (early.code, "submit it first" in early.err) == (4, True)
    assert (await command("campaigns", "submit", "autumn", *BY)).code == 0
    for who, words in (("priya-nair", "approved by head-of-marketing"), ("ines-carvalho", "ask samira-haddad")):
        mine = await command("campaigns", "approve", "autumn", "--by", who)
        assert (mine.code, words in mine.err) == (4, True), mine.err
    assert (await command("campaigns", "approve", "autumn", "--by", "tom-achterberg")).code == 0
    assert (await command("campaigns", "check", "autumn", *BY)).code == 0
    bill = ("250.50", "--currency", "EUR", "--what", "printing", *BY)
    await command("campaigns", "costs", "add", "autumn", *bill)
    changed = await command("campaigns", "launch", "autumn", *BY)
    assert changed.code == 6
    assert "cost: 5,000.00 EUR → 5,250.50 EUR" in changed.err
    await command("campaigns", "submit", "autumn", *BY)
    await command("campaigns", "approve", "autumn", "--by", "tom-achterberg")
    assert (await command("campaigns", "launch", "autumn", *BY)).code == 0


async def test_an_approval_is_taken_back_before_the_launch_and_not_after(command: Command, db: Db, book: Book) -> None:
    await crowd(db, book)
    await command(*PLAN, *PAID)
    await needs_approval(db)
    assert (await command("campaigns", "take-back", "autumn", *BY)).code == 4
    await command("campaigns", "submit", "autumn", *BY)
    await command("campaigns", "approve", "autumn", "--by", "tom-achterberg")
    assert (await command("campaigns", "take-back", "autumn", *BY)).code == 0
    assert (await command("campaigns", "launch", "autumn", *BY)).code == 6
    await command("campaigns", "submit", "autumn", *BY)
    await command("campaigns", "approve", "autumn", "--by", "tom-achterberg")
    await command("campaigns", "launch", "autumn", *BY)
    late = await command("campaigns", "take-back", "autumn", *BY)
    assert (late.code, "pause or stop it instead" in late.err) == (4, True)


async def test_stages_are_read_shown_and_gone_on_to(command: Command, db: Db, book: Book) -> None:
    await crowd(db, book)
    await command(*PLAN, *PAID)
    assert (await command("campaigns", "launch", "autumn", "--stages", "50%,10%", *BY)).code == 2
    assert (await command("campaigns", "launch", "autumn", "--stage-wait", "1d", *BY)).code == 2
    assert (await command("campaigns", "launch", "autumn", "--stages", "10%,rest", *BY)).code == 0
    shown = await command("campaigns", "show", "autumn")
    assert "opened 2026-03-03 15:00 by priya-nair" in shown.out and "not opened yet" in shown.out
    early = await command("campaigns", "go-on", "autumn", *BY)
    assert (early.code, "still coming in" in early.err) == (4, True)
