"""What the metadata service tells an instance."""

from __future__ import annotations

import json
from dataclasses import replace

from lab.identity.keys import Key
from lab.metadata import Description, tree
from tests.lab.test_network import HEAD

KEY = Key("ASIA1", "secret", "token", "node", HEAD.id, expires_at=21600.0)
ONE = Description(
    instance=replace(HEAD, key_name="laptop"),
    user_data=b"",
    public_key="ssh-ed25519 AAAA",
    role="node",
    account="123456789012",
    credentials=lambda: KEY,
)


def test_role_credentials_have_amazons_form() -> None:
    text = tree(ONE)["meta-data/iam/security-credentials/node"]()
    assert json.loads(text) == {
        "Code": "Success",
        "LastUpdated": "1970-01-01T00:00:00Z",
        "Type": "AWS-HMAC",
        "AccessKeyId": "ASIA1",
        "SecretAccessKey": "secret",
        "Token": "token",
        "Expiration": "1970-01-01T06:00:00Z",
    }


def test_an_instance_without_a_role_has_no_credentials() -> None:
    assert not [path for path in tree(replace(ONE, role=None)) if "iam" in path]


def test_place_and_names() -> None:
    found = tree(ONE)
    assert found["meta-data/placement/region"]() == "eu-central-1"
    assert found["meta-data/local-hostname"]() == "ip-10-0-1-10.eu-central-1.compute.internal"
    assert found["meta-data/public-keys/0/openssh-key"]() == "ssh-ed25519 AAAA"
    assert "meta-data/public-ipv4" not in found
