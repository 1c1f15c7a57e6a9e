"""Where everything of a plot stands, in percent of its width: it fits any screen, its text unscaled."""

from __future__ import annotations

import math
from dataclasses import dataclass

_SHORTEST_S = 1e-9
"""Finer than any clock: below it there is nothing to plot."""
LARGEST_STEPS = 4
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


def linear_ticks(largest: float) -> tuple[float, ...]:
    """Round values from 0 to at least `largest`: steps of 1, 2, 2.5 or 5 times a power of ten."""
    if largest < _SHORTEST_S:
        return (0.0, 1.0)
    power = 10.0 ** math.floor(math.log10(largest / LARGEST_STEPS))
    step = next(
        (factor * power for factor in (1, 2, 2.5, 5) if factor * power * LARGEST_STEPS >= largest),
        10 * power,
    )
    return tuple(index * step for index in range(math.ceil(largest / step - 1e-9) + 1))
