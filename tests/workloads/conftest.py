"""`live/` starts Spark and Ray. Where they are not installed it is left out, and the header says so."""

from __future__ import annotations

from importlib.util import find_spec

ENGINES = all(find_spec(name) for name in ("pyspark", "ray"))
collect_ignore = [] if ENGINES else ["live"]


def pytest_report_header() -> str | None:
    return (
        None
        if ENGINES
        else "workloads: Spark and Ray are not installed here, tests/workloads/live is left out"
    )
