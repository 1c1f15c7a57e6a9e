"""A run as it lies in `results/<run>/`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from clusterbed_workloads.plan import Plan, Where
from clusterbed_workloads.record import Outcome, Phase, Record, parse
from contract.errors import SettingError
from report.directory import read_pulled
from report.manifest import DONE, PLAN, RECORDS, Done, Pulled

_EXPERIMENT = re.compile(r"E\d+\.\d+")


class Facts(BaseModel):
    """What the run found on its cluster before the first case: versions, and each node's hardware."""

    model_config = ConfigDict(frozen=True)

    software: dict[str, str] = {}
    hardware: dict[str, dict[str, float | int | str]] = {}


class Opening(BaseModel):
    """`run.json`."""

    model_config = ConfigDict(frozen=True)

    plan: Plan
    facts: Facts = Facts()


@dataclass(frozen=True, slots=True)
class Results:
    """Everything a page is made from. `unreadable` names what could not be read, and why."""

    home: Path
    opening: Opening | None
    done: Done | None
    pulled: Pulled
    records: tuple[Record, ...]
    unreadable: tuple[str, ...]

    @property
    def plan(self) -> Plan | None:
        """What was to be run, where `run.json` says it."""
        return self.opening.plan if self.opening else None

    @property
    def facts(self) -> Facts:
        """What `run.json` tells of the cluster."""
        return self.opening.facts if self.opening else Facts()

    @property
    def run(self) -> str:
        """The run's name."""
        return self.plan.run if self.plan else self.home.name

    @property
    def where(self) -> Where | None:
        """The cluster, from the plan or else from the first record."""
        if self.plan:
            return self.plan.where
        return self.records[0].where if self.records else None

    @property
    def experiments(self) -> tuple[str, ...]:
        """Those planned, ended or recorded, in the order of their numbers."""
        planned = self.plan.experiments if self.plan else ()
        ended = self.done.cases if self.done else ()
        found = {*planned, *ended, *(record.experiment for record in self.records)}
        return tuple(sorted(filter(_EXPERIMENT.fullmatch, found), key=_number))

    @property
    def common_notes(self) -> tuple[str, ...]:
        """Notes that every record carries, and those on what was scaled: said once, of the whole run."""
        everywhere = [set(record.notes) for record in self.records]
        shared = set.intersection(*everywhere) if everywhere else set()
        scaled = self.plan.scaled if self.plan else ()
        return (*scaled, *sorted(shared.difference(scaled)))

    def variants(self, experiment: str) -> tuple[str, ...]:
        """The variants of an experiment: `expert` first, `literal` second, then others by name."""
        found = {record.variant for record in self.of(experiment)}
        order = {"expert": 0, "literal": 1}
        return tuple(sorted(found, key=lambda variant: (order.get(variant, len(order)), variant)))

    def of(self, experiment: str, variant: str | None = None) -> tuple[Record, ...]:
        """The records of an experiment, or of one of its variants."""
        return tuple(
            record
            for record in self.records
            if record.experiment == experiment and variant in (None, record.variant)
        )

    def counted(self, experiment: str, variant: str) -> tuple[Record, ...]:
        """The measured records whose answers verified: those that figures are made from."""
        return tuple(
            record
            for record in self.of(experiment, variant)
            if record.phase is Phase.MEASURED and record.outcome is Outcome.OK
        )


def load(home: Path) -> Results:
    """Read `results/<run>/`. A line that is no record is reported in `unreadable`, not fatal.

    Raises:
        SettingError: the directory holds no run.
    """
    opening, done, problems = None, None, []
    for name, model in ((PLAN, Opening), (DONE, Done)):
        found = _read(home / name, model)
        if isinstance(found, Opening):
            opening = found
        elif isinstance(found, Done):
            done = found
        elif found:
            problems.append(f"{name}: {found}")
    records: list[Record] = []
    path = home / RECORDS
    lines = path.read_text("utf-8", errors="replace").split("\n") if path.is_file() else []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                records.append(parse(line))
            except ValidationError as error:
                problems.append(f"{RECORDS}, line {number}: {_first(error)}")
    if opening is None and done is None and not lines:
        raise SettingError(f"{home} holds no run", way_out="Bring one there with `fab pull`.")
    return Results(home, opening, done, read_pulled(home), tuple(records), tuple(problems))


def _read(path: Path, model: type[BaseModel]) -> BaseModel | str | None:
    if not path.is_file():
        return None
    try:
        return model.model_validate_json(path.read_bytes())
    except ValidationError as error:
        return _first(error)


def _first(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in problem["loc"])
    return f"{where}: {problem['msg']}" if where else problem["msg"]


def _number(experiment: str) -> tuple[int, ...]:
    """E1.10 comes after E1.9."""
    return tuple(int(part) for part in experiment.removeprefix("E").split("."))
