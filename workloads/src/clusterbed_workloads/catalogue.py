"""Every experiment there is: its title, its variants with their engines, and where its case is defined."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from clusterbed_workloads.case import Case
from clusterbed_workloads.errors import PlanError

EXPERT: Final = "expert"
"""What an expert writes today."""

LITERAL: Final = "literal"
"""What the document did."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One experiment. `engines` is variant → engines, joined by `+`; `case` is `module:class`."""

    experiment: str
    title: str
    engines: Mapping[str, str]
    case: str

    @property
    def variants(self) -> tuple[str, ...]:
        """In the order of their first round."""
        return tuple(self.engines)

    def load(self) -> Case[Any]:
        """The case; loading it loads its engines."""
        module, name = self.case.split(":")
        case: Case[Any] = getattr(importlib.import_module(module), name)()
        return case


_CASES: Final = "clusterbed_workloads.cases"

CATALOGUE: Final = {
    entry.experiment: entry
    for entry in (
        Entry("E1.1", "generator", {EXPERT: "spark", LITERAL: "pandas+spark"},
              f"{_CASES}.generation:Generation"),
        Entry("E1.2", "ETL benchmark", {EXPERT: "spark", LITERAL: "spark"},
              f"{_CASES}.cleaning:Cleaning"),
        Entry("E1.3", "Query_1: top earners", {EXPERT: "spark", LITERAL: "spark"},
              f"{_CASES}.earners:Earners"),
        Entry("E1.4", "Query_2: youngest and oldest", {EXPERT: "spark", LITERAL: "spark"},
              f"{_CASES}.ages:Ages"),
        Entry("E1.5", "model training", {EXPERT: "spark+ray", LITERAL: "spark+ray"},
              f"{_CASES}.training:Training"),
        Entry("E1.6", "batch prediction", {EXPERT: "ray", LITERAL: "pandas"},
              f"{_CASES}.prediction:Prediction"),
    )
}  # fmt: skip


def entries(experiments: tuple[str, ...]) -> tuple[Entry, ...]:
    """The entries of a plan's experiments, in the plan's order.

    Raises:
        PlanError: one is not in the catalogue, or stands there twice.
    """
    unknown = [experiment for experiment in experiments if experiment not in CATALOGUE]
    if unknown:
        raise PlanError(
            f"experiments: there is no {', '.join(unknown)}.", way_out=f"There are {', '.join(CATALOGUE)}."
        )
    if len(set(experiments)) < len(experiments):
        raise PlanError("experiments: one stands there twice.", way_out="Name each once.")
    return tuple(CATALOGUE[experiment] for experiment in experiments)
