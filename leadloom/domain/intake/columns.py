"""Which column of a stranger's table is which field of ours? By exact synonyms; what is only alike is suggested."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from rapidfuzz import fuzz

from leadloom.domain.errors import BadInput
from leadloom.domain.model import Value

ALIKE = 90
"""Token-set ratio from which a column is suggested for a field (leads.md §2.6); it is never mapped by that."""

NOT_DATA = ("fault_field", "fault")
"""What a file of faults says about its rows: mended and imported again, these are read by nobody."""

_PLACES = ("", "mailing ", "business ", "billing ", "home ")
_SAYS_TOO_LITTLE = frozenset(
    ("first", "last", "name", "role", "position", "title", "address", "state", "value", "stage")
)
"""Synonyms that are words of many a header: `Last Activity` must not be suggested as a last name."""


def _placed(*words: str) -> tuple[str, ...]:
    """The words of an address as CRMs prefix them."""
    return tuple(f"{place}{word}" for place, word in product(_PLACES, words))


LEAD_FIELDS: Mapping[str, tuple[str, ...]] = {
    "external_id": ("external id", "lead id", "record id", "contact id", "prospect id", "mql id"),
    "email": ("email", "e mail", "e mail address", "email address", "email1", "primary email", "contact email"),
    "first_name": ("first name", "first", "fname", "given name"),
    "last_name": ("last name", "surname", "family name", "last", "lname"),
    "full_name": ("full name", "name", "contact name"),
    "company": ("company", "company name", "account name", "organization", "organisation", "business name"),
    "title": ("title", "job title", "position", "role"),
    "role": (),
    "phone": ("phone", "business phone", "phone number", "telephone", "contact number"),
    "mobile": ("mobile", "mobile phone", "cell", "cell phone"),
    "street": _placed("street", "address"),
    "city": _placed("city"),
    "state": _placed("state", "state province"),
    "postal_code": _placed("postal code", "zip", "zip postal code", "zip code"),
    "country": _placed("country", "country region"),
    "source": ("lead source", "source", "origin"),
    "industry": ("industry",),
    "sites": ("sites", "number of sites"),
    "language": ("language",),
    "time_zone": ("time zone", "timezone"),
    "created_at": ("created date", "created time", "created at", "create date", "lead date", "first contact date"),
    "opt_out": ("email opt out", "has opted out of email", "do not email", "opt out", "opted out", "unsubscribed"),
    "do_not_call": ("do not call",),
    "stage": (),
}
"""Field → headers that mean it, in normal form. `role` and `stage` take words of the definition, so only an operator
maps a column to them. Lead Number is no id: it numbers rows of a form, not people."""

META_ID = "id"
"""Header of Meta's lead exports: who a lead is, when no other column says so."""

DEAL_FIELDS: Mapping[str, tuple[str, ...]] = {
    "deal": ("deal", "deal id", "opportunity id", "opportunity", "external id", "record id"),
    "lead": ("lead", "lead id", "mql id", "prospect id", "contact id", "email", "e mail", "contact email"),
    "name": ("name", "deal name", "opportunity name"),
    "company": ("account", "account name", "company", "company name", "organization", "organisation"),
    "product": ("product", "product name"),
    "amount": ("amount", "deal amount", "deal value", "close value", "value"),
    "currency": ("currency", "currency code", "currency iso code", "deal currency code"),
    "owner": ("owner", "deal owner", "opportunity owner", "sales agent", "sales rep"),
    "created_at": ("created at", "created date", "create date", "created time", "opened at", "engage date"),
    "won_at": ("won at", "won date", "won on", "closed won date"),
    "lost_at": ("lost at", "lost date", "lost on", "closed lost date"),
    "closed_at": ("closed at", "close date", "closed date", "closed on"),
    "stage": ("stage", "deal stage", "stage name"),
    "lost_because": (),
    "track": ("track",),
}
"""The same for deals. `lost_because` takes a key of the definition's reject reasons, so only an operator maps it."""


class Column(Value):
    """One column of the table."""

    name: str
    """Its header, made unique: a second `Email` is `Email (2)`."""
    place: int
    """From 0."""
    field: str | None = None
    """Which field of ours it is; None keeps it as an attribute under its name."""
    dropped: bool = False
    """An operator said `--map FIELD=`, or it is a fault's column."""


class Computed(Value):
    """A field made of columns, `{Lead Number}@leads.example`, or one text for all rows, `"DE"`."""

    field: str
    template: str
    parts: tuple[str | int, ...]
    """Texts, and places of columns. When a column of it is blank, so is the field."""


class Suggestion(Value):
    """A column that looks like a field, for a person to decide."""

    column: str
    field: str
    alike: int
    """Per cent."""


class ColumnMap(Value):
    """What each column is."""

    columns: tuple[Column, ...]
    """In the order of the table."""
    computed: tuple[Computed, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()

    def place_of(self, field: str) -> int | None:
        """Where the field's column is, from 0."""
        return next((column.place for column in self.columns if column.field == field), None)

    def has(self, field: str) -> bool:
        """Whether the table tells the field at all."""
        return self.place_of(field) is not None or any(each.field == field for each in self.computed)

    def name_of(self, field: str) -> str:
        """The header a field's cell stands under; the field's own name for a computed one."""
        place = self.place_of(field)
        return field if place is None else self.columns[place].name


def normal(header: str) -> str:
    """The words of a header: NFKC, camelCase split, punctuation gone, in lower case."""
    text = unicodedata.normalize("NFKC", header)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return " ".join(re.sub(r"[\W_]+", " ", text.casefold()).split())


def is_data(header: str) -> bool:
    """Whether the column says something of the row, and not what was wrong with it."""
    return normal(header).replace(" ", "_") not in NOT_DATA


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    """The headers as names that can be told apart: repeated ones numbered, empty ones by their place.

    Empty ones at the end are no columns: a header that ends in a comma makes none.
    """
    names = [" ".join(name.split()) for name in header]
    while names and not names[-1]:
        names.pop()
    seen: dict[str, int] = {}
    unique: list[str] = []
    for place, name in enumerate(names, start=1):
        base = name or f"(column {place})"
        seen[base] = seen.get(base, 0) + 1
        unique.append(base if seen[base] == 1 else f"{base} ({seen[base]})")
    return tuple(unique)


def map_columns(names: Sequence[str], fields: Mapping[str, tuple[str, ...]], asked: Sequence[str]) -> ColumnMap:
    """What each column of the table is, by `fields`' synonyms and by what an operator asked for.

    `names` are unique. Each of `asked` is `field=column`, `field={column} and text`, `field="text"` for all rows, or
    `field=` for no column.

    Raises:
        BadInput: Two columns mean one field, or what was asked names a field or column there is none of.
    """
    wanted = _wanted(asked, fields)
    field_of = _exact(names, fields, decided=frozenset(wanted))
    computed: list[Computed] = []
    for field, source in wanted.items():
        if len(source) > 2 and source[0] == source[-1] == '"':
            computed.append(Computed(field=field, template=source, parts=(source[1:-1],)))
        elif "{" in source or source in field_of:
            computed.append(_computed(field, source if "{" in source else f"{{{source}}}", names))
        elif source:
            _known(field, source, names)
            field_of[source] = field
    columns = tuple(
        Column(name=name, place=place, field=field_of.get(name), dropped=not is_data(name))
        for place, name in enumerate(names)
    )
    mapped = ColumnMap(columns=columns, computed=tuple(computed))
    return mapped.model_copy(update={"suggestions": tuple(_suggested(mapped, fields))})


def look_unique(names: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Columns that have another value in each of these rows and none blank: what an id looks like."""
    found: list[str] = []
    for place, name in enumerate(names):
        cells = [row[place].strip() for row in rows if place < len(row)]
        if len(rows) > 1 and all(cells) and len(set(cells)) == len(rows):
            found.append(name)
    return tuple(found)


def _wanted(asked: Iterable[str], fields: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for text in asked:
        field, equals, source = (part.strip() for part in text.partition("="))
        if not equals:
            raise BadInput("map", text, "Write FIELD=COLUMN, such as --map 'external_id=Lead Number'.")
        if field not in fields:
            raise BadInput("map", text, f"There is no field {field!r}; there are: {', '.join(fields)}.")
        if field in wanted:
            raise BadInput("map", text, f"{field} was mapped before, to {wanted[field]!r}. Map it once.")
        wanted[field] = source
    return wanted


def claimed(names: Sequence[str], fields: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Column → the field its header means by synonyms; two columns may mean one."""
    field_by = {synonym: field for field, synonyms in fields.items() for synonym in synonyms}
    # The number that tells a second `Email` apart is ours, so it says nothing.
    words = {name: normal(re.sub(r" \(\d+\)$", "", name)) for name in names}
    found = {name: field_by[words[name]] for name in names if words[name] in field_by}
    if "external_id" in fields and "external_id" not in found.values():
        found |= dict.fromkeys([name for name in names if words[name] == META_ID][:1], "external_id")
    return found


def _exact(names: Sequence[str], fields: Mapping[str, tuple[str, ...]], *, decided: frozenset[str]) -> dict[str, str]:
    """Column → field by synonyms, of fields nobody decided."""
    claims: dict[str, list[str]] = {}
    for name, field in claimed(names, fields).items():
        if field not in decided:
            claims.setdefault(field, []).append(name)
    for field, several in claims.items():
        if len(several) > 1:
            listed = " and ".join(repr(name) for name in several)
            raise BadInput(
                "columns", ", ".join(several),
                f"The columns {listed} both mean {field}. Say which: --map '{field}={several[0]}' (the other is kept "
                f"under its own name), or --map {field}= for neither.",
            )  # fmt: skip
    return {several[0]: field for field, several in claims.items() if several}


def _known(field: str, column: str, names: Sequence[str]) -> int:
    if column not in names:
        raise BadInput("map", f"{field}={column}", f"The file has no column {column!r}; it has: {', '.join(names)}.")
    return list(names).index(column)


def _computed(field: str, template: str, names: Sequence[str]) -> Computed:
    pieces = re.split(r"\{([^{}]*)\}", template)
    if any("{" in text or "}" in text for text in pieces[::2]):
        raise BadInput("map", f"{field}={template}", "Write columns in braces, such as '{Lead Number}@leads.example'.")
    parts = [_known(field, piece.strip(), names) if odd % 2 else piece for odd, piece in enumerate(pieces)]
    return Computed(field=field, template=template, parts=tuple(part for part in parts if part != ""))


def _suggested(mapped: ColumnMap, fields: Mapping[str, tuple[str, ...]]) -> Iterator[Suggestion]:
    for column in mapped.columns:
        if column.field is not None or column.dropped:
            continue
        words = normal(column.name)
        alike = {
            field: max(fuzz.token_set_ratio(words, synonym) for synonym in telling)
            for field, synonyms in fields.items()
            if not mapped.has(field) and (telling := [one for one in synonyms if one not in _SAYS_TOO_LITTLE])
        }
        best = max(alike, key=alike.__getitem__, default=None)
        if best is not None and alike[best] >= ALIKE:
            yield Suggestion(column=column.name, field=best, alike=int(alike[best]))
