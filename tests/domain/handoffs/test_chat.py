"""Is a notice for a channel one that Slack takes, whatever a lead calls themselves, and does each hear its own?"""

from __future__ import annotations

import json

import pytest

from leadloom.domain.definitions.definition_check import check
from leadloom.domain.definitions.notice_routes import NoticeRoute
from leadloom.domain.handoffs.chat import NoticeLinks, channel_body
from leadloom.domain.mails.template import HandOffWords, ReasonWords
from tests.domain.a_standing import DEFINITION

LINKS = NoticeLinks(accept="https://a.example/a", give_back="https://a.example/g", lead="https://a.example/l")
TEAMS = {"americas": ("marcus-oyelaran",)}


def test_nobody_fakes_a_mention_or_a_link_and_no_text_is_longer_than_slack_takes() -> None:
    words = HandOffWords(
        kind_words="Asked", lead_name="<!channel> " + "x" * 300, lead_company="<https://evil.example|Kelvance> & Co",
        reasons=(ReasonWords(words="y" * 5000, weight="+1 of 2"),), accept_by="Tue 03 Mar, 10:15", place="Berlin",
    )  # fmt: skip
    said = json.loads(channel_body("offer", words, LINKS))
    header, *sections = said["blocks"]
    assert (header["text"]["type"], len(header["text"]["text"]) <= 150) == ("plain_text", True)
    texts = [block["text"]["text"] for block in sections if block["type"] == "section"]
    assert all(0 < len(text) <= 3000 for text in texts)
    assert not any("<" in text.replace("&lt;", "") for text in [said["text"], *texts])


def test_a_hand_off_that_is_taken_offers_no_button_to_take_it() -> None:
    words = HandOffWords(kind_words="Asked", is_open=False, first_try_by="Tue 03 Mar, 10:15")
    said = json.loads(channel_body("first-try-missed", words, LINKS))
    assert [element["url"] for element in said["blocks"][-1]["elements"]] == [LINKS.lead]


@pytest.mark.parametrize(
    ("route", "owner", "pool", "hears"),
    [
        ({}, "anybody", None, True),
        ({"owners": ["ines-carvalho"]}, "ines-carvalho", None, True),
        ({"owners": ["ines-carvalho"]}, "marcus-oyelaran", None, False),
        ({"teams": ["americas"]}, "marcus-oyelaran", "sales", True),
        ({"teams": ["americas"]}, None, "sales", False),
        ({"pools": ["sales"]}, None, "sales", True),
        ({"pools": ["sales"]}, "marcus-oyelaran", "sales", False),
        ({"kinds": ["scored-mql"]}, "marcus-oyelaran", None, False),
    ],
)
def test_a_route_hears_of_its_own(
    route: dict[str, list[str]], owner: str | None, pool: str | None, hears: bool
) -> None:
    made = NoticeRoute.model_validate({"to": "sales-alerts", **route})
    assert made.hears_of("hand-raise", owner, pool, TEAMS) is hears


def test_a_route_names_what_there_is() -> None:
    odd = NoticeRoute(to="nowhere", owners=("nobody",), teams=("none",), pools=("no",), kinds=("none-such",))
    places = [fault.path[2] for fault in check(DEFINITION.but(notices=(odd,)))]
    assert places == ["to", "owners", "teams", "pools", "kinds"]
