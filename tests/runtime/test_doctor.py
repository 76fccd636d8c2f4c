"""Does the doctor see each thing that can be wrong, name its cure, and change nothing by looking?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from leadloom.domain.errors import BadInput
from leadloom.domain.finding import Finding, is_well
from leadloom.mail.dkim_keys import make_key
from leadloom.runtime.doctor import examine
from leadloom.runtime.local.mail_trap import MailTrap
from leadloom.runtime.settings import Settings
from leadloom.runtime.wiring import opened, tools_of, wall_now
from leadloom.runtime.workers import working
from leadloom.store import enrolments, lanes, match_faults, messages
from leadloom.store.db import Db
from leadloom.store.published import Book
from tests.receiver import KEY, KEY_NAME
from tests.services import Databases
from tests.store import acts
from tests.store.acts import TUESDAY
from tests.store.test_effects import WAIT, publish

STRONG = "x" * 32
NOBODY = "127.0.0.1:1"


@pytest.fixture
async def settings(dsn: str, temporal_address: str, tmp_path: Path) -> AsyncIterator[Settings]:
    """A whole installation of which every part answers; it is Tuesday."""
    async with MailTrap() as trap:
        yield Settings(
            database_url=dsn,
            temporal_address=temporal_address,
            smtp_url=trap.url,
            state=tmp_path,
            public_url="https://go.kelvance.example",
            secret=STRONG,
            message_secret=STRONG,
            mailgun_key=STRONG,
            clock_ahead_s=(TUESDAY - wall_now()).total_seconds(),
        )


async def look(settings: Settings, **changed: object) -> dict[str, Finding]:
    """All findings by what they are about, after some settings changed."""
    findings = await examine(settings.model_copy(update=changed), wall_at=wall_now())
    return {finding.what: finding for finding in findings}


async def test_a_whole_installation_with_its_workers_is_well(settings: Settings, book: Book) -> None:
    async with opened(settings) as house, tools_of(house) as tools, working(house, tools):
        for _ in range(50):  # a worker polls a moment after it was started
            findings = await examine(settings, wall_at=wall_now())
            if is_well(findings):
                break
    assert [finding for finding in findings if finding.verdict != "ok"] == []
    assert is_well(findings)


async def test_without_workers_both_queues_fail_and_nothing_else_does(
    settings: Settings, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Queues of this test alone: Temporal remembers pollers of other tests for minutes.
    monkeypatch.setattr("leadloom.runtime.doctor.JOURNEYS_QUEUE", f"journeys-{uuid4()}")
    monkeypatch.setattr("leadloom.runtime.doctor.MAIL_QUEUE", f"mail-{uuid4()}")
    failing = [finding for finding in (await look(settings)).values() if finding.verdict == "fail"]
    assert len(failing) == 2
    assert all("worker.py" in finding.fix for finding in failing)


@pytest.mark.parametrize(
    ("changed", "what", "cure"),
    [
        ({"database_url": f"postgresql://leadloom:hush@{NOBODY}/x"}, "Postgres", "DATABASE_URL"),
        ({"database_url": None}, "Postgres", "make up"),
        ({"temporal_address": NOBODY}, "Temporal", "TEMPORAL_ADDRESS"),
        ({"temporal_namespace": "nowhere"}, "Temporal", "TEMPORAL_NAMESPACE"),
        ({"smtp_url": f"smtp://{NOBODY}"}, "SMTP", "SMTP_URL"),
        ({"smtp_url": "http://relay"}, "SMTP", "SMTP_URL"),
        ({"smtp_url": None}, "SMTP", "make up"),
        ({"secret": "short"}, "link secret", "LEADLOOM_SECRET"),
        ({"secret": f"{STRONG},short"}, "link secret", "LEADLOOM_SECRET"),
        ({"message_secret": None}, "message secret", "LEADLOOM_MESSAGE_SECRET"),
        ({"public_url": "http://go.kelvance.example"}, "public address", "https"),
        ({"public_url": "go.kelvance.example"}, "public address", "LEADLOOM_PUBLIC_URL"),
        ({"epoch": 7}, "restore epoch", "LEADLOOM_EPOCH=1"),
    ],
)
async def test_what_is_wrong_fails_with_its_cure_and_without_a_secret(
    settings: Settings, book: Book, changed: dict[str, object], what: str, cure: str
) -> None:
    found = await look(settings, **changed)
    assert found[what].verdict == "fail"
    assert cure in found[what].fix
    assert not is_well(tuple(found.values()))
    assert "hush" not in "".join(finding.says for finding in found.values())


async def test_a_key_of_mail_that_cannot_sign_fails_and_keeps_workers_from_starting(
    settings: Settings, book: Book, tmp_path: Path
) -> None:
    keys = tmp_path / "dkim"
    make_key(keys, "kelvance.example", "s1", algorithm="ed25519")
    assert (await look(settings, dkim_keys=keys))["DKIM keys"].says == "s1._domainkey.kelvance.example"
    (keys / "s2._domainkey.kelvance.example.pem").write_text("none")
    found = (await look(settings, dkim_keys=keys))["DKIM keys"]
    assert found.verdict == "fail"
    assert "s2._domainkey.kelvance.example.pem" in found.says and "mail keys make" in found.says
    async with opened(settings.model_copy(update={"dkim_keys": keys})) as house:
        with pytest.raises(BadInput, match="s2"):
            async with tools_of(house):
                pass


async def test_on_this_machine_http_and_made_secrets_are_fine_and_looking_makes_none(
    settings: Settings, book: Book
) -> None:
    here = {"public_url": "http://127.0.0.1:8321", "secret": None, "message_secret": None}
    found = await look(settings, **here)
    assert {found[what].verdict for what in ("public address", "link secret", "message secret")} == {"ok"}
    assert list(settings.state.iterdir()) == []


async def test_a_database_without_its_migrations_says_which_command_applies_them(
    settings: Settings, databases: Databases
) -> None:
    async with databases.fresh() as url:
        found = await look(settings, database_url=url)
    assert found["migrations"].verdict == "fail"
    assert "db migrate" in found["migrations"].fix
    assert "stuck" not in found, "there are no rows to ask"


async def test_before_anything_was_published_that_is_what_fails(settings: Settings, db: Db) -> None:
    found = await look(settings)
    assert found["definition"].verdict == "fail"
    assert "publish" in found["definition"].fix


@pytest.mark.parametrize(("held", "verdict"), [(None, "warn"), ("whsec_short", "fail"), (KEY, "ok")])
async def test_a_key_that_a_journey_signs_with_is_looked_at_and_never_shown(
    settings: Settings, db: Db, book: Book, monkeypatch: pytest.MonkeyPatch, held: str | None, verdict: str
) -> None:
    await publish(db, "steps:\n  - {do: webhook, id: tell, endpoint: crm}\n" + WAIT)
    monkeypatch.delenv(KEY_NAME, raising=False)
    if held is not None:
        monkeypatch.setenv(KEY_NAME, held)
    found = (await look(settings))[f"key {KEY_NAME}"]
    assert found.verdict == verdict
    assert held is None or held not in found.says + found.fix


async def test_a_run_whose_step_failed_is_named(settings: Settings, db: Db, book: Book) -> None:
    lead_id, run = await acts.in_journey(db, book)
    async with db.transaction() as tx:
        await enrolments.block(tx, run, "TemplateError in letters", at=TUESDAY)
        await match_faults.keep(tx, lead_id, "no room for them", at=TUESDAY)
    found = await look(settings)
    assert found["duplicates"].verdict == "warn"
    assert f"lead {lead_id}, no room for them" in found["duplicates"].says and "faults" in found["duplicates"].fix
    assert found["stuck"].verdict == "fail"
    assert str(run) in found["stuck"].says and "runs retry" in found["stuck"].fix


async def test_an_uncertain_mail_only_warns_for_it_waits_for_a_person(settings: Settings, db: Db, book: Book) -> None:
    _, run = await acts.in_journey(db, book)
    await acts.advance(db, book, run)
    at = TUESDAY + timedelta(minutes=30)
    async with db.transaction() as tx:
        [lane] = [each.lane for each in await lanes.every(tx)]
    [mail] = await acts.claim(db, book, lane, at)
    async with db.transaction() as tx:
        await messages.mark_at_dot(tx, [(mail.message_id, mail.claim)], at=at)
        await messages.mark_lost_uncertain(tx, wall_before=acts.WALL + timedelta(hours=1))
    found = await look(settings)
    assert (found["uncertain mails"].verdict, found["uncertain mails"].says) == ("warn", "1 wait for evidence")
