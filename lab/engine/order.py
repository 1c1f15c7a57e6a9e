"""Which resource comes after which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lab.engine.resource import Resource


def in_order_of_need(resources: Sequence[Resource]) -> list[Resource]:
    """The resources, each after those it needs, otherwise in the order given.

    The old half of a replacement shares its URN with the new one; what others need is the new one.
    """
    live = {one.urn: one for one in reversed(resources) if not one.delete}
    ordered: dict[int, Resource] = {}
    entered: set[int] = set()

    def visit(resource: Resource) -> None:
        if id(resource) in entered:
            return
        entered.add(id(resource))
        for urn in sorted(resource.needs):
            if urn in live:
                visit(live[urn])
        ordered[id(resource)] = resource

    for resource in resources:
        visit(resource)
    return list(ordered.values())


def dependents(resources: Iterable[Resource]) -> dict[int, set[int]]:
    """For each resource, by `id()`, those among `resources` that must go before it can."""
    every = list(resources)
    by_urn: dict[str, list[Resource]] = {}
    for one in every:
        by_urn.setdefault(one.urn, []).append(one)
    waiting: dict[int, set[int]] = {id(one): set() for one in every}
    for one in every:
        for urn in one.needs - {one.urn}:
            for needed in by_urn.get(urn, ()):
                waiting[id(needed)].add(id(one))
    return waiting
