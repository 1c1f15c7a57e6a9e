"""The address from which SSH is let in."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from contract.errors import WorkstationError
from infra.caller import caller_cidr


def test_it_is_the_one_address_that_the_service_saw():
    assert caller_cidr(lambda: "203.0.113.7\n") == IPv4Network("203.0.113.7/32")


def offline() -> str:
    raise OSError("network is unreachable")


@pytest.mark.parametrize("ask", [offline, lambda: "<html>log in to this hotel", lambda: "2001:db8::1"])
def test_no_address_is_one_message_with_the_setting_to_use_instead(ask):
    with pytest.raises(WorkstationError) as caught:
        caller_cidr(ask)
    assert "network.caller_cidr" in caught.value.way_out
