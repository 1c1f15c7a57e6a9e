"""What an operation does, or would do, to a stack."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


class Op(enum.StrEnum):
    """What happens to a resource."""

    SAME = "same"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class PropertyDiff:
    """One property that differs; `path` as in `rootBlockDevice.volumeSize` or `ingress[0].fromPort`.

    Secret values are shown as `[secret]`, absent ones are None.
    """

    path: str
    old: Any
    new: Any
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One resource and what happens to it."""

    op: Op
    urn: str
    diffs: tuple[PropertyDiff, ...] = ()


@dataclass(frozen=True)
class Changes:
    """Every resource an operation looked at, in the order it did; `listed` leaves out what stays the same."""

    every: tuple[Change, ...]

    @classmethod
    def of(cls, changes: Iterable[Change]) -> Changes:
        """From the changes as they came."""
        return cls(tuple(changes))

    @property
    def listed(self) -> tuple[Change, ...]:
        """Those that are not `same`."""
        return tuple(change for change in self.every if change.op is not Op.SAME)

    @property
    def counts(self) -> dict[Op, int]:
        """How many resources have each operation; operations that none has are absent."""
        return dict(Counter(change.op for change in self.every))

    @property
    def empty(self) -> bool:
        """Whether nothing changes."""
        return not self.listed
