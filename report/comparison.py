"""Our figure beside the published one, and whether the two can be compared at all."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from clusterbed_workloads.plan import Plan, Where
from clusterbed_workloads.record import Record
from report.notation import named, number, stated
from report.published import Document, Figure, Kind
from report.results import Results
from report.statistics import Estimate, mean
from report.values import numbers, reason_missing

_NAMES = {"pyspark": "spark", "openjdk": "java", "jdk": "java", "jre": "java", "hadoop client": "hadoop"}
"""Other names under which records may report what a document names."""


class Standing(enum.StrEnum):
    """How far a comparison carries."""

    COMPARABLE = "comparable"
    INDICATIVE = "indicative"
    BY_CONSTRUCTION = "by construction"
    NOT_COMPARABLE = "not comparable"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A published figure with ours, per variant: an estimate, or the reason that there is none.

    `because` holds one sentence for each thing that stands between the two, besides the machines and
    versions, which are the same for all figures of an experiment.
    """

    figure: Figure
    ours: Mapping[str, Estimate | str]
    standing: Standing
    because: tuple[str, ...]

    @property
    def unit(self) -> str:
        """The unit of ours, which need not be that of the document."""
        return named(self.figure.reads)[1] or self.figure.unit

    @property
    def published(self) -> str:
        """The published value or range with its unit."""
        figure = self.figure
        if figure.upper is not None:
            return f"{stated(figure.value)}–{stated(figure.upper, figure.unit)}"
        return stated(figure.value, figure.unit)


@dataclass(frozen=True, slots=True)
class Version:
    """One piece of software: what ran here, what the document states."""

    name: str
    ours: str
    published: str


def compare(results: Results, experiment: str, document: Document) -> tuple[Comparison, ...]:
    """Every figure published for an experiment, beside ours."""
    return tuple(
        _compared(results, experiment, document, figure)
        for figure in document.experiments[experiment].figures
    )


def _compared(results: Results, experiment: str, document: Document, figure: Figure) -> Comparison:
    ours: dict[str, Estimate | str] = {}
    for variant in results.variants(experiment):
        counted = results.counted(experiment, variant)
        found = numbers(counted, figure.reads)
        ours[variant] = mean(found) if found else reason_missing(counted, figure.reads)
    sizes = tuple(_size_differences(results.plan, figure))
    machines = () if figure.kind is Kind.QUALITY else machine_difference(results.where, document)
    notes = (figure.note,) if figure.note else ()
    if sizes:
        standing = Standing.NOT_COMPARABLE
    elif figure.by_construction:
        standing = Standing.BY_CONSTRUCTION
    elif machines or notes:
        standing = Standing.INDICATIVE
    else:
        standing = Standing.COMPARABLE
    return Comparison(figure, ours, standing, (*sizes, *notes))


def _size_differences(plan: Plan | None, figure: Figure) -> Iterable[str]:
    for setting, published in figure.size.items():
        words = setting.replace("_", " ")
        ours = getattr(plan, setting, None)
        if ours is None:
            yield f"The run's {words} are not known: run.json is missing."
        elif published is None:
            yield f"The document does not say for how many {words}; here {number(ours)}."
        elif ours != published:
            yield f"{number(ours)} {words} here, {number(published)} in the document."


def machine_difference(where: Where | None, document: Document) -> tuple[str, ...]:
    """What differs between our machines and the document's; empty when they are of the same types."""
    if where is None:
        return ("The machines are not known: run.json is missing.",)
    types = Counter(node.instance_type for node in where.nodes)
    ours = ", ".join(f"{count} × {name}" for name, count in sorted(types.items()))
    if where.cloud == "local":
        return (f"Here one machine without a cluster; the document had {document.machines}.",)
    if where.cloud == "lab":
        return (
            f"Here {len(where.nodes)} containers of the lab sharing one machine ({ours} by name only); "
            f"the document had {document.machines}.",
        )
    if types != Counter(document.instance_types):
        return (f"Here {ours}; the document had {document.machines}.",)
    return ()


def versions(records: Iterable[Record], document: Document) -> tuple[Version, ...]:
    """The software the document names, ours beside it."""
    ours: dict[str, str] = {}
    for record in records:
        for name, version in record.software.items():
            plain = name.lower()
            ours.setdefault(_NAMES.get(plain, plain), version)
    return tuple(
        Version(name, ours.get(name, "not recorded"), published)
        for name, published in document.software.items()
    )


def version_difference(found: Iterable[Version], engines: Iterable[str]) -> str:
    """`Spark 4.3.0 for 3.3.1, Java 21 for 1.8`: what differs among `engines`; empty when nothing does."""
    wanted = set(engines)
    return ", ".join(
        f"{item.name.capitalize()} {item.ours} for {item.published}"
        for item in found
        if item.name in wanted and item.ours != "not recorded" and not _same(item.ours, item.published)
    )


def _same(ours: str, published: str) -> bool:
    """`3.12.1` is what a document calls `3.12`."""
    return ours == published or ours.startswith(f"{published}.")
