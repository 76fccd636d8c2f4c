"""Which telephone number is it, however it is written? E.164, or nothing when it can be no number of anybody."""

from __future__ import annotations

import phonenumbers


def e164(text: str | None, *, region: str) -> str | None:
    """The number with its country: `030 1234567` in `DE` is `+49301234567`, an extension is left out.

    `region` (ISO 3166-1) is where a number without a country is dialled. None for what has too few or too many digits
    there, such as a number without its area code.
    """
    if not text:
        return None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
