"""How do our layouts look? Each with its example from `templates/_gallery/`, in each language the example speaks."""

from __future__ import annotations

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import Faulty
from leadloom.domain.mails.shown_urls import ShownUrls
from leadloom.domain.mails.template import CompanyWords, LeadWords, MailValues, SenderWords, TemplateBody
from leadloom.domain.model import Value
from leadloom.mail.building import Terms, check_template
from leadloom.mail.render import Rendered, render
from leadloom.mail.samples import SAMPLE_URLS
from leadloom.runtime import catalog
from leadloom.runtime.publishing import placed, read_folder

GALLERY = catalog.TEMPLATES / "_gallery"


class Exhibit(Value):
    """One layout, filled."""

    layout: str
    language: str
    mail: Rendered
    bytes: int
    """Of the HTML part; Gmail clips at 100,000."""


class Gallery(Value):
    """All of them, with what is unwise about them."""

    exhibits: tuple[Exhibit, ...]
    advice: tuple[str, ...]


def hang(definition: Definition) -> Gallery:
    """Fill each layout with its example. Raises Faulty as publishing would."""
    layout = read_folder(catalog.TEMPLATES / "_layout")
    terms = Terms(mail_class="marketing", language=definition.mail.languages.default)
    exhibits: list[Exhibit] = []
    advice: list[str] = []
    faults: list[str] = []
    for folder in sorted(path for path in GALLERY.iterdir() if path.is_dir()):
        place = str(folder.relative_to(catalog.ROOT))
        try:
            made = check_template(read_folder(folder), layout, terms, name=place)
        except Faulty as faulty:
            faults += [placed(place, fault) for fault in faulty.faults]
            continue
        advice += [placed(place, each) for each in made.advice]
        exhibits += [_filled(folder.name, made.body, language, definition) for language in made.body.languages]
    if faults:
        raise Faulty("The gallery", faults)
    return Gallery(exhibits=tuple(exhibits), advice=tuple(dict.fromkeys(advice)))


def _filled(layout: str, body: TemplateBody, language: str, definition: Definition) -> Exhibit:
    signs = definition.owners[0]
    company = definition.company
    values = MailValues(
        lead=LeadWords(first_name="Ana", company="Alder Cold Chain", role="quality", country="US"),
        sender=SenderWords(name=signs.name, title=signs.role.replace("-", " "), phone=signs.phone or ""),
        company=CompanyWords(name=company.name, postal_address=company.postal_address),
        why_you_get_this=definition.mail.reasons.say("marketing", language, company.name),
        language=language,
    )
    urls = _Shown.of(SAMPLE_URLS.message_id, "marketing", body.links)
    mail = render(body, values, urls=urls)
    return Exhibit(layout=layout, language=language, mail=mail, bytes=len(mail.html.encode()))


class _Shown(ShownUrls):
    """With the link to the browser, so that the page shows where it stands."""

    @property
    def view(self) -> str:
        """Nowhere."""
        return "#view"
