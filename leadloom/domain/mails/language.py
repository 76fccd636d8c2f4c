"""In which language does a lead read us, and how does it say hello, a date, a number?

A template's variants are chosen by the lead's language; a lead whose language has no variant reads the template's own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal

from leadloom.domain.model import Value

DEFAULT = "en"
"""The language of files that name none, such as `body.html`."""


class Tongue(Value):
    """How a language says what our programs, not our authors, write into mails. Dates and numbers as CLDR has them."""

    hello: str
    """The greeting without a name and comma."""
    months: tuple[str, ...]
    date: str
    """With `{day}`, `{month}` (its name) and `{year}`."""
    decimal: str
    group: str
    at: str
    """Between the date and the time of an instant."""
    yes: str


def _months(words: str) -> tuple[str, ...]:
    return tuple(words.split())


_NARROW = "\u202f"
_HARD = "\u00a0"

TONGUES: Mapping[str, Tongue] = {
    "en": Tongue(
        hello="Hello",
        months=_months(
            "January February March April May June July August September October November December"),
        date="{day} {month} {year}", decimal=".", group=",", at=", ", yes="yes",
    ),
    "de": Tongue(
        hello="Guten Tag",
        months=_months("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
        date="{day}. {month} {year}", decimal=",", group=".", at=" um ", yes="ja",
    ),
    "fr": Tongue(
        hello="Bonjour",
        months=_months("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
        date="{day} {month} {year}", decimal=",", group=_NARROW, at=" à ", yes="oui",
    ),
    "es": Tongue(
        hello="Hola",
        months=_months("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
        date="{day} de {month} de {year}", decimal=",", group=".", at=", ", yes="sí",
    ),
    "it": Tongue(
        hello="Buongiorno",
        months=_months(
            "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
        date="{day} {month} {year}", decimal=",", group=".", at=" alle ore ", yes="sì",
    ),
    "pt": Tongue(
        hello="Olá",
        months=_months(
            "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
        date="{day} de {month} de {year}", decimal=",", group=".", at=" às ", yes="sim",
    ),
    "nl": Tongue(
        hello="Goedendag",
        months=_months("januari februari maart april mei juni juli augustus september oktober november december"),
        date="{day} {month} {year}", decimal=",", group=".", at=" om ", yes="ja",
    ),
}  # fmt: skip
"""By ISO 639-1. A template may have a variant in any of these."""


def chosen(wishes: Collection[str | None], variants: Collection[str], *, otherwise: str) -> str:
    """The first wish there is a variant for, else the template's own language.

    Args:
        wishes: What the lead told us, then what their country speaks; unknown is None or empty. `de-AT` wishes for de.
        variants: The languages the template is written in.
        otherwise: The template's own language.
    """
    for wish in wishes:
        plain = (wish or "").partition("-")[0].lower()
        if plain in variants:
            return plain
    return otherwise


def tongue(language: str) -> Tongue:
    """How that language says it; English for one we have no words of."""
    return TONGUES.get(language, TONGUES[DEFAULT])


def greeting(first_name: str, *, language: str = DEFAULT) -> str:
    """`Hello Ana,`, or `Hello,` when we don't know the first name."""
    hello = tongue(language).hello
    return f"{hello} {first_name}," if first_name.strip() else f"{hello},"


def say_date(day: date, *, language: str) -> str:
    """A day in words: 3 March 2026, 3. März 2026."""
    words = tongue(language)
    return words.date.format(day=day.day, month=words.months[day.month - 1], year=day.year)


def say_instant(at: datetime, *, language: str) -> str:
    """A day and a time of day, with the zone's short name. `at` is already in the reader's zone."""
    return f"{say_date(at.date(), language=language)}{tongue(language).at}{at:%H:%M}{_HARD}{at:%Z}".rstrip(_HARD)


def say_number(number: Decimal, *, language: str) -> str:
    """With the marks of the language: 1,234.5 and 1.234,5."""
    words = tongue(language)
    text = f"{number.normalize():,f}" if number == number.to_integral_value() else f"{number:,f}"
    return text.translate(str.maketrans({",": words.group, ".": words.decimal}))
