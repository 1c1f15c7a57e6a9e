"""One run of the program against the state: same, create, update or replace, then delete the rest."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from contract.errors import CloudError
from lab.engine.changes import Op, PropertyDiff
from lab.engine.deletion import Deletion
from lab.engine.diff import diff, keep, within
from lab.engine.goal import Goal
from lab.engine.journal import Journal
from lab.engine.kind import Kind
from lab.engine.outcome import expected
from lab.engine.reporter import Reporter
from lab.engine.resource import Resource
from lab.engine.state_file import CREATING, UPDATING
from lab.engine.steps import Steps
from lab.engine.values import Properties


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the program learns of a resource; id and outputs are empty where they are not known."""

    urn: str
    id: str
    outputs: Properties


class Stopped(Exception):  # noqa: N818 - not an error of its own: it follows one
    """No further step is begun, after a failure or Ctrl-C."""


class Deployment:
    """Takes registrations from several threads and carries them out, or only says what it would do."""

    def __init__(
        self,
        journal: Journal,
        kinds: Mapping[str, Kind],
        reporter: Reporter,
        *,
        provider: Resource,
        dry: bool,
    ) -> None:
        self._journal = journal
        self._kinds = kinds
        self._reporter = reporter
        self._dry = dry
        self._steps = Steps(journal, kinds, reporter, provider)
        self._deletion = Deletion(journal, kinds, reporter, dry=dry)
        self._stopped = threading.Event()
        self._seen: set[str] = set()
        self._seen_lock = threading.Lock()
        self._earlier = [one for one in journal.left() if one.delete]
        self.failure: BaseException | None = None
        journal.put(provider)

    def stop(self) -> None:
        """Begin no further step."""
        self._stopped.set()

    def fail(self, error: BaseException) -> None:
        """Remember the first failure, and stop."""
        with self._seen_lock:
            self.failure = self.failure or error
        self.stop()

    def register(self, goal: Goal) -> Outcome:
        """Make the cloud agree with the program on one resource.

        Raises:
            CloudError: the table does not know it, or the cloud refused.
            Stopped: another resource failed, or the user stopped the run.
        """
        if self._stopped.is_set():
            raise Stopped
        try:
            self._once(goal)
            self._journal.rename(goal.urn, goal.aliases)
            return self._custom(goal) if goal.custom else self._component(goal)
        except Exception as error:
            self.fail(error)
            raise

    def export(self, urn: str, outputs: Properties) -> None:
        """Record the outputs of the stack or a component."""
        if self._dry:
            return
        resource = self._journal.now(urn)
        if resource and not resource.custom and resource.outputs != outputs:
            self._journal.put(resource.touched(outputs=outputs))

    def finish(self) -> None:
        """Delete what the program no longer has. Call it only when the program ended well."""
        left = self._journal.left() if not self._dry else self._unseen()
        fresh = {id(one) for one in left if one.delete} - {id(one) for one in self._earlier}
        self._deletion.run(left, unannounced=fresh)

    def _unseen(self) -> list[Resource]:
        return [
            *(one for one in self._journal.left() if one.urn not in self._seen and not one.delete),
            *self._earlier,
        ]

    def _once(self, goal: Goal) -> None:
        with self._seen_lock:
            if goal.urn in self._seen:
                raise CloudError(
                    f"the program registers {goal.urn} twice",
                    way_out="Give one of the two another name.",
                )
            self._seen.add(goal.urn)

    def _component(self, goal: Goal) -> Outcome:
        old = self._journal.before(goal.urn)
        self._reporter.changed(Op.SAME if old else Op.CREATE, goal.urn)
        if not self._dry:
            self._steps.record(goal, old)
        return Outcome(goal.urn, "", goal.inputs)

    def _custom(self, goal: Goal) -> Outcome:
        kind = self._kinds.get(goal.type)
        if kind is None:
            raise CloudError(
                f"the lab does not know the resource type {goal.type} ('{goal.name}')",
                way_out="Teach it by a class in lab/engine/aws.",
            )
        begun = self._journal.cut_off(goal.urn, CREATING)
        adopted = begun is not None and not self._dry and self._steps.adopt(kind, begun)
        old = self._journal.before(goal.urn)
        if old is None or old.pending_replacement:
            wanted = keep(old.inputs, goal.inputs, goal.ignore_changes) if old else goal.inputs
            inputs = kind.check(goal.name, wanted, begun.resource.inputs if begun else None)
            return self._make(kind, goal, inputs, Op.CREATE if old is None else Op.REPLACE)
        inputs = kind.check(goal.name, goal.inputs, old.inputs)
        inputs = keep(old.inputs, inputs, goal.ignore_changes)
        diffs = self._diffs(kind, goal, old, inputs)
        if any(one.replaces for one in diffs):
            return self._replace(kind, goal, old, diffs)
        if diffs or self._journal.cut_off(goal.urn, UPDATING):
            return self._update(kind, goal, old, inputs, diffs)
        self._reporter.changed(Op.CREATE if adopted else Op.SAME, goal.urn)
        if not self._dry:
            self._steps.keep(goal, old, inputs)
        return Outcome(goal.urn, old.id, old.outputs)

    def _diffs(self, kind: Kind, goal: Goal, old: Resource, inputs: Properties) -> tuple[PropertyDiff, ...]:
        replacing = kind.replacing(old.inputs, inputs) | {*goal.replace_on_changes}
        return tuple(replace(one, replaces=within(one.path, replacing)) for one in diff(old.inputs, inputs))

    def _make(
        self,
        kind: Kind,
        goal: Goal,
        inputs: Properties,
        op: Op,
        *,
        diffs: tuple[PropertyDiff, ...] = (),
        replaced: Resource | None = None,
    ) -> Outcome:
        self._reporter.changed(op, goal.urn, diffs)
        if self._dry:
            return Outcome(goal.urn, "", expected(op, kind, inputs, {}))
        made = self._steps.create(kind, goal, inputs, replaced)
        return Outcome(made.urn, made.id, made.outputs)

    def _update(
        self, kind: Kind, goal: Goal, old: Resource, inputs: Properties, diffs: tuple[PropertyDiff, ...]
    ) -> Outcome:
        self._reporter.changed(Op.UPDATE, goal.urn, diffs)
        if self._dry:
            return Outcome(goal.urn, old.id, expected(Op.UPDATE, kind, inputs, old.outputs))
        updated = self._steps.update(kind, goal, old, inputs)
        return Outcome(updated.urn, updated.id, updated.outputs)

    def _replace(self, kind: Kind, goal: Goal, old: Resource, diffs: tuple[PropertyDiff, ...]) -> Outcome:
        if old.protect:
            raise CloudError(
                f"'{goal.name}' is protected, and {diffs[0].path} cannot change without replacing it",
                way_out="Take the protection off first, or leave the property as it was.",
            )
        inputs = kind.check(goal.name, keep(old.inputs, goal.inputs, goal.ignore_changes), None)
        if not goal.delete_before_replace:
            return self._make(kind, goal, inputs, Op.REPLACE, diffs=diffs, replaced=old)
        if not self._dry:
            self._deletion.before_replacement([old, *self._bound_to(old)])
        return self._make(kind, goal, inputs, Op.REPLACE, diffs=diffs)

    def _bound_to(self, old: Resource) -> Iterable[Resource]:
        """What must be replaced with it, because a property made from it cannot change in place."""
        bound = {old.urn}
        for one in self._journal.resources():
            kind = self._kinds.get(one.type)
            if kind is None or one.urn in bound or one.delete or one.pending_replacement:
                continue
            if any(
                within(key, kind.replacing(one.inputs, one.inputs)) and bound & {*urns}
                for key, urns in one.property_dependencies.items()
            ):
                bound.add(one.urn)
                yield one
