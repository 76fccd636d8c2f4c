"""Is this process alive, is it ready, and how much waits? Counts only, nothing about persons."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse
from temporalio.service import RPCError

from leadloom.domain.errors import LeadloomError, Unreachable
from leadloom.runtime.temporal import connect
from leadloom.runtime.wiring import House
from leadloom.store import answered, published
from leadloom.store.migrate import check
from leadloom.store.stuck import stuck, unowned
from leadloom.web._public import house_of

router = APIRouter(include_in_schema=False)

_PATIENCE = timedelta(seconds=2)


@router.get("/healthz")
async def alive() -> PlainTextResponse:
    """The process answers."""
    return PlainTextResponse("ok\n")


@router.get("/readyz")
async def ready(request: Request) -> JSONResponse:
    """200 when database, its migrations, the published definition and Temporal are there; else 503 with the reasons."""
    house = house_of(request)
    reasons = [*await _database(house), *await _temporal(house)]
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    return JSONResponse({"ready": not reasons, "reasons": reasons}, status_code=status)


@router.get("/metrics")
async def metrics(request: Request) -> PlainTextResponse:
    """Gauges in Prometheus's text format."""
    house = house_of(request)
    async with house.db.read() as tx:
        book = await published.book(tx)
        waiting = await answered.wakes_waiting(tx)
        mails = await answered.mails_by_status(tx)
        stuck_now, unowned_now = len(await stuck(tx, house.now(), book=book)), len(await unowned(tx, book=book))
    lines = [
        *_gauge("leadloom_outbox_waiting", "Wake-ups Temporal has not heard", {"": waiting}),
        *_gauge("leadloom_messages", "Mails by status", {f'{{status="{name}"}}': n for name, n in mails.items()}),
        *_gauge("leadloom_stuck", "Things nothing will move on its own", {"": stuck_now}),
        *_gauge("leadloom_unowned", "Leads sales should have and nobody has", {"": unowned_now}),
    ]
    return PlainTextResponse("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


def _gauge(name: str, words: str, values: dict[str, int]) -> list[str]:
    return [f"# HELP {name} {words}.", f"# TYPE {name} gauge", *(f"{name}{at} {n}" for at, n in values.items())]


async def _database(house: House) -> list[str]:
    try:
        if house.settings.database_url is not None:
            await check(house.settings.database_url)
        async with house.db.read() as tx:
            await published.book(tx)
    except LeadloomError as error:
        return [str(error)]
    return []


async def _temporal(house: House) -> list[str]:
    if house.temporal is None:
        try:
            await connect(house.settings)
        except Unreachable as error:
            return [str(error)]
        return [
            "Temporal answers now, but was away when this process started: restart it; the sweep tells it meanwhile."
        ]
    try:
        healthy = await house.temporal.service_client.check_health(timeout=_PATIENCE)
    except RPCError as error:
        return [f"Temporal can't be reached: {error.message}"]
    return [] if healthy else ["Temporal says it is not serving."]
