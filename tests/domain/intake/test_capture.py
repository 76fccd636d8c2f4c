"""Does every door lead to a clean draft, and is what can't be kept refused by name, value and remedy?"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.capture import Door, LeadChanges, merge, read_form, read_json
from leadloom.domain.intake.countries import CODES, country_code
from leadloom.domain.intake.roles import role_of
from leadloom.domain.intake.told import one_line
from leadloom.domain.lead import BasisKind, LeadDraft
from leadloom.domain.model import Json
from tests.domain.a_run import DAY_0
from tests.domain.a_standing import DEFINITION, a_lead

DOOR = Door(
    name="guide-form",
    at=DAY_0,
    event="guide_requested",
    source="microsite",
    key="post-1",
    wording="Yes, write to me.",
    ip="192.0.2.7",
    page="/m/four-degrees",
)
MIA = {"email": "Mia@Nordkap.example"}


def form(door: Door = DOOR, **fields: str) -> LeadDraft:
    return read_form({**MIA, **fields}, definition=DEFINITION, door=door)


def call(body: Any, door: Door = DOOR) -> LeadDraft:
    return read_json(body, definition=DEFINITION, door=door)


def test_a_form_becomes_a_draft_with_its_event() -> None:
    found = form(
        first_name="  Mia ", company="Nordkap   Pharma", country="Deutschland", role="Head of Quality", sites="4",
        industry="Pharma Distribution", time_zone="Europe/Berlin", language="de-DE", favourite_truck="reefer",
    )  # fmt: skip

    assert found == LeadDraft(
        email="mia@nordkap.example",
        first_name="Mia",
        company="Nordkap Pharma",
        country="DE",
        role="quality",
        title="Head of Quality",
        sites=4,
        industry="pharma distribution",
        time_zone="Europe/Berlin",
        language="de",
        source="microsite",
        attributes={"favourite_truck": "reefer"},
        events=found.events,
    )
    (event,) = found.events
    assert (event.kind, event.at, event.key, event.channel) == ("guide_requested", DAY_0, "post-1", "microsite")
    assert event.data == {"form": "guide-form", "page": "/m/four-degrees"}


@pytest.mark.parametrize("field", ["first_name", "company", "title", "phone", "role", "industry"])
@pytest.mark.parametrize("break_", ["\r\n", "\n", "\x00", "\x1b", "\x7f", "\x85", "\u2028"])
def test_a_line_break_or_control_character_in_a_field_is_refused(field: str, break_: str) -> None:
    with pytest.raises(BadInput) as refused:
        form(**{field: f"Mia{break_}Bcc: all@nordkap.example"})

    assert refused.value.field == field
    assert "one line" in refused.value.remedy


@given(st.text(max_size=90))
def test_whatever_is_kept_on_one_line_can_stand_in_a_header(text: str) -> None:
    try:
        kept = one_line("first_name", text)
    except BadInput as refused:
        assert refused.field == "first_name"
    else:
        assert kept is None or (
            kept.splitlines() == [kept] and len(kept) <= 80 and one_line("first_name", kept) == kept
        )


@pytest.mark.parametrize(("field", "longest"), [("first_name", 80), ("last_name", 80), ("company", 255)])
def test_a_field_takes_so_many_characters_and_not_one_more(field: str, longest: int) -> None:
    assert getattr(form(**{field: "x" * longest}), field) == "x" * longest
    with pytest.raises(BadInput, match=f"at most {longest} characters; this has {longest + 1}"):
        form(**{field: "x" * (longest + 1)})


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": ""}, "email"),
        ({"email": "nobody"}, "email"),
        ({"country": "Atlantis"}, "country"),
        ({"sites": "many"}, "sites"),
        ({"sites": "-1"}, "sites"),
        ({"asked": "deal_won"}, "asked"),
        ({"asked": "partner_need_told"}, "asked"),
        ({f"field {no}": "x" for no in range(41)}, "attributes"),
        ({"x" * 65: "y"}, "attributes"),
        ({"message": "x" * 2001}, "message"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_the_name_of_its_field(fields: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as refused:
        form(**fields)

    assert refused.value.field == field
    assert refused.value.remedy


def test_a_message_keeps_its_lines() -> None:
    assert form(message="Hello,\r\nwe have\ttwo depots.\r\n").attributes == {"message": "Hello,\nwe have\ttwo depots."}


def test_values_we_have_no_place_for_are_kept_by_their_name() -> None:
    found = form(source="radio", industry="Bakery", time_zone="Mars/Olympus")

    assert found.attributes == {"source": "radio", "industry": "Bakery", "time_zone": "Mars/Olympus"}
    assert (found.source, found.industry, found.time_zone) == ("microsite", None, None)


def test_the_words_for_role_and_title_are_both_kept() -> None:
    known, unknown = form(role="quality", title="Dr"), form(role="Poet", title="Dr")

    assert (known.role, known.title, known.attributes) == ("quality", "Dr", {})
    assert (unknown.role, unknown.title, unknown.attributes) == (None, "Dr", {"role": "Poet"})
    assert form(role="Poet").title == "Poet"


def test_a_ticked_box_is_permission_with_its_proof() -> None:
    (basis,) = form(consent="on").bases

    assert (basis.kind, basis.wording, basis.source) == (BasisKind.EXPRESS, "Yes, write to me.", "guide-form")
    assert basis.proof == {"ip": "192.0.2.7", "page": "/m/four-degrees"}


@pytest.mark.parametrize("box", ["", "off", "false", "0", "no"])
def test_an_unticked_box_is_no_permission(box: str) -> None:
    assert form(consent=box).bases == ()


def test_a_ticked_box_without_its_sentence_proves_nothing() -> None:
    with pytest.raises(BadInput, match="sentence"):
        form(DOOR.model_copy(update={"wording": ""}), consent="on")


@pytest.mark.parametrize("asked", ["demo", "demo_requested"])
def test_asking_to_talk_is_the_event(asked: str) -> None:
    found = form(asked=asked)

    assert [event.kind for event in found.events] == ["demo_requested"]


def test_what_a_partner_reports_is_no_enquiry_of_the_person() -> None:
    assert form(DOOR.model_copy(update={"event": "partner_need_told"})).bases == ()


def test_a_call_carries_attributes_and_events_and_its_own_id() -> None:
    found = call(
        {
            "external_id": "crm-7",
            "sites": 5,
            "consent": True,
            "vip": True,
            "attributes": {"loggers": 12},
            "events": [{"kind": "reply", "at": "2026-03-01T08:00:00+01:00", "key": "r1", "data": {"words": 12}}],
        },
        DOOR.model_copy(update={"event": None}),
    )

    assert (found.email, found.external_id, found.sites) == (None, "crm-7", 5)
    assert found.attributes == {"loggers": 12, "vip": True}
    assert [(event.kind, event.key, event.data) for event in found.events] == [("reply", "r1", {"words": 12})]
    assert [basis.kind for basis in found.bases] == [BasisKind.EXPRESS]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "body"),
        ({**MIA, "events": {}}, "events"),
        ({**MIA, "events": ["reply"]}, "events"),
        ({**MIA, "events": [{"kind": "flew"}]}, "events.kind"),
        ({**MIA, "events": [{"kind": "reply", "at": "2026-03-01T08:00:00"}]}, "events.at"),
        ({**MIA, "first_name": ["Mia"]}, "first_name"),
        ({**MIA, "nested": {"a": 1}}, "nested"),
        ({**MIA, "attributes": [1]}, "attributes"),
    ],
)
def test_a_call_of_another_shape_is_refused_by_the_name_of_its_field(body: Json, field: str) -> None:
    with pytest.raises(BadInput) as refused:
        call(body)

    assert refused.value.field == field


def test_a_blank_never_overwrites_what_is_known() -> None:
    lead = a_lead(first_name="Mia", phone="+1 212 555 0100", attributes={"a": 1})

    assert merge(lead, LeadDraft(email="mia@nordkap.example", first_name="", phone="")) == LeadChanges()


def test_names_and_first_source_stay_while_what_people_change_follows() -> None:
    lead = a_lead(first_name="Mia", attributes={"a": 1})
    draft = LeadDraft(first_name="M.", last_name="Holm", source="webinar", role="it", attributes={"b": 2})

    assert merge(lead, draft) == LeadChanges(last_name="Holm", role="it", attributes={"a": 1, "b": 2})


def test_a_new_lead_is_all_the_draft_says() -> None:
    assert merge(None, LeadDraft(email="mia@nordkap.example", source="webinar")) == LeadChanges(
        email="mia@nordkap.example", source="webinar"
    )


def test_merging_twice_changes_nothing_more() -> None:
    draft = LeadDraft(last_name="Holm", role="it", attributes={"b": 2})
    changes = merge(a_lead(), draft)

    assert merge(a_lead().model_copy(update=changes.model_dump(exclude_none=True)), draft) == LeadChanges()


@pytest.mark.parametrize(
    ("text", "code"),
    [("DE", "DE"), ("de", "DE"), ("Österreich", "AT"), ("U.S.A.", "US"), ("u.k.", "GB"), ("the  Netherlands", "NL"),
     ("NA", "NA"), ("no", "NO"), ("Brasil", "BR"), ("Atlantis", None), ("", None)],
)  # fmt: skip
def test_countries_are_known_by_code_and_by_name(text: str, code: str | None) -> None:
    assert country_code(text) == code


def test_every_country_we_serve_has_an_assigned_code() -> None:
    assert set(DEFINITION.fit.country.is_) <= CODES


@pytest.mark.parametrize(
    ("text", "role"),
    [("quality", "quality"), ("QA Manager", "quality"), ("Director, Supply Chain", "logistics"), ("IT lead", "it"),
     ("CFO", "finance"), ("Shift lead", "shift"), ("Poet", None), ("Digital artist", None)],
)  # fmt: skip
def test_a_role_is_known_by_its_words(text: str, role: str | None) -> None:
    assert role_of(DEFINITION, text) == role
