"""E1.5: age → salary. Spark to pandas, a random forest searched over 24 fits on Ray, saved."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from clusterbed_workloads.bench import EMPLOYEES
from clusterbed_workloads.case import Verdict
from clusterbed_workloads.cases import dataset
from clusterbed_workloads.cases.training_judgement import judged
from clusterbed_workloads.catalogue import EXPERT
from clusterbed_workloads.models import grid_search_cv, search
from clusterbed_workloads.models.files import SalaryModel
from clusterbed_workloads.models.fits import best_candidate
from clusterbed_workloads.models.grid import CANDIDATES, FITS, FOLDS, TEST_SHARE
from clusterbed_workloads.models.logbook import logbook
from clusterbed_workloads.models.trained import Trained
from clusterbed_workloads.record import Check

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import SparkSession

    from clusterbed_workloads.bench import Bench
    from clusterbed_workloads.models.fits import Fit
    from clusterbed_workloads.stopwatch import Stopwatch

ARROW = "spark.sql.execution.arrow.pyspark.enabled"
COLUMNS = ("id", "age", "salary")
"""The feature, the target, and the id, by which rows are ordered and verified."""


def rows_by_id(spark: SparkSession, source: str, count: int) -> pd.DataFrame:
    """The `count` rows of the lowest ids: one row group is read, complete rows only, by Arrow."""
    rows = spark.read.parquet(source).where(f"id < {count:d}").select(*COLUMNS).dropna()
    frame: pd.DataFrame = rows.toPandas()
    return frame.sort_values("id", ignore_index=True)


def rows_by_limit(spark: SparkSession, source: str, count: int) -> pd.DataFrame:
    """The document's way: `limit` the whole table, convert without Arrow, then drop missing values."""
    spark.conf.set(ARROW, "false")
    try:
        rows: pd.DataFrame = spark.read.parquet(source).limit(count).toPandas()
    finally:
        spark.conf.set(ARROW, "true")
    return rows[list(COLUMNS)].dropna()


class Training:
    """The published figures: mean squared error 673,131,597.39; training in 15 s."""

    def prepare(self, bench: Bench) -> None:
        """Have the data set."""
        dataset.ensure(bench)

    def run(self, variant: str, bench: Bench, watch: Stopwatch) -> Trained:
        """Train, save ml_model.pkl and scaler.pkl, log to ml_pipeline.log."""
        directory, seed = bench.artifacts(variant), bench.plan.seed
        read = rows_by_id if variant == EXPERT else rows_by_limit
        with logbook(directory / "ml_pipeline.log") as log:
            log.info("Reading Parquet files in HDFS '%s'", EMPLOYEES)
            with watch.load():
                rows = read(bench.spark, bench.storage.url(EMPLOYEES), bench.plan.training_rows)
            log.info("%d rows converted to pandas, features ['age'], target salary", len(rows))
            with watch.processing():
                train, test = train_test_split(rows, test_size=TEST_SHARE, random_state=seed)
                scaler = StandardScaler()
                ages = scaler.fit_transform(train[["age"]].to_numpy(dtype=np.float64))
                salaries = train["salary"].to_numpy()
                log.info(
                    "Fitting %d folds for each of %d candidates, totalling %d fits",
                    FOLDS,
                    len(CANDIDATES),
                    FITS,
                )
                forest, fits, chosen = _searched(variant, ages, salaries, seed)
                model = SalaryModel(forest, scaler)
                mse = float(mean_squared_error(test["salary"], model.predict(test["age"].to_numpy())))
            log.info("Best parameters %s", chosen)
            for node, count in _by_node(fits, bench).items():
                log.info("%d fits on %s", count, node)
            log.info("Mean Squared Error: %r", mse)
            model.save(directory)
            log.info("Model saved as 'ml_model.pkl', scaler as 'scaler.pkl'")
        return Trained(train, test, fits, chosen, mse)  # fmt: skip

    def verify(self, variant: str, answer: Trained, bench: Bench) -> Verdict:
        """See `training_judgement`. The expert's fits must have run on every node; joblib deals as it may."""
        checks, quality = judged(bench, variant, answer)
        if variant == EXPERT:
            checks = (*checks, self._spread(answer, bench))
        return Verdict(
            checks=checks,
            data_fingerprint=bench.population.fingerprint,
            quality=quality,
            metrics={
                "fits": len(answer.fits),
                "fit_s": sum(one.seconds for one in answer.fits),
                **{f"fits_on_{node}": count for node, count in _by_node(answer.fits, bench).items()},
            },
            notes=("Spark to pandas by Arrow, which the document had switched off because it failed",)
            if variant == EXPERT
            else ("Spark to pandas without Arrow, as in the document",),
        )

    @staticmethod
    def _spread(answer: Trained, bench: Bench) -> Check:
        nodes = {bench.ray_engine.name_of(address) for address in bench.ray_engine.nodes()}
        used = set(_by_node(answer.fits, bench))
        return Check(
            name="fits on every Ray node",
            passed=used >= nodes,
            expected=", ".join(sorted(nodes)),
            got=", ".join(sorted(used)),
        )


def _searched(
    variant: str, ages: search.Vector, salaries: search.Vector, seed: int
) -> tuple[RandomForestRegressor, tuple[Fit, ...], dict[str, Any]]:
    """The chosen candidate trained on all training rows, the fits, and its parameters."""
    if variant != EXPERT:
        found, fits = grid_search_cv.search(ages, salaries, seed)
        return cast("RandomForestRegressor", found.best_estimator_), fits, dict(found.best_params_)
    fits = search.search(ages, salaries, seed)
    chosen, _ = best_candidate(fits)
    forest = RandomForestRegressor(**chosen, random_state=seed, n_jobs=-1).fit(ages, salaries)
    return forest.set_params(n_jobs=None), fits, chosen


def _by_node(fits: tuple[Fit, ...], bench: Bench) -> dict[str, int]:
    return dict(sorted(Counter(bench.ray_engine.name_of(one.node) for one in fits).items()))
