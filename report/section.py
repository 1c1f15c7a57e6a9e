"""One experiment of a run, made ready to be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from report import facts, files, gain, repeats
from report.comparison import (
    Comparison,
    Standing,
    Version,
    compare,
    machine_difference,
    version_difference,
)
from report.facts import Fact
from report.failures import CheckRow, Failure, Verdict, checks, failures, verdict
from report.files import Link
from report.plot import Plot
from report.published import Kind, document_of
from report.results import Results
from report.statistics import Estimate, mean
from report.values import numbers

MAKESPAN = "times.makespan_s"


@dataclass(frozen=True, slots=True)
class Section:
    """All that the page says about one experiment."""

    id: str
    anchor: str
    title: str
    does: str
    source: str
    verdict: Verdict
    told: str
    variants: tuple[str, ...]
    makespans: Mapping[str, Estimate]
    plot: Plot | None
    gain: Estimate | None
    comparisons: tuple[Comparison, ...]
    machines: str
    software: str
    failures: tuple[Failure, ...]
    checks: tuple[CheckRow, ...]
    facts: tuple[Fact, ...]
    settings: tuple[Fact, ...]
    artifacts: tuple[Link, ...]
    notes: tuple[str, ...]

    @property
    def told_gain(self) -> str:
        """The gain in words; empty where there is none."""
        return gain.told_gain(self.gain) if self.gain else ""

    @property
    def published_time(self) -> Comparison | None:
        """The first time the document states as one value."""
        times = (item for item in self.comparisons if item.figure.kind is Kind.TIME)
        return next((item for item in times if item.figure.upper is None), None)


def section(results: Results, experiment: str, versions: Sequence[Version]) -> Section:
    """Gather what the records say about `experiment`."""
    document = document_of(experiment)
    known = document.experiments[experiment] if document else None
    variants = results.variants(experiment)
    records = results.of(experiment)
    counted = {variant: results.counted(experiment, variant) for variant in variants}
    seconds = {variant: numbers(found, MAKESPAN) for variant, found in counted.items()}
    comparisons = compare(results, experiment, document) if document else ()
    judged, told = verdict(results, experiment)
    last = {variant: next(iter(results.of(experiment, variant)[::-1]), None) for variant in variants}
    return Section(
        id=experiment,
        anchor=experiment.replace(".", "-"),
        title=known.title if known else "",
        does=known.does if known else "No document that clusterbed knows describes this experiment.",
        source=f"document {document.id}, section {known.section}" if document and known else "",
        verdict=judged,
        told=told,
        variants=variants,
        makespans={variant: mean(found) for variant, found in seconds.items() if found},
        plot=repeats.makespans(
            experiment,
            [(variant, results.of(experiment, variant)) for variant in variants],
            _reference(comparisons),
        ),
        gain=gain.gain(seconds.get("expert", ()), seconds.get("literal", ())),
        comparisons=comparisons,
        machines=" ".join(machine_difference(results.where, document)) if document else "",
        software=version_difference(versions, known.engines) if known else "",
        failures=failures(results, experiment),
        checks=checks(records),
        facts=facts.measured(counted),
        settings=facts.settings(last),
        artifacts=files.artifacts(results, experiment),
        notes=tuple(
            dict.fromkeys(
                note for record in records for note in record.notes if note not in results.common_notes
            )
        ),
    )


def _reference(comparisons: Sequence[Comparison]) -> float | None:
    """The published makespan, to be drawn only where the sizes agree."""
    for item in comparisons:
        figure = item.figure
        one_value = figure.reads == MAKESPAN and figure.upper is None
        if one_value and item.standing is not Standing.NOT_COMPARABLE:
            return figure.value
    return None
