"""Does a row of a list of deals become the deal it tells, with nothing made up about when and how much?"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.cells import When, said
from leadloom.domain.intake.columns import DEAL_FIELDS, map_columns
from leadloom.domain.intake.import_deal import DealChoices, DealRows, ToldDeal
from leadloom.domain.intake.told_row import Fault
from tests import world


def reader(*names: str, choices: DealChoices | None = None) -> DealRows:
    return DealRows(world.definition(), map_columns(names, DEAL_FIELDS, ()), choices or DealChoices())


def read(row: dict[str, str], choices: DealChoices | None = None) -> ToldDeal | tuple[Fault, ...]:
    return reader(*row, choices=choices).read([said(cell) for cell in row.values()], at=world.MONDAY)


def deal(row: dict[str, str], choices: DealChoices | None = None) -> ToldDeal:
    found = read(row, choices)
    assert isinstance(found, ToldDeal), found
    return found


def day(*on: int) -> When:
    return When(at=datetime(*on, tzinfo=UTC), day_only=True)


def test_a_won_date_says_won_and_the_lead_names_a_deal_without_an_id() -> None:
    told = deal({"mql_id": "m-1", "won_date": "2018-02-26 19:58:54", "segment": "pet"})
    assert (told.external_id, told.lead, told.stage, told.created) == ("m-1", "m-1", "won", None)
    assert told.closed == When(at=datetime(2018, 2, 26, 19, 58, 54, tzinfo=UTC))
    assert (told.amount, told.attributes) == (None, {"segment": "pet"})


def test_a_crms_words_for_its_stages_are_known_and_the_close_of_an_open_deal_is_a_hope() -> None:
    row = {"Deal ID": "d-1", "Lead": "m-1", "Stage": "Closed Won", "Create Date": "2025-01-02",
           "Close Date": "2025-02-03"}  # fmt: skip
    assert (deal(row).stage, deal(row).closed) == ("won", day(2025, 2, 3))
    hoped = deal({**row, "Stage": "open", "Close Date": "2031-01-01"})
    assert (hoped.stage, hoped.closed) == ("open", None)


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"Stage": "Prospecting"}, "stage", "--value 'stage:Prospecting=open'"),
        ({"Stage": ""}, "stage", "won or lost"),
        ({"Stage": "won", "Close Date": ""}, "closed_at", "since when"),
        ({"Stage": "open", "Create Date": "", "Close Date": ""}, "created_at", "opened"),
        ({"Create Date": "2025-03-01"}, "closed_at", "before it was opened (2025-03-01)"),
        ({"Close Date": "2031-01-01"}, "closed_at", "ahead of now"),
        ({"Amount": "much"}, "amount", "no amount"),
        ({"Amount": "500"}, "currency", "--currency USD"),
        ({"Lead": ""}, "lead", "whose deal"),
        ({"Deal ID": "N/A"}, "deal", "no id"),
        ({"Track": "sideways"}, "track", "new-business"),
    ],
)
def test_what_contradicts_itself_or_is_missing_is_refused(change: dict[str, str], field: str, words: str) -> None:
    row = {"Deal ID": "d-1", "Lead": "m-1", "Stage": "won", "Create Date": "2025-01-02", "Close Date": "2025-02-03",
           "Amount": "", "Track": ""}  # fmt: skip
    found = read({**row, **change})
    assert isinstance(found, tuple), found
    assert found[0].field == field
    assert words in found[0].why


def test_a_close_alone_is_what_the_operator_says_it_is() -> None:
    row = {"Lead": "m-1", "Close Date": "2025-02-03"}
    assert deal(row, DealChoices(stage="lost")).stage == "lost"


def test_no_amount_needs_no_currency() -> None:
    row = {"Lead": "m-1", "Won Date": "2025-02-03", "Amount": "0.0"}
    assert (deal(row).amount, deal(row).currency) == (None, None)
    told = deal({**row, "Amount": "1,200"}, DealChoices(currency="EUR"))
    assert (told.amount, told.currency) == (Decimal("1200.00"), "EUR")


def test_an_owner_of_ours_is_known_by_name_and_a_strange_one_is_kept() -> None:
    row = {"Lead": "m-1", "Won Date": "2025-02-03"}
    assert deal({**row, "Owner": "Dana Whitlock"}).owner == "dana-whitlock"
    strange = deal({**row, "Owner": "Zed"})
    assert (strange.owner, strange.attributes) == (None, {"Owner": "Zed"})


def test_a_deal_of_one_day_closed_after_it_was_opened() -> None:
    row = {"Deal ID": "d", "Lead": "m", "Create Date": "2025-02-03 15:00", "Won Date": "2025-02-03"}
    told = deal(row)
    assert told.closed is not None and told.created is not None
    assert told.closed.at == told.created.at


def test_a_deal_told_twice_in_one_list_is_refused_the_second_time() -> None:
    rows = reader("Lead", "Won Date")
    first, second = (rows.read(("m-1", day), at=world.MONDAY) for day in ("2025-02-03", "2025-05-03"))
    assert isinstance(first, ToldDeal)
    assert isinstance(second, tuple)
    assert "earlier row" in second[0].why


def test_deals_that_are_nobodys_are_no_list() -> None:
    with pytest.raises(BadInput, match="lead=COLUMN"):
        reader("Deal ID", "Amount")


def test_deals_of_companies_alone_are_read() -> None:
    told = deal({"Opportunity ID": "o-1", "Account": "Acme", "Deal Stage": "Lost", "Engage Date": "2017-01-02",
                 "Close Date": "2017-03-04", "Close Value": "0", "Product": "GTXPro"})  # fmt: skip
    assert (told.lead, told.company, told.product, told.stage) == (None, "Acme", "GTXPro", "lost")
