"""Means and ratios of few repeats, each with a bootstrap interval.

With five repeats the usual percentile interval is far too narrow, so the percentiles are widened as
Hesterberg proposes ("What Teachers Should Know About the Bootstrap", The American Statistician 69(4),
2015: expanded percentiles). Few repeats allow all resamples to be enumerated: the
interval is then exact, and the same records always give the same page.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations_with_replacement, product

CONFIDENCE = 0.95
_ENUMERATED = 50_000
"""Up to so many distinct resamples are enumerated; beyond, as many are drawn."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The estimate from `n` values and its interval; `low` and `high` are None for a single value."""

    value: float
    low: float | None
    high: float | None
    n: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """Both ends, or None."""
        return (self.low, self.high) if self.low is not None and self.high is not None else None


def mean(values: Sequence[float]) -> Estimate:
    """The mean of `values`, with its 95 % interval.

    Raises:
        ValueError: there are no values, or one is not finite.
    """
    return _estimate((values,), statistics.fmean)


def median(values: Sequence[float]) -> float:
    """The median; no interval, since the bootstrap of a median of five has five outcomes."""
    return statistics.median(_finite(values))


def ratio(above: Sequence[float], below: Sequence[float]) -> Estimate:
    """mean(above) / mean(below), with its 95 % interval; both are resampled independently.

    Raises:
        ValueError: one has no values or values that are not finite and positive.
    """
    if any(value <= 0 for value in (*above, *below)):
        raise ValueError("a ratio needs positive values")
    return _estimate((above, below), lambda a, b: statistics.fmean(a) / statistics.fmean(b))


def _estimate(samples: tuple[Sequence[float], ...], of: Callable[..., float]) -> Estimate:
    samples = tuple(_finite(sample) for sample in samples)
    value = of(*samples)
    n = min(len(sample) for sample in samples)
    if n < 2:  # noqa: PLR2004 - one value has no spread
        return Estimate(value, None, None, n)
    weighted = sorted((of(*picked), weight) for picked, weight in _resamples(samples))
    tail = _widened_tail(n)
    low, high = _quantile(weighted, tail), _quantile(weighted[::-1], tail)
    return Estimate(value, low, high, n)


def _finite(values: Sequence[float]) -> Sequence[float]:
    if not values:
        raise ValueError("no values")
    if not all(math.isfinite(value) for value in values):
        raise ValueError("a value is not finite")
    return values


def _resamples(samples: tuple[Sequence[float], ...]) -> Iterator[tuple[tuple[Sequence[float], ...], float]]:
    """Each way to draw every sample anew, with its probability."""
    distinct = math.prod(math.comb(2 * len(sample) - 1, len(sample)) for sample in samples)
    if distinct <= _ENUMERATED:
        for picked in product(*(list(_multisets(sample)) for sample in samples)):
            yield tuple(values for values, _ in picked), math.prod(weight for _, weight in picked)
        return
    draw = random.Random(0)  # noqa: S311 - no secret; fixed, so that a page can be made again
    for _ in range(_ENUMERATED):
        yield tuple(draw.choices(sample, k=len(sample)) for sample in samples), 1 / _ENUMERATED


def _multisets(sample: Sequence[float]) -> Iterator[tuple[Sequence[float], float]]:
    """All resamples regardless of order, with their multinomial probabilities."""
    n = len(sample)
    for indices in combinations_with_replacement(range(n), n):
        repeats = math.prod(math.factorial(indices.count(index)) for index in set(indices))
        yield [sample[index] for index in indices], math.factorial(n) / repeats / n**n


def _quantile(weighted: Sequence[tuple[float, float]], probability: float) -> float:
    """The first value at which the accumulated weight reaches `probability`."""
    total = 0.0
    for value, weight in weighted:
        total += weight
        if total >= probability:
            return value
    return weighted[-1][0]


@cache
def _widened_tail(n: int) -> float:
    """The probability to cut off at each end, so that n values cover like Student's t."""
    return statistics.NormalDist().cdf(-math.sqrt(n / (n - 1)) * _student_t(1 - CONFIDENCE, n - 1))


def _student_t(both_tails: float, freedom: int) -> float:
    """The t that leaves `both_tails` outside ±t, by bisection over the integrated density."""
    scale = math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)) / math.sqrt(freedom * math.pi)

    def inside(t: float, steps: int = 2000) -> float:
        """P(-t < T < t) by Simpson's rule, in the angle atan(x / √freedom), where the density is a cosine."""
        end = math.atan(t / math.sqrt(freedom))
        width = end / steps
        ordinates = (math.cos(index * width) ** (freedom - 1) for index in range(steps + 1))
        weights = (1 if index in (0, steps) else 4 if index % 2 else 2 for index in range(steps + 1))
        area = sum(weight * y for weight, y in zip(weights, ordinates, strict=True)) * width / 3
        return 2 * scale * math.sqrt(freedom) * area

    low, high = 0.0, 100.0
    while high - low > 1e-6:  # noqa: PLR2004 - far finer than any repeat
        middle = (low + high) / 2
        low, high = (middle, high) if inside(middle) < 1 - both_tails else (low, middle)
    return low
