"""Does the company's account open the console for whom it proves, and for nobody else?"""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from leadloom.domain.access.groups import handle_of, read_rules
from leadloom.domain.errors import BadInput
from leadloom.runtime import user_acts
from leadloom.runtime.wiring import House
from leadloom.store.users import NewUser
from tests import services
from tests.store import acts
from tests.web import console as story_console
from tests.web.console import words
from tests.web.oidc_provider import CLIENT, SECRET, Provider, provided
from tests.web.site import Site
from tests.web.test_sign_in import Door, browser

GROUPS = "sales-eu=sdr sales-eu=team:europe Lead%20Admins=admin"
INES = {
    "sub": "42",
    "email": "ines.carvalho@kelvance.example",
    "email_verified": True,
    "name": "Inês Carvalho",
    "groups": ["everybody", "sales-eu"],
}


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with provided() as provider:
        yield provider


@pytest.fixture
async def door(
    databases: services.Databases, story: story_console.Lived, tmp_path: Path, provider: Provider
) -> AsyncIterator[Door]:
    async with story_console.opened(databases, story, tmp_path) as console:
        site = console.site
        told = {
            "sign_in": "oidc", "oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET,
            "oidc_groups": GROUPS,
        }  # fmt: skip
        house = House(site.house.settings.model_copy(update=told), site.house.db, site.house.signer, None)
        async with browser(house) as client:
            yield Door(Site(house, client, site.book, site.dsn), client)


async def come(door: Door, *, next: str = "/inbox") -> httpx.Response:
    """Press the button, let the provider answer, come back; the answer of the last step."""
    away = await door.client.get("/sign-in/company", params={"next": next})
    assert away.status_code == 303, words(away.text)
    async with httpx.AsyncClient() as other:
        answered = await other.get(away.headers["location"])
    assert answered.status_code == 307
    back = urlsplit(answered.headers["location"])
    return await door.client.get(f"{back.path}?{back.query}")


async def test_whom_the_provider_proves_comes_in_as_what_their_groups_say(door: Door, provider: Provider) -> None:
    provider.person = INES
    assert "Sign in with Kelvance" in await door.page("/sign-in")
    back = await come(door)
    assert (back.status_code, back.headers["location"]) == (303, "/inbox")
    (asked,) = provider.asked
    assert (asked["code_challenge_method"], asked["response_type"], asked["scope"]) == (
        "S256",
        "code",
        "openid email profile",
    )
    assert len(asked["nonce"]) > 20 and len(asked["state"]) > 20
    page = words(await door.page("/account"))
    assert "You sign in as ines-carvalho , sdr, team europe. Forms act in your name." in page
    assert "your password is changed there" in page
    assert await door.noted("signed in") == ["ines-carvalho"]
    # The groups are the truth at the next time, too, whatever was given by hand.
    provider.person = {**INES, "groups": ["Lead Admins"]}
    await door.send("/sign-out", {}, shown_at="/account")
    assert (await come(door)).status_code == 303
    assert "ines-carvalho , admin." in words(await door.page("/account"))


async def test_a_user_added_by_hand_is_known_by_their_verified_address_and_then_by_their_account(
    door: Door, provider: Provider
) -> None:
    new = NewUser(handle="ines-c", email="Ines.Carvalho@kelvance.example", name="Inês", roles=("ae",))
    await user_acts.add(door.site.house, new, by="tests")
    provider.person = {**INES, "email_verified": False}
    refused = await come(door)
    assert (refused.status_code, "no mail address that is verified" in words(refused.text)) == (403, True)
    provider.person = INES
    assert (await come(door)).status_code == 303
    provider.person = {**INES, "email": "married@kelvance.example"}
    assert (await come(door)).status_code == 303
    assert [row["handle"] for row in await door.site.rows("SELECT handle FROM console_user")] == ["ines-c"]


LIES = {
    "another sign-in's nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "another client's": {"aud": "somebody-else"},
    "another issuer's": {"iss": "https://evil.example"},
    "over": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
    "without a subject": {"sub": None},
    "another access token's": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_proof_that_does_not_hold_opens_nothing(door: Door, provider: Provider, lie: str) -> None:
    provider.person, provider.lie = INES, LIES[lie]
    refused = await come(door)
    assert (refused.status_code, "does not hold" in words(refused.text)) == (403, True)
    assert "session" not in door.client.cookies
    assert await door.site.count("console_session") == 0


async def test_a_signature_of_anybody_else_opens_nothing_and_a_new_key_of_the_providers_does(
    door: Door, provider: Provider
) -> None:
    provider.person = INES
    assert (await come(door)).status_code == 303
    await door.send("/sign-out", {}, shown_at="/account")
    published, provider.key = provider.key, RSAKey.generate_key(2048, {"kid": "one"})
    provider.shown = published
    forged = await come(door)
    assert (forged.status_code, "not signed by the company" in words(forged.text)) == (403, True)
    provider.key = provider.shown = RSAKey.generate_key(2048, {"kid": "two"})
    assert (await come(door)).status_code == 303


async def test_nobody_is_let_in_by_an_answer_that_is_not_theirs(door: Door, provider: Provider) -> None:
    provider.person = INES
    away = await door.client.get("/sign-in/company")
    state = parse_qs(urlsplit(away.headers["location"]).query)["state"][0]
    back = "/sign-in/company/back"
    for query in ("?code=stolen&state=x", f"?error=access_denied&state={state}", f"?code=never-given&state={state}"):
        await door.client.get("/sign-in/company")
        assert (await door.client.get(back + query)).status_code == 403
    async with door.another() as stranger:  # a link with somebody's code, sent to another browser
        assert (await stranger.client.get(f"{back}?code=x&state={state}")).status_code == 410
    assert await door.site.count("console_session") == 0


async def test_without_a_group_one_is_told_whom_to_ask(door: Door, provider: Provider) -> None:
    await user_acts.add(
        door.site.house, NewUser(handle="ada", email="ada@kelvance.example", name="Ada Admin", roles=("admin",)), by="t"
    )
    provider.person = {**INES, "groups": ["everybody"]}
    said = words((await come(door)).text)
    assert "None of your groups gives you a role here. Ask Ada Admin" in said
    assert await door.noted("failed to sign in") == ["somebody"]
    provider.person = INES
    await come(door)
    await user_acts.shut_out(door.site.house, "ines-carvalho", by="ada", why="left us")
    assert (await door.client.get("/inbox")).status_code == 303
    assert "You don't come in here any more" in words((await come(door)).text)


async def test_a_provider_that_is_away_leaves_the_way_by_password(door: Door) -> None:
    dead = door.site.house.settings.model_copy(update={"oidc_issuer": "http://127.0.0.1:9"})
    async with browser(House(dead, door.site.db, door.site.house.signer, None)) as client:
        answer = await client.get("/sign-in/company")
    assert (answer.status_code, "Try again in a minute" in words(answer.text)) == (503, True)
    assert re.search(r'name="password"', answer.text)
    await acts.rows(door.site.dsn, "SELECT 1")


def test_rules_for_groups_are_read_and_faults_named() -> None:
    rules = read_rules("a%20b=sdr a%20b=team:europe c=ae c=region:europe c=region:americas c=team:x d=e=admin")
    assert rules is not None
    both = rules.of(["a b", "c"])
    assert (both.roles, both.team, both.regions) == (("sdr", "ae"), "europe", ("europe", "americas"))
    assert rules.of(["d=e"]).roles == ("admin",)
    assert rules.of([]).roles == ()
    assert read_rules(" ") is None
    for wrong in ("sdr", "=sdr", "a=", "a=team:"):
        with pytest.raises(BadInput, match="group=role"):
            read_rules(wrong)


def test_somebody_new_is_called_as_owners_are() -> None:
    assert handle_of("Ines.Carvalho@Kelvance.example", domain="kelvance.example") == "ines-carvalho"
    assert handle_of("ines.carvalho@evil.example", domain="kelvance.example") == "ines-carvalho-at-evil-example"
