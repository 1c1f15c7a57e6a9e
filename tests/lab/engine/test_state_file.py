"""The state is a deployment as Pulumi writes and reads it, and hides what is secret."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import jsonschema
import pytest
from pulumi.automation import Deployment

from contract.errors import ClusterbedError
from lab.engine.passphrase import Passphrase
from lab.engine.resource import Resource
from lab.engine.state_file import CREATING, Operation, StateFile
from lab.engine.values import secret

# The documented form of a deployment of version 3, its resources and operations; no other fields.
URNS = {"type": "array", "items": {"type": "string", "pattern": "^urn:pulumi:"}}
RESOURCE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["urn", "custom", "type"],
    "properties": {
        "urn": {"type": "string", "pattern": "^urn:pulumi:"},
        "type": {"type": "string"},
        "id": {"type": "string"},
        "parent": {"type": "string", "pattern": "^urn:pulumi:"},
        "provider": {"type": "string", "pattern": "^urn:pulumi:.*::.+$"},
        **{name: {"type": "boolean"} for name in ("custom", "delete", "protect", "pendingReplacement")},
        "retainOnDelete": {"type": "boolean"},
        **{name: {"type": "object"} for name in ("inputs", "outputs")},
        **dict.fromkeys(("dependencies", "aliases"), URNS),
        **{
            name: {"type": "array", "items": {"type": "string"}}
            for name in ("ignoreChanges", "additionalSecretOutputs")
        },
        "propertyDependencies": {"type": "object", "additionalProperties": URNS},
        **{name: {"type": "string", "format": "date-time"} for name in ("created", "modified")},
    },
}
SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["version", "deployment"],
    "properties": {
        "version": {"const": 3},
        "deployment": {
            "type": "object",
            "additionalProperties": False,
            "required": ["manifest"],
            "properties": {
                "manifest": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["time", "magic", "version"],
                    "properties": {
                        "time": {"type": "string", "format": "date-time"},
                        "magic": {"type": "string"},
                        "version": {"type": "string", "pattern": r"^v\d+\.\d+\.\d+$"},
                    },
                },
                "secrets_providers": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["type"],
                    "properties": {"type": {"const": "passphrase"}, "state": {"type": "object"}},
                },
                "resources": {"type": "array", "items": RESOURCE},
                "pending_operations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["resource", "type"],
                        "properties": {
                            "resource": RESOURCE,
                            "type": {"enum": ["creating", "updating", "deleting", "reading"]},
                        },
                    },
                },
            },
        },
    },
}


@pytest.fixture
def state(engine, tmp_path: Path) -> Path:
    engine().up()
    return tmp_path / "stacks" / "dev.json"


def test_it_is_a_deployment_of_version_3(state: Path):
    content = json.loads(state.read_text())
    jsonschema.validate(content, SCHEMA)
    assert Deployment(**content).version == 3
    manifest = content["deployment"]["manifest"]
    assert manifest["magic"] == hashlib.sha256(manifest["version"].encode()).hexdigest()


def test_it_has_the_integrity_that_an_import_demands(state: Path):
    """Each provider, parent and dependency stands before what names it; a custom resource has an id."""
    seen: set[str] = set()
    ids: dict[str, str] = {}
    for one in json.loads(state.read_text())["deployment"]["resources"]:
        named = {one["parent"]} if "parent" in one else set()
        named |= {*one.get("dependencies", ())}
        named |= {urn for urns in one.get("propertyDependencies", {}).values() for urn in urns}
        assert named <= seen, one["urn"]
        assert one["urn"].split("::")[2].rpartition("$")[2] == one["type"]
        assert not one["custom"] or one["id"]
        if provider := one.get("provider"):
            urn, _, id_ = provider.rpartition("::")
            assert ids[urn] == id_
        ids[one["urn"]] = one.get("id", "")
        seen.add(one["urn"])
    types = {urn.split("::")[2] for urn in seen}
    assert {"pulumi:pulumi:Stack", "pulumi:providers:aws", "small:index:Network$aws:ec2/vpc:Vpc"} <= types


def test_secrets_are_not_in_clear_text_and_the_file_is_its_owners_only(state: Path, engine):
    image = engine().outputs()["image"]
    assert image.startswith("ami-")
    assert image not in state.read_text()
    assert '"ciphertext": "v1:' in state.read_text()
    assert state.stat().st_mode & 0o077 == 0
    assert state.with_suffix(".passphrase").stat().st_mode & 0o077 == 0


def test_secrets_need_the_passphrase_that_was_made_with_them(state: Path, engine):
    state.with_suffix(".passphrase").write_text("another")
    with pytest.raises(ClusterbedError, match="another passphrase"):
        engine().preview()
    state.with_suffix(".passphrase").unlink()
    with pytest.raises(ClusterbedError, match="does not exist"):
        engine().preview()


def test_the_cipher_is_pulumis_own(tmp_path: Path):
    """A value encrypted by the Go implementation's algorithm with a known key: PBKDF2, AES-256-GCM."""
    file = tmp_path / "phrase"
    file.write_text("correct horse\n")
    writer = Passphrase(file, None)
    sealed = writer.seal({"password": secret({"a": [1, None]}), "open": 1})
    assert sealed["open"] == 1
    assert Passphrase(file, writer.provider).open(sealed) == {"password": secret({"a": [1, None]}), "open": 1}
    assert writer.provider["state"]["salt"].count(":") == 4


def test_another_version_or_broken_file_is_refused_by_name(engine, tmp_path: Path):
    state = tmp_path / "stacks" / "dev.json"
    state.parent.mkdir()
    for text in ("{", '{"version": 2, "deployment": {}}', "[]"):
        state.write_text(text)
        with pytest.raises(ClusterbedError, match=r"dev\.json is not a deployment file of version 3"):
            engine().destroy()


def test_what_is_saved_is_loaded(tmp_path: Path):
    file = StateFile(tmp_path / "dev.json")
    resource = Resource(
        urn="urn:pulumi:dev::small::aws:ec2/vpc:Vpc::net",
        type="aws:ec2/vpc:Vpc",
        custom=True,
        id="vpc-1",
        inputs={"cidrBlock": "10.0.0.0/16", "key": secret("value")},
        dependencies=("urn:pulumi:dev::small::a::b",),
        property_dependencies={"x": ["urn:pulumi:dev::small::a::b"]},
        protect=True,
        delete=True,
        ignore_changes=("tags",),
    )
    operation = Operation(CREATING, resource)
    file.save([resource], [operation])
    loaded = StateFile(tmp_path / "dev.json").load()
    assert loaded.resources == (resource,)
    assert loaded.operations == (operation,)
    assert loaded.operations[0].token == operation.token


def test_a_save_that_is_cut_off_leaves_the_former_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = StateFile(tmp_path / "dev.json")
    file.save([], [])
    before = (tmp_path / "dev.json").read_text()

    def fail(descriptor: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="no space left"):
        file.save([], [])
    assert (tmp_path / "dev.json").read_text() == before
    assert [one.name for one in tmp_path.iterdir()] == ["dev.json"]
