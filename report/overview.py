"""The run as a whole: its verdict, and what a reader wants to know first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clusterbed_workloads.record import Missing, Phase
from report import notation
from report.failures import Failure, Verdict
from report.gain import gains
from report.plot import Plot
from report.prices import cost_usd, span_s
from report.results import Results
from report.section import Section

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
    if results.pulled.bucket and not results.pulled.complete:
        return "Not everything of this run was brought here; “fab pull” brings the rest."
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


def _measured_repeats(results: Results) -> int:
    """The largest number of measured repeats any variant has."""
    cases = [
        (record.experiment, record.variant) for record in results.records if record.phase is Phase.MEASURED
    ]
    return max((cases.count(case) for case in set(cases)), default=0)
