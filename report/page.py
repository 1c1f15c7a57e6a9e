"""`results/<run>/report.html`: one file, no script, nothing fetched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from clusterbed_workloads.record import Missing, Phase
from report import notation
from report.comparison import Version, versions
from report.failures import Failure, Verdict
from report.manifest import PAGE
from report.plot import Plot, gains
from report.prices import cost_usd, span_s
from report.published import Document, document_of
from report.pull import write_whole
from report.results import Results, load
from report.section import Section, section

_BY_WEIGHT = (Verdict.FAILED, Verdict.WRONG, Verdict.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Overview:
    """The run as a whole."""

    verdict: Verdict
    told: str
    incomplete: str
    started: datetime | None
    span_s: float | None
    repeats: int
    gains: Plot | None
    cost: str
    cost_known: bool
    command: str
    failures: tuple[Failure, ...]


def build(home: Path) -> Path:
    """Write the page of the run in `home` (`results/<run>/`) and return its path.

    Raises:
        SettingError: `home` holds no run.
        WorkstationError: the page could not be written.
    """
    page = home / PAGE
    write_whole(page, render(load(home)).encode())
    return page


def render(results: Results) -> str:
    """The page as text."""
    environment = Environment(
        loader=PackageLoader("report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": notation.number,
        "quantity": notation.quantity,
        "interval": notation.interval,
        "moment": notation.moment,
        "duration": notation.duration,
        "measured": notation.measured,
        "words": lambda key: notation.named(key)[0],
        "unit": lambda key: notation.named(key)[1],
    }
    document = _document(results)
    found = versions(results.records, document) if document else ()
    sections = sections_of(results, found)
    return environment.get_template("report.html.j2").render(
        results=results,
        plan=results.plan,
        where=results.where,
        document=document,
        versions=found,
        software=_software(results),
        hardware=_hardware(results),
        sections=sections,
        overview=overview(results, sections),
    )


def sections_of(results: Results, found: tuple[Version, ...] | None = None) -> tuple[Section, ...]:
    """Every experiment of the run, in order."""
    if found is None:
        document = _document(results)
        found = versions(results.records, document) if document else ()
    return tuple(section(results, experiment, found) for experiment in results.experiments)


def overview(results: Results, sections: tuple[Section, ...]) -> Overview:
    """The verdict over all experiments, and what a reader wants to know first."""
    started = [record.started_at for record in results.records]
    began = results.done.started_at if results.done else None
    ended = results.done.finished_at if results.done else None
    verdict, told = _verdict(sections)
    cost, cost_known = _cost(results)
    return Overview(
        verdict=verdict,
        told=told,
        incomplete=_incomplete(results),
        started=began or min(started, default=None),
        span_s=(ended - began).total_seconds()
        if began and ended
        else span_s(results.records)
        if results.records
        else None,
        repeats=_measured_repeats(results),
        gains=gains([(item.id, item.gain) for item in sections if item.gain]),
        cost=cost,
        cost_known=cost_known,
        command=_command(results),
        failures=tuple(failure for item in sections for failure in item.failures),
    )


def _verdict(sections: tuple[Section, ...]) -> tuple[Verdict, str]:
    by_verdict = {verdict: [item.id for item in sections if item.verdict is verdict] for verdict in Verdict}
    bad = [
        f"{', '.join(by_verdict[verdict])} {words}"
        for verdict, words in (
            (Verdict.FAILED, "failed"),
            (Verdict.WRONG, "gave a wrong answer"),
            (Verdict.INTERRUPTED, "interrupted"),
            (Verdict.NONE, "left no record"),
        )
        if by_verdict[verdict]
    ]
    verified = len(by_verdict[Verdict.OK])
    if not bad and verified:
        return Verdict.OK, f"All {verified} experiments ran, and every answer verified."
    worst = next((found for found in _BY_WEIGHT if by_verdict[found]), Verdict.NONE)
    return worst, f"{verified} of {len(sections)} experiments verified. " + "; ".join(bad) + "."


def _incomplete(results: Results) -> str:
    if results.done is None:
        return (
            "The run has not ended, or was cut off: there is no done.json. This page shows what there was "
            "at the time of the pull."
        )
    if not results.pulled.complete:
        return "Not everything of this run was brought here; `fab pull` brings the rest."
    return ""


def _cost(results: Results) -> tuple[str, bool]:
    found = cost_usd(results.where, results.records)
    if isinstance(found, Missing):
        return f"not measured: {found.missing}", False
    return f"{notation.quantity(found, 'USD')} by list price, from the first record to the last", True


def _command(results: Results) -> str:
    plan = results.plan
    if plan is None:
        return ""
    workers = sum(node.role == "worker" for node in plan.where.nodes)
    lab = " --lab" if plan.where.cloud == "lab" else ""
    settings = (
        f" --rows {plan.rows} --repeats {plan.repeats} --only {','.join(plan.experiments)}"
        f" --set experiments.training_rows={plan.training_rows}"
        f" --set experiments.prediction_rows={plan.prediction_rows} --set experiments.seed={plan.seed}"
    )
    return "\n".join(
        (
            f"fab up --setup {plan.where.setup} --workers {workers}{lab}",
            "fab deploy",
            f"fab run-bench{settings}",
            "fab report",
        )
    )


def _software(results: Results) -> dict[str, str]:
    found: dict[str, dict[str, None]] = {}
    for software in (results.facts.software, *(record.software for record in results.records)):
        for name, version in software.items():
            found.setdefault(name, {})[version] = None
    return {name: " / ".join(found[name]) for name in sorted(found)}


def _hardware(results: Results) -> dict[str, dict[str, float | int | str]]:
    """What each node reports of itself, from the last record that says so."""
    found = dict(results.facts.hardware)
    for record in results.records:
        found |= record.hardware
    return found


def _measured_repeats(results: Results) -> int:
    """The largest number of measured repeats any variant has."""
    cases = [
        (record.experiment, record.variant) for record in results.records if record.phase is Phase.MEASURED
    ]
    return max((cases.count(case) for case in set(cases)), default=0)


def _document(results: Results) -> Document | None:
    """The document the run's experiments come from."""
    return next((found for name in results.experiments if (found := document_of(name))), None)
