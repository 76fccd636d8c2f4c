"""How does a journey go? Who stands at which step, how runs ended, how its mails fared, which versions there are."""

from __future__ import annotations

from typing import Literal

from leadloom.domain.facts import MessageStatus
from leadloom.domain.model import Instant, Value
from leadloom.store.tx import Tx

Kind = Literal["definition", "journey", "code-journey", "template"]


class Outcome(Value):
    """Runs of one journey that stand, or ended, the same way."""

    journey: str
    status: Literal["active", "finished", "exited"]
    outcome: str | None
    runs: int


class AtStep(Value):
    """Open runs of one version at one step."""

    journey_hash: str | None
    step: str
    runs: int
    next_at: Instant | None


class MailsOfStep(Value):
    """Mails of one step that went the same way."""

    step: str
    status: MessageStatus
    mails: int


class Version(Value):
    """One published version."""

    version: int
    hash: str
    published_at: Instant
    published_by: str


async def outcomes(tx: Tx) -> tuple[Outcome, ...]:
    """How the runs of every journey stand or ended."""
    return tuple(Outcome.model_validate(dict(row)) for row in await tx.all("count_runs_of_journeys"))


async def at_steps(tx: Tx, journey: str) -> tuple[AtStep, ...]:
    """Where open runs of the journey stand."""
    return tuple(AtStep.model_validate(dict(row)) for row in await tx.all("count_runs_at_steps", journey=journey))


async def mails(tx: Tx, journey: str) -> tuple[MailsOfStep, ...]:
    """How each mail of the journey fared."""
    return tuple(
        MailsOfStep.model_validate(dict(row)) for row in await tx.all("count_mails_of_journey", journey=journey)
    )


async def versions(tx: Tx, kind: Kind, name: str) -> tuple[Version, ...]:
    """The published versions of one name, newest first."""
    rows = await tx.all("versions_published", kind=kind, name=name)
    return tuple(Version.model_validate(dict(row)) for row in rows)


async def in_force(tx: Tx, kind: Kind) -> dict[str, Version]:
    """The version in force of each name."""
    rows = await tx.all("newest_versions", kind=kind)
    return {row["name"]: Version.model_validate({key: row[key] for key in Version.model_fields}) for row in rows}
