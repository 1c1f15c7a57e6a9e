"""What a grid search found: its fits, and the candidate they choose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clusterbed_workloads.models.grid import CANDIDATES


@dataclass(frozen=True, slots=True)
class Fit:
    """One of the 24: mean squared error on the fold left out, seconds, and the node it ran on."""

    candidate: int
    fold: int
    mse: float
    seconds: float
    node: str


def best_candidate(fits: tuple[Fit, ...]) -> tuple[dict[str, Any], float]:
    """The candidate with the least mean error over its folds (the first of equals), and that error."""
    means = [
        float(np.mean([one.mse for one in fits if one.candidate == index]))
        for index in range(len(CANDIDATES))
    ]
    best = int(np.argmin(means))
    return CANDIDATES[best], means[best]
