"""Does a notice reach the channel and the other system too, once each, though they are away for a while?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from leadloom.domain.definitions.notice_routes import NoticeRoute
from leadloom.store import published
from tests import receiver
from tests.acts_in_house import comes, rows
from tests.house import TestHouse, a_house
from tests.receiver import KEY, KEY_NAME, Post, Receiver

OTTO = {"email": "otto@alder.example", "company": "Alder Cold Chain", "country": "DE"}


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    with receiver.receiving() as found:
        monkeypatch.setenv(KEY_NAME, KEY)
        monkeypatch.setenv("INES_CHANNEL", f"{found.url}/ines")
        yield found


async def route(house: TestHouse, outside: Receiver) -> None:
    """The Americas have a channel, Inês one of her own whose address is a secret, the CRM hears of all."""
    usual = outside.definition()
    ines = usual.endpoints["sales-alerts"].but(url="env:INES_CHANNEL")
    told = usual.but(
        endpoints={**usual.endpoints, "ines": ines},
        notices=(
            NoticeRoute(to="sales-alerts", teams=("americas",)),
            NoticeRoute(to="ines", owners=("ines-carvalho",)),
            NoticeRoute(to="crm"),
        ),
    )
    async with house.db.transaction() as tx:
        await published.publish_definition(tx, told, at=await house.now(), by="samira-haddad")


def at(outside: Receiver, path: str) -> list[Post]:
    return [post for post in outside.posts if post.path == path]


def buttons(post: Post) -> list[str]:
    [actions] = [block for block in post.said["blocks"] if block["type"] == "actions"]
    return [element["url"] for element in actions["elements"]]


async def ends(house: TestHouse) -> dict[tuple[str, str], tuple[str | None, int]]:
    query = "SELECT endpoint, step, ended, tries FROM notice_post ORDER BY asked_at"
    return {(row["endpoint"], row["step"]): (row["ended"], row["tries"]) for row in await rows(house, query)}


async def test_channels_and_systems_hear_of_a_hand_off_once_each_and_are_waited_for(
    dsn: str, outside: Receiver
) -> None:
    async with a_house(dsn, maintenance_every=timedelta(days=400)) as house:
        await route(house, outside)
        await comes(house, "otto.klein", "demo_requested", **OTTO)  # type: ignore[arg-type]  all are texts
        await house.pass_time(timedelta(seconds=30))
        [ines], [crm] = at(outside, "/ines"), at(outside, "/crm")
        assert at(outside, "/sales-alerts") == []
        says_it_all(ines)
        accept, give_back = buttons(ines)
        assert (accept.partition("/h/")[1], accept.endswith("?do=accept")) == ("/h/", True)
        assert give_back.endswith("?do=reject")
        is_signed(crm)
        assert (crm.said["type"], crm.said["data"]["lead"]["name"]) == ("hand_off.notice", "Otto Klein")
        assert await ends(house) == {("ines", "offer"): ("sent", 1), ("crm", "offer"): ("sent", 1)}

        # The channel of a team is read by several: each signs in as themselves. It is away for two tries.
        outside.answers = [503, 503, 503, 503]
        await comes(house, "ana.torres", "call_requested")
        await house.pass_time(timedelta(minutes=2))
        team = at(outside, "/sales-alerts")
        assert len(team) >= 2
        assert {json.dumps(post.said["blocks"][0]) for post in team} == {json.dumps(team[0].said["blocks"][0])}
        assert all("/inbox/" in url for url in buttons(team[-1]))
        told = [post for post in at(outside, "/crm") if post.said["data"]["lead"]["name"] == "Ana Torres"]
        assert len({post.headers["webhook-id"] for post in told}) == 1
        ended = {key: end for key, (end, _) in (await ends(house)).items()}
        assert set(ended.values()) == {"sent"}

        # Who says never is asked no more, and it is written down.
        outside.answers = [410]
        await house.pass_time(timedelta(minutes=9))
        every = {row["ended"] for row in await rows(house, "SELECT ended FROM notice_post")}
        assert "given up" in every


def says_it_all(post: Post) -> None:
    whole = json.dumps(post.said, ensure_ascii=False)
    for said in ("For you: Otto Klein", "Alder Cold Chain", "Answer by", "Asked for a demo", "Call them now",
                 "which lane or store", "You may write to them", "With Inês Carvalho"):  # fmt: skip
        assert said in whole
    assert len(post.said["blocks"]) <= 50


def is_signed(post: Post) -> None:
    told = post.headers
    signed = f"{told['webhook-id']}.{told['webhook-timestamp']}.".encode() + post.body
    key = base64.b64decode(KEY.removeprefix("whsec_"))
    assert told["webhook-signature"] == f"v1,{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}"
