"""Are a stranger's columns mapped by what they surely mean, and by nothing else?"""

from __future__ import annotations

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.columns import (
    DEAL_FIELDS,
    LEAD_FIELDS,
    ColumnMap,
    look_unique,
    map_columns,
    normal,
    unique_names,
)


def mapped(*names: str, asked: tuple[str, ...] = ()) -> ColumnMap:
    return map_columns(unique_names(names), LEAD_FIELDS, asked)


def fields(columns: ColumnMap) -> dict[str, str]:
    return {column.name: column.field for column in columns.columns if column.field}


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("HasOptedOutOfEmail", "has opted out of email"), ("E-mail Address", "e mail address"), ("mql_id", "mql id"),
        ("Ｅmail", "email"), ("Billing State/Province", "billing state province"), ("MQLId", "mql id"),
    ],
)  # fmt: skip
def test_a_header_is_its_words(header: str, words: str) -> None:
    assert normal(header) == words


def test_exact_synonyms_are_mapped_and_the_rest_keep_their_names() -> None:
    columns = mapped("First Name", "lastName", "E-Mail", "Account Name", "Lead Source", "Lead Number", "Favourite cake")
    assert fields(columns) == {
        "First Name": "first_name", "lastName": "last_name", "E-Mail": "email", "Account Name": "company",
        "Lead Source": "source",
    }  # fmt: skip
    assert [column.name for column in columns.columns if column.field is None] == ["Lead Number", "Favourite cake"]


def test_metas_id_is_who_a_lead_is_only_when_nothing_else_says_so() -> None:
    assert fields(mapped("id", "full_name", "phone_number", "ad_id"))["id"] == "external_id"
    assert "id" not in fields(mapped("id", "Prospect ID"))
    assert "id" not in fields(mapped("id", "email", asked=("external_id=",)))


def test_what_is_only_alike_is_suggested_and_not_mapped() -> None:
    columns = mapped("Customer Email", "Last Activity")
    assert fields(columns) == {}
    assert [(each.column, each.field) for each in columns.suggestions] == [("Customer Email", "email")]


def test_two_columns_for_one_field_are_refused_by_name_until_an_operator_decides() -> None:
    with pytest.raises(BadInput, match=r"'Phone' and 'Business Phone' both mean phone.*--map 'phone=Phone'"):
        mapped("Phone", "Business Phone")
    assert fields(mapped("Phone", "Business Phone", asked=("phone=Business Phone",))) == {"Business Phone": "phone"}
    assert fields(mapped("Phone", "Business Phone", asked=("phone=",))) == {}


def test_a_header_that_stands_twice_is_two_columns_for_one_field_too() -> None:
    with pytest.raises(BadInput, match=r"'Email' and 'Email \(2\)' both mean email"):
        mapped("Email", "Email")
    assert fields(mapped("Email", "Email", asked=("email=Email (2)",))) == {"Email (2)": "email"}


def test_a_header_that_ends_in_a_comma_makes_no_phantom_column() -> None:
    assert unique_names(("a", "", "b", "", "")) == ("a", "(column 2)", "b")


def test_a_field_can_be_made_of_columns() -> None:
    columns = mapped("Lead Number", "Email", asked=("email={Lead Number}@leads.example",))
    (made,) = columns.computed
    assert (made.field, made.parts) == ("email", (0, "@leads.example"))
    assert fields(columns) == {}


def test_one_column_may_be_two_fields_when_asked() -> None:
    columns = mapped("Email", asked=("external_id=Email",))
    assert fields(columns) == {"Email": "email"}
    assert [(made.field, made.parts) for made in columns.computed] == [("external_id", (0,))]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("email=Mail", "no column 'Mail'; it has: Email"), ("mail=Email", "no field 'mail'"), ("email", "FIELD=COLUMN"),
        ("email={Nr}@x.example", "no column 'Nr'"), ("email={Email@x.example", "in braces"),
    ],
)  # fmt: skip
def test_what_was_asked_wrongly_is_said(asked: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        mapped("Email", asked=(asked,))


def test_a_mended_file_of_faults_is_read_without_its_two_columns() -> None:
    columns = mapped("fault_field", "fault", "Email")
    assert [column.name for column in columns.columns if column.dropped] == ["fault_field", "fault"]


def test_columns_that_look_like_an_id_are_found() -> None:
    rows = [("1", "a", "x"), ("2", "b", "x"), ("3", "", "x")]
    assert look_unique(("Nr", "Name", "Same"), rows) == ("Nr",)


def test_deals_know_their_lead_by_its_id_and_their_end_by_their_words() -> None:
    columns = map_columns(("mql_id", "won_date", "declared_monthly_revenue"), DEAL_FIELDS, ())
    assert fields(columns) == {"mql_id": "lead", "won_date": "won_at"}


def test_one_text_can_stand_for_all_rows() -> None:
    found = map_columns(("Email", "Land"), LEAD_FIELDS, ['country="DE"'])
    assert [(each.field, each.parts) for each in found.computed] == [("country", ("DE",))]
    assert [column.field for column in found.columns] == ["email", None]
