"""Whom is a campaign for? The question that chooses an audience, and how it reads in words."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from pydantic import ValidationError

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.draft_faults import faults_of, in_words
from leadloom.domain.definitions.draft_text import DraftText
from leadloom.domain.errors import BadInput, Faulty
from leadloom.domain.journeys.condition import Condition
from leadloom.domain.journeys.condition_check import find_faults
from leadloom.domain.journeys.conditions import either, everything_in, words
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
    where: Condition | None = None
    """A question in the language of journeys' branches; an event in it says `within`, since nobody has entered yet."""
    everybody: bool = False
    """All leads there are; said on purpose, never by saying nothing."""

    @property
    def asks(self) -> bool:
        """Whether it narrows anything down."""
        return bool(self.sources or self.stages or self.countries or self.imports or self.owner or self.where)


def read_condition(name: str, text: str) -> Condition:
    """The condition a YAML text says, such as `{tag: [expo]}`. Raises Faulty with the place of each fault."""
    draft = DraftText(name, text)
    try:
        return Condition.model_validate(draft.data)
    except ValidationError as error:
        raise Faulty(name, in_words(draft, faults_of(error))) from error


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
    if audience.where is not None:
        _check_where(audience.where, definition)
    for country in audience.countries:
        if len(country) != 2 or not country.isupper():
            raise BadInput("country", country, "Write two capital letters, such as DE.")


def _check_where(where: Condition, definition: Definition) -> None:
    faults = [fault.words for fault in find_faults(("where",), where, definition)]
    if faults:
        raise BadInput("where", words(where), faults[0])
    if any(one.arm is not None for one in everything_in(where)):
        raise BadInput("where", words(where), "Only runs of a campaign have an `arm`: ask it in the journey.")
    undated = next((one.event for one in everything_in(where) if one.event and one.within is None), None)
    if undated is not None:
        raise BadInput("where", f"event: {undated}", "Say `within`, such as 90d: an audience has not entered anything.")


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
    if audience.where:
        yield f"for whom {words(audience.where)}"


def _known(field: str, said: Iterable[str], known: Iterable[str]) -> None:
    names = list(known)
    for one in said:
        if one not in names:
            raise BadInput(field, one, f"There are: {', '.join(names)}.")
