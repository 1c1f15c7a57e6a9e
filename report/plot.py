"""Where everything of a plot stands, in percent of its width: it fits any screen, its text unscaled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from clusterbed_workloads.record import Phase, Record
from report.notation import interval, number, quantity, stated
from report.statistics import Estimate, mean, ratio

_SHORTEST_S = 1e-9
"""Finer than any clock: below it there is nothing to plot."""
_LARGEST_STEPS = 4
"""At most so many steps between tick labels: they must not touch on a phone."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A grid line with its label."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Dot:
    """One repeat. `counted` is False for cold and warm-up ones, which no mean includes.

    `row` (-1, 0, 1) sets neighbours apart.
    """

    x: float
    counted: bool
    label: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """One variant: its repeats, the mean and the interval."""

    name: str
    tone: str
    text: str
    detail: str
    dots: tuple[Dot, ...]
    mean_x: float | None
    band: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Plot:
    """Lanes above a common axis. `reference` is a published value to draw, where it is comparable."""

    id: str
    title: str
    description: str
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    reference: Tick | None


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
                        row=index % 3 - 1 if record.phase is Phase.MEASURED else 0,
                    )
                    for index, (record, seconds) in enumerate(lane)
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


def gains(found: Sequence[tuple[str, Estimate]]) -> Plot | None:
    """Each experiment's gain on a logarithmic axis, so that twice and half stand equally far from 1."""
    if not found:
        return None
    ends = [end for _, estimate in found for end in (estimate.interval or (estimate.value,) * 2)]
    lowest = min(-1, math.floor(math.log2(min(ends))))
    highest = max(1, math.ceil(math.log2(max(ends))))

    def at(value: float) -> float:
        return round(100 * (math.log2(value) - lowest) / (highest - lowest), 3)

    lanes = tuple(
        Lane(
            name=experiment,
            tone="other",
            text=f"{number(estimate.value)} ×",
            detail=interval(estimate),
            dots=(Dot(at(estimate.value), True, f"{experiment}: {number(estimate.value)} ×"),),
            mean_x=None,
            band=(at(estimate.interval[0]), at(estimate.interval[1]) - at(estimate.interval[0]))
            if estimate.interval
            else None,
        )
        for experiment, estimate in found
    )
    step = max(1, math.ceil((highest - lowest) / _LARGEST_STEPS))
    said = "; ".join(f"{lane.name} {lane.text} ({lane.detail})" for lane in lanes)
    return Plot(
        id="plot-gains",
        title="How many times as long the literal variant takes",
        description=f"Ratio of the means and its 95 % interval: {said}.",
        ticks=tuple(Tick(at(2.0**power), f"{2.0**power:g} ×") for power in range(lowest, highest + 1, step)),
        lanes=lanes,
        reference=Tick(at(1.0), "equal"),
    )


def gain(expert_s: Sequence[float], literal_s: Sequence[float]) -> Estimate | None:
    """How many times as long the literal variant takes; None where one of them has no time."""
    if not expert_s or not literal_s or min(*expert_s, *literal_s) <= 0:
        return None
    return ratio(literal_s, expert_s)


def told_gain(estimate: Estimate) -> str:
    """The gain in words, with as much certainty as the interval allows."""
    times = f"{number(estimate.value)} ×"
    if estimate.interval is None:
        return f"The literal variant takes {times} as long as the expert one (one repeat, so no interval)."
    low, high = estimate.interval
    certain = f"95 % interval {number(low)}–{number(high)}"
    if low <= 1 <= high:
        return f"No difference between the variants can be told: ratio {times}, {certain}."
    if estimate.value > 1:
        return f"The literal variant takes {times} as long as the expert one ({certain})."
    return f"The expert variant is slower here: the literal one takes {times} as long ({certain})."


def linear_ticks(largest: float) -> tuple[float, ...]:
    """Round values from 0 to at least `largest`: steps of 1, 2, 2.5 or 5 times a power of ten."""
    if largest < _SHORTEST_S:
        return (0.0, 1.0)
    power = 10.0 ** math.floor(math.log10(largest / _LARGEST_STEPS))
    step = next(
        (factor * power for factor in (1, 2, 2.5, 5) if factor * power * _LARGEST_STEPS >= largest),
        10 * power,
    )
    return tuple(index * step for index in range(math.ceil(largest / step - 1e-9) + 1))


def _percent(value: float, end: float) -> float:
    return round(100 * value / end, 3)


def _band(estimate: Estimate | None, end: float) -> tuple[float, float] | None:
    if estimate is None or estimate.interval is None:
        return None
    low, high = estimate.interval
    return _percent(low, end), _percent(high - low, end)
