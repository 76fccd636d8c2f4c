"""Companies as people write them, with the traps a matcher falls into: who is one is known, so it can be counted."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from publicsuffixlist import PublicSuffixList

from leadloom.domain.companies.match import Firm
from leadloom.domain.model import AccountId

REGISTRABLE = PublicSuffixList().privatesuffix
_FORMS = {
    "DE": ("GmbH", "GmbH & Co. KG", "AG"), "US": ("Inc.", "LLC", "Corp."), "GB": ("Ltd", "PLC"), "FR": ("S.A.", "SAS"),
    "IT": ("S.r.l.", "S.p.A."), "NL": ("B.V.",), "FI": ("Oy",), "SE": ("AB",), "JP": ("K.K.",), "ES": ("S.L.",),
    "PL": ("Sp. z o.o.",), "SG": ("Pte. Ltd.",), "BR": ("Ltda.",), "DK": ("A/S", "ApS"),
}  # fmt: skip
_FIRST = (
    "Nordkap", "Müller", "Ørsted", "Bélanger", "Castell", "Dahlberg", "Ferrand", "Gruber",
    "Kovač", "Świerk", "Tanaka", "Vargas", "Lindén", "Quarry", "Aurora",
)  # fmt: skip
_SECOND = (
    "Logistik", "Pharma", "Foods", "Kühlkette", "Transports", "Farmacia", "Medical", "Biologics",
    "Fresh", "Lanes", "Seafood", "Diagnostics",
)  # fmt: skip
_TLD = {"US": "com", "GB": "co.uk", "JP": "co.jp", "BR": "com.br", "SG": "com.sg"}


@dataclass(frozen=True)
class Told:
    """One way a company was named, and which company it truly is."""

    firm: Firm
    truth: str


class Population:
    """Companies we know, and what people then say."""

    def __init__(self, seed: int, size: int = 400) -> None:
        self._chance = random.Random(seed)
        self._no = 0
        self.known: list[Told] = []
        self.asked: list[Told] = []
        names = [f"{one} {other}" for one in _FIRST for other in _SECOND]
        self._chance.shuffle(names)
        for no in range(size):
            name = names[no % len(names)] + ("" if no < len(names) else f" {chr(65 + no // len(names))}{no}")
            self._company(name, list(_FORMS)[no % len(_FORMS)], no)

    def _told(self, into: list[Told], truth: str, name: str, **rest: object) -> Firm:
        self._no += 1
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=self._no)
        firm = Firm.model_validate(
            {"account_id": AccountId(UUID(int=self._no)), "name": name, "created_at": at, **rest}
        )
        into.append(Told(firm, truth))
        return firm

    def _company(self, name: str, country: str, no: int) -> None:
        form, label = self._chance.choice(_FORMS[country]), _ascii(name).replace(" ", "-")
        domain = f"{label}.{_TLD.get(country, country.lower())}"
        truth = f"{name}/{country}"
        if no % 5 == 4:  # known by its name alone
            self._told(self.known, truth, f"{name} {form}", country=country)
        else:
            self._told(self.known, truth, f"{name} {form}", country=country, domain=domain)
        self._variants(truth, name, form, country, domain, has_domain=no % 5 != 4)
        self._traps(name, form, country, domain, no)

    def _variants(self, truth: str, name: str, form: str, country: str, domain: str, *, has_domain: bool) -> None:
        spelled = [
            name.upper(), _ascii(name), f"The {name}", f"{name}, {form.replace('.', '')}", f"{name}  {form}".lower(),
            name.replace(" ", "-"),
        ]  # fmt: skip
        for one in self._chance.sample(spelled, 2):
            self._told(self.asked, truth, one, country=self._chance.choice((country, None)))
        if has_domain:
            part = f"{self._chance.choice(('mail', 'de', 'sales', 'corp'))}.{domain}"
            self._told(self.asked, truth, self._chance.choice((part, name)), domain=part)

    def _traps(self, name: str, form: str, country: str, domain: str, no: int) -> None:
        other = next(one for one in _FORMS if one != country and not {form} & set(_FORMS[one]))
        match no % 8:
            case 0:  # the same name in another country, a company of its own
                self._told(self.asked, f"{name}/{other}", f"{name} {_FORMS[other][0]}", country=other)
            case 1:
                self._told(self.asked, f"{name} holding", f"{name} Holding {form}", country=country)
            case 2:  # a daughter below the holding's domain
                self._told(self.asked, f"{name} realty", f"{name} Immobilien", domain=f"immo.{domain}", country=country)
            case 3:  # another legal person of the same name
                forms = [one for one in _FORMS[country] if one != form]
                if forms:
                    self._told(self.asked, f"{name} {forms[0]}", f"{name} {forms[0]}", country=country)
            case 4:  # another company with another domain
                self._told(self.asked, f"{name} two", name, domain=f"{_ascii(name).split()[0]}-group-{no}.com")
            case 5:
                self._university(no)
            case 6:
                self._told(self.asked, "nobody", self._chance.choice(("privat", "n/a", "Freelance", "student")))
            case _:
                self._told(self.asked, f"{name} spa", f"{name.split()[0]} Spa", country=country)

    def _university(self, no: int) -> None:
        roof = f"uni-stadt{no}.de"
        self._told(self.known, roof, f"Universität Stadt{no}", domain=roof, country="DE")
        clinic = f"Klinikum Stadt{no}"
        self._told(self.asked, f"clinic {no}", clinic, domain=f"klinikum.{roof}", country="DE")
        self._told(self.asked, f"physics {no}", "Institut für Physik", domain=f"physik.{roof}", country="DE")


def _ascii(name: str) -> str:
    table = str.maketrans({"ü": "u", "Ø": "O", "é": "e", "č": "c", "Ś": "S", "ø": "o"})
    return name.translate(table).lower()
