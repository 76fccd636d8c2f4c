"""Do templates that lie, break or leave something out fail when they are published, and do good ones read well?"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from leadloom.domain.errors import Faulty
from leadloom.domain.mails.links import Signer
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.mails.template import CompanyWords, HandOffWords, LeadWords, MailValues, SenderWords, TemplateBody
from leadloom.domain.model import MessageId
from leadloom.mail.building import build_template
from leadloom.mail.render import render

TEMPLATES = Path(__file__).parents[2] / "templates"
SIGNER = Signer(["a-secret-for-these-tests"])
FILES = {
    "subject.txt": "Nine minutes, {{ lead.first_name or 'once' }}\n",
    "preheader.txt": "What {{ sender.name }} saw & wrote down",
    "body.html": "<p>{{ greeting }}</p>\n<p><a href=\"{{ link('/m/nine-minutes') }}\">Read it</a></p>\n",
    "body.txt": "{{ greeting }}\n\nRead it: {{ link('/m/nine-minutes') }}\n",
}
LAYOUT = {
    "letter.html": (
        "<!doctype html><html><head><title>{{ subject }}</title></head><body><div>{{ preheader }}</div>{{ body }}"
        "<p class='foot'>{{ why_you_get_this }} {{ company.postal_address }}"
        "{% if unsubscribe_url %}<a href='{{ unsubscribe_url }}'>Stop</a>{% endif %}</p></body></html>"
    ),
    "letter.txt": "{{ body }}\n\n-- \n{{ why_you_get_this }}\n{{ unsubscribe_url }}\n{{ company.postal_address }}\n",
    "letter.css": ".foot { color: #123456 } td { padding: 4px }",
}
VALUES = MailValues(
    lead=LeadWords(first_name="Ana", company="Alder & Sons"),
    sender=SenderWords(name="Marcus Oyelaran"),
    company=CompanyWords(name="Kelvance", postal_address="41 Wharf Street"),
    why_you_get_this="You asked for it.",
)


def urls(*, marketing: bool = True) -> MailUrls:
    return MailUrls(
        base_url="https://kelvance.example",
        signer=SIGNER,
        message_id=MessageId(UUID(int=1)),
        marketing=marketing,
        decide="https://kelvance.example/h/x",
    )


def published(**changed: str) -> TemplateBody:
    names = {"subject": "subject.txt", "html": "body.html", "text": "body.txt", "preheader": "preheader.txt"}
    return build_template({**FILES, **{names[part]: source for part, source in changed.items()}}, LAYOUT)


def faults(**changed: str) -> list[str]:
    with pytest.raises(Faulty) as caught:
        published(**changed)
    return caught.value.faults


def test_a_mail_greets_by_first_name_and_reads_well_without() -> None:
    nameless = VALUES.model_copy(update={"lead": LeadWords()})
    assert "Hello Ana," in render(published(), VALUES, urls=urls()).text
    assert render(published(), nameless, urls=urls()).text.startswith("Hello,\n")
    assert render(published(), nameless, urls=urls()).subject == "Nine minutes, once"


def test_the_same_facts_give_the_same_mail() -> None:
    again = MailValues.model_validate_json(VALUES.model_dump_json())
    body = TemplateBody.model_validate_json(published().model_dump_json())
    assert render(published(), VALUES, urls=urls()) == render(body, again, urls=urls())


def test_a_link_becomes_a_tracked_one_by_its_number() -> None:
    link = "{{ link('https://kelvance.example/b') }} {{ link('/m/nine-minutes') }} {{ link('/m/nine-minutes') }}"
    body = published(html=link, text=link)
    mail = render(body, VALUES, urls=urls())
    assert mail.links == ("https://kelvance.example/b", "/m/nine-minutes")
    for part in (mail.html, mail.text):
        tokens = [word.rpartition("/")[2].rstrip("<") for word in part.split() if "/t/c/" in word]
        assert [SIGNER.read_click(token.split("<")[0]).no for token in tokens] == [1, 2, 2]


def test_a_name_that_is_markup_stays_a_name() -> None:
    hostile = VALUES.model_copy(update={"lead": LeadWords(first_name="<b>{{ company }}</b>")})
    mail = render(published(), hostile, urls=urls())
    assert "&lt;b&gt;{{ company }}&lt;/b&gt;" in mail.html
    assert "Hello <b>{{ company }}</b>," in mail.text


def test_the_style_sheet_is_written_into_the_elements() -> None:
    assert 'class="foot" style="color: #123456' in published().html


def test_blocks_stay_in_place_inside_tables_and_attributes() -> None:
    html = (
        FILES["body.html"] + "<table>{% for word in ['a', 'b'] %}<tr><td {% if word == 'a' %}align=\"left\"{% endif %}>"
        "{{ word if 1 < 2 and word > '' else \"x\" }}</td></tr>{% endfor %}</table>"
    )
    page = render(published(html=html), VALUES, urls=urls()).html
    cells = page[page.index("<table>") : page.index("</table>")]
    assert cells.count("<tr><td") == 2
    assert [cell.partition("<")[0] for cell in cells.split('padding: 4px;">')[1:]] == ["a", "b"]


def test_only_marketing_mail_carries_the_way_out_and_the_pixel() -> None:
    assert urls().unsubscribe in render(published(), VALUES, urls=urls()).text
    marketing, service = (render(published(), VALUES, urls=urls(marketing=kind)).html for kind in (True, False))
    assert "/u/" in marketing
    assert "/t/o/" in marketing
    assert "/u/" not in service
    assert "/t/o/" not in service


def test_what_the_lead_told_us_is_quoted_or_the_default_said() -> None:
    body = published(text=FILES["body.txt"] + "{{ told('calculator_finished', 'cost', 'your own figure') }}")
    told = VALUES.model_copy(update={"told": {"calculator_finished": {"cost": 1200.0}}})
    assert body.tells == ("calculator_finished",)
    assert "your own figure" in render(body, VALUES, urls=urls()).text
    assert "1200" in render(body, told, urls=urls()).text


def test_a_passage_says_what_its_template_says_unless_somebody_wrote_it_anew() -> None:
    body = published(
        html=FILES["body.html"] + '<p>{{ words("close", "Reply to me.") }}</p>',
        text=FILES["body.txt"] + '{{ words("close", "Reply to me.") }}',
        subject='{{ words("subject", "Nine minutes") }}',
    )
    anew = VALUES.model_copy(update={"edited": {"close": "Call <me> & say so."}})

    assert body.passages == (("subject", "Nine minutes"), ("close", "Reply to me."))
    assert "Reply to me." in render(body, VALUES, urls=urls()).html
    edited = render(body, anew, urls=urls())
    assert edited.subject == "Nine minutes"
    assert "Call <me> & say so." in edited.text
    assert "Call &lt;me&gt; &amp; say so." in edited.html


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        (
            {"html": "<p>\n{{ lead.frist_name }}"},
            "body.html:2: there is no lead.frist_name; did you mean lead.first_name?",
        ),
        ({"html": "{{ gretting }}"}, "body.html:1: there is no gretting; did you mean greeting?"),
        (
            {"text": "a\nb\n{% if lead.rolle %}x{% endif %}"},
            "body.txt:3: there is no lead.rolle; did you mean lead.role?",
        ),
        ({"text": "{% if false %}{{ nobody }}{% endif %}"}, "body.txt:1: there is no nobody"),
        ({"subject": "{{ lead['mail'] }}"}, "subject.txt:1: there is no lead.mail"),
        ({"subject": "{{ lead.company"}, "subject.txt:1: unexpected end of template"),
        ({"html": "{{ greeting | shout }}"}, "body.html:1: No filter named 'shout'"),
        ({"html": "\n{% set person = lead %}{{ person.age }}"}, "body.html:2: 'dict object' has no attribute 'age'"),
        ({"html": "{{ greeting.__class__.__mro__ }}"}, "body.html:1: access to attribute '__class__'"),
        ({"html": "{{ range(9) }}"}, "body.html:1: there is no range"),
        ({"html": "{{ link }}"}, "body.html:1: link must be called: link('https://…') or link('/m/…')"),
        ({"html": "{{ link(lead.company) }}"}, "body.html:1: write link('https://…') or link('/m/…'), with literals"),
        ({"html": "{{ link('javascript:1') }}"}, "body.html:1: link('javascript:1') leads nowhere"),
        ({"html": "{{ link('//evil.example') }}"}, "body.html:1: link('//evil.example') leads nowhere"),
        ({"html": "{{ told('calculator_finished') }}"}, "body.html:1: write told('event_kind', 'field'"),
        ({"text": "{{ greeting }}"}, "body.txt:1: its link calls must be those of body.html"),
        ({"subject": "{{ words('subject') }}"}, "subject.txt:1: write words('passage', 'what it says"),
        (
            {"html": "{{ words('a', 'b') }}{{ words('a', 'c') }}"},
            "body.html:1: the passage a says two different things; give each its own name",
        ),
        ({"html": FILES["body.html"] + "{{ words('a', 'b') }}"}, "body.txt:1: its words calls must be those of body"),
    ],
)
def test_a_template_that_would_fail_a_lead_fails_when_published(changed: dict[str, str], fault: str) -> None:
    assert any(found.startswith(fault) for found in faults(**changed)), faults(**changed)


def test_every_fault_is_told_at_once() -> None:
    assert len(faults(html="{{ nobody }}\n{{ lead.nothing }}", text="{{ nowhere }}")) == 3


def test_an_event_nobody_defined_is_a_fault_with_the_nearest_one() -> None:
    files = {
        **FILES,
        "body.html": "{{ answer_link('exploring_tell') }}",
        "body.txt": "{{ answer_link('exploring_tell') }}",
    }
    with pytest.raises(Faulty, match="there is no event exploring_tell; did you mean exploring_told"):
        build_template(files, LAYOUT, events=frozenset({"exploring_told", "reply"}))


def test_marketing_mail_without_a_way_out_is_refused_and_service_mail_is_not() -> None:
    layout = {**LAYOUT, "letter.txt": "{{ body }}\n{{ company.postal_address }} {{ why_you_get_this }}"}
    with pytest.raises(Faulty, match="marketing mail must show unsubscribe_url"):
        build_template(FILES, layout, mail_class="marketing")
    assert not build_template(FILES, layout, mail_class="service").says_how_to_stop
    assert build_template(FILES, LAYOUT, mail_class="marketing").says_who_and_why


def test_a_mail_to_a_lead_cannot_speak_about_the_hand_off() -> None:
    files = {**FILES, "body.html": FILES["body.html"] + "{{ hand_off.lead_name }} {{ hand_off.decide_url }}"}
    with pytest.raises(Faulty, match="hand_off is for owner notices"):
        build_template(files, LAYOUT, mail_class="marketing")
    notice = build_template(files, LAYOUT, mail_class="owner-notice")
    values = VALUES.model_copy(update={"hand_off": HandOffWords(kind_words="A lead", lead_name="Ana Ortiz")})
    assert "Ana Ortiz https://kelvance.example/h/x" in render(notice, values, urls=urls(marketing=False)).html


def test_a_mail_that_gmail_would_clip_is_refused() -> None:
    with pytest.raises(Faulty, match="Gmail clips"):
        published(html=FILES["body.html"] + "<p>" + "word " * 20_000 + "</p>")


def test_missing_files_and_a_layout_without_a_place_are_named() -> None:
    with pytest.raises(Faulty) as caught:
        build_template({"body.html": ""}, {"letter.html": "", "letter.txt": "{{ body }}"})
    assert [fault.split()[0] for fault in caught.value.faults] == ["subject.txt", "body.txt", "_layout/letter.html"]


def test_every_mail_we_ship_can_be_published() -> None:
    layout = {file.name: file.read_text() for file in (TEMPLATES / "_layout").iterdir()}
    mails = sorted(subject.parent for subject in TEMPLATES.glob("journeys/*/*/subject.txt"))
    assert mails
    for mail in mails:
        letter = "notice" if mail.parent.name == "hand-off" else "letter"
        files = {file.name: file.read_text() for file in mail.iterdir()}
        build_template(files, layout, letter=letter, name=str(mail.relative_to(TEMPLATES)))
