"""The plot of every repeat's seconds."""

from __future__ import annotations

from collections.abc import Sequence

from clusterbed_workloads.record import Phase, Record
from report.notation import interval, quantity, stated
from report.plot import Dot, Lane, Plot, Tick, linear_ticks
from report.statistics import Estimate, mean


def makespans(
    experiment: str, variants: Sequence[tuple[str, Sequence[Record]]], published_s: float | None
) -> Plot | None:
    """Seconds of every repeat that verified, a lane a variant; None when there is none."""
    lanes = []
    points = [[(r, r.times.makespan_s) for r in records if r.times] for _, records in variants]
    everything = [seconds for lane in points for _, seconds in lane]
    if not everything:
        return None
    ticks = linear_ticks(max([*everything, published_s or 0.0]))
    end = ticks[-1]
    for (variant, _), lane in zip(variants, points, strict=True):
        counted = [seconds for record, seconds in lane if record.phase is Phase.MEASURED]
        estimate = mean(counted) if counted else None
        lanes.append(
            Lane(
                name=variant,
                tone=variant if variant in ("expert", "literal") else "other",
                text=quantity(estimate.value, "s") if estimate else "no measured repeat",
                detail=interval(estimate, "s") if estimate else "",
                dots=tuple(
                    Dot(
                        x=_percent(seconds, end),
                        counted=record.phase is Phase.MEASURED,
                        label=f"{variant}, {record.phase} {record.repeat + 1}: {quantity(seconds, 's')}",
                        row=(record.repeat + 1) % 3 - 1 if record.phase is Phase.MEASURED else 0,
                    )
                    for record, seconds in lane
                ),
                mean_x=_percent(estimate.value, end) if estimate else None,
                band=_band(estimate, end),
            )
        )
    said = "; ".join(f"{lane.name} {lane.text} {lane.detail}".strip() for lane in lanes)
    return Plot(
        id=f"plot-{experiment}".replace(".", "-"),
        title=f"{experiment}: seconds of each repeat",
        description=f"Mean and 95 % interval: {said}.",
        ticks=tuple(Tick(_percent(value, end), quantity(value, "s")) for value in ticks),
        lanes=tuple(lanes),
        reference=(
            Tick(_percent(published_s, end), f"document {stated(published_s, 's')}") if published_s else None
        ),
    )


def _percent(value: float, end: float) -> float:
    return round(100 * value / end, 3)


def _band(estimate: Estimate | None, end: float) -> tuple[float, float] | None:
    if estimate is None or estimate.interval is None:
        return None
    low, high = estimate.interval
    return _percent(low, end), _percent(high - low, end)
