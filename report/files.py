"""Links from the page to the run's files beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from clusterbed_workloads.record import Record
from report import notation
from report.manifest import checked_name
from report.results import Results


@dataclass(frozen=True, slots=True)
class Link:
    """A file of the run. `href` is relative to the page, and empty when the file is not there."""

    text: str
    href: str
    size: str


def artifacts(results: Results, experiment: str) -> tuple[Link, ...]:
    """The files the experiment's records list, and those that lie in its directory besides."""
    found = {
        artifact.name: artifact.bytes for record in results.of(experiment) for artifact in record.artifacts
    }
    for path in (results.home / "artifacts" / experiment).rglob("*"):
        if path.is_file():
            found.setdefault(path.relative_to(results.home).as_posix(), path.stat().st_size)
    return tuple(_link(results, name, size) for name, size in sorted(found.items()))


def logs(results: Results, records: Sequence[Record]) -> tuple[Link, ...]:
    """The logs these records list; where they list none, those in their experiment's directory."""
    listed = {artifact.name for record in records for artifact in record.artifacts}
    found = tuple(link for link in artifacts(results, records[0].experiment) if link.text.endswith(".log"))
    return tuple(link for link in found if link.text in listed) or found


def _link(results: Results, name: str, size: int) -> Link:
    try:
        there = (results.home / checked_name(name)).is_file()
    except (ValueError, OSError):
        there = False
    return Link(name, quote(name) if there else "", notation.size(size))
