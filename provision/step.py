"""A step: one thing that is to be so on a node, how to see that it is, and how to make it so."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class File:
    """A file the step puts on the node when its content or mode differs."""

    path: str
    content: str
    mode: int = 0o644


@dataclass(frozen=True, slots=True)
class Port:
    """Something elsewhere that must answer before the step can be done."""

    what: str
    host: str
    port: int
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Step:
    """`apply` makes it so, `check` exits 0 while it is; both are bash, run as root.

    `files` are written before `apply`, and are part of the check. `facts` are what steps of other nodes
    publish: environment variables of both shells. `publishes` are this step's own: name → file on the node.
    A step `adopts` what its check accepts although no deploy of ours made it; the others are applied once
    whatever the check says. `text` is what to show. A shell that takes longer than `deadline_s` is ended.
    """

    name: str
    text: str
    apply: str = ""
    check: str = ""
    files: tuple[File, ...] = ()
    waits: tuple[Port, ...] = ()
    facts: tuple[str, ...] = ()
    publishes: Mapping[str, str] = field(default_factory=dict)
    adopts: bool = False
    deadline_s: float = 300.0

    @property
    def fingerprint(self) -> str:
        """Changes when what the step makes changes; not with its deadlines and texts."""
        made = [self.apply, self.check, [asdict(file) for file in self.files]]
        return hashlib.sha256(json.dumps(made).encode()).hexdigest()

    def message(self) -> dict[str, Any]:
        """The step as the agent reads it."""
        return {**asdict(self), "publishes": dict(self.publishes), "fingerprint": self.fingerprint}


def shell(script: str, values: Mapping[str, str | int] | None = None) -> str:
    """A bash text with its values assigned, quoted, before it: `NAME='value'`."""
    lines = [f"{name}={shlex.quote(str(value))}" for name, value in (values or {}).items()]
    return "\n".join([*lines, script])
