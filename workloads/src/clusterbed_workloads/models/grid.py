"""The document's hyperparameter grid and what it implies."""

from __future__ import annotations

from typing import Any, Final

from sklearn.model_selection import ParameterGrid

GRID: Final[dict[str, list[Any]]] = {
    "n_estimators": [50, 100],
    "max_depth": [10, None],
    "min_samples_split": [2, 5],
}
FOLDS: Final = 3
TEST_SHARE: Final = 0.2

CANDIDATES: Final[tuple[dict[str, Any], ...]] = tuple(ParameterGrid(GRID))
FITS: Final = len(CANDIDATES) * FOLDS
"""8 candidates in 3 folds: the 24 fits that the document's log prints."""
