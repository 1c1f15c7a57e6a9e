"""The steps that change the cloud on the way up, each recorded before it begins and after it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from contract.errors import CloudError
from contract.events import State
from lab.engine.cloud import refusals
from lab.engine.diff import diff
from lab.engine.goal import Goal
from lab.engine.journal import Journal
from lab.engine.kind import Kind
from lab.engine.outcome import recorded
from lab.engine.reporter import Reporter
from lab.engine.resource import Resource, now
from lab.engine.state_file import CREATING, UPDATING, Operation
from lab.engine.values import Properties, plain


class Steps:
    """Creates and updates. `provider` is what the state says manages the resources."""

    def __init__(
        self, journal: Journal, kinds: Mapping[str, Kind], reporter: Reporter, provider: Resource
    ) -> None:
        self._journal = journal
        self._kinds = kinds
        self._reporter = reporter
        self._provider = f"{provider.urn}::{provider.id}"

    def record(self, goal: Goal, old: Resource | None) -> None:
        """Record a component: nothing of it is in the cloud."""
        wanted = self._wanted(goal, goal.inputs)
        if old:
            wanted = replace(wanted, outputs=old.outputs, created=old.created, modified=old.modified)
        self._journal.put(wanted)

    def keep(self, goal: Goal, old: Resource, inputs: Properties) -> None:
        """Record a resource that stays as it is, with its options as they are now."""
        self._journal.put(
            replace(
                self._wanted(goal, inputs),
                id=old.id,
                outputs=old.outputs,
                created=old.created,
                modified=old.modified,
            )
        )

    def create(self, kind: Kind, goal: Goal, inputs: Properties, replaced: Resource | None) -> Resource:
        """Make the resource; `replaced` is then due for deletion."""
        begun = self._journal.cut_off(goal.urn, CREATING)
        wanted = replace(self._wanted(goal, inputs), created=now())
        if begun and not any(diff(begun.resource.inputs, inputs)):
            wanted = replace(wanted, created=begun.resource.created)  # and with it the client token
        operation = Operation(CREATING, wanted)
        self._journal.begin(operation)
        self._reporter.say(goal.urn, "creating")
        with self._reporter.failures(goal.urn), refusals(goal.name):
            id_ = kind.create(plain(inputs), operation.token)
            made = self._settled(kind, wanted, id_, None)
        self._journal.put(made, operation, replaced)
        self._reporter.say(goal.urn, "created", State.CHANGED)
        return made

    def update(self, kind: Kind, goal: Goal, old: Resource, inputs: Properties) -> Resource:
        """Change the resource in place, wholly when an earlier update was cut off."""
        cut_off = self._journal.cut_off(goal.urn, UPDATING)
        operation = Operation(UPDATING, old)
        self._journal.begin(operation)
        self._reporter.say(goal.urn, "updating")
        wanted = replace(self._wanted(goal, inputs), created=old.created)
        with self._reporter.failures(goal.urn), refusals(goal.name):
            updated = self._settled(kind, wanted, old.id, {} if cut_off else plain(old.inputs))
        self._journal.put(updated, operation)
        self._reporter.say(goal.urn, "updated", State.CHANGED)
        return updated

    def adopt(self, kind: Kind, begun: Operation) -> bool:
        """Finish what a killed run began to create, if its call reached the cloud."""
        wanted = begun.resource
        with self._reporter.failures(wanted.urn), refusals(wanted.name):
            id_ = kind.find(plain(wanted.inputs), begun.token)
            if id_ is None:
                return False
            self._reporter.say(wanted.urn, "found, completing")
            made = self._settled(kind, wanted, id_, None)
        self._journal.adopt(made, begun)
        self._reporter.say(wanted.urn, "completed", State.CHANGED)
        return True

    def _settled(self, kind: Kind, wanted: Resource, id_: str, old: Properties | None) -> Resource:
        inputs = plain(wanted.inputs)
        id_ = kind.configure(id_, inputs, old)
        read = kind.read(id_, inputs)
        if read is None:
            raise CloudError(
                f"{wanted.name}: {id_} vanished while it was being made",
                way_out="Something else deletes in this account; repeating the command goes on from here.",
            )
        outputs = recorded(kind, id_, wanted.inputs, read, wanted.additional_secret_outputs)
        return wanted.touched(id=id_, outputs=outputs)

    def _wanted(self, goal: Goal, inputs: Properties) -> Resource:
        return Resource(
            urn=goal.urn,
            type=goal.type,
            custom=goal.custom,
            inputs=inputs,
            outputs={} if goal.custom else goal.inputs,
            parent=goal.parent,
            dependencies=goal.dependencies,
            property_dependencies=goal.property_dependencies,
            provider=self._provider if goal.custom else "",
            protect=goal.protect,
            retain_on_delete=goal.retain_on_delete,
            ignore_changes=goal.ignore_changes,
            additional_secret_outputs=goal.additional_secret_outputs,
            aliases=goal.aliases,
        )
