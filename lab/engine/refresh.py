"""Comparing the state with the cloud: what is gone is forgotten, what drifted is recorded and shown."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from contract.events import State
from lab.engine.changes import Op
from lab.engine.cloud import refusals
from lab.engine.diff import diff
from lab.engine.journal import Journal
from lab.engine.kind import Kind
from lab.engine.outcome import recorded
from lab.engine.reporter import Reporter
from lab.engine.resource import PROVIDER, Resource
from lab.engine.values import plain

PARALLEL = 16


def refresh(journal: Journal, kinds: Mapping[str, Kind], reporter: Reporter) -> None:
    """Read every recorded resource and bring the journal up to what was found."""
    resources = journal.resources()
    with ThreadPoolExecutor(PARALLEL, thread_name_prefix="refresh") as pool:
        found = list(pool.map(lambda one: _read(one, kinds), resources))
    gone = {one.urn for one, seen in zip(resources, found, strict=True) if seen is None and not one.delete}
    for one, seen in zip(resources, found, strict=True):
        if seen is None:
            reporter.changed(Op.DELETE, one.urn)
            reporter.say(one.urn, "gone:", State.CHANGED)
        elif diffs := tuple(diff(one.outputs, seen.outputs)):
            reporter.changed(Op.UPDATE, one.urn, diffs)
            reporter.say(one.urn, "drifted:", State.CHANGED)
        else:
            reporter.changed(Op.SAME, one.urn)
    journal.rewrite(_without(gone, seen) for seen in found if seen is not None)


def _read(resource: Resource, kinds: Mapping[str, Kind]) -> Resource | None:
    """The resource as it is now; None when it is gone."""
    kind = kinds.get(resource.type)
    if kind is None or resource.type == PROVIDER or resource.pending_replacement:
        return resource
    with refusals(resource.name):
        read = kind.read(resource.id, plain(resource.inputs))
    if read is None:
        return None
    outputs = recorded(kind, resource.id, resource.inputs, read, resource.additional_secret_outputs)
    if not any(diff(resource.outputs, outputs)):
        return resource
    before, after = plain(resource.outputs), plain(outputs)
    inputs = {
        key: value
        if before.get(key) == after.get(key) or key not in after
        else _seen(value, after[key], fields=kind.blocks.get(key))
        for key, value in resource.inputs.items()
    }
    return resource.touched(inputs=inputs, outputs=outputs)


def _seen(given: Any, seen: Any, *, fields: frozenset[str] | None) -> Any:
    """What was seen; of a block with fields of its own only those given, the rest is the cloud's choice."""
    if fields is not None and isinstance(given, dict) and isinstance(seen, dict):
        return {key: seen.get(key, value) for key, value in given.items()}
    return seen


def _without(gone: set[str], resource: Resource) -> Resource:
    kept = {
        key: left
        for key, urns in resource.property_dependencies.items()
        if (left := [urn for urn in urns if urn not in gone])
    }
    dependencies = tuple(urn for urn in resource.dependencies if urn not in gone)
    if (dependencies, kept) == (resource.dependencies, resource.property_dependencies):
        return resource
    return replace(resource, dependencies=dependencies, property_dependencies=kept)
