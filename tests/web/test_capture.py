"""Does a form make a lead with proof, keep what was typed when something is wrong, and lose no person to a bot trap?"""

from __future__ import annotations

import pytest

from leadloom.domain.intake.form import said
from leadloom.runtime.forms import FormFolder, lint
from tests import world
from tests.web.site import Site

ANA = {
    "email": "Ana.Torres@Meridian-Pharma.example",
    "first_name": "Ana",
    "company": "Meridian Pharma",
    "country": "US",
}


FORMS = FormFolder().forms()


def test_every_form_is_sound_and_records_an_event_from_a_source_of_the_definition() -> None:
    assert lint(world.definition()) == ()


@pytest.mark.parametrize("name", sorted(FORMS.by_name))
async def test_every_form_can_be_shown_and_posted(site: Site, name: str) -> None:
    form = FORMS.named(name)
    shown = await site.client.get(f"/f/{name}")
    assert shown.status_code == 200
    assert " checked" not in shown.text
    told = {**ANA, "role": "Head of Quality", "phone": "+1 212 555 0199", "question": "How long\nis the wait?"}
    posted = await site.client.post(f"/f/{name}", data={field: told.get(field, "") for field in form.fields})
    page = posted.headers["location"].partition("?")[0]
    assert (posted.status_code, page) == (303, f"/f/{name}/thanks")
    assert said(form.thanks.title, "en") in (await site.client.get(posted.headers["location"])).text
    (event,) = await site.events(form.event)
    assert event["channel"] == form.source


async def test_a_ticked_box_is_kept_with_its_very_words_and_proof(site: Site) -> None:
    headers = {"Referer": "https://kelvance.example/m/four-degrees?mail=ana@meridian-pharma.example"}
    await site.client.post("/f/guide", data={**ANA, "consent": "yes"}, headers=headers)
    (basis,) = await site.rows("SELECT kind, wording, source, proof FROM basis")
    sentence = said(FORMS.named("guide").consents[0].box, "en")
    assert (basis["kind"], basis["source"], basis["wording"]) == ("express", "guide", sentence)
    assert "203.0.113.7" in str(basis["proof"])
    assert "Chrome/156" in str(basis["proof"])
    assert "four-degrees" in str(basis["proof"])
    assert "ana@" not in str(basis["proof"])


async def test_an_unticked_box_gives_the_guide_and_no_permission(site: Site) -> None:
    assert (await site.client.post("/f/guide", data=ANA)).status_code == 303
    assert await site.count("basis") == 0
    assert await site.count("enrolment") == 1


async def test_multipart_is_taken_like_urlencoded(site: Site) -> None:
    posted = await site.client.post("/f/guide", files={name: (None, value) for name, value in ANA.items()})
    assert posted.status_code == 303
    assert await site.count("lead") == 1


async def test_a_form_posted_twice_is_one_event_and_from_another_site_it_counts(site: Site) -> None:
    fields = {**ANA, "once": "abcdefghijklmnop1234"}
    foreign = {"Origin": "https://kelvance-microsite.example", "Sec-Fetch-Site": "cross-site"}
    for _ in range(2):
        assert (await site.client.post("/f/guide", data=fields, headers=foreign)).status_code == 303
    assert len(await site.events("guide_requested")) == 1


async def test_what_was_typed_comes_back_with_the_error_at_its_field(site: Site) -> None:
    page = await site.client.post("/f/guide", data={**ANA, "email": "not an address", "consent": "yes"})
    assert page.status_code == 422
    assert 'value="not an address"' in page.text
    assert 'value="Meridian Pharma"' in page.text
    assert 'id="email-error"' in page.text
    assert 'name="consent" value="yes" checked' in page.text
    missing = await site.client.post("/f/guide", data={"email": ANA["email"]})
    assert 'id="company-error"' in missing.text
    assert await site.count("lead") == 0


async def test_what_a_form_says_is_shown_as_text_never_as_markup(site: Site) -> None:
    page = await site.client.post("/f/guide", data={**ANA, "email": '"><script>alert(1)</script>'})
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


async def test_whoever_is_too_fast_is_asked_once_more_and_keeps_what_they_typed(site: Site) -> None:
    now = int(site.house.now().timestamp())
    page = await site.client.post("/f/guide", data={**ANA, "began": str(now)})
    assert page.status_code == 422
    assert "press the button once more" in page.text
    assert f'value="{ANA["company"]}"' in page.text
    assert (await site.client.post("/f/guide", data={**ANA, "began": str(now - 10)})).status_code == 303


async def test_a_line_break_in_a_name_never_becomes_a_header(site: Site) -> None:
    page = await site.client.post("/f/guide", data={**ANA, "first_name": "Ana\r\nBcc: all@evil.example"})
    assert page.status_code == 422
    assert await site.count("lead") == 0


async def test_a_form_takes_no_json_no_file_and_no_unknown_name(site: Site) -> None:
    assert (await site.client.post("/f/guide", json=ANA)).status_code == 415
    assert (await site.client.post("/f/guide", files={"email": ("a.exe", b"MZ")})).status_code == 400
    assert (await site.client.post("/f/nothing", data=ANA)).status_code == 404
    assert (await site.client.get("/f/..%2f..%2fetc")).status_code == 404
    assert await site.count("lead") == 0
