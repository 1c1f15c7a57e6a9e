"""A resource as the stack's state records it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lab.engine.values import Properties

STACK = "pulumi:pulumi:Stack"
PROVIDER = "pulumi:providers:aws"


def now() -> str:
    """The time as a deployment file writes it."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One entry of a deployment, in the fields of Pulumi's ResourceV3.

    `delete` marks the old half of a replacement that is still to be deleted;
    `pending_replacement` one that was deleted first and is still to be made again.
    """

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Properties = field(default_factory=dict)
    outputs: Properties = field(default_factory=dict)
    parent: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: dict[str, list[str]] = field(default_factory=dict)
    provider: str = ""
    protect: bool = False
    delete: bool = False
    pending_replacement: bool = False
    retain_on_delete: bool = False
    ignore_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    created: str = ""
    modified: str = ""

    @property
    def name(self) -> str:
        """The resource's name in the program."""
        return name_of(self.urn)

    @property
    def needs(self) -> frozenset[str]:
        """The URNs that must exist as long as this resource does."""
        provider = self.provider.rpartition("::")[0]
        return frozenset({*self.dependencies, self.parent, provider}) - {""}

    def renamed(self, old: str, new: str) -> Resource:
        """The same with one URN in place of another, in it and in what it needs."""
        if old not in {self.urn, *self.needs}:
            return self

        def put(urn: str) -> str:
            return new if urn == old else urn

        return dataclasses.replace(
            self,
            urn=put(self.urn),
            parent=put(self.parent),
            dependencies=tuple(map(put, self.dependencies)),
            property_dependencies={
                key: [put(urn) for urn in urns] for key, urns in self.property_dependencies.items()
            },
        )

    def touched(self, **changes: Any) -> Resource:
        """A copy with these fields changed, and the time of it."""
        return dataclasses.replace(self, modified=now(), **changes)


def name_of(urn: str) -> str:
    """The name at the end of a URN."""
    return urn.rpartition("::")[2]


def type_of(urn: str) -> str:
    """The resource's own type in a URN, without those of its parents."""
    return urn.split("::")[2].rpartition("$")[2]
