"""Does a row of a stranger's list become the lead it tells of, or say what is wrong with it?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.cells import said
from leadloom.domain.intake.columns import LEAD_FIELDS, map_columns
from leadloom.domain.intake.import_row import LeadChoices, LeadRows
from leadloom.domain.intake.told_row import Dates, Fault
from leadloom.domain.lead import BasisDraft, BasisKind, LeadDraft
from tests import world

NOW = world.MONDAY
BASIS = BasisDraft(kind=BasisKind.EXPRESS, source="fair", at=datetime(2026, 1, 5, tzinfo=UTC))


def read(row: dict[str, str], *asked: str, choices: LeadChoices | None = None) -> LeadDraft | tuple[Fault, ...]:
    rows = LeadRows(world.definition(), map_columns(tuple(row), LEAD_FIELDS, asked), choices or LeadChoices())
    return rows.read([said(cell) for cell in row.values()], import_id="i-1", at=NOW)


def lead(row: dict[str, str], *asked: str, choices: LeadChoices | None = None) -> LeadDraft:
    found = read(row, *asked, choices=choices)
    assert isinstance(found, LeadDraft), found
    return found


def faults(row: dict[str, str], *asked: str, choices: LeadChoices | None = None) -> dict[str, str]:
    found = read(row, *asked, choices=choices)
    assert isinstance(found, tuple), found
    return {fault.field: fault.why for fault in found}


def test_a_row_becomes_a_draft_with_its_first_contact_and_its_stage() -> None:
    draft = lead(
        {"Email": "Ana@Alder.example", "Name": "Ana Torres", "Job Title": "Head of Quality", "Country": "Brasil",
         "Created Date": "2025-11-03", "Favourite cake": "plum", "City": "Select"},
        choices=LeadChoices(stage="inquiry"),
    )  # fmt: skip
    assert (draft.email, draft.first_name, draft.last_name) == ("ana@alder.example", "Ana", "Torres")
    assert (draft.role, draft.title, draft.country) == ("quality", "Head of Quality", "BR")
    assert draft.attributes == {"Favourite cake": "plum"}
    assert draft.created_at == datetime(2025, 11, 3, tzinfo=UTC)
    (event,) = draft.events
    assert (event.kind, event.at) == ("imported", draft.created_at)
    assert event.data == {"import": "i-1", "stage": "inquiry", "precision": "day"}


def test_a_list_without_dates_tells_no_first_contact() -> None:
    draft = lead({"Email": "ana@alder.example"})
    assert draft.created_at is None
    assert draft.events[0].data == {"import": "i-1"}


@pytest.mark.parametrize(
    ("row", "field", "words"),
    [
        ({"Email": "ana@"}, "email", "'ana@' can't be used"),
        ({"Email": " ", "Name": "Ana"}, "email", "whose is it"),
        ({"Email": "a@b.example", "Created Date": "02/03/2026"}, "created_at", "--dates"),
        ({"Email": "a@b.example", "Created Date": "2031-01-01"}, "created_at", "ahead of now"),
        ({"Email": "a@b.example", "Do Not Email": "Noo"}, "opt_out", "neither yes nor no"),
        ({"Email": "a@b.example", "Do Not Call": "perhaps"}, "do_not_call", "neither yes nor no"),
        ({"Email": "a@b.example", "Notes": "x" * 40_000}, "Notes", "40000 characters"),
    ],
)
def test_what_must_not_be_guessed_refuses_the_row(row: dict[str, str], field: str, words: str) -> None:
    found = faults(row)
    assert list(found) == [field]
    assert words in found[field]


def test_what_is_not_needed_is_kept_as_it_was_told() -> None:
    draft = lead(
        {"Email": "a@b.example", "Country": "Atlantis", "Phone": "ask Eve", "Language": "Klingon", "Industry": "cakes",
         "Sites": "many", "Time Zone": "noon"},
    )  # fmt: skip
    assert (draft.country, draft.phone, draft.language, draft.industry, draft.sites) == (None,) * 5
    assert draft.attributes == {
        "Country": "Atlantis", "Phone": "ask Eve", "Language": "Klingon", "Industry": "cakes", "Sites": "many",
        "Time Zone": "noon",
    }  # fmt: skip


def test_a_phone_that_excel_has_rounded_is_no_phone() -> None:
    draft = lead({"Email": "a@b.example", "Phone": "4.91512E+12"})
    assert (draft.phone, draft.attributes) == (None, {"Phone": "4.91512E+12"})


def test_namibia_and_a_person_called_none_are_told() -> None:
    draft = lead({"Email": "a@b.example", "Country": "NA", "First Name": "None", "Last Name": "Null"})
    assert (draft.country, draft.first_name, draft.last_name) == ("NA", "None", "Null")


def test_a_mobile_is_the_phone_when_there_is_no_other() -> None:
    assert lead({"Email": "a@b.example", "Phone": "", "Mobile": "+1 212 555 0143"}).phone == "+1 212 555 0143"
    both = lead({"Email": "a@b.example", "Phone": "+1 212 555 0100", "Mobile": "+1 212 555 0143"})
    assert (both.phone, both.attributes) == ("+1 212 555 0100", {"mobile": "+1 212 555 0143"})


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("Google", "google"), ("google", "google"), ("Olark Chat", "olark-chat"), ("paid_search", "paid_search"),
        ("unknown", "unknown"), ("", None), ("Search Ads", "search-ads"), ("PharmaLog Expo list", "pharmalog"),
    ],
)  # fmt: skip
def test_a_source_has_one_spelling(told: str, kept: str | None) -> None:
    assert lead({"Email": "a@b.example", "Lead Source": told}).source == kept


def test_who_said_no_gets_no_permission_and_everybody_else_the_stated_one() -> None:
    choices = LeadChoices(basis=BASIS)
    yes, no = (lead({"Email": "a@b.example", "Do Not Email": said}, choices=choices) for said in ("No", "Yes"))
    assert (yes.opted_out, yes.bases) == (False, (BASIS,))
    assert (no.opted_out, no.bases) == (True, ())


def test_an_address_is_computed_only_from_cells_that_say_something() -> None:
    asked = ("email={Lead Number}@leads.example",)
    assert lead({"Lead Number": "660737"}, *asked).email == "660737@leads.example"
    assert "whose is it" in faults({"Lead Number": "Select"}, *asked)["email"]


def test_values_are_translated_before_they_are_read() -> None:
    choices = LeadChoices(values={"stage": {"1": "won", "0": "inquiry"}, "opt_out": {"ja": "yes"}})
    row = {"Email": "a@b.example", "Converted": "1", "Do Not Email": "Ja"}
    draft = lead(row, "stage=Converted", choices=choices)
    assert (draft.events[0].data["stage"], draft.opted_out) == ("won", True)


def test_a_stage_is_one_of_ours_and_has_no_clock() -> None:
    row = {"Email": "a@b.example", "Converted": "maybe"}
    assert "Use one of: aware" in faults(row, "stage=Converted")["stage"]
    assert "clock" in faults({**row, "Converted": "sal"}, "stage=Converted")["stage"]
    with pytest.raises(BadInput, match="clock"):
        read(row, choices=LeadChoices(stage="sql"))


def test_every_fault_of_a_row_is_named_at_once() -> None:
    assert set(faults({"Email": "no", "Created Date": "soon", "Do Not Email": "x"})) == {
        "email", "created_at", "opt_out",
    }  # fmt: skip


def test_dates_are_read_as_the_operator_says() -> None:
    draft = lead({"Email": "a@b.example", "Created Date": "02/03/2025"}, choices=LeadChoices(dates=Dates(order="dmy")))
    assert draft.created_at == datetime(2025, 3, 2, tzinfo=UTC)
