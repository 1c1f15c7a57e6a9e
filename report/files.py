"""Links from the page to the run's files beside it."""

from __future__ import annotations

from collections.abc import Iterable
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


def artifacts(results: Results, records: Iterable[Record]) -> tuple[Link, ...]:
    """The files the records list, each once."""
    found = {artifact.name: artifact.bytes for record in records for artifact in record.artifacts}
    return tuple(_link(results, name, size) for name, size in sorted(found.items()))


def logs(results: Results, experiment: str, records: Iterable[Record]) -> tuple[Link, ...]:
    """The logs the records list; where they list none, those that lie under the experiment's name."""
    listed = tuple(link for link in artifacts(results, records) if link.text.endswith(".log"))
    if listed:
        return listed
    found = (path for path in results.home.rglob("*.log") if experiment in _words(str(path)))
    return tuple(
        _link(results, path.relative_to(results.home).as_posix(), path.stat().st_size)
        for path in sorted(found)
    )


def _words(path: str) -> set[str]:
    """`artifacts/E1.3-literal/x.log` → the words between slashes, hyphens and suffix."""
    return set(path.removesuffix(".log").replace("-", "/").split("/"))


def _link(results: Results, name: str, size: int) -> Link:
    try:
        there = (results.home / checked_name(name)).is_file()
    except (ValueError, OSError):
        there = False
    return Link(name, quote(name) if there else "", notation.size(size))
