"""Do variables and languages of a template fail when it is published, and read well when it is sent?"""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from leadloom.domain.errors import Faulty
from leadloom.domain.mails.template import LeadWords, TemplateBody
from leadloom.domain.model import Json
from leadloom.mail.building import Terms, check_template
from leadloom.mail.render import render
from tests.mail.test_render import FILES, LAYOUT, VALUES, urls

SHEET = """
layout: event
variables:
  seats: {type: number, default: 1200, from: campaign.seats}
  starts: {type: instant, default: "", from: lead.webinar_at}
"""
EVENT = {
    **LAYOUT,
    "event.html": '{% extends "letter" %}{% block words %}<h1>{% block title %}{{ say("new") }}{% endblock %}</h1>'
    "{{ super() }}{% endblock %}",
    "letter.html": LAYOUT["letter.html"].replace("{{ body }}", "{% block words %}{{ body }}{% endblock %}"),
    "event.txt": '{% extends "letter" %}\n{% block words %}\n{% block title %}{{ say("new") }}{% endblock +%}\n'
    "{{ super() }}\n{% endblock %}\n",
    "letter.txt": LAYOUT["letter.txt"].replace("{{ body }}", "{% block words %}\n{{ body }}\n{% endblock %}"),
    "words.yaml": "en: {new: New}\nde: {new: Neu}\n",
}
SAYS = "{{ seats }} seats{% if starts %}, {{ starts }}{% endif %}"
TWO = {
    "mail.yaml": SHEET,
    "body.html": FILES["body.html"] + f"<p>{SAYS}</p>",
    "body.txt": FILES["body.txt"] + SAYS,
    "subject.de.txt": "Neun Minuten",
    "preheader.de.txt": "Was {{ sender.name }} sah",
    "body.de.html": FILES["body.html"].replace("Read it", "Lesen"),
    "body.de.txt": FILES["body.txt"].replace("Read it", "Lesen"),
}


def built(files: Mapping[str, str] = TWO, *, values: Mapping[str, Json] | None = None, **changed: str) -> TemplateBody:
    terms = Terms(journey_values=values)
    return check_template({**FILES, **files, **changed}, EVENT, terms).body


def faults(**changed: str) -> list[str]:
    with pytest.raises(Faulty) as caught:
        built(**{name.replace("__", "."): text for name, text in changed.items()})
    return caught.value.faults


def test_a_mail_goes_into_the_layout_its_sheet_names() -> None:
    assert "<h1>New</h1>" in render(built(), VALUES, urls=urls()).html
    assert "<h1>" not in render(built({}), VALUES, urls=urls()).html


def test_a_variable_nobody_declared_fails_with_its_line_and_where_to_declare_it() -> None:
    (fault,) = faults(body__txt=TWO["body.txt"] + "\n{{ saets }}")
    assert fault.startswith("body.txt:5: there is no saets; did you mean seats?")
    assert "mail.yaml" in fault


@pytest.mark.parametrize(
    ("sheet", "fault"),
    [
        ("variables:\n  seats: {type: number}", "mail.yaml:2: variables.seats.default: it has no default; say what"),
        ("variables:\n  seats: {type: number, default: many}", "mail.yaml:2: seats: default: 'many' is no number"),
        ("variables:\n  seats: {type: heap, default: 1}", "mail.yaml:2: variables.seats.type: Input should be 'text'"),
        (
            "variables:\n  seats:\n    type: number\n    default: 1\n    from: rep.seats",
            "mail.yaml:2: seats: from: rep",
        ),
        ("variables:\n  lead: {type: text, default: x}", "mail.yaml:2: lead: every mail has a lead already"),
        ("variables:\n  seats: {type: number, default: 1, from: journey.seats}", "mail.yaml:2: seats: its journey has"),
        ("layuot: event", "mail.yaml:1: layuot: there is no such setting"),
        ("layout: evnt", "the mail asks for _layout/evnt.html, which there is not"),
        ("layout: [", "mail.yaml:"),
    ],
)
def test_a_sheet_that_says_too_little_fails_with_its_line(sheet: str, fault: str) -> None:
    with pytest.raises(Faulty) as caught:
        built({}, values={}, **{"mail.yaml": sheet})
    assert any(each.startswith(fault) for each in caught.value.faults), caught.value.faults


def test_a_reader_without_a_value_reads_the_default_in_their_language() -> None:
    assert "1,200 seats\n" in render(built(), VALUES, urls=urls()).text
    told = VALUES.model_copy(update={"variables": {"seats": "40", "starts": "3 March 2026, 14:00 UTC"}})
    assert "40 seats, 3 March 2026, 14:00 UTC" in render(built(), told, urls=urls()).text


def test_what_its_journey_says_is_part_of_what_is_published() -> None:
    sheet = "variables:\n  seats: {type: number, default: 1, from: journey.seats}"
    files = {"mail.yaml": sheet, "body.txt": FILES["body.txt"] + "{{ seats }} seats"}
    assert "40 seats" in render(built(files, values={"seats": 40}), VALUES, urls=urls()).text


def test_a_variant_is_read_by_those_of_its_language_and_names_it() -> None:
    german = VALUES.model_copy(update={"language": "de", "lead": LeadWords(first_name="Jonas")})
    mail = render(built(), german, urls=urls())
    assert (mail.subject, mail.language) == ("Neun Minuten", "de")
    assert mail.text.startswith("Neu\nGuten Tag Jonas,\n")
    assert "<h1>Neu</h1>" in mail.html
    assert render(built(), VALUES.model_copy(update={"language": "fr"}), urls=urls()).language == "en"


def test_a_variant_that_leads_elsewhere_or_lacks_a_file_is_refused() -> None:
    elsewhere = TWO["body.de.html"].replace("/m/nine-minutes", "/m/other")
    found = faults(body__de__html=elsewhere, body__de__txt=TWO["body.de.txt"].replace("/m/nine-minutes", "/m/other"))
    assert found[0].startswith("body.de.html:1: its link calls must be those of body.html, in the same order")
    with pytest.raises(Faulty) as caught:
        built({"body.de.html": FILES["body.html"]})
    assert caught.value.faults == [
        "subject.de.txt is missing", "body.de.txt is missing", "preheader.de.txt is missing"
    ]  # fmt: skip


def test_a_language_the_layout_does_not_speak_is_refused() -> None:
    french = {name.replace(".de.", ".fr."): text for name, text in TWO.items() if ".de." in name}
    with pytest.raises(Faulty, match=r"words\.yaml:1: it has no words in fr; add them beside de, en"):
        built(french)


def test_both_parts_fill_the_same_blocks() -> None:
    titled = "{% block title %}Nine{% endblock %}\n"
    (fault,) = faults(body__html=titled + TWO["body.html"])
    assert fault.startswith("body.txt:1: it fills the blocks body, and body.html fills title, body")


def test_a_fault_in_a_layout_is_told_of_the_layout() -> None:
    layout = {**EVENT, "event.html": EVENT["event.html"].replace("<h1>", "<h1>\n{{ nobody }}")}
    with pytest.raises(Faulty, match=r"_layout/event\.html:2: there is no nobody"):
        check_template({**FILES, **TWO}, layout, Terms())


def test_a_button_has_room_in_outlook_too() -> None:
    html = '<a class="button" href="{{ link(\'/m/nine-minutes\') }}">Read it</a>'
    made = render(built({"body.html": html}), VALUES, urls=urls()).html
    assert "<!--[if mso]><i" in made
    assert "<![endif]-->Read it<!--[if mso]>" in made
