"""Plans for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clusterbed_workloads.local_plan import local_plan
from clusterbed_workloads.plan import Plan


def small_plan(directory: Path, **changes: Any) -> Plan:
    """A plan of one machine with few rows."""
    sizes: dict[str, Any] = {
        "experiments": ("E1.2", "E1.3"),
        "rows": 1000,
        "training_rows": 200,
        "prediction_rows": 100,
        "repeats": 2,
        "seed": 42,
    }
    own = {key: changes.pop(key) for key in list(changes) if key in sizes}
    return local_plan(directory, **(sizes | own)).model_copy(update=changes)
