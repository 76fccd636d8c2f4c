"""Does a form's file say what it asks, and is every fault named with its line? Does a post mean what it should?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import Faulty
from leadloom.domain.intake import form_post
from leadloom.domain.intake.form import Form, language_of, said
from leadloom.domain.intake.form_check import find_faults, read_form, read_parts
from leadloom.domain.lead import Account, Lead
from leadloom.domain.model import AccountId, LeadId
from leadloom.runtime.forms import FOLDER
from leadloom.store.tx import new_id
from tests import world

AT = datetime(2026, 3, 3, 14, tzinfo=UTC)
PARTS = read_parts(DraftText("_shared.yaml", (FOLDER / "_shared.yaml").read_text(encoding="utf-8")))
SOUND = """\
event: guide_requested
source: microsite
languages: [en, de]
title: {en: A guide, de: Ein Leitfaden}
says: {en: Short., de: Kurz.}
asks:
  - {field: email, needed: true}
  - {field: first_name}
  - {field: company, needed: true}
  - {field: role}
  - {field: sites}
ask_at_most: 3
button: {en: Send it, de: Schicken}
consents:
  - {purpose: marketing, version: "1", box: {en: "Yes, Kelvance may write.", de: "Ja, Kelvance darf."}}
thanks: {title: {en: Thanks, de: Danke}, says: {en: It comes., de: Er kommt.}}
redirects: [/m/, "https://kelvance.example/thanks/"]
frames: ["https://kelvance.example", "https://*.polar-lane.example"]
"""


def form(text: str = SOUND) -> Form:
    return read_form(DraftText("guide.yaml", text), PARTS, name="guide")


def ana(**rest: object) -> Lead:
    return Lead.model_validate({"lead_id": LeadId(new_id()), "created_at": AT, "email": "ana@alder.example", **rest})


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        ("{field: role}", "{field: rolle}", "line 10 (asks.3.field): There is no field in _shared.yaml `rolle`"),
        ("ask_at_most: 3", "ask_at_most: 2", "needed and would wait behind 2 others"),
        ("- {field: email, needed: true}", "- {field: email}", "Nobody is known without an address"),
        ("{field: role}", "{field: first_name}", "The field `first_name` stands here twice"),
        ("de: Ein Leitfaden", "fr: Un guide", "Nothing is said here in de"),
        ("languages: [en, de]", "languages: [en, fr]", "There is no language in _shared.yaml `fr`"),
        ('"https://kelvance.example",', '"http://kelvance.example",', "is no site: write https://"),
        ('"https://*.polar-lane.example"', '"https://*"', "is no site: write https://"),
        ('"https://kelvance.example/thanks/"', '"https://kelvance.example"', "leaves open where it leads"),
        ("[/m/,", "[//evil.example/,", "leaves open where it leads"),
        ("ask_at_most: 3", "ask_at_most: 3\nticked: true", "There is no such name here"),
        ("event: guide_requested", "name: other\nevent: guide_requested", "is called like its file"),
    ],
)  # fmt: skip
def test_a_form_with_a_fault_is_refused_with_its_place_and_remedy(was: str, becomes: str, fault: str) -> None:
    assert was in SOUND
    with pytest.raises(Faulty) as raised:
        form(SOUND.replace(was, becomes))
    assert fault in str(raised.value)


@pytest.mark.parametrize(
    ("was", "becomes", "fault"),
    [
        ("guide_requested", "guide_request", "There is no event `guide_request`: did you mean `guide_requested`?"),
        ("source: microsite", "source: micro", "There is no source `micro`"),
        ('en: "Yes, Kelvance may write."', 'en: "Yes, write."', "name Kelvance in it"),
    ],
)
def test_what_the_definition_does_not_know_or_allow_is_a_fault(was: str, becomes: str, fault: str) -> None:
    assert [one.words for one in find_faults(form(), world.definition())] == []
    (found,) = find_faults(form(SOUND.replace(was, becomes)), world.definition())
    assert fault in found.words


def test_a_stranger_is_asked_the_first_few_and_a_known_reader_only_what_is_unknown() -> None:
    guide = form()
    assert [one.field for one in form_post.asked_of(guide, frozenset(), {})] == ["email", "first_name", "company"]
    known = form_post.known_of(guide, ana(company="Alder"), None)
    assert known == {"email", "company"}
    assert [one.field for one in form_post.asked_of(guide, known, {})] == ["first_name", "role", "sites"]
    assert form_post.missing(guide, {}, known) == []
    assert form_post.missing(guide, {"email": " "}, frozenset()) == ["email", "company"]
    at_alder = Account(account_id=AccountId(new_id()), name="Alder", sites=4)
    everything = form_post.known_of(guide, ana(company="Alder", title="Head of it", first_name="Ana"), at_alder)
    assert form_post.asked_of(guide, everything, {}) == ()
    assert form_post.known_of(guide, ana(email=None, company="Alder"), None) == frozenset()


def test_what_somebody_wrote_comes_back_even_where_it_would_not_be_asked() -> None:
    fields = [one.field for one in form_post.asked_of(form(), frozenset(), {"sites": "many"})]
    assert fields == ["email", "first_name", "company", "sites"]


@pytest.mark.parametrize(
    ("wish", "leads"),
    [
        ("/m/four-degrees/guide", True),
        ("https://kelvance.example/thanks/you", True),
        ("https://kelvance.example.evil.example/thanks/", False),
        ("https://kelvance.example@evil.example/thanks/", False),
        ("//evil.example/m/", False),
        ("/m/../p/token", False),
        ("/m/\\evil.example", False),
        ("/m/\r\nSet-Cookie: x", False),
        ("javascript:alert(1)", False),
        ("/f/guide", False),
        ("", False),
    ],
)
def test_a_post_leads_only_where_the_form_allows(wish: str, leads: bool) -> None:
    assert form_post.leads_to(form(), {"next": wish}) == (wish if leads else None)


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("https://kelvance.example/cold?mail=ana@alder.example", "https://kelvance.example/cold"),
        ("https://www.polar-lane.example/x", "https://www.polar-lane.example/x"),
        ("https://polar-lane.example.evil.example/x", None),
        ("https://evilpolar-lane.example/x", None),
        ("http://kelvance.example/cold", None),
    ],
)
def test_where_a_framed_form_stood_is_kept_without_its_query_and_only_for_allowed_sites(
    page: str, kept: str | None
) -> None:
    assert form_post.shown_on(form(), {"shown_on": page}) == kept


def test_an_event_says_campaign_and_utm_and_nothing_that_can_not_be_kept() -> None:
    posted = {"utm_source": " news ", "utm_campaign": "spring\r\nBcc: x", "utm_medium": "x" * 500, "utm_id": "7"}
    kept = form_post.besides(form("campaign: expo\nteam: berlin\n" + SOUND), posted)
    assert kept == {"campaign": "expo", "team": "berlin", "utm_source": "news", "utm_medium": "x" * 120}
    assert form_post.besides(form("campaign: expo\n" + SOUND), {"campaign": "own"})["campaign"] == "own"


def test_what_a_form_carries_for_itself_is_no_field_of_the_lead() -> None:
    posted = {"email": "a@b.example", "began": "1", "once": "x", "reader": "t", "consent.product": "yes", "kept": "1"}
    told = form_post.told_by(form("team: berlin\nkeeps: {seat: front}\n" + SOUND), posted)
    assert told == {"email": "a@b.example", "kept": "1", "team": "berlin", "seat": "front"}


def test_a_reader_is_spoken_to_in_the_first_of_their_languages_that_the_form_has() -> None:
    assert language_of(form(), None, "fr-FR,de-AT;q=0.8,en;q=0.5") == "de"
    assert language_of(form(), "en", "de") == "en"
    assert language_of(form(), "xx", None) == "en"
    assert said({"en": "Yes"}, "de") == "Yes"
