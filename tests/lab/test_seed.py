"""What a machine finds at first boot."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from lab import seed
from lab.cloud import Boot
from tests.lab.test_network import HEAD

BOOT = Boot(b"#!/bin/sh\necho\n", "ssh-ed25519 AAAA", volume_gb=15, memory_mib=8192, vcpus=2)


def test_user_data_is_carried_byte_for_byte_and_kept_secret() -> None:
    packed = seed.archive(seed.files(HEAD, BOOT, "http://198.18.255.254:1"))
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        entry = tar.getmember("var/lib/cloud/seed/nocloud/user-data")
        content = tar.extractfile(entry)
        assert content is not None
        assert content.read() == BOOT.user_data
        assert entry.mode == 0o600


def test_meta_data_names_instance_host_and_key() -> None:
    text = seed.files(HEAD, BOOT, "http://x")["var/lib/cloud/seed/nocloud/meta-data"]
    assert json.loads(text) == {
        "instance-id": HEAD.id,
        "local-hostname": "ip-10-0-1-10",
        "public-keys": ["ssh-ed25519 AAAA"],
    }


def test_settings_of_package_clients_go_along_but_not_this_machines_folders(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PIP_DEFAULT_TIMEOUT", "180")
    monkeypatch.setenv("PIP_FIND_LINKS", "/some/folder")
    monkeypatch.setenv("SECRET_THING", "x")
    text = seed.files(HEAD, BOOT, "http://198.18.255.254:1")["etc/environment"].decode()
    assert 'AWS_ENDPOINT_URL="http://198.18.255.254:1"\n' in text
    assert 'PIP_DEFAULT_TIMEOUT="180"\n' in text
    assert "PIP_FIND_LINKS" not in text
    assert "SECRET_THING" not in text
