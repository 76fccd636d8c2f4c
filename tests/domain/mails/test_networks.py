"""Are visitors told apart by network, and is a proxy of our own never taken for one?"""

from __future__ import annotations

import pytest

from leadloom.domain.mails.networks import is_public, network_of


@pytest.mark.parametrize(
    ("address", "network", "public"),
    [
        ("93.184.216.34", "93.184.216.0/24", True),
        ("2606:2800:220:1:248:1893:25c8:1946", "2606:2800:220::/48", True),
        ("127.0.0.1", "127.0.0.0/24", False),
        ("10.2.3.4", "10.2.3.0/24", False),
        (None, "", False),
        ("unknown", "", False),
    ],
)
def test_an_address_is_known_by_its_network(address: str | None, network: str, public: bool) -> None:
    assert (network_of(address), is_public(address)) == (network, public)
