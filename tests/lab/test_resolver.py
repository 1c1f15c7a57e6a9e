"""The VPC's name server: what it answers itself (RFC 1035), and what it takes from this machine."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as some

from lab.resolver import failure, known_hosts, local_answer, upstreams


def question(name: str, kind: int = 1) -> bytes:
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split("."))
    return struct.pack("!HHHHHH", 77, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)


def test_a_known_name_is_answered_with_its_address() -> None:
    reply = local_answer(question("Packages.Example"), {"packages.example": IPv4Address("10.9.8.7")})
    assert reply is not None
    assert reply[:2] == question("packages.example")[:2]
    assert struct.unpack("!HH", reply[4:8]) == (1, 1)
    assert reply[-4:] == bytes([10, 9, 8, 7])


def test_a_known_name_has_no_address_of_version_six() -> None:
    reply = local_answer(question("a.example", kind=28), {"a.example": IPv4Address("10.9.8.7")})
    assert reply is not None
    assert struct.unpack("!HH", reply[4:8]) == (1, 0)


def test_an_unknown_name_is_asked_elsewhere() -> None:
    assert local_answer(question("b.example"), {"a.example": IPv4Address("10.9.8.7")}) is None


@given(some.binary(max_size=80))
def test_rubbish_is_never_an_error(data: bytes) -> None:
    local_answer(data, {"a.example": IPv4Address("10.9.8.7")})
    failure(data)


def test_this_machines_own_names_stay_its_own(tmp_path: Path) -> None:
    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost\n192.0.2.5 mirror Mirror.example # packages\n::1 six\n")
    assert known_hosts(hosts) == {
        "mirror": IPv4Address("192.0.2.5"),
        "mirror.example": IPv4Address("192.0.2.5"),
    }


def test_name_servers_in_their_order(tmp_path: Path) -> None:
    conf = tmp_path / "resolv.conf"
    conf.write_text("search x\nnameserver 192.0.2.1\nnameserver fe80::1\nnameserver 192.0.2.2\n")
    assert upstreams(conf) == ["192.0.2.1", "192.0.2.2"]
