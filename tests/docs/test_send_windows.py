"""Does a mail go when the page says so? Each of its twelve hardest cases is planned as it stands there."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from leadloom.domain.definitions.definition import Definition
from leadloom.domain.definitions.mail_policy import MailPolicy, Pause, Window
from leadloom.domain.lead import Account
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.mails.slots import Calendar, Slot, Wish, plan
from leadloom.domain.model import AccountId, MessageId
from tests import repository
from tests.domain.a_run import a_lead, the_definition

PAGE = Path("docs/reference/send-windows.md")
NOBODY = UUID(int=7)


def cases() -> list[tuple[str, ...]]:
    """The rows of the page's last table."""
    table = repository.text(PAGE).split("| What is hard |")[1].splitlines()[2:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in table if line.startswith("|")]


def test_the_page_has_twelve_cases() -> None:
    assert len(cases()) == 12


@pytest.mark.parametrize("case", cases(), ids=lambda case: case[0][:40])
def test_a_mail_goes_when_the_page_says(case: tuple[str, ...]) -> None:
    _, who, window, off, asked, goes_local, goes = case
    source, told = who.split()
    lead = a_lead(**{"field": {"time_zone": told}, "country": {"country": told}}.get(source, {}))
    account = Account(account_id=AccountId(NOBODY), name="Lind", country=told if source == "account" else None)
    rules = SendRules(a_definition(window, off))
    assert rules.zone_of(lead, account).told_by == source

    [slot] = plan(Calendar(), [a_wish(instant(asked))], rules.of(lead, account), [])

    assert isinstance(slot, Slot)
    assert slot.at == instant(goes)
    zone = ZoneInfo(rules.zone_of(lead, account).name)
    assert f"{slot.at.astimezone(zone):%a %Y-%m-%d %H:%M}" == goes_local
    assert bool(off != "–") == any("holiday" in why or "no mail from" in why for why in slot.why)


def a_definition(window: str, off: str) -> Definition:
    *days, hours = window.split()
    opens, closes = hours.split("-")
    holidays, pauses = re.findall(r"holidays (\w\w)", off), re.findall(r"pause (\S+) to (\S+)", off)
    definition = the_definition()
    said: dict[str, object] = {
        "window": Window.model_validate({"days": days, "from": opens, "until": closes}),
        "holidays": tuple(holidays),
        "pauses": tuple(
            Pause.model_validate({"from": first, "through": last, "why": "a pause"}) for first, last in pauses
        ),
    }
    mail: MailPolicy = definition.mail.model_copy(update=said)
    return definition.model_copy(update={"mail": mail})


def a_wish(at: datetime) -> Wish:
    return Wish(
        message_id=MessageId(NOBODY), priority=33, asked_at=at, not_before=at, deadline=at + timedelta(days=60),
        mail_class="marketing", capped=True, windowed=True,
    )  # fmt: skip


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
