"""Whom is a campaign for? The question that chooses an audience, and how it reads in words."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.errors import BadInput
from leadloom.domain.journeys.conditions import either
from leadloom.domain.model import Value


class Audience(Value):
    """Which leads. All that is said must hold; of several values of one field, one does."""

    sources: tuple[str, ...] = ()
    """Where the lead came from."""
    track: str
    """The track whose stages are meant; the journey's."""
    stages: tuple[str, ...] = ()
    """Where it stands in that track."""
    countries: tuple[str, ...] = ()
    """Two capital letters; the lead's own country, else its account's."""
    imports: tuple[UUID, ...] = ()
    """It was a row of one of these imports, taken or unchanged."""
    owner: str | None = None
    """Handle of the owner who has the lead."""
    everybody: bool = False
    """All leads there are; said on purpose, never by saying nothing."""

    @property
    def asks(self) -> bool:
        """Whether it narrows anything down."""
        return bool(self.sources or self.stages or self.countries or self.imports or self.owner)


def check_audience(audience: Audience, definition: Definition) -> None:
    """Raises BadInput for a question that names nothing, or something that isn't there."""
    if audience.asks == audience.everybody:
        if audience.everybody:
            raise BadInput("everybody", True, "Say either everybody, or which leads; not both.")
        raise BadInput(
            "audience", "nobody in particular", "Say a source, stage, country, import or owner; or everybody."
        )
    _known("stage", audience.stages, [stage.name for stage in definition.stages])
    _known("track", [audience.track], definition.tracks)
    _known("owner", [audience.owner] if audience.owner else [], [entry.handle for entry in definition.owners])
    for country in audience.countries:
        if len(country) != 2 or not country.isupper():
            raise BadInput("country", country, "Write two capital letters, such as DE.")


def audience_words(audience: Audience) -> str:
    """The question as a person would say it: `leads from webinar, in stage inquiry, from the US`."""
    if not audience.asks:
        return "everybody"
    return "leads " + ", ".join(_phrases(audience))


def _phrases(audience: Audience) -> Iterable[str]:
    if audience.sources:
        yield f"whose source is {either(audience.sources)}"
    if audience.stages:
        yield f"in stage {either(audience.stages)}"
    if audience.countries:
        yield f"in {either(audience.countries)}"
    if audience.imports:
        yield f"of import {either(str(one) for one in audience.imports)}"
    if audience.owner:
        yield f"owned by {audience.owner}"


def _known(field: str, said: Iterable[str], known: Iterable[str]) -> None:
    names = list(known)
    for one in said:
        if one not in names:
            raise BadInput(field, one, f"There are: {', '.join(names)}.")
