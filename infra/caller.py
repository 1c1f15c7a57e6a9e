"""Who runs this: the address from which SSH is let in when the setting does not say."""

from __future__ import annotations

import urllib.request
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network

from contract.errors import WorkstationError

CHECK_IP = "https://checkip.amazonaws.com/"
"""AWS's own service: answers with the address it was asked from."""

TIMEOUT_S = 10


def ask_check_ip() -> str:
    """The text that CHECK_IP answers with."""
    with urllib.request.urlopen(CHECK_IP, timeout=TIMEOUT_S) as answer:
        return str(answer.read(64), "ascii")


def caller_cidr(ask: Callable[[], str] = ask_check_ip) -> IPv4Network:
    """The caller's public address as a /32.

    Raises:
        WorkstationError: it could not be found out.
    """
    try:
        address = IPv4Address(ask().strip())
    except (OSError, ValueError) as error:
        raise WorkstationError(
            f"this machine's public address could not be found out at {CHECK_IP}: {error}",
            way_out="Set network.caller_cidr in the stack file, for example 203.0.113.7/32.",
        ) from error
    return IPv4Network(address)
