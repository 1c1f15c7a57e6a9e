"""The model on disk: ml_model.pkl and scaler.pkl, as the document names them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import joblib
import numpy as np
from numpy.typing import NDArray

MODEL: Final = "ml_model.pkl"
SCALER: Final = "scaler.pkl"


@dataclass(frozen=True, slots=True)
class SalaryModel:
    """A forest and the scaler its input goes through."""

    forest: Any
    scaler: Any

    def predict(self, ages: NDArray[Any]) -> NDArray[np.float64]:
        """Salaries for a column of ages."""
        scaled = self.scaler.transform(np.asarray(ages, dtype=np.float64).reshape(-1, 1))
        return np.asarray(self.forest.predict(scaled), dtype=np.float64)

    def save(self, directory: Path) -> None:
        """Write both files."""
        joblib.dump(self.forest, directory / MODEL)
        joblib.dump(self.scaler, directory / SCALER)


def saved(directory: Path) -> bool:
    """Whether both files are there."""
    return (directory / MODEL).exists() and (directory / SCALER).exists()


def load(directory: Path) -> SalaryModel:
    """Read both files."""
    return SalaryModel(joblib.load(directory / MODEL), joblib.load(directory / SCALER))
