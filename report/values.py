"""Finding a value in records by its path, and the reason where there is none."""

from __future__ import annotations

from collections.abc import Iterable

from clusterbed_workloads.record import Missing, Record

Value = float | int | str | Missing

_LARGEST = 1e300
"""What is larger is shown, but not computed with: sums of a few must stay finite."""


def value_at(record: Record, path: str) -> Value | None:
    """The value that `times.makespan_s`, `metrics.x` or `quality.x` leads to; None where nothing is."""
    part, _, name = path.partition(".")
    holder = getattr(record, part, None)
    found = holder.get(name) if isinstance(holder, dict) else getattr(holder, name, None)
    if isinstance(found, float | int) and abs(found) > _LARGEST:
        return str(found)
    return found if isinstance(found, float | int | str | Missing) else None


def numbers(records: Iterable[Record], path: str) -> list[float]:
    """The numbers at `path`, where a record has one."""
    found = (value_at(record, path) for record in records)
    return [float(value) for value in found if isinstance(value, float | int) and not isinstance(value, bool)]


def reason_missing(records: Iterable[Record], path: str) -> str:
    """Why no record has a number at `path`."""
    of_them = tuple(records)
    for record in of_them:
        found = value_at(record, path)
        if isinstance(found, Missing):
            return found.missing
    return "the records do not hold it" if of_them else "no measured repeat verified"
