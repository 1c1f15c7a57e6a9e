"""Grid search as Ray tasks: every (candidate, fold) is one task, on whichever node has a free core."""

from __future__ import annotations

import time
from typing import Final

import numpy as np
import ray
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import KFold

from clusterbed_workloads.engines.ray_placement import placements
from clusterbed_workloads.models.fits import Fit
from clusterbed_workloads.models.grid import CANDIDATES, FOLDS

Vector = NDArray[np.float64]

SEARCH_S: Final = 240.0
"""Deadline of a whole search; 24 fits of 100 trees on 8,000 rows take about 5 s on two cores."""


def fit(ages: Vector, salaries: Vector, candidate: int, fold: int, seed: int) -> Fit:
    """Train one candidate on two folds and test it on the third."""
    start = time.perf_counter()
    learn, test = list(KFold(FOLDS).split(ages))[fold]
    forest = RandomForestRegressor(**CANDIDATES[candidate], random_state=seed)
    forest.fit(ages[learn], salaries[learn])
    mse = float(mean_squared_error(salaries[test], forest.predict(ages[test])))
    return Fit(candidate, fold, mse, time.perf_counter() - start, ray.util.get_node_ip_address())


def search(ages: Vector, salaries: Vector, seed: int) -> tuple[Fit, ...]:
    """All fits. The data is put into the object store once; the largest forests start first.

    Raises:
        ray.exceptions.RayError: a node died and the task with it, or the deadline went by.
    """
    task = ray.remote(num_cpus=1, max_retries=2)(fit)
    stored = ray.put(ages), ray.put(salaries)
    largest_first = sorted(range(len(CANDIDATES)), key=lambda index: -int(CANDIDATES[index]["n_estimators"]))
    work = [(index, fold) for index in largest_first for fold in range(FOLDS)]
    running = [
        task.options(scheduling_strategy=place).remote(*stored, index, fold, seed)
        for (index, fold), place in zip(work, placements(), strict=False)
    ]
    done: list[Fit] = ray.get(running, timeout=SEARCH_S)
    return tuple(sorted(done, key=lambda one: (one.candidate, one.fold)))
