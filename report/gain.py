"""What the expert variant gains over the literal one, in numbers, in words, in a plot."""

from __future__ import annotations

import math
from collections.abc import Sequence

from report.notation import interval, number
from report.plot import LARGEST_STEPS, Dot, Lane, Plot, Tick
from report.statistics import Estimate, ratio


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
    step = max(1, math.ceil((highest - lowest) / LARGEST_STEPS))
    said = "; ".join(f"{lane.name} {lane.text} ({lane.detail})" for lane in lanes)
    return Plot(
        id="plot-gains",
        title="How many times as long the literal variant takes",
        description=f"Ratio of the means and its 95 % interval: {said}.",
        ticks=tuple(Tick(at(2.0**power), f"{2.0**power:g} ×") for power in range(lowest, highest + 1, step)),
        lanes=lanes,
        reference=Tick(at(1.0), "equal"),
    )
