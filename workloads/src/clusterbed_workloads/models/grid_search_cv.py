"""Grid search the document's way: scikit-learn's GridSearchCV, its jobs handed to Ray by joblib."""

from __future__ import annotations

import ipaddress
from typing import Any, cast

import joblib
import numpy as np
import ray
from ray.util.joblib import register_ray
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import GridSearchCV

from clusterbed_workloads.models.fits import Fit
from clusterbed_workloads.models.grid import CANDIDATES, FOLDS, GRID
from clusterbed_workloads.models.search import Vector

_ERROR = "negative_mse"
_NODE = "node"


def _scores(forest: RandomForestRegressor, ages: Vector, salaries: Vector) -> dict[str, float]:
    """The score, and the address of the node as a number: scikit-learn brings home nothing but numbers."""
    error = float(mean_squared_error(salaries, forest.predict(ages)))
    return {_ERROR: -error, _NODE: float(int(ipaddress.IPv4Address(ray.util.get_node_ip_address())))}


def search(ages: Vector, salaries: Vector, seed: int) -> tuple[GridSearchCV, tuple[Fit, ...]]:
    """The fitted search (its best candidate trained on all rows), and its fits."""
    register_ray()
    found = GridSearchCV(
        RandomForestRegressor(random_state=seed), GRID, cv=FOLDS, scoring=_scores, refit=_ERROR, n_jobs=-1
    )
    with joblib.parallel_backend("ray"):
        found.fit(ages, salaries)
    return found, _fits(cast("dict[str, Any]", found.cv_results_))


def _fits(results: dict[str, Any]) -> tuple[Fit, ...]:
    candidates = [CANDIDATES.index(parameters) for parameters in results["params"]]
    return tuple(
        Fit(
            candidate=candidate,
            fold=fold,
            mse=-float(results[f"split{fold}_test_{_ERROR}"][row]),
            seconds=float(np.mean(results["mean_fit_time"][row])),
            node=str(ipaddress.IPv4Address(int(results[f"split{fold}_test_{_NODE}"][row]))),
        )
        for row, candidate in enumerate(candidates)
        for fold in range(FOLDS)
    )
