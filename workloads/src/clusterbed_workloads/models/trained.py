"""What a training leaves beside its files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from clusterbed_workloads.models.fits import Fit


@dataclass(frozen=True, slots=True)
class Trained:
    """The rows as they were split, the fits, the chosen candidate, and the error on the test rows."""

    train: pd.DataFrame
    test: pd.DataFrame
    fits: tuple[Fit, ...]
    chosen: dict[str, Any]
    mse: float
