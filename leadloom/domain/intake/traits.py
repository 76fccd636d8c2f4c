"""What do traits of a tracking call say about a person, in our own fields? What can't be kept harms nothing else."""

from __future__ import annotations

from collections.abc import Mapping

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.intake.capture import Door, read_json
from leadloom.domain.intake.told import MOST_ATTRIBUTES
from leadloom.domain.intake.tracked import flat
from leadloom.domain.lead import LeadDraft
from leadloom.domain.model import Json

_OUR_NAMES = {
    "firstname": "first_name", "first_name": "first_name", "lastname": "last_name", "last_name": "last_name",
    "title": "title", "jobtitle": "title", "job_title": "title", "role": "role", "phone": "phone",
    "country": "country", "country_code": "country", "countrycode": "country", "address.country": "country",
    "company": "company", "company.name": "company", "company_name": "company", "organization": "company",
    "industry": "industry", "company.industry": "industry", "language": "language", "locale": "language",
    "timezone": "time_zone", "time_zone": "time_zone", "sites": "sites",
}  # fmt: skip
"""Segment's reserved traits, and the spellings clients have for them → our field."""
_NEVER = frozenset({"id", "email", "name"})
_NO_TRAIT = frozenset({"consent", "asked", "source", "external_id", "events", "attributes", "question", "opted_out"})
"""Words that mean more to us than a trait may say: a permission needs its sentence and proof, asking us its event."""


def told_by(
    traits: Mapping[str, Json],
    *,
    email: str | None,
    external_id: str | None,
    definition: Definition,
    door: Door,
    more: Mapping[str, Json] | None = None,
) -> LeadDraft:
    """The draft that traits make. A value that no field can keep is left out of it; an unreadable id is the caller's.

    `more` are words of ours that a trait may not say, such as a permission whose sentence stands in the door.

    Raises BadInput when nobody can be known by it.
    """
    fields, others = _sorted(traits)
    who: dict[str, Json] = {"email": email, "external_id": external_id, **(more or {})}
    for _ in range(len(fields) + len(others) + 1):
        try:
            return read_json({**who, **fields, "attributes": others}, definition=definition, door=door)
        except BadInput as error:
            if error.field in fields:
                del fields[error.field]
            elif error.field in others:
                del others[error.field]
            else:
                raise
    raise AssertionError("each refused value is left out once")


def _sorted(traits: Mapping[str, Json]) -> tuple[dict[str, Json], dict[str, Json]]:
    """Our fields, and the rest by their own names."""
    fields, others = dict[str, Json](), dict[str, Json]()
    _split_name(traits, fields)
    for name, value in flat(traits).items():
        ours = _OUR_NAMES.get(name.casefold())
        if ours is not None:
            fields.setdefault(ours, value if ours == "sites" else str(value))
        elif name.casefold() not in _NEVER and len(others) < MOST_ATTRIBUTES:
            others[f"trait_{name}" if name.casefold() in _NO_TRAIT else name] = value
    return fields, others


def _split_name(traits: Mapping[str, Json], fields: dict[str, Json]) -> None:
    """A whole name, for who tells no parts of it: the first word and the rest."""
    name = traits.get("name")
    if isinstance(name, str) and not {"firstname", "first_name"} & {trait.casefold() for trait in traits}:
        first, _, last = " ".join(name.split()).partition(" ")
        if first and last:
            fields["first_name"], fields["last_name"] = first, last
