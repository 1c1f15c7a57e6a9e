"""The lab's engine: runs the Pulumi program in process, against the lab's AWS API."""

from lab.engine.changes import Change, Changes, Op, PropertyDiff
from lab.engine.engine import Engine

__all__ = ["Change", "Changes", "Engine", "Op", "PropertyDiff"]
