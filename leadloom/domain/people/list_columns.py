"""Which columns of a list say who somebody is? Those an import knows, and what only a comparison can use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from leadloom.domain.errors import BadInput
from leadloom.domain.intake.columns import LEAD_FIELDS, normal

_COMPARED = (
    "first_name", "last_name", "full_name", "email", "phone", "mobile", "company", "street", "city", "state",
    "postal_code",
)  # fmt: skip
_MORE: Mapping[str, tuple[str, ...]] = {
    "born": ("date of birth", "birth date", "birthdate", "birthday", "day of birth", "dob", "born"),
    "street_number": ("street number", "house number", "street no", "house no"),
    "street_2": ("address 2", "address2", "address line 2", "street 2", "street2", "mailing street 2"),
    "street": ("address 1", "address1", "address line 1", "street 1", "street1", "street name", "street address"),
    "postal_code": ("postcode", "post code", "plz"),
    "city": ("suburb", "town", "locality"),
    "last_name": ("lastname", "sur name"),
    "first_name": ("firstname", "forename", "given"),
    "full_name": ("fullname",),
    "phone": ("phone no", "tel", "phone1"),
    "state": ("region", "province"),
}
COMPARED_FIELDS: Mapping[str, tuple[str, ...]] = {
    field: (*LEAD_FIELDS.get(field, ()), *_MORE.get(field, ())) for field in dict.fromkeys((*_COMPARED, *_MORE))
}
"""Field → headers that mean it, in normal form."""

_NAMES_A_ROW = ("rec id", "record id", "id", "unique id", "row id", "lead id", "external id", "contact id", "uid")


def compared_columns(names: Sequence[str], asked: Sequence[str]) -> dict[str, int]:
    """Field → the place of its column. `asked` are `field=column`, or `field=` for none.

    Of several columns that mean one field the one with the commoner header counts: nothing is written here, so it is
    better to compare with one of them than not at all. Raises BadInput for a field or column there is none of.
    """
    places: dict[str, int] = {}
    by_header: dict[str, int] = {}
    for place, name in enumerate(names):
        by_header.setdefault(normal(name), place)
    for field, headers in COMPARED_FIELDS.items():
        found = next((by_header[header] for header in headers if header in by_header), None)
        if found is not None:
            places[field] = found
    for text in asked:
        field, equals, column = (part.strip() for part in text.partition("="))
        if not equals or field not in COMPARED_FIELDS:
            raise BadInput("map", text, f"Write FIELD=COLUMN with one of: {', '.join(COMPARED_FIELDS)}.")
        places.pop(field, None)
        if column:
            if column not in names:
                raise BadInput("map", text, f"The file has no column {column!r}; it has: {', '.join(names)}.")
            places[field] = list(names).index(column)
    if not places:
        raise BadInput("columns", ", ".join(names), "No column says who somebody is; name them: --map last_name=…")
    return places


def naming_columns(names: Sequence[str]) -> list[int]:
    """Where columns are by which the list itself may name its rows, the likeliest first; told, never compared."""
    by_header = {normal(name): place for place, name in enumerate(names)}
    return [by_header[known] for known in _NAMES_A_ROW if known in by_header]
