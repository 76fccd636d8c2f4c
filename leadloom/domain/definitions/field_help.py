"""What does a field of a lead mean here, and what does it decide? Told beside the field, made from the definition.

The words are the definition's (`fields`), or ours until it has some; what hangs on a field is read from the fit table,
the gates, the stages and the routing in force, so it can't be out of date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from leadloom.domain.definitions.draft_faults import Fault, unknown
from leadloom.domain.definitions.parts import Part

if TYPE_CHECKING:  # a definition holds these words, so the two need each other's names
    from leadloom.domain.definitions.definition import Definition

OWN: dict[str, str] = {
    "email": "Where we write to them, and how we know them again",
    "first_name": "What they are called",
    "last_name": "Their family name",
    "company": "Whom they work for",
    "country": "Where they are, as a country of two capitals",
    "role": "What they do there, in one of our words",
    "title": "What they call their own job",
    "phone": "Where they can be called",
    "source": "Where they first came from",
    "language": "In which language they read us",
    "time_zone": "By which clock letters reach them",
    "industry": "What their company does",
    "sites": "How many depots or houses their company has",
    "owner": "Who of us answers for them",
    "fit": "How well they match whom we look for, as a letter; it doesn't fade",
    "engagement": "How much they lately answered us, as a digit; it halves with time",
    "duplicate": "Two leads that may be one person",
}
"""What a field is, where the definition doesn't word it."""


def with_own_fields(fields: object) -> object:
    """The words of a draft, and ours for what it leaves out."""
    return {**OWN, **cast("Mapping[str, Any]", fields)} if isinstance(fields, Mapping) else fields


def field_help(definition: Definition, field: str) -> str:
    """`What they do there. Fit: 25 points for quality. Needed to come to mql.`; empty for no field of ours."""
    means = definition.fields.get(_OTHER_NAMES.get(field, field))
    if means is None:
        return ""
    return " ".join(f"{line.rstrip('.')}." for line in (means, *_decides(definition, _OTHER_NAMES.get(field, field))))


_OTHER_NAMES = {"work_mail": "email", "mail": "email", "name": "last_name"}


def _decides(definition: Definition, field: str) -> Iterator[str]:
    yield from _fit(definition, field)
    ready = definition.named(Part.READY)
    if field in definition.mql.needs or (field == "email" and "work_mail" in definition.mql.needs):
        yield f"Needed to come to {ready}{', as a work address' if field == 'email' else ''}"
    for stage in definition.stages:
        if field in stage.needs.block:
            yield f"Without it nobody comes to {stage.name}"
        elif field in stage.needs.flag:
            yield f"Whoever comes to {stage.name} without it is told apart"
    if field == "country":
        yield "It says who is offered the lead, and which permission suffices"
    if field == "fit":
        yield ", ".join(f"{letter} from {least}" for letter, least in definition.fit.letters.items())
        yield f"To {ready} by score: {' or '.join(band.words() for band in definition.mql.bands())}"
    if field == "duplicate":
        yield from _one_person(definition)
    if field == "engagement":
        yield ", ".join(f"{digit} from {least:g}" for digit, least in definition.engagement_digits.items())
        yield f"It halves in {definition.half_life_days():g} days"


def _one_person(definition: Definition) -> Iterator[str]:
    rules = definition.one_person
    yield "One mail address or one id of another system is one person at once; what is as sure is merged by rule"
    yield f"The rest is suggested from {2**rules.suggest_from:g} to 1 on, and nobody is merged before somebody looked"
    yield f"A number that {rules.switchboard_from} leads have is a company's, and tells nobody apart"


def _fit(definition: Definition, field: str) -> Iterator[str]:
    rules = definition.fit
    match field:
        case "industry":
            yield f"Fit: {rules.industry.points} points for {_either(rules.industry.is_)}"
        case "role":
            also = f", {rules.role.else_.points} for {_either(rules.role.else_.is_)}"
            yield f"Fit: {rules.role.points} points for {_either(rules.role.is_)}{also}"
        case "country":
            yield f"Fit: {rules.country.points} points where we serve: {', '.join(rules.country.is_)}"
        case "sites":
            yield f"Fit: {rules.sites.points} points from {rules.sites.at_least} on"
        case _:
            return


def _either(words: tuple[str, ...]) -> str:
    return " or ".join(words)


def check(definition: Definition) -> Iterator[Fault]:
    """Words for what is no field help nobody."""
    for field in definition.fields:
        yield from unknown(("fields", field), field, OWN, "field")
