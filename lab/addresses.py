"""The addresses of the lab that are not the user's: its internet, its laptop, its AWS endpoint.

All of them come from 198.18.0.0/15, which RFC 2544 sets aside for testing networks: no machine
on the internet has one.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

RANGE = IPv4Network("198.18.0.0/16")

LAPTOP = IPv4Address("198.18.255.1")
"""Whom the nodes see when the laptop connects."""

API = IPv4Address("198.18.255.254")
"""Where the nodes find the AWS API: on the lab's internet, as they find Amazon's on the real one."""

API_PORT = 80
"""A port that every setup's firewall lets out, as it does 443 to Amazon's API."""

METADATA = IPv4Address("169.254.169.254")
"""EC2's instance metadata service."""

RESOLVER = IPv4Address("169.254.169.253")
"""The name server of every VPC."""


def uplink(number: int) -> tuple[IPv4Address, IPv4Address]:
    """The two ends of the `number`th VPC's way to the internet: the machine's, the router's.

    >>> uplink(0)
    (IPv4Address('198.18.0.1'), IPv4Address('198.18.0.2'))
    """
    network = IPv4Network((int(RANGE.network_address) + number * 4, 30))
    return network[1], network[2]
