"""Rows of a table with a column per variant: what was measured, what was set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clusterbed_workloads.record import Missing, Record, Times
from report import notation
from report.statistics import mean
from report.values import value_at


@dataclass(frozen=True, slots=True)
class Cell:
    """A text; `known` is False when it says why there is no value."""

    text: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Fact:
    """One row."""

    name: str
    cells: tuple[Cell, ...]


def measured(counted: Mapping[str, Sequence[Record]]) -> tuple[Fact, ...]:
    """Times, quality and metrics of the counted records of each variant."""
    paths: dict[str, None] = dict.fromkeys(f"times.{name}" for name in Times.model_fields)
    for records in counted.values():
        for record in records:
            paths |= dict.fromkeys(f"quality.{name}" for name in record.quality)
            paths |= dict.fromkeys(f"metrics.{name}" for name in record.metrics)
    if not any(counted.values()):
        return ()
    return tuple(
        Fact(notation.named(path)[0], tuple(_cell(records, path) for records in counted.values()))
        for path in paths
    )


def settings(last: Mapping[str, Record | None]) -> tuple[Fact, ...]:
    """The effective settings of each variant's last record."""
    found = {variant: record.settings if record else {} for variant, record in last.items()}
    names = sorted({name for of_variant in found.values() for name in of_variant})
    return tuple(
        Fact(
            name,
            tuple(
                Cell(of_variant[name]) if name in of_variant else Cell("not set", known=False)
                for of_variant in found.values()
            ),
        )
        for name in names
    )


def _cell(records: Sequence[Record], path: str) -> Cell:
    found = [value_at(record, path) for record in records]
    values = [float(value) for value in found if isinstance(value, int | float)]
    unit = notation.named(path)[1]
    if values:
        estimate = mean(values)
        text = notation.measured(estimate.value, unit)
        spread = notation.interval(estimate) if unit != "bytes" and not text.startswith("under") else ""
        return Cell(f"{text} ({spread})" if spread else text)
    words = list(dict.fromkeys(value for value in found if isinstance(value, str)))
    if words:
        return Cell(" / ".join(words))
    reason = next((value.missing for value in found if isinstance(value, Missing)), "")
    if not reason:
        reason = "this variant does not have it" if records else "no measured repeat verified"
    return Cell(f"not measured: {reason}", known=False)
