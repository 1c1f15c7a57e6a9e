"""Deletion of recorded resources, in reverse order of need; every step may be repeated."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from contract.errors import CloudError
from contract.events import State
from lab.engine.changes import Op
from lab.engine.cloud import refusals
from lab.engine.journal import Journal
from lab.engine.kind import Kind
from lab.engine.removal import remove_all
from lab.engine.reporter import Reporter
from lab.engine.resource import PROVIDER, Resource
from lab.engine.state_file import DELETING, Operation
from lab.engine.values import Properties, plain


class Deletion:
    """Deletes from the cloud and from the journal, or only says what it would delete."""

    def __init__(
        self, journal: Journal, kinds: Mapping[str, Kind], reporter: Reporter, *, dry: bool = False
    ) -> None:
        self._journal = journal
        self._kinds = kinds
        self._reporter = reporter
        self._dry = dry

    def run(self, resources: Sequence[Resource], *, unannounced: Collection[int] = ()) -> None:
        """Delete them all, then what cut-off creations left.

        `unannounced` are `id()`s of those that are part of a replacement already told of.

        Raises:
            CloudError: one is protected, or the cloud refused.
        """
        self._refuse_protected(resources)
        for one in resources:
            if id(one) not in unannounced:
                self._reporter.changed(Op.DELETE, one.urn)
        if self._dry:
            return
        remove_all([*resources, *self._strays()], self._delete)

    def before_replacement(self, resources: Sequence[Resource]) -> None:
        """Delete them now; they stay recorded as to be made again."""
        self._refuse_protected(resources)
        remove_all(resources, self._clear)

    def _refuse_protected(self, resources: Sequence[Resource]) -> None:
        for one in resources:
            if one.protect:
                raise CloudError(
                    f"'{one.name}' is protected and will not be deleted",
                    way_out="Take the protection off in the program, run up, and try again.",
                )

    def _strays(self) -> list[Resource]:
        """What creations made that were cut off and that nothing claimed since."""
        strays = []
        for begun in self._journal.creations():
            wanted = begun.resource
            with refusals(wanted.name):
                id_ = self._kind(wanted).find(plain(wanted.inputs), begun.token)
            if id_ is None:
                self._journal.end(begun)
            else:
                stray = wanted.touched(id=id_, delete=True)
                self._journal.doom(stray, begun)
                strays.append(stray)
        return strays

    def _delete(self, resource: Resource) -> None:
        if self._is_in_cloud(resource):
            self._call(resource)
        self._journal.drop(resource)
        if resource.custom and resource.type != PROVIDER:
            self._reporter.say(resource.urn, "deleted", State.CHANGED)

    def _clear(self, resource: Resource) -> None:
        operation = Operation(DELETING, resource)
        if self._is_in_cloud(resource):
            self._call(resource)
        self._journal.mark_replaced(resource, operation)
        self._reporter.say(resource.urn, "deleted, to be replaced,", State.CHANGED)

    def _call(self, resource: Resource) -> None:
        self._journal.begin(Operation(DELETING, resource))
        self._reporter.say(resource.urn, "deleting")
        state: Properties = {**plain(resource.outputs), **plain(resource.inputs)}
        with self._reporter.failures(resource.urn), refusals(resource.name):
            self._kind(resource).delete(resource.id, state)

    def _is_in_cloud(self, resource: Resource) -> bool:
        ours = resource.custom and resource.type != PROVIDER
        return ours and not resource.pending_replacement and not resource.retain_on_delete

    def _kind(self, resource: Resource) -> Kind:
        try:
            return self._kinds[resource.type]
        except KeyError:
            raise CloudError(
                f"the state holds '{resource.name}' of type {resource.type}, which the lab does not know",
                way_out="It was made by another version; delete it with that version.",
            ) from None
