"""The URNs that a resource may have had before: its type, name, parent, stack or project changed since."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from pulumi.runtime.proto import alias_pb2, resource_pb2

UrnOf = Callable[[str, str, str], str]
"""Makes a URN from the parent's, the type and the name."""


def alias_urns(
    request: resource_pb2.RegisterResourceRequest, urn_of: UrnOf, of_parent: Iterable[str]
) -> tuple[str, ...]:
    """All former URNs: those the request names, under the parent's present and former ones.

    `of_parent` are the parent's own former URNs. A child that begins with its parent's name is
    taken to have changed its name with it, as Pulumi does.
    """
    found = list(request.aliasURNs)
    found += [former for alias in request.aliases for former in _of_alias(request, alias, urn_of, of_parent)]
    for former in of_parent:
        name = _renamed(request.name, request.parent, former)
        found.append(urn_of(former, request.type, name))
    return tuple(dict.fromkeys(found))


def _of_alias(
    request: resource_pb2.RegisterResourceRequest,
    alias: alias_pb2.Alias,
    urn_of: UrnOf,
    of_parent: Iterable[str],
) -> Iterable[str]:
    if alias.urn:
        return [alias.urn]
    spec = alias.spec
    type_, name = spec.type or request.type, spec.name or request.name
    if spec.noParent:
        parents = [""]
    elif spec.parentUrn:
        parents = [spec.parentUrn]
    else:
        parents = [request.parent, *of_parent]
    return [_moved(urn_of(parent, type_, name), spec) for parent in parents]


def _renamed(name: str, parent: str, former: str) -> str:
    now, then = parent.rpartition("::")[2], former.rpartition("::")[2]
    return then + name.removeprefix(now) if name.startswith(now) else name


def _moved(urn: str, spec: alias_pb2.Alias.Spec) -> str:
    stack, project, type_, name = urn.removeprefix("urn:pulumi:").split("::")
    return f"urn:pulumi:{spec.stack or stack}::{spec.project or project}::{type_}::{name}"
