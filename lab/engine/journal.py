"""The state of a stack while an operation goes on; every change is on disk before the next call."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from lab.engine.order import in_order_of_need
from lab.engine.resource import Resource
from lab.engine.state_file import CREATING, DELETING, Operation, Snapshot, StateFile


class Journal:
    """Resources of before (`old`), of this run (`done`), and halves of replacements still to be deleted.

    Safe to use from several threads. With `dry`, nothing is written.
    """

    def __init__(self, file: StateFile, *, dry: bool = False) -> None:
        self._file = file
        self._dry = dry
        self._lock = threading.RLock()
        snapshot: Snapshot = file.load()
        self._old = {one.urn: one for one in snapshot.resources if not one.delete}
        self._doomed = [one for one in snapshot.resources if one.delete]
        self._done: dict[str, Resource] = {}
        # A deletion that was cut off is simply repeated: its resource is still recorded.
        self._operations = [one for one in snapshot.operations if one.type != DELETING]

    def before(self, urn: str) -> Resource | None:
        """What was recorded of it before this run."""
        with self._lock:
            return self._old.get(urn)

    def rename(self, urn: str, former: Iterable[str]) -> None:
        """Take what was recorded under one of the former URNs for this one, wherever it is named."""
        with self._lock:
            name = next((one for one in former if one in self._old and one not in self._done), None)
            if name is None or name == urn or urn in self._old:
                return
            self._old = {
                (urn if key == name else key): one.renamed(name, urn) for key, one in self._old.items()
            }
            self._doomed = [one.renamed(name, urn) for one in self._doomed]
            self._operations = [
                Operation(one.type, one.resource.renamed(name, urn)) for one in self._operations
            ]

    def left(self) -> list[Resource]:
        """What this run did not register, and not yet deleted halves of replacements."""
        with self._lock:
            return [*(one for one in self._old.values() if one.urn not in self._done), *self._doomed]

    def resources(self) -> list[Resource]:
        """Everything, each after what it needs."""
        with self._lock:
            return in_order_of_need([*self._done.values(), *self.left()])

    def now(self, urn: str) -> Resource | None:
        """What this run recorded of it."""
        with self._lock:
            return self._done.get(urn)

    def cut_off(self, urn: str, kind: str) -> Operation | None:
        """An operation of that type that an earlier run began on it and did not end."""
        with self._lock:
            return next(
                (one for one in self._operations if (one.type, one.resource.urn) == (kind, urn)), None
            )

    def creations(self) -> list[Operation]:
        """All creations that an earlier run began and did not end."""
        with self._lock:
            return [one for one in self._operations if one.type == CREATING]

    def begin(self, operation: Operation) -> None:
        """Record that a call is about to be made."""
        with self._lock:
            self._forget(operation)
            self._operations.append(operation)
            self._save()

    def put(self, resource: Resource, ended: Operation | None = None, doom: Resource | None = None) -> None:
        """Record a resource of this run, the end of its operation, and what it replaces."""
        with self._lock:
            self._done[resource.urn] = resource
            if doom:
                self._doomed.append(doom.touched(delete=True))
            if ended:
                self._forget(ended)
            self._save()

    def adopt(self, resource: Resource, ended: Operation) -> None:
        """Record what an earlier run created, as if that run had done so."""
        with self._lock:
            replaced = self._old.get(resource.urn)
            if replaced and not replaced.pending_replacement:
                self._doomed.append(replaced.touched(delete=True))
            self._old.pop(resource.urn, None)  # so that the new one comes after what it needs
            self._old[resource.urn] = resource
            self._forget(ended)
            self._save()

    def doom(self, resource: Resource, ended: Operation) -> None:
        """Record something that is only there to be deleted."""
        with self._lock:
            self._doomed.append(resource)
            self._forget(ended)
            self._save()

    def drop(self, resource: Resource) -> None:
        """Record that a resource of before is gone, and with it all that was going on with it."""
        with self._lock:
            if resource.delete:
                self._doomed = [one for one in self._doomed if one is not resource]
            elif self._old.get(resource.urn) is resource:
                del self._old[resource.urn]
            same = (resource.urn, resource.id)
            self._operations = [
                one for one in self._operations if (one.resource.urn, one.resource.id) != same
            ]
            self._save()

    def mark_replaced(self, resource: Resource, ended: Operation) -> None:
        """Record that it was deleted to be made again."""
        with self._lock:
            self._old[resource.urn] = resource.touched(pending_replacement=True)
            self._forget(ended)
            self._save()

    def end(self, operation: Operation) -> None:
        """Record that an operation is over and left nothing."""
        with self._lock:
            self._forget(operation)
            self._save()

    def rewrite(self, resources: Iterable[Resource]) -> None:
        """Replace all resources of before, as a refresh found them."""
        with self._lock:
            every = list(resources)
            self._old = {one.urn: one for one in every if not one.delete}
            self._doomed = [one for one in every if one.delete]
            self._save()

    def _forget(self, operation: Operation) -> None:
        key = (operation.type, operation.resource.urn, operation.resource.id)
        self._operations = [
            one for one in self._operations if (one.type, one.resource.urn, one.resource.id) != key
        ]

    def _save(self) -> None:
        if not self._dry:
            self._file.save(self.resources(), self._operations)
