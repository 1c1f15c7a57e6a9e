"""What all records of a case have in common, and the rest added for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clusterbed_workloads.case import Figures
from clusterbed_workloads.catalogue import Entry
from clusterbed_workloads.facts import Facts
from clusterbed_workloads.plan import Plan
from clusterbed_workloads.record import Artifact, Check, Missing, Outcome, Record, Times
from clusterbed_workloads.schedule import Turn

NO_PRICE = {
    "lab": "a lab machine has no price",
    "local": "this machine has no price",
    "aws": "prices are not known on the cluster; the report has them",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """Plan, entry and facts of a record that is to be."""

    plan: Plan
    entry: Entry
    facts: Facts

    @property
    def provision_s(self) -> float | Missing:
        """As the plan says; the run itself cannot know it."""
        if self.plan.provision_s is None:
            return Missing(missing="the caller did not measure it: the cluster was there already")
        return self.plan.provision_s

    def record(
        self,
        turn: Turn,
        started_at: datetime,
        *,
        outcome: Outcome,
        data_fingerprint: str | Missing,
        error: str | None = None,
        times: Times | None = None,
        verification: tuple[Check, ...] = (),
        metrics: Figures | None = None,
        quality: Figures | None = None,
        settings: dict[str, str] | None = None,
        software: dict[str, str] | None = None,
        artifacts: tuple[Artifact, ...] = (),
        notes: tuple[str, ...] = (),
    ) -> Record:
        """The finished record."""
        plan = self.plan
        sizes = {
            "plan.rows": plan.rows,
            "plan.training_rows": plan.training_rows,
            "plan.prediction_rows": plan.prediction_rows,
            "plan.seed": plan.seed,
        }
        return Record(
            run=plan.run,
            experiment=self.entry.experiment,
            variant=turn.variant,
            engine=self.entry.engines[turn.variant],
            phase=turn.phase,
            repeat=turn.repeat,
            started_at=started_at,
            outcome=outcome,
            error=error,
            times=times,
            verification=verification,
            metrics=metrics or {},
            quality=quality or {},
            settings={key: str(value) for key, value in sizes.items()} | (settings or {}),
            software=self.facts.software | (software or {}),
            where=plan.where,
            hardware=self.facts.hardware,
            code_fingerprint=plan.code_fingerprint,
            settings_fingerprint=plan.settings_fingerprint,
            data_fingerprint=data_fingerprint,
            artifacts=artifacts,
            cost_usd=Missing(missing=NO_PRICE.get(plan.where.cloud, "unknown cloud")),
            notes=(*plan.scaled, *self.facts.notes, *notes),
        )
