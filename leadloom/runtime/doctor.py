"""Is this installation well? One finding for each thing that must hold before leads can trust it, each with its cure.

Looking changes nothing: no secret is made, no migration applied, no workflow started.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from urllib.parse import urlsplit

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from leadloom.domain.errors import BadInput, NotFound, Unreachable
from leadloom.domain.finding import Finding
from leadloom.domain.journeys.posts import key_of
from leadloom.domain.journeys.steps.webhook import Webhook
from leadloom.domain.wake import JOURNEYS_QUEUE, MAIL_QUEUE
from leadloom.mail.smtp import SmtpPool
from leadloom.runtime import doctor_doors
from leadloom.runtime.local.kept import holder, is_free
from leadloom.runtime.settings import Settings
from leadloom.runtime.temporal import connect
from leadloom.runtime.wiring import signatory_of
from leadloom.store import (
    fence,
    group_faults,
    match_faults,
    migrate,
    published,
    routes,
    sender_domains,
    server,
    stuck,
    uncertain,
)
from leadloom.store.db import Db
from leadloom.store.published import Book
from leadloom.store.tx import Tx

OLDEST_PYTHON = (3, 11)
SHORTEST_SECRET = 32
"""Characters: what `secrets.token_urlsafe(24)` gives. Shorter ones are in reach of a patient guesser."""

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MIGRATE = "python starter.py db migrate"
_PUBLISH = "python starter.py definitions publish"
_UP = "start a local stack (make up), or name one"


async def examine(settings: Settings, *, wall_at: datetime) -> tuple[Finding, ...]:
    """Look at everything, whatever is away. `wall_at` is wall time; business time follows from the settings."""
    return (
        _python(),
        _port(settings),
        _public_url(settings),
        *_secrets(settings),
        _dkim(settings),
        *[finding async for finding in _database(settings, wall_at + settings.clock_ahead)],
        *[finding async for finding in _temporal(settings)],
        *[finding async for finding in _smtp(settings)],
        *[finding async for finding in doctor_doors.ways_in(settings, wall_at=wall_at)],
    )


def _python() -> Finding:
    has = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= OLDEST_PYTHON:
        return Finding(what="Python", verdict="ok", says=has)
    return Finding(what="Python", verdict="fail", says=has, fix="Use Python 3.11 or newer.")


def _port(settings: Settings) -> Finding:
    """Only a console of this machine needs a port of it."""
    url = urlsplit(settings.public_url)
    if url.hostname not in _LOOPBACK:
        return Finding(what="port", verdict="ok", says="the public address is not on this machine")
    port = url.port or 80
    if (pid := holder(settings.state / "up")) is not None:
        return Finding(what="port", verdict="ok", says=f"{port} belongs to the running stack (process {pid})")
    if is_free(port):
        return Finding(what="port", verdict="ok", says=f"{port} is free")
    says = f"somebody else listens on {port}"
    return Finding(what="port", verdict="warn", says=says, fix="Nothing, if that is your web server; else free it.")


def _public_url(settings: Settings) -> Finding:
    url = urlsplit(settings.public_url)
    if url.scheme not in ("http", "https") or not url.hostname:
        fix = "Set LEADLOOM_PUBLIC_URL to an address such as https://go.example.com."
        return Finding(what="public address", verdict="fail", says=f"{settings.public_url!r} is none", fix=fix)
    if url.scheme == "https" or url.hostname in _LOOPBACK:
        return Finding(what="public address", verdict="ok", says=settings.public_url)
    fix = "Set LEADLOOM_PUBLIC_URL to https: one-click unsubscribe is only honoured there (RFC 8058)."
    return Finding(what="public address", verdict="fail", says=f"{settings.public_url} is not https", fix=fix)


def _secrets(settings: Settings) -> Iterator[Finding]:
    keys = [key.strip() for key in (settings.secret or "").split(",") if key.strip()]
    yield _secret(settings, "link secret", "LEADLOOM_SECRET", keys)
    own = [settings.message_secret] if settings.message_secret else []
    yield _secret(settings, "message secret", "LEADLOOM_MESSAGE_SECRET", own)


def _secret(settings: Settings, what: str, variable: str, given: list[str]) -> Finding:
    strong = f"Set {variable} to {SHORTEST_SECRET} random characters or more, the same for every process."
    if any(len(secret) < SHORTEST_SECRET for secret in given):
        return Finding(what=what, verdict="fail", says=f"shorter than {SHORTEST_SECRET} characters", fix=strong)
    if given:
        return Finding(what=what, verdict="ok", says="given")
    if urlsplit(settings.public_url).hostname in _LOOPBACK:
        return Finding(what=what, verdict="ok", says="made here and kept in the state folder")
    says = "not given: each machine makes its own, and they don't know each other's"
    return Finding(what=what, verdict="fail", says=says, fix=strong)


def _dkim(settings: Settings) -> Finding:
    """Whether the keys could sign. What DNS says of them is asked elsewhere: it may take seconds."""
    try:
        keys = signatory_of(settings).keys
    except BadInput as error:
        return Finding(what="DKIM keys", verdict="fail", says=str(error), fix="Workers don't start until it is mended.")
    says = ", ".join(key.record_name for key in keys)
    return Finding(what="DKIM keys", verdict="ok", says=says or "none: the relay signs")


async def _database(settings: Settings, at: datetime) -> AsyncGenerator[Finding]:
    try:
        async with _opened(settings) as db:
            async with db.read() as tx:
                yield _version(await server.major_version(tx))
            schema = await _schema(settings)
            yield schema
            if schema.verdict == "fail":
                return
            async with db.read() as tx:
                yield await _epoch(tx, settings)
                async for finding in _facts(tx, at):
                    yield finding
    except Unreachable as error:
        fix = f"Start it or correct DATABASE_URL; or {_UP} by DATABASE_URL."
        yield Finding(what="Postgres", verdict="fail", says=str(error), fix=fix)


@asynccontextmanager
async def _opened(settings: Settings) -> AsyncGenerator[Db]:
    if settings.database_url is None:
        raise Unreachable("Postgres", "DATABASE_URL", "it is not set, and no local stack runs")
    db = await Db.open(settings.database_url, size=1)
    try:
        yield db
    finally:
        await db.close()


def _version(major: int) -> Finding:
    if major >= server.OLDEST_MAJOR:
        return Finding(what="Postgres", verdict="ok", says=f"version {major} answers")
    fix = f"Use Postgres {server.OLDEST_MAJOR} or newer."
    return Finding(what="Postgres", verdict="fail", says=f"version {major} is too old", fix=fix)


async def _schema(settings: Settings) -> Finding:
    try:
        due = await migrate.due(settings.database_url or "")
    except migrate.WrongSchema as error:
        return Finding(
            what="migrations", verdict="fail", says=str(error), fix="Run the code this database was made by."
        )
    if not due:
        return Finding(what="migrations", verdict="ok", says="all applied")
    verdict = "fail" if any("_pre_" in name for name in due) else "warn"
    return Finding(what="migrations", verdict=verdict, says=f"due: {', '.join(due)}", fix=_MIGRATE)


async def _epoch(tx: Tx, settings: Settings) -> Finding:
    epoch = await server.restore_epoch(tx)
    if await fence.is_restored(tx):
        says, fix = "this database was restored: nothing leaves from it", "python starter.py mail fence advance --why …"
        return Finding(what="restore epoch", verdict="fail", says=says, fix=fix)
    if epoch == settings.epoch:
        return Finding(what="restore epoch", verdict="ok", says=str(epoch))
    says = f"the database's is {epoch}, ours {settings.epoch}: workers started so send nothing"
    return Finding(what="restore epoch", verdict="fail", says=says, fix=f"Set LEADLOOM_EPOCH={epoch} and restart.")


async def _facts(tx: Tx, at: datetime) -> AsyncGenerator[Finding]:
    """What the rows say; nothing more to say before a definition is in force."""
    try:
        book = await published.book(tx)
    except NotFound:
        yield Finding(what="definition", verdict="fail", says="none was ever published", fix=_PUBLISH)
        return
    says = f"{book.definition.name} version {book.definition_version}, {len(book.journeys) + len(book.code)} journeys"
    yield Finding(what="definition", verdict="ok", says=says)
    for finding in _endpoint_keys(book):
        yield finding
    async for finding in _forgotten(tx, book, at):
        yield finding


def _endpoint_keys(book: Book) -> Iterator[Finding]:
    """The keys that journeys in force sign their messages with, as they are here; a worker elsewhere has its own."""
    steps = [step for each in book.journeys for step in each.journey.steps]
    used = {step.endpoint for step in steps if isinstance(step, Webhook)} & set(book.definition.endpoints)
    for name in sorted({book.definition.endpoints[endpoint].secret or "" for endpoint in used}):
        what, fix = f"key {name}", f"Set {name} for every worker: whsec_ and 24 to 64 random bytes in base64."
        if not (held := os.environ.get(name)):
            yield Finding(what=what, verdict="warn", says="not set here: webhooks can't be signed", fix=fix)
            continue
        try:
            key_of(held, name=name)
        except BadInput:
            yield Finding(what=what, verdict="fail", says="holds no key", fix=fix)
        else:
            yield Finding(what=what, verdict="ok", says="given")


async def _forgotten(tx: Tx, book: Book, at: datetime) -> AsyncGenerator[Finding]:
    rows = await stuck.stuck(tx, at, book=book)
    shown = f", first: {rows[0].noun} {rows[0].id}, {rows[0].why}" if rows else ""
    yield _counted(
        "stuck", len(rows), shown, fix="Run a worker; retry what is blocked: python starter.py runs retry ID."
    )
    leads = await stuck.unowned(tx, book=book)
    shown = f", first: lead {leads[0].lead_id}, {leads[0].stage} since {leads[0].since:%Y-%m-%d}" if leads else ""
    yield _counted("unowned", len(leads), shown, fix="Look why: python starter.py leads why LEAD.")
    async for finding in doctor_doors.waiting(tx):
        yield finding
    mails = await uncertain.every(tx)
    if mails:
        fix = "Ask the relay's log, then: python starter.py mail uncertain settle."
        yield Finding(what="uncertain mails", verdict="warn", says=f"{len(mails)} wait for evidence", fix=fix)
    else:
        yield Finding(what="uncertain mails", verdict="ok", says="none")
    yield await _unmatched(tx)
    yield await _standing_still(tx)


async def _unmatched(tx: Tx) -> Finding:
    """Leads that couldn't be compared with those we know: each may be somebody we know already."""
    count = await match_faults.count(tx)
    if not count:
        return Finding(what="duplicates", verdict="ok", says="everybody could be compared")
    [newest] = await match_faults.listed(tx, limit=1)
    says = f"{count} couldn't be compared or merged by rule, last: lead {newest.lead_id}, {newest.error}"
    fix = "Look: python starter.py duplicates faults; then duplicates retry, or the page /duplicates?show=faults."
    return Finding(what="duplicates", verdict="warn", says=says, fix=fix)


async def _standing_still(tx: Tx) -> Finding:
    """Relays that rest, and sender domains people complain about."""
    resting = [f"{each.relay} ({each.provider}): {each.why}" for each in await routes.every(tx)]
    loud = [each for each in await sender_domains.every(tx) if each.alarm_since or each.stopped_at]
    faulty = [each for each in await group_faults.every(tx) if each.stopped_at]
    says = "; ".join(
        [
            *resting,
            *(f"{each.domain}: {each.complaints} complaints in {each.sent}" for each in loud),
            *(f"{each.name or each.template_hash[:12]} is stopped: {each.refused} came back" for each in faulty),
        ]
    )
    if not says:
        return Finding(what="delivery", verdict="ok", says="no relay rests, nobody complains")
    fix = (
        "python starter.py mail relays, mail senders and mail templates say more; relays are tried again by themselves."
    )
    verdict = "fail" if faulty or any(each.stopped_at for each in loud) else "warn"
    return Finding(what="delivery", verdict=verdict, says=says, fix=fix)


def _counted(what: str, count: int, shown: str, *, fix: str) -> Finding:
    if count == 0:
        return Finding(what=what, verdict="ok", says="nobody" if what == "unowned" else "nothing")
    return Finding(what=what, verdict="fail", says=f"{count}{shown}", fix=fix)


async def _temporal(settings: Settings) -> AsyncGenerator[Finding]:
    try:
        client = await connect(settings)
    except Unreachable as error:
        fix = f"Start it or correct TEMPORAL_ADDRESS; or {_UP} by TEMPORAL_ADDRESS."
        yield Finding(what="Temporal", verdict="fail", says=str(error), fix=fix)
        return
    namespace = await _namespace(client)
    yield namespace
    if namespace.verdict == "ok":
        yield await _polled(client, JOURNEYS_QUEUE, TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
        yield await _polled(client, MAIL_QUEUE, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)


async def _namespace(client: Client) -> Finding:
    try:
        request = DescribeNamespaceRequest(namespace=client.namespace)
        await client.workflow_service.describe_namespace(request)
    except RPCError as error:
        fix = "Create the namespace, or set TEMPORAL_NAMESPACE to one that exists."
        says = f"no namespace {client.namespace}: {error.message}"
        return Finding(what="Temporal", verdict="fail", says=says, fix=fix)
    where = client.service_client.config.target_host
    return Finding(what="Temporal", verdict="ok", says=f"{where} answers, namespace {client.namespace} is there")


async def _polled(client: Client, queue: str, kind: TaskQueueType.ValueType) -> Finding:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
    )
    answer = await client.workflow_service.describe_task_queue(request)
    what = f"workers of {queue}"
    if answer.pollers:
        return Finding(what=what, verdict="ok", says=f"{len(answer.pollers)} poll")
    says = "nobody polls: what is due waits, nothing is lost"
    return Finding(what=what, verdict="fail", says=says, fix="Start one: python worker.py (make up has its own).")


async def _smtp(settings: Settings) -> AsyncGenerator[Finding]:
    fix = f"Start it or correct SMTP_URL; or {_UP} by SMTP_URL."
    if settings.smtp_url is None:
        yield Finding(what="SMTP", verdict="fail", says="SMTP_URL is not set, and no local stack runs", fix=fix)
        return
    yield await _answers("SMTP", settings.smtp_url, fix)
    try:
        further = settings.further_relays()
    except BadInput as error:
        yield Finding(what="SMTP_URLS", verdict="fail", says=str(error), fix="Workers don't start until it is mended.")
        return
    for name, url in further.items():
        yield await _answers(f"SMTP {name}", url, "Start it or correct SMTP_URLS.")


async def _answers(what: str, url: str, fix: str) -> Finding:
    try:
        pool = SmtpPool.from_url(url, size=1)
        greeting = await pool.ping()
    except (Unreachable, BadInput) as error:
        return Finding(what=what, verdict="fail", says=str(error), fix=fix)
    return Finding(what=what, verdict="ok", says=f"{pool.relay.host}:{pool.relay.port} says {greeting}")
