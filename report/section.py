"""One experiment of a run, made ready to be shown."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from clusterbed_workloads.record import Missing, Outcome, Phase, Record
from report import notation, plot
from report.comparison import Comparison, Standing, Version, compare, machine_difference, version_difference
from report.manifest import checked_name
from report.published import Document, Kind, document_of
from report.results import Results, numbers
from report.statistics import Estimate, mean


class Verdict(enum.StrEnum):
    """How an experiment went as a whole; the worst of its records decides."""

    OK = "verified"
    WRONG = "wrong answer"
    FAILED = "failed"
    NONE = "no record"


@dataclass(frozen=True, slots=True)
class Link:
    """A file of the run. `href` is empty when the file is not there."""

    text: str
    href: str
    size: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A check over all repeats of a variant; `expected` and `got` are those of the worst repeat."""

    variant: str
    name: str
    passed: int
    of: int
    expected: str
    got: str

    @property
    def all_passed(self) -> bool:
        """Whether it passed in every repeat."""
        return self.passed == self.of


@dataclass(frozen=True, slots=True)
class Fact:
    """Something measured or set, per variant: text, or the reason that it is missing."""

    name: str
    values: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """A record that is not ok."""

    where: str
    anchor: str
    verdict: Verdict
    error: str
    checks: tuple[CheckRow, ...]
    logs: tuple[Link, ...]


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
    plot: plot.Plot | None
    gain: Estimate | None
    told_gain: str
    comparisons: tuple[Comparison, ...]
    software: str
    machines: str
    failures: tuple[Failure, ...]
    checks: tuple[CheckRow, ...]
    facts: tuple[Fact, ...]
    settings: tuple[Fact, ...]
    artifacts: tuple[Link, ...]
    notes: tuple[str, ...]
    makespans: tuple[Estimate | None, ...]

    def mean_of(self, variant: str) -> Estimate | None:
        """The variant's mean seconds, where it has any."""
        return dict(zip(self.variants, self.makespans, strict=True)).get(variant)


def section(results: Results, experiment: str, found: Sequence[Version]) -> Section:
    """Gather what the records say about `experiment`."""
    document = document_of(experiment)
    known = document.experiments[experiment] if document else None
    variants = results.variants(experiment)
    records = results.of(experiment)
    comparisons = compare(results, experiment, document) if document else ()
    counted = {variant: results.counted(experiment, variant) for variant in variants}
    gained = plot.gain(counted.get("expert", ()), counted.get("literal", ()))
    verdict, told = _verdict(results, experiment, records)
    return Section(
        id=experiment,
        anchor=_anchor(experiment),
        title=known.title if known else "",
        does=known.does if known else "No document that clusterbed knows describes this experiment.",
        source=f"document {document.id}, {known.section}" if document and known else "",
        verdict=verdict,
        told=told,
        variants=variants,
        plot=plot.makespans(
            experiment,
            [(variant, results.of(experiment, variant)) for variant in variants],
            _reference(comparisons),
        ),
        gain=gained,
        told_gain=plot.told_gain(gained) if gained else "",
        comparisons=comparisons,
        software=version_difference(found, known.engines) if known else "",
        machines=" ".join(machine_difference(results.where, document)) if document else "",
        failures=tuple(_failures(results, records)),
        checks=tuple(_checks(records)),
        facts=tuple(_facts(counted)),
        settings=tuple(_settings(results, experiment, variants)),
        artifacts=_artifacts(results, records),
        notes=tuple(dict.fromkeys(note for record in records for note in record.notes)),
        makespans=tuple(
            mean(seconds) if (seconds := numbers(counted[variant], "times.makespan_s")) else None
            for variant in variants
        ),
    )


def published_time(found: Section) -> Comparison | None:
    """The document's time for the whole experiment, where it states one value."""
    return next(
        (item for item in found.comparisons if item.figure.kind is Kind.TIME and item.figure.upper is None),
        None,
    )


def _reference(comparisons: Iterable[Comparison]) -> float | None:
    """The published makespan, to be drawn only where the sizes agree."""
    for item in comparisons:
        figure = item.figure
        if (
            figure.reads == "times.makespan_s"
            and figure.upper is None
            and item.standing is not Standing.NOT_COMPARABLE
        ):
            return figure.value
    return None


def _verdict(results: Results, experiment: str, records: Sequence[Record]) -> tuple[Verdict, str]:
    outcomes = [record.outcome for record in records]
    failed, wrong = outcomes.count(Outcome.FAILED), outcomes.count(Outcome.WRONG)
    ended = [case for case in results.done.cases if case.experiment == experiment] if results.done else []
    if not records:
        if ended:
            return Verdict.FAILED, "done.json names it, but no record of it is here"
        return Verdict.NONE, "the run ended before it" if results.done else "the run has not got there"
    said = ", ".join(
        text
        for count, text in (
            (outcomes.count(Outcome.OK), f"{outcomes.count(Outcome.OK)} verified"),
            (wrong, f"{wrong} with a wrong answer"),
            (failed, f"{failed} failed"),
        )
        if count
    )
    total = f"{len(records)} records: {said}"
    if failed or any(case.outcome == Outcome.FAILED for case in ended):
        return Verdict.FAILED, total
    if wrong or any(case.outcome == Outcome.WRONG for case in ended):
        return Verdict.WRONG, total
    return Verdict.OK, f"{len(records)} records, every answer verified"


def _failures(results: Results, records: Iterable[Record]) -> Iterable[Failure]:
    """What is not ok; repeats that went wrong in the same way are one failure."""
    alike: dict[tuple[object, ...], list[Record]] = {}
    for record in records:
        if record.outcome is not Outcome.OK:
            unpassed = tuple(check for check in record.verification if not check.passed)
            alike.setdefault((record.variant, record.outcome, record.error, unpassed), []).append(record)
    for group in alike.values():
        first = group[0]
        files = dict.fromkeys(
            _link(results, artifact.name, artifact.bytes) for record in group for artifact in record.artifacts
        )
        logs = [link for link in files if link.text.endswith(".log")] or list(files)
        repeats = ", ".join(f"{record.phase} {record.repeat}" for record in group)
        yield Failure(
            where=f"{first.experiment} {first.variant}, {repeats}",
            anchor=_anchor(first.experiment),
            verdict=Verdict.FAILED if first.outcome is Outcome.FAILED else Verdict.WRONG,
            error=first.error or "",
            checks=tuple(check for check in _checks(group) if not check.all_passed),
            logs=tuple(logs),
        )


def _anchor(experiment: str) -> str:
    return experiment.replace(".", "-")


def _checks(records: Sequence[Record]) -> Iterable[CheckRow]:
    found: dict[tuple[str, str], list[tuple[bool, str, str]]] = {}
    for record in records:
        for check in record.verification:
            found.setdefault((record.variant, check.name), []).append(
                (check.passed, check.expected, check.got)
            )
    for (variant, name), results in found.items():
        worst = min(results, key=lambda result: result[0])
        yield CheckRow(
            variant, name, sum(passed for passed, _, _ in results), len(results), worst[1], worst[2]
        )


def _facts(counted: dict[str, tuple[Record, ...]]) -> Iterable[Fact]:
    keys: dict[str, None] = {}
    for records in counted.values():
        for record in records:
            times = record.times.model_dump() if record.times else {}
            keys.update(dict.fromkeys(f"times.{name}" for name in times))
            keys.update(dict.fromkeys(f"quality.{name}" for name in record.quality))
            keys.update(dict.fromkeys(f"metrics.{name}" for name in record.metrics))
    for key in keys:
        name, unit = notation.named(key.partition(".")[2])
        yield Fact(name, tuple(_told(records, key, unit) for records in counted.values()))


def _told(records: Sequence[Record], path: str, unit: str) -> tuple[str, bool]:
    """The mean and interval of a number, the words of a text, or why there is neither (then False)."""
    part, _, name = path.partition(".")
    found = [_at(record, part, name) for record in records]
    values = [float(value) for value in found if isinstance(value, int | float)]
    if values:
        estimate = mean(values)
        text = notation.quantity(estimate.value, unit)
        same = estimate.interval is None or len(set(values)) == 1
        return (text if same else f"{text} ({notation.interval(estimate)})"), True
    words = list(dict.fromkeys(value for value in found if isinstance(value, str)))
    if words:
        return " / ".join(words), True
    reason = next((value.missing for value in found if isinstance(value, Missing)), "")
    return f"not measured: {reason or 'no measured repeat verified'}", False


def _at(record: Record, part: str, name: str) -> object:
    holder = getattr(record, part)
    return holder.get(name) if isinstance(holder, dict) else getattr(holder, name, None)


def _settings(results: Results, experiment: str, variants: Sequence[str]) -> Iterable[Fact]:
    last = {
        variant: (records[-1].settings if (records := results.of(experiment, variant)) else {})
        for variant in variants
    }
    for name in sorted({name for settings in last.values() for name in settings}):
        yield Fact(
            name, tuple((settings.get(name, "not set"), name in settings) for settings in last.values())
        )


def _artifacts(results: Results, records: Iterable[Record]) -> tuple[Link, ...]:
    found = {artifact.name: artifact.bytes for record in records for artifact in record.artifacts}
    return tuple(_link(results, name, size) for name, size in sorted(found.items()))


def _link(results: Results, name: str, size: int) -> Link:
    """A relative link, when the name stays inside the run's directory and the file is there."""
    try:
        there = (results.home / checked_name(name)).is_file()
    except (ValueError, OSError):
        there = False
    return Link(name, quote(name) if there else "", notation.size(size))


def document_for(results: Results) -> Document | None:
    """The document most of the run's experiments come from."""
    return next((found for name in results.experiments if (found := document_of(name))), None)


def measured_repeats(results: Results) -> int:
    """The largest number of measured repeats any variant has."""
    counts: dict[tuple[str, str], int] = {}
    for record in results.records:
        if record.phase is Phase.MEASURED:
            key = (record.experiment, record.variant)
            counts[key] = counts.get(key, 0) + 1
    return max(counts.values(), default=0)
