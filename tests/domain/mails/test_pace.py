"""Does each rate let its share through and no more, whatever order lanes ask in, and does who waits get a place?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from leadloom.domain.definitions.delivery_policy import Complaints, Provider, RelayPolicy, WarmUp
from leadloom.domain.mails.complaints import verdict_of
from leadloom.domain.mails.pace import BOOKED_AHEAD, Day, Due, Granted, Rate, grant
from leadloom.domain.mails.providers import provider_of
from leadloom.domain.mails.routes import Group, route_of
from leadloom.domain.model import MessageId

AT = datetime(2026, 3, 3, 15, tzinfo=UTC)
SECOND = timedelta(seconds=1)
FIRM = Rate("to:meridian-pharma.example", timedelta(seconds=2), 30, "company_pace")
GOOGLE = Rate("provider:main/google", timedelta(seconds=0.2), 5, "provider_pace")


def due(no: int, *rates: Rate, waits: bool = True, booked: bool = False, warms: str | None = None) -> Due:
    return Due(MessageId(UUID(int=no)), rates, warms, waits, booked)


def granted(mails: list[Due], at: datetime = AT, free_at: dict[str, datetime] | None = None) -> Granted:
    return grant(mails, free_at=free_at or {}, days={}, at=at)


def test_three_hundred_invitations_to_one_firm_go_thirty_at_a_stroke_and_then_one_every_two_seconds() -> None:
    told = granted([due(no, FIRM) for no in range(300)])
    assert len(told.kept) < 270 + 1
    waits = sorted(each.until for each in told.kept.values() if each.is_booked)
    assert waits[0] - AT == 2 * SECOND
    assert {later - earlier for earlier, later in pairwise(waits)} == {2 * SECOND}
    assert {each.code for each in told.kept.values()} == {"company_pace"}


def test_a_mail_that_is_kept_back_has_its_place_and_is_not_asked_again() -> None:
    mails = [due(no, FIRM) for no in range(40)]
    first = granted(mails)
    its_time = max(each.until for each in first.kept.values())
    again = [due(no, FIRM, booked=True) for no in range(40) if MessageId(UUID(int=no)) in first.kept]
    later = granted(again, its_time, dict(first.free_at))
    assert later.kept == {}
    assert later.free_at == first.free_at


def test_mail_that_somebody_waits_for_goes_at_once_and_counts() -> None:
    told = granted([due(no, FIRM, waits=False) for no in range(60)])
    assert told.kept == {}
    assert len(granted([due(99, FIRM)], free_at=dict(told.free_at)).kept) == 1


def test_who_would_wait_too_long_asks_again_instead_of_taking_a_place() -> None:
    told = granted([due(no, FIRM) for no in range(1000)])
    asks = [each for each in told.kept.values() if not each.is_booked]
    assert asks
    assert {each.until for each in asks} == {AT + BOOKED_AHEAD}
    assert told.free_at[FIRM.bucket] <= AT + BOOKED_AHEAD + 61 * SECOND


def test_the_slowest_of_several_rates_decides_and_is_named() -> None:
    told = granted([due(no, GOOGLE, FIRM) for no in range(12)])
    assert {each.code for each in told.kept.values()} == {"provider_pace"}


@given(pages=some.lists(some.integers(1, 60), min_size=1, max_size=8), gap=some.integers(0, 20))
def test_never_more_than_a_burst_and_the_rate_go_in_any_span(pages: list[int], gap: int) -> None:
    free_at: dict[str, datetime] = {}
    went: list[datetime] = []
    for page, count in enumerate(pages):
        at = AT + page * gap * SECOND
        told = granted([due(page * 100 + no, FIRM) for no in range(count)], at, free_at)
        free_at |= told.free_at
        went += [at] * (count - len(told.kept)) + [each.until for each in told.kept.values() if each.is_booked]
    went.sort()
    for first, begin in enumerate(went):
        for last in range(first, len(went)):
            # A mail goes up to a second early, which is half a mail of this rate.
            assert last - first + 1 <= FIRM.burst + (went[last] - begin + SECOND) / FIRM.apart + 1


def test_a_young_domain_sends_its_days_mail_and_the_rest_tomorrow() -> None:
    tomorrow = AT + timedelta(hours=9)
    mails = [due(no, warms="news.kelvance.example") for no in range(60)]
    told = grant(mails, free_at={}, days={"news.kelvance.example": Day(50, tomorrow)}, at=AT)
    assert told.warmed == {"news.kelvance.example": 50}
    assert [(each.until, each.code) for each in told.kept.values()] == [(tomorrow, "warm_up")] * 10
    over = grant([due(1, warms="news.kelvance.example", waits=False)], free_at={}, days={}, at=AT)
    assert over.kept == {}


def test_a_warm_up_ends() -> None:
    curve = WarmUp.model_validate({"from": "2026-03-03", "per_day": [50, 100]})
    assert [curve.limit(sent) for sent in ([], [50], [50, 100], [50, 100, 7000])] == [50, 100, None, None]


def test_a_warm_up_goes_on_by_days_that_used_their_number_and_not_by_the_calendar() -> None:
    curve = WarmUp.model_validate({"from": "2026-03-03", "per_day": [50, 100, 200]})
    # Nothing goes at weekends, and a day of three mails teaches a provider nothing.
    assert curve.limit([50, 0, 0, 0, 3]) == 100
    assert curve.limit([25, 49]) == 100
    assert curve.limit([25, 49, 50]) == 200


@pytest.mark.parametrize(
    ("domain", "provider"),
    [
        ("gmail.com", "google"), ("GoogleMail.com", "google"), ("hotmail.co.uk", "microsoft"), ("live.de", "microsoft"),
        ("outlook.com.br", "microsoft"), ("yahoo.co.jp", "yahoo"), ("aol.com", "yahoo"), ("me.com", "apple"),
        ("me.example", "others"), ("gmail.firm.example", "others"), ("notgmail.com", "others"), ("", "others"),
        ("alder.example", "google"), ("sales.alder.example", "google"),
    ],
)  # fmt: skip
def test_a_provider_is_told_by_the_domain_and_by_what_somebody_looked_up(domain: str, provider: Provider) -> None:
    assert provider_of(domain, {"alder.example": "google"}) == provider


def test_mail_takes_the_first_relay_that_may_send_it_and_does_not_rest() -> None:
    relays = [RelayPolicy(name="main"), RelayPolicy(name="spare", domains=("kelvance.example",))]

    def way(rests: dict[Group, datetime], domain: str = "kelvance.example", known: str = "main spare") -> object:
        return route_of(relays, (domain, "google"), known=known.split(), rests=rests, at=AT)

    later, much_later = AT + SECOND, AT + 9 * SECOND
    assert way({}) == "main"
    assert way({("main", "*"): later}) == "spare"
    assert way({("main", "google"): later}) == "spare"
    assert way({("main", "yahoo"): later}) == "main"
    assert way({("main", "*"): AT}) == "main"
    assert way({("main", "*"): later}, "news.kelvance.example") == later
    assert way({("main", "*"): much_later, ("spare", "google"): later}) == later
    assert way({}, known="spare") == "spare"
    assert way({}, "news.kelvance.example", known="spare") is None


def test_complaints_alarm_from_one_in_a_thousand_and_stop_from_three() -> None:
    policy = Complaints()
    assert [verdict_of(sent, complaints, policy) for sent, complaints in
            ((299, 200), (1000, 0), (2000, 1), (1000, 1), (1000, 2), (1000, 3))] == [
        "fine", "fine", "fine", "alarm", "alarm", "stop",
    ]  # fmt: skip
