"""What the engine must know of a resource type: its properties, and the calls behind it."""

from __future__ import annotations

import abc
import secrets
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from contract.errors import CloudError
from lab.engine.cloud import Cloud
from lab.engine.diff import DEFAULTS, steps
from lab.engine.values import Properties, plain

NAME_DIGITS = 7  # of the random ending Pulumi gives a name it chooses itself


def names(text: str) -> frozenset[str]:
    """A set of property names, written with blanks between them."""
    return frozenset(text.split())


class Kind(abc.ABC):
    """One resource type of Pulumi's AWS provider.

    Inputs reach the calls without secret marks and complete. Every call may be repeated: after an
    interruption `find`, `configure` and `delete` are called again.
    """

    pulumi_type: ClassVar[str]
    updates: ClassVar[frozenset[str]] = frozenset()
    """Properties that change in place."""
    replaces: ClassVar[frozenset[str]] = frozenset()
    """Properties whose change needs a new resource."""
    blocks: ClassVar[Mapping[str, frozenset[str]]] = {}
    """Properties that are maps or lists of maps with fields of their own: path to the fields known."""
    autoname: ClassVar[str | None] = None
    """The property that gets a unique name made from the resource's when the program gives none."""
    secret_outputs: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    @abc.abstractmethod
    def create(self, inputs: Properties, token: str) -> str:
        """Make it, marked with `token` in the same call, and return its id."""

    @abc.abstractmethod
    def find(self, inputs: Properties, token: str) -> str | None:
        """The id of what an interrupted `create` with this token made, if it did."""

    @abc.abstractmethod
    def read(self, id_: str, inputs: Properties) -> Properties | None:
        """Its outputs as the cloud has them now; None when it is gone."""

    @abc.abstractmethod
    def delete(self, id_: str, state: Properties) -> None:
        """Delete it, and return when it is gone; `state` holds its last inputs and outputs."""

    def configure(self, id_: str, inputs: Properties, old: Properties | None) -> str:  # noqa: ARG002
        """Bring all but what `create` fixed to `inputs`, and return the id, which may change by it.

        `old` is what it was before: None just after `create`, empty after an interrupted update.
        """
        return id_

    def replacing(self, old: Properties, new: Properties) -> frozenset[str]:  # noqa: ARG002
        """The properties whose change needs a new resource, for this change."""
        return self.replaces

    def check(self, name: str, inputs: Properties, previous: Properties | None) -> Properties:
        """The inputs with the chosen name filled in: the one it had before, or a new one.

        Raises:
            CloudError: a property that this table does not know.
        """
        self._refuse_unknown(name, plain(inputs))
        key = self.autoname
        if key is None or key in inputs:
            return inputs
        kept = previous is not None and key in previous.get(DEFAULTS, ())
        chosen = previous[key] if previous and kept else f"{name}-{secrets.token_hex(4)[:NAME_DIGITS]}"
        return {**inputs, key: chosen, DEFAULTS: [key]}

    def _refuse_unknown(self, name: str, inputs: Properties) -> None:
        known = self.updates | self.replaces
        strange = sorted(inputs.keys() - known)
        strange += [
            f"{path}.{field}"
            for path, fields in self.blocks.items()
            for block in _maps_at(inputs, path)
            for field in sorted(block.keys() - fields)
        ]
        if strange:
            raise CloudError(
                f"{self.pulumi_type} '{name}': the lab does not know the property {', '.join(strange)}",
                way_out=f"Teach it in the class for {self.pulumi_type} in lab/engine/aws, or leave it out.",
            )


def _maps_at(inputs: Any, path: str) -> Iterable[Mapping[str, Any]]:
    found: list[Any] = [inputs]
    for step in steps(path):
        inner = [item.get(step) for item in found if isinstance(item, dict)]
        found = [one for item in inner for one in (item if isinstance(item, list) else [item])]
    return [item for item in found if isinstance(item, dict)]
