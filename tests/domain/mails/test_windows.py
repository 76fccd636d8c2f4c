"""Local time: windows over changes of the clock, weekdays on both sides of the date line, zones we can only guess."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.definitions.mail_policy import Window
from leadloom.domain.errors import BadInput
from leadloom.domain.lead import Account
from leadloom.domain.mails.country_zones import ZONE_OF_COUNTRY
from leadloom.domain.mails.send_rules import SendRules
from leadloom.domain.mails.windows import in_window, is_zone, lead_zone, next_in_window, zone_of
from leadloom.domain.model import AccountId
from tests.domain.a_run import LEAD, a_lead, the_definition

TUE_TO_THU = the_definition().mail.window
NIGHT_OWL = Window(days=("sun",), from_=time(2, 30), until=time(5))
NEW_YORK = "America/New_York"
ZONES = (NEW_YORK, "Europe/Berlin", "Asia/Tokyo", "Pacific/Auckland", "Pacific/Apia", "America/Sao_Paulo", "UTC")
CHANGES = (
    (NEW_YORK, "2026-03-08 07:00"),
    (NEW_YORK, "2026-11-01 06:00"),
    ("Australia/Lord_Howe", "2026-10-03 15:30"),
    ("Australia/Lord_Howe", "2026-04-04 15:00"),
    ("Asia/Beirut", "2026-03-28 22:00"),
    ("America/Santiago", "2026-04-05 03:00"),
    ("America/Havana", "2026-11-01 05:00"),
    ("Pacific/Chatham", "2026-09-26 14:00"),
    ("Pacific/Apia", "2011-12-30 10:00"),
)
"""Zones and instants (UTC) of changes of their clocks: by an hour, by half of one, at midnight, and by a whole day."""


def local(text: str, zone: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def test_mail_that_is_ready_inside_the_window_goes_at_once() -> None:
    noon = local("2026-03-03 12:00", "Europe/Berlin")
    assert next_in_window(noon, TUE_TO_THU, "Europe/Berlin") == noon


@pytest.mark.parametrize(
    ("ready", "goes"),
    [
        ("2026-03-03 08:29:59", "2026-03-03 08:30"),
        ("2026-03-03 16:30", "2026-03-04 08:30"),
        ("2026-03-05 17:00", "2026-03-10 08:30"),
    ],
)
def test_mail_outside_the_window_waits_for_its_opening(ready: str, goes: str) -> None:
    assert next_in_window(local(ready, NEW_YORK), TUE_TO_THU, NEW_YORK) == local(goes, NEW_YORK)


@pytest.mark.parametrize(
    ("thursday", "tuesday_utc"),
    [
        # The clock goes forward on Sunday 8 March and back on Sunday 1 November 2026.
        ("2026-03-05 17:00", "2026-03-10 12:30"),
        ("2026-10-29 17:00", "2026-11-03 13:30"),
    ],
)
def test_the_window_opens_by_the_offset_of_its_own_day_not_of_today(thursday: str, tuesday_utc: str) -> None:
    assert next_in_window(local(thursday, NEW_YORK), TUE_TO_THU, NEW_YORK) == local(tuesday_utc, "UTC")


def said(days: str, hours: str) -> Window:
    opens, closes = hours.split("-")
    return Window.model_validate({"days": days.split(), "from": opens, "until": closes})


@pytest.mark.parametrize(
    ("zone", "window", "ready_utc", "goes_utc"),
    [
        # Offsets of 5:30, 12:45 and 3:30 hours.
        ("Asia/Kolkata", TUE_TO_THU, "2026-03-03 02:59", "2026-03-03 03:00"),
        ("Pacific/Chatham", TUE_TO_THU, "2026-03-02 18:00", "2026-03-02 18:45"),
        ("America/St_Johns", TUE_TO_THU, "2026-03-03 11:59", "2026-03-03 12:00"),
        # The evening's last minute, and the next one, a week too late.
        ("Asia/Singapore", said("tue", "20:00-24:00"), "2026-03-03 15:59", "2026-03-03 15:59"),
        ("Asia/Singapore", said("tue", "20:00-24:00"), "2026-03-03 16:00", "2026-03-10 12:00"),
        # Clocks that skip midnight, and one that goes back at midnight: 23:30 comes twice that Saturday.
        ("Africa/Cairo", said("fri", "00:00-04:00"), "2026-04-23 20:00", "2026-04-23 22:00"),
        ("America/Sao_Paulo", said("sun", "00:00-02:00"), "2018-11-03 12:00", "2018-11-04 03:00"),
        ("America/Santiago", said("sat", "23:30-24:00"), "2026-04-05 03:10", "2026-04-05 03:30"),
        # Half past two in the morning on an island that changes by half an hour, both ways.
        ("Australia/Lord_Howe", said("sun", "01:40-04:00"), "2026-04-04 14:50", "2026-04-04 14:50"),
        # Samoa had no Friday 30 December 2011.
        ("Pacific/Apia", said("fri", "08:30-16:30"), "2011-12-30 03:00", "2012-01-05 18:30"),
        ("Pacific/Apia", said("fri sat", "08:30-16:30"), "2011-12-30 03:00", "2011-12-30 18:30"),
    ],
)
def test_mail_goes_at_the_first_such_moment_of_its_reader(
    zone: str, window: Window, ready_utc: str, goes_utc: str
) -> None:
    assert next_in_window(local(ready_utc, "UTC"), window, zone) == local(goes_utc, "UTC")


@given(
    change=st.sampled_from(CHANGES),
    window=st.sampled_from(
        [said("sun", "02:30-05:00"), said("sat sun fri", "00:00-04:00"), said("sat sun", "00:30-01:45"),
         said("sat", "23:30-24:00"), said("sat sun", "01:45-02:45")]
    ),
    minutes_before=st.integers(-180, 600),
)  # fmt: skip
def test_round_a_change_of_the_clock_no_earlier_minute_was_free(
    change: tuple[str, str], window: Window, minutes_before: int
) -> None:
    zone, at = change[0], local(change[1], "UTC") - timedelta(minutes=minutes_before)
    goes, minute = next_in_window(at, window, zone), timedelta(minutes=1)
    soon = min(goes, at + timedelta(days=1))
    assert not any(in_window(at + minute * step, window, zone) for step in range((soon - at) // minute))
    assert in_window(goes, window, zone)


def test_weekdays_are_those_of_the_lead_not_of_utc() -> None:
    # Tuesday 08:30 in Tokyo is Monday 23:30 in UTC; Thursday 16:00 in Los Angeles is Friday in UTC.
    monday_utc = local("2026-03-02 23:30", "UTC")
    assert next_in_window(monday_utc, TUE_TO_THU, "Asia/Tokyo") == monday_utc
    friday_utc = local("2026-03-06 00:15", "UTC")
    assert next_in_window(friday_utc, TUE_TO_THU, "America/Los_Angeles") == friday_utc


def test_a_time_of_day_that_the_clock_skips_opens_the_window_after_the_gap() -> None:
    before = local("2026-03-08 01:00", NEW_YORK)
    assert next_in_window(before, NIGHT_OWL, NEW_YORK) == local("2026-03-08 03:00", NEW_YORK)


def test_a_time_of_day_that_comes_twice_opens_the_window_both_times() -> None:
    window = Window(days=("sun",), from_=time(1, 30), until=time(1, 45))
    first = local("2026-11-01 01:30", NEW_YORK)
    second = first.replace(fold=1)
    assert next_in_window(local("2026-11-01 00:00", NEW_YORK), window, NEW_YORK) == first.astimezone(UTC)
    after_the_first = first.astimezone(UTC) + timedelta(minutes=20)
    assert next_in_window(after_the_first, window, NEW_YORK) == second.astimezone(UTC)


def test_a_window_until_24_00_holds_to_the_end_of_its_day() -> None:
    window = Window.model_validate({"days": ["tue"], "from": "00:00", "until": "24:00"})
    late = local("2026-03-03 23:59:59.999999", "Asia/Singapore")
    assert in_window(late, window, "Asia/Singapore")
    assert not in_window(late + timedelta(microseconds=1), window, "Asia/Singapore")


@pytest.mark.parametrize(
    "window", [{"days": [], "from": "09:00", "until": "17:00"}, TUE_TO_THU.model_dump() | {"until": "08:30"}]
)
def test_a_window_that_never_opens_is_refused(window: dict[str, object]) -> None:
    with pytest.raises(BadInput, match="at least one day"):
        next_in_window(local("2026-03-03 12:00", "UTC"), Window.model_validate(window), "UTC")


@given(
    at=st.datetimes(datetime(2011, 12, 1), datetime(2031, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(ZONES),
    window=st.sampled_from([TUE_TO_THU, NIGHT_OWL, Window(days=("mon", "fri", "sun"), from_=time(0), until=time(3))]),
)
def test_the_answer_lies_in_the_window_not_in_the_past_and_stays(at: datetime, zone: str, window: Window) -> None:
    goes = next_in_window(at, window, zone)
    assert goes >= at
    assert in_window(goes, window, zone)
    assert next_in_window(goes, window, zone) == goes


@given(at=st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)), zone=st.sampled_from(ZONES))
def test_no_earlier_quarter_of_an_hour_was_free(at: datetime, zone: str) -> None:
    goes = next_in_window(at, TUE_TO_THU, zone)
    missed = (at + timedelta(minutes=15) * step for step in range(int((goes - at) / timedelta(minutes=15)) + 1))
    assert not any(in_window(earlier, TUE_TO_THU, zone) for earlier in missed if earlier < goes)


def test_the_zone_of_a_lead_falls_back_from_its_own_field_to_our_own_zone() -> None:
    company = the_definition().company
    account = Account(account_id=AccountId(LEAD), name="Meridian Pharma", country="SG")
    assert zone_of(a_lead(time_zone="Europe/Lisbon", country="DE"), account, company) == "Europe/Lisbon"
    assert zone_of(a_lead(time_zone="half past nine", country="de"), account, company) == "Europe/Berlin"
    assert zone_of(a_lead(country="XX"), account, company) == "Asia/Singapore"
    assert zone_of(a_lead(), None, company) == NEW_YORK


def test_the_definition_declares_whom_we_ask_for_the_zone_and_the_answer_says_who_told() -> None:
    account = Account(account_id=AccountId(LEAD), name="Meridian Pharma", country="SG")
    lead = a_lead(time_zone="Europe/Lisbon", country="NP")
    company = the_definition().company.model_copy(update={"zone_by": ("account", "field", "workspace")})
    assert lead_zone(lead, account, company).words == "Asia/Singapore, by their company's country"
    assert lead_zone(lead, None, company).words == "Europe/Lisbon, by their own time zone"
    assert lead_zone(a_lead(country="NP"), None, company).words == f"{NEW_YORK}, ours, for nothing is known of theirs"


def test_holidays_are_those_of_the_lead_then_of_their_company_then_ours() -> None:
    rules, account = SendRules(the_definition()), Account(account_id=AccountId(LEAD), name="Lind", country="NL")
    kings_day, unity_day, thanksgiving = date(2026, 4, 27), date(2026, 10, 3), date(2026, 11, 26)
    assert rules.days_off(a_lead(country="DE"), account).on(unity_day) is not None
    assert rules.days_off(a_lead(country="DE"), account).on(kings_day) is None
    assert rules.days_off(a_lead(), account).on(kings_day) is not None
    assert rules.days_off(a_lead(), None).on(thanksgiving) is not None
    assert rules.days_off(a_lead(country="NP"), None).on(thanksgiving) is None


def test_each_country_of_the_definition_has_a_zone_that_exists() -> None:
    definition = the_definition()
    routed = {country for rule in definition.routing.rules for country in rule.countries or ()}
    assert routed | set(definition.fit.country.is_) <= ZONE_OF_COUNTRY.keys()
    assert all(is_zone(zone) for zone in ZONE_OF_COUNTRY.values())


@pytest.mark.parametrize("name", ["", "CET/nowhere", "../etc/passwd", "Europe", "Mitteleuropäische Zeit"])
def test_free_text_is_no_zone(name: str) -> None:
    assert not is_zone(name)
