"""A stack's state on disk: a deployment as `pulumi stack export` writes it, version 3."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from contract.errors import ClusterbedError
from lab.engine.passphrase import Passphrase
from lab.engine.resource import Resource, now

VERSION = 3
CREATING, UPDATING, DELETING = "creating", "updating", "deleting"

# Field of a Resource to name in the file, where they are not the same.
_RENAMED = {
    "property_dependencies": "propertyDependencies",
    "pending_replacement": "pendingReplacement",
    "retain_on_delete": "retainOnDelete",
    "ignore_changes": "ignoreChanges",
    "additional_secret_outputs": "additionalSecretOutputs",
}
_LISTS = ("dependencies", "ignore_changes", "additional_secret_outputs", "aliases")
_ALWAYS = ("urn", "custom", "type")


@dataclass(frozen=True, slots=True)
class Operation:
    """A call that was begun and whose end is not recorded: creating, updating or deleting."""

    type: str
    resource: Resource

    @property
    def token(self) -> str:
        """What marks the creation in the cloud: the same after any number of interruptions."""
        key = f"{self.resource.urn} {self.resource.created}"
        return hashlib.sha256(key.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All resources, each after those it needs, and the operations that were cut off."""

    resources: tuple[Resource, ...] = ()
    operations: tuple[Operation, ...] = ()


class StateFile:
    """Loads and saves; a save replaces the file as a whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._passphrase = Passphrase(path.with_suffix(".passphrase"), None)

    def load(self) -> Snapshot:
        """The recorded state; empty when there is no file.

        Raises:
            ClusterbedError: the file is not a deployment of version 3, or its secrets cannot be read.
        """
        try:
            content = json.loads(self.path.read_text())
            if content["version"] != VERSION:
                raise ValueError(f"version {content['version']}")  # noqa: TRY301
            deployment = content["deployment"]
            self._passphrase = Passphrase(
                self.path.with_suffix(".passphrase"), deployment.get("secrets_providers")
            )
            return Snapshot(
                tuple(self._resource(entry) for entry in deployment.get("resources") or ()),
                tuple(
                    Operation(entry["type"], self._resource(entry["resource"]))
                    for entry in deployment.get("pending_operations") or ()
                ),
            )
        except FileNotFoundError:
            return Snapshot()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ClusterbedError(
                f"{self.path} is not a deployment file of version {VERSION}: {error}",
                way_out="Put back the file as it was written; it is the only record of what the stack owns.",
            ) from error

    def save(self, resources: Iterable[Resource], operations: Iterable[Operation]) -> None:
        """Write the state, readable by its owner only."""
        entries = [self._entry(resource) for resource in resources]
        pending = [{"resource": self._entry(one.resource), "type": one.type} for one in operations]
        release = f"v{version('pulumi')}"
        manifest = {
            "time": now(),
            "magic": hashlib.sha256(release.encode()).hexdigest(),
            "version": release,
        }
        deployment: dict[str, Any] = {"manifest": manifest}
        if self._passphrase.provider:
            deployment["secrets_providers"] = self._passphrase.provider
        deployment |= {"resources": entries, "pending_operations": pending}
        _replace(self.path, json.dumps({"version": VERSION, "deployment": deployment}, indent=1))

    def _entry(self, resource: Resource) -> dict[str, Any]:
        entry: dict[str, Any] = {}
        for field in Resource.__dataclass_fields__:
            value = getattr(resource, field)
            if value or field in _ALWAYS:
                entry[_RENAMED.get(field, field)] = list(value) if field in _LISTS else value
        for side in ("inputs", "outputs"):
            if side in entry:
                entry[side] = self._passphrase.seal(entry[side])
        return entry

    def _resource(self, entry: dict[str, Any]) -> Resource:
        fields: dict[str, Any] = {}
        for field in Resource.__dataclass_fields__:
            name = _RENAMED.get(field, field)
            if entry.get(name) is not None:
                fields[field] = tuple(entry[name]) if field in _LISTS else entry[name]
        for side in ("inputs", "outputs"):
            if side in fields:
                fields[side] = self._passphrase.open(fields[side])
        return Resource(**fields)


def _replace(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.draft")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
