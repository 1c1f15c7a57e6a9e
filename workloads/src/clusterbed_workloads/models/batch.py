"""What one batch of predictions took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

OUTPUT: Final = ("id", "name", "prediction")
"""Columns of predictions.csv; the document prints name and prediction."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows, seconds of scaling and predicting, and the address or name of the node it ran on."""

    rows: int
    seconds: float
    node: str
