"""How does a report come about? One read of the logs at one moment, then the domain: for commands, pages and files."""

from __future__ import annotations

from datetime import date

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.model import Instant, Value
from leadloom.domain.reports.calibration import CalibrationReport
from leadloom.domain.reports.calibration import calibration as decide_calibration
from leadloom.domain.reports.cooling import ScoresReport
from leadloom.domain.reports.cooling import scores as decide_scores
from leadloom.domain.reports.funnel import FunnelQuestion, FunnelReport
from leadloom.domain.reports.funnel import funnel as decide_funnel
from leadloom.domain.reports.mutual_promises import PromisesQuestion, PromisesReport
from leadloom.domain.reports.mutual_promises import promises as decide_promises
from leadloom.domain.reports.pipeline import PipelineQuestion, PipelineReport
from leadloom.domain.reports.pipeline import pipeline as decide_pipeline
from leadloom.domain.reports.promises import SlaReport
from leadloom.domain.reports.promises import sla as decide_sla
from leadloom.domain.reports.velocity import VelocityQuestion, VelocityReport
from leadloom.domain.reports.velocity import velocity as decide_velocity
from leadloom.store import calibration as store_calibration
from leadloom.store import published, reports
from leadloom.store.db import Db, Tx


class Reports(Value):
    """All that the report page shows, of one moment."""

    funnel: FunnelReport
    velocity: VelocityReport
    pipeline: PipelineReport
    sla: SlaReport
    mails_per_day: tuple[tuple[date, int], ...]


async def funnel(db: Db, question: FunnelQuestion) -> FunnelReport:
    """The funnel. Raises BadInput for stages the definition lacks, NotFound while no definition is published."""
    async with db.read() as tx:
        return await _funnel(tx, question)


async def velocity(db: Db, question: VelocityQuestion) -> VelocityReport:
    """Stage velocity and lead growth. Raises as `funnel` does."""
    async with db.read() as tx:
        return await _velocity(tx, question)


async def pipeline(db: Db, question: PipelineQuestion) -> PipelineReport:
    """Deals and leads by class, and the money."""
    async with db.read() as tx:
        return await _pipeline(tx, question)


async def sla(db: Db, as_of: Instant) -> SlaReport:
    """Speed to lead, outcomes of hand-offs, mutual promises."""
    async with db.read() as tx:
        return await _sla(tx, as_of)


async def promises(db: Db, question: PromisesQuestion) -> PromisesReport:
    """The mutual promises of the charter in a period, each with the hand-offs that kept or broke it."""
    async with db.read() as tx:
        return await promises_within(tx, question)


async def promises_within(tx: Tx, question: PromisesQuestion) -> PromisesReport:
    """The same for whoever reads its rows in the same moment."""
    definition, since = await _definition(tx), question.read_since
    offered = await reports.hand_offs(tx, definition=definition, as_of=question.as_of, since=since)
    tries = await reports.tries(tx, as_of=question.as_of, since=since)
    return decide_promises(definition, offered, tries, question)


async def scores(db: Db, as_of: Instant, *, threshold: float | None = None) -> ScoresReport:
    """Engagement of each lead, and when it cools to `threshold` (None: the definition's)."""
    async with db.read() as tx:
        definition = await _definition(tx)
        entries = await reports.score_entries(tx, as_of=as_of)
    return decide_scores(definition, entries, as_of=as_of, threshold=threshold)


async def calibration(db: Db, as_of: Instant, *, track: str) -> CalibrationReport:
    """Acceptance and wins by the band leads had when they were called ready."""
    async with db.read() as tx:
        definition = await _definition(tx)
        found = await store_calibration.qualified(tx, definition, track=track, as_of=as_of)
    return decide_calibration(definition, found, as_of=as_of, track=track)


async def everything(db: Db, as_of: Instant) -> Reports:
    """All reports with their defaults, of one moment: what the HTML report draws."""
    funnel_asked, velocity_asked = FunnelQuestion(as_of=as_of, by="source"), VelocityQuestion(as_of=as_of)
    async with db.read() as tx:
        definition = await _definition(tx)
        ways = await reports.ways(tx, track=funnel_asked.track, as_of=as_of)
        return Reports(
            funnel=decide_funnel(definition, ways, funnel_asked),
            velocity=decide_velocity(definition, ways, velocity_asked),
            pipeline=await _pipeline(tx, PipelineQuestion(as_of=as_of)),
            sla=await _sla(tx, as_of),
            mails_per_day=await reports.mails_per_day(tx, as_of=as_of),
        )


async def _funnel(tx: Tx, question: FunnelQuestion) -> FunnelReport:
    ways = await reports.ways(tx, track=question.track, as_of=question.as_of)
    return decide_funnel(await _definition(tx), ways, question)


async def _velocity(tx: Tx, question: VelocityQuestion) -> VelocityReport:
    ways = await reports.ways(tx, track=question.track, as_of=question.as_of)
    return decide_velocity(await _definition(tx), ways, question)


async def _pipeline(tx: Tx, question: PipelineQuestion) -> PipelineReport:
    definition = await _definition(tx)
    touches = await reports.touches_of_leads(tx, as_of=question.as_of)
    deals = await reports.deals(tx, as_of=question.as_of, touches=touches)
    leads = await reports.accepted_leads(tx, definition, as_of=question.as_of, touches=touches)
    return decide_pipeline(definition, deals, leads, question)


async def _sla(tx: Tx, as_of: Instant) -> SlaReport:
    definition = await _definition(tx)
    offered = await reports.hand_offs(tx, definition=definition, as_of=as_of)
    return decide_sla(definition, offered, as_of=as_of)


async def _definition(tx: Tx) -> Definition:
    """The definition in force under the number it was published as, which is the one stage changes name."""
    book = await published.book(tx)
    return book.definition.model_copy(update={"version": book.definition_version})
