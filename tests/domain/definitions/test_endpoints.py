"""Where journeys may post to: addresses that keep what they carry to themselves."""

from __future__ import annotations

import pytest

from leadloom.domain.definitions.definition import Definition, Endpoint
from leadloom.domain.definitions.definition_check import check
from tests.domain.a_run import the_definition


def with_endpoint(**said: object) -> Definition:
    endpoint = Endpoint.model_validate({"url": "https://crm.kelvance.example/in", "means": "The CRM", **said})
    return the_definition().but(endpoints={"crm": endpoint})


def test_an_encrypted_address_with_a_key_and_a_channel_without_one_are_sound() -> None:
    assert check(with_endpoint(kind="signed", secret="CRM_KEY")) == []
    assert check(with_endpoint(kind="slack")) == []
    assert check(with_endpoint(kind="slack", url="http://localhost:9000/in")) == []


@pytest.mark.parametrize(
    ("said", "place", "words"),
    [
        ({"kind": "slack", "url": "http://crm.kelvance.example/in"}, ("endpoints", "crm", "url"), "https://"),
        ({"kind": "signed"}, ("endpoints", "crm"), "needs a key"),
        ({"kind": "slack", "secret": "CRM_KEY"}, ("endpoints", "crm", "secret"), "take `secret` out"),
    ],
)
def test_an_endpoint_that_gives_leads_away_is_refused_at_its_place(
    said: dict[str, object], place: tuple[str, ...], words: str
) -> None:
    (fault,) = check(with_endpoint(**said))
    assert fault.path == place
    assert words in fault.words
