"""Do signed links say what we put in, and refuse everything else?"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloom.domain.errors import BadInput
from leadloom.domain.mails.links import (
    BadLink,
    ExpiredLink,
    Purpose,
    Signer,
    TamperedLink,
    WrongPurpose,
)
from leadloom.domain.mails.mail_urls import MailUrls
from leadloom.domain.model import HandOffId, MessageId, OwnerId, TaskId

KEY, NEWER_KEY = "an-old-secret-of-ours", "the-secret-of-this-year"
SIGNER = Signer([KEY])
MAIL = MessageId(UUID(int=7))
HAND_OFF, OWNER = HandOffId(UUID(int=8)), OwnerId(UUID(int=9))
NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)

message_ids = st.uuids().map(MessageId)


@given(message_ids, st.integers(1, 65_535))
def test_a_click_says_its_mail_and_its_link(message_id: MessageId, no: int) -> None:
    click = SIGNER.read_click(SIGNER.click(message_id, no))
    assert (click.message_id, click.no) == (message_id, no)


@given(message_ids)
def test_an_answer_an_unsubscribe_and_an_open_say_their_mail(message_id: MessageId) -> None:
    answer = SIGNER.read_answer(SIGNER.answer(message_id, "exploring_told"))
    assert (answer.message_id, answer.event) == (message_id, "exploring_told")
    for purpose in (Purpose.UNSUBSCRIBE, Purpose.OPEN, Purpose.PREFERENCES):
        assert SIGNER.read_mail(purpose, SIGNER.mail(purpose, message_id)) == message_id


def test_a_hand_off_link_works_until_it_expires() -> None:
    token = SIGNER.hand_off(HAND_OFF, 3, owner_id=OWNER, expires_at=NOON)
    link = SIGNER.read_hand_off(token, at=NOON - timedelta(seconds=1))
    assert (link.hand_off_id, link.assignment_no, link.owner_id, link.expires_at) == (HAND_OFF, 3, OWNER, NOON)
    with pytest.raises(ExpiredLink, match="ended on 03 March 2026, 12:00 UTC"):
        SIGNER.read_hand_off(token, at=NOON)


def test_a_task_link_works_until_it_expires_and_decides_no_hand_off() -> None:
    token = SIGNER.task(TaskId(UUID(int=7)), owner_id=OWNER, expires_at=NOON)
    link = SIGNER.read_task(token, at=NOON - timedelta(seconds=1))
    assert (link.task_id, link.owner_id, link.expires_at) == (TaskId(UUID(int=7)), OWNER, NOON)
    with pytest.raises(ExpiredLink, match="ended on 03 March 2026, 12:00 UTC"):
        SIGNER.read_task(token, at=NOON)
    with pytest.raises(WrongPurpose, match="made to answer a task, not to look at a mail"):
        SIGNER.read_review(token, at=NOON - timedelta(seconds=1))


@given(message_ids, st.data())
def test_a_token_changed_in_one_character_is_refused(message_id: MessageId, data: st.DataObject) -> None:
    token = SIGNER.click(message_id, 1)
    place = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCabc019-_=+ \n").filter(lambda character: character != token[place]))
    with pytest.raises(TamperedLink):
        SIGNER.read_click(token[:place] + other + token[place + 1 :])


@given(st.text(max_size=80))
def test_any_text_that_is_no_token_is_a_bad_link_and_nothing_worse(text: str) -> None:
    for read in (SIGNER.read_click, SIGNER.read_answer, lambda token: SIGNER.read_address(Purpose.REPLY, token)):
        with pytest.raises(BadLink):
            read(text)
    with pytest.raises(BadLink):
        SIGNER.read_hand_off(text, at=NOON)


def test_a_click_token_does_not_unsubscribe() -> None:
    with pytest.raises(WrongPurpose, match="made to open a page, not to unsubscribe"):
        SIGNER.read_mail(Purpose.UNSUBSCRIBE, SIGNER.click(MAIL, 1))


def test_an_old_key_still_reads_until_it_is_withdrawn() -> None:
    token = SIGNER.click(MAIL, 1)
    assert Signer([NEWER_KEY, KEY]).read_click(token).message_id == MAIL
    assert Signer([NEWER_KEY, KEY]).click(MAIL, 1) != token
    with pytest.raises(TamperedLink):
        Signer([NEWER_KEY]).read_click(token)


def test_a_secret_too_short_to_keep_is_refused() -> None:
    with pytest.raises(BadInput, match="16 characters"):
        Signer(["short"])
    with pytest.raises(BadInput, match="at least one"):
        Signer([])


@given(message_ids, st.sampled_from([Purpose.REPLY, Purpose.BOUNCE, Purpose.UNSUBSCRIBE]))
def test_an_address_token_survives_a_relay_that_folds_case(message_id: MessageId, purpose: Purpose) -> None:
    urls = MailUrls(base_url="https://kelvance.example", signer=SIGNER, message_id=message_id, marketing=True)
    local, _, domain = urls.mailbox(purpose, "kelvance.example").partition("@")
    assert domain == "kelvance.example"
    assert len(local) <= 64
    assert local == local.lower()
    assert SIGNER.read_address(purpose, local.upper().partition("-")[2]) == message_id


def test_only_marketing_mail_can_be_stopped_and_counts_openings() -> None:
    marketing = MailUrls(base_url="https://kelvance.example", signer=SIGNER, message_id=MAIL, marketing=True)
    service = MailUrls(base_url="https://kelvance.example", signer=SIGNER, message_id=MAIL, marketing=False)
    assert marketing.unsubscribe.startswith("https://kelvance.example/u/")
    assert marketing.open_pixel.startswith("https://kelvance.example/t/o/")
    assert (service.unsubscribe, service.open_pixel) == ("", "")
    assert marketing.link(2) == service.link(2)
    assert marketing.answer("exploring_told").startswith("https://kelvance.example/a/")


def test_who_is_not_looked_at_gets_plain_links_and_no_picture() -> None:
    places = ("https://kelvance.example/dock", "/m/four-degrees/guide")
    urls = MailUrls(
        base_url="https://go.kelvance.example",
        signer=SIGNER,
        message_id=MAIL,
        marketing=True,
        opens=False,
        direct=places,
    )
    assert urls.link(1) == places[0]
    page, _, key = urls.link(2).partition("?key=")
    # What it opens is said; whom it was sent to is not.
    assert (page, SIGNER.read_asset(key)) == ("https://go.kelvance.example/m/four-degrees/guide", "four-degrees/guide")
    assert urls.open_pixel == ""
    assert urls.unsubscribe != ""
