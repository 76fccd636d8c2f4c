"""How many mails may be under way to one host at once, over which relay?"""

from __future__ import annotations

from leadloom.domain.definitions.delivery_check import delivery_faults
from leadloom.domain.definitions.delivery_policy import DeliveryPolicy
from leadloom.domain.mails.abreast import Limit, limit_of
from tests import world

POLICY = DeliveryPolicy.model_validate(
    {
        "relays": [{"name": "main"}, {"name": "proxy", "passes_on": True}],
        "connections": {"google": {"at_once": 5, "mails": 50}, "others": {"at_once": 10, "mails": 100}},
    }
)


def test_a_relay_that_queues_limits_the_large_providers_and_no_connection() -> None:
    assert limit_of(POLICY, "main", "google") == Limit(5, None)
    assert limit_of(POLICY, "main", "others") is None


def test_a_relay_that_passes_on_limits_each_host_and_what_a_connection_carries() -> None:
    assert limit_of(POLICY, "proxy", "google") == Limit(5, 50)
    assert limit_of(POLICY, "proxy", "others") == Limit(10, 100)


def test_what_nobody_declared_has_no_limit() -> None:
    assert limit_of(POLICY, "proxy", "yahoo") is None


def test_the_definition_in_force_holds_to_what_providers_are_known_to_bear() -> None:
    connections = world.definition().mail.delivery.connections
    assert {name: (each.at_once, each.mails) for name, each in connections.items()} == {
        "google": (5, 50), "microsoft": (5, 50), "yahoo": (10, 20), "apple": (10, 5), "others": (10, 100),
    }  # fmt: skip


def test_a_limit_of_nothing_is_a_fault_that_says_where() -> None:
    definition = world.definition()
    delivery = DeliveryPolicy.model_validate({"connections": {"google": {"at_once": 0}}})
    changed = definition.model_copy(update={"mail": definition.mail.model_copy(update={"delivery": delivery})})
    [fault] = delivery_faults(changed)
    assert fault.path == ("mail", "delivery", "connections", "google")
    assert "at least 1 mail" in fault.words
