"""Is an owner's answer by mail read as they meant it, in English and German, and asked about where it could be two?"""

from __future__ import annotations

from datetime import date

import pytest

from leadloom.domain.handoffs.reply import SaidByReply, Unclear, read_reply
from leadloom.domain.handoffs.spoken_dates import date_in
from tests.domain.a_standing import DEFINITION

TODAY = date(2026, 3, 3)


def read(text: str) -> SaidByReply | Unclear:
    return read_reply(DEFINITION, text, today=TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "accept", "Accept.", "ACCEPTED!", "I accept, calling her now", "Yes", "ok, thanks", "Mine.",
        "I'll take it",
        "I’ll take it", "\n\n  accept\n\nSent from my phone", "> quoted first\naccept",
        "Ich übernehme.", "Nehme ich, danke",
        "ja", "angenommen, rufe heute an", "*Accept*", "“accept”",
    ],
)  # fmt: skip
def test_an_acceptance_is_read_as_one(text: str) -> None:
    assert read(text) == SaidByReply(act="accept")


@pytest.mark.parametrize(
    "text",
    [
        "", "   \n ", "Accept? I don't know her",
        "I accept that this is not a lead", "accept, but not before May",
        "acceptable",
        "Yes, but she is a student", "ok who is this", "Who is that?", "Can somebody else accept this one",
        "accept or reject, I don't care", "no",
        "reject", "reject because of the weather", "recycle", "recycle sometime",
        "recycle on 5/4/2026", "recycle 2026-05-04 or 2026-06-04", "recycle 2020-01-01", "6", "Hello, thanks for this!",
        "ja, aber erst im Mai", "> accept", "accept " + "very " * 200, "nicht", "I reject your offer, we have a vendor",
        "On Mon, 2 Mar 2026, Samira wrote:", "stop",
    ],
)  # fmt: skip
def test_what_could_mean_two_things_is_asked_about(text: str) -> None:
    assert isinstance(read(text), Unclear), read(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("reject no budget", "no-budget"), ("Reject: no-budget", "no-budget"), ("reject 3", "no-budget"),
        ("reject, too expensive for them", "no-budget"), ("Ablehnen: kein Budget", "no-budget"),
        ("reject because no money", "no-budget"), ("reject junk", "junk"), ("reject 8", "junk"), ("Junk", "junk"),
        ("reject student", "junk"), ("nein, Dublette", "already-ours"), ("reject wrong data", "wrong-data"),
        ("lehne ab, falsche Nummer", "wrong-data"), ("reject can't reach", "cant-reach"), ("no budget", "no-budget"),
        ("reject - Already ours", "already-ours"), ("reject spam please", "junk"),
    ],
)  # fmt: skip
def test_a_reason_is_known_by_number_name_label_and_its_other_words(text: str, reason: str) -> None:
    assert read(text) == SaidByReply(act="reject", reason=reason)


def test_what_a_chip_asks_for_is_taken_from_the_same_line() -> None:
    assert read("reject no fit, size") == SaidByReply(act="reject", reason="no-fit", sub_reason="size")
    assert read("reject no fit") == SaidByReply(act="reject", reason="no-fit")
    who = SaidByReply(act="reject", reason="wrong-person", text="Mia Lund in Quality")
    assert read("Reject: wrong person, Mia Lund in Quality") == who
    assert read("reject other: They merge in May") == SaidByReply(
        act="reject", reason="other", text="They merge in May"
    )
    not_yet = SaidByReply(act="reject", reason="not-yet", until=date(2026, 5, 4))
    assert read("reject not yet, 2026-05-04") == not_yet == read("Reject: noch nicht, 4. Mai")


@pytest.mark.parametrize(
    "text",
    [
        "recycle 2026-05-04",
        "Recycle until 4 May",
        "recycle on May 4th, 2026",
        "Wiedervorlage 4.5.",
        "Später, am 04.05.26",
    ],
)
def test_recycling_takes_a_date(text: str) -> None:
    assert read(text) == SaidByReply(act="recycle", until=date(2026, 5, 4))


@pytest.mark.parametrize(
    ("text", "act"), [("Called, no answer", "tried"), ("voicemail", "tried"), ("Spoke with her", "reached")]
)
def test_a_try_can_be_told_by_mail_too(text: str, act: str) -> None:
    assert read(text) == SaidByReply.model_validate({"act": act})


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("in 3 weeks", date(2026, 3, 24)), ("in drei wochen", date(2026, 3, 24)), ("in a month", date(2026, 4, 3)),
        ("in 12 months", date(2027, 3, 3)), ("tomorrow", date(2026, 3, 4)), ("1. märz", date(2027, 3, 1)),
        ("13/5/2026", date(2026, 5, 13)), ("5/13/2026", date(2026, 5, 13)), ("29 feb", date(2028, 2, 29)),
        ("5/4/2026", None), ("31.02.2026", None), ("yesterday", None), ("2026-03-03", None), ("2026-13-40", None),
    ],
)  # fmt: skip
def test_a_date_is_one_day_after_today_or_none(text: str, day: date | None) -> None:
    assert date_in(text, today=TODAY) == day


def test_a_month_from_the_last_day_is_the_last_day_of_a_shorter_one() -> None:
    assert date_in("in einem monat", today=date(2026, 1, 31)) == date(2026, 2, 28)
