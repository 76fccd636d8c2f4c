"""Can what a provider told be kept in its field, and in which spelling? What can't is refused with its reason."""

from __future__ import annotations

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.enrichment.asked import Told
from leadloom.domain.errors import BadInput
from leadloom.domain.intake.countries import CODES
from leadloom.domain.intake.roles import role_of, roles_of
from leadloom.domain.intake.told import one_line
from leadloom.domain.mails.windows import is_zone
from leadloom.domain.model import Json
from leadloom.domain.people.phones import e164

_LONGEST = 80
_SHOWN = 40


def of_company(told: Told) -> Json:
    """The value as a company keeps it. Raises BadInput."""
    match told.field:
        case "sites" if not isinstance(told.value, int) or isinstance(told.value, bool) or told.value < 0:
            raise _refused(told, "is no number of sites")
        case "country" if told.value not in CODES:
            raise _refused(told, "is no country by two capital letters")
        case "industry" if not isinstance(told.value, str) or not 0 < len(told.value) <= _LONGEST:
            raise BadInput(told.field, "", f"it is no industry of at most {_LONGEST} letters")
        case "industry" | "sites" | "country":
            return told.value
        case _:
            raise _refused(told, "is nothing a company has")


def of_lead(definition: Definition, told: Told) -> Json:
    """The value as a lead keeps it: a number as E.164, a text on one line. Raises BadInput."""
    text = told.value if isinstance(told.value, str) else str(told.value)
    match told.field:
        case "role" if text not in roles_of(definition):
            raise _refused(told, "is no role of the definition")
        case "time_zone" if not is_zone(text):
            raise _refused(told, "is no time zone, such as Europe/Berlin")
        case "phone":
            # Without its country a number would be somebody else's: a provider has to write it out.
            number = e164(text, region="ZZ")
            if number is None:
                raise _refused(told, "is no telephone number with its country, such as +49 30 1234567")
            return number
        case "role" | "time_zone":
            return text
        case "first_name" | "last_name" | "title":
            line = one_line(told.field, text)
            if line is None:
                raise BadInput(told.field, "", "it is empty")
            return line
        case _:
            raise _refused(told, "is nothing a provider tells of a lead")


def with_role(definition: Definition, told: list[Told]) -> list[Told]:
    """What was told, and the role that a told title means: as with what a person tells of themselves."""
    title = next((one for one in told if one.field == "title"), None)
    if title is None or any(one.field == "role" for one in told):
        return told
    role = role_of(definition, str(title.value))
    return told if role is None else [*told, Told(field="role", value=role, as_of=title.as_of)]


def _refused(told: Told, is_what: str) -> BadInput:
    return BadInput(told.field, told.value, f"{str(told.value)[:_SHOWN]} {is_what}")
