"""Which role of the definition does a free text mean? `Head of Quality Assurance` is `quality`."""

from __future__ import annotations

import re

from leadloom.domain.definitions.definition import Definition

_MEANS = {
    "quality": "quality qa qc qp gxp gmp gdp compliance regulatory pharmacist qualität qualitätsmanagement",
    "logistics": "logistics logistic logistik supply transport warehouse distribution fleet shipping freight lager",
    "finance": "finance financial cfo controller controlling accounting treasurer",
    "shift": "shift foreman schichtleiter schichtleitung",
    "it": "it cio cto software information validation systems",
}
"""Role → words that name it; the first role that has one of the text's words wins."""


def role_of(definition: Definition, text: str) -> str | None:
    """The role a text means; a key of the definition's fit table says itself. None when it means none."""
    bare = text.strip().casefold()
    if bare in roles_of(definition):
        return bare
    words = set(re.findall(r"\w+", bare))
    return next((role for role, means in _MEANS.items() if words & set(means.split())), None)


def roles_of(definition: Definition) -> tuple[str, ...]:
    """The roles a lead may have: those of the definition's fit table, and those a text may mean."""
    table = definition.fit.role
    return tuple(dict.fromkeys((*table.is_, *table.else_.is_, *_MEANS)))
